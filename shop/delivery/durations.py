"""How long deliveries really take in this shop: until one is taken, fetched, at the door, and handed over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.delivery.claims import AHEAD
from shop.delivery.drops import D
from shop.delivery.tables import Drop
from shop.orders.tables import Order
from shop.people.shops import Shop
from shop.planning.simulation.spread import Spread, log_normal, of_past
from shop.production.durations import DAYS, ENOUGH, PLAUSIBLE, POINTS

MOST = 2_000
MOST_MINUTES = 240
GUESS: Mapping[str, Spread] = {
    "search": (0.0, 1.0, 2.0, 4.0, 10.0), "fetch": (0.0, 1.0, 2.0, 4.0, 8.0), "way": log_normal(),
    "door": (1.0, 2.0, 3.0, 4.0, 6.0),
}  # fmt: skip


@dataclass(frozen=True)
class Rides:
    """Minutes until an open delivery is taken (``search``), until it leaves when it is ready and taken (``fetch``), at
    the ``door``; and the ``way`` as shares of its planned minutes.
    """

    search: Spread
    fetch: Spread
    way: Spread
    door: Spread


_known: dict[tuple[str, int, date], Rides] = {}


def rides_of(session: Session, shop: Shop, *, at: datetime) -> Rides:
    """Return what was measured in the last 90 days, counted once a day."""
    key = (str(session.get_bind().engine.url.database), shop.id, shop.business_date(at))
    if key not in _known:
        _known.clear()
        _known[key] = measured(session, shop, since=at - timedelta(days=DAYS))
    return _known[key]


def measured(session: Session, shop: Shop, *, since: datetime) -> Rides:
    """Count the deliveries since a moment; a guess stands for what too few of them tell."""
    query = (
        select(Drop.courier_id, Drop.minutes, Drop.made_at, Drop.claimed_at, Drop.picked_up_at, Drop.arrived_at,
               Drop.ended_at, Order.ready_at, Order.ready_by)
        .join(Order, Order.id == Drop.order_id)
        .where(Drop.shop_id == shop.id, Drop.state == D.DELIVERED, Drop.ended_at >= since)
        .order_by(Drop.ended_at.desc())
        .limit(MOST)
    )  # fmt: skip
    rows = session.execute(query).all()
    ended: dict[int | None, list[datetime]] = {}
    for row in rows:
        ended.setdefault(row.courier_id, []).append(row.ended_at)
    seen: dict[str, list[float]] = {key: [] for key in GUESS}
    for row in rows:
        if row.claimed_at:
            seen["search"].append(_minutes(max(row.made_at, row.ready_by - AHEAD), row.claimed_at))
        if row.claimed_at and row.picked_up_at and row.ready_at:
            seen["fetch"].append(_minutes(max(row.ready_at, row.claimed_at), row.picked_up_at))
        if row.arrived_at:
            seen["door"].append(_minutes(row.arrived_at, row.ended_at))
        if row.arrived_at and row.picked_up_at and row.minutes:
            between = any(row.picked_up_at < each < row.arrived_at for each in ended[row.courier_id])
            share = _minutes(row.picked_up_at, row.arrived_at) / row.minutes
            if not between and PLAUSIBLE[0] <= share <= PLAUSIBLE[1]:
                seen["way"].append(share)
    return Rides(**{key: _spread(shares, GUESS[key]) for key, shares in seen.items()})


def _minutes(since: datetime, until: datetime) -> float:
    return max(0.0, min(float(MOST_MINUTES), (until - since).total_seconds() / 60))


def _spread(seen: Sequence[float], guess: Spread) -> Spread:
    return of_past(seen, POINTS) if len(seen) >= ENOUGH else guess
