"""Recompute a plan from its two folders alone and say what does not hold. Needs numpy, no solver."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.errors import Phrase
from zoning.errors import ZoningError, ZoningInputError
from zoning.measure import Violation
from zoning.plan import Plan, read_report
from zoning.problem import Problem

_TOLERANCE = 1e-9  # relative and absolute: another platform may round the last bits differently
_NOT_COMPARED = {"run", "conflict"}


@dataclass(frozen=True)
class Verdict:
    """What a check found: files that cannot be taken, figures that were claimed wrongly, limits that do not hold."""

    findings: tuple[Phrase, ...]
    violations: tuple[Violation, ...]
    report: dict[str, Any]

    @property
    def ok(self) -> bool:
        """Is the plan what it says, and does every limit hold."""
        return not self.findings and not self.violations


def check(problem: Problem, folder: Path) -> Verdict:
    """Check a plan folder against its problem.

    Compared with report.json, recomputed from the tables and certificate.csv: fingerprints of problem, plan and
    certificate, objective, lower bound, gap, feasibility, every term, every school's figures, violations, forced
    parts. A changed price is found because its lower bound is no longer the reported one.

    Raises:
        ZoningInputError: no such folder, or it lacks one of the three files.
    """
    claimed = read_report(folder)
    for name in ("plan.csv", "certificate.csv"):
        if not (folder / name).is_file():
            raise ZoningInputError("%(file)s is missing in %(folder)s.", file=name, folder=str(folder))
    try:
        plan = Plan.read(problem, folder)
        recomputed = plan.report()
    except ZoningError as error:
        return Verdict((Phrase(error.message, **error.values),), (), {})
    keys = sorted((set(recomputed) | set(claimed)) - _NOT_COMPARED)
    findings = [finding for key in keys for finding in _compare(key, claimed.get(key), recomputed.get(key))]
    return Verdict(tuple(findings), plan.figures.violations, recomputed)


def _compare(path: str, claimed: Any, found: Any) -> list[Phrase]:
    """Differences between two JSON values, each with its path."""
    if isinstance(found, tuple):
        found = list(found)
    if isinstance(claimed, dict) and isinstance(found, dict):
        keys = sorted(set(claimed) | set(found))
        return [item for key in keys for item in _compare(f"{path}.{key}", claimed.get(key), found.get(key))]
    if isinstance(claimed, list) and isinstance(found, list) and len(claimed) == len(found):
        pairs = zip(claimed, found, strict=True)
        return [item for at, (a, b) in enumerate(pairs) for item in _compare(f"{path}[{at}]", a, b)]
    if _same(claimed, found):
        return []
    return [
        Phrase(
            "report.json says %(path)s = %(claimed)s, but the tables give %(found)s.",
            path=path,
            claimed=_short(claimed),
            found=_short(found),
        )
    ]


def _same(claimed: Any, found: Any) -> bool:
    numbers = (int, float)
    if isinstance(claimed, bool) or isinstance(found, bool):
        return claimed is found
    if isinstance(claimed, numbers) and isinstance(found, numbers) and abs(claimed) < 1e300:
        return math.isclose(claimed, found, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)
    return bool(claimed == found)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 80 else text[:77] + "…"
