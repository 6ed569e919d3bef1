"""Proofs over the log (trust.md T17): right ones are accepted, no mutated one is, whoever made it."""

from __future__ import annotations

import os
import random

import pytest

from shop.ledger.proofs import (
    consistency,
    inclusion,
    proves_consistency,
    proves_inclusion,
    root,
)
from shop.ledger.tree import EMPTY, grown, leaf_hash, root_of

LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""The vectors that the logs of web certificates are tested with: eight leaves, and the root after each."""
MUTATIONS = 1_000_000 if os.environ.get("FAIRSLICE_LONG") else 100_000


def tree(size: int, seed: int = 0) -> list[bytes]:
    chance = random.Random(size * 1000 + seed)
    return [leaf_hash(chance.randbytes(8)) for _ in range(size)]


def test_the_roots_everybody_agrees_on() -> None:
    leaves = [leaf_hash(bytes.fromhex(each)) for each in LEAVES]
    edge: list[bytes] = []
    for n, expected in enumerate(ROOTS):
        edge = grown(edge, n, leaves[n])
        assert root_of(edge).hex() == root(leaves[: n + 1]).hex() == expected
    assert root([]) == root_of([]) == EMPTY
    assert EMPTY.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_the_proofs_everybody_agrees_on() -> None:
    leaves = [leaf_hash(bytes.fromhex(each)) for each in LEAVES]
    assert [part.hex()[:8] for part in inclusion(leaves, 0)] == ["96a296d2", "5f083f0a", "6b47aaf2"]
    assert [part.hex()[:8] for part in inclusion(leaves, 5)] == ["bc1a0643", "ca854ea1", "d37ee418"]
    assert [part.hex()[:8] for part in consistency(leaves, 6)] == ["0ebc5d34", "ca854ea1", "d37ee418"]
    assert [part.hex()[:8] for part in consistency(leaves[:5], 2)] == ["5f083f0a", "bc1a0643"]


def test_every_proof_of_every_small_tree() -> None:
    checked = 0
    for size in range(1, 66):
        leaves = tree(size)
        whole = root(leaves)
        for index in range(size):
            path = inclusion(leaves, index)
            assert proves_inclusion(leaves[index], index, size, path, whole)
            assert proves_consistency(
                index + 1, size, root(leaves[: index + 1]), whole, consistency(leaves, index + 1)
            )
            checked += 2
    print(f"\n{checked} proofs accepted")


def test_what_cannot_be_proven_is_not_asked_for() -> None:
    leaves = tree(5)
    for index in (-1, 5):
        with pytest.raises(IndexError):
            inclusion(leaves, index)
    for old in (0, 6):
        with pytest.raises(IndexError):
            consistency(leaves, old)
    whole = root(leaves)
    assert not proves_inclusion(leaves[0], 0, 0, [], EMPTY)
    assert not proves_consistency(0, 5, EMPTY, whole, [])
    assert not proves_consistency(6, 5, whole, whole, [])
    assert not proves_consistency(4, 5, root(leaves[:4]), whole, [])
    assert not proves_consistency(3, 5, root(leaves[:3]), whole, [])
    assert not proves_consistency(5, 5, whole, whole, [whole])


def mutated(chance: random.Random, path: list[bytes]) -> list[bytes]:
    """Return another path: a bit, a part more or less, two parts changed over, a part cut short."""
    path, other = list(path), chance.randbytes(32)
    at = chance.randrange(len(path)) if path else 0
    turn = chance.randrange(6) if path else 3
    if turn == 0:
        bit = chance.randrange(256)
        path[at] = bytes(byte ^ (1 << bit % 8 if n == bit // 8 else 0) for n, byte in enumerate(path[at]))
    elif turn == 1:
        del path[at]
    elif turn == 2:
        path.insert(at, path[at])
    elif turn == 3:
        path.insert(at, other)
    elif turn == 4:
        path[at] = path[at][:-1]
    else:
        path[at], path[at - 1] = (path[at - 1], path[at]) if len(path) > 1 else (other, other)
    return path


def test_no_mutated_proof_is_accepted() -> None:
    """Size and root come from a signed checkpoint; whatever else a liar hands over is mutated."""
    chance, accepted, sizes = random.Random(17), 0, [*range(1, 40), 63, 64, 65, 255, 256, 257, 700]
    trees = [(leaves, root(leaves)) for leaves in (tree(size, 1) for size in sizes)]
    ready = [(leaves, whole, n, inclusion(leaves, n), consistency(leaves, n + 1), root(leaves[: n + 1]))
             for leaves, whole in trees for n in {0, len(leaves) // 3, len(leaves) - 1}]  # fmt: skip
    for _ in range(MUTATIONS // 2):
        leaves, whole, n, path, grew, old = ready[chance.randrange(len(ready))]
        size, turn = len(leaves), chance.randrange(4)
        if turn == 0 and size > 1:
            accepted += proves_inclusion(
                leaves[n], (n + 1 + chance.randrange(size - 1)) % size, size, path, whole
            )
        elif turn == 1:
            accepted += proves_inclusion(leaf_hash(b"forged"), n, size, path, whole)
        else:
            accepted += proves_inclusion(leaves[n], n, size, mutated(chance, path), whole)
        if turn == 0:
            accepted += proves_consistency(n + 1, size, chance.randbytes(32), whole, grew)
        elif turn == 1:
            accepted += proves_consistency(n + 1, size, old, leaf_hash(whole), grew)
        else:
            accepted += proves_consistency(n + 1, size, old, whole, mutated(chance, grew))
    print(f"\n{MUTATIONS // 2 * 2} mutated proofs, {accepted} accepted")
    assert accepted == 0


def test_a_fork_cannot_be_proven() -> None:
    """Two histories that part at an entry: nobody can go on from the one that was kept to the other."""
    for size in (2, 7, 64, 100):
        told, forked = tree(size), tree(size)
        forked[size // 2] = leaf_hash(b"another amount")
        kept = root(told[: size // 2 + 1])
        assert not proves_consistency(
            size // 2 + 1, size, kept, root(forked), consistency(forked, size // 2 + 1)
        )
