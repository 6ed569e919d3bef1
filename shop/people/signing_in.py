"""Signing in: one password, few tries, and an owner who can never be locked out for ever.

The slow comparison (`examine`) runs before the write transaction; `admit` then counts and decides inside it,
so that fifty guesses at once learn nothing. A refused try is returned, not raised: it must be kept.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM, Actor
from shop.core.errors import N_, Denied, ShopError, TooMany
from shop.core.events import record
from shop.core.keys import Keys
from shop.core.permissions import Role
from shop.people import passwords
from shop.people.shops import Shop
from shop.people.staff import SignInTry, Staff

WINDOW = timedelta(minutes=15)
FAILS_BY_ACCOUNT = 10
FAILS_BY_ADDRESS = 50
FREE_FAILS = 4  # from the next one on, each failure doubles the wait, starting with a second
KEPT = timedelta(days=1)


class WrongPassword(Denied):
    """Name and password do not belong together; the same words for an unknown name."""

    kind = "wrong_password"
    message = N_("Name and password do not match. Please try again.")


class WaitFirst(TooMany):
    """Too many failed tries for this account or from this address."""

    kind = "wait_first"
    message = N_("Too many tries. Please wait %(seconds)d seconds and try again.")


@dataclass(frozen=True)
class Examined:
    """What a name and password were found to be. ``account``, ``origin`` and ``browser`` are blind indexes;
    ``browser`` is empty where a second person signs on somebody else's screen."""

    account: str
    origin: str
    staff_id: int | None
    right: bool
    recovery: bool = False
    browser: str = ""


def find_staff(session: Session, shop: Shop, login: str) -> Staff | None:
    """Return the person of this sign-in name, or None."""
    name = login.strip().lower()
    return session.scalars(select(Staff).where(Staff.shop_id == shop.id, Staff.login == name)).first()


def examine(
    session: Session, keys: Keys, shop: Shop, login: str, password: str, *, origin: str, at: datetime
) -> Examined:
    """Compare name and password (about 30 ms, on purpose). Call it outside the write transaction."""
    account = keys.index("login", f"{shop.id}:{login.strip().lower()}")
    address = keys.index("origin", origin)
    person = find_staff(session, shop, login)
    known = person if person is not None and person.active else None
    if known and is_recovery_code(known, password):
        return Examined(account, address, known.id, right=True, recovery=True)
    if wait(session, account, address, at=at):
        return Examined(account, address, known.id if known else None, right=False)
    right = passwords.fits(known.password_hash if known else "", password)
    if password == passwords.DEMO_PASSWORD and not shop.is_demo:
        right = False
    return Examined(account, address, known.id if known else None, right)


def is_recovery_code(person: Staff, typed: str) -> bool:
    """Whether this is the person's recovery code; only owners have one."""
    if person.role != Role.OWNER or not person.recovery_hash:
        return False
    return hmac.compare_digest(person.recovery_hash, passwords.recovery_digest(typed))


def proves_identity(person: Staff, typed: str) -> bool:
    """Whether somebody signed in is who they are: by the password, or by the recovery code where that is lost."""
    return is_recovery_code(person, typed) or passwords.fits(person.password_hash, typed)


def admit(tx: Session, shop: Shop, examined: Examined, *, at: datetime) -> Staff | ShopError:
    """Let the person in, or return why not; either way the try is kept. Commit before raising it."""
    seconds = 0 if examined.recovery else wait(tx, examined.account, examined.origin, at=at)
    if seconds:
        return WaitFirst(seconds=seconds)
    tx.execute(delete(SignInTry).where(SignInTry.at < at - KEPT))
    person = tx.get(Staff, examined.staff_id) if examined.staff_id else None
    admitted = person if examined.right and person is not None and person.active else None
    tx.add(SignInTry(
        account=examined.account, origin=examined.origin, at=at, ok=admitted is not None,
        staff_id=admitted.id if admitted is not None else None, browser=examined.browser,
    ))  # fmt: skip
    tx.flush()
    if admitted is None:
        fails = _fails(tx, SignInTry.account == examined.account, at, since_success=True)
        if len(fails) == FAILS_BY_ACCOUNT:
            who = examined.staff_id
            record(tx, shop.id, "sign_in_locked", by=SYSTEM, at=at, topics=("staff",), staff=who)
        return WrongPassword(field="password")
    admitted.signed_in_at = at
    kind = "signed_in_by_recovery" if examined.recovery else "signed_in"
    record(tx, shop.id, kind, by=Actor.staff(admitted.id), at=at, topics=("staff",), staff=admitted.id)
    return admitted


def wait(session: Session, account: str, origin: str, *, at: datetime) -> int:
    """Return the seconds until this account may be tried again from this address; 0 is now.

    Tries made while waiting are not counted, so that nobody can hold an account shut by hammering at it.
    """
    until = at
    fails = _fails(session, SignInTry.account == account, at, since_success=True)
    if len(fails) >= FAILS_BY_ACCOUNT:
        until = max(until, fails[FAILS_BY_ACCOUNT - 1] + WINDOW)
    elif len(fails) > FREE_FAILS:
        until = max(until, fails[0] + timedelta(seconds=2 ** (len(fails) - FREE_FAILS - 1)))
    from_here = _fails(session, SignInTry.origin == origin, at, since_success=False)
    if len(from_here) >= FAILS_BY_ADDRESS:
        until = max(until, from_here[FAILS_BY_ADDRESS - 1] + WINDOW)
    left = (until - at).total_seconds()
    return max(1, round(left)) if left > 0 else 0


def _fails(
    session: Session, whose: ColumnElement[bool], at: datetime, *, since_success: bool
) -> list[datetime]:
    """Return when tries failed in the last 15 minutes, newest first, at most as many as matter."""
    query = (
        select(SignInTry.at, SignInTry.ok)
        .where(whose, SignInTry.at > at - WINDOW)
        .order_by(SignInTry.id.desc())
        .limit(4 * FAILS_BY_ADDRESS)
    )
    fails: list[datetime] = []
    for moment, ok in session.execute(query):
        if ok and since_success:
            break
        if not ok:
            fails.append(moment)
    return fails


def end_sessions(tx: Session, person: Staff, *, by: Actor, at: datetime) -> None:
    """Sign a person out everywhere, from their next request or socket message on."""
    person.session_version += 1
    record(tx, person.shop_id, "sessions_ended", by=by, at=at, topics=("staff",), staff=person.id)


def set_password(tx: Session, shop: Shop, person: Staff, password: str, *, by: Actor, at: datetime) -> None:
    """Give a person a new password and end their sessions; raises `Invalid` (field ``password``)."""
    passwords.check_choice(shop, person.login, password)
    person.password_hash = passwords.hash_password(password)
    person.session_version += 1
    record(tx, shop.id, "password_set", by=by, at=at, topics=("staff",), staff=person.id)


def renew_recovery(tx: Session, person: Staff, *, by: Actor, at: datetime) -> str:
    """Give an owner a new recovery code, shown this once; the former one ends. Raises `Denied` for others."""
    if person.role != Role.OWNER:
        raise Denied(N_("Only an owner has a recovery code."))
    code, person.recovery_hash = passwords.new_recovery_code()
    record(tx, person.shop_id, "recovery_renewed", by=by, at=at, topics=("staff",), staff=person.id)
    return code
