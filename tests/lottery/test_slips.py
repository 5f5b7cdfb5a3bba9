"""Slips: each opens its line of the frozen roster, by the library and by hand; private, and whole or absent."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskCliRunner

from ledger.errors import LedgerError
from ledger.merkle import leaf_hash
from ledger.notes import Verifier
from ledger.proof import TlogProof
from lottery.errors import LotteryError, StepError
from lottery.public import RosterLine, parse_roster
from lottery.rosterfile import Person
from lottery.slip_sheet import sheet
from lottery.slips import make_slips
from lottery.store import write_store
from tests.lottery.hall import DRAW, HOMEROOM_DRAW, Hall, children, script
from tests.vectors.make_example import Counted

WORD = "battery staple"


def files(hall: Hall, draw: str = DRAW) -> tuple[list[RosterLine], bytes]:
    folder = hall.conduct.folder / "draws" / draw
    return parse_roster((folder / "roster.csv").read_bytes()), (folder / "roster.checkpoint").read_bytes()


@pytest.fixture
def run(cli: FlaskCliRunner, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Run `flask lottery slips` and give its output; another exit code than the expected one fails."""
    monkeypatch.setattr("lottery.store._COST", {"n": 2**8, "p": 1, "r": 8})
    monkeypatch.setenv("EVENHAND_ROSTER_PASSPHRASE", WORD)

    def call(*args: str | Path, code: int = 0) -> str:
        result = cli.invoke(args=["lottery", "slips", *map(str, args)])
        assert result.exit_code == code, result.output
        return str(result.output)

    return call


@pytest.fixture
def bureau(run, tmp_path: Path) -> Hall:  # type: ignore[no-untyped-def]
    """A hall whose ceremony lies among the audit logs, its private rosters where the commands look for them."""
    logs = tmp_path / "audit_logs"
    logs.mkdir(exist_ok=True)
    hall = Hall(logs / "hall", script(children=[*children(40)[:-1], Person("S99999", "<b>欧阳 & 娜", "F", "12")]))
    (logs / "hall-memory").rename(tmp_path / "memory")
    for private in hall.private:
        write_store(tmp_path / "instance" / "lottery" / "hall" / f"{private.draw}.sealed", private, WORD, Counted("s"))
    return hall


def climb(slip: dict[str, Any]) -> str:
    """Rule R5 with hashlib alone: from the slip to the root of the roster."""
    plain = {"ensure_ascii": False, "sort_keys": True, "separators": (",", ":")}
    record = sha256(bytes.fromhex(slip["salt"]) + json.dumps(slip["private"], **plain).encode()).hexdigest()
    assert record == slip["leaf"]["record"]
    found = sha256(b"\0" + json.dumps(slip["leaf"], **plain).encode()).digest()
    for step in slip["path"]:
        other = bytes.fromhex(step["hash"])
        found = sha256(b"\1" + (other + found if step["side"] == "left" else found + other)).digest()
    return found.hex()


def test_every_slip_of_a_ceremony_proves_its_line(bureau: Hall, run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    out = tmp_path / "slips"
    assert "40 slips" in run(DRAW, "--out", out)
    lines, checkpoint = files(bureau)
    people = {code: each.person for code, each in bureau.private[0].people.items()}
    assert {path.name for path in out.iterdir()} == {"slips.html"} | {
        f"{line.code}.{kind}" for line in lines for kind in ("json", "tlog-proof")
    }
    root = base64.b64decode(checkpoint.split(b"\n")[2]).hex()
    for index, line in enumerate(lines):
        slip = json.loads((out / f"{line.code}.json").read_bytes())
        assert climb(slip) == root
        assert slip["leaf"] == vars(line)
        assert slip["private"]["name"] == people[line.code].name
        proof = TlogProof.parse((out / f"{line.code}.tlog-proof").read_bytes())
        head, _note = proof.verify(leaf_hash(line.leaf), bureau.log.verifier)
        assert (head.root.hex(), head.origin, proof.index) == (root, f"{slip['origin']}/{DRAW}/roster", index)
        assert proof.checkpoint == checkpoint


def test_nobody_else_reads_the_slips_and_no_id_number_stands_in_them(bureau: Hall, run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    out = tmp_path / "slips"
    run(DRAW, "--out", out)
    assert out.stat().st_mode & 0o777 == 0o700
    text = b"".join(path.read_bytes() for path in out.iterdir()).decode()
    assert {path.stat().st_mode & 0o777 for path in out.iterdir()} == {0o600}
    assert [each.person.id for each in bureau.private[0].people.values() if each.person.id in text] == []


def test_the_printed_sheet_holds_everything_once(bureau: Hall, run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    run(DRAW, "--out", tmp_path / "slips")
    page = (tmp_path / "slips" / "slips.html").read_text(encoding="utf-8")
    lines, _checkpoint = files(bureau)
    assert page.count('class="slip"') == page.count("回执") == len(lines)
    assert all(page.count(f'class="code">{line.code}<') == 1 for line in lines)
    assert all(each.salt.hex() in page for each in bureau.private[0].people.values())
    assert "测试 TEST" in page
    assert "<b>欧阳" not in page
    assert "&lt;b&gt;欧阳 &amp; 娜" in page
    assert not re.search(r"https?:|src=|<script|<link|url\(", page), "the page needs nothing else"


def test_teachers_have_slips_too(hall: Hall) -> None:
    made = make_slips(
        hall.conduct.ceremony.draw(HOMEROOM_DRAW), *files(hall, HOMEROOM_DRAW), hall.log.verifier, hall.private[1]
    )
    manifest = hall.conduct.ceremony.draw(HOMEROOM_DRAW).manifest
    assert {climb(json.loads(slip.encode(manifest))) for slip in made} == {manifest["roster_root"]}
    assert "教师" not in sheet(made, manifest).decode()


@pytest.mark.parametrize("count", [10, 11, 12, 13, 15, 16, 17, 31, 33])
def test_paths_of_rosters_of_any_size(tmp_path: Path, count: int) -> None:
    hall = Hall(tmp_path / "hall", script(children=[replace(each, sex="", score="") for each in children(count)]))
    draw = hall.conduct.ceremony.draw(DRAW)
    for slip in make_slips(draw, *files(hall), hall.log.verifier, hall.private[0]):
        assert climb(json.loads(slip.encode(draw.manifest))) == draw.manifest["roster_root"]


def test_the_specification_s_lines_for_a_shell(hall: Hall) -> None:
    """Rule R5 by hand, as docs/spec/draw.md shows it, on one slip."""
    draw = hall.conduct.ceremony.draw(DRAW)
    slip = make_slips(draw, *files(hall), hall.log.verifier, hall.private[0])[5]
    spec = (Path(__file__).parents[2] / "docs" / "spec" / "draw.md").read_text(encoding="utf-8")
    record, leaf, left, right = re.findall(r"^(?:\{ )?printf .*sha256$", spec.partition("**R5**")[2], re.MULTILINE)[:4]

    def shell(line: str, **words: str) -> str:
        for word, value in words.items():
            line = line.replace(word, value)
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)
        return done.stdout.split()[-1]

    assert shell(record, SALT=slip.private.salt.hex(), PRIVATE=slip.record) == slip.line.record
    found = shell(leaf, LEAF=slip.line.leaf.decode())
    for side, item in slip.path:
        found = shell({"left": left, "right": right}[side], HASH=item.hex(), FOUND=found)
    assert found == draw.manifest["roster_root"]


def nothing_written(place: Path) -> bool:
    return not [path for path in place.iterdir() if "slips" in path.name]


def test_a_wrong_passphrase(bureau: Hall, run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("EVENHAND_ROSTER_PASSPHRASE", "correct horse")
    assert "passphrase is wrong" in run(DRAW, "--out", tmp_path / "slips", code=1)
    assert nothing_written(tmp_path)


def test_a_folder_that_is_there_already(bureau: Hall, run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "slips").mkdir()
    assert "exists already" in run(DRAW, "--out", tmp_path / "slips", code=2)
    assert list((tmp_path / "slips").iterdir()) == []
    assert "There is no folder" in run(DRAW, "--out", tmp_path / "nowhere" / "slips", code=2)


def test_a_disk_that_fills_in_the_middle(bureau: Hall, run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    write = Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        if path.suffix == ".tlog-proof":
            raise OSError(28, "No space left on device")
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    run(DRAW, "--out", tmp_path / "slips", code=1)
    assert nothing_written(tmp_path)


def test_a_draw_that_does_not_exist(bureau: Hall, run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    run("TEST-NONE", "--out", tmp_path / "slips", code=2)
    assert nothing_written(tmp_path)


def test_a_void_draw(bureau: Hall, run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    bureau.conduct.void(DRAW, "a name was missing")
    assert "not void" in run(DRAW, "--out", tmp_path / "slips", code=1)
    assert nothing_written(tmp_path)


def test_a_freeze_that_no_witness_has_signed(hall: Hall) -> None:
    draw = replace(hall.conduct.ceremony.draw(DRAW), state="frozen")
    with pytest.raises(StepError, match="witnesses have signed"):
        make_slips(draw, *files(hall), hall.log.verifier, hall.private[0])


def test_a_private_roster_in_which_two_children_changed_places(hall: Hall) -> None:
    people = dict(hall.private[0].people)
    one, other = list(people)[:2]
    people[one], people[other] = people[other], people[one]
    with pytest.raises(LotteryError, match="not the one that was frozen"):
        make_slips(
            hall.conduct.ceremony.draw(DRAW), *files(hall), hall.log.verifier, replace(hall.private[0], people=people)
        )


def test_the_checkpoint_of_another_roster_or_key(hall: Hall) -> None:
    draw, (lines, checkpoint) = hall.conduct.ceremony.draw(DRAW), files(hall)
    with pytest.raises(LotteryError, match="checkpoint of TEST-CLASSES is not"):
        make_slips(draw, lines, files(hall, HOMEROOM_DRAW)[1], hall.log.verifier, hall.private[0])
    stranger = Verifier(hall.log.verifier.name, hall.parties.witnesses[0].verifier.public_key)
    with pytest.raises(LedgerError):
        make_slips(draw, lines, checkpoint, stranger, hall.private[0])
