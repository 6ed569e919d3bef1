"""An invoice or a credit note as it is read: from what was kept when it was issued, never from today's order."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.keys import Keys
from shop.documents.paper import Paper, Part, Row
from shop.documents.receipt import moment
from shop.documents.sale import sale_rows, total_rows
from shop.documents.seller import seller_lines
from shop.documents.tables import Document, DocumentKind
from shop.documents.words import price, said
from shop.ledger.checkpoints import WITNESS
from shop.ledger.tables import Entry
from shop.people.persons import reveal
from shop.people.shops import Shop
from shop.people.staff import Person

OWN_PAPERS = {"CNY": "not_fapiao", "TWD": "not_tongyi_fapiao"}
"""Where a tax office issues its own numbered paper, this one says plainly that it is another."""


def paper_of(session: Session, keys: Keys, shop: Shop, document: Document, *, language: str) -> Paper:
    """Return a document that was issued: the same for ever, but for the name of a buyer who was erased.

    An invoice also tells the credit notes that were issued for it since.
    """
    facts = json.loads(document.said)
    credit = document.kind == DocumentKind.CREDIT_NOTE
    seq, leaf = session.execute(select(Entry.seq, Entry.leaf_hash).where(Entry.txid == document.txid)).one()
    notes = [
        said(OWN_PAPERS[document.currency], language) if document.currency in OWN_PAPERS else "",
        said("unchanged", language, hash=document.doc_hash),
        said("witness", language, seq=seq, leaf=leaf[:WITNESS]),
        said("why_witness", language),
    ]
    return Paper(
        language=language,
        title=said(document.kind, language),
        number=document.number,
        made_at=document.issued_at,
        seller=seller_lines(facts["seller"], language),
        facts=(*_taken_back(session, shop, document, language), *_facts(shop, document, facts, language)),
        parts=(Part(_credited(shop, facts, language) if credit else sale_rows(facts["sale"], language)),),
        notes=tuple(filter(None, notes)),
        buyer=_buyer(keys, session.get(Person, document.buyer_id), language),
    )


def _taken_back(session: Session, shop: Shop, document: Document, language: str) -> Iterator[tuple[str, str]]:
    """Tell what was taken back of an invoice: all of it, and by which credit notes."""
    notes = list(session.scalars(select(Document).where(Document.of_id == document.id).order_by(Document.id)))
    if notes and not document.live:
        yield said("taken_back", language), ""
    for note in notes:
        told = (note.number, moment(shop, note.issued_at)[:10], price(-note.total, note.currency))
        yield said("credit_note", language), " · ".join(told)


def _facts(
    shop: Shop, document: Document, facts: dict[str, Any], language: str
) -> tuple[tuple[str, str], ...]:
    order = facts["order"]
    told = [
        (said("number", language), document.number),
        (said("issued", language), moment(shop, document.issued_at)),
        (said("order", language), f"{order['number']} · {order['day']}"),
    ]
    if facts.get("handed_over"):
        told.append(
            (said("handed_over", language), moment(shop, datetime.fromisoformat(facts["handed_over"])))
        )
    if "of" in facts:
        told.append((said("of_invoice", language), facts["of"]["number"]))
        told.append((said("why_credit", language), said(f"credit_{facts['reason']}", language)))
    return tuple(told)


def _credited(shop: Shop, facts: dict[str, Any], language: str) -> tuple[Row, ...]:
    of, sale = facts["of"], facts["sale"]
    day = moment(shop, datetime.fromisoformat(of["issued_at"]))[:10]
    words = said("credited", language, number=of["number"], day=day)
    return (Row(words, price(-sale["total"], sale["currency"])), *total_rows(sale, language, sign=-1))


def _buyer(keys: Keys, person: Person | None, language: str) -> tuple[str, ...]:
    told = reveal(keys, person) if person is not None else None
    if told is None or not told.name:
        return (said("buyer", language), said("erased", language))
    number = said("tax_number", language, what=told.tax_number) if told.tax_number else ""
    return tuple(filter(None, (said("buyer", language), told.name, number, told.address)))
