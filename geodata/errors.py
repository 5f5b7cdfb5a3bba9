"""Errors of the room `geodata`."""

from __future__ import annotations

from ledger.errors import EvenhandError


class GeodataError(EvenhandError):
    """The city cannot be made or read."""


class GeodataInputError(GeodataError):
    """A recipe, a source or an argument is not what it should be."""

    exit_code = 2
    http_status = 400
