"""The homeroom draw (docs/spec/draw.md, section 8): uniform over the permitted matchings of teachers and classes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from hashlib import sha256

from lottery.errors import LotteryError, LotteryInputError
from lottery.placement import Placed
from lottery.seed import in_ticket_order, ticket

MOST_TRIES = 1_000_000
TEST_SEEDS = 100_000
NEEDED = 100
"""Accepted tries among TEST_SEEDS that a set of exclusions must show: an acceptance of 10⁻³."""

Pairs = Collection[tuple[str, str]]
"""Forbidden (class code, teacher code)."""


def draw_homeroom(
    seed: bytes, draw: str, classes: Sequence[str], teachers: Sequence[str], exclusions: Pairs
) -> tuple[int, list[Placed]]:
    """The counter that stands and each teacher's class, in the order of teacher codes (rule T1).

    Raises:
        LotteryError: no try below MOST_TRIES avoids every forbidden pair.
    """
    forbidden = frozenset(exclusions)
    for counter in range(MOST_TRIES):
        order = in_ticket_order(seed, draw, teachers, "teacher:", counter)
        if forbidden.isdisjoint(zip(classes, order, strict=True)):
            break
    else:
        raise LotteryError("No permitted order of the teachers was found in %(tries)s tries.", tries=MOST_TRIES)
    placed = [
        Placed(teacher, group, position, ticket(seed, draw, f"teacher:{teacher}", counter))
        for position, (group, teacher) in enumerate(zip(classes, order, strict=True))
    ]
    return counter, sorted(placed, key=lambda each: each.code)


def check_exclusions(draw: str, classes: Sequence[str], teachers: Sequence[str], exclusions: Pairs) -> None:
    """Check before the freeze that the exclusions leave a matching, and one that tries will find.

    Raises:
        LotteryInputError: some classes have too few permitted teachers (Hall), or fewer than one try in a thousand
            is permitted on the public test seeds SHA-256("evenhand/acceptance/v1\\n" ‖ u64be(i)).
    """
    if not exclusions:
        return
    stuck = hall_violation(classes, teachers, exclusions)
    if stuck:
        raise LotteryInputError(
            "The exclusions leave too few teachers for the classes %(classes)s; remove at least one.",
            classes=", ".join(stuck),
        )
    accepted = 0
    forbidden = frozenset(exclusions)
    for number in range(TEST_SEEDS):
        seed = sha256(b"evenhand/acceptance/v1\n" + number.to_bytes(8, "big")).digest()
        order = in_ticket_order(seed, draw, teachers, "teacher:")
        accepted += forbidden.isdisjoint(zip(classes, order, strict=True))
        if accepted == NEEDED:
            return
    raise LotteryInputError(
        "The exclusions permit only %(accepted)s of %(tries)s orders of the teachers; at least %(needed)s are needed.",
        accepted=accepted,
        tries=TEST_SEEDS,
        needed=NEEDED,
    )


def hall_violation(classes: Sequence[str], teachers: Sequence[str], exclusions: Pairs) -> list[str]:
    """Classes that together have fewer permitted teachers than they are; empty if a full matching exists.

    Kuhn's augmenting paths; the classes reached from one that cannot be matched violate Hall's condition.
    """
    forbidden = frozenset(exclusions)
    permitted = {each: [one for one in teachers if (each, one) not in forbidden] for each in classes}
    taken: dict[str, str] = {}

    def augment(group: str, seen: set[str]) -> bool:
        for teacher in permitted[group]:
            if teacher in seen:
                continue
            seen.add(teacher)
            if teacher not in taken or augment(taken[teacher], seen):
                taken[teacher] = group
                return True
        return False

    for each in classes:
        reached: set[str] = set()
        if not augment(each, reached):
            return sorted({each, *(taken[one] for one in reached)})
    return []
