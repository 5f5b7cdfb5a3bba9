"""Commands of the group `lookup`."""

from __future__ import annotations

from doors.terminal import Group

group = Group("lookup")
