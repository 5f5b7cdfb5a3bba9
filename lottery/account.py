"""A draw told to readers: its result by class, its steps with fingerprints, its files; codes only, never a name."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from ledger.merkle import leaf_hash
from ledger.notes import Verifier, open_note
from lottery.ceremony import Ceremony, Draw
from lottery.chances import same_class_bounds
from lottery.conduct import Conduct
from lottery.errors import LotteryError
from lottery.events import Event
from lottery.manifest import HOMEROOM
from lottery.placement import Placed
from lottery.public import parse_result, parse_roster, result_leaf, tree_root

FILE = re.compile(
    r"head\.json|checkpoint|verify\.py|events/[0-9]{6}\.json"
    r"|draws/[A-Z0-9][A-Z0-9-]{0,31}/(roster|result)\.(csv|checkpoint)"
)
"""What an evidence folder may hold, and nothing else is ever served from it."""


@dataclass(frozen=True)
class Step:
    """One event: what it says, its leaf's hash (hex), and the witnesses that signed if it is a head."""

    event: Event
    fingerprint: str
    label: str
    witnesses: Sequence[str] = ()


@dataclass(frozen=True)
class SchoolClass:
    """One class of the result: code, name, the codes placed in it, and the teacher's code if drawn and signed."""

    code: str
    name: str
    codes: Sequence[str]
    teacher: str = ""


@dataclass(frozen=True)
class Account:
    """Everything the page of a draw shows."""

    draw: Draw
    log: Verifier
    threshold: int
    founding: Step
    steps: Sequence[Step]
    placed: Mapping[str, Placed]
    classes: Sequence[SchoolClass]
    files: Sequence[tuple[str, int]]
    same_class: tuple[Fraction, Fraction] | None
    """Bounds of the chance that two children share a class; None in a homeroom draw."""

    @property
    def is_signed(self) -> bool:
        """Whether the result stands under a head that enough witnesses signed."""
        return self.draw.state in ("signed", "set-aside")

    def find(self, typed: str) -> Placed | None:
        """The line of a number as somebody typed it: width, case and spaces are forgiven."""
        return self.placed.get(clean_code(typed))


def read_account(folder: Path, draw: str) -> Account:
    """Read and check the ceremony in `folder` and tell the draw.

    Raises:
        LedgerError, LotteryError: the folder does not hold what the protocol allows, or the result file was changed.
    """
    conduct = Conduct.open(folder, None, lambda: 0)
    ceremony = conduct.ceremony
    told = ceremony.draw(draw)
    placed = read_placed(folder, told)
    log, _witnesses = ceremony.verifiers
    return Account(
        draw=told,
        log=log,
        threshold=(ceremony.founding or {})["threshold"],
        founding=_step(conduct, ceremony, told, 1),
        steps=[_step(conduct, ceremony, told, number) for number in told.steps],
        placed=placed,
        classes=_classes(folder, ceremony, told, placed),
        files=evidence_files(folder),
        same_class=_same_class(folder, told),
    )


def clean_code(typed: str) -> str:
    """A typed number in the form of the lists."""
    return "".join(unicodedata.normalize("NFKC", typed).split()).upper()


def evidence_files(folder: Path) -> list[tuple[str, int]]:
    """Path below `folder` and size in bytes of every file of the evidence."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    return [(name, (folder / name).stat().st_size) for name in names if is_evidence(folder, name)]


def is_evidence(folder: Path, name: str) -> bool:
    """Whether `name` is a file of the evidence that lies in `folder` itself: what came as a link is never served."""
    path = folder.resolve() / name
    return FILE.fullmatch(name) is not None and path.is_file() and path.resolve() == path


def evidence_zip(folder: Path) -> bytes:
    """The evidence folder as one archive; the same folder gives the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, _size in evidence_files(folder):
            archive.writestr(zipfile.ZipInfo(f"{folder.name}/{name}"), (folder / name).read_bytes())
    return buffer.getvalue()


def read_placed(folder: Path, draw: Draw) -> dict[str, Placed]:
    """The result by code, if the file is the one that was drawn; nothing before there is a result.

    Raises:
        LotteryError: the result file is missing, malformed or another.
    """
    if draw.result is None:
        return {}
    try:
        placed = parse_result((folder / "draws" / draw.id / "result.csv").read_bytes())
    except FileNotFoundError as error:
        raise LotteryError("The result file of %(draw)s is missing.", draw=draw.id) from error
    if tree_root(map(result_leaf, placed)).hex() != draw.result["result_root"]:
        raise LotteryError("The result file of %(draw)s is not the one that was drawn.", draw=draw.id)
    return {one.code: one for one in placed}


def _classes(folder: Path, ceremony: Ceremony, draw: Draw, placed: Mapping[str, Placed]) -> list[SchoolClass]:
    members: dict[str, list[str]] = {each["code"]: [] for each in draw.manifest["classes"]}
    for code, one in placed.items():
        members[one.group].append(code)
    teachers = _teachers(folder, ceremony, draw)
    return [
        SchoolClass(each["code"], each["name"], members[each["code"]], teachers.get(each["code"], ""))
        for each in draw.manifest["classes"]
    ]


def _same_class(folder: Path, draw: Draw) -> tuple[Fraction, Fraction] | None:
    if draw.kind == HOMEROOM:
        return None
    return same_class_bounds(draw.manifest, parse_roster((folder / "draws" / draw.id / "roster.csv").read_bytes()))


def _teachers(folder: Path, ceremony: Ceremony, draw: Draw) -> dict[str, str]:
    """Class code -> teacher code, from the signed homeroom draw that follows `draw` (or is it)."""
    for each in ceremony.draws.values():
        follows = each.manifest["after"] == draw.id or each.id == draw.id
        if each.kind == HOMEROOM and follows and each.state == "signed":
            return {one.group: one.code for one in read_placed(folder, each).values()}
    return {}


def _step(conduct: Conduct, ceremony: Ceremony, draw: Draw, number: int) -> Step:
    entry = conduct.ledger.entries[number - 1]
    labels = {source["name"]: source["label"] for source in draw.manifest["sources"]}
    witnesses: list[str] = []
    if entry.event["type"] == "HEAD":
        log, keys = ceremony.verifiers
        note = open_note(entry.event["note"].encode(), [log, *keys])
        witnesses = sorted(each.name for each in keys if note.signed_by(each))
    label = labels.get(entry.event.get("source", ""), "")
    return Step(entry.event, leaf_hash(entry.data).hex(), label, witnesses)
