"""Rules as text, in the canonical form that `read` reads back as the same rules."""

from __future__ import annotations

from collections.abc import Iterable

from geodata.catchments.rules import HYPHEN, Bound, House, Rule, Span

_ZH_SIDES = {"north": "北", "east": "东", "south": "南", "west": "西"}
_ZH_PARITY = {"all": "单双号", "odd": "单号", "even": "双号"}
_EN_PARITY = {"all": "odd and even", "odd": "odd", "even": "even"}
_EN_UNITS = {"弄": "lane ", "栋": "block "}


def write(rules: Iterable[Rule], language: str = "zh") -> str:
    """The text of rules, one a line, in Chinese ("zh") or English ("en").

    `read(write(rules, language)).rules == rules` for rules as `read` gives them; in Chinese where names are Chinese.

    Raises:
        ValueError: another language.
    """
    if language not in ("zh", "en"):
        raise ValueError(language)
    one = _chinese if language == "zh" else _english
    return "\n".join(one(rule) for rule in rules)


def _chinese(rule: Rule) -> str:
    if rule.kind == "heading":
        return f"【{rule.name}】"
    if rule.kind == "bounded":
        return _zh_bounds(rule.bounds) + _zh_exceptions(rule)
    text = rule.name + (_zh_numbers(rule) if rule.kind == "numbers" else "")
    if rule.kind == "street" and rule.name[-1] in "街道":
        text += "全部"
    remarks = [f"（{_zh_bounds(rule.bounds)}）"] if rule.bounds else []
    return text + "".join(remarks) + _zh_exceptions(rule) + "".join(f"〔{note}〕" for note in rule.notes)


def _zh_numbers(rule: Rule) -> str:
    if not rule.numbers:
        return "无门牌号"
    later = [any(span.parity != "all" for span in rule.numbers[at + 1 :]) for at in range(len(rule.numbers))]
    written = [_zh_span(span, said) for span, said in zip(rule.numbers, later, strict=True)]
    if rule.lane and rule.numbers[0] == Span(None, None, rule.numbers[0].parity):
        return f"{rule.lane}（弄内{_ZH_PARITY[rule.numbers[0].parity]}）"
    return rule.lane + "、".join(written)


def _zh_span(span: Span, said: bool) -> str:
    """A span; `said`: a parity follows later, so that "all" must be said too."""
    if span.first is None and span.last is None:
        return _ZH_PARITY[span.parity]
    if span.single:
        return _zh_house(span.first)
    if span.last is None and span.first is not None:
        text = f"{_zh_house(span.first)}及以后"
    elif span.first is None and span.last is not None:
        text = f"{_zh_house(span.last)}及以前"
    else:
        text = f"{_zh_house(span.first)}—{_zh_house(span.last)}"
    return text + (f"（{_ZH_PARITY[span.parity]}）" if said or span.parity != "all" else "")


def _zh_house(house: House | None) -> str:
    if house is None:
        return ""
    return f"{house.number}{house.letter}{house.unit}" + (f"之{house.sub}" if house.sub else "")


def _zh_bounds(bounds: tuple[Bound, ...]) -> str:
    return "，".join(f"{_ZH_SIDES[bound.side]}至{bound.road}" for bound in bounds)


def _zh_exceptions(rule: Rule) -> str:
    if not rule.exceptions:
        return ""
    first, *others = rule.exceptions
    parts = [_zh_exception(first, rule.name), *map(_chinese, others)]
    return f"（{'、'.join(parts)}除外）"


def _zh_exception(one: Rule, name: str) -> str:
    return _zh_numbers(one) if one.kind == "numbers" and one.name == name and one.numbers else _chinese(one)


def _english(rule: Rule) -> str:
    if rule.kind == "heading":
        return f"[{rule.name}]"
    if rule.kind == "bounded":
        return _en_bounds(rule.bounds) + _en_exceptions(rule)
    said = ": all" if rule.kind != "numbers" else f": {_en_numbers(rule)}"
    remarks = [f" ({_en_bounds(rule.bounds)})"] if rule.bounds else []
    return rule.name + said + "".join(remarks) + _en_exceptions(rule) + "".join(f" ({note})" for note in rule.notes)


def _en_numbers(rule: Rule) -> str:
    if not rule.numbers:
        return "without numbers"
    parity, parts = "all", []
    for span in rule.numbers:
        changes = not span.single and span.parity != parity
        parity = span.parity if changes else parity
        parts.append(f"{_EN_PARITY[parity] if changes else ''} {_en_span(span)}")
    lane = f"in lane {rule.lane.removesuffix('弄')}: " if rule.lane else ""
    return lane + "nos. " + ", ".join(part.strip() for part in parts)


def _en_span(span: Span) -> str:
    if span.first is None and span.last is None:
        return "all" if span.parity == "all" else ""
    if span.single:
        return _en_house(span.first, alone=True)
    if span.last is None:
        return f"from {_en_house(span.first)}"
    if span.first is None:
        return f"up to {_en_house(span.last)}"
    return f"{_en_house(span.first)} to {_en_house(span.last)}"


def _en_house(house: House | None, alone: bool = False) -> str:
    if house is None:
        return ""
    if house.letter == HYPHEN:
        return f"{'no. ' if alone else ''}{house.number}-{house.sub}"
    unit = _EN_UNITS.get(house.unit, "")
    return f"{unit}{house.number}{house.letter}" + (f"/{house.sub}" if house.sub else "")


def _en_bounds(bounds: tuple[Bound, ...]) -> str:
    return "bounded by " + ", ".join(f"{bound.side} {bound.road}" for bound in bounds)


def _en_exceptions(rule: Rule) -> str:
    if not rule.exceptions:
        return ""
    parts = [_en_exception(one, rule.name) for one in rule.exceptions]
    return f" (except {' | '.join(parts)})"


def _en_exception(one: Rule, name: str) -> str:
    return _en_numbers(one) if one.kind == "numbers" and one.name == name else _english(one)
