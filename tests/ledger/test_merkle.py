from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import merkle
from ledger.errors import LedgerError

SIZES = st.integers(1, 70)


def leaves(size: int) -> list[bytes]:
    return [merkle.leaf_hash(str(number).encode()) for number in range(size)]


def root_by_definition(hashes: list[bytes]) -> bytes:
    """RFC 6962 §2.1 as it is written."""
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256(b"").digest()
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return sha256(b"\x01" + root_by_definition(hashes[:split]) + root_by_definition(hashes[split:])).digest()


@settings(deadline=None)
@given(st.integers(0, 70))
def test_root_is_the_definitions(size: int) -> None:
    assert merkle.root(leaves(size)) == root_by_definition(leaves(size))


@settings(deadline=None)
@given(SIZES, st.data())
def test_a_tree_answers_for_every_earlier_size(size: int, data: st.DataObject) -> None:
    earlier = data.draw(st.integers(0, size))
    assert merkle.Tree(leaves(size)).root(earlier) == merkle.root(leaves(earlier))


@settings(deadline=None)
@given(SIZES, st.data())
def test_inclusion_proofs_verify_and_nothing_else_does(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    hashes = leaves(size)
    proof, top = merkle.inclusion_proof(hashes, index), merkle.root(hashes)
    merkle.verify_inclusion(hashes[index], index, size, proof, top)
    for other in set(range(size)) - {index}:
        with pytest.raises(LedgerError):
            merkle.verify_inclusion(hashes[index], other, size, proof, top)
    for wrong in ([*proof, top], proof[:-1] if proof else [top]):
        with pytest.raises(LedgerError):
            merkle.verify_inclusion(hashes[index], index, size, wrong, top)


@settings(deadline=None)
@given(SIZES, st.data())
def test_consistency_proofs_verify_and_nothing_else_does(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))
    hashes = leaves(size)
    proof, before, after = merkle.consistency_proof(hashes, old), merkle.root(hashes[:old]), merkle.root(hashes)
    merkle.verify_consistency(old, size, before, after, proof)
    with pytest.raises(LedgerError):
        merkle.verify_consistency(old, size, merkle.leaf_hash(b"other"), after, proof)
    with pytest.raises(LedgerError):
        merkle.verify_consistency(old, size, before, merkle.leaf_hash(b"other"), proof)
    for wrong in ([*proof, after], proof[:-1] if proof else [after]):
        with pytest.raises(LedgerError):
            merkle.verify_consistency(old, size, before, after, wrong)


@pytest.mark.parametrize(("old", "size"), [(0, 5), (6, 5), (-1, 5), (0, 0)])
def test_consistency_of_sizes_that_cannot_be_is_refused(old: int, size: int) -> None:
    tree = merkle.Tree(leaves(5))
    with pytest.raises(LedgerError):
        tree.consistency_proof(old, size)
    with pytest.raises(LedgerError):
        merkle.verify_consistency(old, size, tree.root(), tree.root(), [])


def test_a_hash_of_another_length_is_refused() -> None:
    with pytest.raises(LedgerError, match="32 bytes"):
        merkle.Tree([b"short"])
    with pytest.raises(LedgerError, match="32 bytes"):
        merkle.verify_inclusion(b"short", 0, 1, [], b"short")


def test_proofs_beyond_the_tree_are_refused() -> None:
    tree = merkle.Tree(leaves(3))
    for call in (lambda: tree.inclusion_proof(3), lambda: tree.inclusion_proof(0, 4), lambda: tree.root(4)):
        with pytest.raises(LedgerError):
            call()
