"""Cash that a customer has hidden in a cake as a surprise: taken at the till, owed until it is in their hands.

It is nobody's revenue and no part of the price. What is owed is what the tills' lines of the order say, so that it is
given once: in the cake when that is handed over, or back over the counter, in full, whatever the terms of the order.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shop.core import money
from shop.core.actors import Actor
from shop.core.errors import N_, Conflict, Invalid
from shop.core.events import record
from shop.menu.tables import StageKind
from shop.orders.tables import Cake, Order, OrderState
from shop.orders.words import STATE_WORDS
from shop.payments.till import ring
from shop.payments.till_tables import LineKind, TillLine
from shop.people.shops import Shop
from shop.production.tables import Task, TaskState

K = LineKind
KINDS = (K.HIDDEN_TAKEN, K.HIDDEN_GIVEN, K.HIDDEN_BACK)
OPEN = (OrderState.CONFIRMED, OrderState.IN_PRODUCTION)
"""Orders into whose cakes something can still be hidden: paid for, and not yet ready."""


def owed(session: Session, order: Order) -> int:
    """Return the hidden cash that the shop still holds for an order, minor units."""
    lines = select(func.coalesce(func.sum(TillLine.amount), 0)).where(
        TillLine.order_id == order.id, TillLine.kind.in_(KINDS)
    )
    return int(session.scalar(lines) or 0)


def cakes_open(session: Session, order: Order) -> Sequence[Cake]:
    """Return the cakes of an order that are not boxed yet."""
    if order.state not in OPEN:
        return []
    boxed = select(Task.cake_id).where(
        Task.order_id == order.id, Task.kind == StageKind.BOX, Task.state == TaskState.DONE
    )
    query = select(Cake).where(Cake.order_id == order.id, Cake.id.not_in(boxed))
    return list(session.scalars(query.order_by(Cake.sort)))


def take(
    tx: Session, shop: Shop, order: Order, cake_id: int, amount: int, *, till: int | None = None, by: Actor,
    at: datetime,
) -> None:  # fmt: skip
    """Take ``amount`` (minor units) in cash to be put into a cake; ``order`` is locked by the caller.

    Raises `Invalid` naming ``hidden`` or ``cake``, `Conflict` for an order that is not in the making, `NoOpenTill`.
    """
    if order.state not in OPEN:
        raise Conflict(N_("This order is %(state)s by now."), state=STATE_WORDS[order.state])
    if not 0 < amount <= money.MOST:
        raise Invalid(N_("Please enter an amount."), field="hidden")
    cake = next((cake for cake in cakes_open(tx, order) if cake.id == cake_id), None)
    if cake is None:
        raise Invalid(N_("This cake is boxed already."), field="cake")
    cake.hidden += amount
    cake.enveloped_at = cake.enveloped_by = None
    ring(tx, shop, K.HIDDEN_TAKEN, amount, till=till, order=order.id, ref=order.ref, by=by, at=at)
    _note(tx, order, "hidden_cash_received", amount, by, at)


def give(tx: Session, shop: Shop, order: Order, *, till: int | None = None, by: Actor, at: datetime) -> None:
    """Give the customer what is in the cakes, with the cakes; raises `Conflict` while some is not in yet."""
    amount = owed(tx, order)
    if not amount:
        return
    missing = select(Cake.id).where(Cake.order_id == order.id, Cake.hidden > 0, Cake.enveloped_at.is_(None))
    if tx.scalar(missing.limit(1)) is not None:
        raise Conflict(N_("The cash has not been put into the cake yet. Please look after it first."))
    ring(tx, shop, K.HIDDEN_GIVEN, amount, till=till, order=order.id, ref=order.ref, by=by, at=at)


def give_back(
    tx: Session, shop: Shop, order: Order, *, till: int | None = None, by: Actor, at: datetime
) -> int:
    """Give all of it back over the counter; ``order`` is locked by the caller. Returns the amount, minor units."""
    amount = owed(tx, order)
    if not amount:
        raise Conflict(N_("Nothing is hidden in this order."))
    tx.execute(
        update(Cake).where(Cake.order_id == order.id).values(hidden=0, enveloped_at=None, enveloped_by=None)
    )
    ring(tx, shop, K.HIDDEN_BACK, amount, till=till, order=order.id, ref=order.ref, by=by, at=at)
    _note(tx, order, "hidden_cash_returned", amount, by, at)
    return amount


def to_give_back(session: Session, shop: Shop, *, most: int = 20) -> list[tuple[Order, int]]:
    """Return the orders that are over while the shop still holds their hidden cash, with the amounts."""
    held = func.sum(TillLine.amount)
    over = (OrderState.CANCELLED, OrderState.NO_SHOW, OrderState.DISPOSED, OrderState.RESOLD)
    query = select(Order, held).join(TillLine, TillLine.order_id == Order.id).where(
        Order.shop_id == shop.id, Order.state.in_(over), TillLine.kind.in_(KINDS)
    )  # fmt: skip
    rows = session.execute(query.group_by(Order.id).having(held > 0).order_by(Order.id).limit(most))
    return [(row[0], int(row[1])) for row in rows]


def _note(tx: Session, order: Order, kind: str, amount: int, by: Actor, at: datetime) -> None:
    topics = ("kitchen", "orders", "money", f"order:{order.id}")
    record(tx, order.shop_id, kind, by=by, at=at, topics=topics, order_id=order.id, amount=amount)
