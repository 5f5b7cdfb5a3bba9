"""From people to codes: random, salted, tagged, in strata that give nobody away; and the private store."""

from __future__ import annotations

import hmac
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest
from scipy.stats import chi2

from ledger.canonical import canonical_json
from lottery.errors import LotteryError, LotteryInputError
from lottery.forms import is_code
from lottery.freeze import CHILD_LETTERS, freeze_children, freeze_teachers, make_codes
from lottery.placement import Placed
from lottery.public import parse_roster, result_leaf, roster_csv
from lottery.rosterfile import Person
from lottery.store import read_store, write_store
from tests.lottery.hall import children, teachers
from tests.vectors.make_example import Counted


def test_leaves_are_what_slip_and_key_say() -> None:
    frozen = freeze_children("D1", children(40), 4, 3, Counted("x"))
    assert [line.code for line in frozen.lines] == sorted(frozen.private.people)
    for line in frozen.lines:
        private = frozen.private.people[line.code]
        assert line.record == sha256(private.salt + canonical_json(private.person.record)).hexdigest()
        assert line.tag == hmac.digest(frozen.private.tag_key, private.person.id.encode(), "sha256").hex()
        assert private.person.id not in canonical_json(private.person.record).decode()
    assert len(frozen.pool) == 3
    assert not set(frozen.pool) & set(frozen.private.people)


def test_codes_are_fresh_and_have_nothing_to_do_with_the_roster_order() -> None:
    first = freeze_children("D1", children(40), 4, 0, Counted("x")).private.people
    second = freeze_children("D1", children(40), 4, 0, Counted("y")).private.people
    assert not set(first) & set(second)
    by_id = [code for code, each in sorted(first.items(), key=lambda one: one[1].person.id)]
    assert by_id != sorted(by_id)


def test_codes_are_equally_likely() -> None:
    codes = make_codes(20_000, CHILD_LETTERS, Counted("codes"))
    assert len(set(codes)) == 20_000
    assert all(is_code(code) for code in codes)
    counts = Counter(code[0] for code in codes)
    expected = 20_000 / len(CHILD_LETTERS)
    statistic = sum((counts[letter] - expected) ** 2 / expected for letter in CHILD_LETTERS)
    assert statistic < chi2.ppf(1 - 1e-3, len(CHILD_LETTERS) - 1)


def test_long_lists_get_more_digits() -> None:
    assert {len(code) for code in make_codes(20_000, "T", Counted("few"))} == {6}
    many = make_codes(20_001, "T", Counted("many"))
    assert {len(code) for code in many} == {7}
    assert len(set(many)) == 20_001


def test_stratum_ids_are_in_no_order_of_rank() -> None:
    """Over many rosters the best block's id is above and below the worst's about equally often."""
    above = 0
    for number in range(60):
        frozen = freeze_children(
            "D1", [Person(f"S{n:02}", "x", score=str(n)) for n in range(20)], 2, 0, Counted(str(number))
        )
        score = {code: int(each.person.score) for code, each in frozen.private.people.items()}
        best = next(line.stratum for line in frozen.lines if score[line.code] == 19)
        worst = next(line.stratum for line in frozen.lines if score[line.code] == 0)
        above += best > worst
    assert 15 < above < 45


@pytest.mark.parametrize(
    "people, words",
    [
        ([*children(20)[:14:2], *[Person(f"F{n}", "x", "F", "1") for n in range(3)]], "only 3 children"),
        ([*children(20), Person("X", "x", "M", "")], "have no score"),
        ([Person(f"S{n}", "x", apart="a" if n < 3 else "") for n in range(20)], "apart group a has 3"),
        ([Person(f"S{n}", "x", apart="a" if n < 1 else "") for n in range(20)], "apart group a has 1"),
        ([Person(f"S{n}", "x", "MF"[n % 2], apart="a" if n < 2 else "") for n in range(20)], "different strata"),
    ],
)
def test_rules_that_cannot_hold_are_said_before_the_freeze(people: list[Person], words: str) -> None:
    with pytest.raises(LotteryInputError, match=words):
        freeze_children("D1", people, 2, 0, Counted("x"))


def test_teachers_have_codes_of_their_own() -> None:
    frozen = freeze_teachers("D1", teachers(4), Counted("x"))
    assert all(line.code.startswith("T") and not line.stratum for line in frozen.lines)


def test_roster_csv_is_read_as_it_was_written() -> None:
    lines = freeze_children("D1", children(40), 4, 0, Counted("x")).lines
    assert parse_roster(roster_csv(lines)) == list(lines)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data + b"\n",
        lambda data: data.rstrip(b"\n"),
        lambda data: data.replace(b"code,", b"Code,", 1),
        lambda data: b"\n".join([data.split(b"\n")[0], *data.split(b"\n")[2:4], data.split(b"\n")[1], b""]),
        lambda data: b"\n".join([*data.split(b"\n")[:2], data.split(b"\n")[1], b""]),
    ],
)
def test_a_roster_csv_in_any_other_form(spoil: object) -> None:
    data = roster_csv(freeze_children("D1", children(40), 4, 0, Counted("x")).lines)
    with pytest.raises(LotteryInputError):
        parse_roster(spoil(data))  # type: ignore[operator]


def test_leaves_are_canonical_json() -> None:
    line = freeze_children("D1", children(40), 4, 0, Counted("x")).lines[0]
    assert line.leaf == canonical_json(vars(line))
    one = Placed("A1", "C1", 12, bytes(32))
    said = {"class": "C1", "code": "A1", "position": 12, "ticket": "00" * 32}
    assert result_leaf(one) == canonical_json(said)


def test_equal_tags_mean_that_one_child_stands_twice() -> None:
    lines = list(freeze_children("D1", children(40), 4, 0, Counted("x")).lines)
    lines[1] = type(lines[1])(lines[1].code, lines[1].stratum, lines[0].tag, lines[1].record)
    with pytest.raises(LotteryInputError, match="registered twice"):
        parse_roster(roster_csv(lines))


def test_the_private_store_opens_with_its_passphrase_only(tmp_path: Path) -> None:
    private = freeze_children("D1", children(20), 2, 0, Counted("x")).private
    path = tmp_path / "secret" / "D1.sealed"
    write_store(path, private, "correct horse", Counted("y"))
    assert read_store(path, "correct horse") == private
    assert b"Child" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(LotteryError, match="passphrase is wrong"):
        read_store(path, "battery staple")
    path.write_bytes(path.read_bytes().replace(b'"sealed":"', b'"sealed":"00'))
    with pytest.raises(LotteryError):
        read_store(path, "correct horse")
    with pytest.raises(LotteryInputError, match="There is no private roster"):
        read_store(tmp_path / "nothing", "correct horse")
    with pytest.raises(LotteryInputError, match="at least 8"):
        write_store(path, private, "short", Counted("y"))
