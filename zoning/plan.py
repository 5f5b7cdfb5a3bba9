"""A plan: every unit's school, the certificate, the problem it answers and the plan it comes from. Never edited."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ledger.files import whole_folder, write_whole
from zoning.bound import lower_bound
from zoning.certificate import Certificate
from zoning.errors import ZoningInputError
from zoning.graph import IntArray
from zoning.measure import Figures, Measure
from zoning.moves import Tally
from zoning.problem import Problem
from zoning.rows import OPEN_SCHOOL, UNIT, Rows, look_up, refuse_duplicates

_FINGERPRINT = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, eq=False)
class Plan:
    """An assignment of every unit of `problem`, with its certificate; `parent` is the fingerprint of its origin.

    `assignment` maps unit to target name; `run` tells how it was made and is no part of the fingerprint.
    """

    problem: Problem
    assignment: Mapping[str, str]
    certificate: Certificate
    parent: str | None = None
    run: Mapping[str, Any] = field(default_factory=dict)
    conflict: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def of(cls, problem: Problem, choice: IntArray, certificate: Certificate, **more: Any) -> Plan:
        """A plan from target numbers (U)."""
        names = {unit: problem.targets[at] for unit, at in zip(problem.units, choice.tolist(), strict=True)}
        return cls(problem, names, certificate, **more)

    @classmethod
    def read(cls, problem: Problem, folder: Path | str) -> Plan:
        """Read a plan folder; report.json gives the parent and the run. `check` compares its figures, this does not.

        Raises:
            ZoningInputError: a file is missing or malformed, a unit missing, double or unknown, a school unknown.
        """
        folder = Path(folder)
        if not folder.is_dir():
            raise ZoningInputError("There is no plan folder %(folder)s.", folder=str(folder))
        assignment = read_assignment(folder / "plan.csv", problem)
        certificate = Certificate.read(folder / "certificate.csv", problem)
        report = read_report(folder)
        return cls(
            problem,
            assignment,
            certificate,
            report.get("parent"),
            report.get("run", {}),
            tuple(report.get("conflict", [])),
        )

    @cached_property
    def choice(self) -> IntArray:
        """Target number of each unit (U)."""
        index = self.problem.target_index
        return np.array([index[self.assignment[unit]] for unit in self.problem.units], dtype=np.int64)

    @cached_property
    def figures(self) -> Figures:
        """Terms, schools, violations and parts, recomputed."""
        return Measure(self.problem).figures(self.choice)

    @cached_property
    def tally(self) -> Tally:
        """The sums behind the figures, from which those of an edited plan follow quickly."""
        return Tally.of(Measure(self.problem), self.choice)

    @cached_property
    def lower_bound(self) -> float:
        """The bound that the certificate proves."""
        return lower_bound(self.problem, self.certificate)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the problem's fingerprint, the parent and the bytes of plan.csv (hex)."""
        head = f"evenhand/plan/v1\n{self.problem.fingerprint}\n{self.parent or '-'}\n"
        return hashlib.sha256(head.encode() + self.to_csv()).hexdigest()

    def with_run(self, run: Mapping[str, Any]) -> Plan:
        """The same plan with other notes on how it was made."""
        return replace(self, run=run)

    def move(self, units: Iterable[str], school: str) -> Plan:
        """The plan in which `units` go to `school`; its figures cost only the touched zones. See `edit`."""
        return self.edit(dict.fromkeys(units, school))

    def edit(self, moves: Mapping[str, str]) -> Plan:
        """The plan with each unit of `moves` at its new school; names this one as parent and keeps its certificate.

        Raises:
            ZoningInputError: an unknown unit or a school that is not open.
        """
        for unit, school in moves.items():
            if school not in self.problem.target_index:
                raise ZoningInputError("There is no open school “%(school)s” in this problem.", school=school)
            if unit not in self.problem.unit_index:
                raise ZoningInputError("There is no unit “%(unit)s” in this problem.", unit=unit)
        changed = {**self.assignment, **moves}
        units = sorted({*edited_units(self.run), *moves})
        run = {"made_by": "hand edit", "edited": units}
        edited = replace(self, assignment=changed, parent=self.fingerprint, run=run, conflict=())
        problem = self.problem
        tally = self.tally.moved({problem.unit_index[u]: problem.target_index[s] for u, s in moves.items()})
        # Known already: the figures cost only the touched zones, and the bound holds for every plan of the problem.
        vars(edited).update(tally=tally, choice=tally.choice, figures=tally.figures, lower_bound=self.lower_bound)
        return edited

    def to_csv(self) -> bytes:
        """The bytes of plan.csv, units by id."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["unit", "school"])
        writer.writerows((unit, self.assignment[unit]) for unit in self.problem.units)
        return text.getvalue().encode()

    def report(self) -> dict[str, Any]:
        """The content of report.json; `run` alone may differ between two runs of one problem, seed and effort."""
        figures = self.figures
        return {
            "problem": self.problem.fingerprint,
            "plan": self.fingerprint,
            "parent": self.parent,
            "certificate": hashlib.sha256(self.certificate.to_csv(self.problem)).hexdigest(),
            "objective": figures.objective,
            "lower_bound": self.lower_bound,
            "gap": gap_of(figures.objective, self.lower_bound),
            "feasible": figures.feasible,
            "terms": figures.terms,
            "mean_walk": figures.mean_walk,
            "distance_unit": self.problem.policy.distance_unit,
            "bound_leaves_out": ["compactness"] if self.problem.policy.weights["compactness"] > 0 else [],
            "schools": [asdict(school) for school in figures.schools],
            "violations": [asdict(violation) for violation in figures.violations],
            "violation": figures.violation,
            "conflict": [dict(limit) for limit in self.conflict],
            "forced_parts": list(figures.forced_parts),
            "run": dict(self.run),
        }

    def write(self, folder: Path | str) -> None:
        """Write the plan folder, whole or not at all.

        Raises:
            ZoningInputError: the folder is there already.
        """
        refuse_existing(folder)
        with whole_folder(Path(folder)) as place:
            write_whole(place / "plan.csv", self.to_csv())
            write_whole(place / "certificate.csv", self.certificate.to_csv(self.problem))
            write_whole(place / "report.json", encode_report(self.report()))


def edited_units(run: Mapping[str, Any]) -> list[str]:
    """Units that hand edits moved, as an edited plan's run names them."""
    named = run.get("edited", [])
    return [unit for unit in named if isinstance(unit, str)] if isinstance(named, list) else []


def refuse_existing(folder: Path | str) -> None:
    """Refuse to write a plan where something is already.

    Raises:
        ZoningInputError: the folder is there.
    """
    if Path(folder).exists():
        raise ZoningInputError(
            "%(folder)s is there already: a plan is never overwritten, name another folder.", folder=str(folder)
        )


def gap_of(objective: float, bound: float) -> float | None:
    """How far the objective lies above the bound, as a share of it; None if the bound is not above 0."""
    return objective / bound - 1.0 if bound > 0 else None


def encode_report(report: Mapping[str, Any]) -> bytes:
    """JSON, indented, keys in their order, numbers in the shortest form that reads back the same."""
    return (json.dumps(report, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def read_assignment(path: Path, problem: Problem) -> dict[str, str]:
    """unit -> target from plan.csv: each unit of the problem once, each school open."""
    rows = Rows.read(path, ["unit", "school"])
    units = rows.ids("unit")
    refuse_duplicates(units, rows.name)
    for row, (unit, school) in enumerate(zip(units, rows.ids("school"), strict=True), start=2):
        look_up(problem.unit_index, unit, rows.name, row, UNIT)
        look_up(problem.target_index, school, rows.name, row, OPEN_SCHOOL)
    missing = sorted(set(problem.units) - set(units))
    if missing:
        raise ZoningInputError("plan.csv leaves out the unit “%(unit)s”.", unit=missing[0])
    return dict(zip(units, rows.columns["school"], strict=True))


def read_report(folder: Path) -> dict[str, Any]:
    """report.json of a plan folder."""
    try:
        report = json.loads((folder / "report.json").read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ZoningInputError("%(file)s is missing in %(folder)s.", file="report.json", folder=str(folder)) from None
    except (ValueError, RecursionError):
        raise ZoningInputError("report.json is not JSON in UTF-8.") from None
    if not isinstance(report, dict) or not _is_origin(report):
        raise ZoningInputError("report.json must be an object with parent, run and conflict as `solve` writes them.")
    return report


def _is_origin(report: Mapping[str, Any]) -> bool:
    """May parent, run and conflict be taken from this report; its other fields are only compared."""
    parent, run, conflict = report.get("parent"), report.get("run", {}), report.get("conflict", [])
    known = parent is None or (isinstance(parent, str) and _FINGERPRINT.fullmatch(parent) is not None)
    listed = isinstance(conflict, list) and all(isinstance(limit, dict) for limit in conflict)
    return known and listed and isinstance(run, dict)
