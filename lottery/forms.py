"""The small forms of docs/spec/draw.md, section 1: codes, times, free text, length-prefixed bytes."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

from lottery.errors import LotteryInputError

CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{0,31}")
SOURCE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z")
HEX32 = re.compile(r"[0-9a-f]{64}")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u200b\u2028-\u202e\u2060\u2066-\u2069\ufeff]")


def lp(data: bytes) -> bytes:
    """`data` behind its length in 8 bytes, big-endian."""
    return len(data).to_bytes(8, "big") + data


def is_code(value: object) -> bool:
    """Whether `value` is a legal code or draw id."""
    return isinstance(value, str) and CODE.fullmatch(value) is not None


def is_source_name(value: object) -> bool:
    """Whether `value` is a legal name of a source."""
    return isinstance(value, str) and SOURCE_NAME.fullmatch(value) is not None


def is_time(value: object) -> bool:
    """Whether `value` is a UTC time of the form 2027-08-20T01:30:00Z that the calendar has."""
    if not isinstance(value, str) or not TIME.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def is_hex32(value: object) -> bool:
    """Whether `value` is 32 bytes in lower-case hexadecimal."""
    return isinstance(value, str) and HEX32.fullmatch(value) is not None


def is_free_text(value: object) -> bool:
    """Whether `value` is NFC text of 1 to 200 characters, none that nobody sees (controls, zero-width, reversing)."""
    return (
        isinstance(value, str)
        and 1 <= len(value) <= 200
        and unicodedata.is_normalized("NFC", value)
        and not _UNSEEN.search(value)
    )


def as_read(text: str) -> str:
    """What a reader tells texts apart by: NFKC without spaces and format characters."""
    return "".join(c for c in unicodedata.normalize("NFKC", text) if c != " " and unicodedata.category(c) != "Cf")


def is_count(value: object, low: int = 0) -> bool:
    """Whether `value` is an integer (no bool) of at least `low`."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= low


def secret_from_hex(text: str) -> bytes:
    """The 32 bytes that 64 hexadecimal digits write; spaces and capitals are forgiven.

    Raises:
        LotteryInputError: it is anything else.
    """
    digits = "".join(text.split()).lower()
    if not is_hex32(digits):
        raise LotteryInputError("A secret is 64 hexadecimal digits (32 bytes); this one has another form.")
    return bytes.fromhex(digits)
