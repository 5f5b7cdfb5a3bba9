"""From a problem to a plan: relaxation and certificate, first assignment, rounds of improvement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from zoning.bound import lower_bound
from zoning.graph import IntArray
from zoning.improve import Search, judged, tidied
from zoning.measure import TOLERANCE, Measure
from zoning.plan import Plan
from zoning.problem import Problem
from zoning.relax import relax
from zoning.rounding import adopted, first_assignments

DEFAULT_EFFORT = 12
PATIENCE = 8  # further rounds, unless effort is given, while limits that could hold do not yet
ENDING = 0.3  # seconds that are kept for tidying, measuring and writing the plan
Progress = Callable[[str, int, int], None]
Clock = Callable[[], float]


@dataclass(frozen=True)
class Budget:
    """How long to improve: `effort` rounds, and no round that would end after `seconds` since the clock's zero."""

    effort: int | None = None
    seconds: float | None = None

    @property
    def most_rounds(self) -> int:
        """Rounds at most: with a limit of seconds alone, until they are over."""
        if self.effort is not None:
            return self.effort
        return DEFAULT_EFFORT if self.seconds is None else 1_000_000

    def goes_on(self, done: int, unmet: bool) -> bool:
        """Is there a further round after `done`; `unmet` means that limits do not hold yet, but could."""
        patient = unmet and self.effort is None
        return done < self.most_rounds + (PATIENCE if patient else 0)

    def fits(self, end: float) -> bool:
        """Is something in time that ends then."""
        return self.seconds is None or end + ENDING <= self.seconds

    def progress(self, done: int, elapsed: float) -> tuple[int, int]:
        """How far of how much: seconds where only they are limited, else rounds."""
        if self.effort is None and self.seconds is not None:
            return min(int(elapsed), int(self.seconds)), int(self.seconds)
        return done, max(done, self.most_rounds)


def solve(
    problem: Problem, seed: int, budget: Budget, clock: Clock, progress: Progress, start: IntArray | None = None
) -> Plan:
    """The best plan found. `clock` gives the seconds since the command began; it never changes what a round does.

    The search begins at `start` (U target numbers) if given, made to keep own units, locks and contiguity.

    Ctrl-C (KeyboardInterrupt) during improvement ends it: the best plan so far is returned, `run.interrupted` true.

    Raises:
        ZoningInputError: locks that no contiguous zone can keep.
    """
    progress("relaxation", 0, 1)
    relaxation = relax(problem)
    progress("relaxation", 1, 1)
    measure = Measure(problem)
    starts = (
        first_assignments(measure.rule, relaxation) if start is None else [adopted(measure.rule, relaxation, start)]
    )
    first, *others = (judged(measure, choice) for choice in starts)
    for other in others:
        first = other if other.better_than(first) else first
    search = Search(measure, relaxation, first, seed)
    bound = lower_bound(problem, relaxation.certificate)
    interrupted = _improve(search, bound, relaxation.violation <= TOLERANCE, budget, clock, progress)
    best = tidied(measure, relaxation, search.best)
    run: dict[str, Any] = {
        "effort": search.number,
        "seed": seed,
        "interrupted": interrupted,
        "seconds": round(clock(), 3),
        "relaxed_violation": relaxation.violation,
    }
    conflict = relaxation.conflict if best.violation > 0 else ()
    return Plan.of(problem, best.choice, relaxation.certificate, run=run, conflict=conflict)


def _improve(search: Search, bound: float, patient: bool, budget: Budget, clock: Clock, progress: Progress) -> bool:
    """Run the rounds that the budget allows; returns whether somebody interrupted."""
    pace = 0.0  # the most seconds that a proposal took in any round
    try:
        while budget.goes_on(search.number, patient and search.best.violation > TOLERANCE):
            begun, proposals = clock(), search.proposals
            if not budget.fits(begun + pace * proposals):
                break
            for _ in search.round():
                if not budget.fits(clock()):
                    return False
                progress("improvement", *budget.progress(search.number, clock()))
            pace = max(pace, (clock() - begun) / proposals)
            progress("improvement", *budget.progress(search.number, clock()))
            if search.best.violation == 0 and search.best.objective <= bound * (1 + 1e-9):
                break  # nothing better exists
    except KeyboardInterrupt:
        return True
    return False
