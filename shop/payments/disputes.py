"""Disputes: a customer asks their bank or the provider for the money back, and it is held back until that is decided.

No program tells a shop of it: somebody writes down what the letter says. The order and what is paid for it stay as
they are; what is held back can meanwhile not be paid back as well. Docs: docs/decisions/0014.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.belonging import found_in, held_in
from shop.core.errors import N_, Conflict, Invalid
from shop.core.events import record
from shop.core.reasons import reason_in_full
from shop.orders.progress import lock_order
from shop.orders.tables import Order
from shop.payments import books
from shop.payments.dispute_tables import Dispute, DisputeState
from shop.payments.machine import lock_payment
from shop.payments.owed import HELD, left_of, new_ref, new_refund, note_refund
from shop.payments.tables import Payment, RefundState
from shop.people.four_eyes import is_second, seal, second
from shop.people.shops import Shop

IN_HAND = ("till:", "courier-cash:")
"""Accounts of money that no bank can hold back."""
SOON = timedelta(days=2)
"""So long before its last day an answer is asked for; and after so long, where no day is known."""


def by_id(session: Session, shop: Shop, dispute_id: int) -> Dispute:
    """Return a dispute of this shop; raises `Missing`."""
    return found_in(session, shop.id, Dispute, dispute_id)


def of_order(session: Session, order_id: int) -> Sequence[Dispute]:
    """Return the disputes about an order's payments, oldest first."""
    return session.scalars(select(Dispute).where(Dispute.order_id == order_id).order_by(Dispute.id)).all()


def open_ones(session: Session, shop: Shop) -> list[tuple[Dispute, Payment, Order]]:
    """Return what is held back now, the one that must be answered first at the front."""
    query = select(Dispute, Payment, Order).join(Payment, Payment.id == Dispute.payment_id).join(
        Order, Order.id == Dispute.order_id
    ).where(Dispute.shop_id == shop.id, Dispute.state == DisputeState.DISPUTED)  # fmt: skip
    found = [(row[0], row[1], row[2]) for row in session.execute(query)]
    return sorted(
        found, key=lambda row: (row[0].answered_at is not None, row[0].answer_by or date.max, row[0].id)
    )


def can_be_disputed(session: Session, payment: Payment) -> bool:
    """Whether something of this payment lies where it can be held back, and has not been given back yet."""
    return payment.state in HELD and not payment.account.startswith(IN_HAND) and left_of(session, payment) > 0


def needs_answer(dispute: Dispute, shop: Shop, at: datetime) -> bool:
    """Whether it is time to answer: the last day is near, or none is known and two days have gone by."""
    if dispute.state != DisputeState.DISPUTED or dispute.answered_at is not None:
        return False
    if dispute.answer_by is None:
        return at >= dispute.opened_at + SOON
    return shop.business_date(at) >= dispute.answer_by - SOON


def open_dispute(
    tx: Session, shop: Shop, payment_id: int, amount: int, reason: str, *, reference: str = "",
    answer_by: date | None = None, by: Actor, at: datetime,
) -> Dispute:  # fmt: skip
    """Write down that ``amount`` minor units of a payment are held back.

    Raises `Missing`, `Conflict` for money that nobody can hold back, and `Invalid` naming ``amount`` or ``reason``.
    """
    found_in(tx, shop.id, Payment, payment_id)
    order, payment = lock_payment(tx, payment_id)
    if not can_be_disputed(tx, payment):
        raise Conflict(N_("Nothing of this payment can be held back: it was paid in cash, or has gone back."))
    if amount <= 0:
        raise Invalid(N_("Please enter an amount."), field="amount")
    if amount > left_of(tx, payment):
        raise Invalid(N_("That is more than is left of this payment."), field="amount")
    reason = reason_in_full(reason)
    dispute = Dispute(
        shop_id=shop.id, order_id=order.id, payment_id=payment.id, ref=new_ref(), state=DisputeState.DISPUTED,
        amount=amount, currency=payment.currency, account=payment.account, reason=reason,
        reference=reference.strip()[:64], answer_by=answer_by, opened_at=at, opened_by=by.id,
    )  # fmt: skip
    tx.add(dispute)
    tx.flush()
    books.disputed(tx, order, dispute, by=by, at=at)
    _note(tx, dispute, "payment_disputed", by, at)
    return dispute


def answer(tx: Session, shop: Shop, dispute_id: int, said: str, *, by: Actor, at: datetime) -> Dispute:
    """Write down what the shop has answered, below what it answered before. Raises `Invalid` (field ``answer``)."""
    _, _, dispute = _open(tx, shop, dispute_id)
    if not 3 <= len(said.strip()) <= 1000:
        raise Invalid(N_("Please write down what was answered, in 3 to 1000 characters."), field="answer")
    dispute.answer = "\n".join(filter(None, (dispute.answer, said.strip())))
    dispute.answered_at, dispute.answered_by = at, by.id
    _note(tx, dispute, "dispute_answered", by, at)
    return dispute


def win(tx: Session, shop: Shop, dispute_id: int, *, by: Actor, at: datetime) -> Dispute:
    """The money is the shop's: it comes back to where it was.

    What the terms gave the customer of an order that was cancelled meanwhile is owed to them now.
    """
    order, payment, dispute = _open(tx, shop, dispute_id)
    _end(tx, dispute, DisputeState.WON, by=by, at=at)
    books.dispute_won(tx, order, dispute, by=by, at=at)
    if dispute.owed:
        back = new_refund(
            tx, payment, dispute.owed, reason="cancelled", state=RefundState.APPROVED, by=by, at=at
        )
        back.txid_due = dispute.txid_end
        note_refund(tx, back, "refund_approved", by, at)
    _note(tx, dispute, "dispute_won", by, at)
    return dispute


def lose(tx: Session, shop: Shop, dispute_id: int, signed: str, *, by: Actor, at: datetime) -> Dispute:
    """The money is the customer's: what it costs the shop is booked.

    A loss that one person could write alone would hide a theft: who wrote the dispute down, or took the money, cannot
    (`Denied`). ``signed`` is the hash of exactly what was shown (`content`), else `Conflict`.
    """
    order, payment, dispute = _open(tx, shop, dispute_id)
    second(tx, shop, hands_of(dispute, payment), by=by, at=at, order_id=order.id, dispute=dispute.id,
           refusal=N_("Somebody else has to write this loss down: you had it in hand."))  # fmt: skip
    if signed != content(dispute, payment, order):
        raise Conflict(N_("This dispute is not what you saw. Please look at it once more."))
    dispute.signed = signed
    _end(tx, dispute, DisputeState.LOST, by=by, at=at)
    books.dispute_lost(tx, order, dispute, by=by, at=at)
    _note(tx, dispute, "dispute_lost", by, at)
    return dispute


def content(dispute: Dispute, payment: Payment, order: Order) -> str:
    """Return the hash of what a second person agrees to lose: order, instrument, amount and reason."""
    return seal("dispute", order.ref, payment.method, dispute.account, dispute.ref, dispute.amount, dispute.currency,
                dispute.reason, dispute.owed, salt=dispute.salt)  # fmt: skip


def hands_of(dispute: Dispute, payment: Payment) -> tuple[int | None, ...]:
    """Return who had this money, or the dispute, in hand."""
    return dispute.opened_by, payment.taken_by


def may_lose(dispute: Dispute, payment: Payment, *, by: Actor) -> bool:
    """Whether this person may write the loss down, as far as who had it in hand goes; the door asks for the right."""
    return dispute.state == DisputeState.DISPUTED and is_second(hands_of(dispute, payment), by=by)


def _open(tx: Session, shop: Shop, dispute_id: int) -> tuple[Order, Payment, Dispute]:
    found = by_id(tx, shop, dispute_id)
    order = lock_order(tx, found.order_id)
    dispute = held_in(tx, shop.id, Dispute, dispute_id)
    if dispute.state != DisputeState.DISPUTED:
        raise Conflict(N_("This dispute has ended already."))
    return order, tx.get_one(Payment, dispute.payment_id), dispute


def _end(tx: Session, dispute: Dispute, state: DisputeState, *, by: Actor, at: datetime) -> None:
    dispute.state, dispute.ended_at, dispute.ended_by = state, at, by.id
    tx.flush()


def _note(tx: Session, dispute: Dispute, kind: str, by: Actor, at: datetime) -> None:
    tx.flush()
    about = {"dispute": dispute.id, "payment": dispute.payment_id, "amount": dispute.amount}
    record(tx, dispute.shop_id, kind, by=by, at=at, topics=("orders", "money", f"order:{dispute.order_id}"),
           order_id=dispute.order_id, **about)  # fmt: skip
