"""Which datum each file was read with, and whether the layers then lie over each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from geodata.checks.alignment import DIRECTIONS, LAYERS
from geodata.report.html import Translate, over, table

FINEST = 5
"""Metres to which a move is measured."""
LIKE_WGS = ("WGS 84", "CGCS2000", "EPSG:4326", "EPSG:4490")
"""Datums whose degrees a file may label with WGS 84 without being wrong by more than the ground moves."""


def datums(sources: Sequence[Mapping[str, Any]], crs: str, _: Translate) -> str:
    """What each file says of its coordinates, what the recipe says, and what was done."""
    known = {(source["file"], source["stated"], source["datum"]): None for source in sources if source["datum"]}
    heads = [_("file"), _("the file says"), _("the recipe says"), _("what was done")]
    rows = (
        [escape(file), escape(stated) or "–", escape(datum), escape(_done(stated, datum, crs, _))]
        for file, stated, datum in known
    )
    return table(heads, rows) if known else ""


def _done(stated: str, datum: str, crs: str, _: Translate) -> str:
    if datum in ("GCJ-02", "BD-09"):
        return _("%(datum)s undone to WGS 84, then brought to %(crs)s", datum=datum, crs=crs)
    if stated == "EPSG:4326" and datum not in LIKE_WGS:
        return _("the file's label was not believed; read as %(datum)s", datum=datum)
    if datum == crs:
        return _("taken as it is")
    return _("brought to %(crs)s", crs=crs)


def alignment(findings: Sequence[Mapping[str, Any]], _: Translate) -> str:
    """Each layer that could be compared: what with, where it lies, and which datum would explain that."""
    if not findings:
        return ""
    heads = [_("layer"), _("compared with"), _("finding"), _("likeness as it is"), _("likeness if moved")]
    title = _("Do the layers lie over each other?")
    return f"<h3>{escape(title)}</h3>" + table(heads, (_row(finding, _) for finding in findings), {3, 4})


def _row(finding: Mapping[str, Any], _: Translate) -> list[str]:
    against = finding["against"]
    return [
        escape(_(LAYERS[finding["layer"]].message)),
        escape(_(LAYERS[against].message)),
        _verdict(finding, _),
        _score(finding["score_as_is"], finding["score"]),
        _score(finding["score_moved"], finding["score"]),
    ]


def _score(value: float, unit: str) -> str:
    """A correlation, or the distance to the streets that a layer's texts name."""
    return f"{value:.0f} m" if unit == "metres" else f"{value:.2f}"


def _verdict(finding: Mapping[str, Any], _: Translate) -> str:
    if finding["verdict"] == "fits":
        return escape(_("fits, within %(metres)s m", metres=max(round(finding["metres"]), FINEST)))
    if finding["verdict"] == "unclear":
        return escape(_("cannot be told"))
    where = _(DIRECTIONS[finding["direction"]].message)
    said = _("lies %(metres)s m to the %(direction)s", metres=round(finding["metres"]), direction=where)
    if finding["looks_like"]:
        said += "; " + _("looks like %(datum)s", datum=finding["looks_like"])
    return over(said, True)
