"""The words of a folded Chinese item: numbers, ranges, parities, names, brackets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from geodata.addresses.normal import chinese_number
from geodata.catchments.rules import House

_LETTER = "(?:[A-Za-z](?![A-Za-z])|[甲乙丙丁戊])?"
_SUBS = "(?:[一二三四五六七八九十]+|[0-9]+)"
_AFTER = (
    r"(?=$|[\s、,;:()/〔\-]|[号弄栋幢座]|之[一二三四五六七八九十\d]|[单双]|及以|以[上下]|[起后]|的|"
    "全部|除外|无门牌|大院)"
)
_NUMBER = re.compile(rf"\d{{1,5}}{_LETTER}{_AFTER}")


def _house(name: str) -> str:
    """A house number; its groups carry `name`."""
    return (
        rf"(?P<n{name}>\d{{1,5}})(?P<letter{name}>{_LETTER})(?P<unit{name}>[号弄栋幢座]?)"
        rf"(?:之(?P<sub{name}>{_SUBS})(?:号(?![\u4e00-\u9fff]))?)?"
    )


_RANGE = re.compile(rf"{_house('a')}-{_house('b')}(?:(?<=[号弄栋幢座])|{_AFTER})")
_ONE = re.compile(_house(""))
_UP = re.compile(r"(?:\(含(?:此|该|本)?号?\))?(?:及|及其)?(?:以上|以后|之后|起|后)(?:的)?")
_DOWN = re.compile(r"(?:\(含(?:此|该|本)?号?\))?(?:及|及其)?(?:以下|以前|之前)(?:的)?")
_SUB = re.compile(r"之([一二三四五六七八九十]+|\d+)(?:号)?(?![\u4e00-\u9fff])|之([一二三四五六七八九十])(?=之)")
_PARITY = re.compile("的?(?:均?为|含)?(?P<which>单双|双单|单、双|单|双|奇|偶)数?(?:门牌号码|门牌号|门牌|号码|号|弄|门)")
_BARE_PARITY = re.compile(r"含?(?P<which>单双|双单|单|双|奇|偶)(?:数)?(?:门牌)?(?:号|弄)?(?:、弄)?")
_WORDS = (
    ("all", re.compile("全部|全段|全路段|全街|整条")),
    ("without", re.compile("无门牌号?")),
    ("except", re.compile("除外")),
    ("note", re.compile("〔[^〕]*〕")),
)


@dataclass(frozen=True)
class Token:
    """A word: its kind, its text, and the houses it names (a range: two; an open range: one with None)."""

    kind: str
    text: str
    first: House | None = None
    last: House | None = None


def parity_of(text: str) -> str:
    """The parity that a bracket or word consists of, or ""."""
    found = _BARE_PARITY.fullmatch(text.strip())
    return _which(found["which"]) if found else ""


def tokens_of(text: str) -> list[Token]:
    """All words of a folded text, in order; kind "?" for a sign that has no place here."""
    return list(_tokens(text))


def _tokens(text: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        token = _token(text, at)
        yield token
        at += len(token.text)


def _token(text: str, at: int) -> Token:
    sign = text[at]
    if sign == "(":
        return Token("group", text[at : _closing(text, at) + 1])
    for kind, signs in (("space", " "), ("colon", ":"), ("separator", "、,/;")):
        if sign in signs:
            return Token(kind, sign)
    return _numbers(text, at) or _word(text, at) or _name(text, at)


def _closing(text: str, at: int) -> int:
    depth = 0
    for place in range(at, len(text)):
        depth += (text[place] == "(") - (text[place] == ")")
        if depth == 0:
            return place
    return len(text) - 1


def _numbers(text: str, at: int) -> Token | None:
    if found := _RANGE.match(text, at):
        first, last = _as_house(found, "a"), _as_house(found, "b")
        return Token("numbers", found.group(), first, last)
    if not _NUMBER.match(text, at):
        return None
    found = _ONE.match(text, at)
    if found is None:
        return None
    house = _as_house(found, "")
    for pattern, up in ((_UP, True), (_DOWN, False)):
        if beyond := pattern.match(text, found.end()):
            whole = text[at : beyond.end()]
            return Token("numbers", whole, house if up else None, None if up else house)
    return Token("numbers", found.group(), house, house)


def _as_house(found: re.Match[str], which: str) -> House:
    unit = found[f"unit{which}"] or ""
    sub = found[f"sub{which}"]
    return House(
        int(found[f"n{which}"]), found[f"letter{which}"] or "", _number(sub), {"幢": "栋", "座": "栋"}.get(unit, unit)
    )


def _number(text: str | None) -> int:
    if not text:
        return 0
    return int(text) if text.isdecimal() else chinese_number(text)


def _word(text: str, at: int) -> Token | None:
    for kind, pattern in _WORDS:
        if found := pattern.match(text, at):
            return Token(kind, found.group())
    if found := _PARITY.match(text, at):
        return Token("parity", found.group())
    if found := _SUB.match(text, at):
        return Token("sub", found.group(), House(_number(found[1] or found[2])))
    return None


def _name(text: str, at: int) -> Token:
    end = at
    while end < len(text) and text[end] not in " 、,/;:()-":
        if end > at and _begins(text, end):
            break
        end += 1
    return Token("name", text[at:end]) if end > at else Token("?", text[at])


def _begins(text: str, at: int) -> bool:
    """Whether a number or a word, rather than more of a name, begins here."""
    if text[at].isdecimal():
        return not text[at - 1].isdecimal() and _numbers(text, at) is not None
    return _word(text, at) is not None


def word_parity(text: str) -> str:
    """The parity that a parity word says."""
    found = _PARITY.fullmatch(text)
    return _which(found["which"]) if found else ""


def _which(text: str) -> str:
    if len(text) > 1:
        return "all"
    return "odd" if text in "单奇" else "even"
