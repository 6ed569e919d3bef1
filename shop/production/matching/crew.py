"""The bakers on shift and what they have on, read once for all the work that looks for somebody."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from shop.core.clock import minutes_between
from shop.people.hours import anybody_has_hours, spans_on
from shop.people.offers import claims_since, open_offers
from shop.people.shops import Shop
from shop.people.staff import Staff
from shop.production.matching.contract import Baker
from shop.production.onshift import HANDS
from shop.production.tables import TO_DO, Task, TaskState

WEEK = timedelta(days=7)
RECENT = timedelta(hours=4)
"""Where somebody worked so long ago is where they still are."""


def crew(session: Session, shop: Shop, *, at: datetime) -> list[Baker]:
    """Return everybody on shift who has learned something; the whole team of a shop that keeps no shifts."""
    here = _here(session, shop, at)
    busy, where = _in_hand(session, shop, at)
    today = _worked(session, shop, at, where)
    claims = claims_since(session, shop, at - WEEK)
    waiting: dict[int | None, int] = {}
    for offer in open_offers(session, shop, "task"):
        waiting[offer.staff_id] = waiting.get(offer.staff_id, 0) + 1
    return [
        Baker(
            person.id, person.name, frozenset(person.skills), _levels(person), goes,
            tuple(busy.get(person.id, ())), today.get(person.id, 0), claims.get(person.id, 0),
            waiting.get(person.id, 0), frozenset(where.get(person.id, ())),
        )
        for person, goes in here
    ]  # fmt: skip


def _here(session: Session, shop: Shop, at: datetime) -> list[tuple[Staff, datetime | None]]:
    day = shop.business_date(at)
    if not anybody_has_hours(session, shop):
        team = select(Staff).where(Staff.shop_id == shop.id, Staff.active, Staff.role.in_(HANDS))
        return [(p, None) for p in session.scalars(team.order_by(Staff.id)) if p.skills]
    spans = spans_on(session, shop, [day - timedelta(days=1), day])
    now = {p.id: (p, over) for begins, over, p in spans if begins <= at < over and p.skills}
    return [now[key] for key in sorted(now)]


def _levels(person: Staff) -> Mapping[str, int]:
    return {kind: level for kind, level in (person.levels or {}).items() if isinstance(level, int)}


def _in_hand(
    session: Session, shop: Shop, at: datetime
) -> tuple[dict[int, list[tuple[int, datetime]]], dict[int, set[int]]]:
    """Return (minutes, from when on) of the work each has begun or claimed, and where they are at work."""
    busy: dict[int, list[tuple[int, datetime]]] = {}
    where: dict[int, set[int]] = {}
    mine = or_(Task.state == TaskState.RUNNING, Task.claimed_by.is_not(None))
    held = select(Task).where(
        Task.shop_id == shop.id, mine, Task.needs_person,
        Task.state.in_(TO_DO),
    )  # fmt: skip
    for task in session.scalars(held.execution_options(populate_existing=True)):
        if task.state == TaskState.RUNNING and task.started_by and task.started_at:
            left = max(1, task.minutes - minutes_between(task.started_at, at))
            busy.setdefault(task.started_by, []).append((left, at))
            where.setdefault(task.started_by, set()).add(task.station_id or 0)
        elif task.claimed_by and task.state != TaskState.RUNNING:
            busy.setdefault(task.claimed_by, []).append((task.minutes, max(at, task.planned_start)))
    return busy, where


def _worked(session: Session, shop: Shop, at: datetime, where: dict[int, set[int]]) -> dict[int, int]:
    """Return the minutes of work each has done today; fills in where they worked last."""
    start = shop.day_bounds(shop.business_date(at))[0]
    done: tuple[Any, ...] = (
        Task.shop_id == shop.id, Task.state == TaskState.DONE, Task.planned_end >= start - timedelta(days=1),
        Task.finished_at >= start, Task.needs_person,
    )  # fmt: skip
    sums = select(Task.finished_by, func.sum(Task.minutes)).where(*done).group_by(Task.finished_by)
    last = select(Task.finished_by, Task.station_id).where(*done, Task.finished_at >= at - RECENT)
    seen: dict[int, int] = {}
    for staff_id, station_id in session.execute(last.order_by(Task.finished_at, Task.id)):
        if staff_id and station_id:
            seen[staff_id] = station_id
    for staff_id, station_id in seen.items():
        where.setdefault(staff_id, {station_id})
    return {staff_id: int(minutes or 0) for staff_id, minutes in session.execute(sums) if staff_id}
