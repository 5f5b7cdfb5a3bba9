"""A zoning problem: units, schools, adjacency, walks, today's map, locks and policy, read from its folder.

The folder's tables are defined in docs/spec/zoning.md. Inside, units are numbered in the order of their ids and
targets (a school, or the schools that share one zone) in a fixed order of their own; closed schools are left out.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ledger.errors import Phrase
from zoning.errors import ZoningInputError
from zoning.graph import FloatArray, Graph, IntArray, components
from zoning.policy import Policy
from zoning.rows import SCHOOL, UNIT, Rows, look_up, refuse_duplicates
from zoning.walks import read_walks, walks_on_graph

BoolArray = NDArray[np.bool_]
NOWHERE = -1
LEAST = 1e-6  # children or seats; fewer are a mistake, and their reciprocal is beyond reckoning


@dataclass(frozen=True, eq=False)
class Problem:
    """One problem, checked. U units, S open targets, E adjacent pairs, G groups.

    demand (U) children; group (G×U) children; area (U) m², perimeter (U) m; edges (E×2) unit numbers, border (E) m,
    barrier (E); capacity (S) seats; owner (U): the target whose own unit it is, or -1; walks (U×S) metres to the
    nearest member, None where nobody gave or needs them; current (U×S): today's open targets of the unit, None
    without current.csv; listed (U): has the unit a school today, open or closed; locked (U): the
    target it must go to, or -1; closed: names that may not be assigned.
    """

    units: tuple[str, ...]
    demand: FloatArray
    groups: tuple[str, ...]
    group: FloatArray
    area: FloatArray | None
    perimeter: FloatArray | None
    targets: tuple[str, ...]
    closed: tuple[str, ...]
    capacity: FloatArray
    owner: IntArray
    edges: IntArray
    border: FloatArray | None
    barrier: BoolArray
    walks: FloatArray | None
    current: BoolArray | None
    listed: BoolArray
    locked: IntArray
    policy: Policy

    @classmethod
    def read(cls, folder: Path | str) -> Problem:
        """Read and check a problem folder.

        Raises:
            ZoningInputError: one sentence with the file, the row and the field that is wrong.
        """
        return _read(Path(folder))

    @cached_property
    def total(self) -> float:
        """P, all children."""
        return float(np.sum(self.demand))

    @cached_property
    def per_child(self) -> float:
        """1 / P, and 0 where there are no children: then every share is 0."""
        return 1.0 / self.total if self.total > 0 else 0.0

    @cached_property
    def unit_index(self) -> dict[str, int]:
        """Number of each unit."""
        return {unit: at for at, unit in enumerate(self.units)}

    @cached_property
    def target_index(self) -> dict[str, int]:
        """Number of each open target."""
        return {target: at for at, target in enumerate(self.targets)}

    @cached_property
    def joins(self) -> BoolArray:
        """Rows of `edges` over which a zone may hang together (E)."""
        return ~self.barrier | self.policy.cross_barrier

    @cached_property
    def graph(self) -> Graph:
        """The graph on which contiguity is judged."""
        return Graph.of(len(self.units), self.edges, self.joins)

    @cached_property
    def component(self) -> IntArray:
        """The component of each unit in that graph."""
        return components(len(self.units), self.edges[self.joins])

    @cached_property
    def moved(self) -> BoolArray:
        """U×S: does going to this target change the school of the unit's children."""
        if self.current is None:
            return np.zeros((len(self.units), len(self.targets)), dtype=bool)
        return self.listed[:, None] & ~self.current

    @cached_property
    def allowed(self) -> BoolArray:
        """U×S: A(u), the targets open to each unit by own units, locks and the walk limit.

        A unit that no school within the walk limit could take keeps every target: its walk is then a violation.
        """
        fixed = self.fixed
        mask = np.ones((len(self.units), len(self.targets)), dtype=bool)
        bound = fixed != NOWHERE
        mask[bound] = False
        mask[bound, fixed[bound]] = True
        if self.policy.walk_metres is not None and self.walks is not None:
            near = mask & (self.walks <= self.policy.walk_metres)
            reached = near.any(axis=1)
            mask[reached] = near[reached]
        return mask

    @cached_property
    def fixed(self) -> IntArray:
        """The target of each unit that is an own unit or locked, else -1 (U)."""
        return np.where(self.owner != NOWHERE, self.owner, self.locked)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the content of the tables, whatever their row order and number format (hex)."""
        return _fingerprint(self)


def _read(folder: Path) -> Problem:
    if not folder.is_dir():
        raise ZoningInputError("There is no problem folder %(folder)s.", folder=str(folder))
    policy = Policy.read(folder / "policy.toml")
    rows = Rows.read(folder / "units.csv", ["unit", "demand"])
    order, units = _sorted_ids(rows)
    unit_index = {unit: at for at, unit in enumerate(units)}
    groups = tuple(sorted(column for column in rows.columns if column.startswith("group_")))
    demand = rows.numbers("demand", 0.0)[order]
    if 0 < demand.sum() < LEAST:
        raise ZoningInputError("units.csv: all demand together is under a millionth of a child: correct it.")
    group = _groups(rows, groups, demand, order)
    schools = _Schools.read(folder, unit_index)
    edges, border, barrier = _adjacency(folder, unit_index)
    current, listed = _current(folder, unit_index, schools)
    problem = Problem(
        units=units,
        demand=demand,
        groups=tuple(group.removeprefix("group_") for group in groups),
        group=group,
        area=_optional(rows, "area", order),
        perimeter=_optional(rows, "perimeter", order),
        targets=schools.targets,
        closed=schools.closed,
        capacity=schools.capacity,
        owner=schools.owners(len(units)),
        edges=edges,
        border=border,
        barrier=barrier,
        walks=_walks(folder, policy, rows, order, edges, schools, unit_index),
        current=current,
        listed=listed,
        locked=_locks(folder, unit_index, schools),
        policy=policy,
    )
    _refuse_missing_columns(problem)
    _refuse_lock_on_own_unit(problem)
    return problem


def _sorted_ids(rows: Rows) -> tuple[IntArray, tuple[str, ...]]:
    ids = rows.ids("unit")
    if not ids:
        raise ZoningInputError("units.csv has no row: a problem needs at least one unit.")
    refuse_duplicates(ids, rows.name)
    order = np.array(sorted(range(len(ids)), key=ids.__getitem__), dtype=np.int64)
    return order, tuple(ids[at] for at in order)


def _optional(rows: Rows, column: str, order: IntArray) -> FloatArray | None:
    return rows.numbers(column, 0.0)[order] if column in rows else None


def _groups(rows: Rows, columns: tuple[str, ...], demand: FloatArray, order: IntArray) -> FloatArray:
    counts = np.empty((len(columns), len(demand)))
    for at, column in enumerate(columns):
        counts[at] = rows.numbers(column, 0.0)[order]
        above = np.flatnonzero(counts[at] > demand + 1e-9)
        if len(above):
            raise ZoningInputError(
                "units.csv, row %(row)s: “%(column)s” is above the unit's demand; it must be a count of its children.",
                row=int(order[above[0]]) + 2,
                column=column,
            )
    return counts


@dataclass(frozen=True)
class _Schools:
    """schools.csv: every school (open or closed) and the targets that the open ones make."""

    names: tuple[str, ...]
    unit: IntArray  # NOWHERE without one
    seats: FloatArray
    target: IntArray  # place in targets; NOWHERE for a closed school
    targets: tuple[str, ...]
    closed: tuple[str, ...]
    capacity: FloatArray
    known: dict[str, tuple[int, ...]]  # school id or zone name -> places of schools

    @classmethod
    def read(cls, folder: Path, unit_index: dict[str, int]) -> _Schools:
        rows = Rows.read(folder / "schools.csv", ["school", "unit", "capacity"])
        ids = rows.ids("school")
        refuse_duplicates(ids, rows.name)
        seats = rows.numbers("capacity", 0.0)
        if ((seats > 0) & (seats < LEAST)).any():
            raise ZoningInputError("schools.csv: a capacity is above 0, but under a millionth of a seat: correct it.")
        unit = np.array(
            [
                look_up(unit_index, text, rows.name, row, UNIT) if text else NOWHERE
                for row, text in enumerate(rows.ids("unit", optional=True), start=2)
            ],
            dtype=np.int64,
        )
        zone = rows.ids("zone", optional=True) if "zone" in rows else [""] * len(ids)
        label = [name or school for name, school in zip(zone, ids, strict=True)]
        known = _known_names(ids, label)
        seats_of = {name: sum(seats[at] for at in range(len(ids)) if label[at] == name) for name in sorted(set(label))}
        first_unit = {name: min((int(unit[at]) for at in known[name] if seats[at] > 0), default=0) for name in seats_of}
        # The order of targets breaks ties: by place and size before the name, so that new names change nothing.
        targets = sorted(
            (name for name in seats_of if seats_of[name] > 0), key=lambda name: (first_unit[name], seats_of[name], name)
        )
        if not targets:
            raise ZoningInputError("schools.csv has no open school: at least one needs a capacity above 0.")
        place = {name: at for at, name in enumerate(targets)}
        target = np.array(
            [place[name] if seat > 0 else NOWHERE for name, seat in zip(label, seats, strict=True)], dtype=np.int64
        )
        return cls(
            names=tuple(ids),
            unit=unit,
            seats=seats,
            target=target,
            targets=tuple(targets),
            closed=tuple(name for name in seats_of if seats_of[name] == 0),
            capacity=np.array([seats_of[name] for name in targets]),
            known=known,
        )

    def open_targets(self, name: str) -> list[int]:
        """The open targets behind a school id or zone name: none if it is closed."""
        return sorted({int(self.target[at]) for at in self.known[name]} - {NOWHERE})

    def owners(self, units: int) -> IntArray:
        """The target whose own unit each unit is."""
        owner = np.full(units, NOWHERE, dtype=np.int64)
        for at in np.flatnonzero((self.target != NOWHERE) & (self.unit != NOWHERE)):
            unit, target = self.unit[at], self.target[at]
            if owner[unit] not in (NOWHERE, target):
                raise ZoningInputError(
                    "schools.csv: the schools “%(first)s” and “%(second)s” stand in one unit: "
                    "give both the same zone, or divide the unit.",
                    first=self.targets[owner[unit]],
                    second=self.targets[target],
                )
            owner[unit] = target
        return owner


def _known_names(ids: list[str], label: list[str]) -> dict[str, tuple[int, ...]]:
    known = {name: tuple(at for at, other in enumerate(label) if other == name) for name in sorted(set(label))}
    for at, school in enumerate(ids):
        if school in known and known[school] != (at,) and label[at] != school:
            raise ZoningInputError(
                "schools.csv: “%(name)s” is the name of a zone and of a school outside it: rename one.", name=school
            )
        known.setdefault(school, (at,))
    return known


def _adjacency(folder: Path, unit_index: dict[str, int]) -> tuple[IntArray, FloatArray | None, BoolArray]:
    rows = Rows.read(folder / "adjacency.csv", ["unit", "neighbour"])
    ends = np.stack([rows.places("unit", unit_index, UNIT), rows.places("neighbour", unit_index, UNIT)], axis=1)
    if len(ends) and (ends[:, 0] == ends[:, 1]).any():
        row = int(np.flatnonzero(ends[:, 0] == ends[:, 1])[0]) + 2
        raise ZoningInputError("adjacency.csv, row %(row)s: a unit is not its own neighbour.", row=row)
    ends = np.sort(ends, axis=1)
    refuse_duplicates([(rows.columns["unit"][at], rows.columns["neighbour"][at]) for at in _repeats(ends)], rows.name)
    order = np.lexsort((ends[:, 1], ends[:, 0]))
    barrier = rows.numbers("barrier") if "barrier" in rows else np.zeros(len(rows))
    if not np.isin(barrier, (0.0, 1.0)).all():
        row = int(np.flatnonzero(~np.isin(barrier, (0.0, 1.0)))[0]) + 2
        raise ZoningInputError("adjacency.csv, row %(row)s: “barrier” must be 0 or 1.", row=row)
    return ends[order], _optional(rows, "border", order), (barrier == 1.0)[order]


def _repeats(ends: IntArray) -> list[int]:
    """Rows in their order, a repeated pair given by the row that came first (so that it counts as a duplicate)."""
    first: dict[tuple[int, int], int] = {}
    return [first.setdefault((int(a), int(b)), at) for at, (a, b) in enumerate(ends)]


def _current(folder: Path, unit_index: dict[str, int], schools: _Schools) -> tuple[BoolArray | None, BoolArray]:
    listed = np.zeros(len(unit_index), dtype=bool)
    if not (folder / "current.csv").exists():
        return None, listed
    current = np.zeros((len(unit_index), len(schools.targets)), dtype=bool)
    for unit, targets in _pairs(folder, "current.csv", unit_index, schools):
        listed[unit] = True
        current[unit, targets] = True
    return current, listed


def _locks(folder: Path, unit_index: dict[str, int], schools: _Schools) -> IntArray:
    locked = np.full(len(unit_index), NOWHERE, dtype=np.int64)
    if not (folder / "locks.csv").exists():
        return locked
    for row, (unit, targets) in enumerate(_pairs(folder, "locks.csv", unit_index, schools), start=2):
        if len(targets) != 1:
            raise ZoningInputError("locks.csv, row %(row)s: the unit is locked to a closed school.", row=row)
        if locked[unit] not in (NOWHERE, targets[0]):
            raise ZoningInputError("locks.csv, row %(row)s: the unit is locked to two schools.", row=row)
        locked[unit] = targets[0]
    return locked


def _pairs(folder: Path, file: str, unit_index: dict[str, int], schools: _Schools) -> list[tuple[int, list[int]]]:
    rows = Rows.read(folder / file, ["unit", "school"])
    units = rows.places("unit", unit_index, UNIT)
    known = {name: at for at, name in enumerate(schools.known)}
    rows.places("school", known, SCHOOL)
    return [(int(unit), schools.open_targets(name)) for unit, name in zip(units, rows.columns["school"], strict=True)]


def _walks(
    folder: Path,
    policy: Policy,
    rows: Rows,
    order: IntArray,
    edges: IntArray,
    schools: _Schools,
    unit_index: dict[str, int],
) -> FloatArray | None:
    if (folder / "walks.csv").exists():
        per_school = read_walks(folder / "walks.csv", unit_index, schools.known, schools.seats > 0)
        return _nearest_member(per_school, schools)
    if policy.weights["distance"] == 0 and policy.walk_metres is None:
        return None
    return _nearest_member(_graph_walks(rows, order, edges, schools), schools)


def _graph_walks(rows: Rows, order: IntArray, edges: IntArray, schools: _Schools) -> FloatArray:
    if "x" not in rows or "y" not in rows:
        raise ZoningInputError(
            "The policy weighs or limits distance: add walks.csv, or the columns x and y (metres) to units.csv."
        )
    homeless = [at for at in np.flatnonzero(schools.target != NOWHERE) if schools.unit[at] == NOWHERE]
    if homeless:
        raise ZoningInputError(
            "schools.csv: the school “%(school)s” stands in no unit: then walks.csv is needed.",
            school=schools.names[homeless[0]],
        )
    xy = np.stack([rows.numbers("x")[order], rows.numbers("y")[order]], axis=1)
    return walks_on_graph(xy, edges, schools.unit)


def _nearest_member(per_school: FloatArray, schools: _Schools) -> FloatArray:
    """U×S walks to the nearest open member of each target, from U×schools walks."""
    walks = np.full((len(per_school), len(schools.targets)), np.inf)
    for at in np.flatnonzero(schools.target != NOWHERE):
        target = schools.target[at]
        walks[:, target] = np.minimum(walks[:, target], per_school[:, at])
    return walks


def _refuse_missing_columns(problem: Problem) -> None:
    weights = problem.policy.weights
    shape = problem.area is not None and problem.perimeter is not None and problem.border is not None
    needs = (
        ("composition", bool(problem.groups), Phrase("units.csv with group_… columns")),
        ("compactness", shape, Phrase("units.csv with area and perimeter and adjacency.csv with border")),
        ("change", problem.current is not None, Phrase("current.csv")),
    )
    for term, there, what in needs:
        if weights[term] > 0 and not there:
            raise ZoningInputError(
                "policy.toml: [weights] %(term)s needs %(what)s: add it, or set the weight to 0.", term=term, what=what
            )
    if problem.policy.change_share is not None and problem.current is None:
        raise ZoningInputError("policy.toml: [limits] change_share needs current.csv: add it, or remove the limit.")


def _refuse_lock_on_own_unit(problem: Problem) -> None:
    both = (problem.locked != NOWHERE) & (problem.owner != NOWHERE) & (problem.locked != problem.owner)
    if both.any():
        at = int(np.flatnonzero(both)[0])
        raise ZoningInputError(
            "locks.csv: the unit “%(unit)s” is the own unit of “%(owner)s” and cannot be locked to “%(school)s”.",
            unit=problem.units[at],
            owner=problem.targets[problem.owner[at]],
            school=problem.targets[problem.locked[at]],
        )


def _fingerprint(problem: Problem) -> str:
    """Names as JSON, numbers as little-endian doubles, targets in the order of their names."""
    by_name = np.array(sorted(range(len(problem.targets)), key=problem.targets.__getitem__), dtype=np.int64)
    new_place = np.append(np.argsort(by_name), NOWHERE)
    names = [problem.units, [problem.targets[at] for at in by_name], problem.closed, problem.groups]
    digest = hashlib.sha256(b"evenhand/problem/v1\n")
    digest.update(json.dumps([names, problem.policy.canonical()], ensure_ascii=True).encode())
    arrays: list[NDArray[np.generic] | None] = [
        problem.demand,
        problem.group,
        problem.area,
        problem.perimeter,
        problem.capacity[by_name],
        new_place[problem.owner],
        problem.edges,
        problem.border,
        problem.barrier,
        None if problem.walks is None else problem.walks[:, by_name],
        None if problem.current is None else problem.current[:, by_name],
        problem.listed,
        new_place[problem.locked],
    ]
    for array in arrays:
        digest.update(b"-" if array is None else b"+%d:" % array.size)
        if array is not None:
            digest.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
    return digest.hexdigest()
