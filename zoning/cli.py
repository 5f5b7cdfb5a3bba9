"""Commands of the group `zoning`."""

from __future__ import annotations

from doors.terminal import Group

group = Group("zoning")
