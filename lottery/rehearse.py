"""Play a whole ceremony with every party, for rehearsals, demos and fixtures.

All randomness comes from the generator that is handed in and all times from the clock, so that the same ones give the
same bytes. Each party has a key or a secret of its own; that one program holds them all makes it a rehearsal.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.heads import Heads
from ledger.notes import COSIGNATURE, SIGNATURE, Signer
from ledger.witness import cosign
from lottery.conduct import Clock, Conduct, Founding
from lottery.freeze import freeze_children, freeze_teachers
from lottery.manifest import HOMEROOM, PLACEMENT
from lottery.notice import make_notice
from lottery.plan import DrawPlan, class_list, make_source, unix_text
from lottery.rosterfile import Person
from lottery.seed import commitment
from lottery.store import PrivateRoster, Random

HOUR = 3600
UNKNOWN_SOFTWARE = "0" * 64


@dataclass(frozen=True)
class Script:
    """What is played: `withheld` names contributors that never reveal, `wrong` those that reveal something else.

    `contributors` gives each secret's role, `labels` what people call a source (its name unless given).
    """

    children: Sequence[Person]
    teachers: Sequence[Person]
    classes: Sequence[str]
    origin: str = "example.org/test-rehearsal"
    title: str = "Rehearsal"
    test: bool = True
    children_draw: str = "TEST-CLASSES"
    teachers_draw: str = "TEST-HOMEROOM"
    contributors: Mapping[str, str] = field(
        default_factory=lambda: {"organiser": "organiser", "parent": "independent", "inspector": "independent"}
    )
    labels: Mapping[str, str] = field(default_factory=dict)
    dice: int = 20
    witnesses: Sequence[str] = ("witness-parent", "witness-notary")
    threshold: int = 2
    exclusions: Sequence[tuple[str, str]] = ()
    pool: int = 5
    withheld: Sequence[str] = ()
    wrong: Sequence[str] = ()


@dataclass(frozen=True)
class Rehearsal:
    """What a rehearsal leaves: the folder, the notice (anchors), the keys of all parties, the private rosters."""

    folder: Path
    notice: dict[str, Any]
    log: Signer
    witnesses: Sequence[Signer]
    private: Sequence[PrivateRoster]


class StepClock:
    """A clock for rehearsals: every look moves it on by `step` seconds."""

    def __init__(self, now: int = 1_800_000_000, step: int = 30) -> None:
        self._now = now
        self._step = step

    def __call__(self) -> int:
        """The next time."""
        self._now += self._step
        return self._now

    def wait(self, until: int) -> None:
        """Let the time `until` pass."""
        self._now = max(self._now, until)


def cannot_wait(until: int) -> None:
    """For rehearsals in which nobody withholds anything: nobody has to wait."""
    raise NotImplementedError(until)


class Parties:
    """Everybody in the hall, with a new ceremony in `folder`; `memory` keeps what each witness saw last."""

    def __init__(self, folder: Path, memory: Path, script: Script, random: Random, clock: Clock) -> None:
        self.script = script
        self.random = random
        self.clock = clock
        self.log = _key(script.origin, SIGNATURE, random)
        self.witnesses = [_key(name, COSIGNATURE, random) for name in script.witnesses]
        self._memories = [Heads(memory / f"{number}.json") for number in range(len(self.witnesses))]
        keys = [each.verifier.vkey for each in self.witnesses]
        founding = Founding(script.origin, script.title, script.test, keys, script.threshold)
        self.conduct = Conduct.found(folder, founding, self.log, clock)

    def sign(self, draw: str) -> None:
        """Every witness co-signs the head; the head is recorded."""
        self.witness()
        self.conduct.sign(draw)

    def witness(self) -> None:
        """Every witness checks the head against the last one it saw and co-signs."""
        ledger = self.conduct.ledger
        for witness, heads in zip(self.witnesses, self._memories, strict=True):
            prove = ledger.tree.consistency_proof
            line = cosign(ledger.checkpoint(), ledger.log, prove, witness, heads, self.clock())
            ledger.add_cosignature(line, witness.verifier)

    def draw(self, draw: str, wait: Callable[[int], None], deadline: int) -> None:
        """Commit, close, cast, reveal, uncover, compute, with the witnesses at every head."""
        script, conduct = self.script, self.conduct
        secrets = {name: self.random(32) for name in script.contributors}
        for name, secret in secrets.items():
            conduct.commit(draw, name, commitment(draw, name, secret).hex())
        conduct.close(draw)
        self.sign(draw)
        conduct.cast(draw, "dice")
        digits = [_die(self.random) for _ in range(script.dice)]
        for name, secret in secrets.items():
            if name not in script.withheld:
                conduct.reveal(draw, name, self.random(32) if name in script.wrong else secret)
        if script.withheld or script.wrong:
            wait(deadline)
        conduct.close_reveals(draw)
        conduct.uncover(draw, "dice", [digits, digits], "reader", ["typist A", "typist B"])
        self.sign(draw)
        conduct.compute(draw)
        self.sign(draw)


def rehearse(  # the doors and the tests name each argument
    folder: Path,
    script: Script,
    *,
    random: Random,
    clock: Clock,
    wait: Callable[[int], None] = cannot_wait,
    verifier: bytes | None = None,
    software: str = UNKNOWN_SOFTWARE,
) -> Rehearsal:
    """Play `script` into the new `folder`: class placement, then homeroom draw if there are teachers.

    Raises:
        LotteryInputError, LedgerInputError: the folder exists, or the rosters cannot be drawn.
    """
    with tempfile.TemporaryDirectory() as memory:
        parties = Parties(folder, Path(memory), script, random, clock)
        start = clock()
        if verifier:
            (folder / "verify.py").write_bytes(verifier)
        private = freeze_rosters(parties, start, software)
        notice = make_notice(parties.conduct.ceremony, verifier)
        for number, each in enumerate(private, 1):
            parties.draw(each.draw, wait, start + 2 * number * HOUR)
    return Rehearsal(folder, notice, parties.log, parties.witnesses, private)


def freeze_rosters(parties: Parties, start: int, software: str) -> list[PrivateRoster]:
    """Freeze both rosters, each witnessed, before any commitment."""
    script, conduct, random = parties.script, parties.conduct, parties.random
    children = freeze_children(script.children_draw, script.children, len(script.classes), script.pool, random)
    conduct.freeze(script.children_draw, _plan(script, PLACEMENT, start + HOUR), children, software)
    parties.sign(script.children_draw)
    if not script.teachers:
        return [children.private]
    teachers = freeze_teachers(script.teachers_draw, script.teachers, random)
    conduct.freeze(script.teachers_draw, _plan(script, HOMEROOM, start + 3 * HOUR), teachers, software)
    parties.sign(script.teachers_draw)
    return [children.private, teachers.private]


def _plan(script: Script, kind: str, commit_by: int) -> DrawPlan:
    deadline = unix_text(commit_by + HOUR)
    said: list[dict[str, Any]] = [
        {"type": "secret", "name": name, "role": role} for name, role in script.contributors.items()
    ]
    said.append({"type": "dice", "name": "dice", "count": script.dice, "faces": 6})
    homeroom = kind == HOMEROOM
    return DrawPlan(
        kind=kind,
        title=script.title,
        classes=class_list(script.classes),
        commit_deadline=unix_text(commit_by),
        sources=[
            make_source({**each, "label": script.labels.get(each["name"], each["name"]), "deadline": deadline})
            for each in said
        ],
        after=script.children_draw if homeroom else "",
        exclusions=script.exclusions if homeroom else (),
    )


def _key(name: str, algorithm: int, random: Random) -> Signer:
    return Signer.from_key(name, Ed25519PrivateKey.from_private_bytes(random(32)), algorithm)


def _die(random: Random) -> int:
    """A fair die from bytes: 252 of 256 values are used."""
    while (value := random(1)[0]) >= 252:
        pass
    return value % 6 + 1
