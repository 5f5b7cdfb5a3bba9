"""Chinese items as rules: one item is understood whole, or `UnreadError` says why not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from geodata.catchments.clause import Clause, SeparatorError, UnreadError
from geodata.catchments.fold import continued, fold
from geodata.catchments.rules import Bound, House, Rule, Span, kind_of
from geodata.catchments.tokens import Token, parity_of, tokens_of, word_parity

_DIRECTIONS = {"东": "east", "南": "south", "西": "west", "北": "north"}
_OPPOSITE = {"east": "west", "west": "east", "north": "south", "south": "north"}
_BEYOND = re.compile(r"^(?P<road>[^以]{2,}?)以(?P<side>[东南西北])(?:段|片|片区|区域)?$")
_UP_TO = re.compile(r"^(?P<side>[东南西北])(?:起|至|到|临|靠|邻|接|以)(?P<road>[^以]{2,}?)(?:为界|为止|止)?$")
_FRAME = (
    re.compile(r"^(?:幼儿|适龄儿童)?(?:户籍在|户籍地址?(?:为|在))"),
    re.compile(r"(?:户籍)?(?:且)?(?:符合)?(?:人户一致)?(?:条件)?的?适龄(?:儿童|幼儿)$"),
)
_VAGUE = re.compile(
    "部分|附近|(?<![平高初中])等|及|除|户口|户籍|村民|儿童|适龄|业主|招生|登记|派位|区间|地段|包括|所含|属下|其他|其它|居住|安排|"
    "统筹|可以|报读|双向|以[东南西北内外]|沿线|周边|一带|之间|两侧|门牌|的|段$|[路街巷道村]至|范围|已拆|拆迁|说明|咨询|学区|片区|电话|"
    "单位有|符合|^[仅只非]|不含|不包|^[东南西北][至到临邻接]|[园区村厦苑院号路街巷]和(?!平)|[^\\w·.&]"
)
_GROUND = re.compile("(?:辖区|所辖|辖内)?(?:范围|区域)$")
_IN_NUMBERS = {"numbers", "separator", "space", "parity", "sub"}
_AT_NUMBERS = {"numbers", "sub", "group", "parity"}
_BLOCK = re.compile("^[A-Za-z0-9]{1,3}[栋幢座]")
_LONGEST_NAME = 20
_OFFICE = re.compile(r"^[\u4e00-\u9fff]{1,8}(?:街|街道|镇|乡)$")
_COMMUNITY = re.compile(r"(?:社区|居委|居委会|村)$")
_WIDE = re.compile(r"(?:[路]|大道|大街)$")


@dataclass
class Reader:
    """Reads the items of one text in order; `last` is the rule that an item without a name of its own continues."""

    last: Rule | None = None

    def item(self, text: str, below: str | None = None) -> list[Rule]:
        """The rules of an item; `below` is the next line where the item stands alone on its own, and is not the last.

        Raises:
            UnreadError: a part of it could not be read; then none of it counts.
        """
        body = fold(text)
        for frame in _FRAME:
            body = frame.sub("", body)
        if found := re.fullmatch("【(.+)】", text.strip()):
            return [Rule("heading", fold(found[1]))]
        if area := _area(body):
            return [area]
        if below is not None and _OFFICE.match(body):
            return [_office(body, below)]
        return _Item(self.last).read(body)


def _office(name: str, below: str) -> Rule:
    """A street office on a line of its own is a heading of the lines below, unless those go on as a list of names."""
    if not re.search(r"[\d(（:：；;、]", below):
        raise UnreadError("a whole street, or the heading of what follows")
    return Rule("heading", name)


def _area(text: str) -> Rule | None:
    """An area by the roads around it: 东至A路,南至B路,… or A路以南,B路以北,…"""
    body = re.sub(r"^四至(?:范围)?:?", "", text)
    excepted = re.fullmatch(r"([^()]*)\((.+)除外\)", body)
    bounds = [_bound(part) for part in re.split("[,、]", excepted[1] if excepted else body) if part]
    if not bounds or any(bound is None for bound in bounds):
        return None
    exceptions = _exceptions(excepted[2], "") if excepted else ()
    return Rule("bounded", bounds=tuple(bound for bound in bounds if bound), exceptions=exceptions)


def _bound(text: str) -> Bound | None:
    if found := _UP_TO.match(text):
        side = _DIRECTIONS[found["side"]]
    elif found := _BEYOND.match(text):
        side = _OPPOSITE[_DIRECTIONS[found["side"]]]
    else:
        return None
    if _VAGUE.search(found["road"]):
        return None
    return Bound(side, found["road"])


def _exceptions(text: str, name: str) -> tuple[Rule, ...]:
    """What is taken out: numbers of the same street, elided lanes of it, or other names."""
    text = re.sub(r"^除|外$|除外$", "", text)
    if elided := re.fullmatch(r"((?:[一二三四五六七八九十]+[、,]?)+)(巷|街|村|弄|期|社)", text):
        return tuple(Rule("street", f"{name}{part}{elided[2]}") for part in re.split("[、,]", elided[1]))
    start = Rule("numbers", name) if name else None
    found = _Item(start).read(fold(text))
    if any(rule.exceptions or rule.bounds for rule in found):
        raise UnreadError(f"an exception with conditions of its own: {text}")
    return tuple(replace(_same_street(rule, name), notes=()) for rule in found)


def _same_street(rule: Rule, name: str) -> Rule:
    """Excepted numbers may name their street by the end of the name only (后街一巷 of 广雅后街一巷)."""
    return replace(rule, name=name) if rule.kind == "numbers" and name.endswith(rule.name) else rule


class _Item:
    """Reads one folded item from left to right."""

    def __init__(self, last: Rule | None) -> None:
        self.last = last
        self.clause: Clause | None = None
        self.rules: list[Rule] = []
        self.before: list[str] = []
        self.along = ""
        self.prior = ""
        self.done = False
        self.rest: list[Token] = []

    def read(self, text: str) -> list[Rule]:
        tokens = tokens_of(text)
        for at, token in enumerate(tokens):
            self.prior, self.rest = tokens[at - 1].kind if at else "", tokens[at + 1 :]
            getattr(self, f"_{token.kind}", self._unknown)(token)
            if self.done:
                break
        self._flush()
        if not self.rules:
            raise UnreadError("nothing that names a place")
        return [replace(rule, text="") for rule in self.rules]

    def _unknown(self, token: Token) -> None:
        raise UnreadError(f"a sign without meaning here: {token.text}")

    def _separator(self, _token: Token) -> None:
        pass

    _space = _separator

    def _colon(self, _token: Token) -> None:
        clause = self._needed()
        following = [one for one in self.rest if one.kind != "space"]
        if not following:
            self._head_alone(clause)
        elif following[0].kind == "name" or (following[0].kind == "group" and not _is_parity(following[0])):
            self._head(clause, following)

    def _head_alone(self, clause: Clause) -> None:
        """A head with nothing under it: a whole community, or a heading."""
        office, _, community = clause.name.rpartition("·")
        self.clause = None
        if _COMMUNITY.search(community) and not _VAGUE.search(community):
            notes = (office,) if office else ()
            self.rules.append(Rule("compound", community, exceptions=clause.exceptions, notes=notes))
        else:
            self.rules.append(Rule("heading", clause.name))

    def _head(self, clause: Clause, following: Sequence[Token]) -> None:
        self.clause = None
        text = "".join(token.text for token in following)
        if re.fullmatch("除.+外", text):
            self._without_some(clause.name, text)
            return
        self.along = clause.name if kind_of(clause.name) == "street" else ""
        self.rules.append(Rule("heading", clause.name))

    def _without_some(self, head: str, text: str) -> None:
        """X街·Y社区部分:除…外 is the community Y without what is named."""
        community = head.rpartition("·")[2].removesuffix("部分")
        if not _COMMUNITY.search(community):
            raise UnreadError(f"something without some of its houses: {head}")
        self.rules.append(Rule("compound", _sound(community), exceptions=_exceptions(text, "")))
        self.done = True

    def _name(self, token: Token) -> None:
        if self.clause and self.prior in _AT_NUMBERS and self.clause.spans and not _leads(self.rest):
            self.clause.notes.append(_sound(token.text))
            return
        self._flush()
        name = continued(token.text, self._name_before())
        if not name:
            raise UnreadError(f"a name without its beginning: {token.text}")
        is_head = bool(self.rest) and self.rest[0].kind == "colon"
        self.clause = Clause(name if is_head else _sound(_GROUND.sub("", name)), notes=self.before)
        self.before = []

    def _name_before(self) -> str:
        if self.rules:
            return self.rules[-1].name
        return self.last.name if self.last else ""

    def _numbers(self, token: Token) -> None:
        clause = self.clause or self._continue()
        if self.along and kind_of(clause.name) == "compound":
            raise UnreadError(f"numbers of one of two names: {clause.name}, {self.along}")
        if _is_lane(token, self.rest):
            self._lane(f"{token.first.number}弄" if token.first else "")
            return
        if clause.lane and _unit(token) == "弄":
            self._lane("")
            clause = self._needed()
        clause.add(token)

    def _lane(self, lane: str) -> None:
        """From here on inside a lane of the street (or again along the street)."""
        clause = self._needed()
        self._flush(keep_empty=False)
        self.clause = Clause(clause.name, lane=lane)

    def _continue(self) -> Clause:
        """Numbers without a name belong to the street before them."""
        if self.last is None or self.last.kind not in ("numbers", "street", "compound") or not self.last.name:
            raise UnreadError("numbers without a street")
        if self.last.kind != "numbers":
            raise SeparatorError("numbers after a whole street")
        self.clause = Clause(self.last.name, lane=self.last.lane)
        return self.clause

    def _sub(self, token: Token) -> None:
        self._needed().add_sub(token)

    def _parity(self, token: Token) -> None:
        clause = self.clause or self._continue()
        clause.parity(
            word_parity(token.text),
            forward=self.prior not in ("numbers", "sub", "name") or not clause.spans,
        )

    def _all(self, _token: Token) -> None:
        self._needed()

    def _without(self, _token: Token) -> None:
        self._needed().unnumbered = True

    def _note(self, token: Token) -> None:
        self._needed().notes.append(token.text[1:-1])

    def _except(self, _token: Token) -> None:
        raise UnreadError("an exception that does not stand in brackets")

    def _group(self, token: Token) -> None:
        content = token.text[1:-1].strip()
        if not token.text.endswith(")"):
            raise UnreadError("a bracket that does not close")
        if not content:
            return
        if _is_parity(token):
            (self.clause or self._continue()).parity(parity_of(content), forward=not self._has_numbers())
        elif self.clause is None and not self.rules:
            self.before.append(_sound(content))
        else:
            self._remark(content)

    def _has_numbers(self) -> bool:
        return self.clause is not None and self.clause.open_run

    def _remark(self, content: str) -> None:
        clause = self._needed()
        if inside := re.fullmatch(r"弄内(单双|单|双)号?", content):
            self._inside_lane(clause, parity_of(inside[1]))
        elif "拆" in content:
            clause.notes.append(content)
        elif content.endswith("除外") or re.fullmatch("除.+外", content):
            clause.exceptions += _exceptions(content, clause.name)
        elif area := _area(content):
            clause.bounds += area.bounds
        elif not clause.spans and self._listed(clause, content):
            self.clause = None
        elif found := re.match(r"(?:仅)?(?:包括|包含|含|其中)", content):
            self._including(content[found.end() :])
        else:
            self._specified(content)

    def _inside_lane(self, clause: Clause, which: str) -> None:
        """209弄(弄内双号), or 222弄1-51号(弄内单号)."""
        if clause.lane:
            clause.parity(which, forward=not clause.open_run)
            return
        lane = clause.spans.pop() if clause.spans else Span(None, None)
        if not lane.single or lane.first is None:
            raise UnreadError("the inside of no lane")
        self._flush(keep_empty=False)
        self.clause = Clause(clause.name, lane=f"{lane.first.number}弄", spans=[Span(None, None, which)])

    def _including(self, content: str) -> None:
        """含…: parity, further numbers, names of compounds."""
        clause = self._needed()
        self._plain(clause, tokens_of(content))

    def _plain(self, clause: Clause, tokens: list[Token]) -> None:
        for at, token in enumerate(tokens):
            if token.kind == "numbers":
                clause.include(token)
            elif token.kind == "name":
                number, name = re.fullmatch(r"(?:含|包括)?(\d*)(.*)", token.text).groups()  # type: ignore[union-attr]
                if number:
                    house = House(int(number))
                    clause.include(Token("numbers", number, house, house))
                clause.notes += [_sound(name)] if name else []
            elif token.kind == "parity":
                clause.parity(word_parity(token.text), forward=not clause.open_run)
            elif token.kind not in ("separator", "space"):
                raise UnreadError(f"a remark that is not clear: {''.join(one.text for one in tokens[at:])}")

    def _specified(self, content: str) -> None:
        """A bracket after a name or numbers: its numbers, where it is, or what it is called."""
        clause = self._needed()
        tokens = tokens_of(content)
        kinds = {token.kind for token in tokens}
        only_numbers = tokens[0].kind in ("numbers", "parity") and kinds <= {"name", *_IN_NUMBERS}
        if tokens[0].kind == "parity" and clause.spans:
            self._plain(clause, tokens)
        elif only_numbers and clause.spans and (clause.open_run or not clause.pending):
            clause.refine(tokens)
        elif only_numbers:
            for token in tokens:
                self._in_bracket(clause, token)
        elif "numbers" in kinds and not clause.spans:
            self._located(clause, content)
        elif "numbers" in kinds:
            raise UnreadError(f"numbers in a remark: {content}")
        else:
            self._called(clause, content)

    def _listed(self, clause: Clause, content: str) -> bool:
        """A street office, village or community and, in brackets, the streets and communities of it that are meant."""
        if not re.search("(?:街|街道|镇|乡|社区|村)$", clause.name) or not re.search("[、,;]", content):
            return False
        try:
            found = _Item(None).read(re.sub("^(?:包括|包含|含)", "", content))
        except UnreadError:
            return False
        if not all(rule.kind in ("street", "numbers") or _COMMUNITY.search(rule.name) for rule in found):
            return False
        self.rules += [Rule("heading", clause.name), *found]
        return True

    def _called(self, clause: Clause, content: str) -> None:
        """A bracket of names only: other names of the same thing, unless it may be a choice of what stands there."""
        several = "、" in content and kind_of(clause.name) == "street"
        if not clause.spans and (several or _WIDE.search(clause.name)):
            raise UnreadError(f"a whole street, or only what the bracket names: {content}")
        clause.notes += [_sound(part) for part in re.split("[、,]", content)]

    def _in_bracket(self, clause: Clause, token: Token) -> None:
        if token.kind == "numbers":
            clause.add(token)
        elif token.kind == "parity":
            clause.parity(word_parity(token.text), forward=not clause.open_run)
        elif token.kind == "sub":
            clause.add_sub(token)
        elif token.kind == "name":
            clause.notes.append(_sound(token.text))

    def _located(self, clause: Clause, content: str) -> None:
        """A compound and, in brackets, its addresses: the addresses are the rule."""
        found: list[Rule] = []
        last = None
        for part in re.split(";", content):
            found += _Item(last).read(part)
            last = found[-1]
        self.clause = None
        self.rules += [replace(rule, notes=(*rule.notes, clause.name)) for rule in found]

    def _needed(self) -> Clause:
        if self.clause is None:
            raise UnreadError("a remark or a number without a name before it")
        return self.clause

    def _flush(self, keep_empty: bool = True) -> None:
        if self.clause is not None and (keep_empty or self.clause.spans):
            self.rules.append(self.clause.rule())
        self.clause = None


def _leads(rest: list[Token]) -> bool:
    """Whether a name is followed by numbers of its own."""
    return bool(rest) and rest[0].kind in ("numbers", "colon", "parity")


def _is_lane(token: Token, rest: list[Token]) -> bool:
    """Whether a single 弄 is followed at once by numbers that are not lanes: they are houses inside it."""
    following = [one for one in rest[:2] if one.kind != "space"][:1]
    single = token.first is not None and token.first == token.last and token.first.unit == "弄"
    return single and bool(following) and following[0].kind == "numbers" and _unit(following[0]) != "弄"


def _is_parity(token: Token) -> bool:
    return token.kind == "group" and bool(parity_of(token.text[1:-1]))


def _unit(token: Token) -> str:
    house = token.last or token.first
    return house.unit if house else ""


def _sound(name: str) -> str:
    """A name of a place, not a phrase.

    Raises:
        UnreadError: it is a phrase.
    """
    if _BLOCK.match(name):
        raise UnreadError(f"a part of a house: {name}")
    if len(name) > _LONGEST_NAME or _VAGUE.search(name) or not re.search(r"[\u4e00-\u9fffA-Za-z]", name):
        raise UnreadError(f"no plain name: {name}")
    return name
