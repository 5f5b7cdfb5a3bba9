"""Errors of the room `accounts`."""

from __future__ import annotations

from ledger.errors import EvenhandError


class AccountError(EvenhandError):
    """An account cannot be made, found or changed as asked."""


class AccountInputError(AccountError):
    """A name, role or password that is not acceptable."""

    exit_code = 2
    http_status = 400
