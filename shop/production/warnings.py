"""Warnings: a cake that will probably be late, missed starts, stages over their time, silent displays."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.clock import minutes_between
from shop.core.types import Words
from shop.menu.card import MenuCard
from shop.orders.tables import Cake, Line, Order
from shop.people.devices import DeviceKind
from shop.people.shops import Shop
from shop.people.staff import Device, Staff
from shop.production.slack import over_by
from shop.production.tables import Alarm, Task, TaskState

SILENT_SECONDS = 60
LOOK_THERE = "look_there"
"""The move of what no step of ours can mend: somebody has to look at the place itself."""


@dataclass(frozen=True)
class Warning_:
    """What is wrong (``kind``: predicted_late, missed_start, over_time, silent_display), by how many ``minutes``, and
    the ``move``.

    ``names`` are the cake's or the station's words; ``person`` works on it; ``order_id`` leads to it; ``subject``
    says which task, cake or display it is; ``chance`` (percent) stands in a prediction. One that does not ``raises``
    only keeps its alarm alive.
    """

    kind: str
    move: str
    minutes: int
    number: str = ""
    order_id: int | None = None
    station: str = ""
    stage: str = ""
    names: Words | None = None
    person: str = ""
    subject: str = ""
    cake_id: int | None = None
    station_id: int | None = None
    chance: int = 0
    raises: bool = True


def warnings(
    session: Session,
    shop: Shop,
    card: MenuCard,
    *,
    at: datetime,
    station_id: int | None = None,
    most: int = 12,
) -> list[Warning_]:
    """Return what somebody should act on now, worst first; only a station's own with ``station_id``."""
    found = missed_starts(session, shop, card, at, station_id) + over_time(
        session, shop, card, at, station_id
    )
    found.sort(key=lambda warning: -warning.minutes)
    numbers = {warning.number for warning in found}
    ahead = [each for each in _predicted(session, shop, card, station_id) if each.number not in numbers]
    return (silent_displays(session, shop, at) + found + ahead)[:most]


def _predicted(session: Session, shop: Shop, card: MenuCard, station_id: int | None) -> list[Warning_]:
    """Return the alarms about cakes that will probably be late, where their work is now."""
    query = (
        select(Alarm, Order.letter, Order.counter, Line.names, Task.station_id, Task.kind)
        .join(Order, Order.id == Alarm.order_id)
        .join(Cake, Cake.id == Alarm.cake_id)
        .join(Line, Line.id == Cake.line_id)
        .join(Task, (Task.cake_id == Alarm.cake_id) & Task.state.in_((TaskState.READY, TaskState.RUNNING)))
        .where(Alarm.shop_id == shop.id, Alarm.kind == "predicted_late", Alarm.ended_at.is_(None))
        .order_by(Alarm.chance.desc(), Alarm.id)
    )
    if station_id is not None:
        query = query.where(Task.station_id == station_id)
    return [
        Warning_(
            "predicted_late", "look", alarm.minutes, f"{letter}-{counter:03d}", alarm.order_id, _slug(card, station),
            kind, names, subject=alarm.subject, cake_id=alarm.cake_id, station_id=station, chance=alarm.chance,
        )
        for alarm, letter, counter, names, station, kind in session.execute(query)
    ]  # fmt: skip


def missed_starts(
    session: Session, shop: Shop, card: MenuCard, at: datetime, station_id: int | None = None
) -> list[Warning_]:
    """Return the work that could start and should have begun by now."""
    query = (
        select(
            Task.id,
            Task.cake_id,
            Task.station_id,
            Task.kind,
            Task.latest_start,
            Task.state,
            Order.id.label("order_id"),
            Order.letter,
            Order.counter,
            Line.names,
        )
        .join(Order, Order.id == Task.order_id)
        .join(Cake, Cake.id == Task.cake_id)
        .join(Line, Line.id == Cake.line_id)
        .where(Task.shop_id == shop.id, Task.state == TaskState.READY, Task.latest_start < at)
        .order_by(Task.latest_start)
        .limit(50)
    )
    if station_id is not None:
        query = query.where(Task.station_id == station_id)
    return [
        Warning_(
            "missed_start", "start_now", -minutes_between(at, row.latest_start), f"{row.letter}-{row.counter:03d}",
            row.order_id, _slug(card, row.station_id), row.kind, row.names, subject=f"task:{row.id}",
            cake_id=row.cake_id, station_id=row.station_id,
        )
        for row in session.execute(query)
    ]  # fmt: skip


def over_time(
    session: Session, shop: Shop, card: MenuCard, at: datetime, station_id: int | None = None
) -> list[Warning_]:
    """Return the started work that takes a quarter longer than planned, and some minutes."""
    query = (
        select(
            Task.id, Task.cake_id, Task.station_id, Task.kind, Task.state, Task.started_at, Task.minutes,
            Order.id.label("order_id"), Order.letter, Order.counter,
            Line.names, Staff.name.label("person"),
        )
        .join(Order, Order.id == Task.order_id)
        .join(Cake, Cake.id == Task.cake_id)
        .join(Line, Line.id == Cake.line_id)
        .outerjoin(Staff, Staff.id == Task.started_by)
        .where(Task.shop_id == shop.id, Task.state == TaskState.RUNNING, Task.station_id.is_not(None))
    )  # fmt: skip
    if station_id is not None:
        query = query.where(Task.station_id == station_id)
    found = []
    rows: list[Any] = list(session.execute(query))
    for row in rows:
        over = over_by(row, at)
        if over:
            found.append(
                Warning_(
                    "over_time",
                    "finish_or_help",
                    over,
                    f"{row.letter}-{row.counter:03d}",
                    row.order_id,
                    _slug(card, row.station_id),
                    row.kind,
                    row.names,
                    row.person or "",
                    f"task:{row.id}",
                    row.cake_id,
                    row.station_id,
                )
            )
    return found


def silent_displays(session: Session, shop: Shop, at: datetime) -> list[Warning_]:
    """Return the kitchen's displays that have not been heard for a minute, but were today."""
    query = select(Device).where(
        Device.shop_id == shop.id, Device.kind == DeviceKind.KITCHEN, Device.revoked_at.is_(None),
        Device.seen_at < at - timedelta(seconds=SILENT_SECONDS), Device.seen_at > at - timedelta(hours=24),
    )  # fmt: skip
    return [
        Warning_(
            "silent_display",
            "check_display",
            minutes_between(device.seen_at, at),
            station=device.station,
            names={"en": device.name},
            subject=f"device:{device.id}",
        )
        for device in session.scalars(query)
        if device.seen_at is not None
    ]


def _slug(card: MenuCard, station_id: int | None) -> str:
    row = card.stations.get(station_id or 0)
    return row.slug if row else ""
