"""The base of every error of this project, and the errors of the ledger."""

from __future__ import annotations


class Phrase:
    """Words that stand inside a sentence or on their own and are translated with it: a gettext id and its values."""

    def __init__(self, message: str, **values: object) -> None:
        self.message = message
        self.values = values

    def __str__(self) -> str:
        """The phrase in English."""
        return self.message % self.values if self.values else self.message


class EvenhandError(Exception):
    """One sentence for the user: what is wrong, where, what to do.

    `message` is English with `%(name)s` fields and is the gettext id under which the doors find its translation;
    `values` fills the fields; a `Phrase` among them is translated too. `exit_code` and `http_status` say how a door
    answers.
    """

    exit_code = 1
    http_status = 409

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message % values if values else message)
        self.message = message
        self.values = values


class LedgerError(EvenhandError):
    """The ledger cannot do what was asked, or a check of it says no."""


class LedgerInputError(LedgerError):
    """A file, key or argument given to the ledger is not what it should be."""

    exit_code = 2
    http_status = 400
