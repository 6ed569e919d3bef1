"""The receipt, for as long as the order is kept: after the last four digits of the phone that was left."""

from typing import Any

from flask import Response, g, request
from flask_babel import ngettext
from sqlalchemy.orm import Session

from shop.core.actors import CUSTOMER
from shop.core.errors import Missing
from shop.orders import pins, progress
from shop.orders.finding import sheet
from shop.payments import METHODS
from tracking.following import is_short
from web.access import Made, go
from web.database import reader
from web.house import keys, now, this_shop
from web.pages import page


def ask(token: str, wrong: bool = False) -> Response:
    """Ask for the digits; before the page is short it shows the price anyway."""
    if not is_short(g.order, now()) or not pins.has_phone(reader(), g.order):
        return go(f"/t/{token}")
    left = pins.tries_left(reader(), g.order, at=now())
    words = ngettext("%(num)d try left.", "%(num)d tries left.", left)
    return page(
        "tracking/receipt_ask.html", 422 if wrong else 200, token=token, left=left, left_words=words, wrong=wrong,
        phone=this_shop().phone,
    )  # fmt: skip


def open_it(tx: Session, token: str) -> Made:
    """Compare the digits; wrong ones are counted."""
    held = progress.lock_order(tx, g.order.id)
    if not is_short(held, now()):
        raise Missing()
    digits = request.form.get("digits", "")[:20]
    return {"right": pins.try_last_four(tx, keys(), held, digits, by=CUSTOMER, at=now())}


def show(made: Made, **args: Any) -> Response:
    """Show the receipt, or ask again."""
    if not made["right"]:
        return ask(args["token"], wrong=True)
    return page(
        "tracking/receipt.html", token=args["token"], sheet=sheet(reader(), g.order), order=g.order, shop=this_shop(),
        methods=METHODS,
    )  # fmt: skip
