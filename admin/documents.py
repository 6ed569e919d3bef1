"""Papers for the customer, from the order's sheet: receipt, invoice, credit note, on screen, on paper and as PDF."""

from datetime import date
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext

from admin import entries
from admin.around import allowed
from shop.core.errors import Missing
from shop.core.permissions import Permission as P
from shop.documents import invoice
from shop.documents.due import due_of
from shop.documents.journal import before, following, journal_of
from shop.documents.paper import Paper
from shop.documents.reading import paper_of
from shop.documents.receipt import receipt_of
from shop.documents.tables import Document
from shop.orders.finding import by_id
from shop.orders.tables import Order
from web.access import Door, Made, Once, Session, actor, staff
from web.database import reader
from web.house import keys, now, this_shop
from web.i18n import known
from web.pages import page
from web.papers import as_pdf, document_page

SEE, READ, ISSUE = staff(P.PAYMENT_SEE), staff(P.INVOICE_SEE), staff(P.INVOICE_ISSUE)


def papers_of(row: Order) -> dict[str, Any]:
    """Return what the order's sheet says of its invoices, for whom may read them."""
    if not allowed(P.INVOICE_SEE):
        return {"papers": [], "credit_due": None}
    return {"papers": invoice.issued_for(reader(), row), "credit_due": due_of(reader(), row)}


def _tongue(row: Order) -> str:
    """Return the language of a paper: the customer's unless another is asked for."""
    return known(request.args.get("lang")) or row.language


def _receipt(order_id: int) -> Paper:
    row = by_id(reader(), this_shop(), order_id)
    return receipt_of(reader(), this_shop(), row, language=_tongue(row))


def receipt(order_id: int) -> Response:
    """The receipt to print, in the customer's language unless another is asked for."""
    paper = _receipt(order_id)
    pdf = url_for("admin.receipt_pdf", order_id=order_id, lang=paper.language)
    return document_page(paper, pdf=pdf, back=url_for("admin.order", order_id=order_id))


def receipt_pdf(order_id: int) -> Response:
    """The same as a file."""
    return as_pdf(_receipt(order_id))


def invoices(order_id: int) -> Response:
    """What was issued for an order, and the form for its invoice, or why there can be none now."""
    row = by_id(reader(), this_shop(), order_id)
    return page("admin/invoice.html", order=row, **papers_of(row),
                why_not=invoice.why_not(reader(), row), worth=invoice.worth(reader(), row))  # fmt: skip


def issue_invoice(tx: Session, order_id: int) -> Made:
    """Issue the invoice."""
    buyer = invoice.Buyer(
        *(entries.text(name, invoice.LONGEST) for name in ("buyer_name", "tax_number", "address"))
    )
    row = by_id(tx, this_shop(), order_id)
    made = invoice.issue(tx, keys(), this_shop(), row, buyer, by=actor(), at=now())
    said = gettext("Invoice %(number)s is issued.", number=made.number)
    return entries.done(url_for("admin.document", document_id=made.id), said)


def credit_invoice(tx: Session, order_id: int, document_id: int) -> Made:
    """Take an invoice back: all that is left of it, or what is due because money went back."""
    if invoice.by_id(tx, this_shop(), document_id).order_id != order_id:
        raise Missing()
    whole = not entries.ticked("due")
    made = invoice.credit(tx, keys(), this_shop(), document_id, whole=whole, by=actor(), at=now())
    said = gettext("Credit note %(number)s is issued.", number=made.number)
    return entries.done(url_for("admin.invoices", order_id=order_id), said)


def _read(document_id: int) -> tuple[Document, Paper]:
    found = invoice.by_id(reader(), this_shop(), document_id)
    tongue = _tongue(reader().get_one(Order, found.order_id))
    return found, paper_of(reader(), keys(), this_shop(), found, language=tongue)


def document(document_id: int) -> Response:
    """An invoice or a credit note to print."""
    found, paper = _read(document_id)
    pdf = url_for("admin.document_pdf", document_id=document_id, lang=paper.language)
    beside = invoice.issued_for(reader(), reader().get_one(Order, found.order_id))
    ways = {
        each.number: url_for("admin.document", document_id=each.id) for each in beside if each.id != found.id
    }
    return document_page(paper, pdf=pdf, back=url_for("admin.invoices", order_id=found.order_id), ways=ways)


def document_pdf(document_id: int) -> Response:
    """The same as a file."""
    return as_pdf(_read(document_id)[1])


def journal() -> Response:
    """What was issued in a month, with the sums; an address without a month is this one's."""
    today = this_shop().business_date(now())
    try:
        chosen = date.fromisoformat(f"{request.args.get('month', '')}-01")
    except ValueError:
        chosen = today
    month = (chosen if 2000 <= chosen.year < 2100 else today).replace(day=1)
    after = following(month)
    return page("admin/journal.html", journal=journal_of(reader(), this_shop(), month), month=month,
                before=before(month), after=after if after <= today else None)  # fmt: skip


DOORS = [
    Door("GET", "/invoices", journal, READ),
    Door("GET", "/orders/<int:order_id>/receipt", receipt, SEE),
    Door("GET", "/orders/<int:order_id>/receipt.pdf", receipt_pdf, SEE),
    Door("GET", "/orders/<int:order_id>/invoice", invoices, READ),
    Door("POST", "/orders/<int:order_id>/invoice", issue_invoice, ISSUE, Once.KEY, form=invoices),
    Door("POST", "/orders/<int:order_id>/invoice/<int:document_id>/credit", credit_invoice, ISSUE, Once.KEY,
         form=invoices),
    Door("GET", "/documents/<int:document_id>", document, READ),
    Door("GET", "/documents/<int:document_id>.pdf", document_pdf, READ),
]  # fmt: skip
