"""Errors of the room `lookup`."""

from __future__ import annotations

from ledger.errors import EvenhandError


class LookupRoomError(EvenhandError):
    """The base of this room's errors."""


class AddressError(LookupRoomError):
    """An address cannot be answered."""

    http_status = 404


class PublicationError(LookupRoomError):
    """A publication folder is incomplete, malformed or not what its own list of hashes says."""

    exit_code = 2
    http_status = 400
