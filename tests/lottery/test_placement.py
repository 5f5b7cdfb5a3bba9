"""What a placement promises: sizes, strata and blocks within 1, equal chances, one answer for one seed."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from hashlib import sha256
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from lottery.errors import LotteryInputError
from lottery.freeze import freeze_children
from lottery.placement import Rules, deal_order, leaf_order, place
from lottery.rosterfile import Person
from lottery.seed import ticket
from tests.lottery.hall import children
from tests.paths import CHECKOUT
from tests.vectors.make_example import Counted


def seeds(count: int) -> list[bytes]:
    return [sha256(f"seed {number}".encode()).digest() for number in range(count)]


@st.composite
def rosters(draw: st.DrawFn) -> tuple[Rules, dict[str, str], dict[str, Person]]:
    """Children of two sexes with scores (many of them equal), frozen for two to six classes."""
    classes = draw(st.integers(2, 6))
    boys, girls = (draw(st.integers(max(5, classes), 60)) for _ in range(2))
    scores = draw(st.lists(st.integers(0, 12), min_size=boys + girls, max_size=boys + girls))
    people = [Person(f"S{n:03}", "x", "M" if n < boys else "F", str(score)) for n, score in enumerate(scores)]
    frozen = freeze_children("D1", people, classes, 0, Counted(str(draw(st.integers(0, 10**6)))))
    rules = Rules("D1", [f"C{n}" for n in range(1, classes + 1)], frozen.strata)
    roster = {line.code: line.stratum for line in frozen.lines}
    return rules, roster, {code: each.person for code, each in frozen.private.people.items()}


def spread(groups: list[str], classes: int) -> int:
    counts = Counter(groups)
    return max(counts.values()) - (min(counts.values()) if len(counts) == classes else 0)


@settings(max_examples=60, deadline=None)
@given(rosters(), st.binary(min_size=32, max_size=32))
def test_sizes_sexes_and_blocks_differ_by_at_most_one(made: tuple, seed: bytes) -> None:
    rules, roster, people = made
    placed = place(seed, rules, roster)
    assert [one.code for one in placed] == sorted(roster)
    assert sorted(one.position for one in placed) == list(range(len(roster)))
    classes = len(rules.classes)
    assert spread([one.group for one in placed], classes) <= 1
    for sex in "MF":
        assert spread([one.group for one in placed if people[one.code].sex == sex], classes) <= 1
    for stratum in set(roster.values()):
        assert spread([one.group for one in placed if roster[one.code] == stratum], classes) <= 1


@settings(max_examples=30, deadline=None)
@given(rosters(), st.randoms(use_true_random=False))
def test_the_order_of_the_roster_does_not_matter(made: tuple, shuffler: random.Random) -> None:
    rules, roster, _people = made
    codes = list(roster)
    shuffler.shuffle(codes)
    labels = list(rules.classes)
    shuffler.shuffle(labels)
    other = Rules(rules.draw, labels, dict(sorted(rules.strata.items(), key=lambda each: each[0][::-1])))
    assert place(bytes(32), other, {code: roster[code] for code in codes}) == place(bytes(32), rules, roster)


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 6), st.data())
def test_apart_groups_never_share_a_class_and_keep_the_spread(classes: int, data: st.DataObject) -> None:
    size = data.draw(st.integers(max(6, classes), 40))
    codes = [f"A{n:02}" for n in range(size)]
    groups, free = [], list(codes)
    while len(free) > classes and data.draw(st.booleans()):
        width = data.draw(st.integers(2, classes))
        groups.append(free[:width])
        free = free[width:]
    rules = Rules("D1", [f"C{n}" for n in range(classes)], {"S1": ""}, groups)
    placed = {
        one.code: one.group
        for one in place(data.draw(st.binary(min_size=32, max_size=32)), rules, dict.fromkeys(codes, "S1"))
    }
    for group in groups:
        assert len({placed[code] for code in group}) == len(group)
    assert spread(list(placed.values()), classes) <= 1


def test_without_apart_groups_a_leaf_is_dealt_in_ticket_order() -> None:
    rules = Rules("D1", ["C1", "C2"], {"S1": "", "S2": ""})
    roster = {f"A{n}": "S1" if n < 8 else "S2" for n in range(16)}
    order = deal_order(bytes(32), rules, roster)
    first, second = leaf_order(bytes(32), "D1", rules.strata)
    assert [roster[code] for code in order] == [first] * 8 + [second] * 8
    for run in (order[:8], order[8:]):
        assert run == sorted(run, key=lambda code: ticket(bytes(32), "D1", code))


def test_every_child_has_every_class_with_the_same_chance() -> None:
    """Chi-square over 3,000 public seeds; 13 children in 3 classes, so that the sizes differ too."""
    rules = Rules("D1", ["C1", "C2", "C3"], {"S1": "", "S2": ""}, [["A00", "A01"]])
    roster = {f"A{n:02}": "S1" if n < 6 else "S2" for n in range(13)}
    counts: dict[str, Counter[str]] = {code: Counter() for code in roster}
    draws = seeds(3000)
    for seed in draws:
        for one in place(seed, rules, roster):
            counts[one.code][one.group] += 1
    expected = len(draws) / 3
    limit = chi2.ppf(1 - 1e-3 / len(roster), df=2)
    for counter in counts.values():
        assert sum((counter[group] - expected) ** 2 / expected for group in rules.classes) < limit


def test_a_child_in_no_leaf_stratum() -> None:
    rules = Rules("D1", ["C1", "C2"], {"S1": "", "S2": "S1"})
    with pytest.raises(LotteryInputError, match="A1"):
        place(bytes(32), rules, {"A1": "S1"})


def test_the_same_bytes_whatever_the_hash_seed() -> None:
    program = (
        "import tempfile, pathlib, hashlib\n"
        "from tests.vectors.make_example import play\n"
        "with tempfile.TemporaryDirectory() as name:\n"
        "    folder = pathlib.Path(name) / 'x'\n"
        "    play(folder)\n"
        "    files = sorted(path for path in folder.rglob('*') if path.is_file())\n"
        "    print(hashlib.sha256(b''.join(path.read_bytes() for path in files)).hexdigest())\n"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=CHECKOUT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert len(found) == 1


def test_score_blocks_are_multiples_of_the_classes_and_the_rest_joins_the_last() -> None:
    people = [Person(f"S{n:03}", "x", score=str(n)) for n in range(100, 123)]
    frozen = freeze_children("D1", people, 3, 0, Counted("x"))
    score = {code: int(each.person.score) for code, each in frozen.private.people.items()}
    blocks: dict[str, list[int]] = {}
    for line in frozen.lines:
        blocks.setdefault(line.stratum, []).append(score[line.code])
    sizes = [len(block) for block in sorted(blocks.values(), key=max, reverse=True)]
    assert sizes == [6, 6, 11]
    ranked = sorted(blocks.values(), key=max, reverse=True)
    assert all(min(above) > max(below) for above, below in pairwise(ranked))


def test_a_school_of_500_is_placed_quickly() -> None:
    frozen = freeze_children("D1", children(500), 10, 0, Counted("x"))
    rules = Rules("D1", [f"C{n}" for n in range(10)], frozen.strata)
    roster = {line.code: line.stratum for line in frozen.lines}
    start = time.perf_counter()
    place(bytes(32), rules, roster)
    assert time.perf_counter() - start < 0.5
