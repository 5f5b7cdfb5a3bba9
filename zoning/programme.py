"""A small problem as a mixed-integer linear programme: columns, rows, goals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array

from zoning.bound import arc_cost, group_excess
from zoning.graph import FloatArray, IntArray
from zoning.measure import TOLERANCE
from zoning.problem import NOWHERE, BoolArray, Problem
from zoning.separators import Cut

Rows = tuple[csr_array, FloatArray, FloatArray]


@dataclass(frozen=True, eq=False)
class Programme:
    """Columns: x per arc (1 where the unit goes to the target), then per target the children over its limit, those
    under it, its balance; the children moved above the budget; per group and target the excess, plus, then minus.

    `unit` and `target` (A) name the arcs, `column` (U×S) is the arc's column or −1. `violation` and `objective` are the
    two goals; `violated` is how many violated children are allowed, None where nothing limits them.
    """

    problem: Problem
    unit: IntArray
    target: IntArray
    column: IntArray
    violated: float | None

    @classmethod
    def of(cls, problem: Problem, useful: BoolArray | None = None, violated: float | None = None) -> Programme:
        """The programme over the arcs that own units and locks leave, and `useful` (U×S), if it is given."""
        arcs = np.ones((len(problem.units), len(problem.targets)), dtype=bool) if useful is None else useful.copy()
        bound = problem.fixed != NOWHERE
        arcs[bound] = False
        arcs[bound, problem.fixed[bound]] = True
        if violated == 0.0:
            arcs &= ~_far(problem) | (problem.demand == 0)[:, None]
        unit, target = np.nonzero(arcs)
        column = np.full(arcs.shape, NOWHERE, dtype=np.int64)
        column[unit, target] = np.arange(len(unit))
        return cls(problem, unit, target, column, violated)

    @property
    def _sizes(self) -> tuple[int, int, int]:
        return len(self.unit), len(self.problem.targets), len(self.problem.groups)

    @property
    def _width(self) -> int:
        arcs, targets, groups = self._sizes
        return arcs + 3 * targets + 1 + 2 * groups * targets

    @property
    def integrality(self) -> IntArray:
        """1 for the columns that are whole."""
        return (np.arange(self._width) < len(self.unit)).astype(np.int64)

    @property
    def most(self) -> FloatArray:
        """Upper bounds of the columns; without violated children their columns are 0."""
        arcs, targets, _ = self._sizes
        most = np.full(self._width, np.inf)
        most[:arcs] = 1.0
        if self.violated == 0.0:
            most[arcs : arcs + 2 * targets] = 0.0
            most[arcs + 3 * targets] = 0.0
        return most

    @property
    def violation(self) -> FloatArray:
        """Violated children, by column."""
        arcs, targets, _ = self._sizes
        goal = np.zeros(self._width)
        goal[:arcs] = self.problem.demand[self.unit] * _far(self.problem)[self.unit, self.target]
        goal[arcs : arcs + 2 * targets] = 1.0
        goal[arcs + 3 * targets] = 1.0
        return goal

    @property
    def objective(self) -> FloatArray:
        """The weighted terms, by column."""
        arcs, targets, _ = self._sizes
        weights = self.problem.policy.weights
        goal = np.zeros(self._width)
        goal[:arcs] = self.problem.demand[self.unit] * arc_cost(self.problem)[self.unit, self.target]
        goal[arcs + 2 * targets : arcs + 3 * targets] = weights["balance"]
        goal[arcs + 3 * targets + 1 :] = weights["composition"] * self.problem.per_child
        return goal

    def choice(self, values: FloatArray) -> IntArray:
        """The target of each unit (U) in a solution."""
        shares = np.zeros(self.column.shape)
        shares[self.unit, self.target] = values[: len(self.unit)]
        return np.asarray(shares.argmax(axis=1), dtype=np.int64)

    def rows(self, cuts: list[Cut]) -> Rows:
        """All rows with their lower and upper ends."""
        table = _Table(self._width)
        self._whole(table)
        self._seats(table)
        self._budget(table)
        self._composition(table)
        if self.violated:
            columns = np.flatnonzero(self.violation)
            table.add(columns, self.violation[columns], -np.inf, self.violated + TOLERANCE / 2)
        for cut in cuts:
            self._cut(table, cut)
        return table.rows()

    def _whole(self, table: _Table) -> None:
        for unit in range(len(self.problem.units)):
            columns = np.flatnonzero(self.unit == unit)
            table.add(columns, np.ones(len(columns)), 1.0, 1.0)

    def _seats(self, table: _Table) -> None:
        """lo·c − under ≤ D ≤ hi·c + over, and balance ≥ |1 − D / c|."""
        policy, seats = self.problem.policy, self.problem.capacity
        arcs, targets, _ = self._sizes
        for target in range(targets):
            columns = np.flatnonzero(self.target == target)
            children = self.problem.demand[self.unit[columns]]
            over, under, balance = (arcs + at * targets + target for at in range(3))
            if policy.utilisation is not None:
                low, high = (end * float(seats[target]) for end in policy.utilisation)
                table.add([*columns, over], [*children, -1.0], -np.inf, high)
                table.add([*columns, under], [*children, 1.0], low, np.inf)
            if policy.weights["balance"] > 0:
                table.add([*columns, balance], [*children / seats[target], 1.0], 1.0, np.inf)
                table.add([*columns, balance], [*-children / seats[target], 1.0], -1.0, np.inf)

    def _budget(self, table: _Table) -> None:
        share = self.problem.policy.change_share
        if share is None:
            return
        arcs, targets, _ = self._sizes
        columns = np.flatnonzero(self.problem.moved[self.unit, self.target])
        children = self.problem.demand[self.unit[columns]]
        table.add([*columns, arcs + 3 * targets], [*children, -1.0], -np.inf, share * self.problem.total)

    def _composition(self, table: _Table) -> None:
        if self.problem.policy.weights["composition"] == 0:
            return
        arcs, targets, groups = self._sizes
        plus = arcs + 3 * targets + 1
        for group, excess in enumerate(group_excess(self.problem)):
            for target in range(targets):
                columns = np.flatnonzero(self.target == target)
                at = plus + group * targets + target
                values = [*-excess[self.unit[columns]], 1.0, -1.0]
                table.add([*columns, at, at + groups * targets], values, 0.0, 0.0)

    def _cut(self, table: _Table, cut: Cut) -> None:
        members = self.column[list(cut.members), cut.target]
        if (members == NOWHERE).any():
            return
        ways = self.column[list(cut.ways), cut.target]
        ways = ways[ways != NOWHERE]
        values = [*np.ones(len(members)), *-np.ones(len(ways))]
        table.add([*members, *ways], values, -np.inf, len(members) - 1.0)


class _Table:
    """Rows of a sparse matrix with their ends, as they come."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.columns: list[int] = []
        self.values: list[float] = []
        self.places: list[int] = []
        self.ends: list[tuple[float, float]] = []

    def add(self, columns: object, values: object, low: float, high: float) -> None:
        """low ≤ Σ values · columns ≤ high."""
        found = np.asarray(columns, dtype=np.int64).tolist()
        self.places += [len(self.ends)] * len(found)
        self.columns += found
        self.values += np.asarray(values, dtype=np.float64).tolist()
        self.ends.append((low, high))

    def rows(self) -> Rows:
        """The matrix and the ends."""
        shape = (len(self.ends), self.width)
        ends = np.array(self.ends, dtype=np.float64).reshape(len(self.ends), 2)
        matrix = csr_array(coo_array((self.values, (self.places, self.columns)), shape=shape))
        return matrix, ends[:, 0], ends[:, 1]


def _far(problem: Problem) -> BoolArray:
    """U×S: beyond the walk limit."""
    limit = problem.policy.walk_metres
    if limit is None or problem.walks is None:
        return np.zeros((len(problem.units), len(problem.targets)), dtype=bool)
    return np.asarray(problem.walks > limit, dtype=bool)
