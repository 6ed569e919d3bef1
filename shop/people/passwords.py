"""Passwords (Argon2id) and recovery codes: how they are made, kept and compared."""

import secrets
import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shop.core.errors import N_, Invalid
from shop.core.keys import ALPHABET, digest
from shop.people.shops import Shop

SHORTEST, LONGEST = 8, 200
DEMO_PASSWORD = "tangjian"
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's figures for Argon2id
_FEW = threading.BoundedSemaphore(4)  # each comparison takes 19 MB: a crowd at the door waits for its turn
TOO_SHORT = N_("Please choose a password of at least 8 characters.")
TOO_EASY = N_("This password is too easy to guess. Please choose another one.")


def hash_password(password: str) -> str:
    """Return what is stored of a password."""
    return HASHER.hash(password)


def check_choice(shop: Shop, login: str, password: str) -> None:
    """Raise `Invalid` (field ``password``) for a password nobody should choose."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid(TOO_SHORT, field="password")
    easy = {login.casefold(), login.casefold() * 2, "password", "12345678", "123456789"}
    if not shop.is_demo:
        easy.add(DEMO_PASSWORD)
    if password.casefold() in easy or len(set(password)) < 3:
        raise Invalid(TOO_EASY, field="password")


def fits(stored: str, password: str) -> bool:
    """Whether the password belongs to this hash; takes as long for an account that does not exist."""
    try:
        with _FEW:
            HASHER.verify(stored or nobodys_hash(), password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return bool(stored)


@cache
def nobodys_hash() -> str:
    """Return the hash that unknown names are compared with, so that they take the same time."""
    return hash_password(secrets.token_hex(16))


def new_recovery_code() -> tuple[str, str]:
    """Return a recovery code (100 bits, in groups to be written down) and what is stored of it."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(20))
    return "-".join(code[i : i + 5] for i in range(0, 20, 5)), digest(code)


def recovery_digest(typed: str) -> str:
    """Return what a typed recovery code is compared by; blanks, dashes and look-alikes do not matter."""
    code = typed.upper().replace("-", "").replace(" ", "")
    return digest(code.replace("O", "0").replace("I", "1").replace("L", "1"))
