"""What the look-up does with normal addresses: search tokens, and ranking of what is found.

Chinese is cut into overlapping pairs of characters, because a word list would miss names and FTS5's own trigram
tokenizer finds nothing for two-character words. A house number is one token with its suffix: `3栋`, `628弄`, `109-19`.
"""

from __future__ import annotations

import re

from geodata.addresses.normal import natural

_HOUSE = re.compile(r"\d+(?:-\d+)*[a-z甲乙丙丁]?(?:号|栋|弄|巷|单元|室|层|组)?(?![a-z])")
_PIECE = re.compile(rf"{_HOUSE.pattern}|[a-z0-9]+(?:-[a-z0-9]+)*|[\u3400-\u9fff\U00020000-\U0003ffff]+")
_RANGE = re.compile(r"(\d+)-(\d+)(号|栋)")


def tokens(normal: str) -> list[str]:
    """The search tokens of a normal address, in order, each once."""
    found: list[str] = []
    for piece in _PIECE.findall(normal):
        found += _pairs(piece) if piece[0] > "\u3000" else [piece]
    return list(dict.fromkeys(found))


def index_tokens(normal: str) -> list[str]:
    """`tokens`, and besides for a range such as 4-7号 each house number in it."""
    found = tokens(normal)
    for first, last, suffix in _RANGE.findall(normal):
        low, high = int(first), int(last)
        if low < high <= low + 40:
            found += [f"{number}{suffix}" for number in range(low, high + 1)]
    return list(dict.fromkeys(found))


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]


def relaxed(words: list[str]) -> list[list[str]]:
    """Ever shorter versions of a query that found nothing.

    The house number goes first (in front in Latin addresses, at the end in Chinese ones), then the end, then the front.
    """
    without_house = [words[1:]] if words[0][0].isdecimal() else []
    shorter = [words[:size] for size in range(len(words) - 1, 0, -1)]
    return without_house + shorter + [words[start:] for start in range(1, len(words))]


def agreement(typed: str, house: str) -> int:
    """How two full addresses of one normal form agree: 0 the same, 1 one says less, 2 they contradict each other."""
    if typed == house:
        return 0
    return 1 if typed.endswith(house) or house.endswith(typed) else 2


def rank(query: str, normal: str) -> tuple[object, ...]:
    """Sort key of a found address: what contains the query, what begins most like it; then 2号 before 10号."""
    return (query not in normal, -_alike(query, normal), natural(normal))


def _alike(one: str, other: str) -> int:
    """How many characters both begin with."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
