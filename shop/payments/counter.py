"""The counter: money taken by a person, for an order that waits for it."""

from datetime import datetime

from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import N_, Conflict, Invalid
from shop.orders.progress import lock_order
from shop.orders.tables import Order, OrderState
from shop.orders.words import STATE_WORDS
from shop.payments import METHODS
from shop.payments.machine import book
from shop.payments.tables import Payment, PaymentState
from shop.payments.till import ring_payment
from shop.people.shops import Shop

CLOSED = (OrderState.EXPIRED, OrderState.REJECTED, OrderState.CANCELLED, OrderState.CLOSED, OrderState.DISPOSED,
          OrderState.RESOLD)  # fmt: skip


def take(
    tx: Session, shop: Shop, order: Order, method: str, *, amount: int, by: Actor, at: datetime,
    tendered: int | None = None, reference: str = "", account: str = "",
    till: int | None = None,
) -> Payment:  # fmt: skip
    """Take ``amount`` (minor units) at the counter; the order is confirmed once its deposit is paid.

    It is a line of the ``till`` (None: the shop's only one, opened by itself where none is open), unless ``account``
    says that the money is elsewhere: in a courier's purse. Raises `Invalid` naming ``method``, ``amount``,
    ``tendered`` or ``reference``, and `Conflict` when the order is no longer open or already paid.
    """
    how = METHODS.get(method)
    if how is None:
        raise Invalid(N_("Please choose how it is paid."), field="method")
    order = lock_order(tx, order.id)
    if order.state in CLOSED:
        raise Conflict(N_("This order is %(state)s by now."), state=STATE_WORDS[order.state])
    if not order.balance:
        raise Conflict(N_("This order is already paid."))
    if not 0 < amount <= order.balance:
        raise Invalid(N_("Please enter an amount up to what is still to be paid."), field="amount")
    how.check(amount=amount, tendered=tendered, reference=reference)
    payment = Payment(
        shop_id=shop.id, order_id=order.id, method=method, state=PaymentState.CAPTURED, amount=amount,
        currency=order.currency, tendered=tendered, reference=reference.strip(), made_at=at, captured_at=at,
        taken_by=by.id, account=account,
    )  # fmt: skip
    tx.add(payment)
    tx.flush()
    if account:
        book(tx, shop, order, payment, by=by, at=at)
    else:
        _at_the_till(tx, shop, order, payment, till, by=by, at=at)
    return payment


def _at_the_till(
    tx: Session, shop: Shop, order: Order, payment: Payment, till: int | None, *, by: Actor, at: datetime
) -> None:
    """Ring a payment up: the line, the entry in the books, and what the order has been paid."""

    def booked(account: str, till_id: int, number: int) -> str:
        payment.account = account
        book(tx, shop, order, payment, by=by, at=at, till=till_id, number=number)
        return payment.txid or ""

    ring_payment(tx, shop, payment, payment.amount, till=till, entry=booked, by=by, at=at)
