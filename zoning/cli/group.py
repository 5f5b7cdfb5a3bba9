"""The command group itself, apart from its commands so that each file of commands can import it."""

from __future__ import annotations

from doors.terminal import Group

group = Group("zoning")
