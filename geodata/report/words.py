"""The words of the report that come from the import as ids: roles, reasons, phrases inside sentences."""

from __future__ import annotations

from collections.abc import Mapping

from geodata.recipe.levels import LEVEL_NAMES
from geodata.report.values import Translate
from ledger.errors import Phrase


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
        "register": _("household register"),
    }
    return names.get(role, role)


def reason_name(reason: str, _: Translate) -> str:
    """Why rows were left out or changed."""
    names = {
        "not chosen by the recipe": _("not chosen by the recipe"),
        "no geometry": _("no geometry"),
        "geometry without extent": _("geometry without extent"),
        "outside the city": _("outside the city"),
        "without a full address": _("without a full address"),
        "invalid polygon": _("invalid polygon"),
        "another kind of geometry": _("another kind of geometry"),
        "sliver under 1 m²": _("sliver under 1 m²"),
        "stands there twice": _("stands there twice"),
        "without a place": _("without a place"),
        "address not found": _("address not found"),
        "address at several places": _("address at several places"),
        "not read: far outside the city, or without geometry": _("not read: far outside the city, or without geometry"),
        "cells without people": _("cells without people"),
        "cells below 0": _("cells below 0"),
        "born after the cut-off": _("born after the cut-off"),
    }
    return names.get(reason, reason)
