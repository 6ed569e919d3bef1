"""The Merkle tree of RFC 9162, section 2.1: SHA-256, leaves with 0x00 in front, inner nodes with 0x01."""

from collections.abc import Iterable
from hashlib import sha256

EMPTY = sha256().digest()


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


def grown(edge: list[bytes], size: int, leaf: bytes) -> list[bytes]:
    """Return the right edge of a tree of ``size`` leaves after one more: its perfect subtrees' roots, largest first."""
    edge = [*edge, leaf]
    while size & 1:
        right, left = edge.pop(), edge.pop()
        edge.append(node_hash(left, right))
        size >>= 1
    return edge


def root_of(edge: Iterable[bytes]) -> bytes:
    """Return the tree's root from its right edge; the hash of nothing for the empty tree."""
    root = b""
    for part in reversed(list(edge)):
        root = node_hash(part, root) if root else part
    return root or EMPTY
