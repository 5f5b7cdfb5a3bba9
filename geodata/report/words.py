"""The words of the report that come from the import as ids: roles, reasons, phrases inside sentences."""

from __future__ import annotations

from collections.abc import Mapping

from geodata.recipe.levels import LEVEL_NAMES
from geodata.report.html import Translate
from ledger.errors import Phrase

REASONS = {
    phrase.message: phrase
    for phrase in (
        Phrase("not chosen by the recipe"),
        Phrase("no geometry"),
        Phrase("geometry without extent"),
        Phrase("outside the city"),
        Phrase("without a full address"),
        Phrase("invalid polygon"),
        Phrase("another kind of geometry"),
        Phrase("sliver under 1 m²"),
        Phrase("stands there twice"),
        Phrase("without a place"),
        Phrase("address not found"),
        Phrase("address at several places"),
        Phrase("not read: far outside the city, or without geometry"),
        Phrase("cells without people"),
        Phrase("cells below 0"),
        Phrase("born after the cut-off"),
        Phrase("without a school"),
        Phrase("without a text"),
    )
}
"""Why rows are left out or repaired: the id that a source's note holds, and its words."""


def say(message: str, values: Mapping[str, object], translate: Translate) -> str:
    """A sentence with its values, phrases among them too, in the reader's language."""
    words = {name: translate(value.message) if isinstance(value, Phrase) else value for name, value in values.items()}
    return translate(message, **words)


def level_name(level: str, translate: Translate) -> str:
    """A level as people read it."""
    return translate(LEVEL_NAMES[level].message)


def role_name(role: str, _: Translate) -> str:
    """What a source was read as."""
    names = {
        "boundary": _("boundary"),
        "buildings": _("buildings"),
        "addresses": _("addresses"),
        "streets": _("streets"),
        "barriers": _("barriers"),
        "population": _("population"),
        "schools": _("schools"),
        "zones": _("current zones"),
        "units": _("drawn units"),
        "births": _("births"),
        "migration": _("migration"),
        "projects": _("housing projects"),
        "catchments": _("catchments as text"),
        "register": _("household register"),
    }
    return names.get(role, role)


def reason_name(reason: str, translate: Translate) -> str:
    """Why rows were left out or changed."""
    return translate(REASONS[reason].message) if reason in REASONS else reason
