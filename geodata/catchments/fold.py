"""An item's words in one spelling: widths, dashes, brackets, Chinese numbers of houses, elided names written out."""

from __future__ import annotations

import re
import unicodedata

from geodata.addresses.normal import chinese_number

_NUMERAL = "[一二三四五六七八九十]+"
_TAIL = (
    r"(?:[大新老横前后东西南北中]?(?:马路|横路|横巷|横街|直街|路|街|巷|里|坊|道|条|径)|[新旧]?村|约|社|期|区|组|队|横)"
)
_LISTED = re.compile(
    rf"(?P<base>[\u4e00-\u9fff]+?)(?P<numbers>(?:{_NUMERAL}|\d+)(?:[、,](?:{_NUMERAL}|\d+))+)(?P<tail>{_TAIL})"
)
_RANGED = re.compile(
    rf"(?P<base>[\u4e00-\u9fff]+?)(?P<low>{_NUMERAL}|\d+)[-至到](?P<high>{_NUMERAL}|\d+)(?P<tail>{_TAIL})(?![\u4e00-\u9fff])"
)
_DIGITS = "一二三四五六七八九"
_ELIDED = re.compile(rf"^{_NUMERAL}{_TAIL}$")
_NUMBERED_END = re.compile(rf"{_NUMERAL}{_TAIL}$")
_LONGEST = 40
"""Names that a list such as 一至五马路 may stand for."""


def fold(text: str) -> str:
    """One spelling of an item."""
    text = unicodedata.normalize("NFKC", text.replace("【", "(").replace("】", ")")).replace("號", "号")
    text = re.sub(r"[\u2010-\u2015\u2212\u2500\u301c~〜]", "-", text)
    text = re.sub(r"[《》“”\"']", "", text)
    text = re.sub(r"\s*-[-\s]*", "-", text)
    text = re.sub(r"(?<=\d)\s+(?=[号弄栋幢座支])|(?<=[(:、,])\s+|\s+(?=[):、,])", "", text)
    text = re.sub(r"(?<=[\d号弄栋])\s*[至到]\s*(?=\d)", "-", text)
    text = re.sub(r"(?<![之第])[一二三四五六七八九十百〇]+(?=[号弄栋])", _as_digits, text)
    return elided(re.sub(r"\s+", " ", text).strip())


def elided(text: str) -> str:
    """Lists and ranges of numbered names written out: 金羊一、二街 -> 金羊一街、金羊二街; 龟岗一至三马路 likewise."""
    text = _LISTED.sub(_list, text)
    return _RANGED.sub(_range, text)


def continued(name: str, before: str) -> str:
    """A name that is only a number and what it numbers (三街), with the base of the name before it (寺右南二街)."""
    if not _ELIDED.match(name):
        return name
    found = _NUMBERED_END.search(before)
    return before[: found.start()] + name if found and found.start() else ""


def _as_digits(found: re.Match[str]) -> str:
    return str(chinese_number(found.group()))


def _list(found: re.Match[str]) -> str:
    parts = re.split("[、,]", found["numbers"])
    return "、".join(f"{found['base']}{part}{found['tail']}" for part in parts)


def _range(found: re.Match[str]) -> str:
    low, high = _value(found["low"]), _value(found["high"])
    if not low < high <= low + _LONGEST:
        return found.group()
    chinese = not found["low"].isdecimal()
    values = (_chinese(value) if chinese else str(value) for value in range(low, high + 1))
    return "、".join(f"{found['base']}{value}{found['tail']}" for value in values)


def _value(text: str) -> int:
    return int(text) if text.isdecimal() else chinese_number(text)


def _chinese(value: int) -> str:
    tens, ones = divmod(value, 10)
    head = "" if not tens else "十" if tens == 1 else f"{_DIGITS[tens - 1]}十"
    return head + (_DIGITS[ones - 1] if ones else "")
