"""What the organiser decides before a freeze: kind, classes, sources and deadlines, from one TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ledger.canonical import to_nfc
from lottery.errors import LotteryInputError
from lottery.forms import is_free_text, is_time
from lottery.manifest import HOMEROOM, PLACEMENT, is_source

_FIELDS = {"kind", "title", "classes", "commit_deadline", "sources", "pool", "after", "exclusions"}
_NEEDED = {"kind", "title", "classes", "commit_deadline", "sources"}


@dataclass(frozen=True)
class DrawPlan:
    """A draw's rules; `exclusions` are (class code, teacher's registration number)."""

    kind: str
    title: str
    classes: Sequence[Mapping[str, str]]
    commit_deadline: str
    sources: Sequence[Mapping[str, Any]]
    pool: int = 0
    after: str = ""
    exclusions: Sequence[tuple[str, str]] = ()


def read_plan(path: Path) -> DrawPlan:
    """Read a TOML file of rules; see docs/spec/draw.md, section 13, for an example.

    Raises:
        LotteryInputError: unreadable, an unknown or missing field, a malformed source or time.
    """
    try:
        said = to_nfc(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise LotteryInputError("There is no rules file %(path)s.", path=path) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LotteryInputError("%(file)s is not TOML: %(reason)s.", file=path.name, reason=error) from error
    for field in sorted((set(said) - _FIELDS) | (_NEEDED - set(said))):
        raise LotteryInputError("%(file)s: the field %(field)s is unknown or missing.", file=path.name, field=field)
    if said["kind"] not in (PLACEMENT, HOMEROOM):
        raise LotteryInputError("%(file)s: kind must be class-placement or homeroom.", file=path.name)
    try:
        return DrawPlan(
            kind=said["kind"],
            title=said["title"],
            classes=class_list(said["classes"]),
            commit_deadline=time_text(said["commit_deadline"]),
            sources=[make_source(each) for each in said["sources"]],
            pool=int(said.get("pool", 0)),
            after=said.get("after", ""),
            exclusions=[(group, teacher) for group, teacher in said.get("exclusions", ())],
        )
    except (TypeError, ValueError, AttributeError) as error:
        raise LotteryInputError(
            "%(file)s: a value has the wrong kind (%(reason)s).", file=path.name, reason=error
        ) from error


def class_list(names: Sequence[str]) -> list[dict[str, str]]:
    """Classes C1, C2, … with these names.

    Raises:
        LotteryInputError: fewer than two, or a name that is not a short text.
    """
    if isinstance(names, str) or len(names) < 2 or not all(map(is_free_text, names)):
        raise LotteryInputError("There must be at least two classes, each with a name.")
    return [{"code": f"C{number}", "name": name} for number, name in enumerate(names, 1)]


def make_source(said: Mapping[str, Any]) -> dict[str, Any]:
    """A source of the manifest from its type, name, label, deadline and numbers.

    Raises:
        LotteryInputError: it is none.
    """
    secret = said.get("type") == "secret"
    made = {
        **said,
        "deadline": time_text(said.get("deadline")),
        "encoding": "secret32" if secret else "digits",
        "fallback": "empty" if secret else "required",
    }
    if said.get("type") == "dice":
        made.setdefault("low", 0 if said.get("faces") == 10 else 1)
    if not is_source(made):
        raise LotteryInputError(
            "The source %(name)s is malformed: a secret has a role (organiser, independent or typed), dice have count "
            "and faces, balls have count and balls; all have type, name, label and deadline.",
            name=said.get("name", "?"),
        )
    return made


def time_text(value: object) -> str:
    """A time as the protocol writes it, from such a text or from a TOML date-time with an offset.

    Raises:
        LotteryInputError: no time, or one without an offset from UTC.
    """
    if isinstance(value, str) and is_time(value):
        return value
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise LotteryInputError("%(value)s is not a time like 2027-08-20T09:30:00+08:00.", value=value)
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def unix_text(time: int) -> str:
    """Unix seconds as the protocol writes a time."""
    return time_text(datetime.fromtimestamp(time, UTC))
