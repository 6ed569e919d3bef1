"""What if this order came first? Who slips, by how many minutes, who gets late. Asked without a trace, then done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import N_, Conflict
from shop.core.reasons import reason_given
from shop.core.types import from_minute, to_minute
from shop.orders.cart import Work
from shop.orders.planned import FRESH_MINUTES, SPARE_MINUTES, step_of
from shop.orders.progress import lock_order, rush
from shop.orders.promise import lock_kitchen
from shop.orders.tables import Order
from shop.people.shops import Shop
from shop.planning.kitchen import least_runs, runs_of
from shop.planning.kitchen.bound import alone
from shop.planning.kitchen.squeeze import squeeze
from shop.planning.kitchen.talk import Improved, minutes_late
from shop.planning.reservations.floor import Job, Laid
from shop.production.plan.applying import apply, as_written
from shop.production.plan.picture import Picture, take

NEW = -(10**9)
"""Cakes that are not ordered yet have ids below this."""
TOLERATED = 10
"""Minutes that an order may slip beyond what was shown, because time passes while somebody decides."""


@dataclass(frozen=True)
class Slip:
    """An order that has to make room: its last cake is done ``minutes`` later, ``cakes`` are those that move.

    Of each its id, and when it is done before and after; with one cake in the order nothing has to be told apart.
    """

    order_id: int
    number: str
    promised: datetime
    was: datetime
    now: datetime
    cakes: Sequence[tuple[int, datetime, datetime]] = ()

    @property
    def minutes(self) -> int:
        """Return how much later it is done."""
        return int((self.now - self.was).total_seconds()) // 60

    @property
    def gets_late(self) -> bool:
        """Whether it would have been in time."""
        return self.was <= self.promised < self.now


@dataclass(frozen=True)
class WhatIf:
    """``done`` is when the order itself is done (None: there is no way), ``promised`` by when it should be."""

    done: datetime | None
    promised: datetime
    slips: Sequence[Slip]
    picture: Picture
    laid: Mapping[int, Sequence[Laid]]

    @property
    def late(self) -> list[Slip]:
        """Return the orders that get late."""
        return [slip for slip in self.slips if slip.gets_late]

    @property
    def shown(self) -> str:
        """Return what was shown, for the form that says yes to it."""
        return ",".join(f"{slip.order_id}:{slip.minutes}:{int(slip.gets_late)}" for slip in self.slips)


def if_rushed(session: Session, shop: Shop, order: Order, *, at: datetime) -> WhatIf:
    """Ask what happens when an order goes before all others."""
    picture = take(session, shop, at=at, until=order.due_at)
    first = [job.id for job in picture.jobs if job.order == order.id]
    return _ask(picture, first, order.ready_by)


def if_ordered(
    session: Session,
    shop: Shop,
    cakes: Sequence[Sequence[Work]],
    due_at: datetime,
    *,
    at: datetime,
    way: int = 0,
) -> WhatIf:
    """Ask what happens when these cakes are promised for a time, full or not; ``way`` as in `promise.quote`."""
    ready = due_at - timedelta(minutes=way)
    picture = take(session, shop, at=at, until=due_at)
    due = to_minute(ready) - SPARE_MINUTES
    since = max(picture.now, due - FRESH_MINUTES)
    jobs = [
        Job(NEW - n, 0, due, since, tuple(step_of(work) for work in works)) for n, works in enumerate(cakes)
    ]
    return _ask(replace(picture, jobs=[*picture.jobs, *jobs]), [job.id for job in jobs], ready)


def _ask(picture: Picture, first: Sequence[int], promised: datetime) -> WhatIf:
    firm = as_written(picture)
    own = [job for job in picture.jobs if job.id in first]
    if own and all(job.id in firm and picture.keeps(job, job.laid) for job in own):
        ready = from_minute(max(job.laid[-1].end for job in own))
        return WhatIf(ready, promised, [], picture, {})  # it is in time already: nobody has to move
    before, after = squeeze(picture.floor, picture.jobs, first)
    before |= {job.id: list(job.laid) for job in picture.jobs if job.id in firm and job.id in before}
    ends: dict[int, list[tuple[int, int, int]]] = {}
    for job in picture.jobs:
        if job.id in before and job.id in after and job.order in picture.promised:
            ends.setdefault(job.order, []).append((job.id, before[job.id][-1].end, after[job.id][-1].end))
    slips = [_slip(picture, order, cakes) for order, cakes in ends.items()]
    slips = [slip for slip in slips if slip.minutes > 0]
    slips.sort(key=lambda slip: (not slip.gets_late, -slip.minutes, slip.order_id))
    mine = [after[number][-1].end for number in first if number in after]
    done = from_minute(max(mine)) if mine and len(mine) == len(first) else None
    return WhatIf(done, promised, slips, picture, after)


def _slip(picture: Picture, order: int, cakes: Sequence[tuple[int, int, int]]) -> Slip:
    """Return how an order slips: (cake, done before, done after) of each of its cakes."""
    was, now = max(was for _, was, _ in cakes), max(now for *_, now in cakes)
    moved = [
        (cake, from_minute(was), from_minute(now))
        for cake, was, now in cakes
        if was != now and len(cakes) > 1
    ]
    due = from_minute(picture.promised[order])
    return Slip(order, picture.numbers[order], due, from_minute(was), from_minute(now), moved)


def rush_in(
    tx: Session, shop: Shop, order: Order, *, reason: str, shown: str, by: Actor, at: datetime
) -> None:
    """Mark an order as urgent and make room for it, as somebody has been shown; raises `Invalid` and `Conflict`."""
    reason = reason_given(reason)
    lock_kitchen(tx, shop)
    order = lock_order(tx, order.id)
    found = if_rushed(tx, shop, order, at=at)
    rush(tx, shop, order, by=by, at=at, reason=reason)
    _make_room(tx, shop, found, shown, by, at)


def make_room(tx: Session, shop: Shop, order_id: int, *, shown: str, by: Actor, at: datetime) -> None:
    """Make room for an order that was promised beyond capacity, as somebody has been shown; raises `Conflict`."""
    order = lock_order(tx, order_id)
    _make_room(tx, shop, if_rushed(tx, shop, order, at=at), shown, by, at)


def _make_room(tx: Session, shop: Shop, found: WhatIf, shown: str, by: Actor, at: datetime) -> None:
    known = {int(a): (int(b), c == "1") for a, b, c in (each.split(":") for each in _parts(shown))}
    for slip in found.slips:
        minutes, late = known.get(slip.order_id, (0, False))
        if slip.minutes > minutes + TOLERATED or (slip.gets_late and not late):
            raise Conflict(N_("The plan has changed meanwhile: others would slip now. Please look again."))
    picture, jobs = found.picture, found.picture.jobs
    stood = {job.id: job.laid for job in jobs}
    after = {**stood, **found.laid}
    plan = Improved(
        found.laid, [], minutes_late(jobs, stood), minutes_late(jobs, after),
        len(runs_of(jobs, stood)), len(runs_of(jobs, after)), least_runs(picture.floor, jobs),
        sum(alone(job) for job in jobs), 0.0, "asked",
    )  # fmt: skip
    apply(tx, shop, picture, plan, at=at, reason="order_rushed_in", by=by, overriding=True)


def _parts(shown: str) -> list[str]:
    return [
        part for part in shown.split(",")[:500] if part.replace(":", "").isdecimal() and part.count(":") == 2
    ]
