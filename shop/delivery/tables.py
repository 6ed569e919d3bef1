"""A drop is one order on its way; a rider is a courier at work."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.tables import Base, Id


class DropState(StrEnum):
    OPEN = "open"
    OFFERED = "offered"
    CLAIMED = "claimed"
    PICKED_UP = "picked_up"
    ARRIVED = "arrived"
    DELIVERED = "delivered"
    FAILED = "failed"
    RETURNED = "returned"
    VOID = "void"


class Drop(Base):
    """One order on its way. No personal data: the address lies in the customer's boxes.

    ``area_lat`` and ``area_lng`` are the middle of the area (degrees, 1e-6). ``was`` is the state before the last
    step, for undo. ``declined`` are couriers who did not take the offer. ``proof`` is "pin" or a photo's name.
    ``next_step`` is what a failed hand-over goes on with. Amounts are minor units. ``chance`` (percent) is how likely
    it seemed lately that it is late.
    """

    __tablename__ = "drop"
    __table_args__ = (
        Index("ix_drop_state", "shop_id", "state"),
        Index("ix_drop_courier", "courier_id", "state"),
        CheckConstraint("cash_due >= 0 AND cash_taken >= 0", name="cash"),
    )
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), unique=True)
    state: Mapped[str] = mapped_column(default=DropState.OPEN)
    was: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)
    courier_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    stop: Mapped[int] = mapped_column(default=0)
    offered_to: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    offered_until: Mapped[datetime | None]
    declined: Mapped[list[Any]] = mapped_column(default=list)
    alarmed_at: Mapped[datetime | None]
    area: Mapped[str] = mapped_column(default="")
    area_names: Mapped[dict[str, str]] = mapped_column(default=dict)
    area_lat: Mapped[int | None]
    area_lng: Mapped[int | None]
    minutes: Mapped[int] = mapped_column(default=0)
    cakes: Mapped[int] = mapped_column(default=1)
    cold: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime]
    moved_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    picked_up_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    wait_until: Mapped[datetime | None]
    out_of_cold_since: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")
    next_step: Mapped[str] = mapped_column(default="")
    cash_due: Mapped[int] = mapped_column(default=0)
    cash_taken: Mapped[int] = mapped_column(default=0)
    proof: Mapped[str] = mapped_column(default="")
    chance: Mapped[int | None]


class Rider(Base):
    """When a courier's phone was last heard."""

    __tablename__ = "rider"
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), index=True)
    seen_at: Mapped[datetime]
