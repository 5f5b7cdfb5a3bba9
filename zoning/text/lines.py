"""A rule as one line that reads back as the same rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from geodata.addresses.normal import regions
from geodata.catchments.grammar import read
from geodata.catchments.places import place_name
from geodata.catchments.rules import Rule, kind_of
from geodata.catchments.writing import write
from zoning.text.names import Names

_BESIDE = "甲路1号"
"""A line before and after the one that is tried, so that it is read as it will be among others."""


def lines_of(rules: Sequence[Rule], names: Names, language: str) -> list[str | None]:
    """A line for each of the rules of one text; see `line_of`."""
    named = [_called(rule, _spellings(rule, names)[0]) for rule in rules]
    lines = [write([rule], language) for rule in named]
    reading = read("\n".join(lines))
    if len(reading.rules) == len(named) and not reading.unread and all(map(_same, reading.rules, named)):
        return [*lines]
    return [line_of(rule, names, language) for rule in rules]


def line_of(rule: Rule, names: Names, language: str) -> str | None:
    """The rule in `language`, else in English, as a line that reads back as itself; None if none does.

    The name is spelled as people write it where that reads back, else in its normal form.
    """
    for name in _spellings(rule, names):
        named = _called(rule, name)
        for words in dict.fromkeys((language, "en")):
            line = write([named], words)
            if _reads_as(line, named):
                return line
    return None


def _spellings(rule: Rule, names: Names) -> list[str]:
    """What the rule's name may be written as, with the district that it begins with."""
    district = regions(rule.name)[2]
    return [district + spelling for spelling in names.spellings(rule.name.removeprefix(district))]


def _called(rule: Rule, name: str) -> Rule:
    """The rule under another spelling of its name."""
    kind = rule.kind if rule.kind == "numbers" else kind_of(name)
    return replace(rule, kind=kind, name=name, exceptions=tuple(replace(one, name=name) for one in rule.exceptions))


def _reads_as(line: str, rule: Rule) -> bool:
    reading = read(f"{_BESIDE}\n{line}\n{_BESIDE}")
    return not reading.unread and len(reading.rules) == 3 and _same(reading.rules[1], rule)


def _same(one: Rule, other: Rule) -> bool:
    """Whether two rules name the same addresses: the spelling of the name may differ."""
    alike = replace(one, name=other.name, exceptions=()) == replace(other, exceptions=())
    excepted = len(one.exceptions) == len(other.exceptions)
    return (
        alike
        and excepted
        and place_name(one.name) == place_name(other.name)
        and regions(one.name)[2] == regions(other.name)[2]
        and all(_same(mine, its) for mine, its in zip(one.exceptions, other.exceptions, strict=True))
    )
