"""The forms of the ledger's events (docs/spec/draw.md, section 4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lottery.errors import LotteryInputError
from lottery.forms import is_code, is_count, is_free_text, is_hex32, is_source_name, is_time
from lottery.manifest import FORMAT, check_fields

Event = Mapping[str, Any]
"""One event as it stands in its file."""

STAGES = ("frozen", "closed", "sources", "result")

_COMMON: dict[str, Callable[[Any], bool]] = {
    "type": lambda value: isinstance(value, str),
    "number": lambda value: is_count(value, 1),
    "origin": is_free_text,
    "time": is_time,
}

_TYPES: dict[str, dict[str, Callable[[Any], bool]]] = {
    "CEREMONY": {
        "format": lambda value: value == FORMAT,
        "title": is_free_text,
        "test": lambda value: isinstance(value, bool),
        "log_key": is_free_text,
        "witness_keys": lambda value: _texts(value) and value == sorted(set(value)),
        "threshold": lambda value: is_count(value, 1),
    },
    "FREEZE": {"manifest": lambda value: isinstance(value, Mapping)},
    "HEAD": {"stage": lambda value: value in STAGES, "note": lambda value: isinstance(value, str)},
    "COMMIT": {"source": is_source_name, "commitment": is_hex32},
    "CLOSE": {},
    "CAST": {"source": is_source_name},
    "REVEAL": {"source": is_source_name, "secret": is_hex32, "matches": lambda value: isinstance(value, bool)},
    "REVEALS_CLOSED": {"missing": lambda value: isinstance(value, list) and all(is_source_name(one) for one in value)},
    "UNCOVER": {
        "source": is_source_name,
        "digits": lambda value: isinstance(value, list) and all(is_count(one) for one in value),
        "reader": is_free_text,
        "typists": lambda value: _texts(value) and len(value) == 2,
    },
    "RESULT": {"seed": is_hex32, "counter": is_count, "result_root": is_hex32, "result_size": is_count},
    "VOID": {"reason": is_free_text},
    "SET_ASIDE": {"reason": is_free_text, "authority": is_free_text, "document": is_free_text},
}


def check_event(event: Event, number: int) -> None:
    """Check an event's fields and kinds of value, and that it is event `number` (rule E1).

    Raises:
        LotteryInputError: naming the event and the field.
    """
    kind = event.get("type")
    if not isinstance(kind, str) or kind not in _TYPES:
        raise LotteryInputError("Event %(number)s has an unknown type.", number=number)
    tests = {**_COMMON, **_TYPES[kind]}
    if kind != "CEREMONY":
        tests["draw"] = is_code
    check_fields(event, tests, f"event {number} ({kind})")
    if event["number"] != number:
        raise LotteryInputError("Event %(number)s says it is number %(says)s.", number=number, says=event["number"])


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(is_free_text(each) for each in value)
