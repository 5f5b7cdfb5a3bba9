"""What an import did to its sources, kept while it works: nothing is dropped or doubted silently."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from geodata.recipe.source import Source

LISTED = 1000
"""Rows listed for each reason of a source; the count tells how many there are."""


@dataclass
class SourceNote:
    """Counts of one source: rows read, kept, repaired, and dropped by reason.

    `stated` is the CRS that the file gives itself, or empty. `rows` lists, for each defect that was repaired or left
    out, the first `LISTED` row numbers.
    """

    role: str
    file: str
    datum: str
    stated: str = ""
    read: int = 0
    kept: int = 0
    repaired: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    rows: dict[str, list[int]] = field(default_factory=dict)

    def drop(self, reason: str, count: int, rows: Iterable[int] = ()) -> None:
        """Count rows that are left out for `reason`, and list them where they are defects."""
        if count:
            self.dropped[reason] = self.dropped.get(reason, 0) + count
            self._list(reason, rows)

    def repair(self, defect: str, rows: Iterable[int]) -> None:
        """Count and list rows in which `defect` was repaired."""
        listed = list(rows)
        self.repaired += len(listed)
        self._list(defect, listed)

    def _list(self, reason: str, rows: Iterable[int]) -> None:
        listed = [*self.rows.get(reason, ()), *(int(row) for row in rows)]
        if listed:
            self.rows[reason] = listed[:LISTED]


@dataclass
class Notes:
    """The notes of a whole import; a doubt is a sentence (a gettext id) with its values."""

    sources: list[SourceNote] = field(default_factory=list)
    doubts: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def source(self, source: Source) -> SourceNote:
        """Open the note of a source."""
        note = SourceNote(source.role, source.label, source.datum)
        self.sources.append(note)
        return note

    def doubt(self, message: str, **values: object) -> None:
        """Say something that a planner should know and look at."""
        self.doubts.append((message, values))
