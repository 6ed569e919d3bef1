"""How an order moves on: confirmed, cancelled, handed over, expired, closed. Every edge is in one table."""

import hmac
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Update, bindparam, exists, select, update
from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM, Actor, ActorKind
from shop.core.errors import N_, Conflict, Denied
from shop.core.events import record
from shop.core.reasons import reason_given
from shop.orders.tables import Order, OrderState
from shop.orders.words import STATE_WORDS, reason_key
from shop.payments import books, hidden
from shop.payments.owed import owe_back
from shop.payments.rules import back_for
from shop.payments.tables import LIVE, Payment
from shop.people import four_eyes
from shop.people.shops import Shop
from shop.production.notices import notify_stations
from shop.production.tables import OPEN, Task, TaskState

S = OrderState
EDGES: frozenset[tuple[OrderState, OrderState]] = frozenset(
    {
        (S.PLACED, S.CONFIRMED), (S.PLACED, S.EXPIRED), (S.PLACED, S.REJECTED), (S.PLACED, S.CANCELLED),
        (S.CONFIRMED, S.IN_PRODUCTION), (S.CONFIRMED, S.CANCELLED), (S.IN_PRODUCTION, S.CANCELLED),
        (S.IN_PRODUCTION, S.READY), (S.READY, S.OUT_FOR_DELIVERY), (S.OUT_FOR_DELIVERY, S.HANDED_OVER),
        (S.READY, S.HANDED_OVER), (S.READY, S.NO_SHOW), (S.NO_SHOW, S.HANDED_OVER), (S.HANDED_OVER, S.CLOSED),
        (S.NO_SHOW, S.DISPOSED), (S.NO_SHOW, S.RESOLD),
        (S.READY, S.IN_PRODUCTION),  # a recorded remake or recall
        (S.IN_PRODUCTION, S.CONFIRMED),  # a recorded recall of the only start
        (S.NO_SHOW, S.READY),  # a recorded second thought
        (S.OUT_FOR_DELIVERY, S.READY),  # brought back, or a pick-up undone
    }
)  # fmt: skip
NOT_STARTED = (S.PLACED, S.CONFIRMED)
CLOSE_AFTER = timedelta(hours=24)
_LOCKED = (
    select(Order)
    .where(Order.id == bindparam("id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


def lock_order(tx: Session, order_id: int) -> Order:
    """Return the order as it stands now, held until the end of the transaction."""
    return tx.scalars(_LOCKED, {"id": order_id}).one()


def move(tx: Session, order: Order, to: OrderState) -> None:
    """Take one edge of the state machine; raises `Conflict` if there is none or somebody was faster."""
    if (OrderState(order.state), to) not in EDGES:
        raise Conflict(N_("This order is %(state)s by now."), state=STATE_WORDS[order.state])
    change = (
        update(Order)
        .where(Order.id == order.id, Order.version == order.version)
        .values(state=to, version=Order.version + 1)
        .execution_options(synchronize_session=False)
    )
    if not tx.connection().execute(change).rowcount:
        raise Conflict()
    tx.refresh(order)


def topics_of(order: Order) -> tuple[str, ...]:
    """Return the topics that an order's change rings."""
    return ("kitchen", "orders", f"order:{order.id}")


def confirm(tx: Session, shop: Shop, order: Order, *, by: Actor, at: datetime) -> None:
    """Let the kitchen have it: paid, or on account. Its cards appear."""
    move(tx, order, S.CONFIRMED)
    order.confirmed_at, order.pay_until, order.counter_code = at, None, None
    tx.execute(_tasks(order, TaskState.HELD).values(state=TaskState.WAITING, version=Task.version + 1))
    first = update(Task).where(Task.order_id == order.id, Task.state == TaskState.WAITING, Task.sort == 0)
    begin = tx.scalars(first.values(state=TaskState.READY).returning(Task.station_id)).all()
    record(tx, shop.id, "order_confirmed", by=by, at=at, topics=topics_of(order), order_id=order.id,
           sound="new", stations=sorted({s for s in begin if s is not None}))  # fmt: skip


def confirm_covered(tx: Session, shop: Shop, order: Order, *, by: Actor, at: datetime) -> None:
    """Confirm an order whose deposit is paid; one that still waits for money, and any other, stays what it is."""
    if order.state == S.PLACED and order.paid >= order.deposit:
        confirm(tx, shop, order, by=by, at=at)


def _tasks(order: Order, *states: TaskState) -> Update:
    return update(Task).where(Task.order_id == order.id, Task.state.in_(states))


def can_cancel(order: Order) -> bool:
    """Whether the customer or a clerk may still cancel: nothing has been started."""
    return order.state in NOT_STARTED


def needs_second(order: Order) -> bool:
    """Whether cancelling needs a second person: the kitchen has started."""
    return order.state == S.IN_PRODUCTION


def check_pin(order: Order, pin: str | None) -> None:
    """Raise `Denied` unless this is the pickup PIN of the slip."""
    if pin is None or not hmac.compare_digest(pin.strip().encode(), order.pin.encode()):
        raise Denied(N_("This PIN is not the one on the slip."), field="pin")


def cancel(
    tx: Session, shop: Shop, order: Order, *, by: Actor, at: datetime, reason: str,
    pin: str | None = None, second: Actor | None = None, whole: bool = False,
) -> None:  # fmt: skip
    """Cancel an order; what the terms give back of the money is owed from now on, all of it if ``whole``.

    A customer needs the pickup PIN; once the kitchen has started, staff need a ``second`` person.
    Raises `Denied` and `Conflict`.
    """
    if by.kind is ActorKind.CUSTOMER:
        check_pin(order, pin)
    if needs_second(order):
        if by.kind is ActorKind.CUSTOMER:
            raise Conflict(N_("The kitchen has already started. Please call the shop."))
        four_eyes.second(
            tx, shop, [by.id], by=second or by, at=at, together=True, field="second",
            refusal=N_("The kitchen has already started: a second person must agree."),
        )  # fmt: skip
    elif not can_cancel(order):
        raise Conflict(N_("This order can no longer be cancelled."))
    if by.kind is not ActorKind.CUSTOMER:
        reason = reason_given(reason)
    was_seen = order.state != S.PLACED
    back = order.paid if whole else back_for(order, at=at)
    move(tx, order, S.CANCELLED)
    order.reason, order.pay_until, order.counter_code = reason_key(reason)[:200], None, None
    told: list[int] = []
    if was_seen:
        told = notify_stations(tx, shop, order.id, "cancelled", was={"number": order.number}, now={}, at=at)
    release_work(tx, order)
    owe_back(tx, shop, order, back, reason="cancelled", kind="order_cancelled", second=second, by=by, at=at)
    data = {"second": second.id} if second else {}
    record(tx, shop.id, "order_cancelled", by=by, at=at, topics=topics_of(order), order_id=order.id,
           sound="cancelled" if was_seen else "", stations=told, **data)  # fmt: skip


def release_work(tx: Session, order: Order) -> None:
    """Take all open tasks of an order off the boards and give their time back."""
    tx.execute(_tasks(order, *OPEN).values(state=TaskState.VOID, version=Task.version + 1))


def hand_over(
    tx: Session,
    shop: Shop,
    order: Order,
    *,
    by: Actor,
    at: datetime,
    pin: str | None = None,
    pin_needed: bool = True,
) -> None:
    """Give the cakes to the customer, with the cash in them.

    A clerk needs the slip's PIN; a manager may do without (``pin_needed``).
    """
    if order.balance:
        raise Conflict(N_("This order is not fully paid yet."))
    if pin_needed or pin:
        check_pin(order, pin)
    hidden.give(tx, shop, order, by=by, at=at)
    move(tx, order, S.HANDED_OVER)
    order.handed_over_at = at
    books.handed_over(tx, shop, order, by=by, at=at)
    record(tx, shop.id, "order_handed_over", by=by, at=at, topics=topics_of(order), order_id=order.id,
           with_pin=bool(pin))  # fmt: skip


def expire_unpaid(tx: Session, shop: Shop, *, at: datetime) -> int:
    """Let go of orders that nothing was paid for in time; their slot goes back. Returns how many."""
    late = select(Order).where(
        Order.shop_id == shop.id, Order.state == S.PLACED, Order.pay_until <= at, Order.paid == 0,
        ~exists().where(
            Payment.order_id == Order.id, Payment.state.in_(LIVE), Payment.trouble != "amount"
        ),
    )  # fmt: skip
    orders = list(tx.scalars(late.order_by(Order.id).with_for_update(skip_locked=True)))
    for order in orders:
        move(tx, order, S.EXPIRED)
        order.counter_code = None
        release_work(tx, order)
        record(tx, shop.id, "order_expired", by=SYSTEM, at=at, topics=topics_of(order), order_id=order.id)
    return len(orders)


def close_finished(tx: Session, shop: Shop, *, at: datetime) -> int:
    """Close what was handed over more than a day ago; returns how many."""
    done = select(Order).where(
        Order.shop_id == shop.id, Order.state == S.HANDED_OVER, Order.handed_over_at <= at - CLOSE_AFTER
    )
    orders = list(tx.scalars(done.order_by(Order.id).limit(200).with_for_update(skip_locked=True)))
    for order in orders:
        move(tx, order, S.CLOSED)
        record(
            tx, shop.id, "order_closed", by=SYSTEM, at=at, topics=(f"order:{order.id}",), order_id=order.id
        )
    return len(orders)


def rush(
    tx: Session, shop: Shop, order: Order, *, by: Actor, at: datetime, urgent: bool = True, reason: str = ""
) -> None:  # fmt: skip
    """Mark an order as urgent, or take that back; the stations see it."""
    if order.state not in (S.PLACED, S.CONFIRMED, S.IN_PRODUCTION):
        raise Conflict(N_("This order is %(state)s by now."), state=STATE_WORDS[order.state])
    order.urgent = urgent
    kind = "order_rushed" if urgent else "order_rush_ended"
    sound = "changed" if urgent else ""
    at_hand = select(Task.station_id).distinct().where(
        Task.order_id == order.id, Task.state.in_((TaskState.READY, TaskState.RUNNING)),
        Task.station_id.is_not(None),
    )  # fmt: skip
    why: dict[str, Any] = {"reason": reason} if reason else {}
    record(tx, shop.id, kind, by=by, at=at, topics=topics_of(order), order_id=order.id, sound=sound,
           stations=list(tx.scalars(at_hand)), **why)  # fmt: skip
