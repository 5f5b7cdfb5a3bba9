"""The errors of the room `zoning`."""

from __future__ import annotations

from ledger.errors import EvenhandError


class ZoningError(EvenhandError):
    """A plan cannot be made, or a check of it says no."""


class ZoningInputError(ZoningError):
    """A problem folder, plan folder, policy or argument is not what it should be."""

    exit_code = 2
    http_status = 400
