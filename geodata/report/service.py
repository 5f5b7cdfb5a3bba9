"""How many children live within the service radius of a school."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from geodata.report.charts import shares_bar
from geodata.report.html import Translate, paragraph, table
from geodata.report.words import level_name


def service(levels: Mapping[str, Mapping[str, float]], _: Translate) -> str:
    """Level by level: the share of children near enough to the nearest school, and to that of their zone."""
    if not levels:
        return ""
    heads = [_("level"), _("radius, m"), _("the nearest school"), "", _("today's school"), ""]
    words = _("Children whose unit walks at most the service radius (GB 50180) to a school, in per cent.")
    return paragraph(words) + table(heads, (_row(level, found, _) for level, found in levels.items()), {1, 2, 4})


def _row(level: str, found: Mapping[str, float], _: Translate) -> list[str]:
    cells = [escape(level_name(level, _)), f"{found['radius']:,.0f}"]
    for name in ("nearest", "current"):
        known = name in found
        cells += [f"{100 * found[name]:.0f}", shares_bar(found[name])] if known else ["–", ""]
    return cells
