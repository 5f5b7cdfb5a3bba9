"""How commands write figures."""

from __future__ import annotations

from flask_babel import gettext as _


def unit_of(word: str) -> str:
    """The unit of walks: translated where it is the default, else the planner's own word."""
    return str(_("metres")) if word == "metres" else word


def percent(share: float | None) -> str:
    """A share in hundredths; a dash where there is none."""
    return "-" if share is None else f"{100 * share:.2f} %"


def number(value: float | None) -> str:
    """To one digit; a dash where there is none."""
    return "-" if value is None else f"{value:.1f}"
