"""The compiled search: flips of units between zones, under a falling temperature, parts never broken.

A flip is drawn from the ends of edges that cross from zone to zone. Where its leaving would cut small pieces off the
zone, they go along with the unit.

Everything here runs inside numba without fast maths, on plain arrays, with its own small generator: the same inputs
give the same bytes. Loads,
areas and outlines are kept from what flows in and out.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from zoning.graph import FloatArray, IntArray

BoolArray = NDArray[np.bool_]
# Nothing is allocated here, so that nobody needs to count who holds an array: six times as fast.
_INLINE: dict[str, Any] = {"cache": True, "forceinline": True, "_nrt": False}
_FREE: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": False}
HANGING = 8  # most units that go along with one on which they hang


class Field(NamedTuple):
    """What stays the same during a search. Shapes as in `Problem`; `edge_border`, `end`, `back` follow `neighbour`.

    `end` is the unit whose neighbour it is, `back` the place of the same edge at the neighbour.
    `cost` (U×S) is what the whole unit adds to the objective; `change_price` is κ per moved child.
    `far`, `moved` (U×S) have no row where no walk is limited and nobody has a school today.
    `weights` are balance, composition ÷ P, compactness; `anchors` is false throughout for free targets.
    """

    start: IntArray
    neighbour: IntArray
    end: IntArray
    back: IntArray
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
    `across` lists the places in `neighbour` where an edge leaves the zone of a unit that may move; `place` is where
    each stands in that list, or −1. `stamp`, `queue` (U) and `label` (5 × most neighbours) are scratch for walks
    through a zone. `counter` (2): the next fresh stamp, the length of the list.
    """

    choice: IntArray
    price: FloatArray
    load: FloatArray
    tilt: FloatArray
    area: FloatArray
    outline: FloatArray
    moved: FloatArray
    margin: FloatArray
    across: IntArray
    place: IntArray
    stamp: IntArray
    queue: IntArray
    label: IntArray
    counter: IntArray


@njit(**_INLINE)
def next_random(seed: NDArray[np.uint64]) -> np.uint64:
    """xorshift64* (Vigna 2016): advances seed[0], which must not be 0."""
    x = seed[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    seed[0] = x
    return np.uint64(x * np.uint64(2685821657736338717))


@njit(**_INLINE)
def below(seed: NDArray[np.uint64], limit: int) -> int:
    """A number in 0…limit−1; the bias of 2⁻³² per value does not matter to a search."""
    return int(np.int64(((next_random(seed) >> np.uint64(32)) * np.uint64(limit)) >> np.uint64(32)))


@njit(**_INLINE)
def uniform(seed: NDArray[np.uint64]) -> float:
    """A number in [0, 1)."""
    return np.float64(next_random(seed) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@njit(**_INLINE)
def roughness_of(area: float, outline: float) -> float:
    """1 − 4π·area/outline², within 0…1; nothing counts 0."""
    if outline <= 0.0:
        return 1.0 if area > 0.0 else 0.0
    return min(1.0, max(0.0, 1.0 - 4.0 * math.pi * area / (outline * outline)))


@njit(**_INLINE)
def school_value(field: Field, state: State, s: int, load: float, priced: float, penalty: float) -> float:
    """What target s adds to the energy at this load: balance, the price of its seats, violated children."""
    value = field.weights[0] * abs(1.0 - load / field.seats[s]) + priced * state.price[s] * load
    if load > field.most[s] - state.margin[0]:
        value += penalty * (load - field.most[s] + state.margin[0])
    elif load < field.least[s] + state.margin[1]:
        value += penalty * (field.least[s] + state.margin[1] - load)
    return float(value)


@njit(**_INLINE)
def budget_value(field: Field, state: State, moved: float, priced: float, penalty: float) -> float:
    """What the moved children add: their price, and those above the budget."""
    above = max(0.0, moved - field.budget + state.margin[0])
    return float(penalty * above + priced * field.change_price * moved)


@njit(**_INLINE)
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


@njit(**_INLINE)
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
    return float(after - before)


@njit(**_INLINE)
def flip_change(field: Field, state: State, u: int, b: int, priced: float, penalty: float) -> float:
    """Change of energy when unit u goes to target b."""
    a, p = state.choice[u], field.demand[u]
    change = field.cost[u, b] - field.cost[u, a]
    if field.far.shape[0] > 0:
        change += penalty * p * (np.float64(field.far[u, b]) - np.float64(field.far[u, a]))
    change += school_value(field, state, a, state.load[a] - p, priced, penalty)
    change -= school_value(field, state, a, state.load[a], priced, penalty)
    change += school_value(field, state, b, state.load[b] + p, priced, penalty)
    change -= school_value(field, state, b, state.load[b], priced, penalty)
    if field.moved.shape[0] > 0 and field.moved[u, a] != field.moved[u, b]:
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


@njit(**_INLINE)
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


@njit(**_INLINE)
def flip(field: Field, state: State, u: int, b: int) -> None:
    """Give unit u to target b."""
    a, p = state.choice[u], field.demand[u]
    state.load[a] -= p
    state.load[b] += p
    if field.moved.shape[0] > 0:
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
        note_edge(field, state, at, c != b)
        note_edge(field, state, field.back[at], c != b)
    state.choice[u] = b


@njit(**_INLINE)
def note_edge(field: Field, state: State, at: int, across: bool) -> None:
    """Keep the list of edges that cross."""
    place = state.place[at]
    if across and place < 0 and field.fixed[field.end[at]] < 0:
        state.place[at] = state.counter[1]
        state.across[state.counter[1]] = at
        state.counter[1] += 1
    elif not across and place >= 0:
        state.counter[1] -= 1
        last = state.across[state.counter[1]]
        state.across[place] = last
        state.place[last] = place
        state.place[at] = -1


@njit(**_INLINE)
def note_edges(field: Field, state: State) -> None:
    """Make the list of edges that cross anew."""
    state.counter[1] = 0
    for at in range(field.neighbour.shape[0]):
        state.place[at] = -1
        note_edge(field, state, at, state.choice[field.end[at]] != state.choice[field.neighbour[at]])


@njit(**_INLINE)
def may_leave(field: Field, state: State, u: int) -> bool:
    """Does the part of u stay in one piece, with something to hold on to, when u leaves it.

    A part of one unit may vanish.
    """
    return bool(leave(field, state, u, 0) == 0)


@njit(**_INLINE)
def leave(field: Field, state: State, u: int, most: int) -> int:
    """How many units of the zone hang on u alone: they stand in the queue and must go along; −1 if u must stay.

    Floods from all neighbours of u in its zone at once, each neighbour with a label of its own, until one flood is
    left: those that ran dry before hang on u. At most `most` units may, none of them fixed or an anchor.
    """
    labels = start_floods(field, state, u)
    zone, anchored = state.choice[u], not field.anchors[u, state.choice[u]]
    if labels == 0 or (labels == 1 and anchored):
        return 0
    base, alive, hanging = state.stamp[u] - labels, labels, 0
    head, tail = 0, labels
    while head < tail:
        x = state.queue[head]
        head += 1
        own = flood_of(state, state.stamp[x] - base)
        for at in range(field.start[x], field.start[x + 1]):
            v = field.neighbour[at]
            if state.choice[v] != zone or v == u:
                continue
            if state.stamp[v] < base:
                state.stamp[v] = base + own
                state.queue[tail] = v
                tail += 1
                join_flood(field, state, own, v, zone)
            else:
                alive -= merge_floods(state, own, flood_of(state, state.stamp[v] - base))
        state.label[1, own] -= 1
        if state.label[1, own] == 0:
            if alive == 1 or state.label[3, own] > 0 or hanging + state.label[2, own] > most:
                return 0 if alive == 1 and hanging == 0 and (anchored or state.label[4, own] > 0) else -1
            hanging += state.label[2, own]
            alive -= 1
        if alive == 1 and (anchored or (hanging == 0 and state.label[4, own] > 0)):
            return int(gather_dry(state, base, tail))
    return -1


@njit(**_INLINE)
def start_floods(field: Field, state: State, u: int) -> int:
    """Label the neighbours of u in its zone 0, 1, … (stamp − base) and queue them; the stamp of u is base + labels.

    Rows of `label`: the flood joined, units still queued, units, fixed units or anchors, anchors.
    """
    zone, base, labels = state.choice[u], state.counter[0], 0
    for at in range(field.start[u], field.start[u + 1]):
        v = field.neighbour[at]
        if state.choice[v] == zone:
            state.stamp[v] = base + labels
            state.queue[labels] = v
            state.label[0, labels] = labels
            for row in range(1, 5):
                state.label[row, labels] = 0
            join_flood(field, state, labels, v, zone)
            labels += 1
    state.stamp[u] = base + labels
    state.counter[0] = base + labels + 1
    return labels


@njit(**_INLINE)
def join_flood(field: Field, state: State, own: int, v: int, zone: int) -> None:
    """Count unit v, which was queued."""
    state.label[1, own] += 1
    state.label[2, own] += 1
    state.label[3, own] += np.int64(field.anchors[v, zone] or field.fixed[v] >= 0)
    state.label[4, own] += np.int64(field.anchors[v, zone])


@njit(**_INLINE)
def flood_of(state: State, label: int) -> int:
    """The flood that a label belongs to by now."""
    while state.label[0, label] != label:
        label = state.label[0, label]
    return label


@njit(**_INLINE)
def merge_floods(state: State, own: int, other: int) -> int:
    """Two floods met: the other joins; returns how many floods fewer that makes."""
    if own == other:
        return 0
    state.label[0, other] = own
    for row in range(1, 5):
        state.label[row, own] += state.label[row, other]
    return 1


@njit(**_INLINE)
def gather_dry(state: State, base: int, tail: int) -> int:
    """Bring the queued units of floods that ran dry to the front of the queue; returns their number."""
    count = 0
    for at in range(tail):
        x = state.queue[at]
        if state.label[1, flood_of(state, state.stamp[x] - base)] == 0:
            state.queue[count] = x
            count += 1
    return count


@njit(**_INLINE)
def propose(field: Field, state: State, seed: NDArray[np.uint64]) -> tuple[int, int]:
    """A unit that may move and another target for it: a neighbour's, or any where zones need not hang together.

    Returns (−1, −1) if the draw hit none.
    """
    if not field.contiguous:
        u, b = below(seed, field.demand.shape[0]), below(seed, field.seats.shape[0])
        return (u, b) if field.fixed[u] < 0 and b != state.choice[u] else (-1, -1)
    if state.counter[1] == 0:
        return -1, -1
    at = state.across[below(seed, state.counter[1])]
    return field.end[at], state.choice[field.neighbour[at]]


@njit(**_INLINE)
def accepts(change: float, temperature: float, seed: NDArray[np.uint64]) -> bool:
    """Metropolis' rule."""
    return change <= 0.0 or (temperature > 0.0 and uniform(seed) < math.exp(-change / temperature))


@njit(**_INLINE)
def flip_hanging(field: Field, state: State, u: int, b: int, count: int, row: FloatArray) -> float:
    """Give u and the `count` units in the queue to b; returns how the energy changes."""
    change = flip_change(field, state, u, b, row[1], row[2])
    flip(field, state, u, b)
    for at in range(count):
        change += flip_change(field, state, state.queue[at], b, row[1], row[2])
        flip(field, state, state.queue[at], b)
    return float(change)


@njit(**_INLINE)
def try_flip(field: Field, state: State, u: int, b: int, row: FloatArray, seed: NDArray[np.uint64]) -> bool:
    """Give u to b with what hangs on it, if the rule of the row's temperature accepts that."""
    if not accepts(flip_change(field, state, u, b, row[1], row[2]), row[0], seed):
        return False
    count = leave(field, state, u, HANGING) if field.contiguous else 0
    if count < 0:
        return False
    if count == 0:
        flip(field, state, u, b)
        return True
    a = state.choice[u]
    if accepts(flip_hanging(field, state, u, b, count, row), row[0], seed):
        return True
    for at in range(count):
        flip(field, state, state.queue[at], a)
    flip(field, state, u, a)
    return False


@njit(**_FREE)
def anneal(
    field: Field,
    state: State,
    schedule: FloatArray,
    seed: NDArray[np.uint64],
) -> int:
    """Run one pass of U proposals for each row of `schedule`; returns accepted flips.

    A row: temperature, priced, penalty, step of prices, margins inside the upper and the lower limits.
    """
    accepted = 0
    for at in range(schedule.shape[0]):
        row = schedule[at]
        state.margin[0], state.margin[1] = row[4], row[5]
        follow_loads(field, state, row[3])
        for _ in range(field.demand.shape[0]):
            u, b = propose(field, state, seed)
            if u >= 0 and try_flip(field, state, u, b, row, seed):
                accepted += 1
    return accepted


@njit(**_INLINE)
def breaks_seats(field: Field, state: State, s: int) -> bool:
    """Has target s more or fewer children than its limits."""
    return bool(state.load[s] > field.most[s] + 1e-9 or state.load[s] < field.least[s] - 1e-9)


@njit(**_INLINE)
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


@njit(**_FREE)
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


@njit(**_INLINE)
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
