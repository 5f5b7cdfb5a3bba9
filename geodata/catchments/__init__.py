"""Catchments as text: `read` a text into rules, `write` rules as text, and (in `assign`) lay rules on addresses.

What texts may say and what they mean: docs/spec/catchment-text.md.
"""

from geodata.catchments.grammar import read
from geodata.catchments.rules import Bound, House, Reading, Rule, Span, Unread
from geodata.catchments.writing import write

__all__ = ["Bound", "House", "Reading", "Rule", "Span", "Unread", "read", "write"]
