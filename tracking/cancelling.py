"""Cancelling by the customer: with the PIN that is not on the code, while nothing has been started."""

from typing import Any

from flask import Response, g, request
from flask_babel import ngettext
from sqlalchemy.orm import Session

from shop.core.actors import CUSTOMER
from shop.core.errors import N_, Conflict
from shop.orders import pins, progress
from shop.orders.tables import OrderState
from web.access import Made, go
from web.database import reader
from web.house import now, this_shop
from web.pages import page


def ask(token: str, wrong: bool = False) -> Response:
    """Show what cancelling means, and ask for the PIN."""
    if not progress.can_cancel(g.order):
        return go(f"/t/{token}")
    left = pins.tries_left(reader(), g.order, at=now())
    words = ngettext("%(num)d try left.", "%(num)d tries left.", left)
    return page(
        "tracking/cancel.html", 422 if wrong else 200, token=token, order=g.order, left=left, left_words=words,
        wrong=wrong, phone=this_shop().phone,
    )  # fmt: skip


def cancel(tx: Session, token: str) -> Made:
    """Cancel, or count a wrong PIN. A second tap finds the order cancelled and is content."""
    held = progress.lock_order(tx, g.order.id)
    if held.state == OrderState.CANCELLED:
        return {"go": f"/t/{token}"}
    if not progress.can_cancel(held):
        raise Conflict(N_("The kitchen has already started. Please call the shop."))
    pin = request.form.get("pin", "")[:20]
    if not pins.try_pin(tx, held, pin, by=CUSTOMER, at=now()):
        return {"wrong": True}
    progress.cancel(tx, this_shop(), held, by=CUSTOMER, at=now(), reason="customer", pin=held.pin)
    return {"go": f"/t/{token}"}


def cancelled(made: Made, **args: Any) -> Response:
    """Lead back to the page, or ask again."""
    return ask(args["token"], wrong=True) if made.get("wrong") else go(made["go"])
