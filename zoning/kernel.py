"""The compiled search: flips of single units between zones, under a falling temperature, parts never broken.

Everything here runs inside numba without fast maths, on plain arrays, with its own small generator: the same inputs
give the same bytes. Loads, areas and outlines are kept from what flows in and out.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from zoning.graph import FloatArray, IntArray

BoolArray = NDArray[np.bool_]


class Field(NamedTuple):
    """What stays the same during a search. Shapes as in `Problem`; `edge_border` follows `neighbour`.

    `cost` (U×S) is what the whole unit adds to the objective; `change_price` is κ per moved child.
    `weights` are balance, composition ÷ P, compactness; `anchors` is false throughout for free targets.
    """

    start: IntArray
    neighbour: IntArray
    edge_border: FloatArray
    demand: FloatArray
    excess: FloatArray
    area: FloatArray
    perimeter: FloatArray
    cost: FloatArray
    change_price: float
    seats: FloatArray
    least: FloatArray
    most: FloatArray
    budget: float
    far: BoolArray
    moved: BoolArray
    fixed: IntArray
    anchors: BoolArray
    contiguous: bool
    weights: FloatArray


class State(NamedTuple):
    """What a search changes: choice (U), load (S), group excess (G×S), area, outline (S), moved children (1).

    `price` (S) is λ, what a child pays for a seat while the search is priced; it follows the loads. `margin` (2) is
    how many children inside the upper and the lower limit the search aims at, so that whole units find room.
    `stamp` (U) and `queue` (U) are scratch for walks through a zone; `counter` (1) makes stamps fresh.
    """

    choice: IntArray
    price: FloatArray
    load: FloatArray
    tilt: FloatArray
    area: FloatArray
    outline: FloatArray
    moved: FloatArray
    margin: FloatArray
    stamp: IntArray
    queue: IntArray
    counter: IntArray


@njit(cache=True)
def next_random(seed: NDArray[np.uint64]) -> np.uint64:
    """xorshift64* (Vigna 2016): advances seed[0], which must not be 0."""
    x = seed[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    seed[0] = x
    return np.uint64(x * np.uint64(2685821657736338717))


@njit(cache=True)
def below(seed: NDArray[np.uint64], limit: int) -> int:
    """A number in 0…limit−1; the bias of 2⁻³² per value does not matter to a search."""
    return int(np.int64(((next_random(seed) >> np.uint64(32)) * np.uint64(limit)) >> np.uint64(32)))


@njit(cache=True)
def uniform(seed: NDArray[np.uint64]) -> float:
    """A number in [0, 1)."""
    return np.float64(next_random(seed) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@njit(cache=True)
def roughness_of(area: float, outline: float) -> float:
    """1 − 4π·area/outline², within 0…1; nothing counts 0."""
    if outline <= 0.0:
        return 1.0 if area > 0.0 else 0.0
    return min(1.0, max(0.0, 1.0 - 4.0 * math.pi * area / (outline * outline)))


@njit(cache=True)
def school_value(field: Field, state: State, s: int, load: float, priced: float, penalty: float) -> float:
    """What target s adds to the energy at this load: balance, the price of its seats, violated children."""
    value = field.weights[0] * abs(1.0 - load / field.seats[s]) + priced * state.price[s] * load
    if load > field.most[s] - state.margin[0]:
        value += penalty * (load - field.most[s] + state.margin[0])
    elif load < field.least[s] + state.margin[1]:
        value += penalty * (field.least[s] + state.margin[1] - load)
    return float(value)


@njit(cache=True)
def budget_value(field: Field, state: State, moved: float, priced: float, penalty: float) -> float:
    """What the moved children add: their price, and those above the budget."""
    above = max(0.0, moved - field.budget + state.margin[0])
    return float(penalty * above + priced * field.change_price * moved)


@njit(cache=True)
def follow_loads(field: Field, state: State, step: float) -> None:
    """Move each price by `step` × the share of seats too many or too few; it ends at 0 where no limit is near."""
    for s in range(field.seats.shape[0]):
        over = (state.load[s] - field.most[s] + state.margin[0]) / field.seats[s]
        under = (state.load[s] - field.least[s] - state.margin[1]) / field.seats[s]
        price = state.price[s]
        if over > 0.0:
            price += step * over
        elif under < 0.0:
            price += step * under
        elif price > 0.0:
            price = max(0.0, price + step * over)
        else:
            price = min(0.0, price + step * under)
        state.price[s] = price


@njit(cache=True)
def shape_change(field: Field, state: State, u: int, a: int, b: int) -> float:
    """How the compactness of zones a and b changes when u goes from a to b."""
    inner_a, inner_b = 0.0, 0.0
    for at in range(field.start[u], field.start[u + 1]):
        c = state.choice[field.neighbour[at]]
        if c == a:
            inner_a += field.edge_border[at]
        elif c == b:
            inner_b += field.edge_border[at]
    area, edge = field.area[u], field.perimeter[u]
    after = roughness_of(state.area[a] - area, state.outline[a] - edge + 2.0 * inner_a)
    after += roughness_of(state.area[b] + area, state.outline[b] + edge - 2.0 * inner_b)
    before = roughness_of(state.area[a], state.outline[a]) + roughness_of(state.area[b], state.outline[b])
    return after - before


@njit(cache=True)
def flip_change(field: Field, state: State, u: int, b: int, priced: float, penalty: float) -> float:
    """Change of energy when unit u goes to target b."""
    a, p = state.choice[u], field.demand[u]
    change = field.cost[u, b] - field.cost[u, a]
    change += penalty * p * (np.float64(field.far[u, b]) - np.float64(field.far[u, a]))
    change += school_value(field, state, a, state.load[a] - p, priced, penalty)
    change -= school_value(field, state, a, state.load[a], priced, penalty)
    change += school_value(field, state, b, state.load[b] + p, priced, penalty)
    change -= school_value(field, state, b, state.load[b], priced, penalty)
    if field.moved[u, a] != field.moved[u, b]:
        moved = state.moved[0] + p * (np.float64(field.moved[u, b]) - np.float64(field.moved[u, a]))
        change += budget_value(field, state, moved, priced, penalty) - budget_value(
            field, state, state.moved[0], priced, penalty
        )
    if field.weights[1] > 0.0:
        for g in range(field.excess.shape[0]):
            e = field.excess[g, u]
            change += field.weights[1] * (abs(state.tilt[g, a] - e) - abs(state.tilt[g, a]))
            change += field.weights[1] * (abs(state.tilt[g, b] + e) - abs(state.tilt[g, b]))
    if field.weights[2] > 0.0:
        change += field.weights[2] * shape_change(field, state, u, a, b)
    return float(change)


@njit(cache=True)
def typical_change(field: Field, state: State, priced: float) -> float:
    """Mean size of the change of energy, violations apart, over all flips to a neighbour's zone; 0 if there is none."""
    total, count = 0.0, 0
    for u in range(field.demand.shape[0]):
        for at in range(field.start[u], field.start[u + 1]):
            b = state.choice[field.neighbour[at]]
            if b != state.choice[u]:
                total += abs(flip_change(field, state, u, b, priced, 0.0))
                count += 1
    return total / count if count > 0 else 0.0


@njit(cache=True)
def flip(field: Field, state: State, u: int, b: int) -> None:
    """Give unit u to target b."""
    a, p = state.choice[u], field.demand[u]
    state.load[a] -= p
    state.load[b] += p
    state.moved[0] += p * (np.float64(field.moved[u, b]) - np.float64(field.moved[u, a]))
    for g in range(field.excess.shape[0]):
        state.tilt[g, a] -= field.excess[g, u]
        state.tilt[g, b] += field.excess[g, u]
    state.area[a] -= field.area[u]
    state.area[b] += field.area[u]
    state.outline[a] -= field.perimeter[u]
    state.outline[b] += field.perimeter[u]
    for at in range(field.start[u], field.start[u + 1]):
        c = state.choice[field.neighbour[at]]
        if c == a:
            state.outline[a] += 2.0 * field.edge_border[at]
        elif c == b:
            state.outline[b] -= 2.0 * field.edge_border[at]
    state.choice[u] = b


@njit(cache=True)
def may_leave(field: Field, state: State, u: int) -> bool:
    """Does the part of u stay in one piece, with something to hold on to, when u leaves it.

    A part of one unit may vanish.
    """
    first, wanted = mark_neighbours(field, state, u)
    anchored = not field.anchors[u, state.choice[u]]
    if wanted == 0 or (wanted == 1 and anchored):
        return True
    return holds_together(field, state, first, wanted, anchored)


@njit(cache=True)
def mark_neighbours(field: Field, state: State, u: int) -> tuple[int, int]:
    """Stamp u as visited and its neighbours in its own zone as wanted; returns one of them and their number."""
    state.counter[0] += 2
    state.stamp[u] = state.counter[0]
    first, wanted = -1, 0
    for at in range(field.start[u], field.start[u + 1]):
        v = field.neighbour[at]
        if state.choice[v] == state.choice[u]:
            state.stamp[v] = state.counter[0] - 1
            first = v
            wanted += 1
    return first, wanted


@njit(cache=True)
def holds_together(field: Field, state: State, first: int, wanted: int, anchored: bool) -> bool:
    """Breadth first from `first` within its zone: are all wanted units met, and an anchor unless `anchored` already."""
    zone, visited = state.choice[first], state.counter[0]
    state.stamp[first] = visited
    wanted -= 1
    state.queue[0] = first
    head, tail = 0, 1
    while head < tail:
        x = state.queue[head]
        head += 1
        anchored = anchored or field.anchors[x, zone]
        if wanted == 0 and anchored:
            return True
        for at in range(field.start[x], field.start[x + 1]):
            v = field.neighbour[at]
            if state.choice[v] == zone and state.stamp[v] != visited:
                wanted -= int(state.stamp[v] == visited - 1)
                state.stamp[v] = visited
                state.queue[tail] = v
                tail += 1
    return False


@njit(cache=True)
def propose(field: Field, state: State, u: int, seed: NDArray[np.uint64]) -> int:
    """Another target for unit u: that of a neighbour, or any where zones need not hang together; −1 if none."""
    if field.fixed[u] >= 0:
        return -1
    if not field.contiguous:
        b = below(seed, field.seats.shape[0])
    else:
        degree = field.start[u + 1] - field.start[u]
        if degree == 0:
            return -1
        b = state.choice[field.neighbour[field.start[u] + below(seed, degree)]]
    return b if b != state.choice[u] else -1


@njit(cache=True)
def anneal(
    field: Field,
    state: State,
    schedule: FloatArray,
    seed: NDArray[np.uint64],
) -> int:
    """Run one pass of U proposals for each row (temperature, priced, penalty) of `schedule`; returns accepted flips."""
    accepted = 0
    units = field.demand.shape[0]
    for row in range(schedule.shape[0]):
        temperature, priced, penalty = schedule[row, 0], schedule[row, 1], schedule[row, 2]
        state.margin[:] = schedule[row, 4:6]
        follow_loads(field, state, schedule[row, 3])
        for _ in range(units):
            u = below(seed, units)
            b = propose(field, state, u, seed)
            if b < 0:
                continue
            change = flip_change(field, state, u, b, priced, penalty)
            if change > 0.0 and (temperature <= 0.0 or uniform(seed) >= math.exp(-change / temperature)):
                continue
            if field.contiguous and not may_leave(field, state, u):
                continue
            flip(field, state, u, b)
            accepted += 1
    return accepted


@njit(cache=True)
def breaks_seats(field: Field, state: State, s: int) -> bool:
    """Has target s more or fewer children than its limits."""
    return bool(state.load[s] > field.most[s] + 1e-9 or state.load[s] < field.least[s] - 1e-9)


@njit(cache=True)
def second_flip(field: Field, state: State, u: int, a: int, limit: float, penalty: float) -> tuple[int, int]:
    """After u went from a to its new zone b: the flip out of b or into a that brings the most, if below `limit`.

    Returns unit and target, or (−1, −1).
    """
    b, unit, target = state.choice[u], -1, -1
    for w in range(field.demand.shape[0]):
        if w == u or field.fixed[w] >= 0:
            continue
        for at in range(field.start[w], field.start[w + 1]):
            c, d = state.choice[w], state.choice[field.neighbour[at]]
            if c == d or (c != b and d != a):
                continue
            change = flip_change(field, state, w, d, 0.0, penalty)
            if change < limit and may_leave(field, state, w):
                limit, unit, target = change, w, d
    return unit, target


@njit(cache=True)
def settle(field: Field, state: State, penalty: float) -> int:
    """Pairs of flips (swaps, chains over three zones) where targets break their limits; returns how many helped."""
    pairs = 0
    for u in range(field.demand.shape[0]):
        if field.fixed[u] >= 0:
            continue
        for at in range(field.start[u], field.start[u + 1]):
            a, b = state.choice[u], state.choice[field.neighbour[at]]
            if a == b or not (breaks_seats(field, state, a) or breaks_seats(field, state, b)):
                continue
            if not may_leave(field, state, u):
                continue
            first = flip_change(field, state, u, b, 0.0, penalty)
            flip(field, state, u, b)
            w, c = second_flip(field, state, u, a, -first - 1e-12 * penalty, penalty)
            if w >= 0:
                flip(field, state, w, c)
                pairs += 1
            else:
                flip(field, state, u, a)
    return pairs


@njit(cache=True)
def border_with(field: Field, state: State, u: int, zone: int, inhabited: bool) -> float:
    """Metres of border of unit u with units of a zone, on request with those only in which children live."""
    metres = 0.0
    for at in range(field.start[u], field.start[u + 1]):
        v = field.neighbour[at]
        if state.choice[v] == zone and (not inhabited or field.demand[v] > 0.0):
            metres += field.edge_border[at]
    return metres


@njit(cache=True)
def has_inhabited_neighbour(field: Field, u: int) -> bool:
    """Do children live in a unit beside u."""
    return bool(np.any(field.demand[field.neighbour[field.start[u] : field.start[u + 1]]] > 0.0))


@njit(cache=True)
def tidy(field: Field, state: State) -> int:
    """Give units without children to the zone they border most; returns how many changed.

    What counts is the border with units in which children live; a unit among empty ones counts every border. It ends
    because the first sort's borders stay as they are, and each move of the second sort lengthens borders inside zones.
    """
    changed, again = 0, True
    while again:
        again = False
        for u in range(field.demand.shape[0]):
            if field.demand[u] > 0.0 or field.fixed[u] >= 0:
                continue
            inhabited = has_inhabited_neighbour(field, u)
            best, longest = -1, border_with(field, state, u, state.choice[u], inhabited) * (1.0 + 1e-9)
            for at in range(field.start[u], field.start[u + 1]):
                zone = state.choice[field.neighbour[at]]
                metres = border_with(field, state, u, zone, inhabited)
                if metres > longest:
                    best, longest = zone, metres
            if best >= 0 and may_leave(field, state, u):
                flip(field, state, u, best)
                changed += 1
                again = True
    return changed
