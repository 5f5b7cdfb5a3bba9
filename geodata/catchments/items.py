"""A catchment's text cut into items, by its separators alone and before anything is understood."""

from __future__ import annotations

import re
from dataclasses import dataclass

_OPEN, _CLOSE = "(（[［【〔", ")）]］】〕"
_STRONG = '；;。"'
_SOFT_END = re.compile(r"[、，,\-—]\s*$")
_NUMBERED = re.compile(r"^\s*(?:\d{1,2}\s*[.．、]\s*(?=[^\d\s.．、])|\(\d{1,2}\)|（\d{1,2}）)")
_BEFORE_NUMBERED = re.compile(r"\d{1,2}\s*[.．]\s*[\u4e00-\u9fff]")
_CIRCLED = re.compile(r"[\u2460-\u2473]")


@dataclass(frozen=True)
class Item:
    """A piece of the text: its line (from 1), its words verbatim, whether it stands alone on its line."""

    line: int
    text: str
    alone: bool


def items_of(text: str) -> list[Item]:
    """The items of a text.

    They end, outside brackets, at a line's end, a semicolon, a full stop or a double quote, at two or more blanks, and
    where the next one is numbered (1. 1、 ①). A line that ends with a comma, an enumeration comma or a dash goes on.
    """
    found: list[Item] = []
    for line, body in _lines(text):
        pieces = [_NUMBERED.sub("", piece).strip() for piece in _pieces(body)]
        pieces = [piece for piece in pieces if piece.strip("、，,.．")]
        found += [Item(line, piece, len(pieces) == 1) for piece in pieces]
    return found


def _lines(text: str) -> list[tuple[int, str]]:
    joined: list[tuple[int, str]] = []
    for number, body in enumerate(text.splitlines(), 1):
        if joined and _SOFT_END.search(joined[-1][1]):
            joined[-1] = (joined[-1][0], joined[-1][1].rstrip() + body.strip())
        else:
            joined.append((number, body))
    return joined


def _pieces(body: str) -> list[str]:
    pieces, depth, start = [], 0, 0
    for at, sign in enumerate(body):
        depth = max(0, depth + (sign in _OPEN) - (sign in _CLOSE))
        if depth == 0 and _ends_item(body, at):
            pieces.append(body[start:at])
            start = at if _CIRCLED.match(sign) or not (sign in _STRONG or sign.isspace()) else at + 1
    return [_CIRCLED.sub("", piece) for piece in [*pieces, body[start:]]]


def _ends_item(body: str, at: int) -> bool:
    sign = body[at]
    if sign in _STRONG or _CIRCLED.match(sign):
        return True
    if not sign.isspace():
        return False
    rest = body[at:].lstrip()
    wide = len(body[at:]) - len(rest) >= 2 and bool(re.search(r"[^\s.．]$", body[:at]))
    return bool(_BEFORE_NUMBERED.match(rest)) or (wide and bool(rest) and rest[0] not in _OPEN + "-—–")
