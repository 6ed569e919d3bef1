"""Payments and refunds due: plain rows with their final states, until the ledger takes them over."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.tables import Base, Id


class PaymentState(StrEnum):
    CREATED = "created"
    PENDING = "pending"
    CAPTURED = "captured"
    SETTLED = "settled"
    FAILED = "failed"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


class Payment(Base):
    """One attempt to pay. ``tendered`` is what the customer handed over in cash; ``reference`` a terminal's."""

    __tablename__ = "payment"
    __table_args__ = (CheckConstraint("amount > 0", name="amount"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    method: Mapped[str]
    state: Mapped[str]
    amount: Mapped[int]
    currency: Mapped[str]
    tendered: Mapped[int | None]
    reference: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime]
    captured_at: Mapped[datetime | None]
    taken_by: Mapped[int | None] = mapped_column(Id)


class RefundDue(Base):
    """Money the shop owes back after a cancellation; paid out by the original instrument."""

    __tablename__ = "refund_due"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), unique=True)
    amount: Mapped[int]
    state: Mapped[str] = mapped_column(default="due")
    reason: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime]
