"""Today's catchments where they exist only as text."""

from __future__ import annotations

from dataclasses import dataclass

from geodata.catchments.table import Catchment, catchments_of
from geodata.reading.reader import Reader, text
from geodata.recipe.levels import known_level
from geodata.recipe.source import Source, role

CATCHMENTS = role(
    "catchments",
    "schools text",
    needed="schools text",
    options="level join",
    read=lambda table: {"level": known_level(table), "join": table.take("join", str, ": ")},
    placeless=True,
)


@dataclass(frozen=True)
class Texts:
    """The texts of one source: its name for sentences, its level, and one text a school."""

    file: str
    level: str
    catchments: tuple[Catchment, ...]


def gather_catchments(sources: tuple[Source, ...], reader: Reader) -> tuple[Texts, ...]:
    """The texts of each source, by school; rows without a school or a text are counted."""
    found = []
    for source in sources:
        rows = reader.plain(source)
        note = reader.notes.sources[-1]
        rows["schools"], rows["text"] = text(rows, "schools"), text(rows, "text")
        named = rows[rows["schools"] != ""]
        note.drop("without a school", len(rows) - len(named))
        rows = named[named["text"] != ""]
        note.drop("without a text", len(named) - len(rows))
        note.kept = len(rows)
        found.append(Texts(source.label, source.options["level"], tuple(catchments_of(rows, "schools", ["text"]))))
    return tuple(found)
