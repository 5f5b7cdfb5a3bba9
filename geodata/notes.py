"""What an import did to its sources, kept while it works: nothing is dropped or doubted silently."""

from __future__ import annotations

from dataclasses import dataclass, field

from geodata.recipe.source import Source


@dataclass
class SourceNote:
    """Counts of one source: rows read, kept, repaired, and dropped by reason."""

    role: str
    file: str
    datum: str
    read: int = 0
    kept: int = 0
    repaired: int = 0
    dropped: dict[str, int] = field(default_factory=dict)

    def drop(self, reason: str, count: int) -> None:
        """Count rows that are left out for `reason`."""
        if count:
            self.dropped[reason] = self.dropped.get(reason, 0) + count


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
