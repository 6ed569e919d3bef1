"""What is short: nobody on shift for work that comes due, a room with more in it than fits, work nobody answers for."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Any

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from shop.core.clock import minutes_between
from shop.core.types import Words, to_minute
from shop.menu.stages import STAGE_WORDS
from shop.menu.tables import Station
from shop.orders.tables import Cake, Line, Order
from shop.people.hours import anybody_has_hours, spans_on
from shop.people.shops import Shop
from shop.production.offers import unanswered
from shop.production.tables import TO_BEGIN, Task, TaskState
from shop.production.warnings import Warning_

SOON = timedelta(minutes=60)
"""Work that must begin within the hour needs somebody who is there by then."""
AHEAD = timedelta(hours=3)
QUIET, MANY = timedelta(minutes=30), 3
"""A kitchen is quiet when nobody has tapped for so long, and so many stages should have begun."""


def nobody_there(session: Session, shop: Shop, at: datetime) -> list[Warning_]:
    """Return the stages that must begin within the hour while nobody who can do them is on shift by then."""
    if not anybody_has_hours(session, shop):
        return []
    rows = session.execute(
        select(Task.kind, Task.station_id, Task.latest_start)
        .where(
            Task.shop_id == shop.id,
            Task.state.in_(TO_BEGIN),
            Task.needs_person,
            Task.latest_start <= at + SOON,
        )
        .order_by(Task.latest_start)
    ).all()
    first: dict[str, Any] = {}
    for row in rows:
        first.setdefault(row.kind, row)
    today = shop.business_date(at)
    spans = spans_on(session, shop, [today - timedelta(days=1), today, today + timedelta(days=1)])
    return [
        Warning_(
            "nobody_there", "call", minutes_between(min(row.latest_start, at), at), stage=kind,
            station_id=row.station_id, names=STAGE_WORDS[kind], subject=f"skill:{kind}",
        )
        for kind, row in first.items()
        if not any(kind in who.skills and begins <= max(at, row.latest_start) < over for begins, over, who in spans)
    ]  # fmt: skip


def over_capacity(session: Session, shop: Shop, at: datetime) -> list[Warning_]:
    """Return the rooms whose plan has more in them at once than fits, or two heats in one oven."""
    stations = session.scalars(select(Station).where(Station.shop_id == shop.id)).all()
    running = (Task.state == TaskState.RUNNING) & (Task.planned_end > at)
    coming = Task.state.in_(TO_BEGIN) & (Task.planned_start >= at)
    rows = session.execute(
        select(Task.station_id, Task.unit, Task.amount, Task.celsius, Task.planned_start, Task.planned_end)
        .where(Task.shop_id == shop.id, Task.station_id.is_not(None), Task.planned_start < at + AHEAD, running | coming)
    ).all()  # fmt: skip
    rooms: dict[tuple[int | None, int], list[Any]] = defaultdict(list)
    for row in rows:
        rooms[row.station_id, row.unit].append(row)
    found = []
    for station in stations:
        units = max(1, station.units)
        for unit in range(units):
            too_many = _too_many(rooms[station.id, unit], max(1, station.places // units))
            if too_many:
                found.append(Warning_(
                    "over_capacity", "other_oven", too_many, station_id=station.id,
                    names=_numbered(station.names, unit, units), subject=f"unit:{station.id}.{unit}",
                ))  # fmt: skip
    return found


def _too_many(rows: Sequence[Any], places: int) -> int:
    """Return how many places too few there are at the worst moment; two heats at once are at least one."""
    worst, taken, heats = 0, 0, Counter[int]()
    ends: list[tuple[int, int, int]] = []
    starts = sorted((to_minute(r.planned_start), to_minute(r.planned_end), r.amount, r.celsius) for r in rows)
    for n, (start, end, amount, celsius) in enumerate(starts):
        while ends and ends[0][0] <= start:
            _, gone, cold = heappop(ends)
            taken -= gone
            heats[cold] -= 1
        heappush(ends, (end, amount, celsius))
        taken += amount
        heats[celsius] += 1
        if n + 1 == len(starts) or starts[n + 1][0] > start:
            hot = sum(1 for heat, many in heats.items() if heat and many)
            worst = max(worst, taken - places, hot - 1)
    return worst


def _numbered(words: Words, unit: int, units: int) -> Words:
    return {language: f"{said} {unit + 1}" for language, said in words.items()} if units > 1 else dict(words)


def nobody_answers(session: Session, shop: Shop, at: datetime) -> list[Warning_]:
    """Return the work that everybody who could was asked to take, and nobody does."""
    waiting = list(unanswered(session, shop))
    names = _cakes(session, (task.cake_id for task, _ in waiting))
    return [
        Warning_(
            "offer_unanswered", "assign", max(0, minutes_between(since, at)), order_id=task.order_id,
            cake_id=task.cake_id, station_id=task.station_id, stage=task.kind, names=names.get(task.cake_id),
            subject=f"task:{task.id}",
        )
        for task, since in waiting
    ]  # fmt: skip


def nobody_taps(session: Session, shop: Shop, at: datetime) -> list[Warning_]:
    """Return that nobody has tapped for half an hour, while work should have begun at more than one station."""
    late = select(func.count(), func.count(Task.station_id.distinct())).where(
        Task.shop_id == shop.id,
        Task.state == TaskState.READY,
        Task.latest_start < at,
        Task.station_id.is_not(None),
    )
    many, stations = session.execute(late).one()
    if many < MANY or stations < 2:
        return []
    begun = select(func.max(Task.started_at)).where(Task.shop_id == shop.id, Task.started_by.is_not(None))
    ended = select(func.max(Task.finished_at)).where(Task.shop_id == shop.id, Task.finished_by.is_not(None))
    taps = [moment for query in (begun, ended) if (moment := session.scalar(query)) is not None]
    if not taps or at - max(taps) < QUIET:
        return []
    return [Warning_("quiet_kitchen", "check_display", minutes_between(max(taps), at), subject="kitchen")]


def _cakes(session: Session, cakes: Iterable[int]) -> dict[int, Words]:
    query = select(Cake.id, Line.names).join(Line, Line.id == Cake.line_id).where(Cake.id.in_(list(cakes)))
    return {key: words for key, words in session.execute(query)}


def began_late(
    session: Session, shop: Shop, stage: str, station_id: int | None, since: datetime, until: datetime
) -> bool:
    """Return whether work of a stage (at a station, or anywhere) that was to begin in this time began too late."""
    mine = Task.kind == stage if stage else Task.station_id == station_id if station_id else true()
    query = select(Task.id).where(
        Task.shop_id == shop.id, mine, Task.latest_start.between(since - SOON, until + SOON),
        Task.started_at > Task.latest_start,
    )  # fmt: skip
    return session.scalar(query.limit(1)) is not None


def handed_late(session: Session, order_id: int, at: datetime) -> bool | None:
    """Return whether an order reached its customer late; None while it is under way and has time."""
    row = session.get(Order, order_id)
    if row is None:
        return False
    if row.handed_over_at is not None:
        return row.handed_over_at > row.due_at
    return True if at > row.due_at and row.state not in ("cancelled", "closed", "no_show") else None
