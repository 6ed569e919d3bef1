"""Discounts of an order: given at the desk or on the order's sheet, and the page where a second person agrees."""

from flask import Response, request, url_for
from flask_babel import gettext

from admin import actions, entries
from admin.around import allowed, me, team_names
from shop.core.permissions import Permission as P
from shop.orders import finding
from shop.orders.tables import Order
from shop.payments import discounts
from shop.payments.discount_tables import Coupon, Discount
from shop.people import four_eyes
from web.access import Door, Made, Once, Session, actor, staff
from web.database import reader
from web.house import now, this_shop
from web.i18n import money
from web.pages import page

GIVE, DECIDE = staff(P.DISCOUNT_GIVE), staff(P.DISCOUNT_APPROVE)
REFUSE = staff(P.DISCOUNT_GIVE, P.DISCOUNT_APPROVE)


def _page_of(row: Discount) -> str:
    return url_for("admin.discount", discount_id=row.id)


def give_discount(tx: Session, order_id: int) -> Made:
    """Take an amount or a percentage off; above the cap the page for the second person opens."""
    order = finding.by_id(tx, this_shop(), order_id)
    row = discounts.give(
        tx, this_shop(), order, percent=entries.number("percent", 0),
        fixed=entries.amount("fixed", gettext("Amount")) or 0, reason=entries.text("reason"), by=actor(), at=now(),
    )  # fmt: skip
    if row.state == "requested":
        return entries.done(_page_of(row), gettext("Somebody else has to agree to it."))
    there = "admin.till_order" if actions.at_the_till() else "admin.order"
    return entries.done(
        url_for(there, order_id=order_id), gettext("%(amount)s taken off.", amount=money(row.amount))
    )


def discount(discount_id: int) -> Response:
    """One discount: exactly what is agreed to, who asked, and what can be done now."""
    row = discounts.by_id(reader(), this_shop(), discount_id)
    order = reader().get_one(Order, row.order_id)
    return page(
        "admin/discount.html", discount=row, order=order, content=discounts.content(row, order),
        decides=allowed(P.DISCOUNT_APPROVE) and discounts.may_decide(row, by=actor(), at=now()),
        same=four_eyes.at_same_browser(reader(), order.id, discount=row.id),
        removable=discounts.may_take_back(reader(), row, order),
        mine=row.requested_by == me().id, people=team_names(),
        coupon=reader().get(Coupon, row.coupon_id) if row.coupon_id else None,
    )  # fmt: skip


def agree_discount(tx: Session, discount_id: int) -> Made:
    """Agree as the second person to exactly what was shown."""
    discounts.approve(tx, this_shop(), discount_id, request.form.get("signed", ""), by=actor(), at=now())
    return entries.done(_page_of(discounts.by_id(tx, this_shop(), discount_id)), gettext("Agreed."))


def refuse_discount(tx: Session, discount_id: int) -> Made:
    """Say no, or take one's own request back."""
    row = discounts.reject(tx, this_shop(), discount_id, by=actor(), at=now())
    return entries.done(_page_of(row), gettext("Not agreed to. The price stays."))


def take_discount_back(tx: Session, discount_id: int) -> Made:
    """Take a discount back that was given by mistake."""
    row = discounts.take_back(tx, this_shop(), discount_id, by=actor(), at=now())
    return entries.done(
        url_for("admin.order", order_id=row.order_id), gettext("Taken back. The price is the old one.")
    )


DOORS = [
    Door("POST", "/orders/<int:order_id>/discounts", give_discount, GIVE, Once.KEY, form=actions.pay_form),
    Door("GET", "/discounts/<int:discount_id>", discount, staff(P.PAYMENT_SEE)),
    Door("POST", "/discounts/<int:discount_id>/agreement", agree_discount, DECIDE, Once.KEY, form=discount),
    Door("POST", "/discounts/<int:discount_id>/refusal", refuse_discount, REFUSE, Once.KEY, form=discount),
    Door("POST", "/discounts/<int:discount_id>/end", take_discount_back, GIVE, Once.KEY, form=discount),
]
