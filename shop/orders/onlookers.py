"""Who else has an order open right now: each open page says so every few seconds, and silence ends it."""

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from shop.orders.tables import Onlooker, Order
from shop.people.staff import Staff

PATIENCE = timedelta(seconds=25)
"""Three beats of a page: so long somebody counts as here without a word."""


def look_on(
    tx: Session,
    order: Order,
    staff: Staff,
    *,
    at: datetime,
    working: bool = False,
    patience: timedelta = PATIENCE,
) -> None:
    """Note that somebody has this order open, ``working`` while they type or choose there.

    No event: nobody needs to read it again. Those who fell silent are forgotten on the way.
    """
    tx.execute(select(Order.id).where(Order.id == order.id).with_for_update())  # two tabs of one person
    gone = or_(Onlooker.seen_at < at - patience, Onlooker.staff_id == staff.id)
    tx.execute(delete(Onlooker).where(Onlooker.order_id == order.id, gone))
    tx.add(Onlooker(order_id=order.id, staff_id=staff.id, seen_at=at, working=working))
    tx.flush()


def look_away(tx: Session, order: Order, staff: Staff) -> None:
    """Note that somebody closed the order's page."""
    tx.execute(delete(Onlooker).where(Onlooker.order_id == order.id, Onlooker.staff_id == staff.id))


def others_at(
    session: Session, order: Order, staff: Staff, *, at: datetime, patience: timedelta = PATIENCE
) -> list[tuple[str, bool]]:
    """Return who else is at this order, as (name, whether they are working on it), those working first."""
    query = (
        select(Staff.name, Onlooker.working)
        .join(Staff, Staff.id == Onlooker.staff_id)
        .where(Onlooker.order_id == order.id, Onlooker.staff_id != staff.id)
        .where(Onlooker.seen_at >= at - patience, Staff.active)
        .order_by(Onlooker.working.desc(), Staff.id)
    )
    return [(name, working) for name, working in session.execute(query)]
