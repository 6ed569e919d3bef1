"""An order's timeline: every event of it, with who did it and which stage it was about."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import ActorKind
from shop.core.events import Event
from shop.orders.tables import Order
from shop.people.staff import Device, Staff


@dataclass(frozen=True)
class TimelineEntry:
    """``kind`` in the past tense; ``who`` is a name, or the kind of actor for customers and the system."""

    at: datetime
    kind: str
    who: str
    actor_kind: str
    device: str
    stage: str
    cake_id: int | None
    data: dict[str, Any]


def timeline(session: Session, order: Order) -> list[TimelineEntry]:
    """Return what happened to an order, oldest first."""
    query = (
        select(Event, Staff.name, Device.name)
        .outerjoin(Staff, (Staff.id == Event.actor_id) & (Event.actor_kind == ActorKind.STAFF))
        .outerjoin(Device, Device.id == Event.device_id)
        .where(Event.order_id == order.id)
        .order_by(Event.seq)
    )
    return [
        TimelineEntry(
            event.at,
            event.kind,
            staff or "",
            event.actor_kind,
            device or "",
            event.data.get("stage", ""),
            event.cake_id,
            event.data,
        )
        for event, staff, device in session.execute(query)
    ]
