"""The one machine of a payment: every edge is here, whoever learns of it, till, worker or callback.

An edge is a compare-and-set, so that of two who learn the same thing one moves and the other finds it done.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM, Actor
from shop.core.errors import Conflict
from shop.core.events import record
from shop.orders.progress import confirm_covered, lock_order, topics_of
from shop.orders.tables import Order, OrderState
from shop.payments import books
from shop.payments.owed import new_refund
from shop.payments.tables import LIVE, Payment, PaymentState, RefundState
from shop.people.shops import Shop

P = PaymentState
EDGES: frozenset[tuple[PaymentState, PaymentState]] = frozenset(
    {
        (P.CREATED, P.PENDING), (P.CREATED, P.FAILED), (P.CREATED, P.EXPIRED), (P.CREATED, P.UNKNOWN),
        (P.PENDING, P.CAPTURED), (P.PENDING, P.FAILED), (P.PENDING, P.EXPIRED), (P.PENDING, P.UNKNOWN),
        (P.UNKNOWN, P.CAPTURED), (P.UNKNOWN, P.FAILED), (P.UNKNOWN, P.EXPIRED),
        (P.UNKNOWN, P.PENDING),  # asked, and it still waits for the customer
        (P.CREATED, P.CAPTURED_LATE), (P.PENDING, P.CAPTURED_LATE), (P.UNKNOWN, P.CAPTURED_LATE),
        (P.EXPIRED, P.CAPTURED_LATE), (P.FAILED, P.CAPTURED_LATE),
        (P.CREATED, P.CAPTURED), (P.EXPIRED, P.CAPTURED), (P.FAILED, P.CAPTURED),  # late, and the order still waits
        (P.CAPTURED, P.SETTLED), (P.CAPTURED_LATE, P.SETTLED),
        (P.SETTLED, P.CAPTURED),  # a line of a bill was attached to it by mistake, two people agree
    }
)  # fmt: skip
WAITING = (OrderState.PLACED, OrderState.CONFIRMED, OrderState.IN_PRODUCTION, OrderState.READY,
           OrderState.OUT_FOR_DELIVERY, OrderState.NO_SHOW)  # fmt: skip
"""States of an order that still takes money."""


def lock_payment(tx: Session, payment_id: int) -> tuple[Order, Payment]:
    """Return a payment and its order, both held to the end of the transaction, the order first."""
    order_id = tx.scalar(select(Payment.order_id).where(Payment.id == payment_id))
    assert order_id is not None
    order = lock_order(tx, order_id)
    row = select(Payment).where(Payment.id == payment_id).with_for_update()
    return order, tx.scalars(row.execution_options(populate_existing=True)).one()


def move(tx: Session, payment: Payment, to: PaymentState, **values: Any) -> None:
    """Take one edge; raises `Conflict` if there is none or somebody was faster."""
    if (PaymentState(payment.state), to) not in EDGES:
        raise Conflict()
    tx.flush()  # what was set beside it would be lost by reading the row anew
    change = update(Payment).where(Payment.id == payment.id, Payment.state == payment.state).values(
        state=to, **values
    )  # fmt: skip
    if not tx.connection().execute(change).rowcount:
        raise Conflict()
    tx.refresh(payment)


def book(
    tx: Session, shop: Shop, order: Order, payment: Payment, *, by: Actor, at: datetime, **data: Any
) -> None:
    """Count a captured payment towards its order, which is confirmed once its deposit is there.

    ``data`` stands in the entry of the books and in the diary: the till and the number of its line.
    """
    order.paid += payment.amount
    order.pay_until = None  # an order with money on it does not run out
    books.captured(tx, order, payment, by=by, at=at, **data)
    tx.flush()
    record(tx, shop.id, "payment_captured", by=by, at=at, topics=(*topics_of(order), "money"), order_id=order.id,
           method=payment.method, amount=payment.amount, payment=payment.id, **data)  # fmt: skip
    confirm_covered(tx, shop, order, by=by, at=at)


def capture(
    tx: Session, shop: Shop, payment_id: int, *, trade_no: str, amount: int, currency: str, paid_at: datetime | None,
    by: Actor = SYSTEM, at: datetime,
) -> None:  # fmt: skip
    """The provider says that an attempt was paid. Safe to call again: what is booked already stays as it is.

    Another amount or currency than asked is never booked here: the attempt stays unknown, and somebody is told, who
    decides (`shop.payments.mismatch`). Money for
    an order that is over, or paid already, is owed back at once.
    """
    order, payment = lock_payment(tx, payment_id)
    if payment.state not in (*LIVE, P.EXPIRED, P.FAILED):
        return
    if (amount, currency) != (payment.amount, payment.currency):
        _quarantine(tx, shop, order, payment, amount=amount, currency=currency, at=at)
        return
    facts = {"trade_no": trade_no, "captured_at": paid_at or at, "ask_at": None, "trouble": "", "qr": ""}
    if order.state in WAITING and payment.amount <= order.balance:
        move(tx, payment, P.CAPTURED, **facts)
        book(tx, shop, order, payment, by=by, at=at)
        return
    why = "twice" if order.state in WAITING else "late"
    move(tx, payment, P.CAPTURED_LATE, **facts)
    books.captured(tx, order, payment, to=books.DUE, by=by, at=at)
    refund = new_refund(tx, payment, payment.amount, reason=why, state=RefundState.APPROVED, by=by, at=at)
    refund.txid_due = payment.txid
    record(tx, shop.id, "late_payment_captured", by=by, at=at, topics=("orders", "money", f"order:{order.id}"),
           order_id=order.id, method=payment.method, amount=payment.amount, payment=payment.id, why=why,
           refund=refund.id)  # fmt: skip


def _quarantine(
    tx: Session, shop: Shop, order: Order, payment: Payment, *, amount: int, currency: str, at: datetime
) -> None:
    payment.ask_at = None
    if payment.trouble in ("amount", "elsewhere"):
        return  # somebody is told, or has settled it
    payment.trouble, payment.came, payment.came_in = "amount", amount, currency
    if payment.state in (P.CREATED, P.PENDING):
        payment.state, payment.unknown_since = P.UNKNOWN, at
    record(tx, shop.id, "payment_mismatched", by=SYSTEM, at=at, topics=("orders", "money", f"order:{order.id}"),
           order_id=order.id, payment=payment.id, asked=payment.amount, paid=amount, currency=currency)  # fmt: skip


def end(
    tx: Session, shop: Shop, payment_id: int, to: PaymentState, *, at: datetime, trouble: str = ""
) -> None:
    """The provider says that an attempt came to nothing: ``failed`` or ``expired``."""
    order, payment = lock_payment(tx, payment_id)
    if payment.state not in LIVE:
        return
    move(tx, payment, to, ask_at=None, qr="", trouble=trouble)
    record(tx, shop.id, f"payment_{to}", by=SYSTEM, at=at, topics=("orders", "money", f"order:{order.id}"),
           order_id=order.id, method=payment.method, amount=payment.amount, payment=payment.id)  # fmt: skip
