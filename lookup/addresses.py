"""Addresses as people write them, made comparable: normal form, search tokens, ranking of what is found.

Chinese is cut into overlapping pairs of characters, because a word list would miss names and FTS5's own trigram
tokenizer finds nothing for two-character words. A house number is one token with its suffix: `3栋`, `628弄`, `109-19`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

LONGEST_QUERY = 120
"""Characters of a query that are read; no address is longer."""

_SIMPLER = str.maketrans(
    "號棟樓單縣區鎮鄉場東廣華門園灣國與興榮龍馬橋陽學", "号栋楼单县区镇乡场东广华门园湾国与兴荣龙马桥阳学"
)
_DASHES = re.compile(r"[\u2010-\u2015\u2212\u301c~〜]")
_DIGITS = "〇零一二三四五六七八九"
_CHINESE_NUMBER = re.compile(r"[〇零一二三四五六七八九十][〇零一二三四五六七八九十百]*")
_PROVINCE = re.compile(r"^[\u4e00-\u9fff]{2,7}?(?:省|自治区)")
_CITY = re.compile(r"^[\u4e00-\u9fff]{2,4}?市(?!场)(?=[\u4e00-\u9fff])")
_DISTRICT = re.compile(r"^[\u4e00-\u9fff]{1,4}?(?:(?<![小社园院片校厂新城])区|县)(?=[\u4e00-\u9fff])")
_ROOM = re.compile(r"(?<=[栋号弄])-?(?:\d+单元)?-?(?:\d+[层楼])?-?(?:\d+室?)?$")
_HOUSE = re.compile(r"\d+(?:-\d+)*[a-z甲乙丙丁]?(?:号|栋|弄|巷|单元|室|层|组)?(?![a-z])")
_PIECE = re.compile(rf"{_HOUSE.pattern}|[a-z0-9]+(?:-[a-z0-9]+)*|[\u3400-\u9fff\U00020000-\U0003ffff]+")
_RANGE = re.compile(r"(\d+)-(\d+)(号|栋)")
_SUFFIXES = {
    "ave": "avenue", "av": "avenue", "blvd": "boulevard", "ct": "court", "dr": "drive", "expy": "expressway",
    "hwy": "highway", "ln": "lane", "pkwy": "parkway", "pl": "place", "rd": "road", "sq": "square", "st": "street",
    "ter": "terrace", "tpke": "turnpike", "e": "east", "n": "north", "s": "south", "w": "west",
}  # fmt: skip


def normal_address(text: str) -> str:
    """The one form of an address: two spellings of the same house give the same text.

    NFKC and lower case; traditional structural characters simplified; Chinese numbers as digits; 幢 and 号楼 as 栋;
    province, city and district in front taken off; Latin street suffixes written out; punctuation dropped.
    """
    return _spelled(_without_region(_plain(text)))


def full_address(text: str) -> str:
    """`normal_address` with province, city and district left on: tells apart houses that differ in them only."""
    return _spelled(_plain(text))


def _plain(text: str) -> str:
    """One width, one case, one dash, no punctuation, no needless space."""
    text = unicodedata.normalize("NFKC", text[:LONGEST_QUERY]).casefold().translate(_SIMPLER)
    text = _DASHES.sub("-", text)
    text = re.sub(r"(?<=\w)'(?=\w)", "", text)
    text = re.sub(r"[^\w\-]+|_", " ", text)
    return _join(re.sub(r"(?<![0-9a-z])-|-(?![0-9a-z])", " ", text).split())


def _spelled(text: str) -> str:
    """Numbers as digits, suffixes of houses and streets in one spelling."""
    text = _CHINESE_NUMBER.sub(lambda found: str(_number(found.group())), text)
    text = re.sub(r"(?<=\d)(?:号楼|幢|座|#楼?)", "栋", text)
    text = re.sub(r"\b(\d+)(?:st|nd|rd|th)\b", r"\1", text)
    return _join(_SUFFIXES.get(word, word) for word in text.split())


def _number(text: str) -> int:
    """The value of a Chinese number: positional (二〇三) or with 十 and 百 (一百零三)."""
    if "十" not in text and "百" not in text:
        return int("".join(str(max(0, _DIGITS.index(sign) - 1)) for sign in text))
    total, digit = 0, 0
    for sign in text:
        if sign in "十百":
            total += max(digit, 1) * (10 if sign == "十" else 100)
            digit = 0
        else:
            digit = max(0, _DIGITS.index(sign) - 1)
    return total + digit


def _join(words: Iterable[str]) -> str:
    """Put words together, with a space only where Latin letters or digits would run into one another."""
    text = ""
    for word in words:
        text += f" {word}" if text and text[-1].isascii() and word[0].isascii() else word
    return text


def _without_region(text: str) -> str:
    """Take 省, 市 and 区/县 off the front as long as a name is left."""
    for pattern in (_PROVINCE, _CITY, _DISTRICT):
        rest = pattern.sub("", text, count=1)
        if len(rest) >= 2:
            text = rest
    return text


def without_room(normal: str) -> str:
    """The house of a normal address: staircase, floor and room behind the house number taken off."""
    return _ROOM.sub("", normal)


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


def natural(text: str) -> list[tuple[int, int, str]]:
    """Sort key in which 2号 comes before 10号."""
    parts = re.findall(r"\d+|\D+", text)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]
