"""What a manifest may say; everything else is refused before it is frozen."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lottery.errors import LotteryInputError
from lottery.manifest import casts, check_form, check_roster, is_random_enough
from lottery.plan import make_source, read_plan
from lottery.public import parse_roster
from tests.vectors.make_example import HERE

EVENTS = [json.loads(path.read_bytes()) for path in sorted((HERE / "example" / "events").iterdir())]
CHILDREN, TEACHERS = [event["manifest"] for event in EVENTS if event["type"] == "FREEZE"]
LINES = parse_roster((HERE / "example" / "draws" / "TEST-EXAMPLE" / "roster.csv").read_bytes())

Spoil = Callable[[dict[str, Any]], object]


def spoiled(manifest: dict[str, Any], spoil: Spoil) -> dict[str, Any]:
    changed = copy.deepcopy(manifest)
    spoil(changed)
    return changed


def test_the_example_is_legal() -> None:
    check_form(CHILDREN)
    check_form(TEACHERS)
    check_roster(CHILDREN, LINES)


BAD: dict[str, Spoil] = {
    "a field too many": lambda m: m.update(extra=1),
    "a field too few": lambda m: m.pop("pool"),
    "a float": lambda m: m.update(threshold=1.5),
    "a bool as a number": lambda m: m.update(threshold=True),
    "a small draw id": lambda m: m.update(draw="test-1"),
    "a time without zone": lambda m: m.update(commit_deadline="2027-01-15T09:01:30"),
    "one class": lambda m: m["classes"].pop(),
    "a class twice": lambda m: m["classes"].append(m["classes"][0]),
    "two classes that differ in a space": lambda m: m["classes"][1].update(name=m["classes"][0]["name"] + " "),
    "a deadline that no calendar has": lambda m: m.update(commit_deadline="2027-02-31T08:00:00Z"),
    "an hour that no clock shows": lambda m: m.update(commit_deadline="2027-02-01T24:00:00Z"),
    "a title that reverses what follows": lambda m: m.update(title="\u202ea"),
    "teachers in a placement": lambda m: m.update(teachers=["T1"]),
    "no strata": lambda m: m.update(strata=[]),
    "strata in another order": lambda m: m["strata"].reverse(),
    "a parent that is not there": lambda m: m["strata"][0].update(parent="S00000"),
    "strata in a circle": lambda m: [each.update(parent=each["id"]) for each in m["strata"]],
    "an apart group of one": lambda m: m["apart"][0].pop(),
    "an apart group of three": lambda m: m["apart"][0].append("Z99999"),
    "a child in two apart groups": lambda m: m["apart"].append(m["apart"][0]),
    "a control character": lambda m: m.update(title="a\nb"),
    "text outside NFC": lambda m: m.update(title="A\u030a"),
    "a source twice": lambda m: m["sources"].append(m["sources"][0]),
    "an unknown source": lambda m: m["sources"].append({"type": "beacon", "name": "drand"}),
    "a source whose type is a list": lambda m: m["sources"][0].update(type=["secret"]),
    "a source whose type is an object": lambda m: m["sources"][0].update(type={}),
    "two organisers": lambda m: m["sources"][1].update(role="organiser"),
    "a deadline before the commitments'": lambda m: m["sources"][0].update(deadline="2020-01-01T00:00:00Z"),
    "too few dice": lambda m: m["sources"][3].update(count=15),
    "one independent secret": lambda m: m["sources"][1].update(role="typed"),
    "no dice": lambda m: m["sources"].pop(),
    "more balls drawn than there are": lambda m: m["sources"].append(
        {"type": "balls", "name": "b", "label": "b", "count": 3, "balls": 2, "encoding": "digits"}
    ),
}


@pytest.mark.parametrize("spoil", BAD.values(), ids=BAD)
def test_a_manifest_with(spoil: Spoil) -> None:
    with pytest.raises(LotteryInputError):
        check_form(spoiled(CHILDREN, spoil))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda m: m.update(pool=[LINES[0].code]),
        lambda m: m.update(apart=[[LINES[0].code, "Z99999"]]),
        lambda m: m["classes"].extend({"code": f"C{n}", "name": "x"} for n in range(3, 8)),
        lambda m: m["strata"].append({"id": "S99999", "parent": ""}),
    ],
    ids=["a pool code in the roster", "an unknown child apart", "strata smaller than K", "an empty stratum"],
)
def test_a_roster_that_does_not_fit(spoil: Spoil) -> None:
    with pytest.raises(LotteryInputError):
        check_roster(spoiled(CHILDREN, spoil), LINES)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda m: m["teachers"].pop(),
        lambda m: m.update(exclusions=[["C9", m["teachers"][0]]]),
        lambda m: m.update(strata=[{"id": "S1", "parent": ""}]),
    ],
    ids=["fewer teachers than classes", "an unknown class", "strata"],
)
def test_a_homeroom_manifest_with(spoil: Spoil) -> None:
    with pytest.raises(LotteryInputError):
        check_form(spoiled(TEACHERS, spoil))


def test_entropy_is_counted_as_the_rules_say() -> None:
    def alone(**dice: int) -> bool:
        return is_random_enough({"sources": [{"type": "dice", "name": "d", **dice}]}, ())

    assert alone(count=39, faces=10)
    assert not alone(count=38, faces=10)
    assert alone(count=50, faces=6)
    assert not alone(count=49, faces=6)
    assert casts({"type": "balls", "count": 3, "balls": 10}) == 720


def test_a_plan_file(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(
        'kind = "class-placement"\ntitle = "t"\nclasses = ["1班", "2班"]\n'
        "commit_deadline = 2027-08-20T09:00:00+08:00\n"
        '[[sources]]\ntype = "dice"\nname = "dice"\nlabel = "骰子"\ncount = 39\nfaces = 10\n'
        "deadline = 2027-08-20T10:00:00+08:00\n",
        encoding="utf-8",
    )
    plan = read_plan(path)
    assert plan.commit_deadline == "2027-08-20T01:00:00Z"
    assert plan.classes[1] == {"code": "C2", "name": "2班"}
    assert plan.sources[0]["low"] == 0


@pytest.mark.parametrize(
    "text",
    [
        "kind = ",
        'kind = "raffle"\ntitle = "t"\nclasses = ["a", "b"]\ncommit_deadline = 2027-08-20T09:00:00Z\nsources = []',
        'kind = "homeroom"\ntitle = "t"\nclasses = ["a"]\ncommit_deadline = 2027-08-20T09:00:00Z\nsources = []',
        'kind = "homeroom"\ntitle = "t"\nclasses = ["a", "b"]\ncommit_deadline = 2027-08-20T09:00:00\nsources = []',
        'kind = "homeroom"\ntitle = "t"\nclasses = ["a", "b"]\ncommit_deadline = 2027-08-20T09:00:00Z\nsources = [1]',
        'title = "t"',
    ],
    ids=["no TOML", "an unknown kind", "one class", "no time zone", "a source that is none", "fields missing"],
)
def test_a_bad_plan_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LotteryInputError):
        read_plan(path)


def test_a_source_without_its_numbers() -> None:
    with pytest.raises(LotteryInputError, match="dice"):
        make_source({"type": "dice", "name": "dice", "label": "d", "deadline": "2027-08-20T01:00:00Z"})
