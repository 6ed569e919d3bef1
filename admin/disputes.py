"""Disputes: a payment that the bank holds back, from its letter to how it ended."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext
from sqlalchemy import select

from admin import entries
from admin.around import allowed, team_names
from admin.money_words import words
from shop.core.belonging import found_in
from shop.core.permissions import Permission as P
from shop.ledger.tables import Entry
from shop.orders.tables import Order
from shop.payments import disputes
from shop.payments.bill_tables import BilledLine
from shop.payments.owed import left_of
from shop.payments.tables import Payment
from shop.people import four_eyes
from web.access import Door, Made, Once, Session, actor, staff
from web.database import reader
from web.house import now, this_shop
from web.pages import page


def disputes_of(order: Order) -> dict[str, Any]:
    """Return what the sheet of an order says of its disputes."""
    return {"disputes": disputes.of_order(reader(), order.id)}


def may_dispute(payments: Sequence[Payment]) -> dict[str, Any]:
    """Return which of an order's payments this person may say are held back."""
    may = allowed(P.REFUND_APPROVE)
    return {"disputable": [each for each in payments if may and disputes.can_be_disputed(reader(), each)]}


def new_dispute(payment_id: int) -> Response:
    """The form for the letter: how much of this payment is held back, why, and until when to answer."""
    payment = found_in(reader(), this_shop().id, Payment, payment_id)
    order = reader().get_one(Order, payment.order_id)
    can = disputes.can_be_disputed(reader(), payment)
    return page("admin/dispute_new.html", payment=payment, order=order, can=can, left=left_of(reader(), payment),
                today=this_shop().business_date(now()), **words())  # fmt: skip


def open_dispute(tx: Session, payment_id: int) -> Made:
    """Write down what the letter says."""
    row = disputes.open_dispute(
        tx, this_shop(), payment_id, entries.amount("amount", gettext("Amount")) or 0, entries.text("reason"),
        reference=entries.text("reference", 64), answer_by=_answer_by(), by=actor(), at=now(),
    )  # fmt: skip
    return entries.done(_at(row.id), gettext("Written down."))


def _answer_by() -> date | None:
    return entries.day("answer_by") if request.form.get("answer_by") else None


def dispute(dispute_id: int) -> Response:
    """One dispute: what is held back and why, what helps to answer, and what can be done now."""
    session = reader()
    held = disputes.by_id(session, this_shop(), dispute_id)
    order, payment = session.get_one(Order, held.order_id), session.get_one(Payment, held.payment_id)
    seqs = select(Entry.seq).where(Entry.txid.in_(filter(None, (held.txid_open, held.txid_end))))
    lines = select(BilledLine).where(BilledLine.dispute_id == held.id).order_by(BilledLine.id)
    return page(
        "admin/dispute.html", dispute=held, order=order, payment=payment, people=team_names(),
        content=disputes.content(held, payment, order), seqs=list(session.scalars(seqs.order_by(Entry.seq))),
        may=allowed(P.REFUND_APPROVE), may_lose=disputes.may_lose(held, payment, by=actor()),
        soon=disputes.needs_answer(held, this_shop(), now()), lines=list(session.scalars(lines)),
        same=four_eyes.at_same_browser(session, order.id, dispute=held.id), **words(),
    )  # fmt: skip


def _at(dispute_id: int) -> str:
    return url_for("admin.dispute", dispute_id=dispute_id)


def answer_dispute(tx: Session, dispute_id: int) -> Made:
    """Write down what was answered."""
    disputes.answer(tx, this_shop(), dispute_id, entries.text("answer", 1000), by=actor(), at=now())
    return entries.done(_at(dispute_id), gettext("Written down."))


def win_dispute(tx: Session, dispute_id: int) -> Made:
    """The money is the shop's."""
    disputes.win(tx, this_shop(), dispute_id, by=actor(), at=now())
    return entries.done(_at(dispute_id), gettext("The money is yours again."))


def lose_dispute(tx: Session, dispute_id: int) -> Made:
    """The money is the customer's, says a second person."""
    disputes.lose(tx, this_shop(), dispute_id, request.form.get("signed", ""), by=actor(), at=now())
    return entries.done(_at(dispute_id), gettext("The loss is written down."))


SEE, DECIDE = staff(P.PAYMENT_SEE), staff(P.REFUND_APPROVE)
ONCE = Once.KEY
DOORS = [
    Door("GET", "/payments/<int:payment_id>/dispute", new_dispute, DECIDE),
    Door("POST", "/payments/<int:payment_id>/dispute", open_dispute, DECIDE, ONCE, form=new_dispute),
    Door("GET", "/disputes/<int:dispute_id>", dispute, SEE),
    Door("POST", "/disputes/<int:dispute_id>/answer", answer_dispute, DECIDE, ONCE, form=dispute),
    Door("POST", "/disputes/<int:dispute_id>/won", win_dispute, DECIDE, ONCE, form=dispute),
    Door("POST", "/disputes/<int:dispute_id>/lost", lose_dispute, DECIDE, ONCE, form=dispute),
]
