"""Items in Latin letters as rules: «Hauptstr.: odd 1-51», «Am Park, gesamt», «Nuthedamm ung. 17-29»."""

from __future__ import annotations

import re
from dataclasses import replace

from geodata.catchments.clause import UnreadError
from geodata.catchments.fold import fold
from geodata.catchments.rules import HYPHEN, SIDES, Bound, House, Rule, Span, kind_of

_LETTER = r"(?-i:(?P<letter{0}>\s?[A-Z甲乙丙丁戊]|[a-z])(?![A-Za-z]))"
_FRONT = r"(?P<unit{0}>lane |block )?(?P<n{0}>\d{{1,5}})"
_BACK = _LETTER + r"?(?:/(?P<sub{0}>\d+))?"
_PLAIN = _FRONT + _BACK
_HOUSE = _FRONT + r"(?P<hyphen{0}>-\d{{1,4}}(?!\d))?" + _BACK
_END = r"(?![\w-])"
_PARTS = (
    ("whole", re.compile(r"(?:gesamt|ganz|komplett|all|whole(?: street)?|entire(?: street)?)\b", re.I)),
    ("without", re.compile(r"(?:ohne (?:HNr|Hausnummern?|Nr)\.?|without (?:house )?numbers?)", re.I)),
    ("all", re.compile(r"odd and even\b", re.I)),
    ("odd", re.compile(r"(?:ungerade|ung|odd)\b\.?(?: numbers)?", re.I)),
    ("even", re.compile(r"(?:gerade|ger|even)\b\.?(?: numbers)?", re.I)),
    ("hyphen", re.compile(r"no\.? ?(?P<n>\d{1,5})-(?P<sub>\d{1,4})" + _END, re.I)),
    ("up", re.compile(rf"(?:ab|from) {_HOUSE.format('a')}{_END}", re.I)),
    ("down", re.compile(rf"(?:bis|up to) {_HOUSE.format('a')}{_END}", re.I)),
    ("range", re.compile(rf"{_HOUSE.format('a')} (?:to|bis) {_HOUSE.format('b')}{_END}", re.I)),
    ("dash", re.compile(rf"{_PLAIN.format('a')}\s*-\s*{_PLAIN.format('b')}{_END}", re.I)),
    ("up", re.compile(rf"{_HOUSE.format('a')}(?: and up| and above| aufwärts|\+)", re.I)),
    ("down", re.compile(rf"{_HOUSE.format('a')}(?: and below| abwärts)", re.I)),
    ("one", re.compile(rf"{_HOUSE.format('a')}{_END}", re.I)),
    ("separator", re.compile(r"\s+|[,&]|(?:u\.|und\b|and\b|nos?\.)")),
)
_UNITS = {"lane ": "弄", "block ": "栋", "": "号"}
_LANE = re.compile(r"^in lane (\d+): ?", re.I)
_BRACKET = re.compile(r"\s*\(([^()]*)\)\s*$")
_EXCEPT = re.compile(r"^(?:except|außer|ohne) (.+)$", re.I)
_WITHIN = re.compile(r"^(?:bounded by )?(.+) \((north|east|south|west)\)$")
_VAGUE = re.compile(
    r"\b(?:part|parts|partly|teilweise|near|between|zwischen|around|etc|except|außer)\b|\d (?:to|bis)$", re.I
)
_LONGEST_NAME = 60


def read_item(text: str, last: Rule | None) -> list[Rule]:
    """The rules of an item.

    Raises:
        UnreadError: a part of it could not be read.
    """
    text = re.sub(r"\s+", " ", fold(text)).strip(" ,")
    if heading := re.fullmatch(r"\[(.+)\]", text):
        return [Rule("heading", heading[1])]
    body, remarks = _remarks(text)
    if body.startswith("bounded by "):
        return [_with_remarks(_area(body), remarks)]
    name, spec = _split(body)
    if not name:
        if last is None or last.kind != "numbers":
            raise UnreadError("numbers without a street")
        name = last.name
    return [_with_remarks(_rule(name, spec), remarks)]


def _remarks(text: str) -> tuple[str, list[str]]:
    found: list[str] = []
    while remark := _BRACKET.search(text):
        found.insert(0, remark[1])
        text = text[: remark.start()]
    return text, found


def _split(text: str) -> tuple[str, str]:
    """The street and what is said of its numbers; a colon decides, else the first place from which all is clear."""
    if spans_of(text) is not None:
        return "", text
    name, colon, spec = text.partition(":")
    if colon:
        return name.strip(), spec.strip()
    for place in [found.start() for found in re.finditer(r"[ ,]+", text)]:
        spec = text[place:].strip(" ,")
        if spec and spans_of(spec) is not None and not re.search(r"\d,? *$", text[:place]):
            return text[:place].strip(" ,"), spec
    if re.search(r",|\d\w*-\d", text):
        raise UnreadError(f"numbers that are not clear: {text}")
    return text, ""


def _rule(name: str, spec: str) -> Rule:
    if len(name) > _LONGEST_NAME or _VAGUE.search(name) or not re.search(r"[^\W\d_]", name):
        raise UnreadError(f"no plain name: {name}")
    lane = ""
    if inside := _LANE.match(spec):
        lane, spec = f"{inside[1]}弄", spec[inside.end() :]
    spans = spans_of(spec)
    if spans is None:
        raise UnreadError(f"numbers that are not clear: {spec}")
    if spans == ["whole"] and lane:
        return Rule("numbers", name, (Span(None, None),), lane)
    if spans == ["whole"]:
        return Rule(kind_of(name), name)
    if spans == ["without"]:
        return Rule("numbers", name)
    if not all(isinstance(span, Span) for span in spans):
        raise UnreadError(f"numbers that are not clear: {spec}")
    return Rule("numbers", name, tuple(span for span in spans if isinstance(span, Span)), lane)


def _with_remarks(rule: Rule, remarks: list[str]) -> Rule:
    for remark in remarks:
        if remark.lower().rstrip(".") in ("odd", "even", "ung", "ger", "ungerade", "gerade"):
            which = "odd" if remark.lower()[0] in "ou" else "even"
            rule = replace(rule, numbers=tuple(_of_parity(span, which) for span in rule.numbers))
        elif excepted := _EXCEPT.match(remark):
            base = Rule("numbers", rule.name)
            found = [read_item(part, base)[0] for part in excepted[1].split(" | ")]
            rule = replace(rule, exceptions=(*rule.exceptions, *found))
        elif _WITHIN.match(f"{remark})") or remark.startswith("bounded by "):
            rule = replace(rule, bounds=(*rule.bounds, *_area(remark).bounds))
        else:
            rule = replace(rule, notes=(*rule.notes, remark))
    return rule


def _of_parity(span: Span, which: str) -> Span:
    return span if span.single else replace(span, parity=which)


def _area(text: str) -> Rule:
    bounds = []
    for part in re.split(r",\s*(?=(?:north|east|south|west) )", text.removeprefix("bounded by ")):
        side, _, road = part.partition(" ")
        if side not in SIDES or not road:
            raise UnreadError(f"a bound that is not clear: {part}")
        bounds.append(Bound(side, road))
    return Rule("bounded", bounds=tuple(bounds))


def spans_of(text: str) -> list[Span | str] | None:
    """Spans of a text that consists of numbers and parities alone; ["whole"], ["without"]; None if it says more."""
    if not text:
        return ["whole"]
    found: list[Span | str] = []
    parity, at, bare = "all", 0, ""
    while at < len(text):
        kind, match = _next(text, at)
        if match is None:
            return None
        at = match.end()
        if kind in ("odd", "even", "all"):
            parity = bare = kind
        elif kind in ("whole", "without"):
            found.append(kind)
        elif kind != "separator":
            span = _span(kind, match, parity)
            if span is None:
                return None
            found.append(span)
            bare = ""
    return [*found, Span(None, None, bare)] if bare else found


def _next(text: str, at: int) -> tuple[str, re.Match[str] | None]:
    for kind, pattern in _PARTS:
        if found := pattern.match(text, at):
            return kind, found
    return "", None


def _span(kind: str, found: re.Match[str], parity: str) -> Span | None:
    if kind == "hyphen":
        house = House(int(found["n"]), HYPHEN, int(found["sub"]))
        return Span(house, house)
    first = _house(found, "a")
    if kind in ("up", "down"):
        return Span(first, None, parity) if kind == "up" else Span(None, first, parity)
    if kind == "one":
        return None if first.letter == HYPHEN and first.sub >= first.number else Span(first, first)
    last = _house(found, "b")
    if last.place < first.place:
        return _hyphenated(first, last) if kind == "dash" else None
    return Span(first, last, parity) if first != last else Span(first, last)


def _hyphenated(first: House, last: House) -> Span | None:
    """109-19: what falls is no range but one number."""
    if first.letter or last.letter or first.sub or last.sub:
        return None
    house = House(first.number, HYPHEN, last.number)
    return Span(house, house)


def _house(found: re.Match[str], which: str) -> House:
    groups = found.groupdict()
    unit = _UNITS[(groups[f"unit{which}"] or "").lower()]
    if hyphen := groups.get(f"hyphen{which}"):
        return House(int(groups[f"n{which}"]), HYPHEN, int(hyphen[1:]), unit)
    letter, sub = (groups[f"letter{which}"] or "").strip().upper(), int(groups[f"sub{which}"] or 0)
    return House(int(groups[f"n{which}"]), letter, sub, unit)
