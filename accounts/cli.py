"""Commands of the group `accounts`."""

from __future__ import annotations

from doors.terminal import Group

group = Group("accounts")
