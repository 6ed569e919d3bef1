"""The doors of the customer's room. ``HOLDER`` is whoever shows the token of a slip."""

from flask import Blueprint, Response, request

from shop.core.errors import Missing
from shop.core.permissions import Permission
from tracking import invoice, paying, receipt
from tracking.cakes import cake
from tracking.cancelling import ask, cancel, cancelled
from tracking.pages import HOLDER, SlipHolder, gone, order, order_live, order_region, qr, slip
from web.access import ANYONE, Door, Once, Room
from web.live import hang

KEPT_FOR_SCREENS = 24
"""Sockets that phones leave free for the shop's own displays; beyond that a phone asks every ten seconds."""

WITH_FORM = (
    "tracking.cancelling",
    "tracking.cancel",
    "tracking.receipt_asking",
    "tracking.receipt",
    "tracking.paying",
    "tracking.invoice_asking",
    "tracking.invoice",
)

DOORS = (
    Door("GET", "/t/<token>", order, HOLDER),
    Door("GET", "/t/<token>/region", order_region, HOLDER),
    Door("GET", "/t/<token>/qr.svg", qr, HOLDER),
    Door("GET", "/t/<token>/slip", slip, SlipHolder(permission=Permission.ORDER_HAND_OVER, staff=True)),
    Door("GET", "/t/<token>/cancel", ask, HOLDER, name="cancelling"),
    Door("POST", "/t/<token>/cancel", cancel, HOLDER, once=Once.NATURAL, show=cancelled),
    Door("GET", "/t/<token>/pay", paying.pay, HOLDER, name="paying"),
    Door(
        "POST",
        "/t/<token>/pay",
        paying.begin_to_pay,
        HOLDER,
        once=Once.NATURAL,
        show=paying.begun,
        name="pay",
    ),
    Door("GET", "/t/<token>/receipt", receipt.ask, HOLDER, name="receipt_asking"),
    Door(
        "POST",
        "/t/<token>/receipt",
        receipt.open_it,
        HOLDER,
        once=Once.NATURAL,
        show=receipt.show,
        name="receipt",
    ),
    Door("GET", "/t/<token>/receipt.pdf", receipt.receipt_pdf, HOLDER),
    Door("GET", "/t/<token>/invoice", invoice.ask, HOLDER, name="invoice_asking"),
    Door(
        "POST",
        "/t/<token>/invoice",
        invoice.open_it,
        HOLDER,
        once=Once.NATURAL,
        show=invoice.show,
        name="invoice",
        form=invoice.ask,
    ),
    Door("GET", "/t/<token>/invoice.pdf", invoice.invoice_pdf, HOLDER),
    Door("GET", "/c/<code>", cake, ANYONE),
)


def setup(blueprint: Blueprint) -> None:
    """Hang the socket, answer every wrong address alike, and keep all of it out of stores and search engines."""
    hang(blueprint, "/t/<token>/live", order_live, HOLDER, name="live", reserve=KEPT_FOR_SCREENS)
    blueprint.register_error_handler(Missing, gone)

    @blueprint.after_request
    def keep_out(response: Response) -> Response:
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        if request.endpoint not in WITH_FORM:  # a form must say where it comes from
            response.headers["Referrer-Policy"] = "no-referrer"
        response.headers.setdefault("Cache-Control", "no-store")
        return response


ROOM = Room("tracking", "", DOORS, setup)
