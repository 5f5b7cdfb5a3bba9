"""The lower bound: what no plan that holds every limit can beat, from prices alone (docs/spec/zoning.md)."""

from __future__ import annotations

import numpy as np

from zoning.certificate import Certificate
from zoning.errors import ZoningError
from zoning.graph import FloatArray
from zoning.problem import Problem


def arc_cost(problem: Problem) -> FloatArray:
    """U×S: what one child of the unit adds to the objective at each target (distance and change), w/o prices."""
    cost: FloatArray = np.zeros((len(problem.units), len(problem.targets)))
    weights = problem.policy.weights
    if problem.walks is not None and weights["distance"] > 0:
        cost += weights["distance"] * problem.per_child / 1000.0 * problem.walks
    if weights["change"] > 0:
        cost += weights["change"] * problem.per_child * problem.moved
    return cost


def group_excess(problem: Problem) -> FloatArray:
    """G×U: children of the group above what the unit would have at the city's share, G_ug − q_g p_u."""
    share = np.sum(problem.group, axis=1) * problem.per_child
    return np.asarray(problem.group - share[:, None] * problem.demand[None, :], dtype=np.float64)


def arc_prices(problem: Problem, certificate: Certificate) -> FloatArray:
    """U×S: the bracket of the bound, what the whole unit costs at each target, prices included."""
    kappa = certificate.change
    cost = problem.demand[:, None] * (arc_cost(problem) + certificate.school[None, :])
    if kappa > 0:
        cost += kappa * problem.per_child * problem.demand[:, None] * problem.moved
    for excess, price in zip(group_excess(problem), certificate.group, strict=True):
        cost += excess[:, None] * price[None, :]
    return cost


def lower_bound(problem: Problem, certificate: Certificate) -> float:
    """The bound for these prices, in the objective's units; valid for every price that `refuse_prices` lets pass.

    Raises:
        ZoningError: the prices leave the range in which the bound is proved.
    """
    refuse_prices(problem, certificate)
    best = np.where(problem.allowed, arc_prices(problem, certificate), np.inf).min(axis=1)
    budget = certificate.change * (problem.policy.change_share or 0.0)
    return float(np.sum(best) + np.sum(_school_side(problem, certificate.school)) - budget)


def refuse_prices(problem: Problem, certificate: Certificate) -> None:
    """Refuse prices outside the range of the proof: κ ≥ 0, 0 without a change limit, |μ| ≤ w / P."""
    if certificate.change < 0 or (certificate.change != 0 and problem.policy.change_share is None):
        raise ZoningError("certificate.csv: the price of change must be ≥ 0, and 0 without a limit on change.")
    most = problem.policy.weights["composition"] * problem.per_child
    if certificate.group.size and np.abs(certificate.group).max() > most * (1 + 1e-12):
        raise ZoningError("certificate.csv: the price of a group is above weight ÷ children, where nothing is proved.")


def _school_side(problem: Problem, price: FloatArray) -> FloatArray:
    """Per target: min over D of w·|1 − D/c| − λ·D, D at the ends of its range and at c if that lies between."""
    weight, seats = problem.policy.weights["balance"], problem.capacity
    low, high = problem.policy.utilisation or (None, None)
    least = np.zeros(len(seats)) if low is None else low * seats
    most = np.full(len(seats), problem.total) if high is None else high * seats
    inside = np.clip(seats, least, most)
    values = [weight * np.abs(1.0 - demand / seats) - price * demand for demand in (least, inside, most)]
    return np.asarray(np.min(values, axis=0), dtype=np.float64)
