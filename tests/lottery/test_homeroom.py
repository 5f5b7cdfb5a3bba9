"""The homeroom draw: uniform over what is permitted, checked before, found by tries."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from itertools import permutations

import pytest
from scipy.stats import chi2

from lottery.errors import LotteryInputError
from lottery.homeroom import check_exclusions, draw_homeroom, hall_violation
from lottery.seed import ticket

CLASSES = ["C1", "C2", "C3"]
TEACHERS = ["T1", "T2", "T3"]


@pytest.mark.parametrize("exclusions", [[], [("C1", "T1")], [("C1", "T1"), ("C2", "T2")]])
def test_uniform_over_the_permitted_matchings(exclusions: list[tuple[str, str]]) -> None:
    """«The next ticket in line» would give one of them 1/3 and another 1/6."""
    permitted = [
        order for order in permutations(TEACHERS) if not set(exclusions) & set(zip(CLASSES, order, strict=True))
    ]
    counts: Counter[tuple[str, ...]] = Counter()
    draws = 3000
    for number in range(draws):
        seed = sha256(f"homeroom {number}".encode()).digest()
        _counter, placed = draw_homeroom(seed, "D1", CLASSES, TEACHERS, exclusions)
        by_class = {one.group: one.code for one in placed}
        counts[tuple(by_class[each] for each in CLASSES)] += 1
    assert set(counts) <= set(permitted)
    expected = draws / len(permitted)
    assert sum((counts[each] - expected) ** 2 / expected for each in permitted) < chi2.ppf(1 - 1e-3, len(permitted) - 1)


def test_the_first_permitted_counter_stands() -> None:
    exclusions = [("C1", "T1"), ("C2", "T2"), ("C3", "T3")]
    for number in range(50):
        seed = sha256(f"counter {number}".encode()).digest()
        counter, placed = draw_homeroom(seed, "D1", CLASSES, TEACHERS, exclusions)
        for tried in range(counter):
            order = sorted(TEACHERS, key=lambda each: ticket(seed, "D1", f"teacher:{each}", tried))
            assert set(zip(CLASSES, order, strict=True)) & set(exclusions)
        assert {one.code: one.ticket for one in placed} == {
            each: ticket(seed, "D1", f"teacher:{each}", counter) for each in TEACHERS
        }


def test_hall_names_the_classes_that_cannot_all_be_served() -> None:
    exclusions = [("C1", "T2"), ("C1", "T3"), ("C2", "T2"), ("C2", "T3")]
    assert hall_violation(CLASSES, TEACHERS, exclusions) == ["C1", "C2"]
    with pytest.raises(LotteryInputError, match="C1, C2"):
        check_exclusions("D1", CLASSES, TEACHERS, exclusions)


def test_hall_agrees_with_trying_everything() -> None:
    pairs = [(group, teacher) for group in CLASSES for teacher in TEACHERS]
    for mask in range(2 ** len(pairs)):
        exclusions = {pair for place, pair in enumerate(pairs) if mask >> place & 1}
        possible = any(not exclusions & set(zip(CLASSES, order, strict=True)) for order in permutations(TEACHERS))
        assert bool(hall_violation(CLASSES, TEACHERS, exclusions)) != possible


def test_exclusions_that_tries_would_not_find(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lottery.homeroom.TEST_SEEDS", 5_000)
    classes = [f"C{n}" for n in range(9)]
    teachers = [f"T{n}" for n in range(9)]
    only_one = [(group, teacher) for group in classes for teacher in teachers if group[1] != teacher[1]]
    assert not hall_violation(classes, teachers, only_one)
    with pytest.raises(LotteryInputError, match="permit only"):
        check_exclusions("D1", classes, teachers, only_one)


def test_acceptable_exclusions_pass() -> None:
    check_exclusions("D1", CLASSES, TEACHERS, [("C1", "T1")])
    check_exclusions("D1", CLASSES, TEACHERS, [])
