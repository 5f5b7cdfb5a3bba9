from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.canonical import LARGEST, canonical_json, parse_canonical, to_nfc
from ledger.errors import LedgerInputError

TEXT = st.text(st.characters(exclude_categories=("Cs",))).map(lambda text: unicodedata.normalize("NFC", text))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(VALUES)
def test_what_is_written_reads_back_and_has_one_spelling(value: object) -> None:
    data = canonical_json(value)
    assert parse_canonical(data) == value == json.loads(data)
    assert canonical_json(parse_canonical(data)) == data


def test_keys_are_sorted_by_utf16_code_units() -> None:
    # U+10000 is D800 DC00 in UTF-16 and so stands before U+FFFD, unlike in UTF-8.
    assert canonical_json({"\ufffd": 1, "\U00010000": 2, "a": 3}) == '{"a":3,"\U00010000":2,"\ufffd":1}'.encode()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b'{"a":1,"a":1}', id="duplicate key"),
        pytest.param(b'{"b":1,"a":1}', id="keys out of order"),
        pytest.param(b'{"a": 1}', id="white space"),
        pytest.param(b'{"a":1}\n', id="final newline"),
        pytest.param(b'\xef\xbb\xbf{"a":1}', id="byte order mark"),
        pytest.param(b'{"a":1.0}', id="float"),
        pytest.param(b'{"a":1e3}', id="exponent"),
        pytest.param(b'{"a":NaN}', id="not a number"),
        pytest.param(b'{"a":-0}', id="negative zero"),
        pytest.param(b'{"a":9007199254740992}', id="integer of 2^53"),
        pytest.param(b'{"a":' + b"9" * 5000 + b"}", id="integer of 5000 digits"),
        pytest.param('{"a":"A\u030a"}'.encode(), id="text not NFC"),
        pytest.param('{"A\u030a":1}'.encode(), id="key not NFC"),
        pytest.param(b'{"a":"\\u0041"}', id="needless escape"),
        pytest.param(b'{"a":"\\ud800"}', id="lone surrogate"),
        pytest.param(b'{"a":"\xff"}', id="not UTF-8"),
        pytest.param(b"[" * 100_000, id="nested without end"),
        pytest.param(b"", id="empty"),
    ],
)
def test_refused(data: bytes) -> None:
    with pytest.raises(LedgerInputError):
        parse_canonical(data)


@pytest.mark.parametrize("value", [1.5, {1: 2}, {"a": b"x"}, "A\u030a", 2**53, {"a": {"b": {3, 4}}}])
def test_values_without_a_canonical_form_are_refused(value: object) -> None:
    with pytest.raises(LedgerInputError):
        canonical_json(value)


def test_text_is_brought_into_form_on_request() -> None:
    assert to_nfc({"A\u030a": ["e\u0301", 1, None]}) == {"Å": ["é", 1, None]}


def test_keys_that_become_equal_in_nfc_are_refused() -> None:
    with pytest.raises(LedgerInputError, match="twice"):
        to_nfc({"A\u030a": 1, "Å": 2})


@pytest.mark.parametrize("name", ["䶮", "㛃", "𠅤", "🎈", "מרים", "ئابدۇرېھىم·مۇھەممەت"])
def test_rare_names_pass(name: str) -> None:
    assert parse_canonical(canonical_json({"name": to_nfc(name)})) == {"name": to_nfc(name)}
