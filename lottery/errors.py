"""Errors of the draw: one clear sentence each."""

from __future__ import annotations

from ledger.errors import EvenhandError


class LotteryError(EvenhandError):
    """The draw cannot do what was asked, or a check of it says no."""


class LotteryInputError(LotteryError):
    """A roster, a rule or an argument given to the draw is not what it should be."""

    exit_code = 2
    http_status = 400


class StepError(LotteryError):
    """The protocol does not allow this step now (docs/spec/draw.md, section 4)."""
