"""Catchments that exist as text: how much of it is understood, and word for word what is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from geodata.report.html import Translate, fold, paragraph, table
from geodata.report.why import why_name
from geodata.report.words import level_name

SHOWN = 20
"""Entries that stand open on the page; the others are folded."""


def catchment_texts(figures: Sequence[Mapping[str, Any]], _: Translate) -> Iterator[str]:
    """File by file: a sentence of the whole, the items that are not understood, those without effect."""
    for found in figures:
        yield f"<h3>{escape(found['file'])} · {escape(level_name(found['level'], _))}</h3>"
        yield paragraph(_sentence(found, _))
        heads = [_("school"), _("row"), _("line of the text"), _("words"), _("why")]
        unread = [
            [one["schools"], one["row"], one["line"], one["text"], why_name(one["why"], _)]
            for one in found["not_understood"]
        ]
        yield _list(_("Not understood, and left out"), heads, unread, _)
        heads = [_("school"), _("line of the text"), _("words"), _("why"), _("may mean")]
        idle = [
            [one["schools"], one["line"], one["text"], why_name(one["why"], _), "; ".join(one["candidates"])]
            for one in found["without_effect"]
        ]
        yield _list(_("Understood, but without effect"), heads, idle, _)


def _sentence(found: Mapping[str, Any], _: Translate) -> str:
    return _(
        "%(understood)s of %(items)s items are understood (%(percent)s %%); they name %(named)s of %(addresses)s known "
        "addresses, near which %(people)s people live; %(units)s units have no current school.",
        understood=f"{found['understood']:,}",
        items=f"{found['items']:,}",
        percent=f"{100 * found['share']:.1f}",
        named=f"{found['addresses_named']:,}",
        addresses=f"{found['addresses']:,}",
        people=f"{found['people_near_a_named_address']:,.0f}",
        units=f"{found['units_without_school']:,}",
    )


def _list(title: str, heads: Sequence[str], entries: Sequence[Sequence[object]], _: Translate) -> str:
    if not entries:
        return ""
    rows = [[escape(str(cell)) or "–" for cell in entry] for entry in entries]
    shown = f"<h3>{escape(title)} ({len(rows):,})</h3>" + table(heads, rows[:SHOWN])
    more = _("%(count)s more", count=len(rows) - SHOWN)
    return shown + (fold(more, table(heads, rows[SHOWN:])) if rows[SHOWN:] else "")
