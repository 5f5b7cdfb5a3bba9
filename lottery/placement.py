"""Class placement (docs/spec/draw.md, section 7): tickets, nested strata, a cyclic deal, a permutation of labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lottery.errors import LotteryInputError
from lottery.seed import in_ticket_order, ticket


@dataclass(frozen=True)
class Placed:
    """One line of a result: who, which class, the position in the deal, the ticket (32 bytes)."""

    code: str
    group: str
    position: int
    ticket: bytes


@dataclass(frozen=True)
class Rules:
    """What a placement goes by: class codes, parent of each stratum ("" at the top), apart groups of child codes."""

    draw: str
    classes: Sequence[str]
    strata: Mapping[str, str]
    apart: Sequence[Sequence[str]] = ()


def place(seed: bytes, rules: Rules, roster: Mapping[str, str]) -> list[Placed]:
    """Place every child of `roster` (code -> leaf stratum) in a class; the result is in the order of codes.

    Class sizes, every stratum and every nested stratum differ by at most 1 between classes.

    Raises:
        LotteryInputError: a child stands in a stratum that is unknown or is not a leaf.
    """
    order = deal_order(seed, rules, roster)
    labels = in_ticket_order(seed, rules.draw, rules.classes, "class:")
    placed = [
        Placed(code, labels[position % len(labels)], position, ticket(seed, rules.draw, code))
        for position, code in enumerate(order)
    ]
    return sorted(placed, key=lambda each: each.code)


def deal_order(seed: bytes, rules: Rules, roster: Mapping[str, str]) -> list[str]:
    """The children in the order in which they are dealt: leaf strata one after another (rules P1 to P3)."""
    leaves = leaf_order(seed, rules.draw, rules.strata)
    members: dict[str, list[str]] = {leaf: [] for leaf in leaves}
    for code, stratum in roster.items():
        if stratum not in members:
            raise LotteryInputError(
                "Child %(code)s stands in no leaf stratum: %(stratum)s.", code=code, stratum=stratum
            )
        members[stratum].append(code)
    group_of = {code: group for group in rules.apart for code in group}
    order: list[str] = []
    for leaf in leaves:
        order += _gather(in_ticket_order(seed, rules.draw, members[leaf]), group_of)
    return order


def leaf_order(seed: bytes, draw: str, strata: Mapping[str, str]) -> list[str]:
    """The leaf strata in the order of the deal: siblings by ticket, every stratum one run (rule P1)."""
    below = children_of(strata)

    def walk(parent: str) -> list[str]:
        found: list[str] = []
        for each in in_ticket_order(seed, draw, below.get(parent, ()), "stratum:"):
            found += walk(each) if each in below else [each]
        return found

    return walk("")


def children_of(strata: Mapping[str, str]) -> dict[str, list[str]]:
    """The strata directly below each parent ("" for the top)."""
    below: dict[str, list[str]] = {}
    for each, parent in sorted(strata.items()):
        below.setdefault(parent, []).append(each)
    return below


def _gather(tickets: Iterable[str], group_of: Mapping[str, Sequence[str]]) -> list[str]:
    """Ticket order in which each apart group is consecutive from its first member on (rule P2)."""
    order = list(tickets)
    rank = {code: index for index, code in enumerate(order)}
    gathered: list[str] = []
    done: set[str] = set()
    for code in order:
        if code in done:
            continue
        block = sorted(group_of.get(code, (code,)), key=rank.__getitem__)
        gathered += block
        done.update(block)
    return gathered
