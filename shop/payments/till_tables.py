"""Rows of tills: the till, who had it from when to when, every line it rang, and the closed days.

Amounts are minor units of the shop's currency. Lines, counts and closed days are never changed; what was wrong is
put right by a correction, which is an entry of its own.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.keys import new_salt
from shop.core.tables import Base, Id


class LineKind(StrEnum):
    OPENED = "opened"
    CASH_SALE = "cash_sale"
    CARD_SALE = "card_sale"
    CASH_REFUND = "cash_refund"
    CARD_REFUND = "card_refund"
    COURIER_CASH = "courier_cash"
    PAID_IN = "paid_in"
    PAID_OUT = "paid_out"
    SPENT = "spent"
    HIDDEN_TAKEN = "hidden_taken"
    HIDDEN_GIVEN = "hidden_given"
    HIDDEN_BACK = "hidden_back"
    HIDDEN_OUT = "hidden_out"
    COUNTED = "counted"


class Till(Base):
    """A drawer. ``last_number`` is that of its last line, ``shift_id`` the shift that has it open, if any."""

    __tablename__ = "till"
    __table_args__ = (UniqueConstraint("shop_id", "name"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    name: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    last_number: Mapped[int] = mapped_column(BigInteger, default=0)
    shift_id: Mapped[int | None] = mapped_column(Id)


class TillShift(Base):
    """A till from its opening to its count. ``business_date`` is the day whose report it stands in.

    ``float_amount`` came from the safe. ``pieces`` is what was counted, by worth in minor units; ``counted``,
    ``expected`` and ``difference`` (over above zero, short below) are empty until the count is in. ``checked_by``
    is somebody else, who looked at it.
    """

    __tablename__ = "till_shift"
    __table_args__ = (Index("ix_till_shift_day", "shop_id", "business_date"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    till_id: Mapped[int] = mapped_column(ForeignKey("till.id"), index=True)
    business_date: Mapped[date]
    opened_at: Mapped[datetime]
    opened_by: Mapped[int | None] = mapped_column(Id)
    float_amount: Mapped[int]
    first_number: Mapped[int] = mapped_column(BigInteger)
    last_number: Mapped[int | None] = mapped_column(BigInteger)
    counted_at: Mapped[datetime | None]
    counted_by: Mapped[int | None] = mapped_column(Id)
    pieces: Mapped[dict[str, Any]] = mapped_column(default=dict)
    counted: Mapped[int | None]
    expected: Mapped[int | None]
    difference: Mapped[int | None]
    reason: Mapped[str] = mapped_column(default="")
    checked_at: Mapped[datetime | None]
    checked_by: Mapped[int | None] = mapped_column(Id)
    txid: Mapped[str] = mapped_column(default="")
    day_id: Mapped[int | None] = mapped_column(ForeignKey("till_day.id"), index=True)


class TillLine(Base):
    """One line of a till's tape. ``number`` counts from 1 without a gap at each till, for ever.

    ``amount`` is above zero for what came in. Where ``cash`` is false it went through the card terminal and not
    through the drawer. ``cake_id`` is the cake that hidden cash is for. ``txid`` is its entry in the books.
    """

    __tablename__ = "till_line"
    __table_args__ = (UniqueConstraint("till_id", "number"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    till_id: Mapped[int] = mapped_column(ForeignKey("till.id"))
    shift_id: Mapped[int] = mapped_column(ForeignKey("till_shift.id"), index=True)
    number: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    amount: Mapped[int]
    cash: Mapped[bool]
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), index=True)
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"), index=True)
    cake_id: Mapped[int | None] = mapped_column(ForeignKey("cake.id"), index=True)
    note: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    by_staff: Mapped[int | None] = mapped_column(Id)
    txid: Mapped[str]


class CorrectionState(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    DECLINED = "declined"


class TillCorrection(Base):
    """A count that was wrong by ``amount`` (above zero: there was more). Asked by one person, approved by another."""

    __tablename__ = "till_correction"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    shift_id: Mapped[int] = mapped_column(ForeignKey("till_shift.id"), index=True)
    amount: Mapped[int]
    reason: Mapped[str]
    state: Mapped[str] = mapped_column(default=CorrectionState.ASKED)
    asked_at: Mapped[datetime]
    asked_by: Mapped[int | None] = mapped_column(Id)
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(Id)
    txid: Mapped[str] = mapped_column(default="")
    salt: Mapped[str] = mapped_column(default=new_salt, server_default="")


class TillDay(Base):
    """A closed business day. ``report`` is what was sealed, ``doc_hash`` its SHA-256.

    It covers what happened from ``from_at`` until ``until_at`` outside the tills, all shifts that carry its id, and
    the entries of the books from ``from_seq`` to ``to_seq``.
    """

    __tablename__ = "till_day"
    __table_args__ = (UniqueConstraint("shop_id", "day"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    day: Mapped[date]
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]
    from_seq: Mapped[int] = mapped_column(BigInteger)
    to_seq: Mapped[int] = mapped_column(BigInteger)
    closed_at: Mapped[datetime]
    closed_by: Mapped[int | None] = mapped_column(Id)
    report: Mapped[dict[str, Any]]
    doc_hash: Mapped[str]
    txid: Mapped[str]
