"""The Merkle tree of RFC 6962 with SHA-256: roots and proofs, and their verification by RFC 9162."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

from ledger.errors import LedgerError

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """The hash of one entry: SHA-256(0x00 ‖ data)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """A growing tree that answers for every earlier size in O(log² n).

    `_levels[k][i]` is the hash of the complete subtree over leaves i·2^k … (i+1)·2^k − 1; such hashes never change.
    """

    def __init__(self, leaf_hashes: Iterable[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        for item in leaf_hashes:
            self.append(item)

    @property
    def size(self) -> int:
        """How many leaves the tree has."""
        return len(self._levels[0])

    def append(self, leaf: bytes) -> None:
        """Add the leaf hash `leaf` (32 bytes) at the right."""
        _check_hash(leaf)
        self._levels[0].append(leaf)
        level = 0
        while len(self._levels[level]) % 2 == 0:
            if level + 1 == len(self._levels):
                self._levels.append([])
            self._levels[level + 1].append(node_hash(*self._levels[level][-2:]))
            level += 1

    def root(self, size: int | None = None) -> bytes:
        """The root over the first `size` leaves (all of them unless given).

        Raises:
            LedgerError: the tree is smaller than `size`.
        """
        size = self._size(size)
        return self._range(0, size) if size else EMPTY_ROOT

    def inclusion_proof(self, index: int, size: int | None = None) -> list[bytes]:
        """Hashes from the sibling of leaf `index` up to the root over `size` leaves (RFC 9162 §2.1.3.1).

        Raises:
            LedgerError: no such leaf in a tree of that size.
        """
        size = self._size(size)
        if not 0 <= index < size:
            raise LedgerError("Entry %(index)s is not in a tree of %(size)s entries.", index=index, size=size)
        proof, low, high = [], 0, size
        while high - low > 1:
            middle = low + _split(high - low)
            if index < middle:
                proof.append(self._range(middle, high))
                high = middle
            else:
                proof.append(self._range(low, middle))
                low = middle
        return proof[::-1]

    def consistency_proof(self, old: int, size: int | None = None) -> list[bytes]:
        """Proof that the first `old` leaves are a prefix of the first `size` (RFC 9162 §2.1.4.1).

        Raises:
            LedgerError: `old` is not between 1 and `size`.
        """
        size = self._size(size)
        if not 0 < old <= size:
            raise LedgerError("No consistency proof from size %(old)s to size %(size)s.", old=old, size=size)
        proof, low, high = [], 0, size
        while old != high:
            middle = low + _split(high - low)
            if old <= middle:
                proof.append(self._range(middle, high))
                high = middle
            else:
                proof.append(self._range(low, middle))
                low = middle
        if low:
            proof.append(self._range(low, high))
        return proof[::-1]

    def _size(self, size: int | None) -> int:
        chosen = self.size if size is None else size
        if not 0 <= chosen <= self.size:
            raise LedgerError("The tree has %(has)s entries, not %(size)s.", has=self.size, size=chosen)
        return chosen

    def _range(self, low: int, high: int) -> bytes:
        """Root over leaves low … high − 1; `low` is a multiple of the largest power of two below the length."""
        length = high - low
        if length & (length - 1) == 0:
            level = length.bit_length() - 1
            return self._levels[level][low >> level]
        middle = low + _split(length)
        return node_hash(self._range(low, middle), self._range(middle, high))


def root(leaf_hashes: Iterable[bytes]) -> bytes:
    """The root over leaf hashes of 32 bytes each."""
    return Tree(leaf_hashes).root()


def inclusion_proof(leaf_hashes: Iterable[bytes], index: int) -> list[bytes]:
    """See `Tree.inclusion_proof`; for many proofs of one tree keep the `Tree`."""
    return Tree(leaf_hashes).inclusion_proof(index)


def consistency_proof(leaf_hashes: Iterable[bytes], old: int) -> list[bytes]:
    """See `Tree.consistency_proof`."""
    return Tree(leaf_hashes).consistency_proof(old)


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected_root: bytes) -> None:
    """Check that leaf hash `leaf` is entry `index` of the tree with `size` leaves and that root (RFC 9162 §2.1.3.2).

    Raises:
        LedgerError: it is not, or the proof has the wrong shape.
    """
    if not 0 <= index < size:
        raise LedgerError("Entry %(index)s is not in a tree of %(size)s entries.", index=index, size=size)
    _check_hashes(leaf, expected_root, *proof)
    place, last, found = index, size - 1, leaf
    for item in proof:
        if last == 0:
            raise LedgerError("The inclusion proof is too long.")
        if place % 2 or place == last:
            found = node_hash(item, found)
            place, last = _climb(place, last)
        else:
            found = node_hash(found, item)
        place, last = place >> 1, last >> 1
    if last or found != expected_root:
        raise LedgerError("The inclusion proof does not lead to the root.")


def verify_consistency(old: int, size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree of `old` leaves is a prefix of the tree of `size` leaves (RFC 9162 §2.1.4.2).

    Raises:
        LedgerError: it is not, sizes below 1 or falling, or the proof has the wrong shape.
    """
    if not 0 < old <= size:
        raise LedgerError("No consistency from size %(old)s to size %(size)s.", old=old, size=size)
    if old == size:
        if proof or old_root != new_root:
            raise LedgerError("Two trees of %(size)s entries differ.", size=size)
        return
    _check_hashes(old_root, new_root, *proof)
    if _both_roots(proof, old, size, old_root) != (old_root, new_root):
        raise LedgerError("The consistency proof does not join the two roots.")


def _both_roots(proof: Sequence[bytes], old: int, size: int, old_root: bytes) -> tuple[bytes, bytes]:
    """The two roots that a consistency proof leads to (old < size)."""
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    place, last = old - 1, size - 1
    while place % 2:
        place, last = place >> 1, last >> 1
    if not path:
        raise LedgerError("The consistency proof is empty.")
    first = second = path[0]
    for item in path[1:]:
        if last == 0:
            raise LedgerError("The consistency proof is too long.")
        if place % 2 or place == last:
            first, second = node_hash(item, first), node_hash(item, second)
            place, last = _climb(place, last)
        else:
            second = node_hash(second, item)
        place, last = place >> 1, last >> 1
    if last:
        raise LedgerError("The consistency proof is too short.")
    return first, second


def _split(length: int) -> int:
    """The largest power of two below `length` (at least 2)."""
    return 1 << ((length - 1).bit_length() - 1)


def _climb(place: int, last: int) -> tuple[int, int]:
    """Skip the levels on which the node has no sibling of its own."""
    while place % 2 == 0 and place:
        place, last = place >> 1, last >> 1
    return place, last


def _check_hash(item: bytes) -> None:
    if len(item) != 32:
        raise LedgerError("A hash in a Merkle tree has 32 bytes, not %(length)s.", length=len(item))


def _check_hashes(*items: bytes) -> None:
    for item in items:
        _check_hash(item)
