"""The receipt for the holder of the slip; a day after the hand-over only for who knows the end of the phone number.

The right digits give a pass for some minutes, so that the page can be read again, in another language, and kept.
"""

import hmac
from typing import Any

from flask import Response, g, request, url_for
from flask_babel import ngettext
from sqlalchemy.orm import Session

from shop.core.actors import CUSTOMER
from shop.core.errors import Missing
from shop.documents.receipt import receipt_of
from shop.orders import pins, progress
from shop.orders.tables import Order
from tracking.following import is_short
from web.access import Made, go
from web.database import reader
from web.house import keys, now, this_shop
from web.i18n import language
from web.pages import page
from web.papers import as_pdf, document_page

MINUTES = 15
"""A pass is good for so long, and at most for twice that."""


def made_pass(order: Order, what: str, *, ago: int = 0) -> str:
    """Return the pass of this quarter of an hour (or of one so many quarters ago) to the papers of an order."""
    quarter = int(now().timestamp()) // (MINUTES * 60) - ago
    return keys().token("pass", what, order.id, order.token_version, quarter)


def has_pass(order: Order, what: str) -> bool:
    """Whether the address shows a pass to ``what`` that is still good."""
    shown = request.args.get("pass", "").encode()
    return any(hmac.compare_digest(shown, made_pass(order, what, ago=ago).encode()) for ago in (0, 1))


def is_open(order: Order) -> bool:
    """Whether the receipt may be shown: the page is not short yet, or the digits were right."""
    return not is_short(order, now()) or has_pass(order, "receipt")


def ask(token: str, wrong: bool = False) -> Response:
    """Show the receipt, or ask for the digits; nothing where no phone was left."""
    if is_open(g.order):
        return _shown(token)
    if not pins.has_phone(reader(), g.order):
        return go(f"/t/{token}")
    left = pins.tries_left(reader(), g.order, at=now())
    words = ngettext("%(num)d try left.", "%(num)d tries left.", left)
    return page(
        "tracking/receipt_ask.html", 422 if wrong else 200, token=token, left=left, left_words=words, wrong=wrong,
        phone=this_shop().phone,
    )  # fmt: skip


def _shown(token: str) -> Response:
    shown = request.args.get("pass")
    pdf = url_for("tracking.receipt_pdf", token=token, lang=language(), **({"pass": shown} if shown else {}))
    paper = receipt_of(reader(), this_shop(), g.order, language=language())
    return document_page(paper, pdf=pdf, back=f"/t/{token}")


def receipt_pdf(token: str) -> Response:
    """The receipt as a file, for whom the page is open."""
    if not is_open(g.order):
        return go(f"/t/{token}/receipt")
    return as_pdf(receipt_of(reader(), this_shop(), g.order, language=language()))


def open_it(tx: Session, token: str) -> Made:
    """Compare the digits; wrong ones are counted."""
    held = progress.lock_order(tx, g.order.id)
    if not is_short(held, now()):
        raise Missing()
    digits = request.form.get("digits", "")[:20]
    return {"right": pins.try_last_four(tx, keys(), held, digits, by=CUSTOMER, at=now())}


def show(made: Made, **args: Any) -> Response:
    """Lead to the receipt, or ask again."""
    if not made["right"]:
        return ask(args["token"], wrong=True)
    seen = {"pass": made_pass(g.order, "receipt"), "lang": language()}
    return go(url_for("tracking.receipt_asking", token=args["token"], **seen))
