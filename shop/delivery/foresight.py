"""Foreseeing deliveries: the kitchen's runs lived on to the door, with how long this shop's rides take.

What is open waits until somebody takes it, what is taken until the kitchen is done and it is fetched; then come the
ways and doors before it, its own way, and its own door.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import update
from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM
from shop.core.events import record
from shop.core.types import to_minute
from shop.delivery.board import Stopover, Tour
from shop.delivery.claims import AHEAD
from shop.delivery.drops import UNDERWAY, D
from shop.delivery.durations import Rides
from shop.delivery.tables import Drop
from shop.orders.tables import Order, OrderState
from shop.people.shops import Shop
from shop.planning.simulation.spread import Spread, strata, strata_after, times
from shop.production.foresight import Seen

RUNS = 60
MAKING = (OrderState.PLACED, OrderState.CONFIRMED, OrderState.IN_PRODUCTION)

Runs = list[float]


def foresee(
    waiting: Sequence[Stopover],
    tours: Sequence[Tour],
    seen: Mapping[int, Seen],
    rides: Rides,
    *,
    at: datetime,
) -> dict[int, float]:
    """Return each open drop's chance of being handed over after its time."""
    found: dict[int, float] = {}
    done = _ends(seen)
    for stop in waiting:
        taken = _taken(stop, rides, at)
        _live(
            [stop],
            [max(pair) for pair in zip(taken, _ready(stop.order, done, at), strict=True)],
            rides,
            at,
            found,
        )
    for tour in tours:
        stops = [stop for stop in tour.stops if stop.drop.state != D.FAILED]
        if stops and not any(stop.drop.state in UNDERWAY for stop in stops):
            ready = [_ready(stop.order, done, at) for stop in stops]
            _live(stops, [max(run) for run in zip(*ready, strict=True)], rides, at, found)
        elif stops:
            _live(stops, [float(to_minute(at))] * RUNS, rides, at, found, riding=True)
    return found


def _live(
    stops: Sequence[Stopover], leaves: Runs, rides: Rides, at: datetime, found: dict[int, float], *,
    riding: bool = False,
) -> None:  # fmt: skip
    """Ride from stop to stop in every run; ``leaves`` is when the cakes are ready and taken, or now."""
    now = to_minute(at)
    first = stops[0]
    clock = leaves if riding else _plus(leaves, _draws(rides.fetch, first, "fetch"))
    for n, stop in enumerate(stops):
        door = _draws(rides.door, stop, "door")
        if stop.drop.state == D.ARRIVED:
            spent = now - to_minute(stop.drop.arrived_at or at)
            clock = _plus(clock, [max(0.0, minutes - spent) for minutes in door])
        else:
            way = times(rides.way, stop.leg)
            spent = now - to_minute(stop.left) if riding and n == 0 and stop.left else 0
            left = _mixed([m - spent for m in strata_after(way, spent, RUNS)], stop) if spent > 0 else None
            clock = _plus(_plus(clock, left or _draws(way, stop, "way")), door)
        due = to_minute(stop.order.due_at)
        found[stop.drop.id] = sum(each > due for each in clock) / RUNS


def _taken(stop: Stopover, rides: Rides, at: datetime) -> Runs:
    """Return when somebody takes it: it is offered from forty minutes before it must leave."""
    since = max(stop.drop.made_at, stop.order.ready_by - AHEAD)
    spent = max(0.0, (at - since) / timedelta(minutes=1))
    waits = strata_after(rides.search, spent, RUNS) if spent else strata(rides.search, RUNS)
    return [to_minute(since) + minutes for minutes in _mixed(waits, stop, "search")]


def _ready(order: Order, done: Mapping[int, Runs], at: datetime) -> Runs:
    """Return when its cakes are done in every run of the kitchen, by plan where that was not lived through."""
    now = float(to_minute(at))
    if order.state not in MAKING:
        return [now] * RUNS
    ends = done.get(order.id) or [float(to_minute(order.ready_by))]
    return [max(now, ends[n % len(ends)]) for n in range(RUNS)]


def _ends(seen: Mapping[int, Seen]) -> dict[int, Runs]:
    """Return when each order's last cake is done, run by run."""
    found: dict[int, Runs] = {}
    for each in seen.values():
        if each.ends:
            before = found.get(each.order_id)
            ends = list(each.ends)
            found[each.order_id] = [max(pair) for pair in zip(before, ends, strict=True)] if before else ends
    return found


def _plus(clock: Runs, minutes: Sequence[float]) -> Runs:
    return [a + b for a, b in zip(clock, minutes, strict=True)]


def _draws(spread: Spread, stop: Stopover, what: str) -> Runs:
    return _mixed(strata(spread, RUNS), stop, what)


def _mixed(draws: Sequence[float], stop: Stopover, what: str = "way") -> Runs:
    mixed = list(draws)
    Random(f"{stop.drop.id} {what}").shuffle(mixed)
    return mixed


def keep(tx: Session, shop: Shop, chances: Mapping[int, int], *, at: datetime) -> None:
    """Write down how likely drops are late (percent), for the dispatcher's board."""
    for drop_id, chance in sorted(chances.items()):
        mine = (Drop.id == drop_id, Drop.shop_id == shop.id)
        tx.execute(
            update(Drop).where(*mine).values(chance=chance).execution_options(synchronize_session=False)
        )
    if chances:
        record(
            tx,
            shop.id,
            "delivery_chances_changed",
            by=SYSTEM,
            at=at,
            topics=("delivery",),
            drops=len(chances),
        )
