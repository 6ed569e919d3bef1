"""Where a drop goes: its area for everybody, its address for the courier who has the cake in hand, for a while."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import N_, Denied
from shop.core.keys import Keys
from shop.delivery.tables import Drop, DropState
from shop.orders.tables import Order
from shop.people.persons import Contact, note_revealed, reveal
from shop.people.staff import Person
from shop.travel import Place

AFTER = timedelta(hours=2)
"""So long after the hand-over the courier may still look: something was left behind, somebody calls back."""
IN_HAND = (DropState.PICKED_UP, DropState.ARRIVED, DropState.FAILED)


def place_of(drop: Drop) -> Place | None:
    """Return the middle of the drop's area."""
    if drop.area_lat is None or drop.area_lng is None:
        return None
    return Place(drop.area_lat / 1e6, drop.area_lng / 1e6)


def may_see_address(drop: Drop, courier_id: int, *, at: datetime) -> bool:
    """Whether this courier may see name, phone and address now (decisions.md 30)."""
    if drop.courier_id != courier_id:
        return False
    if drop.state in IN_HAND:
        return True
    return drop.state == DropState.DELIVERED and drop.ended_at is not None and at < drop.ended_at + AFTER


def open_address(tx: Session, drop: Drop, order: Order, *, by: Actor, at: datetime) -> None:
    """Let the courier look at the customer's contact, and note that they did; raises `Denied` outside their time."""
    if by.id is None or not may_see_address(drop, by.id, at=at):
        raise Denied(N_("The address is shown from pick-up until two hours after the hand-over."))
    person = tx.get(Person, order.person_id) if order.person_id else None
    if person is not None:
        note_revealed(tx, person, by=by, at=at, order_id=order.id)


def contact_of(session: Session, keys: Keys, drop: Drop, *, courier_id: int, at: datetime) -> Contact:
    """Return name, phone and address for the courier's screen; raises `Denied` outside their time."""
    if not may_see_address(drop, courier_id, at=at):
        raise Denied(N_("The address is shown from pick-up until two hours after the hand-over."))
    order = session.get_one(Order, drop.order_id)
    person = session.get(Person, order.person_id) if order.person_id else None
    return reveal(keys, person) if person is not None else Contact()
