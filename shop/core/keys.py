"""The shop's keys: one secret for signing, one master key for personal data, kept beside the data.

AES-256-GCM with a fresh 96-bit nonce in front of each ciphertext; HMAC-SHA-256 for look-ups and tokens.
"""

import base64
import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U, so that it can be read aloud
_OF_A_BYTE = (ALPHABET * 8).encode()
"""Each of the 32 characters stands for eight of a random byte's values, so all are equally likely."""


@dataclass(frozen=True)
class Keys:
    """``secret`` signs sessions and tokens; ``master`` wraps the key of each person."""

    secret: bytes
    master: bytes

    def token(self, *parts: object) -> str:
        """Return a 128-bit capability (22 URL-safe characters) that only this shop can make again."""
        mac = hmac.digest(self.secret, b"token:" + ":".join(map(str, parts)).encode(), "sha256")
        return base64.urlsafe_b64encode(mac[:16]).decode().rstrip("=")

    def index(self, kind: str, value: str) -> str:
        """Return the blind index of a value: equal values meet, nobody can read them back."""
        return hmac.new(self.master, f"index:{kind}:{value}".encode(), hashlib.sha256).hexdigest()[:32]

    def lock(self, text: str, *, about: str, key: bytes | None = None) -> bytes:
        """Encrypt ``text``; ``about`` is bound to it, so that it cannot be moved to another row."""
        nonce = os.urandom(12)
        return nonce + AESGCM(key or self.master).encrypt(nonce, text.encode(), about.encode())

    def unlock(self, box: bytes, *, about: str, key: bytes | None = None) -> str:
        """Decrypt what `lock` made; raises `cryptography.exceptions.InvalidTag` if it was touched."""
        return AESGCM(key or self.master).decrypt(box[:12], box[12:], about.encode()).decode()

    def new_person_key(self, about: str) -> bytes:
        """Return a new person's key, wrapped by the master key (erase the wrapped key = erase the person)."""
        return self.lock(base64.b64encode(os.urandom(32)).decode(), about="person:" + about)

    def person_key(self, wrapped: bytes, about: str) -> bytes:
        """Unwrap a person's key."""
        return base64.b64decode(self.unlock(wrapped, about="person:" + about))


def load_keys(secret_file: Path, keys_file: Path) -> Keys:
    """Read both keys, making them on the first start with mode 0600. Other readers are refused."""
    return Keys(secret=key_in(secret_file), master=key_in(keys_file))


def key_in(path: Path) -> bytes:
    """Return the 256-bit key in a file, made on the first start with mode 0600; other readers are refused."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(os.urandom(32)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        pass
    key = base64.b64decode(path.read_bytes())
    if len(key) != 32:
        raise ValueError(f"{path.name} does not hold a 256-bit key")
    if path.stat().st_mode & 0o077:
        raise PermissionError(f"{path.name} can be read by others; run: chmod 600 {path.name}")
    return key


def digest(token: str) -> str:
    """Return what is stored of a token: its SHA-256, so that a stolen table opens nothing."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_salt() -> str:
    """Return what is hashed before words that somebody typed, so that nobody can try words until the hash fits."""
    return secrets.token_hex(16)


def new_code(length: int = 12) -> str:
    """Return a random code of ``length`` characters, 5 bits each, easy to read aloud and to scan."""
    return secrets.token_bytes(length).translate(_OF_A_BYTE).decode()
