"""Issuing invoices, and taking them back by credit notes. docs/decisions/0015 says why it is done like this.

What is issued is kept as canonical JSON in all languages and never changes; the books keep its hash. The buyer's
name, tax number and address are a person's of their own: the document holds only a fingerprint of them that nobody
can make again once that person is erased.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.belonging import found_in
from shop.core.errors import N_, Conflict, Invalid
from shop.core.events import record
from shop.core.keys import Keys
from shop.documents.sale import UNSOLD, sale_facts
from shop.documents.seller import rate_at, seller_facts
from shop.documents.tables import Document, DocumentKind
from shop.documents.tax import tax_in
from shop.ledger import post
from shop.ledger.canonical import canonical, stamp
from shop.orders.finding import sheet
from shop.orders.progress import lock_order
from shop.orders.tables import GIVEN, Order
from shop.payments.tables import Payment, Refund
from shop.people.persons import fingerprint, keep_person
from shop.people.shops import Shop
from shop.people.staff import Person

FORM = {kind: f"fairslice/{kind}/v1" for kind in DocumentKind}
PREFIX = {DocumentKind.INVOICE: "INV", DocumentKind.CREDIT_NOTE: "CN"}
LONGEST = 120


@dataclass(frozen=True)
class TaxNumber:
    """How long a tax number is, and what else may stand in it beside letters and digits."""

    low: int
    high: int
    signs: str = ""

    @property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(f"[0-9A-Za-z{self.signs}]{{{self.low},{self.high}}}")


TAX_NUMBERS = {"CNY": TaxNumber(15, 20), "TWD": TaxNumber(8, 8)}
"""Of the buyers of a shop, by its currency; elsewhere they look as different as the countries."""
ANY_TAX_NUMBER = TaxNumber(5, 30, "./-")
_NEXT = text(
    "INSERT INTO document_counter (shop_id, kind, year, last) VALUES (:shop, :kind, :year, 1) "
    "ON CONFLICT (shop_id, kind, year) DO UPDATE SET last = document_counter.last + 1 RETURNING last"
)


@dataclass(frozen=True)
class Buyer:
    """Whom an invoice is for: a person or a company as it stands in its papers."""

    name: str
    tax_number: str = ""
    address: str = ""


def issued_for(session: Session, order: Order) -> list[Document]:
    """Return the invoices and credit notes of an order, oldest first."""
    mine = select(Document).where(Document.order_id == order.id).order_by(Document.id)
    return list(session.scalars(mine))


def live_invoice(session: Session, order: Order) -> Document | None:
    """Return the invoice of an order that stands, if there is one."""
    return next((each for each in issued_for(session, order) if each.live), None)


def by_id(session: Session, shop: Shop, document_id: int) -> Document:
    """Return a document of this shop; raises `Missing`."""
    return found_in(session, shop.id, Document, document_id)


def given_back(session: Session, order: Order) -> int:
    """Return what was promised back of the price after the hand-over, minor units.

    Money that came too late or twice goes back too, but was never a part of the price: its refund is owed by the
    very entry that took it.
    """
    mine = select(func.coalesce(func.sum(Refund.amount), 0)).join(Payment, Payment.id == Refund.payment_id)
    return int(session.scalar(mine.where(Refund.order_id == order.id, Refund.txid_due != Payment.txid)) or 0)


def worth(session: Session, order: Order) -> int:
    """Return what of an order can stand in an invoice, minor units: nothing of one that is over unmade."""
    return 0 if order.state in UNSOLD else order.total - given_back(session, order)


def _is_open(order: Order) -> bool:
    """Whether it is too early to invoice an order: its price may change, and it is not all paid."""
    return order.balance > 0 and order.state not in GIVEN


def to_take_back(session: Session, order: Order, invoice: Document) -> int:
    """Return how much of an invoice a credit note is due over, minor units: 0 where it is right.

    What it says too much; all of one that says too little, as soon as a right one can be issued in its place.
    """
    (left, _), sold = left_of(session, invoice), max(0, worth(session, order))
    return left if left < sold and not _is_open(order) else max(0, left - sold)


def why_not(session: Session, order: Order) -> str:
    """Return why no invoice can be issued now, a sentence for `gettext`, "" where one can."""
    if live_invoice(session, order) is not None:
        return N_(
            "This order has an invoice already. A mistake in it is corrected by a credit note and a new one."
        )
    if order.state in UNSOLD:
        return N_("This order is over and nothing of it was sold, so there is nothing to invoice.")
    if _is_open(order):
        return N_("An invoice can be written once the order is paid or handed over.")
    if worth(session, order) <= 0:
        return N_("All of the price went back to the customer, so there is nothing to invoice.")
    return ""


def issue(
    tx: Session, keys: Keys, shop: Shop, order: Order, buyer: Buyer, *, by: Actor, at: datetime
) -> Document:
    """Issue the invoice of an order. Raises `Invalid` naming ``buyer_name``, ``tax_number`` or ``address``, `Conflict`.

    Of many who ask at once one gets it; the others are told that there is one.
    """
    order = lock_order(tx, order.id)
    trouble = why_not(tx, order)
    if trouble:
        raise Conflict(trouble)
    buyer = _checked(buyer, shop.currency)
    person = keep_person(tx, keys, shop, name=buyer.name, phone="", address=buyer.address,
                         tax_number=buyer.tax_number, at=at)  # fmt: skip
    assert person is not None
    rate = rate_at(shop, order.handed_over_at or at)
    sale = sale_facts(sheet(tx, order), rate=rate, given_back=given_back(tx, order))
    facts = {"sale": sale, "handed_over": stamp(order.handed_over_at) if order.handed_over_at else None}
    return _written(tx, keys, shop, order, DocumentKind.INVOICE, sale, facts, person, by=by, at=at)


def credit(
    tx: Session, keys: Keys, shop: Shop, document_id: int, *, whole: bool, by: Actor, at: datetime
) -> Document:
    """Take back an invoice by a credit note: ``whole``, or only what is due (`to_take_back`).

    Raises `Conflict` where nothing is left of it, or nothing is due.
    """
    order = lock_order(tx, by_id(tx, shop, document_id).order_id)
    invoice = tx.get_one(Document, document_id, populate_existing=True)
    left, tax_left = left_of(tx, invoice)
    total = left if whole else to_take_back(tx, order, invoice)
    if invoice.kind != DocumentKind.INVOICE or not total:
        raise Conflict(N_("Nothing of this invoice is to be taken back any more."))
    said = json.loads(invoice.said)
    rate = said["sale"]["rate"]
    tax = tax_left if total == left else min(tax_left, tax_in(total, rate or 0))
    too_much = left - worth(tx, order)
    reason = "cancelled" if order.state in UNSOLD else "refunded" if total == too_much else "mistake"
    sale = {"currency": invoice.currency, "total": total, "tax": tax, "rate": rate}
    of = {"number": invoice.number, "hash": invoice.doc_hash, "issued_at": said["issued_at"]}
    facts = {"sale": sale, "of": of, "reason": reason, "buyer": said["buyer"]}
    invoice.live = left > total
    buyer = tx.get(Person, invoice.buyer_id)
    return _written(
        tx, keys, shop, order, DocumentKind.CREDIT_NOTE, sale, facts, buyer, of=invoice, by=by, at=at
    )


def left_of(session: Session, invoice: Document) -> tuple[int, int]:
    """Return what is left of an invoice after its credit notes, and the tax in that; minor units."""
    given = select(func.coalesce(func.sum(Document.total), 0), func.coalesce(func.sum(Document.tax), 0))
    total, tax = session.execute(given.where(Document.of_id == invoice.id)).one()
    return invoice.total - int(total), invoice.tax - int(tax)


def _checked(buyer: Buyer, currency: str) -> Buyer:
    told = Buyer(**{field: " ".join(what.split()) for field, what in asdict(buyer).items()})
    for field, what in asdict(told).items():
        if len(what) > LONGEST:
            named = "buyer_name" if field == "name" else field
            raise Invalid(N_("Please keep this under %(n)s characters."), field=named, n=LONGEST)
    if not told.name:
        raise Invalid(N_("Please write the name that the invoice is for."), field="buyer_name")
    form = TAX_NUMBERS.get(currency, ANY_TAX_NUMBER)
    if told.tax_number and not form.pattern.fullmatch(told.tax_number.replace(" ", "")):
        raise Invalid(N_("Please check the tax number: it has %(low)s to %(high)s letters and digits, no other signs."),
                      field="tax_number", low=form.low, high=form.high)  # fmt: skip
    return told


def _written(
    tx: Session, keys: Keys, shop: Shop, order: Order, kind: DocumentKind, sale: Mapping[str, Any],
    facts: Mapping[str, Any], buyer: Person | None, *, of: Document | None = None, by: Actor, at: datetime,
) -> Document:  # fmt: skip
    """Give the next number, write what is said and its entry in the books, all in this transaction."""
    year = shop.business_date(at).year
    counter = int(tx.execute(_NEXT, {"shop": shop.id, "kind": kind.value, "year": year}).scalar_one())
    number = f"{PREFIX[kind]}-{year}-{counter:06d}"
    whole = {
        "form": FORM[kind], "number": number, "issued_at": stamp(at), "seller": seller_facts(shop),
        "order": {"number": order.number, "day": order.business_date.isoformat(), "ref": order.ref},
        "buyer": fingerprint(keys, buyer), **facts,
    }  # fmt: skip
    said = canonical(whole)
    doc_hash = sha256(said).hexdigest()
    txid = post(tx, shop.id, f"{kind}_issued", [], currency=order.currency, by=by, at=at, order=order.ref,
                document=doc_hash, number=number, total=sale["total"], tax=sale["tax"])  # fmt: skip
    document = Document(
        shop_id=shop.id, kind=kind, year=year, counter=counter, number=number, order_id=order.id,
        of_id=of.id if of else None, buyer_id=buyer.id if buyer else None, total=sale["total"], tax=sale["tax"],
        currency=order.currency, issued_at=at, said=said.decode(), doc_hash=doc_hash, txid=txid,
        live=kind == DocumentKind.INVOICE,
    )  # fmt: skip
    tx.add(document)
    tx.flush()
    topics = ("orders", "money", f"order:{order.id}")
    record(tx, shop.id, f"{kind}_issued", by=by, at=at, topics=topics, order_id=order.id, document=document.id,
           number=number, amount=document.total)  # fmt: skip
    return document
