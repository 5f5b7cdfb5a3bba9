"""What a catchment's text says, as plain values (normative: docs/spec/catchment-text.md)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

SIDES = ("north", "east", "south", "west")

HYPHEN = "-"
"""The letter of a house such as 109-19, whose number is one although it has two parts."""

_STREET = re.compile(r"(?:[路街巷道里坊弄径胡同]|大街|马路|大道|公路|通津|街[东西南北中]|路[东西南北中])$")


@dataclass(frozen=True)
class House:
    """A house number: 15, 15甲 or 15A (`letter`), 15号之一 (`sub` 1), 109-19 (`letter` HYPHEN, `sub` 19).

    `unit` is 号, 弄 or 栋, "" for Latin ones. 号 and 弄 count along one street; 栋 are buildings of a compound.
    """

    number: int
    letter: str = ""
    sub: int = 0
    unit: str = "号"

    @property
    def place(self) -> tuple[int, str, int]:
        """Where it comes along the street: 15 < 15号之一 < 15甲 < 16."""
        return self.number, self.letter.upper(), self.sub

    @property
    def odd(self) -> bool:
        """Whether it stands on the odd side; of 109-19 the last part says that."""
        return (self.sub if self.letter == HYPHEN else self.number) % 2 == 1


@dataclass(frozen=True)
class Span:
    """House numbers from `first` to `last`, both included (None: open), of one parity ("all", "odd", "even"); one
    house: both are it.
    """

    first: House | None
    last: House | None
    parity: str = "all"

    @property
    def single(self) -> bool:
        """Whether it is one house."""
        return self.first is not None and self.first == self.last

    def holds(self, house: House) -> bool:
        """Whether a house lies in it: bounds are exact, so 1–17 holds 15甲 but not 17甲."""
        if not self._same_count(house):
            return False
        if self.single:
            return self.first is not None and self.first.place == house.place
        low = self.first is None or self.first.place <= house.place
        high = self.last is None or house.place <= self.last.place
        return low and high and (self.parity == "all" or house.odd == (self.parity == "odd"))

    def _same_count(self, house: House) -> bool:
        bound = self.first or self.last
        return bound is None or (bound.unit == "栋") == (house.unit == "栋")


@dataclass(frozen=True)
class Bound:
    """A road along one side of an area: `side` north means that the area ends there in the north."""

    side: str
    road: str


@dataclass(frozen=True)
class Rule:
    """One thing that a text puts into a catchment.

    street: the whole street `name`; compound: everything of that name (compound, village, institution); numbers: the
    houses `numbers` of `name`, inside its lane `lane` where that is not empty, and where `numbers` is empty the part of
    the street without house numbers; bounded: the area inside `bounds`; heading: a street office or part under which
    others stand, which gives nobody a school. `bounds` may also narrow a named rule; `exceptions` are taken out of it;
    `notes` are the remarks in brackets. `line` and the verbatim `text` do not count when rules are compared.
    """

    kind: str
    name: str = ""
    numbers: tuple[Span, ...] = ()
    lane: str = ""
    bounds: tuple[Bound, ...] = ()
    exceptions: tuple[Rule, ...] = ()
    notes: tuple[str, ...] = ()
    line: int = field(default=0, compare=False)
    text: str = field(default="", compare=False)


@dataclass(frozen=True)
class Unread:
    """An item that was not understood, verbatim, and why not."""

    line: int
    text: str
    why: str


@dataclass(frozen=True)
class Reading:
    """A text read: its rules in order, what was not understood, and how many items it has."""

    rules: tuple[Rule, ...]
    unread: tuple[Unread, ...]
    items: int

    @property
    def understood(self) -> int:
        """Items that were understood whole."""
        return self.items - len(self.unread)


def kind_of(name: str) -> str:
    """Whether a bare name is that of a street or of a compound: Chinese names tell by their end, others are streets."""
    chinese = re.search(r"[\u4e00-\u9fff]", name)
    return "street" if not chinese or _STREET.search(name) else "compound"
