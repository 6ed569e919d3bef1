"""What couriers and the dispatcher look at: drops with their orders, in riding order, with the risk of being late."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from shop.core.clock import minutes_between
from shop.core.matching import Match
from shop.core.types import Words, from_minute, to_minute
from shop.delivery.drops import LIVE, UNDERWAY, WAITING, D
from shop.delivery.handing import can_undo
from shop.delivery.matching import cold_limit, couriers, matches
from shop.delivery.tables import Drop, Rider
from shop.delivery.where import place_of
from shop.orders.areas import place_of as shop_place
from shop.orders.tables import Line, Order, OrderState
from shop.people.shops import Shop
from shop.people.staff import Staff
from shop.planning.tour import Stop, best_tour
from shop.travel import Place, metres, minutes_between_all

AT_DOOR = 4
"""Minutes at a door."""
RISKY, LIKELY = 10, 30
UNKNOWN_WAY = 15
"""Minutes between two places of which one is not on the map."""


Cakes = tuple[Words, int, int]
"""What they are called, how large, how many."""


@dataclass(frozen=True)
class Stopover:
    """A drop as a screen shows it: its order, cakes, the time it is reached by plan, and the risk.

    ``risk`` is late, risk or fine; ``minutes_out`` how long it has been out of the cold, ``too_warm`` beyond the limit.
    """

    drop: Drop
    order: Order
    names: Sequence[Cakes]
    eta: datetime
    risk: str
    km: float | None
    minutes_out: int
    too_warm: bool
    can_undo: bool
    leg: int = 0
    """Minutes of the way from the place before."""
    left: datetime | None = None
    """When the courier set out on this way, if they are on it."""

    @property
    def ready(self) -> bool:
        return self.order.state not in (OrderState.CONFIRMED, OrderState.IN_PRODUCTION)


@dataclass(frozen=True)
class Tour:
    """One courier's drops in riding order."""

    courier: Staff
    stops: Sequence[Stopover]
    seen_at: datetime | None
    done_today: int


@dataclass(frozen=True)
class Waiting:
    """A drop that nobody has, whom it is offered to, and who would suit it best."""

    stop: Stopover
    offered: str
    matches: Sequence[Match]


def mine(session: Session, shop: Shop, courier_id: int, *, at: datetime) -> list[Stopover]:
    """Return a courier's open drops in riding order."""
    rows = _rows(session, shop, Drop.courier_id == courier_id, Drop.state.in_((D.CLAIMED, *UNDERWAY)))
    return _in_order(session, shop, rows, session.get(Staff, courier_id), at)


def open_drops(session: Session, shop: Shop, courier_id: int, *, at: datetime) -> list[Stopover]:
    """Return what a courier may claim: the open, and what is offered to them, most urgent first."""
    rows = _rows(session, shop, Drop.state.in_(WAITING))
    here = [row for row in rows if row[0].state == D.OPEN or row[0].offered_to == courier_id]
    return [_alone(session, shop, *row, at) for row in here]


def one(session: Session, shop: Shop, drop_id: int, *, at: datetime) -> Stopover | None:
    """Return one drop of this shop as a screen shows it."""
    rows = _rows(session, shop, Drop.id == drop_id)
    return _alone(session, shop, *rows[0], at) if rows else None


def done_today(session: Session, shop: Shop, courier_id: int, *, at: datetime) -> list[tuple[Drop, Order]]:
    """Return what a courier has finished today, newest first."""
    start, end = shop.day_bounds(shop.business_date(at))
    over = Drop.state.in_((D.DELIVERED, D.RETURNED))
    rows = _rows(
        session, shop, Drop.courier_id == courier_id, over, Drop.ended_at >= start, Drop.ended_at < end
    )
    return sorted(rows, key=lambda row: row[0].ended_at or at, reverse=True)


def dispatch(
    session: Session, shop: Shop, *, at: datetime
) -> tuple[list[Waiting], list[Tour], list[Stopover]]:
    """Return what waits for a courier, each courier's tour, and what came back to the shop."""
    stops, tours = under_way(session, shop, at=at)
    names = {tour.courier.id: tour.courier.name for tour in tours}
    waiting = [
        Waiting(stop, names.get(stop.drop.offered_to or 0, ""),
                matches(session, shop, stop.drop, stop.order, at=at))
        for stop in stops
    ]  # fmt: skip
    back = [_alone(session, shop, *row, at) for row in _rows(session, shop, Drop.state == D.RETURNED)]
    return waiting, tours, back


def under_way(session: Session, shop: Shop, *, at: datetime) -> tuple[list[Stopover], list[Tour]]:
    """Return what waits for a courier, and each courier's tour."""
    rows = _rows(session, shop, Drop.state.in_(LIVE))
    lines = _lines(session, rows)
    riders = session.scalars(select(Rider).where(Rider.shop_id == shop.id))
    seen = {rider.staff_id: rider.seen_at for rider in riders}
    waiting = [_alone(session, shop, *row, at, lines) for row in rows if row[0].state in WAITING]
    tours = []
    for person in couriers(session, shop):
        own = [
            row for row in rows if row[0].courier_id == person.id and row[0].state in (D.CLAIMED, *UNDERWAY)
        ]
        tours.append(Tour(person, _in_order(session, shop, own, person, at, lines), seen.get(person.id),
                          len(done_today(session, shop, person.id, at=at))))  # fmt: skip
    return waiting, tours


def _lines(session: Session, rows: Sequence[tuple[Drop, Order]]) -> dict[int, list[Cakes]]:
    query = select(Line.order_id, Line.names, Line.inch, Line.quantity).order_by(Line.sort)
    found: dict[int, list[Cakes]] = {}
    for row in session.execute(query.where(Line.order_id.in_([order.id for _, order in rows]))):
        found.setdefault(row.order_id, []).append((row.names, row.inch, row.quantity))
    return found


def _rows(session: Session, shop: Shop, *where: ColumnElement[bool]) -> list[tuple[Drop, Order]]:
    query = select(Drop, Order).join(Order, Order.id == Drop.order_id).where(Drop.shop_id == shop.id, *where)
    return [(row[0], row[1]) for row in session.execute(query.order_by(Order.due_at, Drop.id))]


def _in_order(
    session: Session, shop: Shop, rows: Sequence[tuple[Drop, Order]], courier: Staff | None, at: datetime,
    lines: Mapping[int, Sequence[Cakes]] | None = None,
) -> list[Stopover]:  # fmt: skip
    """Lay the tour: who is at a door is first; the rest from there (or from the shop) by `shop.planning.tour`."""
    if not rows:
        return []
    lines = _lines(session, rows) if lines is None else lines
    first = [row for row in rows if row[0].state in (D.ARRIVED, D.FAILED)]
    rest = [row for row in rows if row not in first]
    set_out = None if first else _set_out(session, rest, courier)
    out, door = set_out or (None, None)
    begin = place_of(first[-1][0]) if first else door or shop_place(shop)
    known = [begin, *(place_of(drop) for drop, _ in rest)]
    places = [place for place in known if place is not None]
    own = minutes_between_all(places, shop.settings.get("travel") or {}) if places else []
    index = {n: k for k, n in enumerate(n for n, place in enumerate(known) if place is not None)}
    every = range(len(known))
    table = [
        [own[index[a]][index[b]] if a in index and b in index else UNKNOWN_WAY * (a != b) for b in every]
        for a in every
    ]
    start = to_minute(at)
    if rest and not first and all(drop.state == D.CLAIMED for drop, _ in rest):
        start = max(start, to_minute(min(order.ready_by for _, order in rest)))
    elif out is not None:
        start = to_minute(out)
    tour = best_tour(
        table, [Stop(to_minute(order.due_at), minutes=AT_DOOR) for _, order in rest], start=start
    )
    stops = [_stop(shop, drop, order, courier, drop.arrived_at or at, at, lines) for drop, order in first]
    before, behind = start, 0
    for n, reached in zip(tour.order, tour.reached, strict=True):
        leg, before, behind = reached - before, reached + AT_DOOR, max(behind, to_minute(at) - reached)
        stop = _stop(shop, *rest[n], courier, from_minute(reached + behind), at, lines)
        stops.append(replace(stop, leg=leg, left=out if stop.drop.state == D.PICKED_UP else None))
    return stops


def _set_out(
    session: Session, rows: Sequence[tuple[Drop, Order]], courier: Staff | None
) -> tuple[datetime, Place | None] | None:
    """Return when a courier on the way set out last, and the door they came from (None: the shop)."""
    fetched = [drop.picked_up_at for drop, _ in rows if drop.state == D.PICKED_UP and drop.picked_up_at]
    if not fetched or courier is None:
        return None
    door = select(Drop).where(
        Drop.courier_id == courier.id, Drop.state == D.DELIVERED, Drop.ended_at > max(fetched)
    )
    last = session.scalars(door.order_by(Drop.ended_at.desc()).limit(1)).first()
    return (last.ended_at, place_of(last)) if last and last.ended_at else (max(fetched), None)


def _alone(
    session: Session, shop: Shop, drop: Drop, order: Order, at: datetime,
    lines: Mapping[int, Sequence[Cakes]] | None = None,
) -> Stopover:  # fmt: skip
    courier = session.get(Staff, drop.courier_id) if drop.courier_id else None
    if drop.state in (D.ARRIVED, D.FAILED, D.DELIVERED, D.RETURNED):
        eta = drop.arrived_at or at
    elif drop.picked_up_at is not None:
        eta = max(at, drop.picked_up_at + timedelta(minutes=drop.minutes))
    else:
        eta = max(at, order.ready_by) + timedelta(minutes=drop.minutes)
    lines = _lines(session, [(drop, order)]) if lines is None else lines
    stop = _stop(shop, drop, order, courier, eta, at, lines)
    return replace(stop, leg=drop.minutes, left=drop.picked_up_at if drop.state == D.PICKED_UP else None)


def _stop(
    shop: Shop, drop: Drop, order: Order, courier: Staff | None, eta: datetime, at: datetime,
    lines: Mapping[int, Sequence[Cakes]],
) -> Stopover:  # fmt: skip
    start, end = shop_place(shop), place_of(drop)
    there = drop.state in (D.ARRIVED, D.FAILED, D.DELIVERED)
    out = max(0, minutes_between(drop.out_of_cold_since, at)) if drop.out_of_cold_since else 0
    return Stopover(
        drop=drop, order=order, names=lines.get(order.id, ()), eta=eta,
        risk=risk_of(order.due_at, eta, there=there, chance=drop.chance or 0),
        km=round(metres(start, end) / 1000, 1) if start and end else None,
        minutes_out=out, too_warm=out > cold_limit(courier), can_undo=can_undo(drop, at=at),
    )  # fmt: skip


def risk_of(due_at: datetime, eta: datetime, *, there: bool = False, chance: int = 0) -> str:
    """Return late, risk (less than ten minutes to spare, or likely) or fine: planned travel, or the arrival."""
    spare = minutes_between(eta, due_at)
    return "late" if spare < 0 else "risk" if not there and (spare < RISKY or chance >= LIKELY) else "fine"
