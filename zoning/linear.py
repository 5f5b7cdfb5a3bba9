"""The relaxation as a linear programme (HiGHS): for composition, and as an independent peer of the flow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import block_array, coo_array, csr_array, eye_array

from zoning.bound import arc_cost, group_excess
from zoning.certificate import Certificate
from zoning.errors import ZoningError
from zoning.graph import FloatArray, IntArray
from zoning.problem import NOWHERE, Problem


@dataclass(frozen=True, eq=False)
class Split:
    """Split assignment (unit, target, share), certificate, optimal value and violated children."""

    unit: IntArray
    target: IntArray
    share: FloatArray
    certificate: Certificate
    value: float
    violation: float


def solve(problem: Problem) -> Split:
    """The relaxation over every arc.

    Columns: x (shares of units), load D per target, over and under (violated children), balance b ≥ |1 − D/c|,
    excess plus and minus per group and target, moved children above the budget.
    """
    cost = arc_cost(problem)
    open_arc = problem.allowed | (problem.fixed == NOWHERE)[:, None]
    unit, target = np.nonzero(open_arc)
    far = ~problem.allowed[unit, target]
    balance = problem.policy.weights["balance"] / problem.capacity
    span = float(np.ptp(cost, axis=1).max() + 2 * balance.max() + 2 * problem.policy.weights["composition"])
    penalty = (len(problem.targets) + 2) * max(span, problem.per_child)
    demand = problem.demand[unit]
    targets, groups = len(problem.targets), len(problem.groups)
    per_group = np.full(targets * groups, problem.policy.weights["composition"] * problem.per_child)
    objective = np.concatenate(
        [
            demand * (cost[unit, target] + penalty * far),
            np.zeros(targets),
            np.full(2 * targets, penalty),
            np.full(targets, problem.policy.weights["balance"]),
            per_group,
            per_group,
            [penalty],
        ]
    )
    equal, right = _equalities(problem, unit, target)
    above, limit = _inequalities(problem, unit, target)
    found = linprog(objective, A_ub=above, b_ub=limit, A_eq=equal, b_eq=right, method="highs")
    if found.status != 0:
        raise ZoningError("The relaxation could not be solved (%(status)s).", status=found.message)
    dual = -np.asarray(found.eqlin.marginals)[len(problem.units) :]
    certificate = _certificate(problem, dual, -float(found.ineqlin.marginals[-1]))
    share = np.asarray(found.x[: len(unit)])
    used = share > 1e-12
    slack = found.x[len(unit) + targets : len(unit) + 3 * targets].sum() + found.x[-1]
    violation = float(slack + (share * demand)[far].sum())
    return Split(unit[used], target[used], share[used], certificate, float(found.fun), violation)


def _equalities(problem: Problem, unit: IntArray, target: IntArray) -> tuple[csr_array, FloatArray]:
    """Each unit whole; D = Σ p x per target; plus − minus = Σ excess x per group and target."""
    units, targets, groups = len(problem.units), len(problem.targets), len(problem.groups)
    column = np.arange(len(unit))
    whole = coo_array((np.ones(len(unit)), (unit, column)), shape=(units, len(unit)))
    load = coo_array((problem.demand[unit], (target, column)), shape=(targets, len(unit)))
    excess = [
        coo_array((excess[unit], (target, column)), shape=(targets, len(unit))) for excess in group_excess(problem)
    ]
    one = eye_array(targets)
    many = eye_array(max(1, targets * groups))
    rest = coo_array((units, 3 * targets + 1 + 2 * targets * groups + targets))
    rows = [[whole, rest]]
    equal_load = _row(problem, {"load": -one}, targets)
    rows.append([load, equal_load])
    if groups:
        stacked = block_array([[piece] for piece in excess])
        rows.append([stacked, _row(problem, {"plus": -many, "minus": many}, targets * groups)])
    right = np.concatenate([np.ones(units), np.zeros(targets * (1 + groups))])
    return csr_array(block_array(rows)), right


def _row(problem: Problem, blocks: dict[str, coo_array], height: int) -> coo_array:
    """A row of blocks over the columns after x: load, over, under, balance, plus, minus, moved."""
    targets, groups = len(problem.targets), len(problem.groups)
    widths = {
        "load": targets,
        "over": targets,
        "under": targets,
        "balance": targets,
        "plus": targets * groups,
        "minus": targets * groups,
        "moved": 1,
    }
    pieces = [blocks.get(name, coo_array((height, width))) for name, width in widths.items() if width]
    return block_array([pieces])


def _inequalities(problem: Problem, unit: IntArray, target: IntArray) -> tuple[csr_array, FloatArray]:
    """Limits of utilisation (softened), the two sides of |1 − D/c|, and the budget of change as the last row."""
    targets = len(problem.targets)
    one, none = eye_array(targets), coo_array((targets, len(unit)))
    low, high = problem.policy.utilisation or (0.0, None)
    most = np.full(targets, problem.total) if high is None else high * problem.capacity
    inverse = coo_array((1.0 / problem.capacity, (np.arange(targets), np.arange(targets))), shape=(targets, targets))
    rows = [
        [none, _row(problem, {"load": one, "over": -one}, targets)],
        [none, _row(problem, {"load": -one, "under": -one}, targets)],
        [none, _row(problem, {"load": inverse, "balance": -one}, targets)],
        [none, _row(problem, {"load": -inverse, "balance": -one}, targets)],
    ]
    moved = problem.demand[unit] * problem.moved[unit, target] * problem.per_child
    budget = coo_array((moved, (np.zeros(len(unit), dtype=np.int64), np.arange(len(unit)))), shape=(1, len(unit)))
    over = coo_array((np.array([-problem.per_child]), (np.zeros(1, dtype=int), np.zeros(1, dtype=int))), shape=(1, 1))
    rows.append([budget, _row(problem, {"moved": over}, 1)])
    share = problem.policy.change_share
    limits = [most, -low * problem.capacity, np.ones(targets), -np.ones(targets), [1.0 if share is None else share]]
    return csr_array(block_array(rows)), np.concatenate(limits)


def _certificate(problem: Problem, dual: FloatArray, kappa: float) -> Certificate:
    """Prices from the duals, kept within the range in which the bound is proved."""
    targets = len(problem.targets)
    most = problem.policy.weights["composition"] * problem.per_child
    group = np.clip(dual[targets:], -most, most).reshape(len(problem.groups), targets)
    change = max(0.0, kappa) if problem.policy.change_share is not None else 0.0
    return Certificate(dual[:targets].copy(), group, change)
