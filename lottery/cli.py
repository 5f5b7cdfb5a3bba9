"""Commands of the group `lottery`."""

from __future__ import annotations

from doors.terminal import Group

group = Group("lottery")
