"""The promise: the time given to a customer, from the kitchen's real load, never from a count of orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.orm import Session

from shop.core.errors import N_, Invalid, SlotTaken
from shop.core.types import from_minute, to_minute
from shop.menu.card import MenuCard
from shop.menu.tables import Station
from shop.orders.capacity import FRESH_MINUTES, Kitchen, Planned, back_to_back
from shop.orders.cart import PricedLine, Work, stages_of
from shop.orders.load import load_kitchen
from shop.orders.tables import SlotHold
from shop.people.shops import Shop

HOLD_MINUTES = 10
SPARE_MINUTES = 10
"""Minutes between the planned end of the last stage and the promised time."""
ROUND_MINUTES = 10
SLOT_MINUTES = 30
DAYS_AHEAD = 60
LOOK_AHEAD_DAYS = 8

_H: Any = SlotHold.__table__
_RELEASE = delete(_H).where(_H.c.shop_id == bindparam("shop"), _H.c.draft_code == bindparam("draft"))


@dataclass(frozen=True)
class Sooner:
    """A size that could be had earlier."""

    inch: int
    earliest: datetime


@dataclass(frozen=True)
class Offer:
    """``earliest`` is the first time that can be kept (None: not within a week); ``sooner`` what would be quicker."""

    earliest: datetime | None
    sooner: tuple[Sooner, ...] = ()


@dataclass(frozen=True)
class Slot:
    """A time a customer may ask for; ``free`` says whether it can be kept.

    ``why`` not: "soon" where even an idle kitchen could not make it by then, "full" where others have it.
    """

    at: datetime
    free: bool
    why: str = ""


def cakes_of(lines: Sequence[PricedLine]) -> list[tuple[Work, ...]]:
    """Return the stages of every single cake of these lines."""
    return [line.stages for line in lines for _ in range(line.line.quantity)]


def quote(
    session: Session,
    shop: Shop,
    card: MenuCard,
    lines: Sequence[PricedLine],
    *,
    at: datetime,
    draft_code: str = "",
    untouched: bool = False,
    way: int = 0,
) -> Offer:
    """Return the earliest time for these cakes, and for one cake the sizes that would be earlier.

    ``untouched`` as in `shop.orders.load.load_kitchen`. ``way`` is what a delivery takes in minutes
    (`shop.orders.areas.Way.minutes`): its time is the arrival, and the kitchen is done so much sooner.
    """
    until = shop.day_bounds(shop.business_date(at) + timedelta(days=LOOK_AHEAD_DAYS))[1]
    kitchen = load_kitchen(
        session, shop, card, at=at, until=until, draft_code=draft_code, untouched=untouched
    )
    earliest = _earliest(shop, kitchen, cakes_of(lines), at, way)
    if earliest is None:
        return Offer(None)
    return Offer(earliest, _sooner(shop, card, kitchen, lines, at, earliest, way))


def _earliest(
    shop: Shop, kitchen: Kitchen, cakes: list[tuple[Work, ...]], at: datetime, way: int = 0
) -> datetime | None:
    ready = _ready(kitchen, cakes, to_minute(at))
    return None if ready is None else _promised(shop, ready, way)


def _ready(kitchen: Kitchen, cakes: list[tuple[Work, ...]], after: int) -> int | None:
    """Return the minute at which all cakes can be done at the earliest."""
    plans = kitchen.earliest_all(cakes, after)
    return None if plans is None else max(plan[-1].end for plan in plans)


def _promised(shop: Shop, ready: int, way: int = 0) -> datetime:
    """Return what is promised for cakes that are done at a minute: with some to spare, on the tens, when open."""
    there = from_minute(-(-(ready + SPARE_MINUTES + way) // ROUND_MINUTES) * ROUND_MINUTES)
    return first_opening(shop, there, way)


def first_opening(shop: Shop, there: datetime, way: int = 0) -> datetime:
    """Return ``there``, or the next moment that cakes can be had: they leave after opening, and arrive by closing."""
    day, away = shop.business_date(there), timedelta(minutes=way)
    opens, closes = shop.open_on(day)
    if there > closes:
        return shop.open_on(day + timedelta(days=1))[0] + away
    return max(there, opens + away)


def _sooner(
    shop: Shop,
    card: MenuCard,
    kitchen: Kitchen,
    lines: Sequence[PricedLine],
    at: datetime,
    earliest: datetime,
    way: int = 0,
) -> tuple[Sooner, ...]:
    if len(lines) != 1:
        return ()
    line, found = lines[0], []
    for inch in line.dish.prices:
        if inch == line.line.inch or any(c.min_inch > inch for _, c in line.choices):
            continue
        works = stages_of(line.dish, card.sizes[inch], line.choices)
        other = _earliest(shop, kitchen, [works] * line.line.quantity, at, way)
        if other is not None and other < earliest and line.dish.sold_on(shop.business_date(at), inch):
            found.append(Sooner(inch, other))
    return tuple(found)


def _kitchen_for(
    session: Session, shop: Shop, card: MenuCard, day: date, at: datetime, draft_code: str, *,
    idle: bool = False, untouched: bool = False,
) -> Kitchen:  # fmt: skip
    """Return the kitchen of a day and of the day before it: no cake is made earlier than that."""
    begins, ends = shop.day_bounds(day)
    since = max(at, begins - timedelta(minutes=FRESH_MINUTES))
    return load_kitchen(
        session, shop, card, at=at, since=since, until=ends, draft_code=draft_code, idle=idle, untouched=untouched
    )  # fmt: skip


def times_on(
    session: Session, shop: Shop, card: MenuCard, lines: Sequence[PricedLine], day: date, *,
    at: datetime, draft_code: str = "", way: int = 0,
) -> list[Slot]:  # fmt: skip
    """Return the times of a day, every half hour of opening plus the earliest, each free or why not.

    ``way`` as in `quote`.
    """
    opens, closes = shop.open_on(day)
    if closes < at or day > shop.business_date(at) + timedelta(days=DAYS_AHEAD):
        return []
    kitchen = _kitchen_for(session, shop, card, day, at, draft_code)
    cakes = cakes_of(lines)
    ready = _ready(kitchen, cakes, kitchen.since)
    if ready is None:
        ready = kitchen.until  # nothing fits any more: every time of the day is full
    slots = {}
    first = _promised(shop, ready, way)
    if opens <= first <= closes:
        slots[first] = True
    moment, leaves = opens, opens + timedelta(minutes=way)
    while moment <= closes:
        by = to_minute(moment) - way - SPARE_MINUTES
        if moment > at and moment >= leaves:
            fresh = by - kitchen.since <= FRESH_MINUTES
            slots[moment] = by >= ready and (fresh or kitchen.fit(cakes, by) is not None)
        moment += timedelta(minutes=SLOT_MINUTES)
    taken = [when for when, free in slots.items() if not free]
    soonest = at
    if taken:
        idle = _ready(_kitchen_for(session, shop, card, day, at, draft_code, idle=True), cakes, kitchen.since)
        soonest = closes if idle is None else _promised(shop, idle, way)
    return [
        Slot(when, free, "" if free else "soon" if when < soonest else "full")
        for when, free in sorted(slots.items())
    ]


def check_due(shop: Shop, due_at: datetime, at: datetime, way: int = 0) -> None:
    """Raise `Invalid` for a time in the past, outside opening hours, too soon after opening, or too far ahead."""
    opens, closes = shop.open_on(shop.business_date(due_at))
    if due_at <= at:
        raise Invalid(N_("This time is already over."), field="due_at")
    if not opens <= due_at <= closes:
        raise Invalid(N_("The shop is closed then. Please choose a time between %(opens)s and %(closes)s."),
                      field="due_at", opens=shop.opens, closes=shop.closes)  # fmt: skip
    if due_at < opens + timedelta(minutes=way):
        raise Invalid(
            N_("The courier leaves when the shop opens. Please choose a later time."), field="due_at"
        )
    if due_at > at + timedelta(days=DAYS_AHEAD):
        raise Invalid(
            N_("Please choose a day within the next %(days)d days."), field="due_at", days=DAYS_AHEAD
        )


def lock_kitchen(tx: Session, shop: Shop) -> None:
    """Let one promise be given at a time: lock the stations in order (SQLite's one pen does it already)."""
    if tx.get_bind().dialect.name != "sqlite":
        tx.execute(
            select(Station.id).where(Station.shop_id == shop.id).order_by(Station.id).with_for_update()
        )


def plan_for(
    tx: Session, shop: Shop, card: MenuCard, lines: Sequence[PricedLine], due_at: datetime, *,
    at: datetime, draft_code: str = "", overbook: bool = False, untouched: bool = False, way: int = 0,
) -> list[list[Planned]]:  # fmt: skip
    """Find room for every cake before ``due_at``, inside the caller's transaction.

    Raises `SlotTaken` with the nearest time that can be kept. ``overbook`` lays the work in regardless;
    ``untouched`` as in `shop.orders.load.load_kitchen`, ``way`` as in `quote`.
    """
    check_due(shop, due_at, at, way)
    lock_kitchen(tx, shop)
    cakes = cakes_of(lines)
    by = to_minute(due_at) - way - SPARE_MINUTES
    day = shop.business_date(due_at)
    kitchen = _kitchen_for(tx, shop, card, day, at, draft_code, untouched=untouched)
    plans = kitchen.fit(cakes, by)
    if plans is None and overbook:
        return [back_to_back(works, by) for works in cakes]
    if plans is None:
        offer = quote(tx, shop, card, lines, at=at, draft_code=draft_code, untouched=untouched, way=way)
        raise SlotTaken(earliest=offer.earliest)
    return plans


def hold(
    tx: Session, shop: Shop, card: MenuCard, draft_code: str, lines: Sequence[PricedLine], due_at: datetime, *,
    at: datetime, way: int = 0,
) -> datetime:  # fmt: skip
    """Keep a time for a draft for ten minutes, in place of one it held before; returns until when.

    Raises `SlotTaken`. ``way`` as in `quote`.
    """
    plans = plan_for(tx, shop, card, lines, due_at, at=at, draft_code=draft_code, untouched=True, way=way)
    release(tx, shop, draft_code)
    rows = [_row(cake, planned) for cake, plan in enumerate(plans) for planned in plan]
    until = at + timedelta(minutes=HOLD_MINUTES)
    kept = {"shop_id": shop.id, "draft_code": draft_code, "due_at": due_at, "until": until, "plan": rows}
    tx.connection().execute(insert(_H), kept)
    return until


def _row(cake: int, p: Planned) -> list[Any]:
    return [cake, p.kind.value, p.station_id, p.start, p.end, p.amount, int(p.needs_person)]


def release(tx: Session, shop: Shop, draft_code: str) -> None:
    """Give back the time a draft held."""
    tx.connection().execute(_RELEASE, {"shop": shop.id, "draft": draft_code})


def held_by(session: Session, shop: Shop, draft_code: str, *, at: datetime) -> SlotHold | None:
    """Return the draft's hold while it lasts."""
    query = select(SlotHold).where(
        SlotHold.draft_code == draft_code, SlotHold.shop_id == shop.id, SlotHold.until > at
    )
    return session.scalars(query).first()
