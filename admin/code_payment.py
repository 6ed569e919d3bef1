"""The customer's phone shows a code, the counter scans it: charged at once, or when the customer has agreed.

The attempt is a row before the provider hears of the code, which is kept nowhere.
"""

import re
from typing import Any

from flask import Response, g, make_response, request, url_for
from flask_babel import gettext

from admin import entries
from admin.actions import pay_form
from shop.core.errors import N_, Invalid, Missing
from shop.core.permissions import Permission as P
from shop.orders.finding import by_id
from shop.payments.asking import charge_code
from shop.payments.online import begin, drop
from shop.payments.providers import ONLINE, Online
from shop.payments.tables import Payment
from web.access import Door, Made, Once, Session, actor, go, staff
from web.database import reader
from web.house import house, now, this_shop
from web.pages import page
from web.providers import office_of

TAKE, KEY = staff(P.PAYMENT_TAKE), Once.KEY


def read_code(order_id: int) -> tuple[str, Online]:
    """Look at the code that was scanned, ahead of everything; raises `Invalid` (field ``code``)."""
    code = re.sub(r"[\s-]", "", request.form.get("code", "")[:60])
    way = house().providers.of_code(code, by_id(reader(), this_shop(), order_id).currency)
    if way is None:
        wrong = N_("This is no payment code. Please scan the code that the customer’s phone shows now.")
        raise Invalid(wrong, field="code")
    return code, way


def pay_by_code(tx: Session, order_id: int) -> Made:
    """Begin to charge the phone; the code itself goes no further than this request."""
    _, way = g.before
    provider = house().providers.get(way.key)
    if provider is None:
        raise Missing()
    row, amount = by_id(tx, this_shop(), order_id), entries.amount("amount", gettext("Amount"))
    made = begin(tx, this_shop(), row, way.key, row.balance if amount is None else amount, account=provider.account,
                 by_code=True, by=actor(), at=now())  # fmt: skip
    return {"payment": made.id}


def charged(made: Made, order_id: int) -> Response:
    """Now that the attempt is written down, charge the phone; the same form again charges nothing."""
    charge_code(office_of(house()), made["payment"], g.before[0])
    return go(url_for("admin.code_payment", order_id=order_id, payment_id=made["payment"]))


def code_payment(order_id: int, payment_id: int) -> Response:
    """How it stands: the page asks again by itself until the money is there, or will not come."""
    shown = _shown(order_id, payment_id)
    if shown["payment"].counted:
        return go(url_for("admin.paid", order_id=order_id, payment_id=payment_id))
    if request.args.get("seen") == shown["payment"].seen:
        return make_response("", 204)
    return page("admin/code_payment.html", **shown)


def _shown(order_id: int, payment_id: int) -> dict[str, Any]:
    row = by_id(reader(), this_shop(), order_id)
    payment = reader().get(Payment, payment_id)
    if payment is None or payment.order_id != row.id or payment.attempt is None:
        raise Missing()
    return {"order": row, "payment": payment, "way": ONLINE[payment.method]}


def stop_paying(tx: Session, order_id: int) -> Made:
    """End the payment by phone that is under way; what was paid in the moment between is counted or goes back."""
    row = by_id(tx, this_shop(), order_id)
    drop(tx, this_shop(), row, by=actor(), at=now())
    return entries.done(url_for("admin.till_order", order_id=order_id), gettext("It is being ended."))


DOORS = [
    Door("POST", "/orders/<int:order_id>/code-payment", pay_by_code, TAKE, KEY, charged, before=read_code,
         form=pay_form),
    Door("GET", "/orders/<int:order_id>/code-payment/<int:payment_id>", code_payment, TAKE),
    Door("POST", "/orders/<int:order_id>/phone-payment/end", stop_paying, TAKE, KEY, form=pay_form),
]  # fmt: skip
