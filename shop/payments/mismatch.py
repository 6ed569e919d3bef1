"""Another amount came than was asked for: what a person does about it. It never pays for the order."""

from datetime import datetime

from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.belonging import found_in
from shop.core.errors import N_, Conflict, Invalid
from shop.core.events import record
from shop.orders.tables import Order
from shop.payments import books, machine
from shop.payments.owed import HELD, new_refund
from shop.payments.tables import LIVE, Payment, PaymentState, Refund, RefundState
from shop.people.shops import Shop


def is_open(payment: Payment) -> bool:
    """Whether nobody has settled it yet."""
    return payment.trouble == "amount" and payment.state not in HELD


def _held(tx: Session, shop: Shop, payment_id: int) -> tuple[Order, Payment]:
    found_in(tx, shop.id, Payment, payment_id)
    order, payment = machine.lock_payment(tx, payment_id)
    if not is_open(payment):
        raise Conflict(N_("Somebody has settled this already."))
    return order, payment


def can_send_back(payment: Payment) -> bool:
    """Whether it came in the currency of the order, so that the books can hold it until it has gone back."""
    return bool(payment.came) and payment.came_in == payment.currency


def send_back(tx: Session, shop: Shop, payment_id: int, *, by: Actor, at: datetime) -> Refund:
    """Let what came go back whole to where it came from; the order can be paid again.

    The attempt stands with the amount that came from now on. Raises `Conflict` when it is settled, or came in
    another currency.
    """
    order, payment = _held(tx, shop, payment_id)
    if not can_send_back(payment):
        raise Conflict(N_("This came in another currency. Please settle it with the provider."))
    asked, payment.amount = payment.amount, payment.came or 0
    machine.move(tx, payment, PaymentState.CAPTURED_LATE, captured_at=at, ask_at=None, trouble="", qr="")
    books.captured(tx, order, payment, to=books.DUE, by=by, at=at)
    refund = new_refund(
        tx, payment, payment.amount, reason="amount", state=RefundState.APPROVED, by=by, at=at
    )
    refund.txid_due = payment.txid
    record(tx, shop.id, "mismatched_payment_returned", by=by, at=at, topics=("orders", "money", f"order:{order.id}"),
           order_id=order.id, payment=payment.id, asked=asked, amount=payment.amount, refund=refund.id)  # fmt: skip
    return refund


def settle_elsewhere(tx: Session, shop: Shop, payment_id: int, note: str, *, by: Actor, at: datetime) -> None:
    """It was settled in the provider's own pages, or by a call: the attempt ends here, and nothing was booked.

    ``note`` says how. Raises `Invalid` (field ``note``) without one.
    """
    order, payment = _held(tx, shop, payment_id)
    if not note.strip():
        raise Invalid(N_("Please write down how it was settled."), field="note")
    if payment.state in LIVE:
        machine.move(tx, payment, PaymentState.FAILED, ask_at=None, qr="")
    payment.trouble = "elsewhere"
    record(tx, shop.id, "mismatched_payment_closed", by=by, at=at, topics=("orders", "money", f"order:{order.id}"),
           order_id=order.id, payment=payment.id, note=note.strip()[:200])  # fmt: skip
