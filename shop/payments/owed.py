"""What the shop owes back when an order is over, and who must agree before it is paid."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shop.core.actors import Actor, ActorKind
from shop.core.events import record
from shop.core.keys import ALPHABET
from shop.orders.tables import Order
from shop.payments import books
from shop.payments.dispute_tables import GONE, Dispute, DisputeState
from shop.payments.tables import COUNTED, LIVE, Payment, PaymentState, Refund, RefundState
from shop.people.shops import Shop

P, R = PaymentState, RefundState
HELD = (*COUNTED, P.CAPTURED_LATE)
"""Payments whose money the shop has."""
DEAD = (R.REJECTED, R.LAPSED)
"""Refunds that will never be paid."""
OWED = (R.REQUESTED, R.APPROVED, R.SENT, R.UNKNOWN, R.FAILED)
"""Refunds that have not reached the customer."""


def new_ref() -> str:
    """Return a random number of 24 characters that names a refund or an attempt towards a provider."""
    return "".join(secrets.choice(ALPHABET) for _ in range(24))


def left_of(tx: Session, payment: Payment) -> int:
    """Return how much of a payment has not been given or promised back, nor is held back; minor units."""
    given = select(func.coalesce(func.sum(Refund.amount), 0)).where(
        Refund.payment_id == payment.id, Refund.state.not_in(DEAD)
    )
    held = select(func.coalesce(func.sum(Dispute.amount), 0)).where(
        Dispute.payment_id == payment.id, Dispute.state.in_(GONE)
    )
    return payment.amount - int(tx.scalar(given) or 0) - int(tx.scalar(held) or 0)


def new_refund(
    tx: Session, payment: Payment, amount: int, *, reason: str, state: RefundState, by: Actor, at: datetime
) -> Refund:
    """Add one refund of a payment; an approved one is sent as soon as the provider is asked next."""
    refund = Refund(
        shop_id=payment.shop_id, order_id=payment.order_id, payment_id=payment.id, ref=new_ref(), amount=amount,
        currency=payment.currency, reason=reason[:200], state=state, made_at=at,
        requested_by=by.id if by.kind is ActorKind.STAFF else None, account=payment.account,
        ask_at=at if state == R.APPROVED and payment.attempt else None,
    )  # fmt: skip
    tx.add(refund)
    tx.flush()
    return refund


def note_refund(tx: Session, refund: Refund, kind: str, by: Actor, at: datetime) -> None:
    """Write into the diary what has become of a refund."""
    tx.flush()
    record(tx, refund.shop_id, kind, by=by, at=at, topics=("orders", "money", f"order:{refund.order_id}"),
           order_id=refund.order_id, refund=refund.id, amount=refund.amount)  # fmt: skip


def _stop_paying(tx: Session, order: Order, *, at: datetime) -> None:
    """Nobody shall pay for an order that is over: its codes end at their providers with the next look."""
    codes = update(Payment).where(
        Payment.order_id == order.id, Payment.state.in_(LIVE),
        Payment.attempt.is_not(None), Payment.trouble != "amount",
    )  # fmt: skip
    tx.execute(codes.values(expires_at=at, ask_at=at))


def _held_back(tx: Session, payment: Payment, missing: int) -> int:
    """Return how much of ``missing`` lies with a bank that holds it back, or gave it to the customer already.

    Where that is not decided yet it is written down: should the shop get it, the customer gets so much of it.
    """
    found = 0
    rows = (
        select(Dispute).where(Dispute.payment_id == payment.id, Dispute.state.in_(GONE)).order_by(Dispute.id)
    )
    for dispute in tx.scalars(rows):
        theirs = min(missing - found, dispute.amount)
        if dispute.state == DisputeState.DISPUTED:
            dispute.owed = theirs
        found += theirs
    return found


def owe_back(
    tx: Session, shop: Shop, order: Order, back: int, *, reason: str, kind: str, by: Actor, at: datetime,
    second: Actor | None = None,
) -> Sequence[Refund]:  # fmt: skip
    """Owe ``back`` of what was paid for an order that is over; the rest is kept. The newest payment goes back first.

    The terms decided how much, so nobody has to agree to that; where a ``second`` person signed that the order is
    over, they decided with ``by``. The money goes to the instruments it came from. What a
    platform was paid came before all of them, and it pays that back itself: the shop has so much less to get from it.
    What a bank holds back in a dispute is not paid back as well.
    """
    _stop_paying(tx, order, at=at)
    paid = select(Payment).where(Payment.order_id == order.id, Payment.state.in_(COUNTED))
    payments = tx.scalars(paid.order_by(Payment.id.desc())).all()
    refunds, missing = [], min(back, order.paid)
    for payment in payments:
        missing -= _held_back(tx, payment, missing)
        amount = min(missing, left_of(tx, payment))
        if amount > 0:
            refunds.append(new_refund(tx, payment, amount, reason=reason, state=R.APPROVED, by=by, at=at))
            missing -= amount
    waived = min(missing, order.paid - sum(payment.amount for payment in payments))
    if order.paid:
        kept = order.paid - waived - sum(r.amount for r in refunds)
        books.cancelled(tx, order, refunds, kept=kept, waived=waived, kind=kind, by=by, at=at)
    for refund in refunds:
        if second is not None:
            refund.decided_by, refund.decided_at = second.id, at
        note_refund(tx, refund, "refund_approved", by, at)
    return refunds
