"""The rows of an order: drafts and holds before it, lines and cakes inside it, and the areas it may go to."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.keys import new_code
from shop.core.tables import Base, Id

ARRIVAL = timedelta(minutes=30)
"""The promised arrival of a delivery is the end of so long a window."""


class OrderState(StrEnum):
    """trust.md section 6; ``draft`` lives in the Draft table."""

    PLACED = "placed"
    CONFIRMED = "confirmed"
    IN_PRODUCTION = "in_production"
    READY = "ready"
    OUT_FOR_DELIVERY = "out_for_delivery"
    HANDED_OVER = "handed_over"
    CLOSED = "closed"
    EXPIRED = "expired"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    DISPOSED = "disposed"
    RESOLD = "resold"


GIVEN = (OrderState.HANDED_OVER, OrderState.CLOSED)
"""The customer has it."""
GIVEN_UP = (OrderState.DISPOSED, OrderState.RESOLD)
"""Nobody fetched it, and nobody will."""
CALLED = tuple(
    state
    for state in OrderState
    if state not in (*GIVEN, *GIVEN_UP, OrderState.EXPIRED, OrderState.REJECTED, OrderState.CANCELLED)
)
"""Its number may still be called out, so no other order gets the same."""


class Fulfilment(StrEnum):
    PICKUP = "pickup"
    DELIVERY = "delivery"


class Area(Base):
    """A district the shop delivers to; its middle as millionths of a degree, ``fee`` in minor units.

    ``minutes`` is the way there where the shop knows it better than `shop.travel` does.
    """

    __tablename__ = "area"
    __table_args__ = (UniqueConstraint("shop_id", "slug"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    slug: Mapped[str]
    names: Mapped[dict[str, str]]
    lat: Mapped[int]
    lng: Mapped[int]
    fee: Mapped[int] = mapped_column(default=0)
    minutes: Mapped[int | None]
    active: Mapped[bool] = mapped_column(default=True)
    sort: Mapped[int] = mapped_column(default=0)


class Draft(Base):
    """An unfinished order of a kiosk or a clerk, encrypted whole; found again by its short code."""

    __tablename__ = "draft"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    code: Mapped[str] = mapped_column(unique=True)
    device_id: Mapped[int | None] = mapped_column(Id, index=True)
    staff_id: Mapped[int | None] = mapped_column(Id, index=True)
    box: Mapped[bytes] = mapped_column(LargeBinary)
    version: Mapped[int] = mapped_column(default=1)
    saved_at: Mapped[datetime]
    until: Mapped[datetime]


class SlotHold(Base):
    """A time kept for a draft for ten minutes; ``plan`` is what it takes of the kitchen."""

    __tablename__ = "slot_hold"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), index=True)
    draft_code: Mapped[str] = mapped_column(unique=True)
    due_at: Mapped[datetime]
    until: Mapped[datetime]
    plan: Mapped[list[Any]]


def _whole(context: Any) -> int:
    total: int = context.get_current_parameters()["total"]
    return total


def _as_due(context: Any) -> datetime:
    due: datetime = context.get_current_parameters()["due_at"]
    return due


class Order(Base):
    """An order. Amounts in minor units of ``currency``; ``token_hash`` finds it from the slip.

    ``ready_by`` is when the kitchen must be done: ``due_at``, earlier by the way there if it is delivered.
    ``total`` is the lines and the ``fee`` of a delivery, less ``discount``. ``partner_id`` is who answers for it.
    ``ref`` names it in the books. ``deposit`` is how much must be paid before the kitchen gets it. ``terms`` are what
    was shown of cancelling when it was placed. ``reminded_at`` is when it was said that the rest is due.
    """

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("shop_id", "business_date", "letter", "counter"),
        UniqueConstraint("shop_id", "channel", "external_id"),
        Index("ix_orders_due", "shop_id", "due_date", "state"),
        Index("ix_orders_open", "shop_id", "state", "due_at"),
        CheckConstraint("total >= 0 AND paid >= 0", name="amounts"),
    )
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    channel: Mapped[str]
    external_id: Mapped[str | None]
    letter: Mapped[str]
    counter: Mapped[int]
    business_date: Mapped[date]
    state: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    fulfilment: Mapped[str]
    due_at: Mapped[datetime]
    due_date: Mapped[date]
    ready_by: Mapped[datetime] = mapped_column(default=_as_due)
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"), index=True)
    travel_minutes: Mapped[int] = mapped_column(default=0, server_default="0")
    fee: Mapped[int] = mapped_column(default=0, server_default="0")
    promised_from: Mapped[datetime | None]
    placed_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    ready_at: Mapped[datetime | None]
    handed_over_at: Mapped[datetime | None]
    pay_until: Mapped[datetime | None]
    total: Mapped[int]
    paid: Mapped[int] = mapped_column(default=0)
    currency: Mapped[str]
    urgent: Mapped[bool] = mapped_column(default=False)
    private: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str]
    allergies: Mapped[list[str]] = mapped_column(default=list)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    token_hash: Mapped[str | None] = mapped_column(unique=True)
    token_version: Mapped[int] = mapped_column(default=1)
    pin: Mapped[str]
    counter_code: Mapped[str | None] = mapped_column(index=True)
    placed_by_kind: Mapped[str]
    placed_by: Mapped[int | None] = mapped_column(Id)
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    reason: Mapped[str] = mapped_column(default="")
    ref: Mapped[str | None] = mapped_column(unique=True, default=lambda: new_code())
    deposit: Mapped[int] = mapped_column(default=_whole, server_default="0")
    discount: Mapped[int] = mapped_column(default=0, server_default="0")
    terms: Mapped[dict[str, Any] | None]
    reminded_at: Mapped[datetime | None]

    @property
    def number(self) -> str:
        """The number for calling out, such as A-042; unique for the day of placing and among all that are open."""
        return f"{self.letter}-{self.counter:03d}"

    @property
    def arrives_from(self) -> datetime | None:
        """The beginning of the window that ends with ``due_at``, for a delivery."""
        return self.due_at - ARRIVAL if self.fulfilment == Fulfilment.DELIVERY else None

    @property
    def way_minutes(self) -> int:
        """Minutes from the kitchen's last touch to the customer's door: handling and travel."""
        return int((self.due_at - self.ready_by).total_seconds()) // 60

    @property
    def balance(self) -> int:
        """What is still to be paid, minor units."""
        return max(0, self.total - self.paid)


class OrderCounter(Base):
    """The last number given for a channel's letter on a business day."""

    __tablename__ = "order_counter"
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), primary_key=True)
    business_date: Mapped[date] = mapped_column(primary_key=True)
    letter: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


class Line(Base):
    """Some cakes of one kind. ``parts`` is the price as a sum: ``[{"words": {...}, "amount": 26800}, ...]``."""

    __tablename__ = "order_line"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    sort: Mapped[int]
    product: Mapped[str]
    names: Mapped[dict[str, str]]
    inch: Mapped[int]
    quantity: Mapped[int]
    options: Mapped[dict[str, str]]
    option_words: Mapped[list[Any]]
    inscription: Mapped[str] = mapped_column(default="")
    candles: Mapped[int] = mapped_column(default=0)
    allergens: Mapped[list[str]]
    look: Mapped[dict[str, str]]
    tiers: Mapped[int] = mapped_column(default=1)
    unit_price: Mapped[int]
    total: Mapped[int]
    parts: Mapped[list[Any]]


class Cake(Base):
    """One physical cake with its own code: one cake, one code.

    ``hidden`` is cash to be put into it, minor units; ``enveloped_at`` is when that was done.
    """

    __tablename__ = "cake"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("order_line.id"))
    code: Mapped[str] = mapped_column(unique=True)
    sort: Mapped[int]
    written_by: Mapped[int | None] = mapped_column(Id)
    written_at: Mapped[datetime | None]
    hidden: Mapped[int] = mapped_column(default=0, server_default="0")
    enveloped_by: Mapped[int | None] = mapped_column(Id)
    enveloped_at: Mapped[datetime | None]


class Comment(Base):
    """What one of the team wrote about an order, perhaps for a colleague: theirs until ``done_at``.

    ``box`` may name the customer: it is locked with the key of ``person_id``, with the master key where there
    is none, so that erasing a customer erases what was written about them.
    """

    __tablename__ = "order_comment"
    __table_args__ = (Index("ix_order_comment_for", "for_id", "done_at"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    for_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    box: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class Onlooker(Base):
    """Who has an order open, when their screen was last heard, and whether they are typing or choosing there."""

    __tablename__ = "order_onlooker"
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    seen_at: Mapped[datetime]
    working: Mapped[bool] = mapped_column(default=False)
