"""Check the published folder of a draw ceremony, with nothing of the program that made it.

    python verify.py [--notice NOTICE.json] [--json] DIR

Written from the specification `docs/spec/draw.md` (version evenhand/draw/v1); a verdict BROKEN names its rule. Needs
Python 3.11 or later and the package `cryptography`. The anchors come from the printed notice, never from the folder;
a copy of this program that lies in the folder proves nothing about itself: compare its SHA-256 with the notice.

Exit status: 0 VERIFIED, 1 BROKEN, 3 CONSISTENT ONLY, 2 the folder or the notice cannot be read, or wrong usage.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import hmac
import json
import os
import re
import stat
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from math import perm
from pathlib import Path
from typing import Any, NoReturn

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    sys.exit("需要 Python 软件包 cryptography。\nThe Python package cryptography is needed: pip install cryptography")

VERIFIED, BROKEN, UNREADABLE, CONSISTENT_ONLY = 0, 1, 2, 3
FORMAT = "evenhand/draw/v1"
PLACEMENT, HOMEROOM = "class-placement", "homeroom"
MOST_TRIES = 1_000_000


class RuleBrokenError(Exception):
    """A rule of the specification does not hold: its number, the file, one sentence in English and in Chinese."""

    def __init__(self, rule: str, file: str, english: str, chinese: str) -> None:
        super().__init__(english)
        self.rule, self.file, self.english, self.chinese = rule, file, english, chinese


class UnreadableError(Exception):
    """The folder or the notice cannot be read at all (English sentence, Chinese sentence)."""


def broken(rule: str, file: str, english: str, chinese: str) -> NoReturn:
    """Say which rule is broken."""
    raise RuleBrokenError(rule, file, english, chinese)


# ---------------------------------------------------------------- section 1: notation


def sha256(data: bytes) -> bytes:
    """`H(x)`."""
    return hashlib.sha256(data).digest()


def lp(data: bytes) -> bytes:
    """`lp(x) = u64be(length) ‖ x`."""
    return len(data).to_bytes(8, "big") + data


def canonical(value: Any) -> bytes:
    """RFC 8785 for null, booleans, integers, text, lists and objects; ValueError for anything else."""
    _check_value(value)
    return json.dumps(_sorted(value), ensure_ascii=False, separators=(",", ":")).encode()


def _check_value(value: Any) -> None:
    if isinstance(value, str):
        if not unicodedata.is_normalized("NFC", value):
            raise ValueError("text is not in Unicode NFC")
    elif isinstance(value, int):
        if abs(value) > 2**53 - 1:
            raise ValueError("an integer beyond 2^53 - 1")
    elif isinstance(value, list):
        for item in value:
            _check_value(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_value(key)
            _check_value(item)
    elif value is not None:
        raise ValueError("a number that is not an integer")


def _sorted(value: Any) -> Any:
    """Objects with their keys in the order of UTF-16 code units."""
    if isinstance(value, list):
        return [_sorted(item) for item in value]
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value, key=lambda text: text.encode("utf-16-be"))}
    return value


def parse_json(data: bytes) -> Any:
    """Strict JSON, white space allowed: no duplicate keys, floats, large integers, text outside NFC. ValueError."""
    try:
        value = json.loads(
            data.decode(), object_pairs_hook=_no_duplicates, parse_float=_no_float, parse_constant=_no_float
        )
        canonical(value)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    return value


def parse_canonical(data: bytes) -> Any:
    """The value whose canonical form `data` is. ValueError if there is none."""
    value = parse_json(data)
    if canonical(value) != data:
        raise ValueError("not in canonical form")
    return value


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _no_float(text: str) -> NoReturn:
    raise ValueError(f"the number {text} is not an integer")


def leaf_hash(data: bytes) -> bytes:
    """Merkle leaf."""
    return sha256(b"\x00" + data)


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Root over leaf hashes (RFC 6962): pair them level by level, a last one without partner moves up."""
    if not leaves:
        return sha256(b"")
    level = list(leaves)
    while len(level) > 1:
        pairs = [sha256(b"\x01" + level[i] + level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0]


# ---------------------------------------------------------------- kinds of value

_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{0,31}")
_SOURCE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u200b\u2028-\u202e\u2060\u2066-\u2069\ufeff]")
_HEX32 = re.compile(r"[0-9a-f]{64}")

Kind = Callable[[Any], bool]


def _text_like(pattern: re.Pattern[str]) -> Kind:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


is_code, is_source, is_hex32 = map(_text_like, (_CODE, _SOURCE_NAME, _HEX32))


def is_time(value: Any) -> bool:
    """A UTC time of the form `YYYY-MM-DDTHH:MM:SSZ` that the calendar has."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def is_text(value: Any) -> bool:
    """Any text."""
    return isinstance(value, str)


def is_free_text(value: Any) -> bool:
    """1 to 200 characters, none that nobody sees (controls, zero-width, reversing)."""
    return isinstance(value, str) and 1 <= len(value) <= 200 and not _UNSEEN.search(value)


def as_read(text: str) -> str:
    """What a reader tells texts apart by: NFKC without spaces and format characters."""
    return "".join(c for c in unicodedata.normalize("NFKC", text) if c != " " and unicodedata.category(c) != "Cf")


def is_key_name(value: Any) -> bool:
    """A key's name or an origin: not empty, no white space, no control character, no `+`."""
    return isinstance(value, str) and bool(value) and not any(c.isspace() or c < " " or c == "+" for c in value)


def is_int(value: Any) -> bool:
    """An integer and not a boolean."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_count(value: Any) -> bool:
    """An integer of at least 0."""
    return is_int(value) and value >= 0


def is_bool(value: Any) -> bool:
    """true or false."""
    return isinstance(value, bool)


def is_object(value: Any) -> bool:
    """A JSON object."""
    return isinstance(value, dict)


def list_of(kind: Kind, length: int | None = None) -> Kind:
    """A list (of that length) of that kind."""

    def check(value: Any) -> bool:
        return isinstance(value, list) and all(map(kind, value)) and length in (None, len(value))

    return check


def one_of(*values: str) -> Kind:
    """One of these texts."""
    return lambda value: isinstance(value, str) and value in values


def record(**fields: Kind) -> Kind:
    """An object with exactly these fields."""
    return lambda value: isinstance(value, dict) and wrong_field(value, fields) is None


def wrong_field(value: dict[str, Any], fields: dict[str, Kind]) -> str | None:
    """The first field that is missing, unknown or of the wrong kind."""
    for name in sorted(value.keys() ^ fields.keys()):
        return name
    return next((name for name, kind in fields.items() if not kind(value[name])), None)


def ascending(values: Sequence[Any]) -> bool:
    """Strictly ascending: in order and without repetition (our codes and keys are ASCII or compared as UTF-8)."""
    return all(_bytes(one) < _bytes(two) for one, two in pairwise(values))


def _bytes(value: Any) -> Any:
    return value.encode() if isinstance(value, str) else [_bytes(item) for item in value]


# ---------------------------------------------------------------- section 3: keys and notes

_PRIME = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_Y8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD83D3D706A17C7
_SMALL_ORDER_Y = {0, 1, _PRIME - 1, _Y8, _PRIME - _Y8}
_SIGNATURE_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")


def sound_point(encoding: bytes) -> bool:
    """A canonical encoding, and not of one of the eight points of small order."""
    y = int.from_bytes(encoding, "little") % 2**255
    return len(encoding) == 32 and y < _PRIME and y not in _SMALL_ORDER_Y


def signature_valid(key: bytes, message: bytes, signature: bytes) -> bool:
    """Strict Ed25519: S < L, sound A and R, then the cofactorless equation (OpenSSL's, which compares R's bytes)."""
    if len(signature) != 64 or int.from_bytes(signature[32:], "little") >= _ORDER:
        return False
    if not (sound_point(key) and sound_point(signature[:32])):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@dataclass(frozen=True)
class Key:
    """A vkey: name, type (0x01 log, 0x04 witness), 32 bytes."""

    name: str
    type: int
    public: bytes

    @property
    def id(self) -> bytes:
        """The key id."""
        return sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.public)[:4]

    def signed(self, text: str, payload: bytes) -> bool:
        """Whether `payload` (what follows the key id) is this key's signature of `text`."""
        message = text.encode()
        if self.type == 0x04:
            time, payload = int.from_bytes(payload[:8], "big"), payload[8:]
            message = f"cosignature/v1\ntime {time}\n".encode() + message
        return signature_valid(self.public, message, payload)


def from_base64(text: str) -> bytes | None:
    """Bytes of base64 in its only form, else None."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data).decode() == text else None


def parse_vkey(vkey: str, kind: int) -> Key | None:
    """Read a vkey of that type; None if it is none."""
    parts = vkey.split("+", 2)
    blob = from_base64(parts[2]) if len(parts) == 3 else None
    if not blob or len(blob) != 33 or blob[0] != kind or not is_key_name(parts[0]):
        return None
    key = Key(parts[0], kind, blob[1:])
    return key if key.id.hex() == parts[1] else None


def checkpoint_text(origin: str, size: int, root: bytes) -> str:
    """The text of a checkpoint without extension lines."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"


def open_note(note: str, keys: Sequence[Key]) -> tuple[str, set[Key]]:
    """Text of a note and the known keys that signed it.

    ValueError if it is malformed or a known key's signature is wrong.
    """
    cut = note.rfind("\n\n")
    text, tail = note[: cut + 1], note[cut + 2 :]
    if cut < 1 or not tail.endswith("\n") or any(c < " " and c != "\n" for c in note):
        raise ValueError("not a signed note")
    known = {(key.name, key.id): key for key in keys}
    signers = set()
    for line in tail[:-1].split("\n"):
        name, payload = _signature_line(line)
        key = known.get((name, payload[:4]))
        if key and not key.signed(text, payload[4:]):
            raise ValueError(f"the signature of {name} is wrong")
        signers |= {key} if key else set()
    return text, signers


def _signature_line(line: str) -> tuple[str, bytes]:
    match = _SIGNATURE_LINE.fullmatch(line)
    payload = from_base64(match[2]) if match else None
    if not match or not payload or len(payload) < 5:
        raise ValueError("a malformed signature line")
    return match[1], payload


# ---------------------------------------------------------------- section 2: the folder


class Folder:
    """The ceremony's folder: every file is read through here, so that links are refused and strays are found."""

    def __init__(self, path: Path) -> None:
        if not path.is_dir():
            raise UnreadableError(f"{path} is not a folder.", f"{path} 不是文件夹。")
        self.path = path
        self.kinds = dict(self._walk(path, ""))
        self.expected: set[str] = set()

    def _walk(self, folder: Path, prefix: str) -> Iterator[tuple[str, str]]:
        for entry in sorted(os.scandir(folder), key=lambda item: item.name):
            name = prefix + entry.name
            mode = entry.stat(follow_symlinks=False).st_mode
            if stat.S_ISDIR(mode):
                yield name, "folder"
                if name in ("events", "draws") or prefix == "draws/":
                    yield from self._walk(folder / entry.name, name + "/")
            else:
                yield name, "file" if stat.S_ISREG(mode) else "other"

    def read(self, name: str) -> bytes:
        """A file's bytes (L1: present and regular)."""
        kind = self.kinds.get(name)
        if kind is None:
            broken("L1", name, f"The file {name} is missing.", f"缺少文件 {name}。")
        self._check_kind(name, kind)
        self.expect(name)
        return (self.path / name).read_bytes()

    def expect(self, name: str) -> None:
        """A file that may be there, and the folders above it."""
        self.expected |= {name, *(str(parent) for parent in Path(name).parents)}

    def check_no_strays(self) -> None:
        """L1 and L2 for whatever was not read."""
        for name, kind in self.kinds.items():
            if name not in self.expected:
                broken("L2", name, f"{name} does not belong in the folder.", f"文件夹中不应有 {name}。")
            if name in ("events", "draws") or name.startswith("draws/"):
                continue
            self._check_kind(name, kind)

    @staticmethod
    def _check_kind(name: str, kind: str) -> None:
        if kind != "file":
            broken("L1", name, f"{name} is not a regular file.", f"{name} 不是普通文件。")


# ---------------------------------------------------------------- section 4: the form of events

_STAGE_BY_STATE = {"frozen": "frozen", "closing": "closed", "recorded": "sources", "drawn": "result"}
_STATE_AFTER_HEAD = {"frozen": "open", "closing": "closed", "recorded": "drawable", "drawn": "signed"}
_LAST_EVENT = {"frozen": "FREEZE", "closed": "CLOSE", "sources": "UNCOVER", "result": "RESULT"}
_LEGAL = {
    "frozen": {"HEAD", "VOID"},
    "open": {"COMMIT", "CLOSE", "VOID"},
    "closing": {"HEAD", "VOID"},
    "closed": {"CAST", "VOID"},
    "revealing": {"REVEAL", "REVEALS_CLOSED", "VOID"},
    "uncovering": {"UNCOVER", "VOID"},
    "recorded": {"HEAD"},
    "drawable": {"RESULT"},
    "drawn": {"HEAD"},
    "signed": {"SET_ASIDE"},
}
_ENDED = {"signed", "void", "set aside"}

_COMMON: dict[str, Kind] = {"type": is_text, "number": is_int, "origin": is_key_name, "time": is_time}
_FIELDS: dict[str, dict[str, Kind]] = {
    "CEREMONY": {
        "format": one_of(FORMAT),
        "title": is_free_text,
        "test": is_bool,
        "log_key": is_text,
        "witness_keys": list_of(is_text),
        "threshold": is_int,
    },
    "FREEZE": {"manifest": is_object},
    "HEAD": {"stage": one_of(*_LAST_EVENT), "note": is_text},
    "COMMIT": {"source": is_source, "commitment": is_hex32},
    "CLOSE": {},
    "CAST": {"source": is_source},
    "REVEAL": {"source": is_source, "secret": is_hex32, "matches": is_bool},
    "REVEALS_CLOSED": {"missing": list_of(is_source)},
    "UNCOVER": {
        "source": is_source,
        "digits": list_of(is_int),
        "reader": is_free_text,
        "typists": list_of(is_free_text, 2),
    },
    "RESULT": {"seed": is_hex32, "counter": is_count, "result_root": is_hex32, "result_size": is_count},
    "VOID": {"reason": is_free_text},
    "SET_ASIDE": {"reason": is_free_text, "authority": is_free_text, "document": is_free_text},
}

_SECRET_FIELDS: dict[str, Kind] = {
    "type": one_of("secret"),
    "name": is_source,
    "label": is_free_text,
    "role": one_of("organiser", "independent", "typed"),
    "encoding": one_of("secret32"),
    "deadline": is_time,
    "fallback": one_of("empty"),
}
_DICE_FIELDS: dict[str, Kind] = {
    "type": one_of("dice"),
    "name": is_source,
    "label": is_free_text,
    "count": lambda value: is_int(value) and 1 <= value <= 1000,
    "faces": lambda value: is_int(value) and 2 <= value <= 100,
    "low": lambda value: is_int(value) and value in (0, 1),
    "encoding": one_of("digits"),
    "deadline": is_time,
    "fallback": one_of("required"),
}
_BALLS_FIELDS: dict[str, Kind] = {
    **{name: kind for name, kind in _DICE_FIELDS.items() if name not in ("faces", "low")},
    "type": one_of("balls"),
    "balls": lambda value: is_int(value) and 1 <= value <= 1000,
}


def is_source_entry(value: Any) -> bool:
    """A source of a manifest."""
    fields = (_SECRET_FIELDS, _DICE_FIELDS, _BALLS_FIELDS)
    whole = isinstance(value, dict) and any(wrong_field(value, item) is None for item in fields)
    return whole and (value["type"] != "balls" or value["balls"] >= value["count"])


_MANIFEST: dict[str, Kind] = {
    "format": one_of(FORMAT),
    "kind": one_of(PLACEMENT, HOMEROOM),
    "draw": is_code,
    "title": is_free_text,
    "origin": is_text,
    "test": is_bool,
    "log_key": is_text,
    "witness_keys": list_of(is_text),
    "threshold": is_int,
    "roster_root": is_hex32,
    "roster_size": is_count,
    "tag_key": is_hex32,
    "classes": list_of(record(code=is_code, name=is_free_text)),
    "teachers": list_of(is_code),
    "strata": list_of(record(id=is_code, parent=lambda value: value == "" or is_code(value))),
    "apart": list_of(list_of(is_code)),
    "exclusions": list_of(list_of(is_code, 2)),
    "pool": list_of(is_code),
    "predecessors": list_of(is_code),
    "after": lambda value: value == "" or is_code(value),
    "commit_deadline": is_time,
    "sources": list_of(is_source_entry),
    "software": is_hex32,
}


@dataclass(frozen=True)
class Event:
    """One event: its file, its number and its content."""

    file: str
    number: int
    content: Any

    def __getitem__(self, name: str) -> Any:
        return self.content[name]

    def fail(self, rule: str, english: str, chinese: str) -> NoReturn:
        """This event breaks a rule."""
        broken(rule, self.file, f"Event {self.number}: {english}", f"第 {self.number} 号事件：{chinese}")


@dataclass
class Draw:
    """What the events so far say about one draw id."""

    id: str
    manifest: dict[str, Any]
    manifest_hash: bytes
    frozen_at: int
    roster: list[tuple[str, str]]
    state: str = "frozen"
    commits: dict[str, str] = field(default_factory=dict)
    reveals: dict[str, bytes] = field(default_factory=dict)
    reveal_events: int = 0
    cast: list[str] = field(default_factory=list)
    digits: dict[str, list[int]] = field(default_factory=dict)
    seed: str = ""

    @property
    def kind(self) -> str:
        """The kind of draw."""
        return str(self.manifest["kind"])

    @property
    def has_result(self) -> bool:
        """Whether there is a RESULT event."""
        return bool(self.seed)

    def sources(self, physical: bool) -> list[dict[str, Any]]:
        """The manifest's physical or secret sources, in its order."""
        return [item for item in self.manifest["sources"] if (item["type"] != "secret") == physical]

    def source(self, name: str, physical: bool) -> dict[str, Any] | None:
        """The source of that name and sort."""
        return next((item for item in self.sources(physical) if item["name"] == name), None)

    def folder(self, name: str) -> str:
        """The path of one of the draw's files."""
        return f"draws/{self.id}/{name}"


# ---------------------------------------------------------------- sections 6 to 9: the draw itself


def ticket(seed: bytes, draw: str, name: str, counter: int = 0) -> bytes:
    """S5."""
    suffix = f"#{counter}" if counter else ""
    return hmac.digest(seed, f"{draw}|{name}{suffix}".encode(), "sha256")


def by_ticket(seed: bytes, draw: str, names: Sequence[str], prefix: str = "", counter: int = 0) -> list[str]:
    """S6: names in ascending order of (ticket, name)."""
    return sorted(names, key=lambda name: (ticket(seed, draw, prefix + name, counter), name))


def source_part(draw: Draw, source: dict[str, Any]) -> bytes:
    """S3: what one source gives to the seed."""
    if source["type"] == "secret":
        return draw.reveals.get(source["name"], b"")
    return ",".join(map(str, draw.digits[source["name"]])).encode()


def seed_of(draw: Draw) -> bytes:
    """S4."""
    domain = b"evenhand/seed/test/v1\n" if draw.manifest["test"] else b"evenhand/seed/v1\n"
    parts = [bytes.fromhex(draw.manifest["roster_root"]), draw.manifest_hash]
    parts += [source_part(draw, source) for source in draw.manifest["sources"]]
    return sha256(domain + b"".join(map(lp, parts)))


def leaf_strata_in_order(draw: Draw, seed: bytes) -> list[str]:
    """P1: the leaf strata in the order of the deal."""
    children: dict[str, list[str]] = {}
    for item in draw.manifest["strata"]:
        children.setdefault(item["parent"], []).append(item["id"])
    order, waiting = [], [""]
    while waiting:
        stratum = waiting.pop()
        below = by_ticket(seed, draw.id, children.get(stratum, []), "stratum:")
        waiting += reversed(below)
        if not below:
            order.append(stratum)
    return order


def run_of(draw: Draw, seed: bytes, codes: Sequence[str]) -> list[str]:
    """P2: the children of one leaf stratum in their order, apart groups pulled together."""
    group_of = {code: group for group in draw.manifest["apart"] for code in group}
    order = by_ticket(seed, draw.id, codes)
    rank = {code: place for place, code in enumerate(order)}
    run: list[str] = []
    written: set[str] = set()
    for code in order:
        if code not in written:
            members = sorted(group_of.get(code, [code]), key=rank.__getitem__)
            run += members
            written.update(members)
    return run


def place_children(draw: Draw, seed: bytes) -> dict[str, tuple[str, int, str]]:
    """P1 to P4: code → class, position, ticket."""
    by_stratum: dict[str, list[str]] = {}
    for code, stratum in draw.roster:
        by_stratum.setdefault(stratum, []).append(code)
    deal: list[str] = []
    for stratum in leaf_strata_in_order(draw, seed):
        deal += run_of(draw, seed, by_stratum.get(stratum, []))
    labels = by_ticket(seed, draw.id, [item["code"] for item in draw.manifest["classes"]], "class:")
    return {
        code: (labels[position % len(labels)], position, ticket(seed, draw.id, code).hex())
        for position, code in enumerate(deal)
    }


def match_teachers(draw: Draw, seed: bytes) -> tuple[int, dict[str, tuple[str, int, str]]]:
    """T1: the counter that stands, and teacher → class, place, ticket."""
    classes = [item["code"] for item in draw.manifest["classes"]]
    excluded = {(pair[0], pair[1]) for pair in draw.manifest["exclusions"]}
    for counter in range(MOST_TRIES):
        order = by_ticket(seed, draw.id, draw.manifest["teachers"], "teacher:", counter)
        if excluded.isdisjoint(zip(classes, order, strict=True)):
            return counter, {
                code: (classes[place], place, ticket(seed, draw.id, f"teacher:{code}", counter).hex())
                for place, code in enumerate(order)
            }
    broken("T1", "", "No permitted matching was found in a million tries.", "一百万次内没有找到允许的配对。")


# ---------------------------------------------------------------- the ledger, event by event


class Ceremony:
    """The checks of sections 2 to 9 over one folder, in the order that the specification gives."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.draws: dict[str, Draw] = {}
        self.events: list[Event] = []
        self.leaves: list[bytes] = []
        self.head: dict[str, Any] = {}
        self.log_key: Key
        self.witnesses: list[Key] = []
        self._commitments: set[str] = set()
        self._secrets: set[str] = set()
        self._first_commit: dict[str, int] = {}
        self._waits = ""

    def check(self) -> None:
        """Everything but the notice."""
        self._read_events()
        self._check_forms()
        self._check_ceremony()
        self._check_checkpoint()
        for event in self.events[1:]:
            self._check_event(event)
        self._check_strays()

    # L3

    def _read_events(self) -> None:
        numbered = [name for name in self.folder.kinds if re.fullmatch(r"events/[0-9]{6}\.json", name)]
        if not numbered:
            broken("L1", "events", "The folder holds no events.", "文件夹中没有事件。")
        for number, name in enumerate(numbered, 1):
            if name != f"events/{number:06}.json":
                broken("L3", name, f"Event {number} is missing.", f"缺少第 {number} 号事件。")
            data = self.folder.read(name)
            try:
                content = parse_canonical(data)
            except ValueError as error:
                broken("L3", name, f"{name} is not canonical JSON: {error}.", f"{name} 不是规范 JSON（{error}）。")
            self.events.append(Event(name, number, content))
            self.leaves.append(leaf_hash(data))

    # E1, form

    def _check_forms(self) -> None:
        for event in self.events:
            if not isinstance(event.content, dict) or not one_of(*_FIELDS)(event.content.get("type")):
                event.fail("E1", "its type is unknown.", "类型未知。")
            draw: dict[str, Kind] = {} if event["type"] == "CEREMONY" else {"draw": is_code}
            wrong = wrong_field(event.content, {**_COMMON, **draw, **_FIELDS[event["type"]]})
            if wrong is not None:
                event.fail("E1", f"the field {wrong} is missing, unknown or wrong.", f"字段 {wrong} 缺失、多余或有误。")
            if event["number"] != event.number or event["origin"] != self.events[0]["origin"]:
                event.fail("E1", "its number or origin is wrong.", "编号或来源有误。")
            if (event["type"] == "CEREMONY") != (event.number == 1):
                event.fail("E1", "CEREMONY is event 1, and only event 1.", "第一号事件且仅第一号事件应为 CEREMONY。")

    def _check_ceremony(self) -> None:
        first = self.events[0]
        self.head = first.content
        keys = [parse_vkey(vkey, 0x04) for vkey in first["witness_keys"]]
        log = parse_vkey(first["log_key"], 0x01)
        self.witnesses = [key for key in keys if key]
        if log is None or len(self.witnesses) != len(keys):
            first.fail("E1", "a key is not a vkey of its type.", "有密钥格式或类型有误。")
        self.log_key = log
        public = {key.public for key in (log, *self.witnesses)}
        names = {key.name for key in self.witnesses}
        if not ascending(first["witness_keys"]) or len(public) != len(keys) + 1 or len(names) != len(keys):
            first.fail("E1", "the witness keys are out of order or not distinct.", "见证人密钥次序有误或有重复。")
        if not 1 <= first["threshold"] <= len(keys):
            first.fail("E1", "the threshold fits no number of witnesses.", "见证门限与见证人数不符。")
        if first["origin"].rpartition("/")[2].startswith("test-") != first["test"]:
            first.fail("E11", "the origin and the mark «test» disagree.", "来源名称与“测试”标记不一致。")

    # L4

    def _check_checkpoint(self) -> None:
        root = merkle_root(self.leaves)
        self._check_note("checkpoint", "L4", self.head["origin"], len(self.leaves), root)
        said = {
            "format": "evenhand/head/v1",
            "origin": self.head["origin"],
            "root": root.hex(),
            "size": len(self.leaves),
            "vkey": self.head["log_key"],
        }
        if self.folder.read("head.json") != canonical(said):
            broken("L4", "head.json", "head.json does not say what the events say.", "head.json 与事件不符。")

    def _check_note(self, name: str, rule: str, origin: str, size: int, root: bytes) -> None:
        """A checkpoint file of the log key over exactly this tree."""
        data = self.folder.read(name)
        try:
            text, signers = open_note(data.decode(), [self.log_key, *self.witnesses])
        except ValueError as error:
            broken(rule, name, f"{name} is not a valid signed note: {error}.", f"{name} 签名文件无效（{error}）。")
        if self.log_key not in signers:
            broken(rule, name, f"{name} is not signed by the log key.", f"{name} 没有日志密钥的签名。")
        if text != checkpoint_text(origin, size, root):
            broken(rule, name, f"{name} states another origin, size or root.", f"{name} 的来源、条数或根值不符。")

    # E-rules

    def _check_event(self, event: Event) -> None:
        kind, name = event["type"], event["draw"]
        if name.startswith("TEST-") != self.head["test"]:
            event.fail("E11", "the draw id and the mark «test» disagree.", "派位编号与“测试”标记不一致。")
        draw = self.draws.get(name)
        if kind != "FREEZE" and (draw is None or kind not in _LEGAL.get(draw.state, ())):
            state = draw.state if draw else "unknown"
            event.fail("E1", f"{kind} is illegal while the draw is {state}.", f"派位处于 {state} 状态时不得有 {kind}。")
        if self._waits not in ("", name):
            event.fail("H4", f"a head of {self._waits} must come first.", f"须先由见证人签署派位 {self._waits}。")
        getattr(self, f"_on_{kind.lower()}")(event, draw)
        self._waits = name if self.draws[name].state in _STAGE_BY_STATE else ""

    def _on_freeze(self, event: Event, _draw: Draw | None) -> None:
        name = event["draw"]
        if name in self.draws:
            event.fail("E10", f"the draw {name} was frozen before.", f"派位 {name} 已冻结过。")
        manifest = event["manifest"]
        self._check_manifest_form(event, manifest)
        draw = Draw(name, manifest, sha256(canonical(manifest)), event.number, self._roster(name, manifest))
        ManifestRules(self, event, draw).check()
        self.draws[name] = draw

    def _check_manifest_form(self, event: Event, manifest: dict[str, Any]) -> None:
        wrong = wrong_field(manifest, _MANIFEST)
        if wrong is not None:
            event.fail("M1", f"the manifest's field {wrong} is missing, unknown or wrong.", f"章程字段 {wrong} 有误。")
        for same in ("origin", "test", "log_key", "witness_keys", "threshold"):
            if manifest[same] != self.head[same]:
                event.fail("M1", f"the manifest's {same} is not event 1's.", f"章程的 {same} 与第一号事件不符。")
        if manifest["draw"] != event["draw"]:
            event.fail("M1", "the manifest is another draw's.", "章程属于另一次派位。")

    # R1, R2, M2

    def _roster(self, name: str, manifest: dict[str, Any]) -> list[tuple[str, str]]:
        file = f"draws/{name}/roster.csv"
        rows = [line.split(",") for line in self._csv_lines(file, "code,stratum,tag,record")]
        leaves = [self._roster_leaf(file, number, row) for number, row in enumerate(rows, 2)]
        if not ascending([row[0] for row in rows]):
            broken("R1", file, "The codes are out of order or not distinct.", "代码次序有误或有重复。")
        if len({row[2] for row in rows}) != len(rows):
            broken("R1", file, "Two lines carry the same tag.", "有两行登记标签相同。")
        root = merkle_root(leaves)
        note = f"draws/{name}/roster.checkpoint"
        if manifest["roster_root"] != root.hex() or manifest["roster_size"] != len(rows):
            broken("M2", file, "The roster is not the one in the manifest.", "名册与章程中的名册不符。")
        self._check_note(note, "R2", f"{self.head['origin']}/{name}/roster", len(rows), root)
        return [(row[0], row[1]) for row in rows]

    @staticmethod
    def _roster_leaf(file: str, number: int, row: list[str]) -> bytes:
        if len(row) != 4 or not (is_hex32(row[2]) and is_hex32(row[3])):
            broken("L5", file, f"Line {number} of {file} is malformed.", f"{file} 第 {number} 行格式有误。")
        if not is_code(row[0]):
            broken("R1", file, f"Line {number} of {file} has an illegal code.", f"{file} 第 {number} 行代码不合规则。")
        if row[1] and not is_code(row[1]):
            broken("L5", file, f"Line {number} of {file} has an illegal stratum.", f"{file} 第 {number} 行分层有误。")
        code, stratum, tag, private = row
        return leaf_hash(f'{{"code":"{code}","record":"{private}","stratum":"{stratum}","tag":"{tag}"}}'.encode())

    def _csv_lines(self, file: str, header: str) -> list[str]:
        data = self.folder.read(file)
        try:
            text = data.decode("ascii")
        except UnicodeDecodeError:
            broken("L5", file, f"{file} holds bytes that are not ASCII.", f"{file} 含有非 ASCII 字节。")
        lines = text.split("\n")
        if lines[0] != header or lines.pop() or not all(lines):
            broken("L5", file, f"{file} has another header, an empty line or a cut end.", f"{file} 的表头或行有误。")
        return lines[1:]

    # H-rules

    def _on_head(self, event: Event, draw: Draw) -> None:
        stage = _STAGE_BY_STATE[draw.state]
        if event["stage"] != stage:
            event.fail("E1", f"the head is of stage {event['stage']}, not {stage}.", f"签名阶段应为 {stage}。")
        last = self.events[event.number - 2]
        if last["type"] != _LAST_EVENT[stage] or last["draw"] != draw.id:
            event.fail("H2", "the head does not follow its event at once.", "检查点没有紧接在对应事件之后。")
        try:
            text, signers = open_note(event["note"], [self.log_key, *self.witnesses])
        except ValueError as error:
            event.fail("H3", f"the note is invalid: {error}.", f"签名文件无效（{error}）。")
        if text != checkpoint_text(self.head["origin"], event.number - 1, merkle_root(self.leaves[: event.number - 1])):
            event.fail("H1", "the head is not that of the events before it.", "检查点与此前的事件不符。")
        cosigned = len(signers - {self.log_key})
        if self.log_key not in signers or cosigned < self.head["threshold"]:
            event.fail(
                "H3", f"too few witnesses co-signed ({cosigned}), or not the log.", f"仅 {cosigned} 位见证人签名。"
            )
        draw.state = _STATE_AFTER_HEAD[draw.state]

    def _on_commit(self, event: Event, draw: Draw) -> None:
        source = draw.source(event["source"], physical=False)
        if source is None or event["source"] in draw.commits:
            event.fail("E3", "no such secret source, or it committed before.", "没有该来源，或其已提交过承诺。")
        organiser = next((item["name"] for item in draw.sources(False) if item["role"] == "organiser"), None)
        if organiser and not draw.commits and event["source"] != organiser:
            event.fail("E3", "the organiser's commitment must come first.", "组织方的承诺须最先提交。")
        if event["commitment"] in self._commitments:
            event.fail("E3", "this commitment was seen before.", "该承诺曾出现过。")
        if event["time"] > draw.manifest["commit_deadline"]:
            event.fail("E3", "the commitment is too late.", "承诺逾期。")
        after = draw.manifest["after"]
        if after and self.draws[after].state != "signed":
            event.fail("E4", f"the draw {after} is not signed yet.", f"派位 {after} 尚未签署。")
        self._commitments.add(event["commitment"])
        self._first_commit.setdefault(draw.id, event.number)
        draw.commits[event["source"]] = event["commitment"]

    def _on_close(self, event: Event, draw: Draw) -> None:
        missing = [item for item in draw.sources(False) if item["name"] not in draw.commits]
        if missing and event["time"] <= draw.manifest["commit_deadline"]:
            event.fail("E5", "commitments close before the deadline.", "承诺在截止前被关闭。")
        if not enough_entropy(draw, set(draw.commits)):
            event.fail("E5", "the sources that are left are too weak.", "剩余随机来源强度不足。")
        draw.state = "closing"

    def _on_cast(self, event: Event, draw: Draw) -> None:
        self._check_next_physical(event, draw, len(draw.cast))
        draw.cast.append(event["source"])
        if len(draw.cast) == len(draw.sources(True)):
            draw.state = "revealing"

    @staticmethod
    def _check_next_physical(event: Event, draw: Draw, done: int) -> None:
        if event["source"] != draw.sources(True)[done]["name"]:
            event.fail("E6", "the physical source is out of turn.", "实物随机来源次序有误。")

    def _on_reveal(self, event: Event, draw: Draw) -> None:
        name, secret = event["source"], bytes.fromhex(event["secret"])
        source = draw.source(name, physical=False)
        if source is None or name not in draw.commits or name in draw.reveals:
            event.fail("E7", "the source did not commit, or has revealed.", "该来源未提交承诺或已揭示。")
        if event["secret"] in self._secrets:
            event.fail("E7", "this secret was seen before.", "该秘密曾出现过。")
        if event["time"] > source["deadline"]:
            event.fail("E7", "the reveal is too late.", "揭示逾期。")
        opened = sha256(b"evenhand/commit/v1\n" + lp(draw.id.encode()) + lp(name.encode()) + secret).hex()
        if event["matches"] != (opened == draw.commits[name]):
            event.fail(
                "E7", "«matches» is wrong about whether the secret opens the commitment.", "揭示与承诺的比对有误。"
            )
        draw.reveal_events += 1
        if event["matches"]:
            self._secrets.add(event["secret"])
            draw.reveals[name] = secret

    def _on_reveals_closed(self, event: Event, draw: Draw) -> None:
        missing = [item for item in draw.sources(False) if item["name"] not in draw.reveals]
        if event["missing"] != [item["name"] for item in missing]:
            event.fail("E8", "the list of missing reveals is wrong.", "缺席揭示名单有误。")
        if any(item["name"] in draw.commits and event["time"] <= item["deadline"] for item in missing):
            event.fail("E8", "reveals close before the deadline.", "揭示在截止前被关闭。")
        draw.state = "uncovering"

    def _on_uncover(self, event: Event, draw: Draw) -> None:
        self._check_next_physical(event, draw, len(draw.digits))
        source = draw.sources(True)[len(draw.digits)]
        if not legal_digits(source, event["digits"]):
            event.fail("E6", "the digits are not those of this source.", "读数不符合该来源。")
        if len({event["reader"], *event["typists"]}) != 3:
            event.fail("E6", "reader and typists are not three people.", "宣读人与两名录入人须为三人。")
        draw.digits[event["source"]] = event["digits"]
        if len(draw.digits) == len(draw.sources(True)):
            draw.state = "recorded"

    def _on_void(self, event: Event, draw: Draw) -> None:
        if draw.reveal_events or draw.digits:
            event.fail("E1", "a draw cannot be voided once something was revealed.", "已有揭示后不得作废。")
        draw.state = "void"

    def _on_set_aside(self, _event: Event, draw: Draw) -> None:
        draw.state = "set aside"

    # S4, E9, G1, G2

    def _on_result(self, event: Event, draw: Draw) -> None:
        seed = seed_of(draw)
        if event["seed"] != seed.hex():
            event.fail("S4", "the seed is not the one that the sources give.", "种子与各随机来源不符。")
        counter, outcome = match_teachers(draw, seed) if draw.kind == HOMEROOM else (0, place_children(draw, seed))
        if event["counter"] != counter:
            event.fail("E9", f"the counter is {counter}, not {event['counter']}.", f"重试次数应为 {counter}。")
        rows = [(code, *outcome[code]) for code, _stratum in draw.roster]
        self._check_result_file(draw, rows)
        root = merkle_root(
            [
                leaf_hash(f'{{"class":"{klass}","code":"{code}","position":{place},"ticket":"{value}"}}'.encode())
                for code, klass, place, value in rows
            ]
        )
        if event["result_root"] != root.hex() or event["result_size"] != len(rows):
            event.fail("G1", "root or size is not that of the result.", "结果的根值或条数不符。")
        self._check_note(
            draw.folder("result.checkpoint"), "G1", f"{self.head['origin']}/{draw.id}/result", len(rows), root
        )
        draw.seed = event["seed"]
        draw.state = "drawn"

    def _check_result_file(self, draw: Draw, rows: list[tuple[str, str, int, str]]) -> None:
        file = draw.folder("result.csv")
        lines = self._csv_lines(file, "code,class,position,ticket")
        for line, row in zip(lines, rows, strict=False):
            if line != ",".join(map(str, row)):
                broken(
                    "G2",
                    file,
                    f"{row[0]} belongs in class {row[1]} at position {row[2]}; {file} says {line!r}.",
                    f"{row[0]} 应在 {row[1]}，位置 {row[2]}；{file} 写的是 {line!r}。",
                )
        if len(lines) != len(rows):
            broken("G2", file, f"{file} has {len(lines)} lines, not {len(rows)}.", f"{file} 的行数应为 {len(rows)}。")

    # L1, L2

    def _check_strays(self) -> None:
        self.folder.expect("verify.py")
        self.folder.expect("events")
        self.folder.expect("draws")
        self.folder.check_no_strays()


def legal_digits(source: dict[str, Any], digits: list[int]) -> bool:
    """S2."""
    if len(digits) != source["count"]:
        return False
    if source["type"] == "dice":
        return all(source["low"] <= digit < source["low"] + source["faces"] for digit in digits)
    return len(set(digits)) == len(digits) and all(1 <= digit <= source["balls"] for digit in digits)


def enough_entropy(draw: Draw, committed: set[str]) -> bool:
    """M9, counting as independent only the sources in `committed`."""
    ways = 1
    for source in draw.sources(physical=True):
        dice = source["type"] == "dice"
        ways *= source["faces"] ** source["count"] if dice else perm(source["balls"], source["count"])
    secrets = [item for item in draw.sources(False) if item["role"] == "independent" and item["name"] in committed]
    return bool(draw.sources(physical=True)) and (ways >= 2**128 or (ways >= 2**40 and len(secrets) >= 2))


class ManifestRules:
    """M1 to M11 for one FREEZE event (the fields' kinds and M2 are checked before)."""

    def __init__(self, ceremony: Ceremony, event: Event, draw: Draw) -> None:
        self.ceremony, self.event, self.draw, self.manifest = ceremony, event, draw, draw.manifest
        self.classes = [item["code"] for item in self.manifest["classes"]]

    def check(self) -> None:
        """All of them."""
        self._orders()
        self._predecessors()
        if self.draw.kind == PLACEMENT:
            self._strata()
            self._apart()
        else:
            self._homeroom()
        self._pool()
        self._sources()
        self._after()

    def _fail(self, rule: str, english: str, chinese: str) -> NoReturn:
        self.event.fail(rule, f"manifest: {english}", f"章程：{chinese}")

    def _orders(self) -> None:
        if len(self.classes) < 2 or len(set(self.classes)) != len(self.classes):
            self._fail("M1", "there are fewer than two classes, or one stands twice.", "班级不足两个或有重复。")
        if len({as_read(item["name"]) for item in self.manifest["classes"]}) != len(self.classes):
            self._fail("M1", "two classes have one name.", "有两个班级同名。")
        lists = {name: self.manifest[name] for name in ("teachers", "exclusions", "pool")}
        lists["strata"] = [item["id"] for item in self.manifest["strata"]]
        lists["apart"] = [group[0] if group else "" for group in self.manifest["apart"]]
        for name, values in lists.items():
            if not ascending(values):
                rule = "M7" if name == "pool" else "M1"
                self._fail(rule, f"{name} is out of order or not distinct.", f"{name} 次序有误或有重复。")
        if not all(map(ascending, self.manifest["apart"])):
            self._fail("M1", "an apart group is out of order.", "分开组内次序有误。")
        empty = ("teachers", "exclusions") if self.draw.kind == PLACEMENT else ("strata", "apart")
        if any(self.manifest[name] for name in empty):
            self._fail("M1", f"{' and '.join(empty)} must be empty.", f"{'、'.join(empty)} 须为空。")
        if not self.manifest["sources"]:
            self._fail("M1", "there is no source.", "没有随机来源。")

    def _predecessors(self) -> None:
        earlier = [draw for draw in self.ceremony.draws.values() if draw.kind == self.draw.kind]
        if self.manifest["predecessors"] != [draw.id for draw in earlier]:
            self._fail("M3", "the list of predecessors is wrong.", "前序派位名单有误。")
        if any(draw.state not in _ENDED for draw in earlier):
            self._fail("M3", "a predecessor is still open.", "前序派位尚未结束。")

    def _strata(self) -> None:
        parents = {item["id"]: item["parent"] for item in self.manifest["strata"]}
        if not parents or any(parent not in parents for parent in parents.values() if parent):
            self._fail("M4", "there is no stratum, or a parent is unknown.", "没有分层或上级分层未知。")
        if has_cycle(parents):
            self._fail("M4", "the strata form a cycle.", "分层构成循环。")
        sizes = dict.fromkeys(parents.keys() - set(parents.values()), 0)
        for code, stratum in self.draw.roster:
            if stratum not in sizes:
                self._fail("M4", f"{code} is not in a leaf stratum.", f"{code} 不在末级分层中。")
            sizes[stratum] += 1
        least = max(5, len(self.classes))
        small = sorted(stratum for stratum, size in sizes.items() if size < least)
        if small:
            self._fail("M4", f"the stratum {small[0]} has fewer than {least} children.", f"分层 {small[0]} 人数过少。")

    def _apart(self) -> None:
        stratum_of = dict(self.draw.roster)
        codes = [code for group in self.manifest["apart"] for code in group]
        if len(set(codes)) != len(codes):
            self._fail("M5", "a code stands in two apart groups.", "有代码同在两个分开组。")
        for group in self.manifest["apart"]:
            strata = {stratum_of.get(code) for code in group}
            if not 2 <= len(group) <= len(self.classes) or len(strata) != 1 or None in strata:
                self._fail(
                    "M5", f"the apart group {', '.join(group)} is illegal.", f"分开组 {'、'.join(group)} 不合规则。"
                )

    def _homeroom(self) -> None:
        teachers = self.manifest["teachers"]
        if any(stratum for _code, stratum in self.draw.roster):
            self._fail("M6", "a teacher roster has strata.", "教师名册不应有分层。")
        if len(teachers) != len(self.classes) or teachers != [code for code, _stratum in self.draw.roster]:
            self._fail(
                "M6", "the teachers are not those of the roster, one for each class.", "教师与名册或班级数不符。"
            )
        if any(pair[0] not in self.classes or pair[1] not in teachers for pair in self.manifest["exclusions"]):
            self._fail("M6", "an exclusion names an unknown class or teacher.", "回避关系中有未知的班级或教师。")

    def _pool(self) -> None:
        if not {code for code, _stratum in self.draw.roster}.isdisjoint(self.manifest["pool"]):
            self._fail("M7", "a code of the pool is in the roster.", "备用代码出现在名册中。")

    def _sources(self) -> None:
        sources = self.manifest["sources"]
        if len({item["name"] for item in sources}) != len(sources):
            self._fail("M8", "two sources have one name.", "随机来源重名。")
        if sum(item.get("role") == "organiser" for item in sources) > 1:
            self._fail("M8", "the organiser has two sources.", "组织方来源多于一个。")
        if not enough_entropy(self.draw, {item["name"] for item in sources}):
            self._fail("M9", "the sources are too weak.", "随机来源强度不足。")
        if any(item["deadline"] <= self.manifest["commit_deadline"] for item in sources):
            self._fail("M11", "a source's deadline is not after the commitments'.", "来源截止时间早于承诺截止时间。")

    def _after(self) -> None:
        name = self.manifest["after"]
        if self.manifest["exclusions"] and not name:
            self._fail("M10", "exclusions need the placement that they come before.", "有回避关系时须写明所随的分班。")
        if not name:
            return
        before = self.ceremony.draws.get(name)
        if before is None or before.kind != PLACEMENT or self.draw.kind != HOMEROOM:
            self._fail("M10", f"it cannot come after {name}.", f"不能排在 {name} 之后。")
        if before.manifest["classes"] != self.manifest["classes"]:
            self._fail("M10", f"its classes are not those of {name}.", f"班级与 {name} 不同。")
        if self.manifest["exclusions"] and self.ceremony._first_commit.get(name):
            self._fail("M10", f"exclusions were frozen after {name} had begun.", f"回避关系在 {name} 开始后才冻结。")


def has_cycle(parents: dict[str, str]) -> bool:
    """Whether following parents ever comes back: strip what hangs on the top until nothing changes."""
    left = dict(parents)
    while True:
        hanging = [name for name, parent in left.items() if parent not in left]
        if not hanging:
            return bool(left)
        for name in hanging:
            del left[name]


# ---------------------------------------------------------------- section 10: notice and verdict

_NOTICE: dict[str, Kind] = {
    "format": one_of("evenhand/notice/v1"),
    "title": is_free_text,
    "origin": is_text,
    "test": is_bool,
    "log_key": is_text,
    "witness_keys": list_of(is_text),
    "threshold": is_int,
    "draws": list_of(record(draw=is_code, kind=one_of(PLACEMENT, HOMEROOM), manifest=is_hex32, roster_root=is_hex32)),
    "verifier": lambda value: value == "" or is_hex32(value),
}


def read_notice(path: Path) -> dict[str, Any]:
    """The anchors. Raises UnreadableError."""
    try:
        notice = parse_json(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UnreadableError(
            f"The notice {path} cannot be read: {error}.", f"无法读取公告 {path}（{error}）。"
        ) from error
    wrong = wrong_field(notice, _NOTICE) if isinstance(notice, dict) else "format"
    ids = [item["draw"] for item in notice["draws"]] if wrong is None else []
    if wrong is None and (not ids or len(set(ids)) != len(ids)):
        wrong = "draws"
    if wrong is not None:
        raise UnreadableError(
            f"The notice's field {wrong} is missing, unknown or wrong.", f"公告字段 {wrong} 缺失、多余或有误。"
        )
    return dict(notice)


def check_notice(ceremony: Ceremony, notice: dict[str, Any]) -> None:
    """N1 to N3."""
    file = ceremony.events[0].file
    if notice["test"] != ceremony.head["test"]:
        broken("N3", file, "Test and real ceremonies are mixed up.", "测试与正式派位混淆。")
    for name in ("origin", "log_key", "witness_keys", "threshold"):
        if notice[name] != ceremony.head[name]:
            broken("N1", file, f"{name} is not what the notice says.", f"{name} 与公告不符。")
    for item in notice["draws"]:
        draw = ceremony.draws.get(item["draw"])
        if draw is None:
            broken(
                "N2", "events", f"The draw {item['draw']} of the notice is missing.", f"缺少公告的派位 {item['draw']}。"
            )
        found = (draw.kind, draw.manifest_hash.hex(), draw.manifest["roster_root"])
        if found != (item["kind"], item["manifest"], item["roster_root"]):
            broken(
                "N2",
                ceremony.events[draw.frozen_at - 1].file,
                f"Kind, manifest or roster of {draw.id} is not what the notice says.",
                f"派位 {draw.id} 的种类、章程或名册与公告不符。",
            )


_STATE_IN_CHINESE = {
    "frozen": "已冻结",
    "open": "正在提交承诺",
    "closing": "承诺已截止，待见证",
    "closed": "承诺已截止",
    "revealing": "正在揭示",
    "uncovering": "揭示已截止",
    "recorded": "来源已记录，待见证",
    "drawable": "来源已记录",
    "drawn": "已出结果，待见证",
    "signed": "已签署",
    "void": "已作废",
    "set aside": "已被撤销",
}
Reason = tuple[str, str]


def reasons_against(ceremony: Ceremony, notice: dict[str, Any] | None) -> list[Reason]:
    """Why a ceremony without a broken rule is CONSISTENT ONLY; empty if it is VERIFIED."""
    if notice is None:
        return [("No notice was given: nothing outside the folder vouches for it.", "没有提供公告，无外部锚点可核对。")]
    listed = {item["draw"]: item["kind"] for item in notice["draws"]}
    reasons = []
    for draw in ceremony.draws.values():
        if draw.id in listed and draw.state != "signed":
            reasons.append(
                (f"{draw.id} is {draw.state}, not signed.", f"{draw.id}：{_STATE_IN_CHINESE[draw.state]}，不是已签署。")
            )
        elif draw.state not in _ENDED:
            reasons.append((f"V1: {draw.id} is still open.", f"V1：{draw.id} 尚未结束。"))
        elif draw.id not in listed and draw.has_result and draw.kind in listed.values():
            reasons.append((
                f"V2: {draw.id} has a result but is not on the notice.", f"V2：{draw.id} 有结果但不在公告上。"
            ))  # fmt: skip
    return reasons


@dataclass
class Report:
    """What `--json` prints and what people read."""

    verdict: str
    ceremony: Ceremony
    notice: dict[str, Any] | None
    problem: RuleBrokenError | None = None
    reasons: list[Reason] = field(default_factory=list)

    @property
    def exit_status(self) -> int:
        """The command's exit status."""
        return {"VERIFIED": VERIFIED, "BROKEN": BROKEN, "CONSISTENT ONLY": CONSISTENT_ONLY}[self.verdict]

    def as_json(self) -> dict[str, Any]:
        """The machine's form."""
        listed = {item["draw"] for item in self.notice["draws"]} if self.notice else set()
        problem = self.problem
        return {
            "verdict": self.verdict,
            "test": bool(self.ceremony.head.get("test", False)),
            "origin": self.ceremony.head.get("origin", ""),
            "events": len(self.ceremony.events),
            "draws": [
                {
                    "draw": draw.id,
                    "kind": draw.kind,
                    "state": draw.state,
                    "on_notice": draw.id in listed,
                    "size": len(draw.roster),
                }
                for draw in self.ceremony.draws.values()
            ],
            "problems": [{"rule": problem.rule, "message": problem.english, "file": problem.file}] if problem else [],
            "reasons": [english for english, _chinese in self.reasons],
        }

    def lines(self) -> list[str]:
        """The people's form: each sentence in Chinese, then in English."""
        test = " (TEST)" if self.ceremony.head.get("test") and self.verdict == "VERIFIED" else ""
        chinese = {"VERIFIED": "核验通过", "BROKEN": "核验不通过", "CONSISTENT ONLY": "仅内部一致"}[self.verdict]
        said = [f"结论：{chinese}{'（测试）' if test else ''}", f"Verdict: {self.verdict}{test}"]
        if self.problem:
            said += [f"规则 {self.problem.rule}：{self.problem.chinese}"]
            said += [f"Rule {self.problem.rule}: {self.problem.english}"]
        for english, chinese_reason in self.reasons:
            said += [chinese_reason, english]
        for item in self.as_json()["draws"]:
            mark = ("", "") if item["on_notice"] or not self.notice else ("，不在公告上", ", not on the notice")
            said += [f"派位 {item['draw']}：{item['size']} 人，{_STATE_IN_CHINESE[item['state']]}{mark[0]}"]
            said += [f"Draw {item['draw']}: {item['kind']}, {item['size']} names, {item['state']}{mark[1]}"]
        if Path(__file__).resolve().parent == self.ceremony.folder.path.resolve():
            said += ["本程序是文件夹中的便利副本，不能证明自身：请用公告上的 SHA-256 核对。"]
            said += ["This program is the folder's convenience copy: compare its SHA-256 with the notice."]
        return said


def verify(folder: Path, notice_path: Path | None) -> Report:
    """Check a ceremony's folder against a notice. Raises UnreadableError."""
    notice = read_notice(notice_path) if notice_path else None
    ceremony = Ceremony(Folder(folder))
    try:
        ceremony.check()
        if notice:
            check_notice(ceremony, notice)
    except RuleBrokenError as problem:
        return Report("BROKEN", ceremony, notice, problem=problem)
    reasons = reasons_against(ceremony, notice)
    return Report("CONSISTENT ONLY" if reasons else "VERIFIED", ceremony, notice, reasons=reasons)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="verify.py", description="核验派位证据文件夹。Check a draw's evidence folder."
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="证据文件夹 / the evidence folder")
    parser.add_argument("--notice", type=Path, metavar="NOTICE.json", help="公告 / the anchors of the printed notice")
    parser.add_argument("--json", action="store_true", help="输出 JSON / print JSON")
    chosen = parser.parse_args(arguments)
    try:
        report = verify(chosen.folder, chosen.notice)
    except (UnreadableError, OSError) as error:
        for sentence in reversed(error.args) if isinstance(error, UnreadableError) else [str(error)]:
            print(sentence, file=sys.stderr)
        return UNREADABLE
    said = [json.dumps(report.as_json(), ensure_ascii=False, indent=2)] if chosen.json else report.lines()
    sys.stdout.buffer.write(("\n".join(said) + "\n").encode(errors="backslashreplace"))
    sys.stdout.buffer.flush()
    return report.exit_status


if __name__ == "__main__":
    sys.exit(main())
