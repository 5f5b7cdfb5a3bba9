"""What changed between two yearly versions of the catchments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from geodata.report.html import Translate, fold, paragraph, table
from geodata.report.words import level_name

SHOWN = 12
"""Zones that stand open on the page; the others are folded."""


def zone_changes(levels: Mapping[str, Mapping[str, Any]], pictures: Mapping[str, str], _: Translate) -> Iterator[str]:
    """Level by level: a sentence of the whole, a map, then every zone that changed, the largest ground first."""
    for level, found in levels.items():
        yield f"<h3>{escape(level_name(level, _))}</h3>"
        yield paragraph(_sentence(found, _))
        caption = _("Filled: ground that changed its zone. Dark lines: borders of today; grey: those before.")
        yield f'<figure class="changes">{pictures[level]}<figcaption>{escape(caption)}</figcaption></figure>'
        heads = [_("change"), _("before"), _("after"), _("ha before"), _("ha after"), _("ha lost"), _("ha gained")]
        rows = [_row(change, _) for change in found["zones"]]
        if rows:
            yield table(heads, rows[:SHOWN], range(3, 7))
        if rows[SHOWN:]:
            more = _("%(count)s more zones that changed", count=len(rows) - SHOWN)
            yield fold(more, table(heads, rows[SHOWN:], range(3, 7)))


def _sentence(found: Mapping[str, Any], _: Translate) -> str:
    return _(
        "%(before)s had %(zones_before)s zones, %(after)s has %(zones_after)s; %(changed)s zones changed, and %(area)s "
        "km² with about %(children)s children of the planned ages changed their zone.",
        before=found["before"],
        after=found["after"],
        zones_before=found["zones_before"],
        zones_after=found["zones_after"],
        changed=len(found["zones"]),
        area=f"{found['area_moved'] / 1e6:,.1f}",
        children=f"{found['children_moved']:,.0f}",
    )


def _row(change: Mapping[str, Any], _: Translate) -> list[str]:
    kinds = {
        "new": _("new"),
        "gone": _("gone"),
        "renamed": _("renamed"),
        "redrawn": _("redrawn"),
        "elsewhere": _("same name, other ground"),
    }
    areas = [change[key] / 10_000 for key in ("area_before", "area_after", "lost", "gained")]
    names = [escape(change[key]) or "–" for key in ("before", "after")]
    return [escape(kinds[change["kind"]]), *names, *(f"{area:,.1f}" if area else "–" for area in areas)]
