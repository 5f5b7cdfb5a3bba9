"""The tables of a data report as HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from geodata.report.html import Translate, fold, over, table
from geodata.report.words import level_name, reason_name, role_name

Rows = Sequence[Mapping[str, Any]]
FIRST = 12
"""Row numbers that the page lists of a defect; report.json has more."""


def schools_table(schools: Rows, _: Translate) -> str:
    """Schools by the numbers of the map: seats, children of today's zone, and how full that makes them."""
    if not schools:
        return ""
    heads = [_("no."), _("school"), _("level"), _("seats"), _("children in today's zone"), _("share of seats, %")]
    return table(heads, (_school(number, school, _) for number, school in enumerate(schools, 1)), {0, 3, 4, 5})


def _school(number: int, school: Mapping[str, Any], _: Translate) -> list[str]:
    share = 100 * school["current_children"] / school["capacity"] if school["capacity"] else 0.0
    known = school["current_units"] > 0
    return [
        str(number),
        f'{escape(school["name"])} <span class="soft">{escape(school["school"])}</span>',
        level_name(school["level"], _),
        f"{school['capacity']:,.0f}",
        f"{school['current_children']:,.0f}" if known else "–",
        over(f"{share:.0f}", share > 100) if known and school["capacity"] else "–",
    ]


def sources_table(sources: Rows, _: Translate) -> str:
    """Every source: rows read, used, repaired, and left out by reason."""
    heads = [_("file"), _("read as"), _("datum"), _("rows"), _("used"), _("repaired"), _("left out")]
    return table(heads, (_source(source, _) for source in sources), {3, 4, 5})


def _source(source: Mapping[str, Any], _: Translate) -> list[str]:
    left_out = (f"{count:,} {escape(reason_name(reason, _))}" for reason, count in source["dropped"].items())
    return [
        escape(source["file"]),
        escape(role_name(source["role"], _)),
        escape(source["datum"]),
        f"{source['read']:,}",
        f"{source['kept']:,}",
        f"{source['repaired']:,}",
        "<br>".join(left_out) or "–",
    ]


def defects(sources: Rows, _: Translate) -> str:
    """What was repaired or left out as faulty, with the first rows of each kind."""
    rows = [
        [escape(source["file"]), escape(role_name(source["role"], _)), escape(reason_name(reason, _)), _first(listed)]
        for source in sources
        for reason, listed in source["rows"].items()
    ]
    if not rows:
        return ""
    heads = [_("file"), _("read as"), _("defect"), _("row numbers")]
    return fold(_("Defects row by row"), table(heads, rows))


def _first(rows: Sequence[int]) -> str:
    return ", ".join(str(row) for row in rows[:FIRST]) + (", …" if len(rows) > FIRST else "")
