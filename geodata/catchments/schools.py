"""Schools by the names that a text gives them: files seldom agree on how a school is called."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from geodata.addresses.normal import without_region


def plain_name(name: str) -> str:
    """A name in one width and case, without blanks, quotes and the region in front; campuses stay told apart."""
    name = unicodedata.normalize("NFKC", name).casefold()
    return without_region(re.sub(r"[\s\"'“”‘’·.+]", "", name))


def find_schools(named: Iterable[str], ids: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """The id of each school that a text names by its id, its name, or unmistakably by a part of its name.

    `ids` and `names` are those of the city. A name that fits several schools, or none, is not in the result.
    """
    plain = [plain_name(name) for name in names]
    found = {}
    for text in dict.fromkeys(named):
        fits = _fits(text, ids, names, plain)
        if len(fits) == 1:
            found[text] = fits.pop()
    return found


def _fits(text: str, ids: Sequence[str], names: Sequence[str], plain: Sequence[str]) -> set[str]:
    """Schools that fit at the first of these steps at which any does: id, name, plain name, end of the name."""
    wanted = plain_name(text)
    steps = (
        [one == text for one in ids],
        [one == text for one in names],
        [one == wanted for one in plain],
        [bool(wanted and one) and (one.endswith(wanted) or wanted.endswith(one)) for one in plain],
    )
    for step in steps:
        fits = {school for school, yes in zip(ids, step, strict=True) if yes}
        if fits:
            return fits
    return set()
