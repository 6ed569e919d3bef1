"""The rows of the books. Entries, postings and checkpoints are only ever added: the database itself refuses more."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.tables import Base, Id


class Entry(Base):
    """One thing that happened to money, a leaf of the log. Every column is hashed, see `shop.ledger.canonical`.

    ``seq`` counts from 1 without a gap. ``txid`` is random and is what a money row keeps. ``order_ref`` is an
    order's random reference, ``doc_hash`` the SHA-256 of a document, ``rules_hash`` that of the rules applied.
    ``data`` is canonical JSON without personal data. ``prev_hash`` and ``leaf_hash`` are hexadecimal.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (Index("ix_ledger_entry_day", "business_date"),)
    seq: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    txid: Mapped[str] = mapped_column(unique=True)
    shop_id: Mapped[int] = mapped_column(Id)
    kind: Mapped[str]
    business_date: Mapped[date]
    at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[int | None] = mapped_column(Id)
    device_id: Mapped[int | None] = mapped_column(Id)
    order_ref: Mapped[str | None] = mapped_column(index=True)
    doc_hash: Mapped[str | None]
    rules_hash: Mapped[str | None]
    data: Mapped[str]
    prev_hash: Mapped[str]
    leaf_hash: Mapped[str]


_ENTRY = ForeignKey("ledger_entry.seq", deferrable=True, initially="DEFERRED")


class Posting(Base):
    """``amount`` minor units of ``currency`` to one account: debit above zero, credit below."""

    __tablename__ = "ledger_posting"
    __table_args__ = (Index("ix_ledger_posting_account", "account", "seq"),)
    seq: Mapped[int] = mapped_column(_ENTRY, primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str]
    currency: Mapped[str]
    amount: Mapped[int] = mapped_column(BigInteger)


class Account(Base):
    """An account that has been opened; its opening is an entry of its own, this row only finds it again."""

    __tablename__ = "ledger_account"
    code: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    opened_seq: Mapped[int] = mapped_column(BigInteger)


class Head(Base):
    """The end of the log: its size, the last leaf, and the tree's right edge. Only ever one row.

    ``edge`` holds the roots of the perfect subtrees the log is made of, largest first, hexadecimal.
    """

    __tablename__ = "ledger_head"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(BigInteger)
    last_hash: Mapped[str]
    last_at: Mapped[datetime | None]
    edge: Mapped[list[Any]]


class Checkpoint(Base):
    """A signed tree head: ``note`` is the whole text as it is handed out (C2SP note with one Ed25519 line)."""

    __tablename__ = "ledger_checkpoint"
    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    root: Mapped[str]
    reason: Mapped[str]
    note: Mapped[str]
