"""Hand edits at the cost of the zones they touch: figures kept up to date from what flows in and out.

After GerryChain's updaters (DeFord, Duchin and Solomon 2021): an assignment is immutable and keeps its sums; a move
makes a new one in which only zones that gave or took are summed again, in the order of a full measurement, so that both
agree to the last bit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from zoning.contiguity import Fault, Part, faults_of, parts_of
from zoning.graph import FloatArray, IntArray
from zoning.measure import Figures, Measure, Sums
from zoning.problem import NOWHERE


@dataclass(frozen=True, eq=False)
class Tally:
    """An assignment with its sums, the parts of its zones and the faults of these; never changed."""

    measure: Measure
    sums: Sums
    parts: tuple[Part, ...]
    faults: tuple[Fault, ...]

    @classmethod
    def of(cls, measure: Measure, choice: IntArray) -> Tally:
        """The tally of an assignment (U target numbers), measured in full."""
        parts = parts_of(measure.rule, choice)
        return cls(measure, measure.sums(choice), tuple(parts), tuple(faults_of(measure.rule, parts)))

    @property
    def choice(self) -> IntArray:
        """Target number of each unit (U)."""
        return self.sums.choice

    @cached_property
    def figures(self) -> Figures:
        """Everything that follows from the assignment: the same as `Measure.figures` of it."""
        return self.measure.figures_of(self.sums, list(self.parts), list(self.faults))

    def moved(self, moves: Mapping[int, int]) -> Tally:
        """The tally with each unit number of `moves` at its target number; only touched zones are summed again."""
        choice = self.choice.copy()
        units = np.fromiter(moves.keys(), np.int64, len(moves))
        choice[units] = np.fromiter(moves.values(), np.int64, len(moves))
        touched = np.zeros(len(self.measure.problem.targets), dtype=bool)
        touched[self.choice[units]] = touched[choice[units]] = True
        fresh = parts_of(self.measure.rule, np.where(touched[choice], choice, NOWHERE))
        parts = [part for part in self.parts if not touched[part.target]] + fresh
        faults = [fault for fault in self.faults if not touched[fault.target]] + faults_of(self.measure.rule, fresh)
        return Tally(
            self.measure,
            _merged(self.sums, self.measure.sums(choice, touched), touched),
            tuple(sorted(parts, key=lambda part: (part.target, part.units[0]))),
            tuple(sorted(faults, key=lambda fault: fault.target)),
        )


def _merged(old: Sums, new: Sums, touched: NDArray[np.bool_]) -> Sums:
    def pick(before: FloatArray, after: FloatArray) -> FloatArray:
        return np.where(touched, after, before)

    return Sums(
        choice=new.choice,
        walk=new.walk,
        moved=new.moved,
        units=np.where(touched, new.units, old.units),
        load=pick(old.load, new.load),
        tilt=pick(old.tilt, new.tilt),
        area=pick(old.area, new.area),
        outline=pick(old.outline, new.outline),
        walked=pick(old.walked, new.walked),
        farthest=pick(old.farthest, new.farthest),
    )
