"""Reading tills: their lines, their shifts, and how each stands."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.orders.tables import Order
from shop.payments.till_tables import Till, TillLine, TillShift
from shop.people.shops import Shop


@dataclass(frozen=True)
class Standing:
    """A till and the shift that has it open, None while it is closed."""

    till: Till
    shift: TillShift | None


def standing(session: Session, shop: Shop, *, put_away: bool = False) -> list[Standing]:
    """Return how each till stands, in the order they were put up; ``put_away``: those out of use too."""
    query = select(Till, TillShift).outerjoin(TillShift, TillShift.id == Till.shift_id)
    query = query.where(Till.shop_id == shop.id).order_by(Till.id)
    if not put_away:
        query = query.where(Till.active)
    return [Standing(row[0], row[1]) for row in session.execute(query)]


def lines_of(session: Session, shift: TillShift, *, limit: int = 200) -> list[tuple[TillLine, Order | None]]:
    """Return a shift's lines with their orders, newest first."""
    query = select(TillLine, Order).outerjoin(Order, Order.id == TillLine.order_id)
    query = query.where(TillLine.shift_id == shift.id).order_by(TillLine.number.desc()).limit(limit)
    return [(row[0], row[1]) for row in session.execute(query)]


def shifts_of(session: Session, till: Till, *, limit: int = 20) -> list[TillShift]:
    """Return a till's counted shifts, newest first."""
    query = select(TillShift).where(TillShift.till_id == till.id, TillShift.counted_at.is_not(None))
    return list(session.scalars(query.order_by(TillShift.id.desc()).limit(limit)))
