"""The protocol of a ceremony: its state is derived from the ledger's events alone; an illegal step is refused.

docs/spec/draw.md, section 4. Nothing here reads a clock, a disk or a random source: `Ceremony.after` takes an event
and what it must agree with, and gives the next state or raises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from ledger.canonical import canonical_json
from ledger.checkpoint import open_checkpoint
from ledger.errors import Phrase
from ledger.merkle import Tree
from ledger.notes import COSIGNATURE, SIGNATURE, Verifier, is_name
from lottery.errors import LotteryInputError, StepError
from lottery.events import Event, check_event
from lottery.homeroom import draw_homeroom
from lottery.manifest import (
    HOMEROOM,
    PLACEMENT,
    DrawRules,
    Manifest,
    are_digits,
    check_form,
    check_roster,
    is_random_enough,
    physical_sources,
    secret_sources,
)
from lottery.placement import Placed, place
from lottery.public import RosterLine, result_leaf, tree_root
from lottery.seed import commitment, digits_bytes, make_seed

ENDED = ("signed", "void", "set-aside")
_SAID = {
    "frozen": Phrase("frozen"),
    "open": Phrase("open for commitments"),
    "closing": Phrase("closed, but not yet witnessed"),
    "closed": Phrase("waiting for the dice"),
    "revealing": Phrase("open for reveals"),
    "uncovering": Phrase("being uncovered"),
    "recorded": Phrase("recorded, but not yet witnessed"),
    "drawable": Phrase("ready to be drawn"),
    "drawn": Phrase("drawn, but not yet witnessed"),
    "signed": Phrase("signed by the witnesses"),
    "void": Phrase("void"),
    "set-aside": Phrase("set aside"),
}


class Evidence(Protocol):
    """What an event must agree with: the tree of the ledger (at least up to the event) and the frozen rosters."""

    @property
    def tree(self) -> Tree:
        """The ledger's tree."""

    def roster(self, draw: str) -> Sequence[RosterLine]:
        """The lines of a draw's roster.csv."""


@dataclass(frozen=True)
class Result:
    """What the seed makes of a roster."""

    seed: bytes
    counter: int
    placed: Sequence[Placed]

    @property
    def root(self) -> bytes:
        """Root of the result tree."""
        return tree_root(map(result_leaf, self.placed))


@dataclass(frozen=True)
class Draw:
    """One draw id as far as its events have come; `steps` are its event numbers in order."""

    manifest: Manifest
    state: str = "frozen"
    commitments: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    reveals: int = 0
    cast: tuple[str, ...] = ()
    digits: Mapping[str, Sequence[int]] = field(default_factory=dict)
    result: Event | None = None
    steps: tuple[int, ...] = ()

    @property
    def id(self) -> str:
        """The draw id."""
        return str(self.manifest["draw"])

    @property
    def said(self) -> Phrase:
        """Its state as a sentence says it."""
        return _SAID[self.state]

    @property
    def kind(self) -> str:
        """`class-placement` or `homeroom`."""
        return str(self.manifest["kind"])

    @property
    def parts(self) -> list[bytes]:
        """One part of the seed for each source, in the manifest's order; a missing secret is empty (rule S3)."""
        return [
            bytes.fromhex(self.secrets.get(source["name"], ""))
            if source["type"] == "secret"
            else digits_bytes(self.digits[source["name"]])
            for source in self.manifest["sources"]
        ]

    def compute(self, roster: Sequence[RosterLine]) -> Result:
        """Seed and placement from what is recorded; the same whenever and wherever it is computed.

        Raises:
            LotteryError: no permitted homeroom matching was found.
        """
        rules = DrawRules(self.manifest)
        root = bytes.fromhex(self.manifest["roster_root"])
        seed = make_seed(root, canonical_json(self.manifest), self.parts, self.manifest["test"])
        if self.kind == PLACEMENT:
            return Result(seed, 0, place(seed, rules.placement, {line.code: line.stratum for line in roster}))
        teachers = self.manifest["teachers"]
        return Result(seed, *draw_homeroom(seed, self.id, rules.classes, teachers, rules.exclusions))


@dataclass(frozen=True)
class Ceremony:
    """A ceremony as its events say: origin, keys, and its draws in the order of their freezing."""

    founding: Event | None = None
    draws: Mapping[str, Draw] = field(default_factory=dict)
    size: int = 0
    waits: tuple[str, str] | None = None
    """Draw id and stage whose head must be witnessed before anything else happens (rule H4)."""

    def after(self, event: Event, evidence: Evidence) -> Ceremony:
        """The state after one more event.

        Raises:
            LotteryInputError: the event is malformed.
            StepError: the protocol does not allow it now.
        """
        check_event(event, self.size + 1)
        if self.founding is None or event["type"] == "CEREMONY":
            return self._founded(event)
        if event["origin"] != self.founding["origin"]:
            raise StepError("Event %(number)s names another origin.", number=event["number"])
        self._check_waiting(event)
        draw = self._next_draw(event, evidence)
        draw = replace(draw, steps=(*draw.steps, event["number"]))
        stage = _stage_made(event, draw)
        waits = (draw.id, stage) if stage else None
        return replace(self, draws={**self.draws, draw.id: draw}, size=self.size + 1, waits=waits)

    def draw(self, draw: str) -> Draw:
        """The draw with this id.

        Raises:
            LotteryInputError: there is none.
        """
        if draw not in self.draws:
            raise LotteryInputError("There is no draw %(draw)s in this ceremony.", draw=draw)
        return self.draws[draw]

    @property
    def verifiers(self) -> tuple[Verifier, tuple[Verifier, ...]]:
        """The log's key and the witnesses' keys.

        Raises:
            StepError: the ceremony is not founded.
        """
        if self.founding is None:
            raise StepError("The ledger has no CEREMONY event yet.")
        keys = tuple(Verifier.parse(key) for key in self.founding["witness_keys"])
        return Verifier.parse(self.founding["log_key"]), keys

    def _check_waiting(self, event: Event) -> None:
        if self.waits and event["type"] != "HEAD" and (event["type"], event["draw"]) != ("VOID", self.waits[0]):
            raise StepError(
                "The witnesses must sign the head first (draw %(draw)s, stage %(stage)s).",
                draw=self.waits[0],
                stage=self.waits[1],
            )

    def _founded(self, event: Event) -> Ceremony:
        if self.founding is not None or event["type"] != "CEREMONY":
            raise StepError("CEREMONY is the first event and only the first.")
        founded = replace(self, founding=event, size=1)
        log, witnesses = founded.verifiers
        if log.algorithm != SIGNATURE or any(each.algorithm != COSIGNATURE for each in witnesses):
            raise LotteryInputError("The log key must be an Ed25519 key, each witness key a cosignature key.")
        keys = [log.public_key, *(each.public_key for each in witnesses)]
        names = [each.name for each in witnesses]
        if len(set(keys)) != len(keys) or len(set(names)) != len(names):
            raise LotteryInputError("Log and witness keys must all differ, and so must the witnesses' names.")
        if not is_name(event["origin"]):
            raise LotteryInputError("An origin is like a web address without https:// and has no space and no +.")
        if event["threshold"] > len(witnesses):
            raise LotteryInputError("The threshold is higher than the number of witness keys.")
        if event["test"] != event["origin"].rpartition("/")[2].startswith("test-"):
            raise LotteryInputError("The last part of the origin begins with test- in a TEST ceremony, and only there.")
        return founded

    def _next_draw(self, event: Event, evidence: Evidence) -> Draw:
        if event["type"] == "FREEZE":
            return self._frozen(event, evidence)
        draw = self.draw(event["draw"])
        if event["type"] == "HEAD":
            self._check_head(event, draw, evidence)
        key = (draw.state, event["type"] + (f" {event['stage']}" if event["type"] == "HEAD" else ""))
        if key not in _STEPS:
            raise StepError(
                "%(type)s is not allowed now: the draw %(draw)s is %(state)s.",
                type=key[1],
                draw=draw.id,
                state=draw.said,
            )
        return _STEPS[key](self, draw, event, evidence)

    def _frozen(self, event: Event, evidence: Evidence) -> Draw:
        manifest = event["manifest"]
        check_form(manifest)
        if event["draw"] in self.draws:
            raise StepError("The draw %(draw)s is frozen already: one draw id has one manifest.", draw=event["draw"])
        self._check_binding(event, manifest)
        lines = evidence.roster(manifest["draw"])
        if tree_root(line.leaf for line in lines).hex() != manifest["roster_root"]:
            raise StepError("The roster of %(draw)s is not the one in its manifest.", draw=manifest["draw"])
        if len(lines) != manifest["roster_size"]:
            raise StepError("The roster of %(draw)s has another size than its manifest says.", draw=manifest["draw"])
        check_roster(manifest, lines)
        self._check_family(manifest)
        return Draw(manifest)

    def _check_binding(self, event: Event, manifest: Manifest) -> None:
        founding = self.founding or {}
        for name in ("origin", "test", "log_key", "witness_keys", "threshold"):
            if manifest[name] != founding[name]:
                raise StepError("The manifest's %(field)s is not the ceremony's.", field=name)
        if manifest["draw"] != event["draw"]:
            raise StepError("The manifest names another draw id than its event.")
        if manifest["test"] != manifest["draw"].startswith("TEST-"):
            raise StepError("Draw ids begin with TEST- in a TEST ceremony, and only there.")

    def _check_family(self, manifest: Manifest) -> None:
        """Predecessors of the same kind, and the draw that must be signed before (rules M3, M10)."""
        kin = [draw for draw in self.draws.values() if draw.kind == manifest["kind"]]
        if manifest["predecessors"] != [draw.id for draw in kin]:
            raise StepError("The manifest must name every earlier draw of its kind as a predecessor.")
        if any(draw.state not in ENDED for draw in kin):
            raise StepError("An earlier draw of this kind is still open: finish or void it first.")
        if manifest["exclusions"] and not manifest["after"]:
            raise StepError("Exclusions of teachers need the class placement that they are frozen before: name it.")
        if not manifest["after"]:
            return
        before = self.draws.get(manifest["after"])
        if not before or before.kind != PLACEMENT or before.manifest["classes"] != manifest["classes"]:
            raise StepError("A homeroom draw follows a class placement of this ceremony with the same classes.")
        if manifest["exclusions"] and before.commitments:
            raise StepError("Exclusions of teachers must be frozen before the class placement takes commitments.")

    def _check_head(self, event: Event, draw: Draw, evidence: Evidence) -> None:
        """Rules H1 to H3."""
        log, witnesses = self.verifiers
        head, note = open_checkpoint(event["note"].encode(), log, witnesses)
        wanted = (event["origin"], self.size, evidence.tree.root(self.size), ())
        if (head.origin, head.size, head.root, head.extensions) != wanted:
            raise StepError("The co-signed head is not the head of the %(size)s events before it.", size=self.size)
        if self.waits != (draw.id, event["stage"]):
            raise StepError("The event before a head must be the one that the head is about.")
        threshold = (self.founding or {})["threshold"]
        signed = sum(note.signed_by(each) for each in witnesses)
        if signed < threshold:
            raise StepError(
                "The head of %(size)s events has %(signed)s of %(threshold)s co-signatures that are needed.",
                size=self.size,
                signed=signed,
                threshold=threshold,
            )


def _stage_made(event: Event, draw: Draw) -> str:
    """The stage that a witnessed head would confirm right after this event, or ""."""
    if event["type"] == "UNCOVER" and draw.state == "recorded":
        return "sources"
    return {"FREEZE": "frozen", "CLOSE": "closed", "RESULT": "result"}.get(str(event["type"]), "")


def _commit(ceremony: Ceremony, draw: Draw, event: Event, _evidence: Evidence) -> Draw:
    sources = {source["name"]: source for source in secret_sources(draw.manifest)}
    name = event["source"]
    if name not in sources:
        raise StepError("%(source)s is not a secret source of this draw.", source=name)
    if name in draw.commitments:
        raise StepError("%(source)s has committed already.", source=name)
    if any(event["commitment"] in other.commitments.values() for other in ceremony.draws.values()):
        raise StepError("This commitment stands in the ledger already; a fresh secret is needed.")
    organisers = [each for each, source in sources.items() if source["role"] == "organiser"]
    if organisers and not draw.commitments and name not in organisers:
        raise StepError("The organiser's commitment comes first (%(source)s).", source=organisers[0])
    if event["time"] > draw.manifest["commit_deadline"]:
        raise StepError("The commitments' deadline %(deadline)s has passed.", deadline=draw.manifest["commit_deadline"])
    after = draw.manifest["after"]
    if after and ceremony.draw(after).state != "signed":
        raise StepError("%(after)s must be signed before commitments for this draw.", after=after)
    return replace(draw, commitments={**draw.commitments, name: event["commitment"]})


def _close(_ceremony: Ceremony, draw: Draw, event: Event, _evidence: Evidence) -> Draw:
    absent = [one["name"] for one in secret_sources(draw.manifest) if one["name"] not in draw.commitments]
    if absent and event["time"] <= draw.manifest["commit_deadline"]:
        raise StepError(
            "%(sources)s may still commit until %(deadline)s.",
            sources=", ".join(absent),
            deadline=draw.manifest["commit_deadline"],
        )
    if not is_random_enough(draw.manifest, draw.commitments):
        raise StepError("Too few independent commitments came for these sources: the draw can only be voided.")
    return replace(draw, state="closing")


def _cast(_ceremony: Ceremony, draw: Draw, event: Event, _evidence: Evidence) -> Draw:
    names = [source["name"] for source in physical_sources(draw.manifest)]
    if event["source"] != names[len(draw.cast)]:
        raise StepError("The next to be cast is %(source)s.", source=names[len(draw.cast)])
    cast = (*draw.cast, event["source"])
    return replace(draw, cast=cast, state="revealing" if len(cast) == len(names) else draw.state)


def _reveal(ceremony: Ceremony, draw: Draw, event: Event, _evidence: Evidence) -> Draw:
    name, secret = event["source"], event["secret"]
    if name not in draw.commitments:
        raise StepError("%(source)s has not committed in this draw.", source=name)
    if name in draw.secrets:
        raise StepError("%(source)s has revealed already.", source=name)
    deadlines = {source["name"]: source["deadline"] for source in draw.manifest["sources"]}
    if event["time"] > deadlines[name]:
        raise StepError("The deadline for revealing %(source)s has passed.", source=name)
    matches = commitment(draw.id, name, bytes.fromhex(secret)).hex() == draw.commitments[name]
    if matches != event["matches"]:
        raise StepError("The REVEAL of %(source)s says wrongly whether it matches.", source=name)
    draw = replace(draw, reveals=draw.reveals + 1)
    if not matches:
        return draw
    if any(secret in other.secrets.values() for other in ceremony.draws.values()):
        raise StepError("This secret was revealed in the ledger before.")
    return replace(draw, secrets={**draw.secrets, name: secret})


def _close_reveals(_ceremony: Ceremony, draw: Draw, event: Event, _evidence: Evidence) -> Draw:
    late = [
        source["name"]
        for source in secret_sources(draw.manifest)
        if source["name"] in draw.commitments
        and source["name"] not in draw.secrets
        and event["time"] <= source["deadline"]
    ]
    if late:
        raise StepError("%(sources)s may still reveal: the deadline has not passed.", sources=", ".join(late))
    if event["missing"] != missing_secrets(draw):
        raise StepError("REVEALS_CLOSED names the wrong sources as missing.")
    return replace(draw, state="uncovering")


def _uncover(_ceremony: Ceremony, draw: Draw, event: Event, _evidence: Evidence) -> Draw:
    sources = physical_sources(draw.manifest)
    source = sources[len(draw.digits)]
    if event["source"] != source["name"]:
        raise StepError("The next to be uncovered is %(source)s.", source=source["name"])
    if not are_digits(source, event["digits"]):
        raise StepError(
            "These are not the numbers of %(source)s: look at how many there are and how high.", source=source["name"]
        )
    if len({event["reader"], *event["typists"]}) != 3:
        raise StepError("The reader and the two typists must be three people.")
    digits = {**draw.digits, source["name"]: event["digits"]}
    return replace(draw, digits=digits, state="recorded" if len(digits) == len(sources) else draw.state)


def _result(_ceremony: Ceremony, draw: Draw, event: Event, evidence: Evidence) -> Draw:
    result = draw.compute(evidence.roster(draw.id))
    says = (event["seed"], event["counter"], event["result_root"], event["result_size"])
    if says != (result.seed.hex(), result.counter, result.root.hex(), len(result.placed)):
        raise StepError("The RESULT of %(draw)s is not what its sources and its roster give.", draw=draw.id)
    return replace(draw, state="drawn", result=event)


def _void(_ceremony: Ceremony, draw: Draw, _event: Event, _evidence: Evidence) -> Draw:
    if draw.reveals or draw.digits:
        raise StepError("After the first reveal or uncovering a draw cannot be voided: it is computed and published.")
    return replace(draw, state="void")


def _to(state: str) -> Callable[[Ceremony, Draw, Event, Evidence], Draw]:
    return lambda _ceremony, draw, _event, _evidence: replace(draw, state=state)


def missing_secrets(draw: Draw) -> list[str]:
    """The secret sources without a matching reveal, in the manifest's order."""
    return [source["name"] for source in secret_sources(draw.manifest) if source["name"] not in draw.secrets]


_STEPS: dict[tuple[str, str], Callable[[Ceremony, Draw, Event, Evidence], Draw]] = {
    ("frozen", "HEAD frozen"): _to("open"),
    ("frozen", "VOID"): _void,
    ("open", "COMMIT"): _commit,
    ("open", "CLOSE"): _close,
    ("open", "VOID"): _void,
    ("closing", "HEAD closed"): _to("closed"),
    ("closing", "VOID"): _void,
    ("closed", "CAST"): _cast,
    ("closed", "VOID"): _void,
    ("revealing", "REVEAL"): _reveal,
    ("revealing", "REVEALS_CLOSED"): _close_reveals,
    ("revealing", "VOID"): _void,
    ("uncovering", "UNCOVER"): _uncover,
    ("uncovering", "VOID"): _void,
    ("recorded", "HEAD sources"): _to("drawable"),
    ("drawable", "RESULT"): _result,
    ("drawn", "HEAD result"): _to("signed"),
    ("signed", "SET_ASIDE"): _to("set-aside"),
}

__all__ = ["ENDED", "HOMEROOM", "PLACEMENT", "Ceremony", "Draw", "Evidence", "Result", "missing_secrets"]


def replay(events: Sequence[Mapping[str, Any]], evidence: Evidence) -> Ceremony:
    """The state after all `events`.

    Raises:
        LotteryInputError, StepError: the first event that is malformed or not allowed.
    """
    ceremony = Ceremony()
    for event in events:
        ceremony = ceremony.after(event, evidence)
    return ceremony
