"""The door of this package: a catchment's text -> rules, and what was not understood."""

from __future__ import annotations

import re
from dataclasses import replace

from geodata.catchments.chinese import Reader
from geodata.catchments.clause import SeparatorError, UnreadError
from geodata.catchments.items import Item, items_of
from geodata.catchments.latin import read_item
from geodata.catchments.rules import Reading, Rule, Unread

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_ENGLISH = re.compile(r"^\[|^bounded by |: (?:all\b|nos\. |in lane |without numbers)")


def read(text: str) -> Reading:
    """Read the text of one catchment (docs/spec/catchment-text.md).

    Every item is understood whole or stands in `unread` with its line and its words; nothing is guessed.
    """
    reader = Reader()
    rules: list[Rule] = []
    unread: list[Unread] = []
    items = items_of(text)
    for item, following in zip(items, [*items[1:], None], strict=False):
        try:
            found = _item(reader, item, following)
        except UnreadError as reason:
            if isinstance(reason, SeparatorError):
                unread += _taken_back(rules)
            unread.append(Unread(item.line, item.text, str(reason)))
            reader.last = None
            continue
        found = [replace(rule, line=item.line, text=item.text) for rule in found]
        rules += found
        reader.last = found[-1]
    return Reading(tuple(rules), tuple(unread), len(items))


def _item(reader: Reader, item: Item, following: Item | None) -> list[Rule]:
    """An item is Latin where what it says of the numbers is: a Chinese street may have an English specification."""
    if _CHINESE.search(item.text) and not _ENGLISH.search(item.text):
        heads = item.alone and following is not None
        return reader.item(item.text, _line_of(following) if heads else None)
    return read_item(item.text, reader.last)


def _line_of(item: Item | None) -> str:
    """The words of an item, with a mark if more stand on its line."""
    return "" if item is None else item.text if item.alone else f"{item.text};"


def _taken_back(rules: list[Rule]) -> list[Unread]:
    """The rules of the item before are withdrawn: its last name most likely belongs to the numbers that follow."""
    line, text = rules[-1].line, rules[-1].text
    while rules and (rules[-1].line, rules[-1].text) == (line, text):
        rules.pop()
    return [Unread(line, text, "a whole street, and then numbers without a street")]
