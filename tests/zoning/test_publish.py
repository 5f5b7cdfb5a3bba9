"""Plans taken in and put in force: what is kept, what is refused, and what stands in the ledger afterwards."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlmodel import select

from doors import database, signals
from geodata.catchments.areas import Roads
from geodata.catchments.assign import Addresses, assign
from ledger.merkle import leaf_hash
from ledger.proof import TlogProof
from ledger.store import Ledger
from tests.zoning.bench import PASSPHRASE, Bench
from tests.zoning.tiny import make_plan, make_problem
from zoning.tables import AssignmentRow, PlanRow, PlanUnit, PublicationRow
from zoning.text.document import sections


@pytest.fixture
def bench(surroundings: Path, cli: FlaskCliRunner, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setenv("EVENHAND_KEY_PASSPHRASE", PASSPHRASE)
    return Bench.make(surroundings, cli)


@pytest.fixture
def heard() -> Iterator[list[Path]]:
    folders: list[Path] = []

    def listen(_sender: object, folder: Path) -> None:
        folders.append(folder)

    with signals.zone_map_published.connected_to(listen):
        yield folders


# ---- taking a plan in


def test_add_keeps_plan_units_and_assignment(bench: Bench, app: Flask) -> None:
    plan_id = bench.add()
    assert plan_id.startswith("primary-2026-")
    with app.app_context(), database.session() as session:
        row = session.get_one(PlanRow, plan_id)
        assert (row.level, row.year, row.parent) == ("primary", 2026, None)
        assert row.report["feasible"] is True
        assert len(session.exec(select(AssignmentRow).where(AssignmentRow.plan == plan_id)).all()) == 80
        unit = session.get_one(PlanUnit, (row.city, "U0000"))
        shape = gpd.GeoSeries.from_wkb([unit.shape])[0]
        assert shape.bounds == (unit.west, unit.south, unit.east, unit.north)


def test_adding_the_same_plan_again_gives_the_same_id(bench: Bench, app: Flask) -> None:
    assert bench.add() == bench.add()
    with app.app_context(), database.session() as session:
        assert len(session.exec(select(PlanRow)).all()) == 1


def test_a_plan_over_a_limit_is_taken_and_the_limit_named(bench: Bench) -> None:
    tight = make_problem(bench.city, bench.root / "tight", "[limits]\nutilisation = [0.0, 0.5]\n")
    result = bench.run("add", make_plan(tight, bench.root / "over"))
    assert result.exit_code == 0
    assert "more than its limit of" in result.stderr
    assert "实验小学" in result.stderr


@pytest.mark.parametrize(
    ("moves", "sentence"),
    [
        ({"U0000": "P04"}, "not in one piece"),
        ({"U0202": "P02"}, "must stay with it"),
    ],
    ids=["contiguity", "own-unit"],
)
def test_a_plan_that_breaks_what_is_never_relaxed_is_refused(
    bench: Bench, moves: dict[str, str], sentence: str
) -> None:
    result = bench.run("add", make_plan(bench.problem, bench.root / "bad", moves))
    assert result.exit_code == 1
    assert sentence in result.stderr
    assert result.stdout == ""


def _change_report(folder: Path, **fields: object) -> None:
    path = folder / "report.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields), encoding="utf-8")


@pytest.mark.parametrize("field", ["objective", "lower_bound", "gap", "feasible", "parent"])
def test_a_changed_report_is_refused(bench: Bench, field: str) -> None:
    _change_report(bench.plan, **{field: "0" * 64 if field == "parent" else 0.5})
    result = bench.run("add", bench.plan)
    assert result.exit_code == 1
    assert "report.json says" in result.stderr


def test_a_moved_unit_is_refused(bench: Bench) -> None:
    path = bench.plan / "plan.csv"
    path.write_text(path.read_text().replace("U0404,P03", "U0404,P04"), encoding="utf-8")
    assert bench.run("add", bench.plan).exit_code == 1


def test_a_problem_changed_after_the_plan_is_refused(bench: Bench) -> None:
    path = bench.problem / "schools.csv"
    path.write_text(path.read_text().replace(",900,", ",901,", 1), encoding="utf-8")
    assert bench.run("add", bench.plan).exit_code == 1


def test_a_city_changed_after_the_problem_is_refused(bench: Bench) -> None:
    path = bench.city / "city.toml"
    path.write_text(path.read_text().replace("辽源样例", "别的城市"), encoding="utf-8")
    result = bench.run("add", bench.plan)
    assert result.exit_code == 1
    assert "is not the one that the problem was made from" in result.stderr


def test_a_problem_without_its_facts_is_refused(bench: Bench) -> None:
    (bench.problem / "problem.json").unlink()
    result = bench.run("add", bench.plan)
    assert result.exit_code == 2
    assert "problem.json" in result.stderr


# ---- putting it in force


def test_the_publication_is_whole_hashed_signed_and_announced(bench: Bench, heard: list[Path]) -> None:
    plan_id = bench.add()
    folder = bench.publish(plan_id)
    said = json.loads((folder / "publication.json").read_bytes())
    assert (said["city"], said["level"], said["from_year"], said["synthetic"]) == ("辽源样例", "primary", 2027, True)
    assert folder.name == f"{said['plan'][:12]}-2027"
    names = {path.name for path in folder.iterdir()}
    assert set(said["files"]) == names - {"publication.json", "ledger-entry.json", "entry.tlog-proof"}
    for name, digest in said["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    entry = (folder / "ledger-entry.json").read_bytes()
    event = json.loads(entry)
    assert event["publication"] == hashlib.sha256((folder / "publication.json").read_bytes()).hexdigest()
    ledger = Ledger.open(bench.root / "audit_logs" / "city")
    TlogProof.parse((folder / "entry.tlog-proof").read_bytes()).verify(leaf_hash(entry), ledger.log)
    assert heard == [folder]


def test_the_published_tables_say_what_the_plan_says(bench: Bench) -> None:
    folder = bench.publish(bench.add())
    with (folder / "addresses.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with (folder / "assignment.csv").open(encoding="utf-8") as file:
        assignment = {row["unit"]: row["school"] for row in csv.DictReader(file)}
    assert len(rows) == 80
    assert all(assignment[row["unit"]] == row["school"] for row in rows)
    assert all(125 < float(row["lon"]) < 126 and 42 < float(row["lat"]) < 44 for row in rows)
    assert all(int(row["metres"]) > 0 for row in rows)
    zones = gpd.read_file(folder / "zones.geojson").set_index("school")
    points = gpd.points_from_xy([row["lon"] for row in rows], [row["lat"] for row in rows])
    assert all(zones.geometry[row["school"]].covers(point) for row, point in zip(rows, points, strict=True))
    assert len(gpd.read_file(folder / "zones.gpkg")) == 4


def test_the_published_text_gives_every_address_the_school_of_the_table(bench: Bench) -> None:
    folder = bench.publish(bench.add())
    table = pd.read_csv(folder / "addresses.csv", dtype=str)
    addresses = Addresses.of(
        table["text"].tolist(), gpd.points_from_xy(table["lon"], table["lat"], crs=4326).to_numpy()
    )
    schools = sorted(set(table["school"]))
    nowhere = Roads(gpd.GeoDataFrame({"name": []}, geometry=[], crs=4326), shapely.box(0, 0, 1, 1))
    for language in ("zh", "en"):
        text = (folder / f"zones.{language}.txt").read_text(encoding="utf-8")
        found = assign(sections(text), addresses, nowhere)
        assert [schools[at] for at in found.text] == table["school"].tolist()


def test_the_lookup_reads_the_publication(bench: Bench) -> None:
    lookup = pytest.importorskip("lookup.publication")
    found = lookup.read_publication(bench.publish(bench.add()))
    assert (found.from_year, len(found.schools), len(found.zones)) == (2027, 4, 4)


def test_publishing_twice_is_refused(bench: Bench, heard: list[Path]) -> None:
    plan_id = bench.add()
    bench.publish(plan_id)
    again = bench.run("publish", plan_id, "--from", 2027)
    assert again.exit_code == 1
    assert "already" in again.stderr
    assert len(Ledger.open(bench.root / "audit_logs" / "city").entries) == 1
    assert len(heard) == 1


def test_a_later_map_names_the_one_it_replaces(bench: Bench) -> None:
    first = bench.publish(bench.add())
    other = make_plan(bench.problem, bench.root / "other", {"U0004": "P02"})
    second = bench.publish(bench.add(other), 2028)
    said = json.loads((second / "publication.json").read_bytes())
    assert said["replaces"] == hashlib.sha256((first / "publication.json").read_bytes()).hexdigest()


@pytest.mark.parametrize("args", [(), ("--from",), ("--from", "soon"), ("--from", "27")])
def test_no_year_no_publication(bench: Bench, args: tuple[str, ...]) -> None:
    plan_id = bench.add()
    assert bench.run("publish", plan_id, *args).exit_code == 2
    assert not (bench.root / "instance" / "publications").exists()


def test_an_unknown_plan_is_bad_input(bench: Bench) -> None:
    assert bench.run("publish", "primary-2026-00000000", "--from", 2027).exit_code == 2


def test_a_plan_changed_after_it_was_added_is_not_published(bench: Bench) -> None:
    plan_id = bench.add()
    kept = bench.root / "instance" / "plans" / plan_id / "plan.csv"
    kept.write_text(kept.read_text().replace("U0404,P03", "U0404,P04"), encoding="utf-8")
    result = bench.run("publish", plan_id, "--from", 2027)
    assert result.exit_code == 1
    assert "was changed" in result.stderr
    assert not (bench.root / "audit_logs" / "city").exists()


def test_a_wrong_passphrase_leaves_nothing_behind(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.publish(bench.add())
    other = bench.add(make_plan(bench.problem, bench.root / "other", {"U0004": "P02"}))
    monkeypatch.setenv("EVENHAND_KEY_PASSPHRASE", "another passphrase")
    assert bench.run("publish", other, "--from", 2028).exit_code == 1
    assert len(list((bench.root / "instance" / "publications").iterdir())) == 1
    assert len(Ledger.open(bench.root / "audit_logs" / "city").entries) == 1


def test_a_publication_cut_short_is_finished_with_the_same_entry(bench: Bench, app: Flask) -> None:
    plan_id = bench.add()
    folder = bench.publish(plan_id)
    first = (folder / "publication.json").read_bytes()
    folder.rename(bench.root / "lost")
    _forget(app)
    again = bench.publish(plan_id)
    assert (again / "publication.json").read_bytes() == first
    assert (again / "zones.gpkg").read_bytes() == (bench.root / "lost" / "zones.gpkg").read_bytes()
    _forget(app)
    bench.publish(plan_id)
    assert len(Ledger.open(bench.root / "audit_logs" / "city").entries) == 1


def _forget(app: Flask) -> None:
    """As if the process had died before the database heard of the publication."""
    with app.app_context(), database.session() as session:
        for row in session.exec(select(PublicationRow)):
            session.delete(row)
