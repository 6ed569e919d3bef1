"""Reading the kitchen's real load: who is here, what is planned, what runs late, what is held."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from shop.core.store import looks_only
from shop.core.types import from_minute, to_minute
from shop.menu.card import MenuCard
from shop.orders.capacity import Kitchen, Profile
from shop.orders.opentasks import open_work, work_of_its_own
from shop.orders.tables import SlotHold
from shop.people.hours import anybody_has_hours, spans_on
from shop.people.shops import Shop

HANDS_WITHOUT_SHIFTS = 2
"""How many people a shop is taken to have before anybody has entered shifts."""
SPANS = (10, 62)
"""The kitchen is kept in memory for so many days."""

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
    since: datetime | None = None, idle: bool = False, untouched: bool = False,
) -> Kitchen:  # fmt: skip
    """Return what is free from ``at`` (or only from ``since``) until ``until``, without the hold of ``draft_code``.

    ``idle`` asks for the same kitchen with nothing to do, to tell what is too soon from what is full. A session
    that only looks, or a transaction that has changed no task yet (``untouched``), shares what is in memory of
    the diary's last number; any other transaction reads the tasks for itself. Holds are always read.
    """
    now, window, horizon = to_minute(at), to_minute(max(at, since or at)), to_minute(until)
    key, empty = _idle(session, shop, card, at, until)
    if idle:
        return empty.within(window, horizon)
    shared = looks_only(session) or (untouched and not session.info.get("diary"))
    work = open_work(session, shop) if shared else work_of_its_own(session, shop)
    kitchen = work.kitchen(now, empty, key).within(window, horizon)
    where = {"shop": shop.id, "now": from_minute(now), "draft": draft_code}
    for (plan,) in session.connection().execute(_HOLDS, where):
        kitchen.occupy(
            (station, start, end, n, bool(person)) for _, _, station, start, end, n, person in plan
        )
    return kitchen


def _open_hours(shop: Shop, days: list[date], amount: int) -> list[Change]:
    changes: list[Change] = []
    for day in days:
        opens, closes = shop.moment(day, shop.kitchen_opens), shop.moment(day, shop.closes)
        changes += ((to_minute(opens), amount), (to_minute(closes), -amount))
    return changes


Capacity = tuple[dict[int, list[Change]], list[Change]]
Key = tuple[Any, ...]
_kitchens: dict[Key, Kitchen] = {}


def _idle(session: Session, shop: Shop, card: MenuCard, at: datetime, until: datetime) -> tuple[Key, Kitchen]:
    """Return the places of every station and the hands on these days, before anything is taken, and their key.

    Kept in memory until `shop.people.shops.renew` says that stations, shifts or skills have changed.
    """
    first = shop.business_date(at)
    many = (shop.business_date(until) - first).days + 1
    many = next((span for span in SPANS if span >= many), many)
    rooms = tuple((row.id, row.places) for row in card.stations.values())
    hours = (shop.kitchen_opens, shop.closes)
    database = str(session.get_bind().engine.url.database)
    key = (database, shop.id, shop.menu_version, first, many, rooms, hours)
    kitchen = _kitchens.get(key)
    if kitchen is None:
        days = [first + timedelta(days=n) for n in range(many)]
        places, hands = _work_out(shop, card, days, crew_of(session, shop, days))
        begins, ends = to_minute(shop.day_bounds(first)[0]), to_minute(shop.day_bounds(days[-1])[1])
        stations = {station: Profile.build(begins, changes) for station, changes in places.items()}
        kitchen = Kitchen(begins, ends, stations, Profile.build(begins, hands))
        if len(_kitchens) > 200:
            _kitchens.clear()
        _kitchens[key] = kitchen
    return key, kitchen


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
