"""The papers of a month in the order of their numbers, with their sums: what an accountant asks for first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.documents.tables import Document, DocumentKind
from shop.orders.tables import Order
from shop.people.shops import Shop


@dataclass(frozen=True)
class Journal:
    """``rows`` are (document, order, its total with its sign). Sums in minor units, credit notes taken off."""

    rows: Sequence[tuple[Document, Order, int]]
    total: int
    tax: int


def journal_of(session: Session, shop: Shop, month: date) -> Journal:
    """Return what was issued in the month of this day, by the shop's own calendar."""
    first = month.replace(day=1)
    begin, _ = shop.day_bounds(first)
    end, _ = shop.day_bounds(following(first))
    query = (
        select(Document, Order)
        .join(Order, Order.id == Document.order_id)
        .where(Document.shop_id == shop.id, Document.issued_at >= begin, Document.issued_at < end)
        .order_by(Document.kind.desc(), Document.year, Document.counter)
    )
    found = [(document, order, _sign(document)) for document, order in session.execute(query)]
    return Journal(
        rows=[(document, order, sign * document.total) for document, order, sign in found],
        total=sum(sign * document.total for document, _, sign in found),
        tax=sum(sign * document.tax for document, _, sign in found),
    )


def _sign(document: Document) -> int:
    return 1 if document.kind == DocumentKind.INVOICE else -1


def following(first: date) -> date:
    """Return the first day of the next month."""
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def before(first: date) -> date:
    """Return the first day of the month before."""
    return date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1)
