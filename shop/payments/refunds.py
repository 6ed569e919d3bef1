"""Paying money back: asked for, agreed to by a second person above the limit, and given to where it came from.

The second person signs the hash of exactly what they saw; anything else needs a new request. Nobody agrees to their
own, the owner neither. A request that nobody looks at lapses after a day.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM, Actor
from shop.core.belonging import found_in, held_in
from shop.core.errors import N_, Conflict, Invalid, Missing
from shop.core.permissions import Permission
from shop.core.reasons import reason_given
from shop.orders.progress import lock_order
from shop.orders.tables import GIVEN, Order
from shop.payments import METHODS, books
from shop.payments.owed import HELD, left_of, new_refund, note_refund
from shop.payments.rules import refund_limit
from shop.payments.tables import Payment, Refund, RefundState
from shop.payments.till import ring_payment
from shop.people.four_eyes import VALID, check_refusal, has_lapsed, is_second, seal, second
from shop.people.shops import Shop

R = RefundState


def by_id(session: Session, shop: Shop, refund_id: int) -> Refund:
    """Return a refund of this shop; raises `Missing`."""
    return found_in(session, shop.id, Refund, refund_id)


def content(refund: Refund, payment: Payment, order: Order) -> str:
    """Return the hash of what a second person agrees to: order, instrument, amount and reason."""
    return seal("refund", order.ref, payment.method, payment.account, refund.ref, refund.amount, refund.currency,
                refund.reason, salt=refund.salt)  # fmt: skip


def waits(refund: Refund, at: datetime) -> bool:
    """Whether it still waits for a second person."""
    return refund.state == R.REQUESTED and not has_lapsed(refund.made_at, at)


def may_decide(refund: Refund, *, by: Actor, at: datetime) -> bool:
    """Whether this person may agree to it now, as far as who asked for it goes; the door asks for the right."""
    return waits(refund, at) and is_second([refund.requested_by], by=by)


def _locked(tx: Session, shop: Shop, refund_id: int) -> tuple[Order, Payment, Refund]:
    found = by_id(tx, shop, refund_id)
    order = lock_order(tx, found.order_id)
    refund = held_in(tx, shop.id, Refund, refund_id)
    return order, tx.get_one(Payment, refund.payment_id), refund


def request(
    tx: Session, shop: Shop, order: Order, payment_id: int, amount: int, reason: str, *, alone: bool, by: Actor,
    at: datetime,
) -> Refund:  # fmt: skip
    """Ask for some of a payment to go back after the cake was handed over.

    ``alone`` says that this person may pay back up to the shop's limit without a second one. Raises `Invalid` naming
    ``amount`` or ``reason``, and `Conflict` for an order that is not over.
    """
    order = lock_order(tx, order.id)
    payment = tx.get(Payment, payment_id)
    if payment is None or payment.order_id != order.id or payment.state not in HELD:
        raise Missing()
    if order.state not in GIVEN:
        raise Conflict(N_("An order that is not handed over is cancelled instead; then its money goes back."))
    reason = reason_given(reason)
    if amount <= 0:
        raise Invalid(N_("Please enter an amount."), field="amount")
    if amount > left_of(tx, payment):
        raise Invalid(N_("That is more than is left of this payment."), field="amount")
    free = alone and amount + _given_alone(tx, order) <= refund_limit(shop)
    refund = new_refund(tx, payment, amount, reason=reason, state=R.REQUESTED, by=by, at=at)
    note_refund(tx, refund, "refund_requested", by, at)
    if free:
        _agree(tx, shop, order, payment, refund, by=by, at=at)
    return refund


def _given_alone(tx: Session, order: Order) -> int:
    """Return what single persons have given back of this order: a limit is not walked around in small steps."""
    mine = select(Refund).where(Refund.order_id == order.id, Refund.requested_by == Refund.decided_by)
    return sum(refund.amount for refund in tx.scalars(mine) if refund.state not in (R.REJECTED, R.LAPSED))


def approve(tx: Session, shop: Shop, refund_id: int, signed: str, *, by: Actor, at: datetime) -> Refund:
    """Agree as the second person to exactly what ``signed`` is the hash of. Raises `Denied` and `Conflict`."""
    order, payment, refund = _locked(tx, shop, refund_id)
    if not waits(refund, at):
        raise Conflict(N_("Nobody waits for an answer to this refund any more."))
    second(tx, shop, [refund.requested_by], by=by, at=at, order_id=order.id, refund=refund.id,
           refusal=N_("Somebody else has to agree to your refund."))  # fmt: skip
    if signed != content(refund, payment, order):
        raise Conflict(N_("This refund is not what you saw. Please look at it once more."))
    _agree(tx, shop, order, payment, refund, by=by, at=at)
    return refund


def _agree(
    tx: Session, shop: Shop, order: Order, payment: Payment, refund: Refund, *, by: Actor, at: datetime
) -> None:
    refund.state, refund.decided_by, refund.decided_at = R.APPROVED, by.id, at
    refund.signed, refund.ask_at = content(refund, payment, order), at if payment.attempt else None
    books.goodwill(tx, shop, order, refund, by=by, at=at)
    note_refund(tx, refund, "refund_approved", by, at)


def reject(tx: Session, shop: Shop, refund_id: int, *, by: Actor, at: datetime) -> Refund:
    """Say no to a refund as who may agree to it, or take one's own request back. Raises `Denied` and `Conflict`."""
    _, _, refund = _locked(tx, shop, refund_id)
    check_refusal(tx, refund.requested_by, Permission.REFUND_APPROVE, by=by)
    if refund.state != R.REQUESTED:
        raise Conflict(N_("Nobody waits for an answer to this refund any more."))
    refund.state, refund.decided_by, refund.decided_at = R.REJECTED, by.id, at
    note_refund(tx, refund, "refund_rejected", by, at)
    return refund


def pay_out(
    tx: Session,
    shop: Shop,
    refund_id: int,
    *,
    reference: str = "",
    till: int | None = None,
    by: Actor,
    at: datetime,
) -> Refund:
    """Give the money back by hand: cash out of a ``till``, or at the card terminal with its ``reference``.

    Raises `Conflict` unless it is agreed to and was paid by hand, `Invalid` (field ``reference``), `NoOpenTill`.
    """
    order, payment, refund = _locked(tx, shop, refund_id)
    if payment.attempt or refund.state != R.APPROVED:
        raise Conflict(N_("This refund cannot be paid out here now."))
    if payment.method != "cash":
        METHODS[payment.method].check(amount=refund.amount, tendered=None, reference=reference)
    refund.reference, refund.decided_by = reference.strip(), refund.decided_by or by.id
    refund.state, refund.ended_at = R.REFUNDED, at

    def booked(account: str, till_id: int, number: int) -> str:
        refund.account = account
        books.paid_back(tx, order, refund, by=by, at=at, till=till_id, number=number)
        return refund.txid_paid or ""

    ring_payment(tx, shop, payment, refund.amount, back=True, till=till, entry=booked, by=by, at=at)
    note_refund(tx, refund, "refund_completed", by, at)
    return refund


def try_again(tx: Session, shop: Shop, refund_id: int, *, by: Actor, at: datetime) -> Refund:
    """Send a refund that the provider refused once more, under the same number."""
    _, _, refund = _locked(tx, shop, refund_id)
    if refund.state != R.FAILED:
        raise Conflict(N_("This refund cannot be paid out here now."))
    refund.state, refund.ask_at, refund.asked, refund.trouble = R.SENT, at, 0, ""
    note_refund(tx, refund, "refund_retried", by, at)
    return refund


def lapse_due(tx: Session, shop: Shop, *, at: datetime) -> int:
    """End the requests that nobody has answered for a day; returns how many."""
    old = select(Refund).where(
        Refund.shop_id == shop.id, Refund.state == R.REQUESTED, Refund.made_at <= at - VALID
    )
    found = list(tx.scalars(old.order_by(Refund.id).with_for_update(skip_locked=True)))
    for refund in found:
        refund.state = R.LAPSED
        note_refund(tx, refund, "refund_lapsed", SYSTEM, at)
    return len(found)
