"""The clause being read: one street or compound with the numbers, parities and remarks that follow it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from geodata.catchments.rules import Bound, House, Rule, Span, kind_of
from geodata.catchments.tokens import Token, word_parity


class UnreadError(Exception):
    """Why an item cannot be read; it is then listed, not guessed."""


class SeparatorError(UnreadError):
    """Numbers follow a bare street in the item before: neither item can be trusted."""


@dataclass
class Clause:
    """Collects what is said of one name; `run` counts the spans since the last parity."""

    name: str
    lane: str = ""
    spans: list[Span] = field(default_factory=list)
    run: int = 0
    pending: str = ""
    bounds: tuple[Bound, ...] = ()
    exceptions: tuple[Rule, ...] = ()
    notes: list[str] = field(default_factory=list)
    unnumbered: bool = False

    @property
    def open_run(self) -> bool:
        """Whether there are numbers to which a parity after them belongs."""
        return len(self.spans) > self.run

    def add(self, token: Token) -> None:
        """Numbers that follow the name."""
        if token.first and token.last and token.last.place < token.first.place:
            raise UnreadError(f"a range that falls: {token.text}")
        span = Span(token.first, token.last)
        self.spans.append(span if span.single or not self.pending else replace(span, parity=self.pending))

    def add_sub(self, token: Token) -> None:
        """之二 after 7号之一: a further part of the same number."""
        last = self.spans[-1].last if self.spans else None
        if last is None or token.first is None or not self.spans[-1].single:
            raise UnreadError(f"a part of no number: {token.text}")
        house = replace(last, sub=token.first.number)
        self.spans.append(Span(house, house))

    def include(self, token: Token) -> None:
        """Numbers that a remark adds: those that are not in the spans already."""
        house = token.first
        if house is None or token.first != token.last:
            raise UnreadError(f"a range in a remark: {token.text}")
        if not any(span.holds(house) for span in self.spans):
            self.spans.insert(self.run, Span(house, house))
            self.run += 1

    def parity(self, which: str, forward: bool) -> None:
        """A parity: of the numbers before it since the last one, or where there are none, of those that follow.

        It belongs to the range right before it, and to earlier ones whose two ends both have it. Single houses are
        named outright and need none. Where one came before its numbers, so do the others of the clause.
        """
        if forward or self.pending:
            self.pending = which
            self.run = len(self.spans)
            return
        for at in range(self.run, len(self.spans)):
            span = self.spans[at]
            if not span.single and (at == len(self.spans) - 1 or _agrees(span, which)):
                self.spans[at] = replace(span, parity=which)
        self.run = len(self.spans)

    def refine(self, tokens: list[Token]) -> None:
        """A bracket that says the numbers before it again, in more detail: it replaces them."""
        inner = Clause(self.name)
        for token in tokens:
            if token.kind == "numbers":
                inner.add(token)
            elif token.kind == "parity":
                inner.parity(word_parity(token.text), forward=not inner.open_run)
            elif token.kind not in ("separator", "space"):
                raise UnreadError(f"a remark that is not clear: {token.text}")
        ends = [house for span in inner.spans for house in (span.first, span.last)]
        whole = self.spans[-1]
        if any(house is None or not replace(whole, parity="all").holds(house) for house in ends):
            raise UnreadError("a bracket with other numbers than those before it")
        self.spans[-1:] = inner.spans
        self.run = len(self.spans)

    def rule(self) -> Rule:
        """The clause as a rule."""
        if self.pending and not self.spans[self.run :]:
            self.spans.append(Span(None, None, self.pending))
        spans = tuple(_with_units(self.spans))
        if not spans and self.lane:
            raise UnreadError("a lane without numbers")
        if spans and self.unnumbered:
            raise UnreadError("house numbers, and none")
        kind = "numbers" if spans or self.unnumbered else kind_of(self.name)
        return Rule(kind, self.name, spans, self.lane, self.bounds, self.exceptions, tuple(self.notes))


def _agrees(span: Span, which: str) -> bool:
    """Whether both ends of a range have a parity."""
    if which == "all":
        return False
    return all(house is not None and house.odd == (which == "odd") for house in (span.first, span.last))


def _with_units(spans: list[Span]) -> list[Span]:
    """Each number with its unit: its own, else that of the next number that has one, else 号."""
    found: list[Span] = []
    unit = ""
    for span in reversed(spans):
        own = [house.unit for house in (span.last, span.first) if house and house.unit]
        unit = own[0] if own else unit
        found.append(replace(span, first=_filled(span.first, unit), last=_filled(span.last, unit)))
    return found[::-1]


def _filled(house: House | None, unit: str) -> House | None:
    return house if house is None or house.unit else replace(house, unit=unit or "号")
