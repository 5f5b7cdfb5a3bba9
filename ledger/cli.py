"""Commands of the group `ledger`."""

from __future__ import annotations

from doors.terminal import Group

group = Group("ledger")
