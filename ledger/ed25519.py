"""Strict Ed25519 verification: one answer for every signature, whatever library checks it.

RFC 8032 leaves choices open; here S < L, the key A and the point R are canonical encodings and not of small order,
and the equation is the one without cofactor (OpenSSL's), compared on the bytes of R.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493

_Y_OF_ORDER_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD83D3D706A17C7
_SMALL_ORDER_Y = frozenset({0, 1, PRIME - 1, _Y_OF_ORDER_8, PRIME - _Y_OF_ORDER_8})


def is_sound_point(encoding: bytes) -> bool:
    """Whether 32 bytes are a canonical encoding of no point of small order (that it lies on the curve is not checked).

    The eight points of small order have y = 0, ±1 or ±_Y_OF_ORDER_8; y = ±1 is also where x = 0 allows a second sign.
    """
    y = int.from_bytes(encoding, "little") & (2**255 - 1)
    return len(encoding) == 32 and y < PRIME and y not in _SMALL_ORDER_Y


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` (64 bytes, R ‖ S) is the key's (32 bytes) over `message`."""
    if len(signature) != 64 or int.from_bytes(signature[32:], "little") >= ORDER:
        return False
    if not (is_sound_point(public_key) and is_sound_point(signature[:32])):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
