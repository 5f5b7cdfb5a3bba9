"""A table of a recipe that knows where it stands, so that its errors can say so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from geodata.errors import GeodataInputError
from ledger.errors import Phrase

KINDS: dict[type | tuple[type, ...], Phrase] = {
    str: Phrase('a text in quotes ("…")'),
    bool: Phrase("true or false"),
    int: Phrase("a whole number"),
    list: Phrase("a list in brackets ([…])"),
    dict: Phrase("a table ({ … })"),
    (int, float): Phrase("a number"),
    (int, float, str): Phrase("a number or a text in quotes"),
    (int, float, dict): Phrase("a number or a table ({ … })"),
    (str, list): Phrase("a text in quotes or a list of them"),
}
"""What a value must be, in words."""


@dataclass(frozen=True)
class Table:
    """A table of the recipe that knows where it stands, so that its errors can say so."""

    path: Path
    where: str
    values: Mapping[str, Any]

    def take(self, key: str, kind: type | tuple[type, ...], default: Any = None) -> Any:
        """The value of `key`, checked; without a default it must be there."""
        value = self.values.get(key, default)
        if value is None:
            self.refuse("needs the key %(key)s", key=key)
        number_as_bool = isinstance(value, bool) and kind is not bool
        if not isinstance(value, kind) or number_as_bool:
            self.refuse("needs %(key)s to be %(kind)s, not %(value)s", key=key, kind=KINDS[kind], value=repr(value))
        return value

    def table(self, key: str, known: set[str] | None = None, default: Any = None) -> Table:
        """The table under `key`; keys outside `known` are refused."""
        inner = Table(self.path, f"{self.where}.{key}".strip("."), self.take(key, dict, default))
        if known is not None:
            inner.refuse_others(known)
        return inner

    def refuse_others(self, known: set[str]) -> None:
        """Refuse a key that nobody would read: it is most likely misspelt."""
        others = sorted(set(self.values) - known)
        if others:
            listed = ", ".join(sorted(known))
            self.refuse("has an unknown key %(key)s; known are %(known)s", key=others[0], known=listed)

    def refuse(self, reason: str, **values: object) -> NoReturn:
        """Raise the recipe's error; `reason` is what the sentence says of this table."""
        raise GeodataInputError(
            "The recipe %(path)s, [%(where)s], %(reason)s; see docs/guide/en/recipe.md.",
            path=self.path,
            where=self.where or "top",
            reason=Phrase(reason, **values),
        )


def texts(table: Table, key: str) -> tuple[str, ...]:
    """A list of texts under `key`, empty where it is absent."""
    values = table.take(key, list, [])
    if not all(isinstance(value, str) for value in values):
        table.refuse("needs %(key)s = a list of texts", key=key)
    return tuple(values)
