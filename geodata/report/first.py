"""The first screen: whether the city can be planned and what is missing, in a sentence; then its key figures."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from geodata.importing import Made
from geodata.report.doubts import ordered
from geodata.report.html import Translate, listing
from geodata.report.words import level_name, say


def verdict(made: Made, _: Translate) -> str:
    """The sentence, and what the city lacks."""
    city = made.head
    closed = closed_levels(made)
    lacking = [say(doubt.message, doubt.values, _) for doubt in ordered(made.notes) if doubt.subject == "city"]
    lacking += _without_seats(made, _)
    about = _("School year %(year)s, %(crs)s.", year=city["school_year"], crs=city["crs"])
    return (
        f'<div class="verdict{" no" if closed else ""}"><p class="line">{escape(_line(made, closed, _))}</p>'
        f'{listing("ul", lacking) if lacking else ""}<p class="soft small">{escape(about)}</p></div>'
    )


def closed_levels(made: Made) -> list[str]:
    """Levels that cannot be planned: without schools, seats or children."""
    levels = made.figures["levels"].items()
    return [name for name, level in levels if not (level["schools"] and level["seats"] and level["children"])]


def _without_seats(made: Made, _: Translate) -> list[str]:
    levels = made.figures["levels"].items()
    names = [level_name(name, _) for name, level in levels if level["schools"] and not level["seats"]]
    return [_("The schools, %(level)s, have no seats: that level cannot be planned yet.", level=name) for name in names]


def _line(made: Made, closed: list[str], _: Translate) -> str:
    city, doubts = made.head["name"], len(made.notes.doubts)
    if len(closed) == len(made.figures["levels"]):
        return _("%(city)s cannot be planned yet.", city=city)
    if closed:
        levels = ", ".join(level_name(level, _) for level in closed)
        return _("%(city)s is ready for planning, but not yet for %(levels)s.", city=city, levels=levels)
    if doubts:
        return _("%(city)s is ready for planning; look at the %(count)s doubts first.", city=city, count=doubts)
    return _("%(city)s is ready for planning.", city=city)


def key_figures(figures: Mapping[str, Any], _: Translate) -> str:
    """The figures that everybody asks for first."""
    pairs = [
        (_("area, km²"), f"{figures['area_km2']:,.1f}"),
        (_("buildings"), f"{figures['buildings']:,}"),
        (_("people"), f"{figures['people_placed']:,.0f}"),
        (_("addresses"), f"{figures['addresses']:,}"),
        (_("units"), f"{figures['units']:,}"),
    ]
    for level, counts in figures["levels"].items():
        name = level_name(level, _)
        pairs += [
            (_("schools, %(level)s", level=name), f"{counts['schools']:,}"),
            (_("children, %(level)s", level=name), f"{counts['children']:,.0f}"),
            (_("seats, %(level)s", level=name), f"{counts['seats']:,.0f}"),
        ]
    return "<dl>" + "".join(f"<div><dt>{escape(word)}</dt><dd>{value}</dd></div>" for word, value in pairs) + "</dl>"
