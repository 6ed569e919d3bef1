"""The pickup PIN as the second factor of a slip: five wrong ones in an hour and only the shop can help.

A wrong PIN is counted in the diary, so the verb answers no instead of raising: what raises is undone.
"""

import hmac
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import N_, TooMany
from shop.core.events import Event, record
from shop.core.keys import Keys
from shop.orders.tables import Order
from shop.people.staff import Person

TRIES = 5
WINDOW = timedelta(hours=1)
WRONG = "pin_wrong"


def tries_left(session: Session, order: Order, *, at: datetime) -> int:
    """Return how many wrong PINs this order still bears."""
    query = select(func.count()).where(
        Event.order_id == order.id, Event.kind == WRONG, Event.at > at - WINDOW
    )
    return max(0, TRIES - int(session.scalar(query) or 0))


def try_pin(tx: Session, order: Order, pin: str, *, by: Actor, at: datetime) -> bool:
    """Whether this is the PIN of the slip; a wrong one is noted. ``order`` is locked by the caller.

    Raises `TooMany` after five wrong ones in an hour, also for the right one.
    """
    if not tries_left(tx, order, at=at):
        raise TooMany(N_("Too many wrong PINs. Please call the shop."), field="pin")
    return note_try(tx, order, same(pin, order.pin), by=by, at=at)


def has_phone(session: Session, order: Order) -> bool:
    """Whether the customer left a phone whose last digits can be asked for."""
    person = session.get(Person, order.person_id) if order.person_id else None
    return person is not None and person.phone_last4_index is not None


def try_last_four(tx: Session, keys: Keys, order: Order, digits: str, *, by: Actor, at: datetime) -> bool:
    """Whether the customer's phone ends with these four digits; counted with the wrong PINs. `TooMany` as there."""
    if not tries_left(tx, order, at=at):
        raise TooMany(N_("Too many wrong tries. Please call the shop."), field="digits")
    person = tx.get(Person, order.person_id) if order.person_id else None
    kept = (person.phone_last4_index if person is not None else None) or ""
    return note_try(tx, order, bool(kept) and same(keys.index("last4", plain(digits)), kept), by=by, at=at)


def note_try(tx: Session, order: Order, right: bool, *, by: Actor, at: datetime) -> bool:
    """Write a wrong answer to a question about the slip into the diary."""
    if not right:
        topics = ("orders", f"order:{order.id}")
        record(tx, order.shop_id, WRONG, by=by, at=at, topics=topics, order_id=order.id)
    return right


def plain(typed: str) -> str:
    """Return what was typed without blanks; digits of any script count as digits."""
    return "".join(str(int(c)) if c.isdecimal() else c for c in typed if not c.isspace())


def same(typed: str, kept: str) -> bool:
    """Compare what was typed with what is kept, in constant time."""
    return hmac.compare_digest(plain(typed).encode(), kept.encode())
