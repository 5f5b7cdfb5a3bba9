"""The texts of a Shapefile, whose attribute table (.dbf) rarely says in which encoding they are.

The table is read as bytes (ISO-8859-1 loses none) and decoded here, because a name or value that its writer cut in the
middle of a character cannot be decoded otherwise: field names are cut at 10 bytes, three and a third Chinese characters
in UTF-8.
"""

from __future__ import annotations

import codecs
from pathlib import Path

import numpy as np

from geodata.errors import GeodataInputError

AS_BYTES = "ISO-8859-1"
_SAMPLE = 4 << 20
_GB2312_SHARE = 0.8
"""Of the characters decoded as GBK: Chinese text is nearly all GB2312, umlauts read as GBK are nearly never."""


def encoding_of(shapefile: Path, named: str | None) -> str:
    """The encoding named by the recipe, else by the .cpg file, else the one that the bytes can only be in.

    Raises:
        GeodataInputError: nobody names it and the bytes leave it open.
    """
    stated = named or _stated(shapefile)
    if stated:
        return stated
    table = shapefile.with_suffix(".dbf")
    data = table.read_bytes()[:_SAMPLE] if table.exists() else b""
    words = _words(data)
    if _decodes(words, "utf-8"):
        return "utf-8"
    if _looks_chinese(words):
        return "gb18030"
    raise GeodataInputError(
        "%(file)s has no .cpg file, and its texts do not show their encoding; name it in the recipe, for example "
        'encoding = "GBK" or encoding = "ISO-8859-1".',
        file=shapefile.name,
    )


def decoded(raw: str, encoding: str) -> str:
    """A text that was read as bytes; a character that was cut at its end is left out.

    Raises:
        UnicodeDecodeError: it is in another encoding.
    """
    data = raw.encode(AS_BYTES)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        if "unexpected end" not in error.reason and "incomplete" not in error.reason:
            raise
        return data[: error.start].decode(encoding)


def _stated(shapefile: Path) -> str | None:
    for suffix in (".cpg", ".CPG"):
        path = shapefile.with_suffix(suffix)
        if path.exists():
            return _python_name(path.read_text(encoding="ascii", errors="replace").strip())
    return None


def _python_name(stated: str) -> str | None:
    """`936`, `ANSI 1252`, `UTF-8`, …; None where it is no known encoding."""
    number = stated.removeprefix("ANSI").strip()
    for name in (stated, f"cp{number}"):
        try:
            "a".encode(name)
            found = codecs.lookup(name).name
        except (LookupError, ValueError):
            continue
        return "gb18030" if found in ("gbk", "gb2312") else found
    return None


def _words(data: bytes) -> list[bytes]:
    """Field names and cells that hold more than ASCII, by the table's own widths (dBASE III)."""
    head, width = int.from_bytes(data[8:10], "little"), int.from_bytes(data[10:12], "little")
    if not width:
        return []
    count = max(0, len(data) - head) // width
    rows = np.frombuffer(data, dtype=np.uint8, count=count * width, offset=min(head, len(data))).reshape(count, width)
    words, start = set(), 1
    for at in range(32, head - 32, 32):
        size = data[at + 16]
        cells = np.ascontiguousarray(rows[:, start : start + size])
        words |= {data[at : at + 11].partition(b"\0")[0], *np.unique(cells.view(f"S{size}")).tolist()}
        start += size
    return sorted(word.rstrip(b" \0") for word in words if not word.isascii())


def _decodes(words: list[bytes], encoding: str) -> bool:
    try:
        for word in words:
            decoded(word.decode(AS_BYTES), encoding)
    except UnicodeDecodeError:
        return False
    return True


def _looks_chinese(words: list[bytes]) -> bool:
    if not _decodes(words, "gb18030"):
        return False
    letters = [letter for word in words for letter in decoded(word.decode(AS_BYTES), "gb18030") if letter > "\x7f"]
    common = sum(1 for letter in letters if letter.encode("gb2312", errors="ignore"))
    return bool(letters) and common >= _GB2312_SHARE * len(letters)
