"""Every tampering is found and the broken rule is named. Tests are named by what was done."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger.canonical import canonical_json
from ledger.merkle import leaf_hash
from ledger.notes import COSIGNATURE, Signer
from lottery import verify
from lottery.rehearse import Rehearsal
from tests.lottery.forger import Change, Event, Forger
from tests.vectors.make_example import HERE, play

DRAW, HOMEROOM = "TEST-EXAMPLE", "TEST-EXAMPLE-H"


@pytest.fixture(scope="module")
def genuine(tmp_path_factory: pytest.TempPathFactory) -> Rehearsal:
    return play(tmp_path_factory.mktemp("genuine") / "ceremony")


@pytest.fixture
def forger(genuine: Rehearsal, tmp_path: Path) -> Forger:
    return Forger(genuine, tmp_path / "ceremony")


def broken_rule(forger: Forger, genuine: Rehearsal, **notice: Any) -> str:
    path = forger.folder.parent / "NOTICE.json"
    path.write_text(json.dumps({**genuine.notice, **notice}), encoding="utf-8")
    report = verify.verify(forger.folder, path)
    if report.verdict != "BROKEN":
        return report.verdict
    assert report.exit_status == 1
    problem = report.as_json()["problems"][0]
    assert problem["message"].endswith(".")
    assert report.lines()[2].startswith(f"规则 {problem['rule']}：")
    return str(problem["rule"])


# ---- whoever can write to the folder but has no key


def edit(name: str, old: bytes, new: bytes) -> Callable[[Forger], object]:
    def change(forger: Forger) -> None:
        data = forger.file(name).read_bytes()
        assert old in data
        forger.file(name).write_bytes(data.replace(old, new, 1))

    return change


def put(name: str, data: bytes = b"") -> Callable[[Forger], object]:
    def change(forger: Forger) -> None:
        forger.file(name).parent.mkdir(exist_ok=True, parents=True)
        forger.file(name).write_bytes(data)

    return change


def remove(name: str) -> Callable[[Forger], object]:
    return lambda forger: forger.file(name).unlink()


def swap(one: str, two: str) -> Callable[[Forger], object]:
    def change(forger: Forger) -> None:
        first, second = forger.file(one), forger.file(two)
        data = first.read_bytes()
        first.write_bytes(second.read_bytes())
        second.write_bytes(data)

    return change


def swap_two_children(forger: Forger) -> None:
    path = forger.file(f"draws/{DRAW}/result.csv")
    lines = [line.split(",") for line in path.read_text().splitlines()]
    one = next(line for line in lines if line[1] == "C1")
    two = next(line for line in lines if line[1] == "C2")
    one[1], two[1] = two[1], one[1]
    path.write_text("".join(",".join(line) + "\n" for line in lines))


def move_roster_row_to_another_stratum(forger: Forger) -> None:
    path = forger.file(f"draws/{DRAW}/roster.csv")
    lines = [line.split(",") for line in path.read_text().splitlines()]
    lines[1][1] = next(line[1] for line in lines[2:] if line[1] != lines[1][1])
    path.write_text("".join(",".join(line) + "\n" for line in lines))


def drop_roster_row(forger: Forger) -> None:
    path = forger.file(f"draws/{DRAW}/roster.csv")
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))


def drop_result_row(forger: Forger) -> None:
    path = forger.file(f"draws/{DRAW}/result.csv")
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))


def drop_last_event(forger: Forger) -> None:
    forger.file(f"events/{len(forger.events):06}.json").unlink()


def sign_head_with_another_key(forger: Forger) -> None:
    stranger = Signer.generate(forger.log.name)
    forger.sign_head([leaf_hash(canonical_json(event)) for event in forger.events], stranger)


def sign_result_with_another_key(forger: Forger) -> None:
    path = forger.file(f"draws/{DRAW}/result.checkpoint")
    head = verify.open_note(path.read_text(), [])[0]
    path.write_bytes((head + "\n" + Signer.generate(forger.log.name).line(head) + "\n").encode())


def link_to_the_same_file(forger: Forger) -> None:
    path = forger.file("head.json")
    (forger.folder.parent / "elsewhere").write_bytes(path.read_bytes())
    path.unlink()
    path.symlink_to(forger.folder.parent / "elsewhere")


def link_to_the_same_folder(forger: Forger) -> None:
    forger.file("events").rename(forger.folder.parent / "events")
    forger.file("events").symlink_to(forger.folder.parent / "events")


def fifo_for_verifier(forger: Forger) -> None:
    os.mkfifo(forger.file("verify.py"))


def corrupt_cosignature_on_the_last_head(forger: Forger) -> None:
    stranger = Signer.generate(forger.witnesses[0].name, COSIGNATURE)
    path = forger.file("checkpoint")
    text = verify.open_note(path.read_text(), [])[0]
    line = stranger.cosignature_line(text, 1).rpartition(" ")[2]
    wrong = forger.witnesses[0].verifier.key_id + verify.from_base64(line)[4:]  # type: ignore[index]
    blob = base64.b64encode(wrong).decode()
    path.write_text(path.read_text() + f"— {forger.witnesses[0].name} {blob}\n")


OUTSIDER: list[tuple[str, str, Callable[[Forger], object]]] = [
    ("swapped child in the result", "G2", swap_two_children),
    ("class label changed", "G2", edit(f"draws/{DRAW}/result.csv", b",C1,", b",C2,")),
    ("class label that does not exist", "G2", edit(f"draws/{DRAW}/result.csv", b",C1,", b",C9,")),
    ("ticket changed", "G2", edit(f"draws/{HOMEROOM}/result.csv", b",0,", b",1,")),
    ("result row dropped", "G2", drop_result_row),
    ("teachers exchanged", "G2", edit(f"draws/{HOMEROOM}/result.csv", b",C1,", b",C2,")),
    ("roster row moved to another stratum", "M2", move_roster_row_to_another_stratum),
    ("roster row dropped", "M2", drop_roster_row),
    ("roster header changed", "L5", edit(f"draws/{DRAW}/roster.csv", b"code,stratum", b"code,straum")),
    ("roster with carriage returns", "L5", edit(f"draws/{DRAW}/roster.csv", b"\n", b"\r\n")),
    ("roster with a byte order mark", "L5", edit(f"draws/{DRAW}/roster.csv", b"code", b"\xef\xbb\xbfcode")),
    ("roster with a code of look-alike letters", "L5", edit(f"draws/{DRAW}/roster.csv", b"\nA", "\nА".encode())),
    ("result without the newline of its header", "L5", edit(f"draws/{DRAW}/result.csv", b"ticket\n", b"ticket")),
    ("roster checkpoints exchanged", "R2", swap(*(f"draws/{name}/roster.checkpoint" for name in (DRAW, HOMEROOM)))),
    ("result checkpoint signed by another key", "G1", sign_result_with_another_key),
    ("last event dropped", "L4", drop_last_event),
    ("event dropped from the middle", "L3", remove("events/000012.json")),
    ("first event dropped", "L3", remove("events/000001.json")),
    ("events reordered", "E1", swap("events/000006.json", "events/000007.json")),
    ("event changed", "L4", edit("events/000015.json", b'"reader":"reader"', b'"reader":"rreader"')),
    ("duplicate JSON key", "L3", edit("events/000015.json", b'"reader"', b'"reader":"x","reader"')),
    ("float in JSON", "L3", edit("events/000015.json", b'"digits":[3', b'"digits":[3.0')),
    ("white space in JSON", "L3", edit("events/000015.json", b'"digits":[', b'"digits": [')),
    ("final newline in JSON", "L3", edit("events/000015.json", b"}", b"}\n")),
    ("byte order mark in JSON", "L3", edit("events/000015.json", b"{", b"\xef\xbb\xbf{")),
    ("text that is not NFC", "L3", edit("events/000001.json", b"Worked", "A\u030a".encode())),
    ("event that is no object", "E1", put("events/000032.json", b"[]")),
    ("head signed again with another key", "L4", sign_head_with_another_key),
    ("checkpoint truncated", "L4", edit("checkpoint", b"=\n", b"")),
    ("checkpoint emptied", "L4", put("checkpoint")),
    ("false cosignature on the last head", "L4", corrupt_cosignature_on_the_last_head),
    ("head.json with another size", "L4", edit("head.json", b'"size":31', b'"size":30')),
    ("head.json with another key", "L4", edit("head.json", b'"vkey":"example', b'"vkey":"Example')),
    ("extra file", "L2", put("readme.txt", b"x")),
    ("extra hidden file", "L2", put("events/.000003.json.tmp", b"x")),
    ("extra file in a draw's folder", "L2", put(f"draws/{DRAW}/result.csv.old", b"x")),
    ("folder of a draw that no event knows", "L2", put("draws/TEST-OTHER/roster.csv", b"x")),
    ("result missing", "L1", remove(f"draws/{DRAW}/result.csv")),
    ("head.json missing", "L1", remove("head.json")),
    ("symbolic link for a file", "L1", link_to_the_same_file),
    ("symbolic link for a folder", "L1", link_to_the_same_folder),
    ("pipe in the place of a file", "L1", fifo_for_verifier),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "tamper"), [pytest.param(*rest, id=name) for name, *rest in OUTSIDER])
def test_outsider(genuine: Rehearsal, forger: Forger, rule: str, tamper: Callable[[Forger], object]) -> None:
    tamper(forger)
    assert broken_rule(forger, genuine) == rule


# ---- the insider: events changed, everything signed again by the true keys, quorum included


def at(number: int, **changes: Any) -> Change:
    """Change fields of the event with that number."""
    return lambda events: events[number - 1].update(changes)


def drop(number: int) -> Change:
    return lambda events: events.pop(number - 1)


def move(number: int, to: int) -> Change:
    return lambda events: events.insert(to - 1, events.pop(number - 1))


def insert(number: int, **fields: Any) -> Change:
    def change(events: list[Event]) -> None:
        same = {name: events[number - 2][name] for name in ("origin", "time")}
        events.insert(number - 1, {**same, "draw": DRAW, **fields})

    return change


def repeat(number: int, at_number: int) -> Change:
    return lambda events: events.insert(at_number - 1, dict(events[number - 1]))


def manifest(number: int = 2, **changes: Any) -> Change:
    return lambda events: events[number - 1]["manifest"].update(changes)


def source(index: int, number: int = 2, **changes: Any) -> Change:
    return lambda events: events[number - 1]["manifest"]["sources"][index].update(changes)


def without(number: int, name: str) -> Change:
    return lambda events: events[number - 1].pop(name)


def read_in_another_order(events: list[Event]) -> None:
    events[14]["digits"] = events[14]["digits"][::-1]


def reuse_a_secret(events: list[Event]) -> None:
    """The parent commits in the homeroom draw to the secret already opened in the placement."""
    secret = bytes.fromhex(events[12]["secret"])
    lp = [verify.lp(text.encode()) for text in (HOMEROOM, "parent")]
    events[19]["commitment"] = verify.sha256(b"evenhand/commit/v1\n" + b"".join(lp) + verify.lp(secret)).hex()
    events[25]["secret"] = events[12]["secret"]


def reverse_list(name: str, number: int = 2) -> Change:
    return lambda events: events[number - 1]["manifest"][name].reverse()


def lose_an_independent_secret(events: list[Event]) -> None:
    del events[7]
    events[7]["time"] = LATE


def strata_in_a_circle(events: list[Event]) -> None:
    for stratum in events[1]["manifest"]["strata"]:
        stratum["parent"] = stratum["id"]


def add_an_empty_stratum(events: list[Event]) -> None:
    events[1]["manifest"]["strata"].append({"id": "Z9", "parent": ""})


def name_classes(*names: str) -> Change:
    return manifest(classes=[{"code": f"C{number}", "name": name} for number, name in enumerate(names, 1)])


def freeze_the_homeroom_while_a_head_waits(events: list[Event]) -> None:
    """FREEZE, FREEZE of the other, its HEAD, and the first is ended before anybody witnessed it."""
    del events[4:]
    events.insert(2, events.pop(3))
    events[3].update(draw=HOMEROOM)
    same = {name: events[2][name] for name in ("origin", "time")}
    events.append({**same, "type": "VOID", "draw": DRAW, "reason": "not liked"})


def codes_by_stratum() -> list[list[str]]:
    """The children's codes of the worked example, stratum by stratum."""
    lines = (HERE / "example" / "draws" / DRAW / "roster.csv").read_text().splitlines()[1:]
    rows = [line.split(",") for line in lines]
    return [[code for code, each, *_rest in rows if each == stratum] for stratum in sorted({row[1] for row in rows})]


ONE, TWO = codes_by_stratum()
TEACHERS = json.loads((HERE / "example/events/000004.json").read_bytes())["manifest"]["teachers"]
SECOND_PLACEMENT = {"kind": "class-placement", "teachers": [], "exclusions": [], "predecessors": [DRAW]}
OTHER_CLASSES = [{"code": "C1", "name": "1"}, {"code": "C3", "name": "3"}]
LATE = "2029-01-01T00:00:00Z"
EARLY = "2027-01-15T08:00:00Z"
INSIDER: list[tuple[str, str, Change]] = [
    ("unknown event type", "E1", insert(4, type="NOTE")),
    ("unknown field", "E1", at(9, note="x")),
    ("field missing", "E1", without(15, "reader")),
    ("text where a number belongs", "E1", at(15, digits=["3"])),
    ("true where a number belongs", "E1", at(17, counter=True)),
    ("control character in a text", "E1", at(15, reader="a\tb")),
    ("another origin in one event", "E1", at(9, origin="example.org/test-other")),
    ("second CEREMONY event", "E1", repeat(1, 3)),
    ("no CEREMONY event", "E1", drop(1)),
    ("threshold of zero", "E1", at(1, threshold=0)),
    ("threshold above the number of witnesses", "E1", at(1, threshold=3)),
    ("log key that is a witness key", "E1", lambda events: events[0].update(log_key=events[0]["witness_keys"][0])),
    ("one witness listed twice", "E1", lambda events: events[0].update(witness_keys=events[0]["witness_keys"][:1] * 2)),
    ("witness keys out of order", "E1", lambda events: events[0]["witness_keys"].reverse()),
    ("second roster frozen before the first is witnessed", "H4", drop(3)),
    ("commitments before the roster is witnessed", "E1", move(6, 3)),
    ("dice cast before commitments are witnessed", "E1", drop(10)),
    ("reveal before the dice are cast", "E1", move(12, 11)),
    ("uncovered before reveals close", "E1", move(15, 14)),
    ("result before the sources are witnessed", "E1", drop(16)),
    ("commitment after closing", "E1", repeat(8, 10)),
    ("void after a reveal", "E1", insert(13, type="VOID", reason="not liked")),
    ("void after the result", "E1", insert(19, type="VOID", reason="not liked")),
    ("second result", "E1", repeat(17, 19)),
    ("head of the wrong stage", "E1", at(10, stage="sources")),
    ("event of a draw that was never frozen", "E1", insert(6, type="CLOSE", draw="TEST-OTHER")),
    ("roster frozen a second time", "E10", repeat(2, 4)),
    ("real draw id in a TEST ceremony", "E11", at(2, draw="EXAMPLE")),
    ("TEST origin in a real ceremony", "E11", at(1, test=False)),
    ("commitment copied from another draw", "E3", lambda events: events[19].update(commitment=events[6]["commitment"])),
    ("organiser commits last", "E3", move(6, 8)),
    ("commitment after its deadline", "E3", at(8, time=LATE)),
    ("commitment of an unknown source", "E3", at(8, source="stranger")),
    ("commitment of the dice", "E3", at(8, source="dice")),
    ("source commits twice", "E3", at(8, source="parent")),
    ("homeroom commitments before the class lists are drawn", "E4", move(19, 17)),
    ("homeroom commitments before the class lists are witnessed", "H4", move(19, 18)),
    ("closed before the deadline with a commitment missing", "E5", drop(8)),
    ("closed with too few independent secrets", "E5", lose_an_independent_secret),
    ("cast of an unknown source", "E6", at(11, source="coins")),
    ("die that shows seven", "E6", at(15, digits=[7] * 16)),
    ("one die too few", "E6", at(15, digits=[3] * 15)),
    ("typed twice by one person", "E6", at(15, typists=["typist A", "typist A"])),
    ("reader who types", "E6", at(15, typists=["reader", "typist B"])),
    ("second reveal of a source", "E7", repeat(12, 13)),
    ("reveal after its deadline", "E7", at(12, time=LATE)),
    ("wrong reveal recorded as right", "E7", at(12, secret="00" * 32)),
    ("right reveal recorded as wrong", "E7", at(12, matches=False)),
    ("secret used in two draws", "E7", reuse_a_secret),
    ("missing reveal not listed", "E8", at(14, missing=[])),
    ("reveal passed over", "E8", drop(13)),
    ("reveals closed before the deadline", "E8", at(14, time=EARLY)),
    ("seed changed", "S4", at(17, seed="00" * 32)),
    ("digits read in another order", "S4", read_in_another_order),
    ("one die changed after the result", "S4", lambda events: events[14]["digits"].__setitem__(0, 6)),
    ("manifest changed after the result", "S4", manifest(title="Other")),
    ("counter changed", "E9", at(30, counter=0)),
    ("result root changed", "G1", at(17, result_root="00" * 32)),
    ("result size changed", "G1", at(17, result_size=9)),
    ("head that comes after another event", "H4", insert(10, type="VOID", draw=HOMEROOM, reason="none")),
    ("another draw goes on while a head waits, which is then voided", "H4", freeze_the_homeroom_while_a_head_waits),
    ("manifest of another draw", "M1", manifest(draw=HOMEROOM)),
    ("manifest with a lower threshold", "M1", manifest(threshold=1)),
    ("manifest with an unknown field", "M1", manifest(reserve=[])),
    ("manifest that names one class", "M1", manifest(classes=[{"code": "C1", "name": "1"}])),
    ("two classes of one name", "M1", name_classes("1班", "1班")),
    ("two classes that differ in nothing one can see", "M1", name_classes("1班", "１\u3000班")),
    ("two classes that differ in a joiner", "M1", name_classes("1班", "1\u200d班")),
    ("zero-width space in a class name", "M1", name_classes("1班", "2\u200b班")),
    ("title that reverses what follows", "M1", manifest(title="\u202enoitceles")),
    ("deadline on the 31st of February", "M1", source(0, deadline="2027-02-31T08:00:00Z")),
    ("hour that no clock shows", "E1", at(9, time="2027-01-15T99:00:00Z")),
    ("class listed twice", "M1", manifest(classes=[{"code": "C1", "name": "1"}] * 2)),
    ("strata out of order", "M1", reverse_list("strata")),
    ("apart group out of order", "M1", lambda events: events[1]["manifest"]["apart"][0].reverse()),
    ("manifest without sources", "M1", manifest(sources=[])),
    ("source of an unknown type", "M1", source(0, type="guid")),
    ("source without its fallback", "M1", lambda events: events[1]["manifest"]["sources"][0].pop("fallback")),
    ("die of one face", "M1", source(3, faces=1)),
    ("more dice than a verifier can count", "M1", source(3, count=2**53 - 1)),
    ("roster root of another roster", "M2", manifest(roster_root="00" * 32)),
    ("roster size changed", "M2", manifest(roster_size=9)),
    ("predecessor that does not exist", "M3", manifest(predecessors=["TEST-OLD"])),
    ("second draw of a kind while the first is open", "M3", manifest(4, **SECOND_PLACEMENT)),
    ("apart groups in a homeroom draw", "M1", manifest(4, apart=[["A", "B"]])),
    ("children drawn as if they were teachers", "M6", manifest(kind="homeroom", strata=[], apart=[])),
    ("stratum below an unknown one", "M4", lambda events: events[1]["manifest"]["strata"][0].update(parent="S0")),
    ("strata in a circle", "M4", strata_in_a_circle),
    ("no strata", "M4", manifest(strata=[])),
    ("leaf stratum without children", "M4", add_an_empty_stratum),
    ("apart group of one", "M5", manifest(apart=[ONE[:1]])),
    ("apart group larger than the classes", "M5", manifest(apart=[ONE[:3]])),
    ("apart group across strata", "M5", manifest(apart=[sorted([ONE[0], TWO[0]])])),
    ("apart group with an unknown code", "M5", manifest(apart=[[ONE[0], "ZZ"]])),
    ("code in two apart groups", "M5", manifest(apart=[[ONE[0], ONE[2]], [ONE[1], ONE[2]]])),
    ("teacher who is not in the roster", "M6", manifest(4, teachers=["T00000", TEACHERS[1]])),
    ("exclusion of an unknown teacher", "M6", manifest(4, exclusions=[["C1", "T00000"]])),
    ("code of the roster kept in the pool", "M7", manifest(pool=ONE[:1])),
    ("two sources of one name", "M8", source(1, name="organiser")),
    ("two organisers", "M8", source(1, role="organiser")),
    ("too few dice", "M9", source(3, count=10)),
    ("too few independent secrets", "M9", source(1, role="typed")),
    ("homeroom draw after a draw that does not exist", "M10", manifest(4, after="TEST-NONE")),
    ("homeroom classes that are not the placement's", "M10", manifest(4, classes=OTHER_CLASSES, exclusions=[])),
    ("exclusions frozen after the placement has begun", "M10", move(6, 4)),
    ("exclusions of a homeroom draw that names no placement", "M10", manifest(4, after="")),
    ("source deadline before the commitments'", "M11", source(0, deadline=EARLY)),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "change"), [pytest.param(*rest, id=name) for name, *rest in INSIDER])
def test_insider(genuine: Rehearsal, forger: Forger, rule: str, change: Change) -> None:
    change(forger.events)
    forger.write()
    assert broken_rule(forger, genuine) == rule


def test_forging_without_a_change_is_verified(genuine: Rehearsal, forger: Forger) -> None:
    forger.write()
    assert broken_rule(forger, genuine) == "VERIFIED"


def test_wrong_numbers(genuine: Rehearsal, forger: Forger) -> None:
    forger.events[8]["number"] = 8
    forger.write(numbers=False)
    assert broken_rule(forger, genuine) == "E1"


def test_cosignatures_below_the_quorum(genuine: Rehearsal, forger: Forger) -> None:
    del forger.witnesses[1]
    forger.write()
    assert broken_rule(forger, genuine) == "H3"


def test_one_witness_counted_twice(genuine: Rehearsal, forger: Forger) -> None:
    forger.witnesses[1] = forger.witnesses[0]
    forger.write()
    assert broken_rule(forger, genuine) == "H3"


def test_cosignature_by_a_stranger_under_a_witness_name(genuine: Rehearsal, forger: Forger) -> None:
    forger.witnesses[1] = Signer.generate(forger.witnesses[1].name, COSIGNATURE)
    forger.write()
    assert broken_rule(forger, genuine) == "H3"


def test_head_kept_from_an_earlier_size(genuine: Rehearsal, forger: Forger) -> None:
    forger.events[9]["note"] = forger.events[2]["note"]
    forger.write(heads=False)
    assert broken_rule(forger, genuine) == "H1"


def test_event_changed_under_the_witnesses_heads(genuine: Rehearsal, forger: Forger) -> None:
    """The organiser alone rewrites an event and re-signs the checkpoint; the witnesses' heads stand against it."""
    forger.events[1]["manifest"]["title"] = "Other"
    forger.write(heads=False)
    assert broken_rule(forger, genuine) == "H1"


def test_all_signed_again_with_a_new_log_key(genuine: Rehearsal, forger: Forger) -> None:
    forger.log = Signer.generate(forger.log.name)
    forger.events[0]["log_key"] = forger.log.verifier.vkey
    for number in (2, 4):
        forger.events[number - 1]["manifest"]["log_key"] = forger.log.verifier.vkey
    del forger.events[5:]
    for name in (DRAW, HOMEROOM):
        for what in ("result.csv", "result.checkpoint"):
            forger.file(f"draws/{name}/{what}").unlink()
        path = forger.file(f"draws/{name}/roster.checkpoint")
        text = verify.open_note(path.read_text(), [])[0]
        path.write_bytes((text + "\n" + forger.log.line(text) + "\n").encode())
    forger.write()
    assert broken_rule(forger, genuine) == "N1"


def rewrite_roster(forger: Forger, change: Callable[[list[list[str]]], object]) -> None:
    path = forger.file(f"draws/{DRAW}/roster.csv")
    header, *rows = [line.split(",") for line in path.read_text().splitlines()]
    change(rows)
    path.write_text("".join(",".join(line) + "\n" for line in [header, *rows]))
    names = ("code", "stratum", "tag", "record")
    forger.events[1]["manifest"]["roster_root"] = forger.sign_tree(
        DRAW, "roster", [dict(zip(names, row, strict=True)) for row in rows]
    )
    forger.events[1]["manifest"]["roster_size"] = len(rows)
    forger.write()


ROSTERS: list[tuple[str, str, Callable[[list[list[str]]], object]]] = [
    ("equal registration tags", "R1", lambda rows: rows[1].__setitem__(2, rows[0][2])),
    ("codes out of order", "R1", lambda rows: rows.reverse()),
    ("child listed twice", "R1", lambda rows: rows.insert(1, list(rows[0]))),
    ("code in small letters", "R1", lambda rows: rows[0].__setitem__(0, rows[0][0].lower())),
    ("record that is no hash", "L5", lambda rows: rows[0].__setitem__(3, "name")),
    ("stratum that is no code", "L5", lambda rows: rows[0].__setitem__(1, "girls")),
    ("child in no stratum", "M4", lambda rows: rows[0].__setitem__(1, "")),
    ("stratum too small", "M4", lambda rows: rows.pop()),
]


@pytest.mark.parametrize(("rule", "change"), [pytest.param(*rest, id=name) for name, *rest in ROSTERS])
def test_roster(genuine: Rehearsal, forger: Forger, rule: str, change: Callable[[list[list[str]]], object]) -> None:
    rewrite_roster(forger, change)
    assert broken_rule(forger, genuine) == rule


# ---- the folder is whole, but it is not what the notice announced


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        pytest.param("N3", {"test": False}, id="TEST evidence shown as real"),
        pytest.param("N1", {"origin": "example.org/test-other"}, id="another origin"),
        pytest.param("N1", {"threshold": 1}, id="another threshold"),
        pytest.param("N1", {"witness_keys": []}, id="other witnesses"),
        pytest.param(
            "N1", {"log_key": Signer.generate("example.org/test-example").verifier.vkey}, id="another log key"
        ),
    ],
)
def test_notice(genuine: Rehearsal, forger: Forger, rule: str, changes: Event) -> None:
    assert broken_rule(forger, genuine, **changes) == rule


@pytest.mark.parametrize("field", ["draw", "kind", "manifest", "roster_root"])
def test_notice_of_another_draw(genuine: Rehearsal, forger: Forger, field: str) -> None:
    other = {"draw": "TEST-NONE", "kind": "homeroom", "manifest": "00" * 32, "roster_root": "00" * 32}
    draws = [{**genuine.notice["draws"][0], field: other[field]}]
    assert broken_rule(forger, genuine, draws=draws) == "N2"


def test_signatures_that_libraries_disagree_about(genuine: Rehearsal, forger: Forger) -> None:
    """S + L verifies in lax implementations; here the checkpoint is broken."""
    path = forger.file("checkpoint")
    text, line = path.read_text().split("\n\n")
    blob = verify.from_base64(line.split(" ")[2].strip())
    assert blob is not None
    larger = (int.from_bytes(blob[36:], "little") + 2**252 + 27742317777372353535851937790883648493).to_bytes(
        32, "little"
    )
    forged = base64.b64encode(blob[:36] + larger).decode()
    path.write_text(f"{text}\n\n— {forger.log.name} {forged}\n")
    assert broken_rule(forger, genuine) == "L4"


def test_homeroom_without_a_permitted_matching(
    genuine: Rehearsal, forger: Forger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "MOST_TRIES", 1)
    assert broken_rule(forger, genuine) == "T1"


BALLS = {"type": "balls", "name": "balls", "label": "balls", "count": 3, "balls": 40, "encoding": "digits"}


@pytest.mark.parametrize(
    ("digits", "legal"),
    [([40, 1, 7], True), ([1, 1, 2], False), ([0, 1, 2], False), ([41, 1, 2], False), ([1, 2], False)],
)
def test_balls_are_different_and_from_the_drum(digits: list[int], legal: bool) -> None:
    assert verify.legal_digits(BALLS, digits) is legal


def test_more_balls_than_the_drum_holds() -> None:
    whole = {**BALLS, "deadline": LATE, "fallback": "required"}
    assert verify.is_source_entry(whole)
    assert not verify.is_source_entry({**whole, "count": 41})


def test_there_are_enough_tamperings() -> None:
    assert len(OUTSIDER) + len(INSIDER) + len(ROSTERS) >= 60
