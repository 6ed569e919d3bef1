"""The shop's kitchen before any work is in it: ovens by unit, benches, who is there with which skills, shelves.

Minutes are counted from 1970 (`shop.core.types.to_minute`). Kept in memory by `Shop.menu_version`: whoever changes
a station, a shift or a skill calls `shop.people.shops.renew`.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from shop.core.types import from_minute, to_minute
from shop.menu.card import MenuCard, StationRow
from shop.menu.tables import StageKind, Station
from shop.people.hours import anybody_has_hours, spans_on
from shop.people.shops import Shop
from shop.planning.reservations.book import Book
from shop.planning.reservations.floor import Floor, Hand, Span, StationPlan, with_common_hours
from shop.production.outages import shut_jobs, units_down

HANDS_WITHOUT_SHIFTS = 2
"""How many people a shop is taken to have before anybody has entered shifts."""
DAYS = 62
"""So many days are kept: nobody can order for later."""
EVERYTHING = frozenset(kind.value for kind in StageKind)


@dataclass(frozen=True)
class Floorplan:
    """``floor`` from the minute ``begins`` to ``ends``; ``idle`` is its book without any work, not to be changed."""

    key: Hashable
    floor: Floor
    idle: Book
    begins: int
    ends: int


_plans: dict[Hashable, Floorplan] = {}


def floorplan(session: Session, shop: Shop, card: MenuCard, *, at: datetime) -> Floorplan:
    """Return the kitchen of the day of ``at`` and of the days that can be ordered for."""
    first = shop.business_date(at)
    rooms = tuple((row.id, row.places, row.units) for row in card.stations.values())
    hours = (shop.kitchen_opens, shop.closes, shelves_of(shop))
    database = str(session.get_bind().engine.url.database)
    key = (database, shop.id, shop.menu_version, first, rooms, hours)
    plan = _plans.get(key)
    if plan is None:
        days = [first + timedelta(days=n) for n in range(DAYS)]
        floor = replace(floor_on(session, shop, list(card.stations.values()), days), shelves=shelves_of(shop))
        begins, ends = to_minute(shop.day_bounds(first)[0]), to_minute(shop.day_bounds(days[-1])[1])
        idle = Book(floor)
        for job in shut_jobs(units_down(session, shop, from_minute(begins), from_minute(ends))):
            idle.take(job.steps[0], job.laid[0])
        plan = Floorplan(key, floor, idle, begins, ends)
        if len(_plans) > 50:
            _plans.clear()
        _plans[key] = plan
    return plan


def shelves_of(shop: Shop) -> int:
    """Return how many finished cakes the shop's fridges hold; 0: nobody counts."""
    return int(shop.settings.get("shelves") or 0)


def floor_on(
    session: Session, shop: Shop, stations: Sequence[StationRow | Station], days: Sequence[date]
) -> Floor:
    """Return these stations on some days, and who is there then, as it is in the tables; nobody counts shelves."""
    opening = [_span(shop, day, shop.kitchen_opens, shop.closes) for day in days]
    plans = []
    for row in stations:
        gates = {
            name: [_span(shop, day, str(starts), str(ends)) for day in days for starts, ends in spans]
            for name, spans in row.gates.items()
        }
        units = max(1, row.units)
        plans.append(
            StationPlan(row.id, units, max(1, row.places // units), opening, with_common_hours(gates))
        )
    return Floor(plans, hands_on(session, shop, days, opening))


def hands_on(session: Session, shop: Shop, days: Sequence[date], opening: Sequence[Span]) -> list[Hand]:
    """Return who works on these days; people without a name (ids below 0) while the shop keeps no shifts."""
    spans = spans_on(session, shop, list(days))
    if not spans and not anybody_has_hours(session, shop):
        return [Hand(-n, EVERYTHING, opening) for n in range(1, HANDS_WITHOUT_SHIFTS + 1)]
    hours: dict[int, list[Span]] = {}
    skills: dict[int, frozenset[str]] = {}
    for begins, over, person in spans:
        if person.skills:
            hours.setdefault(person.id, []).append((to_minute(begins), to_minute(over)))
            skills[person.id] = frozenset(person.skills)
    return [Hand(key, skills[key], hours[key]) for key in sorted(hours)]


def _span(shop: Shop, day: date, starts: str, ends: str) -> Span:
    return to_minute(shop.moment(day, starts)), to_minute(shop.moment(day, ends))
