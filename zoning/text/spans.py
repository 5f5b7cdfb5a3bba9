"""House numbers of one street as few spans that hold the ones wanted and no other known one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from geodata.catchments.rules import House, Span


@dataclass(frozen=True)
class _Run:
    """Positions from `first` to `last` along the street, of one parity."""

    first: int
    last: int
    parity: str

    def within(self, other: _Run) -> bool:
        return other.first <= self.first and self.last <= other.last


def spans_for(houses: Sequence[House], mine: Sequence[bool]) -> tuple[Span, ...]:
    """Spans that hold each of `houses` that is `mine`, and none that is not.

    `houses` are the known ones of one count (号 and 弄, or 栋) in the order of their places, each place once. Numbers
    that nobody knows are bridged. The sides of a street are told apart only where that takes fewer spans.
    """
    everything = range(len(houses))
    both = _runs(everything, mine, "all")
    sides = [
        *_runs([at for at in everything if houses[at].odd], mine, "odd"),
        *_runs([at for at in everything if not houses[at].odd], mine, "even"),
    ]
    parted = _joined(sides, both)
    chosen = both if len(both) <= len(parted) else parted
    chosen = sorted(chosen, key=lambda run: (run.first, run.last))
    return tuple(_span(houses[run.first], houses[run.last], run.parity) for run in chosen)


def _runs(along: Sequence[int], mine: Sequence[bool], parity: str) -> list[_Run]:
    """The longest runs of wanted positions among those of one side, or of both."""
    found: list[_Run] = []
    going = False
    for at in along:
        if mine[at] and going:
            found[-1] = _Run(found[-1].first, at, parity)
        elif mine[at]:
            found.append(_Run(at, at, parity))
        going = mine[at]
    return found


def _joined(sides: list[_Run], both: list[_Run]) -> list[_Run]:
    """Runs of one side, where a run of both sides cannot stand for two or more of them."""
    found: list[_Run] = []
    rest = sides
    for run in both:
        if sum(side.within(run) for side in rest) >= 2:
            found.append(run)
            rest = [side for side in rest if not side.within(run)]
    return [*found, *rest]


def _span(first: House, last: House, parity: str) -> Span:
    return Span(first, last) if first.place == last.place else Span(first, last, parity)
