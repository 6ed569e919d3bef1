"""The rest of an order that was begun with a deposit: from when on it is due, who is to be called, and one reminder."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM
from shop.core.events import record
from shop.orders.progress import topics_of
from shop.orders.tables import Order, OrderState
from shop.payments.rules import balance_hours
from shop.people.shops import Shop

OPEN = (OrderState.CONFIRMED, OrderState.IN_PRODUCTION, OrderState.READY, OrderState.OUT_FOR_DELIVERY)
MOST = 20


def due_from(shop: Shop, order: Order) -> datetime | None:
    """Return when the rest is due, None where there is none or the order is over."""
    if not order.balance or order.state not in OPEN:
        return None
    return max(order.placed_at, order.due_at - timedelta(hours=balance_hours(shop)))


def _due(shop: Shop, at: datetime) -> Select[Order]:
    by = at + timedelta(hours=balance_hours(shop))
    return select(Order).where(
        Order.shop_id == shop.id, Order.state.in_(OPEN), Order.paid < Order.total, Order.due_at <= by
    )


def to_call(session: Session, shop: Shop, *, at: datetime) -> Sequence[Order]:
    """Return the orders whose rest is due, the nearest first."""
    return list(session.scalars(_due(shop, at).order_by(Order.due_at, Order.id).limit(MOST)))


def remind_due(tx: Session, shop: Shop, *, at: datetime) -> int:
    """Say once of each order that its rest is due: its page and the shop's screens show it. Returns how many."""
    query = _due(shop, at).where(Order.reminded_at.is_(None)).order_by(Order.id).limit(200)
    found = list(tx.scalars(query.with_for_update(skip_locked=True)))
    for order in found:
        order.reminded_at = at
        record(tx, shop.id, "balance_due", by=SYSTEM, at=at, topics=topics_of(order), order_id=order.id,
               amount=order.balance)  # fmt: skip
    return len(found)
