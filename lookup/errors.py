"""Errors of the room `lookup`."""

from __future__ import annotations

from ledger.errors import EvenhandError


class LookupFailure(EvenhandError):  # noqa: N818 - LookupError is Python's own
    """An address cannot be looked up, or a publication not be loaded."""

    http_status = 404


class PublicationError(LookupFailure):
    """A publication folder is incomplete, malformed or not what its own list of hashes says."""

    exit_code = 2
    http_status = 400
