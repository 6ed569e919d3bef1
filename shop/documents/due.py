"""Credit notes that are due: an order with an invoice was cancelled or changed, or some of its price went back."""

from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from shop.documents.invoice import left_of, live_invoice, to_take_back, worth
from shop.documents.sale import UNSOLD
from shop.documents.tables import Document
from shop.orders.tables import Order
from shop.payments.tables import Refund
from shop.people.shops import Shop


@dataclass(frozen=True)
class Due:
    """So much of an invoice, in minor units, is to be taken back; all of one that says ``too_little``."""

    invoice: Document
    order: Order
    amount: int
    too_little: bool


def due_of(session: Session, order: Order) -> Due | None:
    """Return the credit note that is due for an order, None where its invoice is right or there is none."""
    invoice = live_invoice(session, order)
    if invoice is None:
        return None
    amount = to_take_back(session, order, invoice)
    too_little = left_of(session, invoice)[0] < worth(session, order)
    return Due(invoice, order, amount, too_little) if amount else None


def all_due(session: Session, shop: Shop) -> list[Due]:
    """Return every credit note that is due in a shop, the oldest invoice first."""
    refunded = select(Refund.id).where(Refund.order_id == Order.id, Refund.txid_due.is_not(None)).exists()
    changed = or_(Order.state.in_(UNSOLD), Order.total != Document.total, refunded)
    touched = (
        select(Order)
        .join(Document, Document.order_id == Order.id)
        .where(Document.shop_id == shop.id, Document.live, changed)
        .order_by(Document.id)
    )
    found = (due_of(session, order) for order in session.scalars(touched))
    return [due for due in found if due is not None]
