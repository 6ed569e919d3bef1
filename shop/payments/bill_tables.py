"""Rows of reconciliation: the providers' daily bills, and every line of them beside what the shop has written down."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.keys import new_salt
from shop.core.tables import Base, Id


class Source(StrEnum):
    FETCHED = "fetched"
    UPLOADED = "uploaded"


class Standing(StrEnum):
    """How a line stands to what the shop knows. ``found_later``: it was missing, another bill has it."""

    MATCHED = "matched"
    UNKNOWN_TO_US = "unknown_to_us"
    AMOUNT_DIFFERS = "amount_differs"
    MISSING = "missing_at_provider"
    FOUND_LATER = "found_later"


OPEN = (Standing.UNKNOWN_TO_US, Standing.AMOUNT_DIFFERS, Standing.MISSING)
"""Standings that somebody has to explain."""


class Bill(Base):
    """One file of a provider. ``day`` is the provider's own; ``doc_hash`` the file's SHA-256, under which it is kept.

    ``lines`` is how many stand in the file; those that an earlier file had already are not written twice. ``txid``
    is the entry of the books that says the file came.
    """

    __tablename__ = "bill"
    __table_args__ = (UniqueConstraint("shop_id", "method", "account", "day", "doc_hash"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    method: Mapped[str]
    account: Mapped[str]
    day: Mapped[date]
    doc_hash: Mapped[str]
    size: Mapped[int]
    lines: Mapped[int]
    source: Mapped[str]
    at: Mapped[datetime]
    by_staff: Mapped[int | None] = mapped_column(Id)
    txid: Mapped[str] = mapped_column(default="")


class BilledLine(Base):
    """A line of a bill, or (``missing_at_provider``) something of ours that should stand in it.

    ``key`` tells lines of an account apart, whichever file they came in. ``amount`` is above zero, ``fee`` below zero
    where the provider gives it back; ``gap`` is the money that nobody can explain yet, 0 where it is matched; all in
    minor units. ``payment_id`` is what it is about as far as we know, ``refund_id`` too for a refund; ``dispute_id``
    where it is money that was held back (``kind`` refund) or came back (payment). ``txid`` is the entry that settled
    it. ``salt`` and ``note`` are what the entry of an explanation is the hash of.
    """

    __tablename__ = "billed_line"
    __table_args__ = (
        UniqueConstraint("shop_id", "method", "account", "key"),
        Index("ix_billed_line_standing", "shop_id", "standing"),
        Index("ix_billed_line_once", "payment_id", unique=True,
              sqlite_where=text("standing = 'matched' AND kind = 'payment'"),
              postgresql_where=text("standing = 'matched' AND kind = 'payment'")),
        Index("ix_billed_line_refund", "refund_id", unique=True,
              sqlite_where=text("standing = 'matched'"), postgresql_where=text("standing = 'matched'")),
        Index("ix_billed_line_dispute", "dispute_id", "kind", unique=True,
              sqlite_where=text("standing = 'matched'"), postgresql_where=text("standing = 'matched'")),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    bill_id: Mapped[int] = mapped_column(ForeignKey("bill.id"), index=True)
    method: Mapped[str]
    account: Mapped[str]
    key: Mapped[str]
    kind: Mapped[str]
    trade_no: Mapped[str]
    attempt: Mapped[str]
    refund: Mapped[str]
    amount: Mapped[int]
    fee: Mapped[int]
    gap: Mapped[int]
    currency: Mapped[str]
    at: Mapped[datetime]
    seen_at: Mapped[datetime]
    standing: Mapped[str]
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"))
    refund_id: Mapped[int | None] = mapped_column(ForeignKey("refund.id"))
    dispute_id: Mapped[int | None] = mapped_column(ForeignKey("dispute.id"))
    txid: Mapped[str | None]
    explained_at: Mapped[datetime | None]
    explained_by: Mapped[int | None] = mapped_column(Id)
    note: Mapped[str] = mapped_column(default="")
    salt: Mapped[str] = mapped_column(default="")


class BillCorrection(Base):
    """Something about a line that was written wrongly, and is put right by an entry of its own once two people agree.

    ``kind``: ``fee`` (by ``amount`` minor units, above zero: it was higher), or ``reopened``: what explained the line,
    or attached it to a payment, is taken back; then ``was`` keeps what stood there. ``settled_by`` is the entry that
    a fee was settled with, ``txid`` the one that puts it right.
    """

    __tablename__ = "bill_correction"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    line_id: Mapped[int] = mapped_column(ForeignKey("billed_line.id"), index=True)
    kind: Mapped[str]
    amount: Mapped[int]
    reason: Mapped[str]
    asked_at: Mapped[datetime]
    asked_by: Mapped[int | None] = mapped_column(Id)
    state: Mapped[str] = mapped_column(default="asked")
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(Id)
    settled_by: Mapped[str] = mapped_column(default="")
    txid: Mapped[str | None]
    was: Mapped[dict[str, Any]] = mapped_column(default=dict)
    salt: Mapped[str] = mapped_column(default=new_salt, server_default="")
