"""Commitments, digits, the seed and the tickets (docs/spec/draw.md, section 6)."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from hashlib import sha256

from ledger.canonical import to_nfc
from lottery.forms import lp

COMMIT_DOMAIN = b"evenhand/commit/v1\n"
TAG_DOMAIN = b"evenhand/tagkey/v1\n"
SEED_DOMAIN = b"evenhand/seed/v1\n"
TEST_DOMAIN = b"evenhand/seed/test/v1\n"


def commitment(draw: str, source: str, secret: bytes) -> bytes:
    """What a contributor of `secret` (32 bytes) hands in before anything is revealed (rule S1)."""
    return sha256(COMMIT_DOMAIN + lp(draw.encode()) + lp(source.encode()) + secret).digest()


def tag_key_commitment(draw: str, key: bytes) -> bytes:
    """The public commitment to a roster's key (rule R4)."""
    return sha256(TAG_DOMAIN + lp(draw.encode()) + key).digest()


def tag(key: bytes, registration: str) -> bytes:
    """The mark of a registration number under a roster's key: equal numbers, equal marks (rule R3)."""
    return hmac.digest(key, str(to_nfc(registration)).encode(), "sha256")


def digits_bytes(digits: Iterable[int]) -> bytes:
    """Numbers read from dice or balls as the bytes of a seed part (rule S2)."""
    return ",".join(str(digit) for digit in digits).encode("ascii")


def make_seed(roster_root: bytes, manifest: bytes, parts: Sequence[bytes], test: bool) -> bytes:
    """The seed from the roster's root, the manifest's canonical bytes and one part for each source (rule S4)."""
    fixed = [roster_root, sha256(manifest).digest()]
    return sha256((TEST_DOMAIN if test else SEED_DOMAIN) + b"".join(map(lp, [*fixed, *parts]))).digest()


def ticket(seed: bytes, draw: str, name: str, counter: int = 0) -> bytes:
    """The ticket that `seed` gives to `name` in the try number `counter` (rule S5)."""
    suffix = f"#{counter}" if counter else ""
    return hmac.digest(seed, f"{draw}|{name}{suffix}".encode(), "sha256")


def in_ticket_order(seed: bytes, draw: str, ids: Iterable[str], prefix: str = "", counter: int = 0) -> list[str]:
    """`ids` by ascending ticket, ties by id (rule S6)."""
    return sorted(ids, key=lambda each: (ticket(seed, draw, prefix + each, counter), each))
