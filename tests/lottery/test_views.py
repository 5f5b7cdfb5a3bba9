"""The pages of draws: codes only, TEST unmistakable, a number found without JavaScript, the evidence as it is."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from doors import database
from lottery.tables import index_ceremony
from tests.lottery.hall import DRAW, HOMEROOM_DRAW, Hall, script


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Hall:
    """A ceremony whose class placement is signed and whose homeroom draw is open."""
    hall = Hall(tmp_path_factory.mktemp("played") / "hall")
    hall.to_signed()
    return hall


@pytest.fixture
def folder(app: Flask, surroundings: Path, played: Hall) -> Path:
    """That ceremony among the audit logs."""
    found = surroundings / "audit_logs" / "hall"
    shutil.copytree(played.conduct.folder, found)
    with app.app_context(), database.session() as session:
        index_ceremony(session, found)
    return found


def test_no_draw_yet(client: FlaskClient) -> None:
    page = client.get("/draws?lang=en")
    assert page.status_code == 200
    assert "No draw is announced yet" in page.text


def test_the_list(client: FlaskClient, folder: Path, played: Hall) -> None:
    page = client.get("/draws?lang=en").text
    assert page.index(DRAW) < page.index(HOMEROOM_DRAW)
    assert page.count('class="tag test"') == 2
    assert page.count('class="seal"') == 1
    assert page.count('class="unsigned"') == 1


def test_the_page_of_a_signed_draw(client: FlaskClient, folder: Path, played: Hall) -> None:
    page = client.get(f"/draws/{DRAW}?lang=en").text
    assert "TEST: a rehearsal" in page
    result = played.conduct.ceremony.draw(DRAW).result
    assert result is not None
    assert result["seed"] in page
    for private in played.private:
        for each in private.people.values():
            assert each.person.name not in page
            assert each.person.id not in page
    for code in played.private[0].people:
        assert code in page
    assert page.count("witness-notary, witness-parent") == 4


WIDE = {ord(sign): ord(sign) + 0xFEE0 for sign in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


@pytest.mark.parametrize(
    "spell", [str.lower, lambda code: f"  {code[:3]} {code[3:]}", lambda code: code.translate(WIDE)]
)
def test_my_number_however_it_is_typed(client: FlaskClient, folder: Path, played: Hall, spell) -> None:  # type: ignore[no-untyped-def]
    code = sorted(played.private[0].people)[0]
    page = client.get(f"/draws/{DRAW}", query_string={"lang": "en", "code": spell(code)}).text
    assert 'class="notice good mine"' in page
    assert f'<li aria-current="true">{code}</li>' in page


def test_a_number_that_is_not_there(client: FlaskClient, folder: Path, played: Hall) -> None:
    page = client.get(f"/draws/{DRAW}", query_string={"lang": "en", "code": "<script>"}).text
    assert "is not in this draw" in page
    assert "<SCRIPT>" not in page


def test_an_open_draw_has_no_seal_and_no_result(client: FlaskClient, folder: Path, played: Hall) -> None:
    page = client.get(f"/draws/{HOMEROOM_DRAW}?lang=en").text
    assert "There is no result yet" in page
    assert "Signed by the witnesses" not in page


def test_the_evidence_is_served_byte_for_byte(client: FlaskClient, folder: Path, played: Hall) -> None:
    for name in ("head.json", "checkpoint", "events/000002.json", f"draws/{DRAW}/result.csv"):
        answer = client.get(f"/draws/{DRAW}/evidence/{name}")
        assert answer.data == (folder / name).read_bytes()
        answer.close()
    archive = zipfile.ZipFile(io.BytesIO(client.get(f"/draws/{DRAW}/evidence.zip").data))
    names = {path.relative_to(folder.parent).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert set(archive.namelist()) == names


@pytest.mark.parametrize(
    "name",
    ["../hall-memory/0.json", "..%2f..%2finstance/secret_key", "events", "events/1.json", ".hidden", "draws/x/y"],
)
def test_nothing_else_is_served(client: FlaskClient, folder: Path, played: Hall, name: str) -> None:
    assert client.get(f"/draws/{DRAW}/evidence/{name}").status_code == 404


@pytest.mark.parametrize("name", ["verify.py", "events"])
def test_a_link_in_a_folder_that_came_from_outside_is_not_followed(
    client: FlaskClient, folder: Path, played: Hall, surroundings: Path, name: str
) -> None:
    secret = surroundings / "instance" / "secret_key"
    if name == "events":
        (folder / "events").rename(surroundings / "events")
        (folder / "events").symlink_to(surroundings / "events")
        name = "events/000001.json"
    else:
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(secret)
    assert client.get(f"/draws/{DRAW}/evidence/{name}").status_code == 404
    archive = zipfile.ZipFile(io.BytesIO(client.get(f"/draws/{DRAW}/evidence.zip").data))
    assert f"hall/{name}" not in archive.namelist()


def test_pairs_that_may_not_meet_are_on_the_page(app: Flask, client: FlaskClient, surroundings: Path) -> None:
    (surroundings / "audit_logs").mkdir()
    hall = Hall(surroundings / "audit_logs" / "other", script(exclusions=[("C1", "T-1")]))
    with app.app_context(), database.session() as session:
        index_ceremony(session, hall.conduct.folder)
    teacher = next(code for code, each in hall.private[1].people.items() if each.person.id == "T-1")
    assert f"C1 – {teacher}" in client.get(f"/draws/{HOMEROOM_DRAW}?lang=en").text


def test_no_such_draw(client: FlaskClient, folder: Path, played: Hall) -> None:
    assert client.get("/draws/TEST-NONE").status_code == 404
    assert client.get("/draws/TEST-NONE/evidence.zip").status_code == 404


def test_a_result_file_that_is_not_the_drawn_one_is_not_shown(client: FlaskClient, folder: Path, played: Hall) -> None:
    """Xicheng 2020: a query page that disagreed with the draw."""
    path = folder / "draws" / DRAW / "result.csv"
    lines = path.read_text().splitlines()
    first, second = lines[1].split(","), lines[2].split(",")
    first[1], second[1] = ("C2", "C1") if first[1] == "C1" else ("C1", "C2")
    path.write_text("\n".join([lines[0], ",".join(first), ",".join(second), *lines[3:], ""]))
    page = client.get(f"/draws/{DRAW}?lang=en")
    assert page.status_code == 409
    assert "not the one that was drawn" in page.text


def test_a_changed_event_is_not_shown(client: FlaskClient, folder: Path, played: Hall) -> None:
    path = folder / "events" / "000003.json"
    path.write_bytes(path.read_bytes().replace(b"frozen", b"closed"))
    assert client.get(f"/draws/{DRAW}?lang=en").status_code == 409
