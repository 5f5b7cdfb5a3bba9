"""The sentences that the plan page's script shows, in the visitor's language; `{name}` is filled in by the script."""

from __future__ import annotations

from flask_babel import gettext


def for_script() -> dict[str, object]:
    """Every sentence by the key under which the script knows it."""
    return {
        "choose": gettext("Click a unit on the map, or find it here by name."),
        "children": gettext("children"),
        "serves": gettext("Belongs to {school}."),
        "before": gettext("In this plan: {school}."),
        "fixed": gettext("A school stands in this unit, or it is locked: it cannot change."),
        "nearest": gettext("Schools, the nearest first"),
        "why": gettext("Why this school?"),
        "school": gettext("School"),
        "walk": gettext("Walk, m"),
        "give": gettext("Give"),
        "giveto": gettext("Give this unit to {school}"),
        "now": gettext("now"),
        "all": gettext("Show all schools"),
        "zone": gettext("{school}: {count} units"),
        "more": gettext("(and {count} more: type a part of the name)"),
        "none": gettext("No unit of that name."),
        "unedited": gettext("No edits"),
        "edit": gettext("1 unit moved, not saved"),
        "edits": gettext("{count} units moved, not saved"),
        "discard": gettext("Discard all edits?"),
        "feasible": gettext("all kept"),
        "infeasible": gettext("not all kept"),
        "within": gettext("from the best possible"),
        "beyond": gettext("from the proved bound"),
        "breaks": gettext("This breaks:"),
        "broken": gettext("This plan breaks:"),
        "heals": gettext("This would help:"),
        "heal": gettext("Do this"),
        "nothing": gettext("Every limit still holds."),
        "nomap": gettext("This browser cannot draw the map. The table and the search do the same."),
        "failed": gettext("The server did not answer. Your edits are kept in this browser; try again."),
        "map": {
            "Map.Title": gettext("Map of the zones"),
            "NavigationControl.ZoomIn": gettext("Closer"),
            "NavigationControl.ZoomOut": gettext("Farther"),
            "ScaleControl.Meters": gettext("m"),
            "ScaleControl.Kilometers": gettext("km"),
        },
    }
