from __future__ import annotations

import base64

import pytest

from ledger import ed25519
from ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.errors import LedgerError, LedgerInputError
from ledger.merkle import Tree, leaf_hash
from ledger.notes import COSIGNATURE, Signer, Verifier, join_note, open_note, sign_note, split_note
from ledger.proof import TlogProof

LOG = Signer.generate("edu.example.org/log")
WITNESS = Signer.generate("parent.example.org", COSIGNATURE)
TEXT = "first line\n\nthird line\n"


def test_a_note_opens_with_its_key() -> None:
    note = open_note(sign_note(TEXT, [LOG]), [LOG.verifier])
    assert note.text == TEXT
    assert note.signed_by(LOG.verifier)


def test_the_text_ends_at_the_last_blank_line() -> None:
    assert split_note(sign_note("a\n\nb\n\nc\n", [LOG]))[0] == "a\n\nb\n\nc\n"


def test_a_vkey_reads_back_and_may_hold_plus_in_its_base64() -> None:
    signer = next(found for found in iter(lambda: Signer.generate("n"), None) if found.verifier.vkey.count("+") > 2)
    assert Verifier.parse(signer.verifier.vkey) == signer.verifier
    assert Verifier.parse(WITNESS.verifier.vkey) == WITNESS.verifier


def test_a_cosignature_carries_its_time() -> None:
    note = join_note(TEXT, [LOG.line(TEXT), WITNESS.cosignature_line(TEXT, 1727964367)])
    found = open_note(note, [WITNESS.verifier])
    assert [(item.verifier, item.time) for item in found.signatures] == [(WITNESS.verifier, 1727964367)]


def test_sixteen_signatures_of_unknown_keys_are_ignored() -> None:
    strangers = [Signer.generate(f"s{number}") for number in range(16)]
    assert len(open_note(sign_note(TEXT, [*strangers, LOG]), [LOG.verifier]).signatures) == 1


def broken_signature(line: str) -> str:
    name, _, blob = line.rpartition(" ")
    data = bytearray(base64.b64decode(blob))
    data[10] ^= 1
    return f"{name} {base64.b64encode(data).decode()}"


def test_a_known_key_whose_signature_fails_rejects_the_note() -> None:
    second = Signer.generate("second")
    note = join_note(TEXT, [LOG.line(TEXT), broken_signature(second.line(TEXT))])
    assert open_note(note, [LOG.verifier])
    with pytest.raises(LedgerError, match="second"):
        open_note(note, [LOG.verifier, second.verifier])


def test_a_note_that_nobody_known_signed_is_refused() -> None:
    with pytest.raises(LedgerError, match="No known key"):
        open_note(sign_note(TEXT, [LOG]), [Signer.generate(LOG.name).verifier])


def test_a_changed_text_is_refused() -> None:
    with pytest.raises(LedgerError, match="does not verify"):
        open_note(sign_note(TEXT, [LOG]).replace(b"first", b"First"), [LOG.verifier])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("—", "-", id="hyphen for dash"),
        pytest.param("— ", "—  ", id="two spaces"),
        pytest.param("\n\n—", "\n—", id="no blank line"),
        pytest.param("first", "fir\tst", id="control character"),
        pytest.param("=\n", "=", id="no final newline"),
        pytest.param("=\n", "=\n\n", id="line after the signatures"),
        pytest.param("=\n", "\n", id="base64 without padding"),
        pytest.param("org/log ", "org/l+g ", id="plus in the name"),
    ],
)
def test_a_malformed_note_is_refused(old: str, new: str) -> None:
    note = sign_note("first line\n", [LOG]).decode()
    with pytest.raises(LedgerError):
        open_note(note.replace(old, new).encode(), [LOG.verifier])


def test_a_note_of_bytes_that_are_not_text_is_refused() -> None:
    with pytest.raises(LedgerInputError, match="UTF-8"):
        open_note(b"\xff\n\n", [LOG.verifier])


@pytest.mark.parametrize("text", ["", "no newline", "nul\0\n", "return\r\n"])
def test_a_text_that_cannot_be_a_note_is_not_signed(text: str) -> None:
    with pytest.raises(LedgerInputError):
        sign_note(text, [LOG])


@pytest.mark.parametrize("name", ["", "two words", "a+b", "line\nbreak", "em\u2003space"])
def test_a_name_that_cannot_be_a_keys_is_refused(name: str) -> None:
    with pytest.raises(LedgerInputError, match="key name"):
        Signer.generate(name)


@pytest.mark.parametrize(
    "vkey",
    [
        pytest.param("name", id="no key"),
        pytest.param(LOG.verifier.vkey.replace("+", "+0", 1), id="wrong key id"),
        pytest.param("other" + LOG.verifier.vkey, id="another name"),
        pytest.param(LOG.verifier.vkey[:-4], id="cut off"),
    ],
)
def test_a_vkey_that_does_not_fit_is_refused(vkey: str) -> None:
    with pytest.raises(LedgerInputError):
        Verifier.parse(vkey)


def test_keys_are_used_for_their_own_purpose_only() -> None:
    with pytest.raises(LedgerInputError):
        WITNESS.line(TEXT)
    with pytest.raises(LedgerInputError):
        LOG.cosignature_line(TEXT, 0)


def test_printing_a_signer_shows_no_secret() -> None:
    assert LOG.private_key.private_bytes_raw().hex() not in repr(LOG)
    assert repr(LOG) == f"Signer({LOG.verifier.vkey})"


def test_a_checkpoint_reads_back() -> None:
    head = Checkpoint("edu.example.org/log", 5, leaf_hash(b""), ("extension",))
    assert Checkpoint.parse(head.text) == head
    assert open_checkpoint(sign_checkpoint(head, LOG), LOG.verifier)[0] == head


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("o\n05\n" + "A" * 43 + "=\n", id="leading zero"),
        pytest.param("o\n-1\n" + "A" * 43 + "=\n", id="negative size"),
        pytest.param("o\n5\n" + "A" * 43 + "\n", id="root without padding"),
        pytest.param("o\n5\n" + "A" * 42 + "B=\n", id="root with spare bits"),
        pytest.param("o\n5\nAAAA\n", id="short root"),
        pytest.param("o\n5\n" + "A" * 43 + "=", id="no final newline"),
        pytest.param("o\n5\n" + "A" * 43 + "=\n\n", id="empty extension"),
        pytest.param("o o\n5\n" + "A" * 43 + "=\n", id="space in the origin"),
        pytest.param("o\n5\n", id="no root"),
        pytest.param("o\n٥\n" + "A" * 43 + "=\n", id="digit of another script"),
    ],
)
def test_a_malformed_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(LedgerInputError):
        Checkpoint.parse(text)


def test_a_checkpoint_without_the_logs_own_signature_is_refused() -> None:
    text = Checkpoint("edu.example.org/log", 5, leaf_hash(b"")).text
    with pytest.raises(LedgerError, match="not signed by the log"):
        open_checkpoint(join_note(text, [WITNESS.cosignature_line(text, 1)]), LOG.verifier, [WITNESS.verifier])


def proof_of(index: int, size: int = 7, extra: bytes | None = None) -> TlogProof:
    tree = Tree(leaf_hash(bytes([number])) for number in range(size))
    note = sign_checkpoint(Checkpoint(LOG.name, size, tree.root()), LOG)
    return TlogProof(index, tuple(tree.inclusion_proof(index)), note, extra)


@pytest.mark.parametrize("extra", [None, b"", b"salt"])
def test_a_proof_reads_back_and_verifies(extra: bytes | None) -> None:
    proof = proof_of(3, extra=extra)
    assert TlogProof.parse(proof.encode()) == proof
    assert proof.verify(leaf_hash(b"\x03"), LOG.verifier)[0].size == 7


def test_a_proof_of_another_leaf_is_refused() -> None:
    with pytest.raises(LedgerError):
        proof_of(3).verify(leaf_hash(b"\x04"), LOG.verifier)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"@v1", b"@v2"), (b"index 3", b"index 03"), (b"index", b"Index"), (b"\nindex 3", b""), (b"\n\n", b"\n"),
        (b"=\n", b"\n"), (b"index 3\n", b"index 3\nAAAA\n"),
    ],
)  # fmt: skip
def test_a_malformed_proof_is_refused(old: bytes, new: bytes) -> None:
    data = proof_of(3).encode()
    head, blank, note = data.partition(b"\n\n")
    broken = (head + blank).replace(old, new, 1) + (note if old != b"\n\n" else b"")
    with pytest.raises(LedgerInputError):
        TlogProof.parse(broken)


def test_points_of_small_order_and_unreduced_values_are_refused() -> None:
    message, signature, key = b"m", LOG.private_key.sign(b"m"), LOG.verifier.public_key
    assert ed25519.verify(key, message, signature)
    larger = signature[:32] + (int.from_bytes(signature[32:], "little") + ed25519.ORDER).to_bytes(32, "little")
    identity = (1).to_bytes(32, "little")
    unreduced = (ed25519.PRIME + 1).to_bytes(32, "little")
    for bad in (larger, identity + bytes(32), unreduced + bytes(32), signature[:63], signature + b"\0"):
        assert not ed25519.verify(key, message, bad)
    for weak in (identity, unreduced, bytes(32), (ed25519.PRIME - 1).to_bytes(32, "little")):
        assert not ed25519.verify(weak, message, identity + bytes(32))
