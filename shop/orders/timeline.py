"""An order's timeline: every event of it, with who did it and which stage it was about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import ActorKind
from shop.core.events import Event
from shop.orders.tables import Order
from shop.people.staff import Device, Staff

MURMURS = frozenset({
    "plan_changed", "alarm_raised", "alarm_repeated", "alarm_changed", "alarm_ended", "moves_suggested",
    "task_offered", "offer_lapsed", "offer_unanswered", "drop_offered", "drop_lapsed", "drop_unanswered",
})  # fmt: skip
"""What the shop's computer does by itself, many times over, while people do something twice an hour."""
MANY = 3


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

    @property
    def murmur(self) -> bool:
        """Whether nobody did it, and it is one of many."""
        return self.actor_kind == ActorKind.SYSTEM and self.kind in MURMURS


def runs(lines: Sequence[TimelineEntry]) -> list[list[TimelineEntry]]:
    """Return the entries, newest first; what the computer did many times in a row stands together."""
    found: list[list[TimelineEntry]] = []
    for murmur, together in groupby(reversed(lines), key=lambda entry: entry.murmur):
        row = list(together)
        found += [row] if murmur and len(row) >= MANY else [[entry] for entry in row]
    return found


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
