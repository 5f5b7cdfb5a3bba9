"""The normal form of an address as people write it, Chinese or Latin: two spellings of a house give the same text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

LONGEST_QUERY = 120
"""Characters of an address that are read; none is longer."""

_SIMPLER = str.maketrans(
    "號棟樓單縣區鎮鄉場東廣華門園灣國與興榮龍馬橋陽學", "号栋楼单县区镇乡场东广华门园湾国与兴荣龙马桥阳学"
)
_DASHES = re.compile(r"[\u2010-\u2015\u2212\u301c~〜]")
_DIGITS = "〇零一二三四五六七八九"
_CHINESE_NUMBER = re.compile(r"[〇零一二三四五六七八九十][〇零一二三四五六七八九十百]*")
_REGION = (
    re.compile(r"^[\u4e00-\u9fff]{2,7}?(?:省|自治区)"),
    re.compile(r"^[\u4e00-\u9fff]{2,4}?市(?!场)(?=[\u4e00-\u9fff])"),
    re.compile(r"^[\u4e00-\u9fff]{1,4}?(?:(?<![小社园院片校厂新城])区|县)(?=[\u4e00-\u9fff])"),
)
_ROOM = re.compile(r"(?<=[栋号弄])-?(?:\d+单元)?-?(?:\d+[层楼])?-?(?:\d+室?)?$")
_SUFFIXES = {
    "ave": "avenue", "av": "avenue", "blvd": "boulevard", "ct": "court", "dr": "drive", "expy": "expressway",
    "hwy": "highway", "ln": "lane", "pkwy": "parkway", "pl": "place", "rd": "road", "sq": "square", "st": "street",
    "str": "strasse", "ter": "terrace", "tpke": "turnpike", "e": "east", "n": "north", "s": "south", "w": "west",
}  # fmt: skip


def normal_address(text: str) -> str:
    """The one form of an address: two spellings of the same house give the same text.

    NFKC and lower case; traditional structural characters simplified; Chinese numbers as digits; 幢 and 号楼 as 栋;
    province, city and district in front taken off; Latin street suffixes written out; punctuation dropped.
    """
    return _spelled(without_region(_plain(text)))


def full_address(text: str) -> str:
    """`normal_address` with province, city and district left on: tells apart houses that differ in them only."""
    return _spelled(_plain(text))


def regions(text: str) -> tuple[str, str, str]:
    """Province, city and district that an address begins with, "" for each that it does not name."""
    return _split_region(_plain(text))[0]


def without_room(normal: str) -> str:
    """The house of a normal address: staircase, floor and room behind the house number taken off."""
    return _ROOM.sub("", normal)


def natural(text: str) -> list[tuple[int, int, str]]:
    """Sort key in which 2号 comes before 10号."""
    parts = re.findall(r"\d+|\D+", text)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]


def chinese_number(text: str) -> int:
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


def _plain(text: str) -> str:
    """One width, one case, one dash, no punctuation, no needless space."""
    text = unicodedata.normalize("NFKC", text[:LONGEST_QUERY]).casefold().translate(_SIMPLER)
    text = _DASHES.sub("-", text)
    text = re.sub(r"(?<=\w)'(?=\w)", "", text)
    text = re.sub(r"[^\w\-]+|_", " ", text)
    return _join(re.sub(r"(?<![0-9a-z])-|-(?![0-9a-z])", " ", text).split())


def _spelled(text: str) -> str:
    """Numbers as digits, suffixes of houses and streets in one spelling."""
    text = _CHINESE_NUMBER.sub(lambda found: str(chinese_number(found.group())), text)
    text = re.sub(r"(?<=\d)(?:号楼|幢|座|#楼?)", "栋", text)
    text = re.sub(r"\b(\d+)(?:st|nd|rd|th)\b", r"\1", text)
    text = re.sub(r"(?<=\d) (?=[a-z]$)", "", text)
    text = re.sub(r"(?<=[a-zà-ÿ-])str\b", "strasse", text)
    return _join(_SUFFIXES.get(word, word) for word in text.split())


def _join(words: Iterable[str]) -> str:
    """Put words together, with a space only where Latin letters or digits would run into one another."""
    text = ""
    for word in words:
        text += f" {word}" if text and text[-1].isascii() and word[0].isascii() else word
    return text


def without_region(text: str) -> str:
    """A Chinese text without the province, city and district in front of it."""
    return _split_region(text)[1]


def _split_region(text: str) -> tuple[tuple[str, str, str], str]:
    """Take 省, 市 and 区/县 off the front as long as a name is left."""
    named = []
    for pattern in _REGION:
        rest = pattern.sub("", text, count=1)
        named.append(text.removesuffix(rest) if len(rest) >= 2 else "")
        text = rest if len(rest) >= 2 else text
    return (named[0], named[1], named[2]), text
