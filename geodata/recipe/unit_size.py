"""How large a recipe wants the units that the import cuts."""

from __future__ import annotations

from dataclasses import dataclass

from geodata.recipe.table import Table


@dataclass(frozen=True)
class UnitSize:
    """Units below `target` are joined, and blocks far above it divided; counted are children or all people."""

    target: float
    of: str


def read_unit_size(given: Table) -> UnitSize | None:
    """The table [unit_size], None where the recipe has none."""
    if "unit_size" not in given.values:
        return None
    table = given.table("unit_size", {"target", "of"})
    target, of = table.take("target", (int, float)), table.take("of", str, "children")
    if not 0 < target <= 1_000_000:
        table.refuse("needs target above 0 and at most 1000000")
    if of not in ("children", "people"):
        table.refuse('needs of = "children" or of = "people"')
    if given.values.get("units"):
        table.refuse("cannot stand beside [[units]]: drawn units stay as they are drawn")
    return UnitSize(float(target), of)
