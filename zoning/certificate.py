"""The certificate of a plan: prices from which anyone recomputes the lower bound, as certificate.csv."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ledger.errors import Phrase
from zoning.errors import ZoningInputError
from zoning.graph import FloatArray
from zoning.problem import Problem
from zoning.rows import OPEN_SCHOOL, Rows, look_up, refuse_duplicates

COLUMNS = ["kind", "school", "group", "year", "value"]


@dataclass(frozen=True, eq=False)
class Certificate:
    """Prices in the objective's units: school λ (S) and group μ (G×S) per child, change κ for the whole budget."""

    school: FloatArray
    group: FloatArray
    change: float

    @classmethod
    def zero(cls, problem: Problem) -> Certificate:
        """All prices 0: every unit at its best school."""
        return cls(np.zeros(len(problem.targets)), np.zeros((len(problem.groups), len(problem.targets))), 0.0)

    @classmethod
    def read(cls, path: Path, problem: Problem) -> Certificate:
        """Read certificate.csv; it must price each open school once.

        Raises:
            ZoningInputError: a missing, double or unknown price, or not a number.
        """
        rows = Rows.read(path, COLUMNS)
        values = rows.numbers("value")
        keys = list(zip(rows.ids("kind"), rows.columns["school"], rows.columns["group"], strict=True))
        refuse_duplicates(keys, rows.name)
        found = cls.zero(problem)
        school, group, change = found.school, found.group, 0.0
        groups = {name: at for at, name in enumerate(problem.groups)}
        for row, ((kind, target, name), value) in enumerate(zip(keys, values, strict=True), start=2):
            if kind == "change":
                change = float(value)
            elif kind == "school":
                school[look_up(problem.target_index, target, rows.name, row, OPEN_SCHOOL)] = value
            elif kind == "group":
                at = look_up(groups, name, rows.name, row, Phrase("group"))
                group[at, look_up(problem.target_index, target, rows.name, row, OPEN_SCHOOL)] = value
            else:
                raise ZoningInputError(
                    "%(file)s, row %(row)s: there is no %(what)s “%(id)s”.",
                    file=rows.name,
                    row=row,
                    what=Phrase("kind of price"),
                    id=kind,
                )
        priced = {target for kind, target, _ in keys if kind == "school"}
        for name in problem.targets:
            if name not in priced:
                raise ZoningInputError("certificate.csv has no price for the school “%(school)s”.", school=name)
        return cls(school, group, change)

    def to_csv(self, problem: Problem) -> bytes:
        """The bytes of certificate.csv: schools by name, numbers in the shortest form that reads back the same."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        by_name = sorted(range(len(problem.targets)), key=problem.targets.__getitem__)
        writer.writerows(["school", problem.targets[at], "", "", repr(float(self.school[at]))] for at in by_name)
        for g, name in enumerate(problem.groups):
            writer.writerows(["group", problem.targets[at], name, "", repr(float(self.group[g, at]))] for at in by_name)
        writer.writerow(["change", "", "", "", repr(float(self.change))])
        return text.getvalue().encode()
