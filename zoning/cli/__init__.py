"""Commands of the group `zoning`: one file for each family of commands, joined here."""

from __future__ import annotations

from zoning.cli import batch, explaining, exploring, moving, plans, solving, text
from zoning.cli.group import group

__all__ = ["batch", "explaining", "exploring", "group", "moving", "plans", "solving", "text"]
