"""How a city is made, in sentences: those that its sources bring into play."""

from __future__ import annotations

from geodata.notes import Notes
from geodata.report.html import Translate


def rules(notes: Notes, _: Translate) -> list[str]:
    """The rules that this city was made by, in the reader's language."""
    roles = {source.role for source in notes.sources if source.kept}
    land = _drawn(_) if "units" in roles else _cut(_)
    rest = _people(roles, _) + _ways(roles, _) + _zones(roles, _)
    return [*land, *rest]


def _cut(_: Translate) -> list[str]:
    return [
        _(
            "Streets, barriers and the boundary cut the city into blocks; empty scraps under 4,000 m² and strips under "
            "12 m wide join the neighbour with the longest common border."
        ),
        _("A block with several compounds is divided between them by enclosed tessellation of their buildings."),
    ]


def _drawn(_: Translate) -> list[str]:
    return [_("Units are those that were drawn; overlaps, gaps and slivers between them were closed and counted.")]


def _people(roles: set[str], _: Translate) -> list[str]:
    said = []
    if "population" in roles:
        said.append(
            _("A record's people are shared out over its dwellings by floor area × storeys; fractions stay fractions.")
        )
    if "register" in roles:
        said.append(
            _(
                "The register was counted while it was read and is stored nowhere; units that would show one to four "
                "of its children were joined with a neighbour."
            )
        )
    return said


def _ways(roles: set[str], _: Translate) -> list[str]:
    said = []
    if "barriers" in roles:
        said.append(
            _(
                "A border is a barrier where more than half of it runs along a railway, river or trunk road and no "
                "walkable street crosses that there."
            )
        )
    if {"streets", "schools"} <= roles:
        said.append(
            _(
                "Walks are shortest paths on walkable streets in metres, averaged over a unit's residents. Homes and "
                "schools join a street within 400 m that no barrier hides, unless the recipe names another reach."
            )
        )
    return said


def _zones(roles: set[str], _: Translate) -> list[str]:
    said = []
    if "zones" in roles:
        said.append(_("A unit belongs to the current zone in which most of its people live."))
    if "catchments" in roles:
        said.append(
            _("A unit belongs to the text that names the addresses nearest to most of its people; nothing is guessed.")
        )
    return said
