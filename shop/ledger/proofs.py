"""Proofs over the log, RFC 9162: that an entry stands in it (2.1.3), and that it only grew (2.1.4).

``leaves`` are leaf hashes, 32 bytes each. A proof is made by hashing every leaf once: about a second for a million.
Size and root always come together from a signed checkpoint: a proof alone does not bind the size.
"""

from collections.abc import Sequence

from shop.ledger.tree import EMPTY, node_hash


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over these leaves, the hash of nothing where there are none."""
    if not leaves:
        return EMPTY
    level = list(leaves)
    while len(level) > 1:
        odd = level[-1:] if len(level) & 1 else []
        level = [node_hash(left, right) for left, right in zip(level[::2], level[1::2], strict=False)] + odd
    return level[0]


def split(size: int) -> int:
    """Return the largest power of two below ``size``; sizes from 2 on."""
    return 1 << (size - 1).bit_length() - 1


def inclusion(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the proof that leaf ``index``, from 0, stands in the log; raises `IndexError` where there is none."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    path, low, high = [], 0, len(leaves)
    while high - low > 1:
        middle = low + split(high - low)
        if index < middle:
            path.append(root(leaves[middle:high]))
            high = middle
        else:
            path.append(root(leaves[low:middle]))
            low = middle
    return path[::-1]


def consistency(leaves: Sequence[bytes], old: int) -> list[bytes]:
    """Return the proof that the log begins with its first ``old`` leaves; raises `IndexError` outside 1 to all."""
    if not 1 <= old <= len(leaves):
        raise IndexError(old)
    path, low, high, whole = [], 0, len(leaves), True
    while old < high:
        middle = low + split(high - low)
        if old <= middle:
            path.append(root(leaves[middle:high]))
            high = middle
        else:
            path.append(root(leaves[low:middle]))
            low, whole = middle, False
    return ([] if whole else [root(leaves[low:high])]) + path[::-1]


def proves_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], expected: bytes) -> bool:
    """Whether ``path`` proves that ``leaf`` is the one at ``index`` of the ``size`` leaves under this root."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for part in path:
        if last == 0 or len(part) != 32:
            return False
        if at & 1 or at == last:
            found = node_hash(part, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, part)
        at, last = at >> 1, last >> 1
    return last == 0 and found == expected


def proves_consistency(old: int, size: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether ``path`` proves that the log of ``size`` leaves only added to the one of ``old`` leaves."""
    if not 1 <= old <= size or any(len(part) != 32 for part in path):
        return False
    if old == size:
        return not path and old_root == new_root
    parts = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not parts:
        return False
    at, last = old - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first = second = parts[0]
    for part in parts[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            first, second = node_hash(part, first), node_hash(part, second)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            second = node_hash(second, part)
        at, last = at >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root
