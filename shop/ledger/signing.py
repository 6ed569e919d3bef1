"""Signed tree heads as text that anybody can keep: C2SP tlog-checkpoint in a C2SP signed-note, one Ed25519 line.

A checkpoint at which the key is changed for another (``why key_rotated OLD NEW``) is signed by both, the old one first.

fairslice/tangjian                       origin
123                                      entries
base64 of the root
at 2026-11-28T02:00:00.000000Z           three lines of our own:
why day_sealed                           what it was made for,
before 64 hexadecimal digits             SHA-256 of the whole note before it, zeros for the first

— fairslice/tangjian base64(key id, signature)
"""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shop.core.keys import ALPHABET, key_in

NOTHING_BEFORE = "0" * 64
TURN = "key_rotated"
"""The entry, and the first word of the checkpoint, by which the books go on with another key."""
_ED25519 = b"\x01"


class BadNote(ValueError):
    """A checkpoint that is not one, or that this key has not signed; the text says which."""


@dataclass(frozen=True)
class Tree:
    """What a checkpoint says: ``size`` entries have this ``root`` (32 bytes); see the module for the rest."""

    origin: str
    size: int
    root: bytes
    at: str
    why: str
    before: str

    def body(self) -> str:
        """Return the text that is signed."""
        root = base64.b64encode(self.root).decode()
        lines = (
            self.origin,
            str(self.size),
            root,
            f"at {self.at}",
            f"why {self.why}",
            f"before {self.before}",
        )
        return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Seal:
    """The key that signs the books. It lies in a ``file`` of its own and in no backup."""

    private: Ed25519PrivateKey
    file: Path | None = None

    @property
    def public(self) -> bytes:
        """Return the public key, 32 bytes."""
        return self.private.public_key().public_bytes_raw()

    def sign(self, tree: Tree, *others: "Seal") -> str:
        """Return the checkpoint as it is kept and handed out, signed by the ``others`` too."""
        lines = []
        for seal in (self, *others):
            signature = key_id(tree.origin, seal.public) + seal.private.sign(tree.body().encode())
            lines.append(f"— {tree.origin} {base64.b64encode(signature).decode()}\n")
        return f"{tree.body()}\n{''.join(lines)}"

    def going_on(self, note: str) -> "Seal":
        """Return the key with which the books go on after this checkpoint.

        The file is read again, because another process may have changed the key meanwhile; while that happens the
        next one lies beside it. Where neither has signed the checkpoint (a key was lost), the file's own goes on.
        """
        if self.file is None:
            return self
        held = [load_seal(each) for each in (self.file, next_key(self.file)) if each.exists()]
        origin, _, signed = note.partition("\n")[0], *note.rsplit(" ", 1)
        last = base64.b64decode(signed)[:4]
        return next((seal for seal in held if key_id(origin, seal.public) == last), held[0] if held else self)


def load_seal(path: Path) -> Seal:
    """Read the signing key, made on the first start with mode 0600; raises `PermissionError` where others can read."""
    return Seal(Ed25519PrivateKey.from_private_bytes(key_in(path)), path)


def next_key(path: Path) -> Path:
    """Return where the next signing key lies until the books go on with it."""
    return path.with_name(f"{path.name}.next")


@cache
def _key(public: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(public)


def key_id(origin: str, public: bytes) -> bytes:
    """Return the four bytes by which a signature names its key (C2SP signed-note)."""
    return hashlib.sha256(origin.encode() + b"\n" + _ED25519 + public).digest()[:4]


def verifier_key(origin: str, public: bytes) -> str:
    """Return the public key as C2SP writes it: name+key id+base64."""
    return f"{origin}+{key_id(origin, public).hex()}+{base64.b64encode(_ED25519 + public).decode()}"


def read_note(note: str, public: bytes) -> Tree:
    """Return what a checkpoint says; raises `BadNote` unless this key has signed exactly this text."""
    try:
        body, signed = note.rsplit("\n\n", 1)
        origin, size, root, at, why, before = body.split("\n")
        tree = Tree(origin, int(size), base64.b64decode(root, validate=True), at[3:], why[4:], before[7:])
        if tree.body() != body + "\n" or len(tree.root) != 32:
            raise ValueError
    except ValueError:
        raise BadNote("is not a checkpoint") from None
    try:
        _key(public).verify(_signature(tree, signed, public), tree.body().encode())
    except InvalidSignature:
        raise BadNote("is not what the key has signed") from None
    return tree


def _signature(tree: Tree, signed: str, public: bytes) -> bytes:
    """Return what this key has signed a checkpoint with: one line, two where the key is changed."""
    *lines, end = signed.split("\n")
    if end or len(lines) != 1 + tree.why.startswith(f"{TURN} "):
        raise BadNote("carries no signature")
    for line in lines:
        try:
            mark, name, signature = line.split(" ")
            raw = base64.b64decode(signature, validate=True)
        except ValueError:
            raise BadNote("carries no signature") from None
        if signature != base64.b64encode(raw).decode():  # the last digit has bits to spare
            raise BadNote("carries no signature")
        if (mark, name, raw[:4]) == ("—", tree.origin, key_id(tree.origin, public)):
            return raw[4:]
    raise BadNote("is signed by another key")


def turn(why: str) -> tuple[str, str] | None:
    """Return the old key and the new one, as `verifier_key` writes them, where a checkpoint changes the key."""
    words = why.split(" ")
    return (words[1], words[2]) if words[0] == TURN and len(words) == 3 else None


def public_in(verifier: str) -> bytes:
    """Return the 32 bytes of a public key as `verifier_key` writes it; raises `BadNote`."""
    try:
        raw = base64.b64decode(verifier.split("+", 2)[2], validate=True)
    except (ValueError, IndexError):
        raise BadNote("names a key that is none") from None
    if len(raw) != 33 or raw[:1] != _ED25519:
        raise BadNote("names a key that is none")
    return raw[1:]


def digest(note: str) -> str:
    """Return the SHA-256 of a note, hexadecimal: what the next one names."""
    return hashlib.sha256(note.encode()).hexdigest()


def short_code(note: str) -> str:
    """Return twelve characters (60 bits) of a checkpoint for paper: ``7K2M-4ZX9-B3DQ``."""
    number = int(digest(note)[:15], 16)
    code = "".join(ALPHABET[number >> shift & 31] for shift in range(55, -1, -5))
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"
