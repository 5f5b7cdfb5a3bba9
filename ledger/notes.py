"""Signed notes of C2SP (signed-note, tlog-cosignature): a text, a blank line, signature lines."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger import ed25519
from ledger.errors import LedgerError, LedgerInputError

SIGNATURE = 0x01
"""Algorithm byte of a plain Ed25519 signature (a log's key)."""
COSIGNATURE = 0x04
"""Algorithm byte of a time-stamped cosignature/v1 (a witness's key)."""

_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True)
class Verifier:
    """A named public key (32 bytes) for signatures of one algorithm: what a vkey says."""

    name: str
    public_key: bytes
    algorithm: int = SIGNATURE

    def __post_init__(self) -> None:
        if not is_name(self.name):
            raise LedgerInputError("The key name %(name)r is empty or holds a space or a +.", name=self.name)
        if self.algorithm not in (SIGNATURE, COSIGNATURE):
            raise LedgerInputError("The key %(name)s has an unknown algorithm.", name=self.name)
        if not ed25519.is_sound_point(self.public_key):
            raise LedgerInputError("The key %(name)s is not a sound Ed25519 key.", name=self.name)

    @classmethod
    def parse(cls, vkey: str) -> Verifier:
        """Read `name+hex8+base64`.

        Raises:
            LedgerInputError: another form, another algorithm, or a key id that does not fit the key.
        """
        parts = vkey.split("+", 2)
        blob = decode_base64(parts[2]) if len(parts) == 3 else None
        if not blob or len(blob) != 33:
            raise LedgerInputError("%(vkey)r is not a public key of the form name+hex+base64.", vkey=vkey)
        found = cls(parts[0], blob[1:], blob[0])
        if found.key_id.hex() != parts[1]:
            raise LedgerInputError("The key id in %(vkey)r does not fit its key.", vkey=vkey)
        return found

    @property
    def key_id(self) -> bytes:
        """SHA-256(name ‖ LF ‖ algorithm ‖ key), first 4 bytes."""
        return sha256(self.name.encode() + b"\n" + self._blob).digest()[:4]

    @property
    def vkey(self) -> str:
        """The key as one printable word, `name+hex8+base64`."""
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(self._blob)}"

    @property
    def _blob(self) -> bytes:
        return bytes([self.algorithm]) + self.public_key


@dataclass(frozen=True)
class Signer:
    """A verifier with its private key. `repr` shows the public half only."""

    verifier: Verifier
    private_key: Ed25519PrivateKey

    @classmethod
    def from_key(cls, name: str, private_key: Ed25519PrivateKey, algorithm: int = SIGNATURE) -> Signer:
        """Give a private key its name and use."""
        return cls(Verifier(name, private_key.public_key().public_bytes_raw(), algorithm), private_key)

    @classmethod
    def generate(cls, name: str, algorithm: int = SIGNATURE) -> Signer:
        """A new key from the system's random source."""
        return cls.from_key(name, Ed25519PrivateKey.generate(), algorithm)

    def __repr__(self) -> str:
        return f"Signer({self.verifier.vkey})"

    @property
    def name(self) -> str:
        """The key's name."""
        return self.verifier.name

    def line(self, text: str) -> str:
        """The plain signature line over `text` (which ends in a newline)."""
        if self.verifier.algorithm != SIGNATURE:
            raise LedgerInputError("The witness key %(name)s makes cosignatures only.", name=self.name)
        return _line(self.verifier, self.private_key.sign(text.encode()))

    def cosignature_line(self, text: str, time: int) -> str:
        """The cosignature/v1 line over checkpoint `text`, at `time` (Unix seconds)."""
        if self.verifier.algorithm != COSIGNATURE:
            raise LedgerInputError("The log key %(name)s makes no cosignatures.", name=self.name)
        signature = self.private_key.sign(cosigned_bytes(text, time))
        return _line(self.verifier, time.to_bytes(8, "big") + signature)


@dataclass(frozen=True)
class Signature:
    """A signature of a note that was checked: whose, and when if it is a cosignature (Unix seconds)."""

    verifier: Verifier
    time: int | None = None


@dataclass(frozen=True)
class Note:
    """A note whose known signatures all verified."""

    text: str
    lines: tuple[str, ...]
    signatures: tuple[Signature, ...]

    def signed_by(self, verifier: Verifier) -> bool:
        """Whether `verifier` is among the signatures."""
        return any(item.verifier == verifier for item in self.signatures)


def is_name(name: str) -> bool:
    """Whether `name` can be a key's name or an origin: not empty, no white space, no control character, no `+`."""
    return bool(name) and not any(sign.isspace() or sign < " " or sign == "+" for sign in name)


def sign_note(text: str, signers: Iterable[Signer]) -> bytes:
    """`text` with a plain signature of each signer, in order.

    Raises:
        LedgerInputError: the text is empty, lacks its last newline or holds a control character.
    """
    _check_text(text)
    return join_note(text, [signer.line(text) for signer in signers])


def join_note(text: str, lines: Iterable[str]) -> bytes:
    """The bytes of a note with these signature lines (each without its newline)."""
    return "".join([text, "\n", *(line + "\n" for line in lines)]).encode()


def split_note(note: bytes) -> tuple[str, tuple[str, ...]]:
    """Text and signature lines of a note, nothing verified.

    Raises:
        LedgerInputError: not UTF-8, a control character, no blank line, or a malformed signature line.
    """
    try:
        whole = note.decode()
    except UnicodeDecodeError as error:
        raise LedgerInputError("The signed note is not UTF-8.") from error
    cut = whole.rfind("\n\n")
    text, tail = whole[: cut + 1], whole[cut + 2 :]
    if cut < 0 or not tail.endswith("\n"):
        raise LedgerInputError("The signed note has no blank line with signature lines after it.")
    _check_text(text)
    lines = tuple(tail.removesuffix("\n").split("\n"))
    for line in lines:
        _payload(line)
    return text, lines


def open_note(note: bytes, verifiers: Sequence[Verifier]) -> Note:
    """Check `note` with every key of `verifiers` that signed it; signatures of unknown keys are ignored.

    Raises:
        LedgerInputError: the note is malformed.
        LedgerError: a known key's signature is wrong, or no known key signed.
    """
    text, lines = split_note(note)
    known = {(item.name, item.key_id): item for item in verifiers}
    found: list[Signature] = []
    for line in lines:
        name, payload = _payload(line)
        verifier = known.get((name, payload[:4]))
        if verifier:
            found.append(_checked(verifier, text, payload[4:]))
    if not found:
        raise LedgerError("No known key signed this note.")
    return Note(text, lines, tuple(found))


def cosigned_bytes(text: str, time: int) -> bytes:
    """What a cosignature/v1 signs: a header, the time, the checkpoint text."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def _checked(verifier: Verifier, text: str, payload: bytes) -> Signature:
    time = None
    message, signature = text.encode(), payload
    if verifier.algorithm == COSIGNATURE:
        time, signature = int.from_bytes(payload[:8], "big"), payload[8:]
        message = cosigned_bytes(text, time)
    if not ed25519.verify(verifier.public_key, message, signature):
        raise LedgerError("The signature of %(name)s does not verify.", name=verifier.name)
    return Signature(verifier, time)


def _payload(line: str) -> tuple[str, bytes]:
    match = _LINE.fullmatch(line)
    payload = decode_base64(match[2]) if match else None
    if not match or not is_name(match[1]) or payload is None or len(payload) < 5:
        raise LedgerInputError("%(line)r is not a signature line.", line=line)
    return match[1], payload


def _line(verifier: Verifier, payload: bytes) -> str:
    return f"— {verifier.name} {encode_base64(verifier.key_id + payload)}"


def _check_text(text: str) -> None:
    if not text.endswith("\n") or _CONTROL.search(text):
        raise LedgerInputError("The text of a note ends in a newline and holds no other control character.")


def encode_base64(data: bytes) -> str:
    """Standard base64 with padding."""
    return base64.b64encode(data).decode("ascii")


def decode_base64(text: str) -> bytes | None:
    """Bytes of a base64 text in its only form (padded, no spare bits), else None."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if encode_base64(data) == text else None
