"""Reading the kitchen's real load: who is here, what is planned, what runs late, what is held."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import Integer, select, type_coerce
from sqlalchemy.orm import Session

from shop.core.types import from_minute, to_minute
from shop.menu.card import MenuCard
from shop.menu.tables import StageKind
from shop.orders.capacity import Kitchen, Planned, Profile
from shop.orders.tables import SlotHold
from shop.people.shops import Shop
from shop.people.staff import Shift, ShiftChange, Staff
from shop.production.tables import OPEN, Task, TaskState

HANDS_WITHOUT_SHIFTS = 2
"""How many people a shop is taken to have before anybody has entered shifts."""

_RAW_START = type_coerce(Task.planned_start, Integer)
_RAW_END = type_coerce(Task.planned_end, Integer)
_OPEN_TASKS = (
    select(
        Task.cake_id, Task.station_id, _RAW_START, _RAW_END, Task.amount, Task.needs_person, Task.state,
        Task.minutes, Task.started_at,
    )
    .where(Task.state.in_(OPEN))
    .order_by(Task.cake_id, Task.sort)
)  # fmt: skip

Change = tuple[int, int]
Hours = tuple[int, int, frozenset[str]]


def load_kitchen(
    session: Session, shop: Shop, card: MenuCard, *, at: datetime, until: datetime, draft_code: str = "",
    since: datetime | None = None,
) -> Kitchen:  # fmt: skip
    """Return what is free from ``at`` (or only from ``since``) until ``until``, without the hold of ``draft_code``.

    Late work is counted where it really is: a task that should have been done takes the minutes from
    now on, and pushes the later stages of its cake. A window that begins later reads only what is planned in it.
    """
    now = to_minute(at)
    at = max(at, since or at)
    window = to_minute(at)
    stations: dict[int, list[Change]] = {key: [] for key in card.stations}
    hands: list[Change] = []
    staffed = _shifts(session, shop, card, at, until, stations, hands)
    if not staffed:
        hands = _open_hours(shop, at, until, HANDS_WITHOUT_SHIFTS)
    horizon = to_minute(until)
    for p in _planned_work(session, shop, now, window, horizon):
        _take(stations, hands, p)
    for plan in session.scalars(
        select(SlotHold.plan).where(
            SlotHold.shop_id == shop.id, SlotHold.until > from_minute(now), SlotHold.draft_code != draft_code
        )
    ):
        for row in plan:
            _take(stations, hands, Planned(StageKind(row[1]), row[2], row[3], row[4], row[5], bool(row[6])))
    profiles = {key: Profile.build(window, changes) for key, changes in stations.items()}
    return Kitchen(window, horizon, profiles, Profile.build(window, hands))


def _take(stations: dict[int, list[Change]], hands: list[Change], p: Planned) -> None:
    if p.station_id in stations:
        stations[p.station_id] += ((p.start, -p.amount), (p.end, p.amount))
    if p.needs_person:
        hands += ((p.start, -1), (p.end, 1))


def _planned_work(session: Session, shop: Shop, now: int, window: int, horizon: int) -> Iterable[Planned]:
    cake, ready = None, 0
    query = _OPEN_TASKS.where(Task.shop_id == shop.id, horizon > _RAW_START)
    if window > now:
        query = query.where(window < _RAW_END)
    rows = session.execute(query)
    for cake_id, station_id, start, end, amount, needs_person, state, minutes, started_at in rows:
        if cake_id != cake:
            cake, ready = cake_id, now
        if state == TaskState.RUNNING:
            start, end = now, max(now + 1, to_minute(started_at or from_minute(start)) + minutes)
        elif start < ready:
            start, end = ready, ready + minutes
        ready = end
        yield Planned(StageKind.BOX, station_id, start, end, amount, needs_person)


def _days(shop: Shop, at: datetime, until: datetime) -> list[date]:
    first, last = shop.business_date(at), shop.business_date(until)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _open_hours(shop: Shop, at: datetime, until: datetime, amount: int) -> list[Change]:
    changes: list[Change] = []
    for day in _days(shop, at, until):
        opens, closes = shop.moment(day, shop.kitchen_opens), shop.moment(day, shop.closes)
        changes += ((to_minute(opens), amount), (to_minute(closes), -amount))
    return changes


def _shifts(
    session: Session, shop: Shop, card: MenuCard, at: datetime, until: datetime,
    stations: dict[int, list[Change]], hands: list[Change],
) -> bool:  # fmt: skip
    """Add the places of every station and the hands on shift; returns whether anybody has shifts at all."""
    skilled = _skilled_stations(card)
    here = hours_of(session, shop, _days(shop, at, until))
    anybody = bool(here)
    for station_id, row in card.stations.items():
        changes = _open_hours(shop, at, until, row.places)
        if anybody and station_id in skilled:
            able = [(a, b) for a, b, skills in here if not skilled[station_id].isdisjoint(skills)]
            changes = _lower_of(changes, able)
        stations[station_id] += changes
    for start, end, skills in here:
        if skills:
            hands += ((start, 1), (end, -1))
    return anybody


def _skilled_stations(card: MenuCard) -> dict[int, set[str]]:
    """Return the skills (kinds of stage) that each station's hand work asks for."""
    asked: dict[int, set[str]] = {}
    for dish in card.dishes.values():
        for stage in dish.stages:
            if stage.station_id is not None and stage.needs_person:
                asked.setdefault(stage.station_id, set()).add(stage.kind.value)
    return asked


def _lower_of(places: list[Change], people: list[tuple[int, int]]) -> list[Change]:
    """Return the changes of min(places, people) over time."""
    moves = sorted(
        [(minute, change, 0) for minute, change in places]
        + [(start, 1, 1) for start, _ in people]
        + [(end, -1, 1) for _, end in people]
    )
    levels, before, changes = [0, 0], 0, []
    for minute, change, which in moves:
        levels[which] += change
        level = min(levels)
        if level != before:
            changes.append((minute, level - before))
            before = level
    return changes


_hours_seen: dict[tuple[str, int, int, date, int], list[Hours]] = {}


def hours_of(session: Session, shop: Shop, days: list[date]) -> list[Hours]:
    """Return (first minute, last minute, skills) of everybody who works on these days.

    Kept in memory until stations, shifts or skills are edited (they move `menu_version`).
    """
    key = (str(session.get_bind().engine.url.database), shop.id, shop.menu_version, days[0], len(days))
    if key not in _hours_seen:
        if len(_hours_seen) > 200:
            _hours_seen.clear()
        _hours_seen[key] = _read_hours(session, shop, days)
    return _hours_seen[key]


def _read_hours(session: Session, shop: Shop, days: list[date]) -> list[Hours]:
    weekly = session.execute(
        select(Shift.staff_id, Shift.weekday, Shift.starts, Shift.ends, Staff.skills)
        .join(Staff, Staff.id == Shift.staff_id)
        .where(Shift.shop_id == shop.id, Staff.active)
    ).all()
    if not weekly:
        return []
    changed = {
        (c.staff_id, c.day): c
        for c in session.scalars(
            select(ShiftChange).where(ShiftChange.shop_id == shop.id, ShiftChange.day.in_(days))
        )
    }
    skills = {row.staff_id: frozenset(row.skills) for row in weekly}
    found = []
    for day in days:
        for row in weekly:
            if row.weekday == day.weekday() and (row.staff_id, day) not in changed:
                found.append(_hours(shop, day, row.starts, row.ends, skills[row.staff_id]))
        for (staff_id, changed_day), change in changed.items():
            if changed_day == day and change.starts and staff_id in skills:
                found.append(_hours(shop, day, change.starts, change.ends, skills[staff_id]))
    return found


def _hours(
    shop: Shop, day: date, starts: str, ends: str, skills: frozenset[str]
) -> tuple[int, int, frozenset[str]]:
    return to_minute(shop.moment(day, starts)), to_minute(shop.moment(day, ends)), skills
