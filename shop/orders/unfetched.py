"""Cakes that nobody fetches: seen in time, marked, and in the end handed over late, sold on, or disposed of.

While an order is only marked, its money stays what it was: paid ahead for a cake. What is kept and what goes back, by
the terms that were shown, is settled when the cake is given up. Who gives it up decides that money goes back: above the
shop's limit for refunds a second person signs, as for what is cancelled in the making.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import N_, Conflict, Invalid
from shop.core.events import record
from shop.core.reasons import reason_given
from shop.orders.progress import lock_order, move, topics_of
from shop.orders.tables import GIVEN_UP, Fulfilment, Order, OrderState
from shop.payments.owed import owe_back
from shop.payments.rules import back_for, no_show_minutes, refund_limit
from shop.people import four_eyes
from shop.people.shops import Shop

S = OrderState
MOST = 20


def late_from(shop: Shop, order: Order) -> datetime:
    """Return from when on an order that lies ready counts as not fetched."""
    return order.due_at + timedelta(minutes=no_show_minutes(shop))


def unfetched(session: Session, shop: Shop, *, at: datetime) -> Sequence[Order]:
    """Return the orders that nobody has fetched: those to be marked, then those to be given up; the oldest first."""
    due = at - timedelta(minutes=no_show_minutes(shop))
    ready = (Order.state == S.READY, Order.fulfilment == Fulfilment.PICKUP, Order.due_at <= due)
    query = select(Order).where(Order.shop_id == shop.id).order_by(Order.due_at, Order.id).limit(MOST)
    marked = select(Order).where(Order.shop_id == shop.id, Order.state == S.NO_SHOW)
    newest = list(session.scalars(marked.order_by(Order.due_at.desc(), Order.id.desc()).limit(MOST)))
    return [*session.scalars(query.where(*ready)), *reversed(newest)]


def mark(tx: Session, shop: Shop, order: Order, *, by: Actor, at: datetime) -> None:
    """Write down that nobody came; raises `Conflict` before the shop's own time for it, and for a delivery."""
    order = lock_order(tx, order.id)
    if order.fulfilment != Fulfilment.PICKUP:
        raise Conflict(N_("A delivery is brought again or kept: please look at its courier."))
    if at < late_from(shop, order):
        raise Conflict(N_("The customer still has time to come. Please wait a little."))
    move(tx, order, S.NO_SHOW)
    record(tx, shop.id, "order_not_fetched", by=by, at=at, topics=topics_of(order), order_id=order.id)


def unmark(tx: Session, shop: Shop, order: Order, *, by: Actor, at: datetime) -> None:
    """Take the mark back: the cake lies ready again. Raises `Conflict` once it is given up or handed over."""
    order = lock_order(tx, order.id)
    if order.state != S.NO_SHOW:
        raise Conflict(N_("This cannot be taken back any more."))
    move(tx, order, S.READY)
    record(tx, shop.id, "no_show_recalled", by=by, at=at, topics=topics_of(order), order_id=order.id)


def needs_second(shop: Shop, order: Order, *, at: datetime) -> bool:
    """Whether giving the cake up needs a second person: more goes back then than one person may pay back alone."""
    return order.state == S.NO_SHOW and back_for(order, at=at) > refund_limit(shop)


def give_up(
    tx: Session, shop: Shop, order: Order, how: str, reason: str, *, second: Actor | None = None, by: Actor,
    at: datetime,
) -> int:  # fmt: skip
    """Sell the cake to somebody else (``resold``) or dispose of it (``disposed``); returns what goes back, minor units.

    The terms of the order decide what is kept; `needs_second` says whether a ``second`` person must have signed.
    Raises `Invalid` naming ``how`` or ``reason``, `Denied`, and `Conflict` for an order that is not marked.
    """
    order = lock_order(tx, order.id)
    if how not in GIVEN_UP:
        raise Invalid(N_("Please say what becomes of the cake."), field="how")
    reason = reason_given(reason)
    signed = {}
    if needs_second(shop, order, at=at):
        four_eyes.second(
            tx, shop, [by.id], by=second or by, at=at, together=True, field="login",
            refusal=N_("So much goes back that a second person must agree."),
        )  # fmt: skip
        signed = {"second": second.id} if second else {}
    back = back_for(order, at=at)
    move(tx, order, S(how))
    order.reason = reason
    signer = second if signed else None
    owe_back(tx, shop, order, back, reason="no_show", kind="order_forfeited", second=signer, by=by, at=at)
    record(tx, shop.id, "order_forfeited", by=by, at=at, topics=(*topics_of(order), "money"), order_id=order.id,
           how=how, back=back, kept=order.paid - back, reason=order.reason, **signed)  # fmt: skip
    return back
