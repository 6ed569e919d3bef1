"""What the tables say of the kitchen, read without the shop's own books, and judged by the engine's checker."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.types import to_minute
from shop.menu.tables import Station
from shop.orders.promise import SPARE_MINUTES
from shop.orders.tables import SlotHold
from shop.people.shops import Shop
from shop.people.staff import Shift, Staff
from shop.planning.reservations.checker import faults
from shop.planning.reservations.floor import Floor, Hand, Job, Laid, StationPlan, Step
from shop.production.tables import OPEN, Task, TaskState
from web.house import now


def floor(session: Session, shop: Shop, days: int = 3) -> Floor:
    """Return the kitchen of the weekly shifts, from yesterday on."""
    some = [shop.business_date(now()) + timedelta(days=n) for n in range(-1, days)]

    def spans(starts: str, ends: str, weekday: int | None = None) -> list[tuple[int, int]]:
        return [
            (to_minute(shop.moment(day, starts)), to_minute(shop.moment(day, ends)))
            for day in some
            if weekday in (None, day.weekday())
        ]

    stations = [
        StationPlan(
            row.id, row.units, row.places // row.units, spans(shop.kitchen_opens, shop.closes),
            {name: [s for a, b in hours for s in spans(a, b)] for name, hours in row.gates.items()},
        )
        for row in session.scalars(select(Station))
    ]  # fmt: skip
    hours: dict[int, list[tuple[int, int]]] = {}
    for shift in session.scalars(select(Shift)):
        hours.setdefault(shift.staff_id, []).extend(spans(shift.starts, shift.ends, shift.weekday))
    skills = {person.id: frozenset(person.skills) for person in session.scalars(select(Staff))}
    hands = [Hand(key, skills[key], hours[key]) for key in hours if skills[key]]
    return Floor(stations, hands, int(shop.settings.get("shelves", 0)))


def jobs(session: Session) -> list[Job]:
    """Return every cake's open tasks, and every hold, where they stand."""
    cakes: dict[int, list[Task]] = {}
    for task in session.scalars(select(Task).where(Task.state.in_(OPEN)).order_by(Task.cake_id, Task.sort)):
        cakes.setdefault(task.cake_id, []).append(task)
    found = [_job(rows) for rows in cakes.values()]
    for hold in session.scalars(select(SlotHold).where(SlotHold.until > now())):
        due = to_minute(hold.due_at)
        for number in {row[0] for row in hold.plan}:
            rows = [row for row in hold.plan if row[0] == number]
            steps, laid = [], []
            for _, kind, station, start, end, amount, celsius, unit, hand in rows:
                steps.append(Step(kind, station, end - start, amount, celsius, kind if hand else ""))
                laid.append(Laid(start, end, unit, hand))
            found.append(Job(-hold.id * 100 - number, 0, due, 0, tuple(steps), laid))
    return found


def _job(rows: list[Task]) -> Job:
    steps = tuple(
        Step(
            t.kind,
            t.station_id,
            t.minutes,
            t.amount,
            t.celsius,
            t.kind if t.needs_person else "",
            t.keeps,
            t.gate,
        )
        for t in rows
    )
    laid = [Laid(to_minute(t.planned_start), to_minute(t.planned_end), t.unit, t.planned_for) for t in rows]
    first = rows[0]
    locked = sum(t.state == TaskState.RUNNING for t in rows)
    due = to_minute(first.due_at) - SPARE_MINUTES
    return Job(first.cake_id, first.order_id, due, to_minute(now()), steps, laid, locked)


def broken(session: Session, shop: Shop) -> list[str]:
    """Say which rules of the kitchen the open tasks and holds break."""
    return faults(floor(session, shop), jobs(session))
