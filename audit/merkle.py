"""A Merkle tree over a log's leaves: hashes and proofs, by RFC 6962 section 2.1.

No tree is held here. Whoever asks for a root or a proof gives a way to read the hash of a complete subtree; whoever
checks one needs only the hashes that came with it.
"""

import hashlib
from collections.abc import Callable, Sequence

Node = Callable[[int, int], bytes]
"""Reads the hash of the complete subtree of `2**level` leaves that begins with leaf `index * 2**level`."""
EMPTY = hashlib.sha256().digest()
"""The root of a tree without leaves."""
SIZE = 32
"""The length of a hash, in bytes."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of what stands above two others."""
    return hashlib.sha256(b"\1" + left + right).digest()


def root(size: int, node: Node) -> bytes:
    """The root of the first `size` leaves."""
    return _range(0, size, node) if size else EMPTY


def inclusion(index: int, size: int, node: Node) -> list[bytes]:
    """The proof that a leaf is among the first `size` ones, from its sibling upwards.

    Raises:
        ValueError: there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"There is no leaf {index} among {size}.")
    proof: list[bytes] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            proof.append(_range(middle, high, node))
            high = middle
        else:
            proof.append(_range(low, middle, node))
            low = middle
    return proof[::-1]


def consistency(old: int, size: int, node: Node) -> list[bytes]:
    """The proof that the first `old` leaves are the beginning of the first `size` ones.

    Raises:
        ValueError: `old` is larger than `size`.
    """
    if not 0 <= old <= size:
        raise ValueError(f"A log of {size} leaves has no beginning of {old}.")
    if old in {0, size}:
        return []
    proof: list[bytes] = []
    low, high = 0, size
    while old < high:
        middle = low + _split(high - low)
        if old <= middle:
            proof.append(_range(middle, high, node))
            high = middle
        else:
            proof.append(_range(low, middle, node))
            low = middle
    known = [] if low == 0 else [_range(low, high, node)]  # whoever asks holds the root of the old tree already
    return known + proof[::-1]


def included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes) -> bool:
    """Whether a proof shows that a leaf's hash stands at this index below this root (RFC 9162 section 2.1.3.2)."""
    if not 0 <= index < size or any(len(each) != SIZE for each in proof):
        return False
    place, last, found = index, size - 1, leaf
    for each in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(each, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, each)
        place, last = place >> 1, last >> 1
    return last == 0 and found == expected


def consistent(old: int, size: int, proof: Sequence[bytes], old_root: bytes, expected: bytes) -> bool:
    """Whether a proof shows that one tree is the beginning of another (RFC 9162 section 2.1.4.2)."""
    if not 0 <= old <= size or any(len(each) != SIZE for each in proof):
        return False
    if old == 0:
        return not proof and old_root == EMPTY
    if old == size:
        return not proof and old_root == expected
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        return False
    place, last = old - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = path[0]
    for each in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            first, second = node_hash(each, first), node_hash(each, second)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            second = node_hash(second, each)
        place, last = place >> 1, last >> 1
    return last == 0 and first == old_root and second == expected


def _split(size: int) -> int:
    """The largest power of two that is smaller than a size of two or more."""
    return 1 << (size - 1).bit_length() - 1


def _range(low: int, high: int, node: Node) -> bytes:
    size = high - low
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return node(level, low >> level)
    middle = low + _split(size)
    return node_hash(_range(low, middle, node), _range(middle, high, node))
