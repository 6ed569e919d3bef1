"""Four eyes: whatever needs a second person asks here, so that one rule holds for all of it, the owner's too.

A person with two accounts can pass for two people. What gives them away is the browser: who agrees at one where the
other had signed in within the last day is not refused (a small shop has one computer), but it is written in the
diary and said on the page, for partners and auditors to ask about. Why not refused: docs/decisions/0015.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import Actor, ActorKind
from shop.core.errors import N_, Denied
from shop.core.events import Event, record
from shop.core.permissions import Permission
from shop.ledger.canonical import canonical
from shop.people.rights import may
from shop.people.shops import Shop
from shop.people.staff import SignInTry, Staff

VALID = timedelta(hours=24)
"""How long what somebody asks for waits for its second person."""
DAY = timedelta(days=1)
SAME_BROWSER = "browser_shared"


def has_lapsed(asked_at: datetime, at: datetime) -> bool:
    """Whether nobody has answered in time; from the very moment on nobody can."""
    return at >= asked_at + VALID


def seal(what: str, *facts: Any, salt: str) -> str:
    """Return what a second person agrees to, exactly as they see it: the SHA-256 of ``what`` it is and its facts.

    It stands in the books and is of a reason that somebody typed: without the ``salt`` beside the row nobody can try
    reasons until one fits.
    """
    return hashlib.sha256(canonical([f"fairslice/{what}/v2", salt, *facts])).hexdigest()


def is_second(hands: Iterable[int | None], *, by: Actor) -> bool:
    """Whether this is a person, and none of the ``hands`` that had it first."""
    return by.kind is ActorKind.STAFF and by.id is not None and by.id not in hands


def second(
    tx: Session, shop: Shop, hands: Iterable[int | None], *, by: Actor, at: datetime,
    refusal: str, field: str | None = None, together: bool = False, order_id: int | None = None, **about: int,
) -> bool:  # fmt: skip
    """Make sure that who decides is none of the ``hands`` that had it first; raises `Denied` with ``refusal``.

    Returns whether they sit where one of those had signed in; then the diary says so, with what it is ``about``.
    Who signs with a password on the first one's own screen (``together``) is at one browser by design.
    """
    others = {person for person in hands if person is not None}
    if by.id is None or not is_second(others, by=by):
        raise Denied(refusal, field=field)
    shared = None if together else _were_here(tx, by.id, others, at)
    if shared is not None:
        topics = ("staff", "money", *((f"order:{order_id}",) if order_id else ()))
        record(
            tx, shop.id, SAME_BROWSER, by=by, at=at, topics=topics, order_id=order_id, staff=shared, **about
        )
    return shared is not None


def check_refusal(tx: Session, asked_by: int | None, right: Permission, *, by: Actor) -> None:
    """Make sure that who says no has asked for it, and takes it back, or has the ``right`` to agree to it.

    Raises `Denied`.
    """
    person = tx.get(Staff, by.id) if by.kind is ActorKind.STAFF else None
    if person is None or not (person.id == asked_by or may(tx, person, right)):
        raise Denied(N_("Only who asked for it takes it back, and only who may agree to it says no."))


def _were_here(session: Session, person: int, others: set[int], at: datetime) -> int | None:
    """Return which of ``others`` has signed in, within a day, at the browser where ``person`` did last."""
    mine = select(SignInTry.browser).where(SignInTry.staff_id == person, SignInTry.ok)
    browser = session.scalar(mine.order_by(SignInTry.id.desc()).limit(1))
    if not browser:
        return None
    theirs = select(SignInTry.staff_id).where(
        SignInTry.browser == browser, SignInTry.staff_id.in_(others), SignInTry.ok, SignInTry.at > at - DAY
    )
    return session.scalar(theirs.order_by(SignInTry.id.desc()).limit(1))


def at_same_browser(session: Session, order_id: int, **about: int) -> bool:
    """Whether the diary says of something of an order that it was agreed to at the browser where it was asked for."""
    lines = session.scalars(select(Event.data).where(Event.order_id == order_id, Event.kind == SAME_BROWSER))
    return any(about.items() <= data.items() for data in lines)
