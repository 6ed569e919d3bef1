"""Papers for the customer, from the order's sheet: the receipt, on screen, on paper and as PDF."""

from flask import Response, request, url_for

from shop.core.permissions import Permission as P
from shop.documents.paper import Paper
from shop.documents.receipt import receipt_of
from shop.orders.finding import by_id
from web.access import Door, staff
from web.database import reader
from web.house import this_shop
from web.i18n import known
from web.papers import as_pdf, document_page

SEE = staff(P.PAYMENT_SEE)


def _receipt(order_id: int) -> Paper:
    shop = this_shop()
    order = by_id(reader(), shop, order_id)
    return receipt_of(reader(), shop, order, language=known(request.args.get("lang")) or order.language)


def receipt(order_id: int) -> Response:
    """The receipt to print, in the customer's language unless another is asked for."""
    paper = _receipt(order_id)
    pdf = url_for("admin.receipt_pdf", order_id=order_id, lang=paper.language)
    return document_page(paper, pdf=pdf, back=url_for("admin.order", order_id=order_id))


def receipt_pdf(order_id: int) -> Response:
    """The same as a file."""
    return as_pdf(_receipt(order_id))


DOORS = [
    Door("GET", "/orders/<int:order_id>/receipt", receipt, SEE),
    Door("GET", "/orders/<int:order_id>/receipt.pdf", receipt_pdf, SEE),
]
