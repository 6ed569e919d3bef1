"""The promise: the time given to a customer, from the kitchen's real load, never from a count of orders."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import N_, Invalid, SlotTaken
from shop.core.types import from_minute, to_minute
from shop.menu.card import MenuCard
from shop.menu.tables import Station
from shop.orders.afterthought import looked_for
from shop.orders.answers import Fewer as Fewer
from shop.orders.answers import Offer as Offer
from shop.orders.answers import Slot as Slot
from shop.orders.answers import Sooner as Sooner
from shop.orders.asking import Asked, Cakes, asked
from shop.orders.cart import PricedLine, Work, stages_of
from shop.orders.holding import as_held, given_word
from shop.orders.load import Kitchen, held_row, load_kitchen
from shop.orders.moving import locked_as_they_were, write_moves
from shop.orders.planned import SPARE_MINUTES as SPARE_MINUTES
from shop.orders.planned import Planned, back_to_back, jobs_of, planned
from shop.orders.soonest import FRESH_MINUTES, MOVES, soonest
from shop.orders.tables import SlotHold
from shop.people.shops import Shop
from shop.planning.reservations.quote import Certificate, by_then

HOLD_MINUTES = 10
ROUND_MINUTES = 10
SLOT_MINUTES = 30
DAYS_AHEAD = 60
LOOK_AHEAD_DAYS = 8

_H: Any = SlotHold.__table__
_HOLD = insert(_H)
_RELEASE = delete(_H).where(_H.c.shop_id == bindparam("shop"), _H.c.draft_code == bindparam("draft"))


def cakes_of(lines: Sequence[PricedLine]) -> list[tuple[Work, ...]]:
    """Return the stages of every single cake of these lines, made from the beginning."""
    return [line.stages for line in lines for _ in range(line.line.quantity)]


def quote(
    session: Session, shop: Shop, card: MenuCard, lines: Sequence[PricedLine], *,
    at: datetime, draft_code: str = "", untouched: bool = False, way: int = 0,
) -> Offer:  # fmt: skip
    """Return the earliest time for these cakes, and for one cake the sizes that would be earlier.

    ``untouched`` as in `shop.orders.load.load_kitchen`. ``way`` is what a delivery takes in minutes
    (`shop.orders.areas.Way.minutes`): its time is the arrival, and the kitchen is done so much sooner.
    """
    kitchen = load_kitchen(session, shop, card, at=at, draft_code=draft_code, untouched=untouched)
    ask = asked(session, shop, lines, way)
    offer = _first(shop, kitchen, ask, at)
    if offer.earliest is None:
        return offer
    smaller = _sooner(session, shop, card, kitchen, lines, at, offer.earliest, way)
    return replace(offer, sooner=smaller, fewer=_fewer(shop, kitchen, ask, at, offer.earliest))


def first_time(
    session: Session, shop: Shop, kitchen: Kitchen, lines: Sequence[PricedLine], *, at: datetime, way: int = 0
) -> Offer:
    """Return the earliest time alone in this kitchen, as `quote` does, without what would be quicker."""
    return _first(shop, kitchen, asked(session, shop, lines, way), at)


def _first(shop: Shop, kitchen: Kitchen, ask: Asked, at: datetime) -> Offer:
    earliest = _in_a_week(shop, soonest(kitchen.book, ask.cakes, kitchen.now, MOVES), at, ask)
    return Offer(earliest, looking=looked_for(jobs_of(ask.cakes, kitchen.now)))


def _in_a_week(shop: Shop, found: Certificate | None, at: datetime, ask: Asked) -> datetime | None:
    """Return what is promised for cakes that are done soon enough to be spoken of now."""
    until = shop.day_bounds(shop.business_date(at) + timedelta(days=LOOK_AHEAD_DAYS))[1]
    return None if found is None or found.end > to_minute(until) else _promised(shop, found.end, ask)


def _promised(shop: Shop, ready: int, ask: Asked) -> datetime:
    """Return what is promised for cakes that are done at a minute: with some to spare, on the tens, when open."""
    there = from_minute(-(-(ready + ask.spare + ask.way) // ROUND_MINUTES) * ROUND_MINUTES)
    return first_opening(shop, there, ask.way)


def first_opening(shop: Shop, there: datetime, way: int = 0) -> datetime:
    """Return ``there``, or the next moment that cakes can be had: they leave after opening, and arrive by closing."""
    day, away = shop.business_date(there), timedelta(minutes=way)
    opens, closes = shop.open_on(day)
    if there > closes:
        return shop.open_on(day + timedelta(days=1))[0] + away
    return max(there, opens + away)


def _sooner(
    session: Session, shop: Shop, card: MenuCard, kitchen: Kitchen, lines: Sequence[PricedLine], at: datetime,
    earliest: datetime, way: int = 0,
) -> tuple[Sooner, ...]:  # fmt: skip
    if len(lines) != 1:
        return ()
    line, found = lines[0], []
    for inch in line.dish.prices:
        if inch == line.line.inch or any(c.min_inch > inch for _, c in line.choices):
            continue
        stages = stages_of(card, line.dish, card.sizes[inch], line.choices)
        other = replace(line, line=replace(line.line, inch=inch), stages=stages)
        ask = asked(session, shop, [other], way)
        when = _in_a_week(shop, soonest(kitchen.book, ask.cakes, kitchen.now, 0), at, ask)
        if when is not None and when < earliest and line.dish.sold_on(shop.business_date(at), inch):
            found.append(Sooner(inch, when))
    return tuple(found)


def _fewer(shop: Shop, kitchen: Kitchen, ask: Asked, at: datetime, earliest: datetime) -> Fewer | None:
    """Return how many of several cakes could be had half an hour or more before all of them."""
    many = len(ask.cakes) // 2
    if not many:
        return None
    some = replace(ask, cakes=ask.cakes[:many])
    when = _in_a_week(shop, soonest(kitchen.book, some.cakes, kitchen.now, 0), at, some)
    worth = when is not None and when <= earliest - timedelta(minutes=SLOT_MINUTES)
    return Fewer(many, when) if when is not None and worth else None


def times_on(
    session: Session, shop: Shop, card: MenuCard, lines: Sequence[PricedLine], day: date, *,
    at: datetime, draft_code: str = "", way: int = 0,
) -> list[Slot]:  # fmt: skip
    """Return the times of a day, every half hour of opening plus the earliest, each free or why not.

    ``way`` as in `quote`.
    """
    kitchen = load_kitchen(session, shop, card, at=at, draft_code=draft_code)
    return times_in(session, shop, kitchen, lines, day, at=at, way=way)


def times_in(
    session: Session, shop: Shop, kitchen: Kitchen, lines: Sequence[PricedLine], day: date, *,
    at: datetime, way: int = 0,
) -> list[Slot]:  # fmt: skip
    """Return the times of a day in a kitchen that was read already, as `times_on` does."""
    opens, closes = shop.open_on(day)
    if closes < at or day > shop.business_date(at) + timedelta(days=DAYS_AHEAD):
        return []
    ask = asked(session, shop, lines, way)
    cakes = ask.cakes
    since = max(kitchen.now, to_minute(shop.day_bounds(day)[0]) - FRESH_MINUTES)
    early = soonest(kitchen.book, cakes, since, MOVES if since == kitchen.now else 0)
    slots = {}
    if early is not None:
        first = _promised(shop, early.end, ask)
        if opens <= first <= closes:
            slots[first] = True
    moment, leaves = opens, opens + timedelta(minutes=way)
    while moment <= closes:
        by = to_minute(moment) - way - ask.spare
        if moment > at and moment >= leaves:
            slots[moment] = (
                early is not None and early.end <= by and _has_room(kitchen, cakes, early, since, by)
            )
        moment += timedelta(minutes=SLOT_MINUTES)
    nearest = at
    if not all(slots.values()):
        alone = soonest(kitchen.idle, cakes, since, 0)
        nearest = closes if alone is None else _promised(shop, alone.end, ask)
    return [
        Slot(when, free, "" if free else "soon" if when < nearest else "full")
        for when, free in sorted(slots.items())
    ]


def _has_room(kitchen: Kitchen, cakes: Cakes, early: Certificate, since: int, by: int) -> bool:
    """Whether cakes that can be done sooner can be had at a time: still fresh, and with a shelf until then."""
    if by - since <= FRESH_MINUTES:
        return all(kitchen.book.has_shelf(laid[-1].end, by) for laid in early.laid.values())
    return by_then(kitchen.book, jobs_of(cakes, by - FRESH_MINUTES, by), budget=0) is not None


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
    by: Actor | None = None, only_held: bool = False,
) -> list[list[Planned]]:  # fmt: skip
    """Find room for every cake before ``due_at``, inside the caller's transaction.

    Raises `SlotTaken` with the nearest time that can be kept, but never for cakes whose time the draft holds,
    unless they are to be ``only_held`` once more. ``overbook`` lays the work in regardless; ``untouched`` as in
    `shop.orders.load.load_kitchen`, ``way`` as in `quote`. Work of others that makes room within its own promise
    is moved in the name of ``by``.
    """
    check_due(shop, due_at, at, way)
    lock_kitchen(tx, shop)
    ask = asked(tx, shop, lines, way)
    last = to_minute(due_at) - way
    kitchen = load_kitchen(tx, shop, card, at=at, draft_code=draft_code, untouched=untouched)
    found = _kept(kitchen, ask, last, MOVES if by is not None else 0, not only_held)
    if found is not None and found.moves and by is not None:
        moved = [cake for cake in kitchen.cakes() if cake.id in found.moves]
        if locked_as_they_were(tx, moved):
            write_moves(tx, shop, moved, found.moves, by=by, at=at)
        else:  # somebody has begun one of them in this very moment: without moving anything, then
            kitchen = load_kitchen(tx, shop, card, at=at, draft_code=draft_code)
            found = _kept(kitchen, ask, last, 0, not only_held)
    if found is not None:
        return [planned(works, laid) for works, laid in zip(ask.cakes, found.laid.values(), strict=True)]
    if overbook:
        return [back_to_back(works, last - ask.spare) for works in ask.cakes]
    nearest = soonest(kitchen.book, ask.cakes, kitchen.now, MOVES)
    raise SlotTaken(earliest=_in_a_week(shop, nearest, at, ask))


def _kept(kitchen: Kitchen, ask: Asked, last: int, budget: int, ordering: bool) -> Certificate | None:
    """Return where these cakes can be done to be given out at ``last``, in their order, or None.

    What the draft holds is the shop's word to whoever is ``ordering``: if the kitchen has run late meanwhile, or
    the customer was slow, they may have the spare minutes too, and at the worst the very places they hold.
    """
    jobs = jobs_of(ask.cakes, kitchen.now, last - ask.spare)
    found = as_held(kitchen, jobs, last) or _room(kitchen, ask.cakes, last - ask.spare, budget)
    if found is None and ordering and (word := given_word(kitchen, jobs, last)) is not None:
        found = _room(kitchen, ask.cakes, last, budget) or word
    return found and Certificate({job.id: found.laid[job.id] for job in jobs}, found.moves)


def _room(kitchen: Kitchen, cakes: Cakes, until: int, budget: int) -> Certificate | None:
    """Return where these cakes can be done until then, or None."""
    jobs = jobs_of(cakes, max(kitchen.now, until - FRESH_MINUTES), until)
    found = by_then(kitchen.book, jobs, budget=budget)
    if found is None:
        early = soonest(kitchen.book, cakes, kitchen.now, budget)
        if early is not None and early.end <= until and _has_room(kitchen, cakes, early, early.end, until):
            found = early
    return found


def hold(
    tx: Session, shop: Shop, card: MenuCard, draft_code: str, lines: Sequence[PricedLine], due_at: datetime, *,
    by: Actor, at: datetime, way: int = 0,
) -> datetime:  # fmt: skip
    """Keep a time for a draft for ten minutes, in place of one it held before; returns until when.

    Work of others that makes room is moved now, so that nobody is refused who orders while it is held. Raises
    `SlotTaken`. ``way`` as in `quote`.
    """
    plans = plan_for(tx, shop, card, lines, due_at, at=at, draft_code=draft_code, untouched=True, way=way,
                     by=by, only_held=True)  # fmt: skip
    release(tx, shop, draft_code)
    rows = [held_row(cake, stage) for cake, plan in enumerate(plans) for stage in plan]
    until = at + timedelta(minutes=HOLD_MINUTES)
    kept = {"shop_id": shop.id, "draft_code": draft_code, "due_at": due_at, "until": until, "plan": rows}
    tx.connection().execute(_HOLD, kept)
    return until


def release(tx: Session, shop: Shop, draft_code: str) -> None:
    """Give back the time a draft held."""
    tx.connection().execute(_RELEASE, {"shop": shop.id, "draft": draft_code})


def held_by(session: Session, shop: Shop, draft_code: str, *, at: datetime) -> SlotHold | None:
    """Return the draft's hold while it lasts."""
    query = select(SlotHold).where(
        SlotHold.draft_code == draft_code, SlotHold.shop_id == shop.id, SlotHold.until > at
    )
    return session.scalars(query).first()
