"""Payments that a customer's bank or the provider holds back."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.keys import new_salt
from shop.core.tables import Base, Id


class DisputeState(StrEnum):
    """trust.md section 6: ``disputed`` ends as ``won`` or ``lost``, and stays so."""

    DISPUTED = "disputed"
    WON = "won"
    LOST = "lost"


GONE = (DisputeState.DISPUTED, DisputeState.LOST)
"""Disputes whose money the shop does not have."""


class Dispute(Base):
    """A payment, or ``amount`` minor units of it, that is held back until somebody decides whose it is.

    ``reference`` is the case's number there, ``answer_by`` the day until which the shop must answer; ``answer`` is what
    it did answer. ``owed`` is what the terms of a cancelled order give its customer of this money, should it come back.
    ``txid_open`` is the entry that says it is held back, ``txid_end`` how it ended; ``signed`` is the hash of what the
    second person agreed to lose. ``ref`` is a random number that the books name it by.
    """

    __tablename__ = "dispute"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_dispute_state", "shop_id", "state"),
    )
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), index=True)
    ref: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str]
    amount: Mapped[int]
    currency: Mapped[str]
    account: Mapped[str]
    reason: Mapped[str]
    reference: Mapped[str] = mapped_column(default="")
    answer_by: Mapped[date | None]
    opened_at: Mapped[datetime]
    opened_by: Mapped[int | None] = mapped_column(Id)
    answer: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(Id)
    owed: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(Id)
    signed: Mapped[str] = mapped_column(default="")
    salt: Mapped[str] = mapped_column(default=new_salt)
    txid_open: Mapped[str] = mapped_column(default="")
    txid_end: Mapped[str | None]
