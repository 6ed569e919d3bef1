"""Stations and shifts: the kitchen's places and who is there when. Both decide what can be promised."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.belonging import found_in
from shop.core.errors import N_, Invalid
from shop.core.events import record
from shop.menu.editing.pen import Changes, clean_number, clean_slug, clean_words, mine, note
from shop.menu.tables import Allergen, RouteStage, Station
from shop.people.shops import Shop, renew
from shop.people.staff import Shift, ShiftChange, Staff

Span = tuple[str, str]
Gate = tuple[str, str, str]
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d\Z|24:00\Z")


def keep_station(
    tx: Session,
    shop: Shop,
    row_id: int | None,
    *,
    slug: str = "",
    names: Mapping[str, str],
    places: int,
    sort: int,
    active: bool,
    units: int | None = None,
    gates: Sequence[Gate] | None = None,
    by: Actor,
    at: datetime,
) -> Station:
    """Change a station, or add one where ``row_id`` is None. One that a route uses cannot be closed.

    ``units`` and ``gates`` (allergen, from, until) stay as they are where nothing is said.
    """
    changes = Changes()
    if row_id is None:
        row = Station(shop_id=shop.id, slug=clean_slug(tx, shop, Station, slug), names={}, places=0, sort=0)
        row.active = True
        tx.add(row)
    else:
        row = mine(tx, shop, Station, row_id)
    if (
        row.id
        and not active
        and tx.scalar(select(RouteStage.id).where(RouteStage.station_id == row.id).limit(1))
    ):
        raise Invalid(
            N_("Cakes still go through this station. Change their ways through the kitchen first."),
            field="active",
        )
    changes.put(row, "names", clean_words(names, field="names", longest=24))
    changes.put(row, "places", clean_number(places, 1, 99, field="places"))
    if units is not None:
        changes.put(row, "units", clean_number(units, 1, places, field="units"))
    if gates is not None:
        changes.put(row, "gates", _clean_gates(tx, shop, gates))
    changes.put(row, "sort", clean_number(sort, 0, 999, field="sort"))
    changes.put(row, "active", active)
    note(tx, shop, changes, of="station", slug=row.slug, by=by, at=at)
    return row


def _clean_gates(tx: Session, shop: Shop, gates: Sequence[Gate]) -> dict[str, list[list[str]]]:
    known = set(tx.scalars(select(Allergen.slug).where(Allergen.shop_id == shop.id)))
    found: dict[str, list[list[str]]] = {}
    for number, (name, starts, ends) in enumerate(gates):
        if name not in known:
            raise Invalid(N_("We do not know this allergen."), field=f"gate.{number}.name")
        _check_span(starts, ends, field=f"gate.{number}.starts")
        found.setdefault(name, []).append([starts, ends])
    return {name: sorted(spans) for name, spans in sorted(found.items())}


def set_week(
    tx: Session, shop: Shop, staff_id: int, week: Mapping[int, Sequence[Span]], *, by: Actor, at: datetime
) -> None:
    """Set somebody's weekly hours anew: spans ("09:00", "18:00") by weekday, Monday is 0."""
    person = found_in(tx, shop.id, Staff, staff_id)
    was = [(s.weekday, s.starts, s.ends) for s in _week(tx, person)]
    now: list[tuple[int, str, str]] = []
    for weekday in sorted(week):
        clean_number(weekday, 0, 6, field="weekday")
        last = ""
        for starts, ends in sorted(week[weekday]):
            _check_span(starts, ends, field=f"starts.{weekday}")
            if starts < last:
                raise Invalid(N_("These hours overlap. Please check the day."), field=f"starts.{weekday}")
            last = ends
            now.append((weekday, starts, ends))
    if now == was:
        return
    tx.execute(delete(Shift).where(Shift.staff_id == person.id))
    for day, starts, ends in now:
        tx.add(Shift(shop_id=shop.id, staff_id=person.id, weekday=day, starts=starts, ends=ends))
    _tell(tx, shop, person, by=by, at=at, field="week", was=was, now=now)


def change_day(
    tx: Session, shop: Shop, staff_id: int, day: date, *, starts: str, ends: str, by: Actor, at: datetime
) -> None:
    """Let one day differ from the week: other hours, or a day off where ``starts`` is empty."""
    person = found_in(tx, shop.id, Staff, staff_id)
    if day < shop.business_date(at):
        raise Invalid(N_("This day is over. Please choose today or a later day."), field="day")
    if starts or ends:
        _check_span(starts, ends, field="starts")
    row = tx.scalars(select(ShiftChange).filter_by(staff_id=person.id, day=day)).first()
    was = [row.starts, row.ends] if row else None
    if row is None:
        row = ShiftChange(shop_id=shop.id, staff_id=person.id, day=day)
        tx.add(row)
    row.starts, row.ends = starts, ends
    _tell(tx, shop, person, by=by, at=at, field=day.isoformat(), was=was, now=[starts, ends])


def undo_day(tx: Session, shop: Shop, staff_id: int, day: date, *, by: Actor, at: datetime) -> None:
    """Let a day follow the week again."""
    person = found_in(tx, shop.id, Staff, staff_id)
    row = tx.scalars(select(ShiftChange).filter_by(staff_id=person.id, day=day)).first()
    if row is None:
        return
    was = [row.starts, row.ends]
    tx.delete(row)
    _tell(tx, shop, person, by=by, at=at, field=day.isoformat(), was=was, now=None)


def weeks(session: Session, shop: Shop) -> dict[int, dict[int, list[Span]]]:
    """Return everybody's weekly hours: staff id > weekday > spans."""
    found: dict[int, dict[int, list[Span]]] = {}
    query = select(Shift).where(Shift.shop_id == shop.id).order_by(Shift.weekday, Shift.starts)
    for row in session.scalars(query):
        found.setdefault(row.staff_id, {}).setdefault(row.weekday, []).append((row.starts, row.ends))
    return found


def changed_days(session: Session, shop: Shop, *, at: datetime) -> list[ShiftChange]:
    """Return the days from today on that differ from the week, soonest first."""
    today = shop.business_date(at)
    query = select(ShiftChange).where(ShiftChange.shop_id == shop.id, ShiftChange.day >= today)
    return list(session.scalars(query.order_by(ShiftChange.day, ShiftChange.staff_id)))


def _week(tx: Session, person: Staff) -> list[Shift]:
    query = select(Shift).where(Shift.staff_id == person.id).order_by(Shift.weekday, Shift.starts)
    return list(tx.scalars(query))


def _check_span(starts: str, ends: str, *, field: str) -> None:
    if not _CLOCK.match(starts) or not _CLOCK.match(ends):
        raise Invalid(N_("Please write both times, such as 09:00 and 18:00."), field=field)
    if starts >= ends:
        raise Invalid(N_("The end must come after the start."), field=field)


def _tell(
    tx: Session, shop: Shop, person: Staff, *, by: Actor, at: datetime, field: str, was: object, now: object
) -> None:
    line = {"field": field, "was": was, "now": now}
    renew(tx, shop.id)
    topics = ("staff", "kitchen")
    record(tx, shop.id, "shift_changed", by=by, at=at, topics=topics, staff=person.id, changes=[line])
