"""Paying what is still due, from the customer's own phone: the provider's page opens, this one waits for the money."""

from flask import Response, g, make_response, request
from sqlalchemy.orm import Session

from shop.core.actors import CUSTOMER
from shop.core.errors import N_, Invalid
from shop.orders.tables import Order
from shop.payments.machine import WAITING
from shop.payments.online import begin, last_attempt
from shop.payments.providers import ONLINE, Online
from shop.payments.tables import LIVE
from shop.printing.qr import qr_svg
from web.access import Made, go
from web.database import reader
from web.house import house, now, this_shop
from web.pages import page


def ways(order: Order) -> list[Online]:
    """Return how the rest of an order can be paid online; none when nothing is due."""
    due = order.balance and order.state in WAITING
    return house().providers.offered(order.currency) if due else []


def pay(token: str) -> Response:
    """Show the ways to pay what is due, or where the payment that was begun stands; asks again by itself."""
    order: Order = g.order
    tried = last_attempt(reader(), order)
    if not order.balance or order.state not in WAITING:
        return go(f"/t/{token}")
    if tried is not None and tried.state not in LIVE:
        tried = None
    seen = tried.seen if tried else "none"
    if request.args.get("seen") == seen:
        return make_response("", 204)
    return page(
        "tracking/pay.html", token=token, order=order, ways=ways(order), tried=tried, seen=seen,
        qr=qr_svg(tried.qr) if tried and tried.qr else "", way=ONLINE.get(tried.method) if tried else None,
    )  # fmt: skip


def begin_to_pay(tx: Session, token: str) -> Made:
    """Begin to pay all that is due. A second tap finds the payment that is open."""
    method = request.form.get("method", "")
    provider = house().providers.get(method)
    order = tx.get_one(Order, g.order.id)
    if provider is None or all(way.key != method for way in ways(order)):
        raise Invalid(N_("Please choose how it is paid."), field="method")
    begin(tx, this_shop(), order, method, order.balance, account=provider.account, by=CUSTOMER, at=now())
    return {"go": f"/t/{token}/pay"}


def begun(made: Made, **args: str) -> Response:
    """Lead to the payment."""
    return go(made["go"])
