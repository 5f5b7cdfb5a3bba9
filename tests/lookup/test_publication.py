"""A publication that is not whole, or not what was published, is refused and nothing is loaded."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient, FlaskCliRunner

from ledger.canonical import canonical_json
from ledger.store import Ledger
from lookup.errors import PublicationError
from lookup.publication import read_publication
from lookup.seal import check_seal
from tests.lookup.publications import ADDRESSES, table, write_publication


def rewrite_head(folder: Path, **fields: object) -> None:
    path = folder / "publication.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}), encoding="utf-8")


def change_a_school(folder: Path) -> None:
    path = folder / "addresses.csv"
    path.write_text(path.read_text().replace(",S1,", ",S2,", 1), encoding="utf-8")


BROKEN: dict[str, Callable[[Path], object]] = {
    "no_manifest": lambda folder: (folder / "publication.json").unlink(),
    "manifest_is_not_json": lambda folder: (folder / "publication.json").write_text("{"),
    "manifest_is_a_list": lambda folder: (folder / "publication.json").write_text("[]"),
    "file_is_missing": lambda folder: (folder / "zones.geojson").unlink(),
    "file_was_changed": change_a_school,
    "file_is_not_listed": lambda folder: rewrite_head(folder, files={}),
    "file_outside_the_folder": lambda folder: rewrite_head(folder, files={"../secret": "00"}),
    "year_is_text": lambda folder: rewrite_head(folder, from_year="2027"),
    "level_is_unknown": lambda folder: rewrite_head(folder, level="university"),
}


@pytest.mark.parametrize("condition", BROKEN)
def test_broken_folder(app: object, cli: FlaskCliRunner, client: FlaskClient, folder: Path, condition: str) -> None:
    BROKEN[condition](folder)
    result = cli.invoke(args=["lookup", "load", str(folder)])
    assert result.exit_code == 2, result.output
    assert result.stderr.count("\n") == 1
    assert "No zone map is published yet" in client.get("/").text


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("addresses.csv", table("addresses.csv", [("a", 200, 1, "U", "S1", 1)]), "line 2: the field lon"),
        ("addresses.csv", table("addresses.csv", [("a", 1, "x", "U", "S1", 1)]), "line 2: the field lat"),
        ("addresses.csv", table("addresses.csv", [("a", 1, 1, "U", "S1", "inf")]), "line 2: the field metres"),
        ("addresses.csv", table("addresses.csv", [("a", 1, 1, "U", "S9", 1)]), "served by S9"),
        ("addresses.csv", "text,lon\na,1\n", "the field school"),
        ("schools.csv", "school\nS1\n", "the field name"),
        ("zones.geojson", "{}", "GeoJSON"),
        ("zones.geojson", "[", "GeoJSON"),
    ],
)
def test_malformed_table(tmp_path: Path, name: str, text: str, said: str) -> None:
    folder = write_publication(tmp_path / "p", {name: text})
    with pytest.raises(PublicationError, match=said):
        read_publication(folder)


def test_a_sound_folder_is_read_whole(folder: Path) -> None:
    found = read_publication(folder)
    assert len(found.addresses) == len(ADDRESSES)
    assert found.addresses[-1].zone == ""
    assert found.addresses[-1].metres is None
    assert {school.zone for school in found.schools} == {"S1", "S2", "G"}


def test_a_folder_without_entry_is_unsigned(folder: Path, city_ledger: Ledger) -> None:
    assert not check_seal(folder, city_ledger.log)


def test_an_entry_in_the_ledger_is_a_seal(folder: Path, city_ledger: Ledger, cli: FlaskCliRunner) -> None:
    seal(folder, city_ledger)
    assert check_seal(folder, city_ledger.log)
    assert cli.invoke(args=["lookup", "load", str(folder)]).exit_code == 0
    page = cli.app.test_client().get("/?q=龙山区人民大街1号").text
    assert 'class="seal"' in page


def test_an_entry_for_another_publication_is_refused(folder: Path, city_ledger: Ledger, cli: FlaskCliRunner) -> None:
    seal(folder, city_ledger)
    rewrite_head(folder, from_year=2024)
    result = cli.invoke(args=["lookup", "load", str(folder)])
    assert result.exit_code == 2
    assert "another publication" in result.stderr


def test_a_changed_entry_is_refused(folder: Path, city_ledger: Ledger) -> None:
    seal(folder, city_ledger)
    (folder / "ledger-entry.json").write_bytes(canonical_json({"publication": "0" * 64}))
    with pytest.raises(PublicationError, match="proof"):
        check_seal(folder, city_ledger.log)


def test_a_missing_proof_is_refused(folder: Path, city_ledger: Ledger) -> None:
    seal(folder, city_ledger)
    (folder / "entry.tlog-proof").unlink()
    with pytest.raises(PublicationError, match="proof"):
        check_seal(folder, city_ledger.log)


def seal(folder: Path, ledger: Ledger) -> None:
    import hashlib

    digest = hashlib.sha256((folder / "publication.json").read_bytes()).hexdigest()
    entry = ledger.append({"kind": "zone-map-published", "publication": digest})
    (folder / "ledger-entry.json").write_bytes(entry.data)
    (folder / "entry.tlog-proof").write_bytes(ledger.prove(entry.index).encode())
