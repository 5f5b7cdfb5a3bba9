"""Doubts in the order in which they matter: by what they are about, and by how many of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from geodata.notes import Notes
from ledger.errors import Phrase

SUBJECTS = ("city", "layers", "schools", "people", "units", "rows", "other")
"""What a doubt may be about, gravest first: the first of these that its values count; without a value, the city."""
LISTED = 8
"""Items of a list that stand in a sentence of the page."""
ALIASES = {
    "metres": "layers",
    "children": "people",
    "school": "schools",
    "records": "rows",
    "buildings": "rows",
    "count": "rows",
    "items": "rows",
    "addresses": "rows",
}
"""Other names of values that count something of a subject."""


@dataclass(frozen=True)
class Doubt:
    """A sentence (a gettext id) with its values, what it is about, and how many of them."""

    message: str
    values: Mapping[str, object]
    subject: str
    weight: float


def ordered(notes: Notes) -> list[Doubt]:
    """Every doubt: subject by subject, in each the weightiest first; else in the order of the import."""
    found = [_weighed(message, values) for message, values in notes.doubts]
    return sorted(found, key=lambda doubt: (SUBJECTS.index(doubt.subject), -doubt.weight))


def shortened(value: object) -> object:
    """A list in one text cut after its first `LISTED` items."""
    if not isinstance(value, str):
        return value
    mark = next((mark for mark in "|;" if mark in value), ",")
    items = value.split(mark)
    return mark.join(items[:LISTED]) + mark + " …" if len(items) > LISTED + 2 else value


def _weighed(message: str, values: Mapping[str, object]) -> Doubt:
    if all(isinstance(value, Phrase) for value in values.values()):
        return Doubt(message, values, "city", 0.0)
    about = {ALIASES.get(name, name): value for name, value in sorted(values.items(), reverse=True)}
    subject = next((name for name in SUBJECTS if _number(about.get(name))), "other")
    return Doubt(message, values, subject, _number(about.get(subject)))


def _number(value: object) -> float:
    """A count as it is; a list in one text by its items."""
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, str) and value:
        return float(1 + max(value.count(mark) for mark in ",;|"))
    return float(len(value)) if isinstance(value, Sequence) else 0.0
