"""Reading the kitchen's real load: who is here, what is planned, what runs late, what is held."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Integer, bindparam, select, type_coerce
from sqlalchemy.orm import Session

from shop.core.types import from_minute, to_minute
from shop.menu.card import MenuCard
from shop.orders.capacity import Kitchen, Profile
from shop.orders.tables import SlotHold
from shop.people.hours import anybody_has_hours, spans_on
from shop.people.shops import Shop
from shop.production.tables import OPEN, Task, TaskState

HANDS_WITHOUT_SHIFTS = 2
"""How many people a shop is taken to have before anybody has entered shifts."""

_T: Any = Task.__table__.c
_RAW_START, _RAW_END = type_coerce(_T.planned_start, Integer), type_coerce(_T.planned_end, Integer)
_OPEN_TASKS = (
    select(
        _T.cake_id, _T.station_id, _RAW_START, _RAW_END, _T.amount, _T.needs_person, _T.state, _T.minutes,
        _T.started_at,
    )
    .where(_T.shop_id == bindparam("shop"), _T.state.in_(OPEN), bindparam("horizon") > _RAW_START)
    .order_by(_T.cake_id, _T.sort)
)  # fmt: skip
_TASKS_IN_WINDOW = _OPEN_TASKS.where(bindparam("window") < _RAW_END)
_H: Any = SlotHold.__table__.c
_HOLDS = select(_H.plan).where(
    _H.shop_id == bindparam("shop"), _H.until > bindparam("now"), _H.draft_code != bindparam("draft")
)

Change = tuple[int, int]
Hours = tuple[int, int, frozenset[str]]


@dataclass(frozen=True)
class Crew:
    """``hours``: (first minute, last minute, skills) of each shift; ``kept`` is False while nobody has any."""

    kept: bool
    hours: Sequence[Hours]


def load_kitchen(
    session: Session, shop: Shop, card: MenuCard, *, at: datetime, until: datetime, draft_code: str = "",
    since: datetime | None = None, idle: bool = False,
) -> Kitchen:  # fmt: skip
    """Return what is free from ``at`` (or only from ``since``) until ``until``, without the hold of ``draft_code``.

    ``idle`` asks for the same kitchen with nothing to do, to tell what is too soon from what is full.

    Late work is counted where it really is: a task that should have been done takes the minutes from
    now on, and pushes the later stages of its cake. A window that begins later reads only what is planned in it.
    """
    now = to_minute(at)
    at = max(at, since or at)
    window, horizon = to_minute(at), to_minute(until)
    places, crew = _capacity(session, shop, card, _days(shop, at, until))
    stations = {key: list(changes) for key, changes in places.items()}
    hands = list(crew)
    where = {
        "shop": shop.id,
        "now": from_minute(now),
        "draft": draft_code,
        "window": window,
        "horizon": horizon,
    }
    for station_id, start, end, amount, person in () if idle else _taken(session, where, now):
        if station_id in stations:
            stations[station_id] += ((start, -amount), (end, amount))
        if person:
            hands += ((start, -1), (end, 1))
    profiles = {key: Profile.build(window, changes) for key, changes in stations.items()}
    return Kitchen(window, horizon, profiles, Profile.build(window, hands))


def _taken(
    session: Session, where: dict[str, Any], now: int
) -> Iterator[tuple[int | None, int, int, int, bool]]:
    """Return what is taken as (station, first minute, last minute, places, hands needed): tasks, then holds."""
    connection = session.connection()
    query = _TASKS_IN_WINDOW if where["window"] > now else _OPEN_TASKS
    cake, ready = None, now
    for cake_id, station_id, start, end, amount, person, state, minutes, started_at in connection.execute(
        query, where
    ):
        if cake_id != cake:
            cake, ready = cake_id, now
        if state == TaskState.RUNNING:
            start, end = now, max(now + 1, to_minute(started_at or from_minute(start)) + minutes)
        elif start < ready:
            start, end = ready, ready + minutes
        ready = end
        yield station_id, start, end, amount, person
    for (plan,) in connection.execute(_HOLDS, where):
        for _, _, station_id, start, end, amount, person in plan:
            yield station_id, start, end, amount, bool(person)


def _days(shop: Shop, at: datetime, until: datetime) -> list[date]:
    first, last = shop.business_date(at), shop.business_date(until)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _open_hours(shop: Shop, days: list[date], amount: int) -> list[Change]:
    changes: list[Change] = []
    for day in days:
        opens, closes = shop.moment(day, shop.kitchen_opens), shop.moment(day, shop.closes)
        changes += ((to_minute(opens), amount), (to_minute(closes), -amount))
    return changes


Capacity = tuple[dict[int, list[Change]], list[Change]]
_capacities: dict[tuple[Any, ...], Capacity] = {}


def _capacity(session: Session, shop: Shop, card: MenuCard, days: list[date]) -> Capacity:
    """Return the places of every station and the hands on these days, before anything is taken.

    Kept in memory until `shop.people.shops.renew` says that stations, shifts or skills have changed.
    """
    rooms = tuple((row.id, row.places) for row in card.stations.values())
    hours = (shop.kitchen_opens, shop.closes)
    key = (
        str(session.get_bind().engine.url.database),
        shop.id,
        shop.menu_version,
        days[0],
        len(days),
        rooms,
        hours,
    )
    capacity = _capacities.get(key)
    if capacity is None:
        capacity = _work_out(shop, card, days, crew_of(session, shop, days))
        if len(_capacities) > 200:
            _capacities.clear()
        _capacities[key] = capacity
    return capacity


def _work_out(shop: Shop, card: MenuCard, days: list[date], crew: Crew) -> Capacity:
    if not crew.kept:
        places = {key: _open_hours(shop, days, row.places) for key, row in card.stations.items()}
        return places, _open_hours(shop, days, HANDS_WITHOUT_SHIFTS)
    skilled, places = _skilled_stations(card), {}
    for station_id, row in card.stations.items():
        places[station_id] = _open_hours(shop, days, row.places)
        if station_id in skilled:
            able = [(a, b) for a, b, skills in crew.hours if not skilled[station_id].isdisjoint(skills)]
            places[station_id] = _lower_of(places[station_id], able)
    hands = [change for a, b, skills in crew.hours if skills for change in ((a, 1), (b, -1))]
    return places, hands


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


def crew_of(session: Session, shop: Shop, days: list[date]) -> Crew:
    """Return who works on these days."""
    spans = spans_on(session, shop, days)
    hours = [(to_minute(begins), to_minute(ends), frozenset(p.skills)) for begins, ends, p in spans]
    return Crew(bool(spans) or anybody_has_hours(session, shop), hours)
