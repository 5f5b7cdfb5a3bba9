"""Canonical JSON: RFC 8785 without floats, integers up to 2^53 − 1, all text in Unicode NFC."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import rfc8785

from ledger.errors import LedgerInputError

LARGEST = 2**53 - 1
"""The largest integer (and, negated, the smallest) that every JSON reader keeps exact."""


def canonical_json(value: object) -> bytes:
    """The one byte string that stands for `value` (null, bool, int, str, sequences, string-keyed mappings).

    Text that is not NFC is refused, not changed: bring it into form with `to_nfc` where it enters the system.

    Raises:
        LedgerInputError: a float, a too large integer, text that is not NFC or not Unicode, another type.
    """
    try:
        _check(value)
        return rfc8785.dumps(value)  # type: ignore[arg-type]  # _check has just refused every other type
    except (ValueError, RecursionError) as error:
        raise LedgerInputError("The value has no canonical JSON: %(reason)s.", reason=error) from error


def parse_canonical(data: bytes) -> Any:
    """The value that `data` stands for, if `data` is its canonical form.

    Raises:
        LedgerInputError: not UTF-8, not JSON, a byte order mark, a key given twice, a float, an integer beyond
            2^53 − 1, text that is not NFC, or any other spelling than the canonical one.
    """
    try:
        text = data.decode()
        value = json.loads(text, object_pairs_hook=_no_duplicates, parse_float=_no_float, parse_constant=_no_float)
    except (ValueError, RecursionError) as error:
        raise LedgerInputError("This is not JSON: %(reason)s.", reason=error) from error
    if canonical_json(value) != data:
        raise LedgerInputError("The JSON is not in canonical form (RFC 8785): write it again with canonical_json.")
    return value


def to_nfc(value: Any) -> Any:
    """`value` with every text and key in Unicode NFC.

    Raises:
        LedgerInputError: two keys of one mapping become equal.
    """
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, Mapping):
        return _no_duplicates([(to_nfc(key), to_nfc(item)) for key, item in value.items()])
    if isinstance(value, list | tuple):
        return [to_nfc(item) for item in value]
    return value


def _check(value: object) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise LedgerInputError("The integer %(number)s is beyond 2^53 − 1; write it as text.", number=value)
    elif isinstance(value, str):
        _check_text(value)
    elif isinstance(value, Mapping):
        _check_mapping(value)
    elif isinstance(value, list | tuple):
        for item in value:
            _check(item)
    else:
        raise LedgerInputError("A %(type)s has no canonical JSON.", type=type(value).__name__)


def _check_text(text: str) -> None:
    if not unicodedata.is_normalized("NFC", text):
        raise LedgerInputError("The text %(text)r is not in Unicode NFC.", text=text)


def _check_mapping(mapping: Mapping[Any, object]) -> None:
    for key, item in mapping.items():
        if not isinstance(key, str):
            raise LedgerInputError("The key %(key)r is not text.", key=key)
        _check_text(key)
        _check(item)


def _no_duplicates(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise LedgerInputError("A key stands twice in one JSON object.")
    return found


def _no_float(text: str) -> NoReturn:
    raise LedgerInputError("The JSON number %(number)s is not an integer.", number=text)
