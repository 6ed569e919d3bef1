"""How a drop comes to be and moves on: every edge is in one table, each change wins or loses by the version."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM, Actor
from shop.core.errors import N_, Conflict, Missing
from shop.core.events import record
from shop.delivery.tables import Drop, DropState
from shop.delivery.words import DROP_WORDS
from shop.orders.progress import lock_order
from shop.orders.tables import Area, Cake, Fulfilment, Line, Order, OrderState
from shop.people.offers import Answer, answer, subject_of
from shop.people.shops import Shop

D = DropState
EDGES: frozenset[tuple[DropState, DropState]] = frozenset(
    {
        (D.OPEN, D.OFFERED), (D.OPEN, D.CLAIMED), (D.OFFERED, D.OPEN), (D.OFFERED, D.OFFERED),
        (D.OFFERED, D.CLAIMED), (D.CLAIMED, D.OPEN), (D.CLAIMED, D.CLAIMED), (D.CLAIMED, D.PICKED_UP),
        (D.PICKED_UP, D.ARRIVED), (D.PICKED_UP, D.FAILED), (D.ARRIVED, D.DELIVERED), (D.ARRIVED, D.FAILED),
        (D.FAILED, D.ARRIVED), (D.FAILED, D.FAILED), (D.FAILED, D.DELIVERED), (D.FAILED, D.RETURNED),
        (D.PICKED_UP, D.DELIVERED),  # by the dispatcher, when the courier's phone is dead
        (D.RETURNED, D.OPEN), (D.RETURNED, D.CLAIMED),  # it goes out once more
        (D.PICKED_UP, D.CLAIMED), (D.ARRIVED, D.PICKED_UP), (D.FAILED, D.PICKED_UP),  # a recorded undo
        (D.PICKED_UP, D.PICKED_UP), (D.ARRIVED, D.ARRIVED),  # another courier takes the cake over
        (D.OPEN, D.VOID), (D.OFFERED, D.VOID), (D.CLAIMED, D.VOID), (D.RETURNED, D.VOID),
    }
)  # fmt: skip
WAITING = (D.OPEN, D.OFFERED)
UNDERWAY = (D.PICKED_UP, D.ARRIVED, D.FAILED)
LIVE = (*WAITING, D.CLAIMED, *UNDERWAY)
TO_BRING = (OrderState.CONFIRMED, OrderState.IN_PRODUCTION, OrderState.READY)
GONE = (OrderState.CANCELLED, OrderState.REJECTED, OrderState.HANDED_OVER, OrderState.NO_SHOW)
COLD_PRODUCTS = ("mango-mousse", "tiramisu", "cheesecake", "durian-mille")


def topics_of(drop: Drop) -> tuple[str, ...]:
    """Return the topics that a drop's change rings."""
    return ("delivery", "orders", f"order:{drop.order_id}")


def note(tx: Session, drop: Drop, kind: str, *, by: Actor, at: datetime, **data: Any) -> None:
    """Write what happened to a drop into the diary."""
    record(
        tx,
        drop.shop_id,
        kind,
        by=by,
        at=at,
        topics=topics_of(drop),
        order_id=drop.order_id,
        drop=drop.id,
        **data,
    )


def find(session: Session, shop: Shop, drop_id: int) -> Drop:
    """Return a drop of this shop; raises `Missing`."""
    query = select(Drop).where(Drop.id == drop_id, Drop.shop_id == shop.id)
    drop = session.scalars(query.execution_options(populate_existing=True)).first()
    if drop is None:
        raise Missing(field="drop")
    return drop


def locked(tx: Session, shop: Shop, drop_id: int) -> tuple[Drop, Order]:
    """Return a drop and its order as they stand now, held until the end of the transaction."""
    order = lock_order(tx, find(tx, shop, drop_id).order_id)
    return find(tx, shop, drop_id), order


def change(tx: Session, drop: Drop, to: DropState, *, at: datetime, **values: Any) -> None:
    """Take one edge, compare-and-set by the version that ``drop`` was read with; raises `Conflict`."""
    if (DropState(drop.state), to) not in EDGES:
        raise Conflict(N_("This delivery is %(state)s by now."), state=DROP_WORDS[drop.state])
    step = (
        update(Drop)
        .where(Drop.id == drop.id, *guard(drop))
        .values(state=to, was=drop.state, version=Drop.version + 1, moved_at=at, **values)
        .execution_options(synchronize_session=False)
    )
    if not tx.connection().execute(step).rowcount:
        raise Conflict()
    tx.refresh(drop)


def expect(drop: Drop, *states: DropState) -> None:
    """Raise `Conflict`, saying how it stands, unless the drop is in one of these states."""
    if drop.state not in states:
        raise Conflict(N_("This delivery is %(state)s by now."), state=DROP_WORDS[drop.state])


def guard(drop: Drop) -> tuple[Any, ...]:
    """Return what must still be true of the row for a change to be taken."""
    return (Drop.version == drop.version, Drop.state == drop.state)


def make_drops(tx: Session, shop: Shop, *, at: datetime) -> int:
    """Make a drop for each confirmed delivery order that has none, and let go of the cancelled; returns how many."""
    there = select(Drop.order_id)
    wanted = select(Order).where(
        Order.shop_id == shop.id, Order.fulfilment == Fulfilment.DELIVERY, Order.state.in_(TO_BRING),
        Order.id.not_in(there),
    )  # fmt: skip
    orders = list(tx.scalars(wanted.order_by(Order.id)))
    for order in orders:
        _make(tx, shop, order, at)
    dead = select(Drop).join(Order, Order.id == Drop.order_id).where(
        Drop.shop_id == shop.id, Drop.state.in_((*WAITING, D.CLAIMED, D.RETURNED)),
        or_(Order.state.in_(GONE), Order.fulfilment != Fulfilment.DELIVERY),
    )  # fmt: skip
    for drop in tx.scalars(dead).all():
        change(tx, drop, D.VOID, at=at, ended_at=at, offered_to=None, offered_until=None)
        answer(tx, shop, subject_of("drop", drop.id), Answer.ENDED, at=at)
        note(tx, drop, "drop_cancelled", by=SYSTEM, at=at)
    return len(orders)


def _make(tx: Session, shop: Shop, order: Order, at: datetime) -> None:
    area = tx.get(Area, order.area_id) if order.area_id else None
    cakes = tx.scalar(select(func.count()).where(Cake.order_id == order.id)) or 0
    cold = tx.scalar(
        select(Line.id).where(Line.order_id == order.id, Line.product.in_(COLD_PRODUCTS)).limit(1)
    )
    drop = Drop(shop_id=shop.id, order_id=order.id, made_at=at, moved_at=at, cakes=cakes, cold=cold is not None,
                cash_due=order.balance, minutes=order.travel_minutes)  # fmt: skip
    if area is not None:
        drop.area, drop.area_names = area.slug, area.names
        drop.area_lat, drop.area_lng = area.lat, area.lng
    tx.add(drop)
    tx.flush()
    note(tx, drop, "drop_made", by=SYSTEM, at=at)
