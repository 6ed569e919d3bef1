"""Out of order: a part of a station (the second oven) that cannot be used for a while, and back early.

While it lasts its places are not there: not for promises, not for the plan, not for what is foreseen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import Actor, ActorKind
from shop.core.belonging import held_in
from shop.core.errors import N_, Conflict, Invalid
from shop.core.events import record
from shop.core.types import LOCALES, Words, say, to_minute
from shop.menu.editing.pen import mine
from shop.menu.tables import Station
from shop.orders.tables import Order
from shop.people.shops import Shop, renew
from shop.planning.reservations.floor import Job, Laid, Step
from shop.production.tables import OPEN, Outage, Task

LONGEST = timedelta(days=30)
LONGEST_REASON = 120
REMEMBERED = timedelta(days=30)
TOPICS = ("kitchen", "plan", "alarms")
BEYOND = -(10**12)
"""What stands in an engine for an outage is numbered from here down: no cake and no hold is."""


@dataclass(frozen=True)
class Down:
    """A part of a station, out of order from ``begins`` to ``ends``. ``places`` cakes or trays would fit into it;
    ``words`` name it ("Oven 2", or the station alone where it has one part)."""

    outage_id: int
    station_id: int
    unit: int
    places: int
    begins: datetime
    ends: datetime
    words: Words
    reason: str = ""


def stop_unit(
    tx: Session, shop: Shop, station_id: int, unit: int, until: datetime, *, by: Actor, at: datetime,
    since: datetime | None = None, reason: str = "",
) -> Outage:  # fmt: skip
    """Take a part of a station out of order until a time, from now on or from ``since``.

    One that is out of order already gets the new end. Raises `Invalid` (fields ``unit``, ``until``, ``reason``).
    """
    station = mine(tx, shop, Station, station_id)
    since = max(at, since or at)
    if not 0 <= unit < max(1, station.units):
        raise Invalid(N_("This station has no such part."), field="unit")
    if not since < until <= at + LONGEST:
        raise Invalid(N_("Please choose an end after the beginning, within 30 days."), field="until")
    if len(reason) > LONGEST_REASON:
        raise Invalid(N_("Please keep this under %(n)s characters."), field="reason", n=LONGEST_REASON)
    row = next((o for o in _open(tx, shop, at) if (o.station_id, o.unit) == (station.id, unit)), None)
    was = row.until if row is not None else None
    if row is None or row.since > since:
        row = Outage(shop_id=shop.id, station_id=station.id, unit=unit, since=since, reason=reason)
        row.made_by = by.id if by.kind == ActorKind.STAFF else None
        tx.add(row)
    row.until, row.reason = until, reason or row.reason
    tx.flush()
    renew(tx, shop.id)
    record(
        tx, shop.id, "unit_stopped", by=by, at=at, topics=TOPICS, sound="risk", stations=[station.id], outage=row.id,
        station=station.id, unit=unit, minutes=(until - since) // timedelta(minutes=1), changed=was is not None,
    )  # fmt: skip
    return row


def back_in_order(tx: Session, shop: Shop, outage_id: int, *, by: Actor, at: datetime) -> Outage:
    """It works again, earlier than thought. Raises `Missing`, and `Conflict` where it is over already."""
    row = held_in(tx, shop.id, Outage, outage_id)
    if row.ended_at is not None or row.until <= at:
        raise Conflict(N_("This works again already."))
    row.ended_at, row.ended_by = at, by.id if by.kind == ActorKind.STAFF else None
    tx.flush()
    renew(tx, shop.id)
    record(
        tx, shop.id, "unit_mended", by=by, at=at, topics=TOPICS, stations=[row.station_id], outage=row.id,
        station=row.station_id, unit=row.unit,
    )  # fmt: skip
    return row


def units_down(session: Session, shop: Shop, since: datetime, until: datetime) -> list[Down]:
    """Return what is out of order at some time between ``since`` and ``until``, soonest first."""
    query = (
        select(Outage, Station)
        .join(Station, Station.id == Outage.station_id)
        .where(Outage.shop_id == shop.id, Outage.since < until, Outage.until > since)
        .order_by(Outage.since, Outage.id)
    )
    return [
        _down(row, station)
        for row, station in session.execute(query)
        if (row.ended_at or row.until) > max(since, row.since)
    ]


def shut_jobs(downs: Sequence[Down]) -> list[Job]:
    """Return outages as what an engine knows: work that has begun, never moves and takes the whole part."""
    return [
        Job(
            BEYOND - down.outage_id, 0, to_minute(down.ends), to_minute(down.begins),
            (Step("down", down.station_id, to_minute(down.ends) - to_minute(down.begins), down.places),),
            [Laid(to_minute(down.begins), to_minute(down.ends), down.unit)], 1,
        )
        for down in downs
        if to_minute(down.ends) > to_minute(down.begins)
    ]  # fmt: skip


def touched(session: Session, shop: Shop, down: Down) -> list[Order]:
    """Return the orders that have work planned into it, or at work in it, while it is out of order."""
    query = (
        select(Order)
        .join(Task, Task.order_id == Order.id)
        .where(
            Task.shop_id == shop.id, Task.station_id == down.station_id, Task.unit == down.unit, Task.state.in_(OPEN),
            Task.planned_start < down.ends, Task.planned_end > down.begins,
        )
        .order_by(Order.due_at, Order.id)
        .distinct()
    )  # fmt: skip
    return list(session.scalars(query))


def history(session: Session, shop: Shop, *, at: datetime) -> list[tuple[Outage, Words]]:
    """Return what was out of order in the last 30 days and is over, newest first, each with its name."""
    query = (
        select(Outage, Station)
        .join(Station, Station.id == Outage.station_id)
        .where(Outage.shop_id == shop.id, Outage.since > at - REMEMBERED)
        .order_by(Outage.id.desc())
        .limit(50)
    )
    return [
        (row, unit_words(station, row.unit))
        for row, station in session.execute(query)
        if (row.ended_at or row.until) <= at
    ]


def unit_words(station: Station, unit: int) -> Words:
    """Return what a part of a station is called: "Oven 2"; the station alone where it has one part."""
    number = f" {unit + 1}" if station.units > 1 else ""
    return {language: f"{say(station.names, language)}{number}" for language in LOCALES}


def _down(row: Outage, station: Station) -> Down:
    places = max(1, station.places // max(1, station.units))
    ends = min(row.until, row.ended_at or row.until)
    words = unit_words(station, row.unit)
    return Down(row.id, station.id, row.unit, places, row.since, ends, words, row.reason)


def _open(tx: Session, shop: Shop, at: datetime) -> list[Outage]:
    query = select(Outage).where(Outage.shop_id == shop.id, Outage.until > at, Outage.ended_at.is_(None))
    return list(tx.scalars(query.order_by(Outage.id).with_for_update()))
