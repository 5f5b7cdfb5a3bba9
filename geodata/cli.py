"""Commands of the group `geodata`."""

from __future__ import annotations

from doors.terminal import Group

group = Group("geodata")
