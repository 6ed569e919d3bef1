"""Another amount came than was asked for: one page that says what came, and the two ways out."""

from flask import Response, url_for
from flask_babel import gettext
from sqlalchemy import select

from admin import entries
from admin.money_words import words
from shop.core.errors import Missing
from shop.core.permissions import Permission as P
from shop.orders.tables import Order
from shop.payments import mismatch as mismatches
from shop.payments.tables import Payment
from web.access import Door, Made, Once, Session, actor, staff
from web.database import reader
from web.house import now, this_shop
from web.pages import page


def mismatch(payment_id: int) -> Response:
    """What was asked and what came."""
    mine = select(Payment).where(Payment.id == payment_id, Payment.shop_id == this_shop().id)
    payment = reader().scalars(mine.where(Payment.came.is_not(None))).one_or_none()
    if payment is None:
        raise Missing()
    order = reader().get_one(Order, payment.order_id)
    ways = {"open": mismatches.is_open(payment), "back": mismatches.can_send_back(payment)}
    return page("admin/mismatch.html", payment=payment, order=order, **ways, **words())


def send_back(tx: Session, payment_id: int) -> Made:
    """Let what came go back."""
    refund = mismatches.send_back(tx, this_shop(), payment_id, by=actor(), at=now())
    return entries.done(url_for("admin.refund", refund_id=refund.id), gettext("It goes back."))


def settle_elsewhere(tx: Session, payment_id: int) -> Made:
    """Write down that it was settled with the provider."""
    mismatches.settle_elsewhere(tx, this_shop(), payment_id, entries.text("note"), by=actor(), at=now())
    return entries.done(url_for("admin.mismatch", payment_id=payment_id), gettext("Written down."))


SEE, DECIDE = staff(P.PAYMENT_SEE), staff(P.REFUND_APPROVE)
DOORS = [
    Door("GET", "/payments/<int:payment_id>/mismatch", mismatch, SEE),
    Door("POST", "/payments/<int:payment_id>/return", send_back, DECIDE, Once.KEY, form=mismatch),
    Door("POST", "/payments/<int:payment_id>/elsewhere", settle_elsewhere, DECIDE, Once.KEY, form=mismatch),
]
