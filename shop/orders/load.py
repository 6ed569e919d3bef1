"""Reading the kitchen's real load: who is here, what is planned, what runs late, what is held."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Integer, select, type_coerce
from sqlalchemy.orm import Session

from shop.core.types import from_minute, to_minute
from shop.menu.card import MenuCard
from shop.menu.tables import StageKind
from shop.orders.capacity import Kitchen, Planned, Profile
from shop.orders.tables import SlotHold
from shop.people.hours import anybody_has_hours, spans_on
from shop.people.shops import Shop
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
    """Add the places of every station and the hands on shift; returns whether this shop keeps shifts at all."""
    skilled = _skilled_stations(card)
    crew = crew_of(session, shop, _days(shop, at, until))
    for station_id, row in card.stations.items():
        changes = _open_hours(shop, at, until, row.places)
        if crew.kept and station_id in skilled:
            able = [(a, b) for a, b, skills in crew.hours if not skilled[station_id].isdisjoint(skills)]
            changes = _lower_of(changes, able)
        stations[station_id] += changes
    for start, end, skills in crew.hours:
        if skills:
            hands += ((start, 1), (end, -1))
    return crew.kept


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


@dataclass(frozen=True)
class Crew:
    """``hours``: (first minute, last minute, skills) of each shift; ``kept`` is False while nobody has any."""

    kept: bool
    hours: Sequence[Hours]


_crews: dict[tuple[str, int, int, date, int], Crew] = {}


def crew_of(session: Session, shop: Shop, days: list[date]) -> Crew:
    """Return who works on these days; kept in memory until `shop.people.shops.renew` says it is old."""
    key = (str(session.get_bind().engine.url.database), shop.id, shop.menu_version, days[0], len(days))
    crew = _crews.get(key)
    if crew is None:
        spans = spans_on(session, shop, days)
        hours = [(to_minute(begins), to_minute(ends), frozenset(p.skills)) for begins, ends, p in spans]
        crew = Crew(bool(spans) or anybody_has_hours(session, shop), hours)
        if len(_crews) > 200:
            _crews.clear()
        _crews[key] = crew
    return crew
