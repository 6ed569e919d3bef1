"""Which courier suits a drop, and why: each criterion gives points and a plain reason, or says it cannot be."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from shop.core.errors import N_
from shop.core.matching import Match, Reason, best_first, match_of
from shop.core.permissions import Role
from shop.delivery.tables import Drop, DropState, Rider
from shop.orders.tables import Order
from shop.people.shops import Shop
from shop.people.staff import Staff

HERE = timedelta(minutes=30)
"""A courier whose phone was heard within this time is at work."""
BOX = 3
"""Cakes that fit where nobody has said how many."""
COLD_MINUTES, BOXED_MINUTES = 45, 120
"""How long a cake may be out of the cold, in the open and in a cold box."""
IN_HAND = (DropState.CLAIMED, DropState.PICKED_UP, DropState.ARRIVED, DropState.FAILED)


@dataclass(frozen=True)
class Load:
    """What a courier has on now: cakes in the box, their areas and due times, and how many drops they had today."""

    cakes: int
    areas: frozenset[str]
    dues: Sequence[datetime]
    today: int


@dataclass(frozen=True)
class Question:
    """A drop that looks for a courier, one courier, and what they have on; ``most`` is the busiest one's drops."""

    drop: Drop
    order: Order
    courier: Staff
    load: Load
    seen_at: datetime | None
    most: int
    at: datetime


def box_of(courier: Staff) -> int:
    """Return how many cakes fit into a courier's box."""
    return int(courier.courier.get("box") or BOX)


def has_cold_box(courier: Staff) -> bool:
    return bool(courier.courier.get("cold"))


def cold_limit(courier: Staff | None) -> int:
    """Return the minutes that this courier may have a cake out of the cold."""
    return BOXED_MINUTES if courier is not None and has_cold_box(courier) else COLD_MINUTES


def here(q: Question) -> Reason:
    """Their phone was heard lately."""
    if q.seen_at is None or q.at - q.seen_at > HERE:
        return Reason(0, N_("phone not heard for half an hour"), never=True)
    return Reason(0, N_("at work"))


def asked_before(q: Question) -> Reason:
    """Who said no, or nothing, is not asked again."""
    if q.courier.id in q.drop.declined:
        return Reason(0, N_("was asked before"), never=True)
    return Reason(0, "")


def capacity(q: Question) -> Reason:
    """The cakes must fit into the box."""
    free = box_of(q.courier) - q.load.cakes - q.drop.cakes
    if free < 0:
        return Reason(0, N_("the box is full"), never=True)
    if free == 0:
        return Reason(0, N_("fits into the box, which is full then"))
    return Reason(min(15, 5 * free), N_("%(n)s more fit into the box"), {"n": free})


def cold(q: Question) -> Reason:
    """A mousse wants a cold box, or a short way."""
    if not q.drop.cold:
        return Reason(0, "")
    if has_cold_box(q.courier):
        return Reason(25, N_("has a cold box"))
    if q.drop.minutes > COLD_MINUTES:
        return Reason(0, N_("no cold box for this way"), never=True)
    return Reason(0, N_("no cold box, but the way is short"))


def area(q: Question) -> Reason:
    """Going there anyway is best; knowing the area is good."""
    if q.drop.area and q.drop.area in q.load.areas:
        return Reason(30, N_("is going there already"))
    if q.drop.area and q.drop.area in (q.courier.courier.get("areas") or ()):
        return Reason(15, N_("knows the area"))
    return Reason(0, "")


def window(q: Question) -> Reason:
    """Other drops due at nearly the same time, elsewhere, make one of them late."""
    way = timedelta(minutes=max(10, q.drop.minutes))
    elsewhere = not (q.drop.area and q.load.areas == {q.drop.area})
    close = sum(1 for due in q.load.dues if elsewhere and abs(due - q.order.due_at) < way)
    if close:
        return Reason(-20 * close, N_("%(n)s other deliveries due at the same time"), {"n": close})
    return Reason(20 if not q.load.dues else 10, N_("free at that time"))


def fairness(q: Question) -> Reason:
    """Who had fewer drops today comes first."""
    return Reason(4 * (q.most - q.load.today), N_("%(n)s deliveries today"), {"n": q.load.today})


Criterion = Callable[[Question], Reason]
CRITERIA: tuple[Criterion, ...] = (here, asked_before, capacity, cold, area, window, fairness)
"""The registry: a new criterion is one function and one line here."""


def couriers(session: Session, shop: Shop) -> list[Staff]:
    """Return everybody who rides."""
    query = select(Staff).where(Staff.shop_id == shop.id, Staff.role == Role.COURIER, Staff.active)
    return list(session.scalars(query.order_by(Staff.id)))


def matches(session: Session, shop: Shop, drop: Drop, order: Order, *, at: datetime) -> list[Match]:
    """Return every courier with points and reasons, the best first; who cannot stands last."""
    people = couriers(session, shop)
    loads = {person.id: _load(session, shop, person, drop, at) for person in people}
    seen: dict[int, datetime] = {
        row[0]: row[1]
        for row in session.execute(select(Rider.staff_id, Rider.seen_at).where(Rider.shop_id == shop.id))
    }
    most = max((load.today for load in loads.values()), default=0)
    found = []
    for person in people:
        q = Question(drop, order, person, loads[person.id], seen.get(person.id), most, at)
        found.append(match_of(person.id, person.name, (criterion(q) for criterion in CRITERIA)))
    return best_first(found)


def best_courier(session: Session, shop: Shop, drop: Drop, order: Order, *, at: datetime) -> Match | None:
    """Return who should be asked next, None where nobody can."""
    return next((match for match in matches(session, shop, drop, order, at=at) if not match.never), None)


def _load(session: Session, shop: Shop, person: Staff, drop: Drop, at: datetime) -> Load:
    offered = and_(Drop.offered_to == person.id, Drop.state == DropState.OFFERED)
    mine = or_(and_(Drop.courier_id == person.id, Drop.state.in_(IN_HAND)), offered)
    on = session.execute(
        select(Drop.cakes, Drop.area, Order.due_at)
        .join(Order, Order.id == Drop.order_id)
        .where(mine, Drop.id != drop.id)
    ).all()
    start, end = shop.day_bounds(shop.business_date(at))
    today = select(func.count()).where(
        Drop.courier_id == person.id, Drop.claimed_at >= start, Drop.claimed_at < end
    )
    return Load(
        cakes=sum(row.cakes for row in on),
        areas=frozenset(row.area for row in on if row.area),
        dues=[row.due_at for row in on],
        today=int(session.scalar(today) or 0),
    )
