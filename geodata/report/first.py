"""The first screen: whether the city can be planned and what is missing, in a sentence; then its key figures."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from geodata.importing import Made
from geodata.report.html import listing
from geodata.report.values import Translate
from geodata.report.words import level_name


def verdict(made: Made, _: Translate) -> str:
    """The sentence, and where something is missing what it is."""
    missing = lacks(made, _)
    city, doubts = made.head, len(made.notes.doubts)
    if missing:
        line = _("%(city)s cannot be planned yet. What is missing:", city=city["name"])
    elif doubts:
        line = _("%(city)s is ready for planning; %(count)s doubts want a look.", city=city["name"], count=doubts)
    else:
        line = _("%(city)s is ready for planning.", city=city["name"])
    about = _("School year %(year)s, %(crs)s.", year=city["school_year"], crs=city["crs"])
    return (
        f'<div class="verdict{" no" if missing else ""}"><p class="line">{escape(line)}</p>'
        f'{listing("ul", missing) if missing else ""}<p class="soft small">{escape(about)}</p></div>'
    )


def lacks(made: Made, _: Translate) -> list[str]:
    """What a plan needs and the city does not have."""
    lines = []
    for level, figures in made.figures["levels"].items():
        name = level_name(level, _)
        if not figures["schools"]:
            lines.append(_("schools, %(level)s", level=name))
        elif not figures["seats"]:
            lines.append(_("seats, %(level)s", level=name))
        if not figures["children"]:
            lines.append(_("children, %(level)s", level=name))
    return lines


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
