"""The commands: a whole ceremony step by step without prompts, a rehearsal in one, and bad input."""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskCliRunner
from openpyxl import load_workbook

from lottery.store import PrivateRoster, read_store, write_store
from tests.paths import CHECKOUT

ORIGIN = "edu.example.org/test-2027"
DRAW = "TEST-2027-A"


@pytest.fixture
def run(cli: FlaskCliRunner, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Run one command and give its output; another exit code than the expected one fails."""
    for name in ("ledger.keys._SCRYPT", "lottery.store._COST"):
        monkeypatch.setattr(name, {"n": 2**8, "p": 1, "r": 8})
    monkeypatch.setenv("EVENHAND_KEY_PASSPHRASE", "correct horse")
    monkeypatch.setenv("EVENHAND_ROSTER_PASSPHRASE", "battery staple")

    def call(*args: str | Path, code: int = 0) -> str:
        result = cli.invoke(args=[str(each) for each in args])
        assert result.exit_code == code, result.output
        return str(result.output)

    return call


def rules(tmp_path: Path, kind: str = "class-placement", extra: str = "") -> Path:
    def after(hours: int) -> str:
        return f"{datetime.now(UTC) + timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}"

    sources = "".join(
        f'[[sources]]\ntype = "secret"\nname = "{name}"\nlabel = "{name}"\nrole = "{role}"\ndeadline = {after(2)}\n'
        for name, role in (("organiser", "organiser"), ("parent", "independent"), ("notary", "independent"))
    )
    path = tmp_path / f"{kind}.toml"
    path.write_text(
        f'kind = "{kind}"\ntitle = "七年级分班"\nclasses = ["1班", "2班", "3班"]\n'
        f"commit_deadline = {after(1)}\n{extra}\n{sources}"
        f'[[sources]]\ntype = "dice"\nname = "dice"\nlabel = "骰子"\ncount = 16\nfaces = 6\ndeadline = {after(2)}\n',
        encoding="utf-8",
    )
    return path


def create(run, tmp_path: Path) -> Path:  # type: ignore[no-untyped-def]
    run("ledger", "key", ORIGIN)
    keys = [json.loads(run("ledger", "key", name, "--witness", "--json"))["vkey"] for name in ("w1", "w2")]
    witnesses = [word for key in keys for word in ("--witness", key)]
    run("lottery", "create", "hall", "--origin", ORIGIN, "--title", "派位", "--test", *witnesses)
    return tmp_path / "audit_logs" / "hall"


def witness(run, folder: Path, draw: str = DRAW) -> None:  # type: ignore[no-untyped-def]
    log = json.loads((folder / "events" / "000001.json").read_bytes())["log_key"]
    for name in ("w1", "w2"):
        run("ledger", "witness", folder, "--key", name, "--log", log)
    run("lottery", "sign", draw)


def verify(folder: Path, *args: str | Path) -> tuple[int, str]:
    said = subprocess.run(
        [sys.executable, folder / "verify.py", *args, folder], capture_output=True, text=True, cwd=CHECKOUT, check=False
    )
    return said.returncode, said.stdout


def test_a_ceremony_step_by_step(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    folder = create(run, tmp_path)
    run("lottery", "demo-roster", "--out", tmp_path / "children.xlsx", "--children", "60")
    run("lottery", "freeze", "hall", DRAW, "--roster", tmp_path / "children.xlsx", "--rules", rules(tmp_path))
    witness(run, folder)
    notice = tmp_path / "NOTICE.json"
    run("lottery", "notice", "hall", "--out", notice)
    for name in ("organiser", "parent", "notary"):
        value = run("lottery", "secret", DRAW, name, "--out", tmp_path / name).strip()
        run("lottery", "commit", DRAW, name, value)
    run("lottery", "close", DRAW)
    witness(run, folder)
    run("lottery", "cast", DRAW, "dice")
    assert verify(folder, "--notice", notice)[0] == 3
    for name in ("organiser", "parent", "notary"):
        run("lottery", "reveal", DRAW, name, "--file", tmp_path / name)
    run("lottery", "void", DRAW, "--reason", "another would be nicer", code=1)
    run("lottery", "close", DRAW)
    dice = ["--reader", "公证员", "--typist", "甲", "--typist", "乙"]
    first = "1,2,3,4,5,6,1,2,3,4,5,6,1,2,3,4"
    run("lottery", "dice", DRAW, "dice", "--first", first, "--second", first.replace("6", "5"), *dice, code=2)
    run("lottery", "dice", DRAW, "dice", "--first", first, "--second", first.replace(",", " "), *dice)
    run("lottery", "place", DRAW, code=1)
    witness(run, folder)
    run("lottery", "place", DRAW)
    run("lottery", "class-lists", DRAW, "--out", tmp_path / "early.xlsx", code=1)
    witness(run, folder)
    run("lottery", "place", DRAW, code=1)
    assert f"{DRAW}  class-placement  signed" in run("lottery", "status", "hall")
    assert json.loads(run("lottery", "status", "hall", "--json"))["draws"][0]["state"] == "signed"
    assert verify(folder, "--notice", notice)[0] == 0
    assert verify(folder)[0] == 3
    assert "hall 1" in run("lottery", "index")


def test_a_rehearsal_in_one_command(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    out = tmp_path / "out"
    said = json.loads(run("lottery", "rehearse", "--out", out, "--children", "60", "--classes", "3", "--json"))
    code, text = verify(Path(said["evidence"]), "--notice", said["notice"])
    assert code == 0
    assert "VERIFIED (TEST)" in text
    book = load_workbook(out / "class-lists.xlsx")
    assert book.sheetnames == ["汇总", "1班", "2班", "3班"]
    assert [cell.value for cell in book["1班"][1]] == ["序号", "派位编号", "学籍号", "姓名", "性别", "备注"]
    assert sum(book[name].max_row - 1 for name in book.sheetnames[1:]) == 60
    for name in book.sheetnames:
        assert int(book[name].page_setup.paperSize) == 9
        assert book[name].print_title_rows == "$1:$1"
        assert book[name].sheet_properties.pageSetUpPr.fitToPage
        assert (book[name].page_setup.fitToWidth, book[name].page_setup.fitToHeight) == (1, 1)
        assert "模拟派位分班" in book[name].oddHeader.center.text
        assert said["draws"][0] in book[name].oddFooter.left.text
    assert all(book["汇总"].cell(row, 2).value for row in (2, 3, 4)), "the teachers drawn are named"
    run("lottery", "rehearse", "--out", tmp_path / "again", code=2)
    run("lottery", "rehearse", "--out", tmp_path / "bad", "--name", "test-no_code", code=2)
    assert [path.name for path in (tmp_path / "audit_logs").iterdir()] == ["test-rehearsal"]
    assert not (tmp_path / "again").exists()


def test_a_passphrase_too_short_for_a_rehearsal(run, tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("EVENHAND_ROSTER_PASSPHRASE", "short")
    assert "at least 8" in run("lottery", "rehearse", "--out", tmp_path / "out", code=2)
    assert not list((tmp_path / "audit_logs").glob("*"))
    assert not (tmp_path / "instance" / "lottery").exists()


@pytest.mark.parametrize("broken", ["write_store", "_class_lists", "_index"])
def test_a_rehearsal_that_fails_when_its_lists_are_written(run, tmp_path: Path, monkeypatch, broken: str) -> None:  # type: ignore[no-untyped-def]
    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(f"lottery.cli.{broken}", full)
    run("lottery", "rehearse", "--out", tmp_path / "out", "--children", "60", code=1)
    assert not list((tmp_path / "audit_logs").glob("*"))
    assert not [path for path in (tmp_path / "instance" / "lottery").rglob("*") if path.is_file()]
    assert not list(tmp_path.glob("*out*"))
    monkeypatch.undo()


@pytest.fixture
def rehearsed(run, tmp_path: Path) -> tuple[Path, str]:  # type: ignore[no-untyped-def]
    """The evidence folder of a rehearsal and the id of its class placement."""
    said = json.loads(run("lottery", "rehearse", "--out", tmp_path / "out", "--children", "60", "--json"))
    return Path(said["evidence"]), said["draws"][0]


def test_class_lists_from_a_result_file_in_which_a_clerk_swapped_two_children(run, rehearsed, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    folder, draw = rehearsed
    path = folder / "draws" / draw / "result.csv"
    rows = [line.split(",") for line in path.read_text().splitlines()]
    other = next(row for row in rows[2:] if row[1] != rows[1][1])
    rows[1][1], other[1] = other[1], rows[1][1]
    path.write_text("".join(",".join(row) + "\n" for row in rows))
    said = run("lottery", "class-lists", draw, "--out", tmp_path / "lists.xlsx", code=1)
    assert "not the one that was drawn" in said
    assert not (tmp_path / "lists.xlsx").exists()


def exchanged_names(private: PrivateRoster) -> PrivateRoster:
    """What a clerk with the passphrase can do: two children change places."""
    people = dict(private.people)
    one, other = list(people)[:2]
    people[one], people[other] = people[other], people[one]
    return replace(private, people=people)


def one_child_more(private: PrivateRoster) -> PrivateRoster:
    extra = replace(next(iter(private.people.values())), salt=bytes(16))
    return replace(private, people={**private.people, "Z00000": extra})


@pytest.mark.parametrize("tamper", [exchanged_names, one_child_more])
def test_class_lists_from_a_private_roster_that_was_not_frozen(run, rehearsed, tmp_path: Path, tamper) -> None:  # type: ignore[no-untyped-def]
    folder, draw = rehearsed
    store = tmp_path / "instance" / "lottery" / folder.name / f"{draw}.sealed"
    private = read_store(store, "battery staple")
    write_store(store, tamper(private), "battery staple", secrets.token_bytes)
    said = run("lottery", "class-lists", draw, "--out", tmp_path / "lists.xlsx", code=1)
    assert "not the one that was frozen" in said


def test_a_draw_id_in_two_ceremonies(run, rehearsed, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """A copied folder never silently takes the place of the other."""
    folder, draw = rehearsed
    shutil.copytree(folder, folder.with_name("another"))
    assert "two ceremonies" in run("lottery", "class-lists", draw, "--out", tmp_path / "lists.xlsx", code=1)
    assert "two ceremonies" in run("lottery", "index", code=1)


def test_a_rehearsal_killed_in_the_middle_blocks_nothing(run, rehearsed, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    folder, draw = rehearsed
    folder.rename(folder.with_name(f".{folder.name}"))
    run("lottery", "class-lists", draw, "--out", tmp_path / "lists.xlsx", code=2)
    run("lottery", "rehearse", "--out", tmp_path / "again", "--children", "60")


def test_a_witness_whose_key_is_on_the_organisers_computer(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    run("ledger", "key", "edu.example.org/2027")
    witness = json.loads(run("ledger", "key", "w1", "--witness", "--json"))["vkey"]
    options = ["--origin", "edu.example.org/2027", "--title", "t", "--witness", witness]
    assert "device of its own" in run("lottery", "create", "hall", *options, code=2)
    assert not (tmp_path / "audit_logs").exists()


def test_a_new_rosters_passphrase_is_asked_twice(run, tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """One slip of the finger, and nobody could ever read the class lists."""
    monkeypatch.delenv("EVENHAND_ROSTER_PASSPHRASE")
    asked = []
    monkeypatch.setattr("click.prompt", lambda *_args, **options: asked.append(options) or "battery staple")
    run("lottery", "rehearse", "--out", tmp_path / "out", "--children", "60")
    run("lottery", "class-lists", "TEST-REHEARSAL-CLASSES", "--out", tmp_path / "lists.xlsx")
    assert [each["confirmation_prompt"] for each in asked] == [True, False]
    assert all(each["hide_input"] for each in asked)


def test_a_name_that_looks_like_a_formula_stays_a_name(tmp_path: Path) -> None:
    from lottery.rosterfile import Person
    from lottery.workbooks import ClassList, class_lists_xlsx

    path = tmp_path / "lists.xlsx"
    person = Person("G1", '=HYPERLINK("http://x")', "M")
    path.write_bytes(class_lists_xlsx("t & u", "n", [ClassList("1/班", "甲", [("A1", person)])]))
    sheet = load_workbook(path)["1 1-班"]
    assert sheet.cell(2, 4).data_type == "s"
    assert sheet.cell(2, 4).value == person.name


@pytest.mark.parametrize(
    "text, words",
    [
        ("学籍号,姓名\nG1,甲\nG1,乙\n", "row 3"),
        ("学籍号,姓名\n,甲\n", "row 2"),
        ("学籍号,姓名\nG1,甲\n", "only 1 children"),
    ],
)
def test_a_bad_roster_changes_nothing(run, tmp_path: Path, text: str, words: str) -> None:  # type: ignore[no-untyped-def]
    folder = create(run, tmp_path)
    before = sorted(folder.rglob("*"))
    roster = tmp_path / "roster.csv"
    roster.write_text(text, encoding="utf-8")
    said = run("lottery", "freeze", "hall", DRAW, "--roster", roster, "--rules", rules(tmp_path), code=2)
    assert words in said
    assert sorted(folder.rglob("*")) == before
    assert not (tmp_path / "instance" / "lottery").exists()


@pytest.mark.parametrize(
    "command",
    [
        ["freeze", "nowhere", DRAW, "--roster", "x.csv", "--rules", "x.toml"],
        ["freeze", "../x", DRAW, "--roster", "x.csv", "--rules", "x.toml"],
        ["status", "nowhere"],
        ["commit", "TEST-NONE", "parent", "00"],
        ["close", "../../x"],
        ["class-lists", "TEST-NONE", "--out", "x.xlsx"],
        ["demo-roster", "--out", "/nowhere/at/all.xlsx", "--children", "3"],
        ["demo-roster", "--out", "x.xlsx"],
        ["rehearse", "--out", "x", "--name", "real"],
    ],
)
def test_wrong_usage(run, command: list[str]) -> None:  # type: ignore[no-untyped-def]
    run("lottery", *command, code=2)
