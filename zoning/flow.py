"""Transport as min-cost flow in whole numbers, and prices read off its residual graph.

Units send their children to targets; each target hands them to a sink through segments of rising cost (a convex
piecewise-linear function of its load). OR-tools gives the flow; prices are shortest paths between the targets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import min_cost_flow

from zoning.errors import ZoningError
from zoning.graph import IntArray

FORBIDDEN = np.int64(1) << 60
_ALL_ARCS = 400_000  # up to here every arc goes in at once; above, the cheapest ones and then what prices call for
_NEAREST = 24


@dataclass(frozen=True, eq=False)
class Network:
    """supply (U); cost (U×S), `FORBIDDEN` where there is no arc; segments K×S of room and cost, cost rising with k."""

    supply: IntArray
    cost: IntArray
    room: IntArray
    slope: IntArray


@dataclass(frozen=True, eq=False)
class Flow:
    """Positive amounts from unit to target, the load of each target and prices λ (S) in whole cost units."""

    unit: IntArray
    target: IntArray
    amount: IntArray
    load: IntArray
    price: IntArray


def solve(network: Network, forced_segment: int, last_segment: int) -> Flow:
    """The cheapest flow, over every arc of the network.

    Prices treat loads at the end of segments up to `forced_segment` and from `last_segment` on as walls, unless the
    flow itself lies beyond them: so that penalties for what did not happen do not enter the prices.
    """
    arcs = _first_arcs(network.cost)
    while True:
        unit, target = np.nonzero(arcs)
        flow = _cheapest(network, unit, target)
        price = _prices(network, flow, forced_segment, last_segment)
        missing = _worth_adding(network.cost, price, arcs)
        if not missing.any():
            return Flow(flow.unit, flow.target, flow.amount, flow.load, price)
        arcs |= missing


def _first_arcs(cost: IntArray) -> NDArray[np.bool_]:
    possible = cost < FORBIDDEN
    if cost.size <= _ALL_ARCS or cost.shape[1] <= _NEAREST:
        return possible
    limit = np.partition(cost, _NEAREST - 1, axis=1)[:, _NEAREST - 1]
    return np.asarray(possible & (cost <= limit[:, None]), dtype=bool)


def _worth_adding(cost: IntArray, price: IntArray, arcs: NDArray[np.bool_]) -> NDArray[np.bool_]:
    reduced = cost + price[None, :]
    best = np.where(arcs, reduced, FORBIDDEN).min(axis=1)
    return np.asarray((reduced < best[:, None]) & (cost < FORBIDDEN), dtype=bool)


def _cheapest(network: Network, unit: IntArray, target: IntArray) -> Flow:
    units, targets = network.cost.shape
    sink, total = units + targets, int(network.supply.sum())
    solver = min_cost_flow.SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(
        unit, units + target, network.supply[unit], network.cost[unit, target]
    )
    column = np.arange(targets)
    for room, slope in zip(network.room, network.slope, strict=True):
        solver.add_arcs_with_capacity_and_unit_cost(units + column, np.full(targets, sink), room, slope)
    solver.set_nodes_supplies(np.arange(units), network.supply)
    solver.set_node_supply(sink, -total)
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise ZoningError("The relaxation could not be solved (%(status)s).", status=str(status))
    amount = np.asarray(solver.flows(arcs), dtype=np.int64)
    used = amount > 0
    load = np.zeros(targets, dtype=np.int64)
    np.add.at(load, target[used], amount[used])
    return Flow(unit[used], target[used], amount[used], load, np.zeros(targets, dtype=np.int64))


def _prices(network: Network, flow: Flow, forced_segment: int, last_segment: int) -> IntArray:
    """The middle of all optimal prices: between the highest and the lowest potentials of the residual graph."""
    step = _steps(network.cost, flow)
    low, high = _slopes_at(network, flow.load, forced_segment, last_segment)
    highest = _shortest(step, np.minimum(high, FORBIDDEN))
    lowest = -_shortest(step.T.copy(), np.minimum(-low, FORBIDDEN))
    wall = FORBIDDEN // 2
    if (highest >= wall).any():
        return np.zeros_like(lowest) if (lowest <= -wall).any() else lowest
    return highest if (lowest <= -wall).any() else (highest + lowest) // 2


def _steps(cost: IntArray, flow: Flow) -> IntArray:
    """S×S: the least extra cost of sending one child of target s to target t instead, r_st."""
    targets = cost.shape[1]
    step = np.full((targets, targets), FORBIDDEN)
    for target in range(targets):
        served = flow.unit[flow.target == target]
        if len(served):
            step[target] = np.where(
                cost[served] < FORBIDDEN, cost[served] - cost[served, target][:, None], FORBIDDEN
            ).min(axis=0)
    return step


def _slopes_at(network: Network, load: IntArray, forced: int, last: int) -> tuple[IntArray, IntArray]:
    """Left and right derivative of each target's cost at its load; walls are ∓`FORBIDDEN`."""
    ends = np.cumsum(network.room, axis=0)
    segments, targets = network.room.shape
    left, right = np.full(targets, -FORBIDDEN), np.full(targets, FORBIDDEN)
    for k in range(segments):
        begin = ends[k] - network.room[k]
        entered = (load > begin) & (network.room[k] > 0)
        left[entered] = network.slope[k][entered]
        open_ = (load < ends[k]) & (load >= begin) & (network.room[k] > 0)
        first = open_ & (right == FORBIDDEN)
        right[first] = network.slope[k][first]
    past_forced = (load <= ends[forced]) & (load >= ends[forced]) if forced >= 0 else np.zeros(targets, dtype=bool)
    left[past_forced] = -FORBIDDEN
    right[load == ends[last] - network.room[last]] = FORBIDDEN
    return left, right


def _shortest(step: IntArray, start: IntArray) -> IntArray:
    """Bellman and Ford: distances d_s = min(start_s, step_st + d_t)."""
    distance = start.copy()
    for _ in range(len(start) + 1):
        through = np.minimum(step + distance[None, :], FORBIDDEN).min(axis=1)
        shorter = np.minimum(distance, through)
        if (shorter == distance).all():
            return distance
        distance = shorter
    return distance
