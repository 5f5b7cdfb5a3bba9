"""A picture of four colours as a PNG (W3C, third edition), for what SVG would need megabytes."""

from __future__ import annotations

import base64
import zlib
from struct import pack

import numpy as np
from numpy.typing import NDArray


def png(pixels: NDArray[np.uint8], colours: tuple[str, ...]) -> bytes:
    """A palette PNG of `pixels` (rows of indices into the four `colours`, which are `#rrggbb`), two bits a pixel."""
    height, width = pixels.shape
    four = np.pad(pixels, ((0, 0), (0, -width % 4))).reshape(height, -1, 4)
    packed = (four << np.array([6, 4, 2, 0], dtype=np.uint8)).sum(axis=2, dtype=np.uint8)
    lines = np.hstack((np.zeros((height, 1), dtype=np.uint8), packed)).tobytes()
    palette = b"".join(bytes.fromhex(colour.removeprefix("#")) for colour in colours)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", pack(">IIBBBBB", width, height, 2, 3, 0, 0, 0))
        + _chunk(b"PLTE", palette)
        + _chunk(b"IDAT", zlib.compress(lines))
        + _chunk(b"IEND", b"")
    )


def data_url(picture: bytes) -> str:
    """The picture inside the page: no other file is needed."""
    return "data:image/png;base64," + base64.b64encode(picture).decode("ascii")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))
