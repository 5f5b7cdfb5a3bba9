"""What the tests of the draw share: a generator that repeats, people, and a hall at any step of a ceremony."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ledger.notes import Signer
from lottery.conduct import Conduct
from lottery.rehearse import HOUR, Parties, Script, StepClock, freeze_rosters
from lottery.rosterfile import Person
from lottery.seed import commitment
from tests.vectors.make_example import Counted

DRAW = "TEST-CLASSES"
HOMEROOM_DRAW = "TEST-HOMEROOM"
DICE = [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6, 1, 2]
NAMES = ("organiser", "parent", "inspector")


def children(count: int, score: bool = True) -> list[Person]:
    """Half boys, half girls, scores in no order."""
    return [
        Person(f"S{n:05}", f"Child {n}", "M" if n % 2 else "F", str(n * 37 % 101) if score else "")
        for n in range(1, count + 1)
    ]


def teachers(count: int) -> list[Person]:
    return [Person(f"T-{n}", f"Teacher {n}") for n in range(1, count + 1)]


def script(**changes: object) -> Script:
    """Forty children, two classes, two teachers."""
    return replace(Script(children(40), teachers(2), ["1班", "2班"]), **changes)  # type: ignore[arg-type]


class Hall:
    """A ceremony whose two draws are frozen and witnessed; each method takes one step of the class placement."""

    def __init__(self, folder: Path, played: Script | None = None, name: str = "hall") -> None:
        memory = folder.parent / f"{folder.name}-memory"
        memory.mkdir()
        self.clock = StepClock()
        self.random = Counted(name)
        self.parties = Parties(folder, memory, played or script(), self.random, self.clock)
        self.start = self.clock()
        self.private = freeze_rosters(self.parties, self.start, "0" * 64)
        self.secrets = {name: self.random(32) for name in NAMES}

    @property
    def conduct(self) -> Conduct:
        return self.parties.conduct

    @property
    def log(self) -> Signer:
        return self.parties.log

    def commit(self, *names: str, draw: str = DRAW) -> None:
        for name in names or NAMES:
            self.conduct.commit(draw, name, commitment(draw, name, self.secrets[name]).hex())

    def to_closed(self) -> None:
        self.commit()
        self.conduct.close(DRAW)
        self.parties.sign(DRAW)

    def to_revealing(self) -> None:
        self.to_closed()
        self.conduct.cast(DRAW, "dice")

    def reveal(self, *names: str) -> None:
        for name in names or NAMES:
            self.conduct.reveal(DRAW, name, self.secrets[name])

    def to_uncovering(self) -> None:
        self.to_revealing()
        self.reveal()
        self.conduct.close_reveals(DRAW)

    def uncover(self, digits: list[int] = DICE) -> None:
        self.conduct.uncover(DRAW, "dice", [digits, digits], "reader", ["typist A", "typist B"])

    def to_drawable(self) -> None:
        self.to_uncovering()
        self.uncover()
        self.parties.sign(DRAW)

    def to_signed(self) -> None:
        self.to_drawable()
        self.conduct.compute(DRAW)
        self.parties.sign(DRAW)

    def pass_deadlines(self) -> None:
        """Let an hour and then the reveals' deadline pass."""
        self.clock.wait(self.start + 2 * HOUR)

    def reopened(self) -> Conduct:
        """The same folder, opened by a fresh program on the same keys."""
        return Conduct.open(self.conduct.folder, self.log, self.clock)

    def state(self) -> str:
        return self.conduct.ceremony.draw(DRAW).state
