"""Invoices and credit notes that were issued, and the numbers given so far."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.tables import Base, Id

LIVE = text("live AND kind = 'invoice'")


class DocumentKind(StrEnum):
    """An invoice, or the note that takes some or all of one back."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class Document(Base):
    """What was issued, for good: ``said`` is its canonical JSON, ``doc_hash`` the SHA-256 of that, as in the books.

    Amounts in minor units of ``currency``; ``tax`` is the tax in ``total``. ``counter`` counts without a gap in its
    shop, kind and ``year`` (the shop's own). A credit note is ``of_id`` its invoice. The buyer's name is a person's
    and in no column here. ``live`` is an invoice of which something is left: an order has at most one.
    """

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("shop_id", "kind", "year", "counter"),
        UniqueConstraint("shop_id", "number"),
        Index("ix_document_live", "order_id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        CheckConstraint("total > 0 AND tax >= 0", name="amounts"),
    )
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    kind: Mapped[str]
    year: Mapped[int]
    counter: Mapped[int]
    number: Mapped[str]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    of_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"), index=True)
    buyer_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    total: Mapped[int]
    tax: Mapped[int]
    currency: Mapped[str]
    issued_at: Mapped[datetime]
    said: Mapped[str]
    doc_hash: Mapped[str]
    txid: Mapped[str]
    live: Mapped[bool]


class DocumentCounter(Base):
    """The last number given to a kind of document in a year of the shop."""

    __tablename__ = "document_counter"
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]
