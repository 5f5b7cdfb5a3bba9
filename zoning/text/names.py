"""Names as people write them, for the normal forms in which addresses are compared."""

from __future__ import annotations

import re
from collections.abc import Iterable

from geodata.addresses.normal import regions
from geodata.catchments.assign import Addresses
from geodata.catchments.places import place_name

_NUMBERS = re.compile(
    r"[0-9０-９]+(?:-[0-9]+)?[A-Za-z甲乙丙丁戊]?(?:号楼|号院|号|號|弄|栋|棟|幢|座)(?:之[0-9一二三四五六七八九十]+)?"
)
_LATIN_NUMBER = re.compile(r"^\d[\d-]*[A-Za-z]?\s+|\s+\d[\d-]*\s?[A-Za-z]?$")


class Names:
    """Spellings by normal form: those of `known` names first, else as an address writes them."""

    def __init__(self, known: Iterable[str], addresses: Addresses) -> None:
        """Of several spellings of a known name the first by code points is taken, and of addresses the first one."""
        self._known: dict[str, str] = {}
        for name in sorted(set(known)):
            self._known.setdefault(place_name(name), name)
        self._example: dict[str, str] = {}
        for text, places in zip(addresses.texts, addresses.places, strict=True):
            for place in places:
                self._example.setdefault(place.name, text)

    def spellings(self, normal: str) -> tuple[str, ...]:
        """What to write for a normal form, the best first."""
        if normal not in self._known:
            pieces = _pieces(self._example.get(normal, ""))
            self._known[normal] = next((piece for piece in pieces if place_name(piece) == normal), normal)
        return tuple(dict.fromkeys((self._known[normal], normal)))


def _pieces(text: str) -> Iterable[str]:
    """Parts of an address that may be a name: what stands between its numbers, without the district in front."""
    for piece in [*_NUMBERS.split(text), *_LATIN_NUMBER.split(text)]:
        name = piece.strip(" ,，-").removeprefix("".join(regions(piece)))
        if name:
            yield name
