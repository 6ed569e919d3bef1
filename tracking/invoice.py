"""An invoice for the holder of the slip: asked for with the PIN, which no photograph of the code shows.

It names its buyer, so it is read with a pass that the PIN gives for some minutes, never with the slip alone.
"""

from typing import Any

from flask import Response, g, request, url_for
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from shop.core.actors import CUSTOMER
from shop.core.errors import Missing
from shop.documents import invoice
from shop.documents.paper import Paper
from shop.documents.reading import paper_of
from shop.orders import pins, progress
from tracking.receipt import has_pass, made_pass
from web.access import Made, go
from web.database import reader
from web.house import keys, now, this_shop
from web.i18n import language
from web.pages import page
from web.papers import as_pdf, document_page


def ask(token: str, wrong: bool = False) -> Response:
    """Show the invoice to whom has the pass; else ask for the PIN, and for the buyer where none is issued yet."""
    if has_pass(g.order, "invoice") and not wrong:
        return _shown(token)
    issued = invoice.issued_for(reader(), g.order)
    why_not = "" if issued else invoice.why_not(reader(), g.order)
    left = pins.tries_left(reader(), g.order, at=now())
    return page(
        "tracking/invoice.html", 422 if wrong else 200, token=token, order=g.order, issued=bool(issued), wrong=wrong,
        why_not=gettext(why_not) if why_not else "", left=left, phone=this_shop().phone,
        typed=request.form, left_words=ngettext("%(num)d try left.", "%(num)d tries left.", left),
    )  # fmt: skip


def _paper() -> Paper:
    """Return the paper that is asked for: by its number, else the invoice that stands, else the last one."""
    issued = invoice.issued_for(reader(), g.order)
    number = request.args.get("number")
    found = [each for each in issued if each.number == number] if number else issued
    if not found:
        raise Missing()
    chosen = next((each for each in found if each.live), found[-1])
    return paper_of(reader(), keys(), this_shop(), chosen, language=language())


def _way(endpoint: str, token: str, **more: str) -> str:
    return url_for(endpoint, token=token, **{"pass": made_pass(g.order, "invoice")}, **more)


def _shown(token: str) -> Response:
    paper = _paper()
    pdf = _way("tracking.invoice_pdf", token, number=paper.number, lang=language())
    others = [each.number for each in invoice.issued_for(reader(), g.order) if each.number != paper.number]
    ways = {number: _way("tracking.invoice_asking", token, number=number) for number in others}
    return document_page(paper, pdf=pdf, back=f"/t/{token}", ways=ways)


def invoice_pdf(token: str) -> Response:
    """The same as a file, for whom has the pass."""
    if not has_pass(g.order, "invoice"):
        return go(f"/t/{token}/invoice")
    return as_pdf(_paper())


def open_it(tx: Session, token: str) -> Made:
    """Compare the PIN and issue the invoice, or count a wrong one. A second tap finds it issued."""
    held = progress.lock_order(tx, g.order.id)
    if not pins.try_pin(tx, held, request.form.get("pin", "")[:20], by=CUSTOMER, at=now()):
        return {"right": False}
    if not invoice.issued_for(tx, held):
        told = (request.form.get(name, "") for name in ("buyer_name", "tax_number", "address"))
        invoice.issue(tx, keys(), this_shop(), held, invoice.Buyer(*told), by=CUSTOMER, at=now())
    return {"right": True}


def show(made: Made, **args: Any) -> Response:
    """Lead to the invoice, or ask again."""
    if not made["right"]:
        return ask(args["token"], wrong=True)
    return go(_way("tracking.invoice_asking", args["token"], lang=language()))
