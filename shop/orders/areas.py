"""Where the shop delivers: its areas, its own place, and what it adds to the way."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import N_, Invalid
from shop.core.events import record
from shop.core.types import Words
from shop.menu.editing.pen import Changes, clean_number, clean_slug, clean_words, mine
from shop.orders.tables import Area
from shop.people.shops import Shop, renew
from shop.travel import PROVIDERS, Place, minutes_to

HANDLING_MINUTES = 10
"""From the box to the courier's bag and from the street to the door, where the shop says nothing else."""
LONGEST_WAY = 180
DEAREST = 10_000_00
MICRO = 1_000_000


@dataclass(frozen=True)
class District:
    """An area that customers can choose; ``minutes`` is the way to its middle, ``fixed`` whether the shop set it."""

    id: int
    slug: str
    names: Words
    place: Place
    fee: int
    minutes: int
    fixed: bool


@dataclass(frozen=True)
class Way:
    """How an order leaves the shop: nothing at all where it is picked up, else minutes and a fee."""

    area: District | None = None
    travel: int = 0
    handling: int = 0

    @property
    def minutes(self) -> int:
        """Minutes between the kitchen's last touch and the customer's door."""
        return self.travel + self.handling

    @property
    def fee(self) -> int:
        """What the delivery costs, minor units."""
        return self.area.fee if self.area else 0


PICKUP = Way()

_known: dict[tuple[str, int], tuple[int, dict[str, District]]] = {}


def place_of(shop: Shop) -> Place | None:
    """Return where the shop is, None while nobody has said it."""
    text = shop.settings.get("place", "")
    return Place.read(text) if text else None


def handling_of(shop: Shop) -> int:
    """Return the minutes added to every way."""
    return int(shop.settings.get("handling_minutes", HANDLING_MINUTES))


def travel_of(shop: Shop) -> Mapping[str, Any]:
    """Return the settings of the travel-time provider."""
    found: Mapping[str, Any] = shop.settings.get("travel", {})
    return found


def districts(session: Session, shop: Shop) -> dict[str, District]:
    """Return the areas in use, in the shop's order; read again only after `shop.people.shops.renew`.

    An area without minutes of its own is left out while the shop has not said where it is.
    """
    key = (str(session.get_bind().engine.url.database), shop.id)
    known = _known.get(key)
    if known is None or known[0] != shop.menu_version:
        rows = (row for row in areas(session, shop) if row.active)
        known = _known[key] = (shop.menu_version, {d.slug: d for row in rows if (d := _district(shop, row))})
    return known[1]


def areas(session: Session, shop: Shop) -> list[Area]:
    """Return all areas, also those that are switched off."""
    query = select(Area).where(Area.shop_id == shop.id).order_by(Area.sort, Area.id)
    return list(session.scalars(query))


def middle(area: Area) -> Place:
    """Return the middle of an area."""
    return Place(area.lat / MICRO, area.lng / MICRO)


def minutes_there(shop: Shop, area: Area) -> int | None:
    """Return the way to an area in minutes; None where nobody can know it."""
    if area.minutes is not None:
        return area.minutes
    here = place_of(shop)
    return None if here is None else min(LONGEST_WAY, minutes_to(here, middle(area), travel_of(shop)))


def _district(shop: Shop, area: Area) -> District | None:
    minutes = minutes_there(shop, area)
    if minutes is None:
        return None
    fixed = area.minutes is not None
    return District(area.id, area.slug, area.names, middle(area), area.fee, minutes, fixed)


def keep_area(
    tx: Session, shop: Shop, area_id: int | None, *, slug: str = "", names: Mapping[str, str], place: str,
    fee: int, minutes: int | None, active: bool, sort: int, by: Actor, at: datetime,
) -> Area:  # fmt: skip
    """Change an area, or add one where ``area_id`` is None. Orders on their way keep what they were promised."""
    changes = Changes()
    middle_of = Place.read(place)
    words = clean_words(names, field="names")
    if area_id is None:
        row = Area(
            shop_id=shop.id, slug=clean_slug(tx, shop, Area, slug), names={}, lat=0, lng=0, active=True
        )
        tx.add(row)
    else:
        row = mine(tx, shop, Area, area_id)
    changes.put(row, "names", words)
    was, row.lat, row.lng = middle(row), round(middle_of.lat * MICRO), round(middle_of.lng * MICRO)
    changes.note("place", str(was), str(middle(row)))
    changes.put(row, "fee", clean_number(fee, 0, DEAREST, field="fee"))
    if minutes is not None:
        clean_number(minutes, 1, LONGEST_WAY, field="minutes")
    changes.put(row, "minutes", minutes)
    changes.put(row, "active", active)
    changes.put(row, "sort", clean_number(sort, 0, 999, field="sort"))
    if changes.lines:
        _tell(tx, shop, "area", row.slug, changes, by=by, at=at)
    return row


def change_way(
    tx: Session, shop: Shop, *, place: str, handling: int, provider: str, detour_percent: int, km_an_hour: int,
    by: Actor, at: datetime,
) -> None:  # fmt: skip
    """Change where the shop is and how its couriers ride; raises `Invalid` naming the field."""
    row = tx.get_one(Shop, shop.id, with_for_update=True)
    if provider not in PROVIDERS:
        raise Invalid(N_("Please choose one from the list."), field="provider")
    travel = {
        "provider": provider,
        "detour_percent": clean_number(detour_percent, 100, 400, field="detour_percent"),
        "km_an_hour": clean_number(km_an_hour, 3, 80, field="km_an_hour"),
    }
    kept = {"handling_minutes": clean_number(handling, 0, 120, field="handling"), "travel": travel}
    kept["place"] = str(Place.read(place)) if place.strip() else ""
    changes = Changes()
    for name in ("place", "handling_minutes"):
        changes.note(name, row.settings.get(name), kept[name])
    for name, value in travel.items():
        changes.note(name, travel_of(row).get(name), value)
    row.settings = {**row.settings, **kept}
    if changes.lines:
        _tell(tx, shop, "delivery", "", changes, by=by, at=at)


def _tell(tx: Session, shop: Shop, of: str, slug: str, changes: Changes, *, by: Actor, at: datetime) -> None:
    tx.flush()
    renew(tx, shop.id)
    topics = ("menu", "orders")
    record(tx, shop.id, "area_changed", by=by, at=at, topics=topics, of=of, slug=slug, changes=changes.lines)
