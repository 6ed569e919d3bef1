"""Rows of what comes off a price: coupons, and each discount of an order, given by a person or by a coupon."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.keys import new_salt
from shop.core.tables import Base, Id
from shop.payments.off import Off


class DiscountState(StrEnum):
    """A discount waits for a second person (``requested``), or takes something off (``given``)."""

    REQUESTED = "requested"
    GIVEN = "given"
    REJECTED = "rejected"
    LAPSED = "lapsed"
    TAKEN_BACK = "taken_back"


class Coupon(Base):
    """A code that takes something off. ``code`` is as printed, ``key`` as it is compared.

    ``percent`` or ``fixed`` (minor units), not more than ``most``, for orders from ``least`` on. ``uses`` counts all
    orders, ``uses_each`` those of one phone number, ``budget`` is the money it may give in all; 0 is without limit.
    ``products`` and ``inches`` empty: all cakes. ``begins`` and ``ends`` are business days, both inclusive.
    """

    __tablename__ = "coupon"
    __table_args__ = (UniqueConstraint("shop_id", "key"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    code: Mapped[str]
    key: Mapped[str]
    names: Mapped[dict[str, str]]
    percent: Mapped[int] = mapped_column(default=0)
    fixed: Mapped[int] = mapped_column(default=0)
    most: Mapped[int] = mapped_column(default=0)
    least: Mapped[int] = mapped_column(default=0)
    begins: Mapped[date | None]
    ends: Mapped[date | None]
    products: Mapped[list[str]] = mapped_column(default=list)
    inches: Mapped[list[Any]] = mapped_column(default=list)
    uses: Mapped[int] = mapped_column(default=0)
    uses_each: Mapped[int] = mapped_column(default=0)
    budget: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(Id)

    @property
    def off(self) -> Off:
        """What it takes off a price."""
        return Off(
            self.percent, self.fixed, self.most, frozenset(self.products), frozenset(map(int, self.inches))
        )


class Discount(Base):
    """One discount of an order: ``percent`` or ``fixed`` (minor units); ``amount`` is what it takes off now.

    ``signed`` is the seal of exactly what a second person agreed to, made with its ``salt``; ``txid`` is its entry.
    """

    __tablename__ = "discount"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="amount"),
        Index("ix_discount_open", "shop_id", "state"),
    )
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    coupon_id: Mapped[int | None] = mapped_column(ForeignKey("coupon.id"), index=True)
    percent: Mapped[int] = mapped_column(default=0)
    fixed: Mapped[int] = mapped_column(default=0)
    amount: Mapped[int]
    reason: Mapped[str] = mapped_column(default="")
    state: Mapped[str]
    made_at: Mapped[datetime]
    requested_by: Mapped[int | None] = mapped_column(Id)
    decided_by: Mapped[int | None] = mapped_column(Id)
    decided_at: Mapped[datetime | None]
    signed: Mapped[str] = mapped_column(default="")
    salt: Mapped[str] = mapped_column(default=new_salt, server_default="")
    txid: Mapped[str] = mapped_column(default="", server_default="")
