"""Who has which work, who is asked for which, and what is mine: what the boards and a baker's phone show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session

from shop.core.matching import Reason
from shop.core.types import Words
from shop.orders.tables import Cake, Line, Order
from shop.people.offers import Offer
from shop.people.shops import Shop
from shop.people.staff import Staff
from shop.production.offers import offered_to
from shop.production.tables import TO_BEGIN, Task, TaskState


@dataclass(frozen=True)
class Ask:
    """An offer that waits for somebody's answer, with why it is them."""

    task_id: int
    staff_id: int
    name: str
    kind: str
    number: str
    names: Words
    inch: int
    minutes: int
    until: datetime
    begin_by: datetime
    reasons: Sequence[Reason]


@dataclass(frozen=True)
class Mine:
    """Work that somebody has begun or claimed; ``running`` ones first."""

    task_id: int
    version: int
    code: str
    kind: str
    number: str
    names: Words
    inch: int
    running: bool
    ready: bool
    planned_start: datetime
    latest_start: datetime
    due_at: datetime


def taken_at(session: Session, shop: Shop, station_id: int) -> dict[int, tuple[int, str]]:
    """Return (who, their name) of the claimed work of a station, by task."""
    query = (
        select(Task.id, Staff.id, Staff.name)
        .join(Staff, Staff.id == Task.claimed_by)
        .where(Task.shop_id == shop.id, Task.station_id == station_id, Task.state.in_(TO_BEGIN))
    )
    return {task_id: (staff_id, name) for task_id, staff_id, name in session.execute(query)}


def asks_at(
    session: Session, shop: Shop, *, station_id: int | None = None, staff_id: int | None = None
) -> list[Ask]:
    """Return the offers of a station, or of one person, that wait for an answer, the oldest first."""
    offers = offered_to(session, shop)
    if not offers:
        return []
    names = {s.id: s.name for s in session.scalars(select(Staff).where(Staff.shop_id == shop.id))}
    query = _rows(shop).where(Task.id.in_(offers), Task.state.in_(TO_BEGIN), Task.claimed_by.is_(None))
    if station_id is not None:
        query = query.where(Task.station_id == station_id)
    rows = {row.id: row for row in session.execute(query)}
    found = [(offer, rows[task_id]) for task_id, offer in offers.items() if task_id in rows]
    return [_ask(offer, row, names) for offer, row in found if staff_id in (None, offer.staff_id)]


def _ask(offer: Offer, row: Row[Any], names: dict[int, str]) -> Ask:
    reasons = [Reason(0, sentence, params) for sentence, params in offer.reasons]
    staff_id = offer.staff_id or 0
    return Ask(
        row.id, staff_id, names.get(staff_id, ""), row.kind, f"{row.letter}-{row.counter:03d}", row.names, row.inch,
        row.minutes, offer.until or offer.made_at, row.latest_start, reasons,
    )  # fmt: skip


def mine(session: Session, shop: Shop, staff_id: int) -> list[Mine]:
    """Return what somebody is at, and what they have claimed, by planned start."""
    at_it = (Task.state == TaskState.RUNNING) & (Task.started_by == staff_id)
    taken = Task.state.in_(TO_BEGIN) & (Task.claimed_by == staff_id)
    query = _rows(shop).where(or_(at_it, taken)).order_by(Task.planned_start, Task.id)
    found = [
        Mine(
            row.id, row.version, row.code, row.kind, f"{row.letter}-{row.counter:03d}", row.names, row.inch,
            row.state == TaskState.RUNNING, row.state == TaskState.READY, row.planned_start, row.latest_start,
            row.due_at,
        )
        for row in session.execute(query)
    ]  # fmt: skip
    return sorted(found, key=lambda it: not it.running)


def _rows(shop: Shop) -> Any:
    return (
        select(
            Task.id, Task.version, Task.kind, Task.state, Task.minutes, Task.planned_start, Task.latest_start,
            Task.due_at, Order.letter, Order.counter, Cake.code, Line.names, Line.inch,
        )
        .join(Order, Order.id == Task.order_id)
        .join(Cake, Cake.id == Task.cake_id)
        .join(Line, Line.id == Cake.line_id)
        .where(Task.shop_id == shop.id)
    )  # fmt: skip


__all__ = ["Ask", "Mine", "asks_at", "mine", "taken_at"]
