"""The planner's policy: limits, weights, years; read from `policy.toml` and checked key by key."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zoning.errors import ZoningInputError
from zoning.rows import MOST

TERMS = ("distance", "balance", "composition", "compactness", "change")
_KEYS = {
    "limits": {"utilisation", "walk_metres", "change_share", "contiguous", "cross_barrier"},
    "weights": set(TERMS),
    "years": {"robust"},
    "distance": {"unit"},
}


@dataclass(frozen=True)
class Policy:
    """Limits and weights of one problem; `None` is a limit that does not bind.

    `utilisation` is (lowest, highest) demand ÷ capacity; `walk_metres` is in the unit of walks.csv; `change_share`
    is a share of all demand; `weights` has every term of `TERMS`; `distance_unit` only names the unit in reports.
    """

    utilisation: tuple[float, float] | None = None
    walk_metres: float | None = None
    change_share: float | None = None
    contiguous: bool = True
    cross_barrier: bool = False
    weights: dict[str, float] = field(default_factory=lambda: {term: float(term == "distance") for term in TERMS})
    distance_unit: str = "metres"

    @classmethod
    def read(cls, path: Path) -> Policy:
        """Read `policy.toml`; without the file every default holds.

        Raises:
            ZoningInputError: not TOML, an unknown key, a wrong type, a value out of its range.
        """
        if not path.exists():
            return cls()
        try:
            tree = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except UnicodeDecodeError:
            raise ZoningInputError("%(file)s is not UTF-8: save it in UTF-8.", file=path.name) from None
        except (ValueError, RecursionError) as error:
            raise ZoningInputError("policy.toml is not TOML: %(reason)s.", reason=str(error)) from None
        _refuse_unknown(tree)
        limits = tree.get("limits", {})
        if _years(tree.get("years", {})):
            raise ZoningInputError("policy.toml: [years] robust is not supported yet: plan for one year at a time.")
        return cls(
            utilisation=_utilisation(limits),
            walk_metres=_number(limits, "limits", "walk_metres"),
            change_share=_share(limits),
            contiguous=_flag(limits, "contiguous", True),
            cross_barrier=_flag(limits, "cross_barrier", False),
            weights=_weights(tree),
            distance_unit=_unit(tree.get("distance", {})),
        )

    def canonical(self) -> list[object]:
        """The policy as plain values in a fixed order, for fingerprints."""
        return [
            list(self.utilisation) if self.utilisation else None,
            self.walk_metres,
            self.change_share,
            self.contiguous,
            self.cross_barrier,
            [self.weights[term] for term in TERMS],
            self.distance_unit,
        ]


def _refuse_unknown(tree: dict[str, Any]) -> None:
    for table, content in sorted(tree.items()):
        if table not in _KEYS:
            raise ZoningInputError(
                "policy.toml: there is no table [%(table)s]; the tables are limits, weights, years, distance.",
                table=table,
            )
        if not isinstance(content, dict):
            raise ZoningInputError("policy.toml: %(table)s must be a table.", table=table)
        for key in sorted(content):
            if key not in _KEYS[table]:
                raise ZoningInputError(
                    "policy.toml: [%(table)s] has no key “%(key)s”; its keys are %(keys)s.",
                    table=table,
                    key=key,
                    keys=", ".join(sorted(_KEYS[table])),
                )


def _number(table: dict[str, Any], name: str, key: str) -> float | None:
    value = table.get(key)
    if value is None:
        return None
    if not _is_number(value) or value < 0:
        raise ZoningInputError("policy.toml: [%(table)s] %(key)s must be a number ≥ 0.", table=name, key=key)
    return float(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= MOST


def _flag(table: dict[str, Any], key: str, default: bool) -> bool:
    value = table.get(key, default)
    if not isinstance(value, bool):
        raise ZoningInputError("policy.toml: [limits] %(key)s must be true or false.", key=key)
    return value


def _share(limits: dict[str, Any]) -> float | None:
    share = _number(limits, "limits", "change_share")
    if share is not None and share > 1:
        raise ZoningInputError("policy.toml: [limits] change_share must lie between 0 and 1.")
    return share


def _utilisation(limits: dict[str, Any]) -> tuple[float, float] | None:
    value = limits.get("utilisation")
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 2 or not all(_is_number(end) and end >= 0 for end in value):
        raise ZoningInputError("policy.toml: [limits] utilisation must be two numbers ≥ 0, such as [0.8, 1.0].")
    low, high = float(value[0]), float(value[1])
    if low > high:
        raise ZoningInputError(
            "policy.toml: [limits] utilisation has its lower limit %(low)s above its upper limit %(high)s.",
            low=low,
            high=high,
        )
    return low, high


def _weights(tree: dict[str, Any]) -> dict[str, float]:
    if "weights" not in tree:
        return {term: float(term == "distance") for term in TERMS}
    return {term: _number(tree["weights"], "weights", term) or 0.0 for term in TERMS}


def _years(years: dict[str, Any]) -> list[int]:
    robust = years.get("robust", [])
    if not isinstance(robust, list) or not all(isinstance(year, int) and not isinstance(year, bool) for year in robust):
        raise ZoningInputError("policy.toml: [years] robust must be a list of years, such as [2027, 2029].")
    return robust


def _unit(distance: dict[str, Any]) -> str:
    unit = distance.get("unit", "metres")
    if not isinstance(unit, str) or not unit:
        raise ZoningInputError("policy.toml: [distance] unit must be a word, such as “metres” or “seconds”.")
    return unit
