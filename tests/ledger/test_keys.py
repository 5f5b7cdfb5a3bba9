from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ledger import keys
from ledger.canonical import canonical_json, parse_canonical
from ledger.errors import LedgerError, LedgerInputError
from ledger.notes import COSIGNATURE, Verifier

NAME = "edu.example.org/evenhand"
PASSPHRASE = "correct horse"


def test_a_key_opens_with_its_passphrase_only(tmp_path: Path) -> None:
    made = keys.make_key(tmp_path, NAME, PASSPHRASE, COSIGNATURE)
    opened = keys.load_key(tmp_path, NAME, PASSPHRASE)
    assert opened.verifier == made.verifier == keys.public_key(tmp_path, NAME)
    assert opened.private_key.private_bytes_raw() == made.private_key.private_bytes_raw()
    with pytest.raises(LedgerError, match="passphrase"):
        keys.load_key(tmp_path, NAME, PASSPHRASE + "!")


def test_the_file_is_the_owners_and_holds_no_plain_key(tmp_path: Path) -> None:
    made = keys.make_key(tmp_path, NAME, PASSPHRASE)
    path = keys.key_path(tmp_path, NAME)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    secret = made.private_key.private_bytes_raw()
    assert secret not in path.read_bytes()
    assert secret.hex() not in path.read_text()


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    made = keys.make_key(tmp_path, NAME, PASSPHRASE)
    with pytest.raises(LedgerInputError, match="already"):
        keys.make_key(tmp_path, NAME, PASSPHRASE)
    assert keys.public_key(tmp_path, NAME) == made.verifier


def test_a_changed_name_makes_the_file_unreadable(tmp_path: Path) -> None:
    made = keys.make_key(tmp_path, NAME, PASSPHRASE)
    path = keys.key_path(tmp_path, NAME)
    said = parse_canonical(path.read_bytes())
    said["vkey"] = Verifier("other", made.verifier.public_key).vkey
    path.write_bytes(canonical_json(said))
    with pytest.raises(LedgerError, match="changed"):
        keys.load_key(tmp_path, NAME, PASSPHRASE)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"format":"evenhand/key/v1"}'])
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    keys.key_path(tmp_path, NAME).write_bytes(content)
    with pytest.raises(LedgerInputError):
        keys.load_key(tmp_path, NAME, PASSPHRASE)


def test_a_malformed_field_is_refused(tmp_path: Path) -> None:
    keys.make_key(tmp_path, NAME, PASSPHRASE)
    path = keys.key_path(tmp_path, NAME)
    whole = parse_canonical(path.read_bytes())
    for field in ("nonce", "salt", "sealed", "vkey"):
        for value in ("AAAA", 5):
            path.write_bytes(canonical_json({**whole, field: value}))
            with pytest.raises(LedgerError):
                keys.load_key(tmp_path, NAME, PASSPHRASE)


def test_costs_from_the_file_are_not_obeyed(tmp_path: Path) -> None:
    keys.make_key(tmp_path, NAME, PASSPHRASE)
    path = keys.key_path(tmp_path, NAME)
    said = parse_canonical(path.read_bytes())
    said["scrypt"]["n"] = 2**30
    path.write_bytes(canonical_json(said))
    with pytest.raises(LedgerInputError, match="another version"):
        keys.load_key(tmp_path, NAME, PASSPHRASE)


def test_a_missing_key_and_a_short_passphrase_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LedgerInputError, match="no key"):
        keys.load_key(tmp_path, NAME, PASSPHRASE)
    with pytest.raises(LedgerInputError, match="at least 8"):
        keys.make_key(tmp_path, NAME, "short")
    assert list(tmp_path.iterdir()) == []


def test_fingerprint_words_are_golden_and_say_the_same_in_both_languages() -> None:
    verifier = Verifier.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    english, chinese = keys.fingerprint_words(verifier), keys.fingerprint_words(verifier, "zh_Hans")
    assert english == "small-bell tall-ox round-fish red-sea black-fish small-fish small-bird tall-tree"
    assert chinese == "小钟 高牛 圆鱼 红海 黑鱼 小鱼 小鸟 高树"
