"""Attempts to pay, refunds, and what the providers told us."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.keys import new_salt
from shop.core.tables import Base, Id


class PaymentState(StrEnum):
    """trust.md section 6. ``unknown`` ends only by asking the provider; ``captured_late`` came for a dead order."""

    CREATED = "created"
    PENDING = "pending"
    CAPTURED = "captured"
    SETTLED = "settled"
    FAILED = "failed"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    CAPTURED_LATE = "captured_late"


LIVE = (PaymentState.CREATED, PaymentState.PENDING, PaymentState.UNKNOWN)
"""Attempts whose end is not known: somebody may be paying at this moment."""
COUNTED = (PaymentState.CAPTURED, PaymentState.SETTLED)
"""Payments that count towards their order."""


class RefundState(StrEnum):
    """A refund needs a second person (``requested``), or may be paid out (``approved``) and is (``refunded``)."""

    REQUESTED = "requested"
    APPROVED = "approved"
    SENT = "sent"
    UNKNOWN = "unknown"
    REFUNDED = "refunded"
    FAILED = "failed"
    REJECTED = "rejected"
    LAPSED = "lapsed"


class Payment(Base):
    """One attempt to pay. ``tendered`` is what the customer handed over in cash; ``reference`` a terminal's.

    ``attempt`` is the random number under which a provider knows it, ``trade_no`` the provider's own. ``qr`` is
    what the customer scans. ``ask_at`` is when the provider is asked next, ``asked`` how often that was.
    ``unknown_since`` is when its state became ``unknown``. ``by_code``: the customer's own code was scanned.
    ``came`` and ``came_in`` are what the provider said was paid where that is another amount or currency than asked.
    ``account`` is where the money landed in the books, ``txid`` the entry that says so.
    """

    __tablename__ = "payment"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_payment_ask", "ask_at"),
        Index("ix_payment_state", "shop_id", "state"),
        Index("ix_payment_account", "shop_id", "account", "made_at"),
    )
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
    attempt: Mapped[str | None] = mapped_column(unique=True)
    trade_no: Mapped[str] = mapped_column(default="", server_default="")
    qr: Mapped[str] = mapped_column(default="", server_default="")
    expires_at: Mapped[datetime | None]
    ask_at: Mapped[datetime | None]
    asked: Mapped[int] = mapped_column(default=0, server_default="0")
    trouble: Mapped[str] = mapped_column(default="", server_default="")
    unknown_since: Mapped[datetime | None]
    by_code: Mapped[bool] = mapped_column(default=False, server_default="0")
    came: Mapped[int | None]
    came_in: Mapped[str] = mapped_column(default="", server_default="")
    account: Mapped[str] = mapped_column(default="", server_default="")
    txid: Mapped[str | None] = mapped_column(index=True)

    @property
    def counted(self) -> bool:
        """Whether it counts towards its order."""
        return self.state in COUNTED

    @property
    def seen(self) -> str:
        """What a customer's screen shows of this attempt, so that nothing is sent twice."""
        return f"{self.id}-{self.state}-{self.trouble}-{bool(self.qr)}"


class Refund(Base):
    """Money the shop owes back, to the instrument it came from.

    ``ref`` is the random number under which a provider knows it. ``signed`` is the hash of exactly what the second
    person agreed to. ``txid_due`` is the entry that made it owed, ``txid_paid`` the one that paid it.
    """

    __tablename__ = "refund"
    __table_args__ = (
        UniqueConstraint("payment_id", "ref"),
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_refund_ask", "ask_at"),
        Index("ix_refund_open", "shop_id", "state"),
    )
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), index=True)
    ref: Mapped[str]
    amount: Mapped[int]
    currency: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    state: Mapped[str]
    made_at: Mapped[datetime]
    requested_by: Mapped[int | None] = mapped_column(Id)
    decided_by: Mapped[int | None] = mapped_column(Id)
    decided_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    signed: Mapped[str] = mapped_column(default="")
    salt: Mapped[str] = mapped_column(default=new_salt, server_default="")
    reference: Mapped[str] = mapped_column(default="")
    ask_at: Mapped[datetime | None]
    asked: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str] = mapped_column(default="")
    account: Mapped[str] = mapped_column(default="")
    txid_due: Mapped[str | None]
    txid_paid: Mapped[str | None]


class ProviderEvent(Base):
    """A notice a provider sent, once: ``key`` is the provider's number for it; ``box`` the raw body, encrypted."""

    __tablename__ = "provider_event"
    __table_args__ = (UniqueConstraint("method", "key"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    method: Mapped[str]
    key: Mapped[str]
    attempt: Mapped[str] = mapped_column(index=True)
    box: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]
