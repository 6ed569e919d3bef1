"""Notices: what a station must see and acknowledge, because an order it knows has changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import Conflict
from shop.core.events import record
from shop.menu.tables import StageKind
from shop.orders.tables import Order
from shop.people.shops import Shop
from shop.production.tables import TO_DO, Notice, Task, TaskState


def notify_stations(
    tx: Session, shop: Shop, order_id: int, kind: str, *, was: dict[str, Any], now: dict[str, Any], at: datetime,
    cakes: Sequence[int] = (), kinds: tuple[str, ...] = (),
) -> list[int]:  # fmt: skip
    """Put a notice up at every station that still has work on this order (or only on these cakes, and only on
    these kinds of stage); returns the stations: theirs is the sound."""
    query = select(Task.station_id).distinct().where(
        Task.order_id == order_id, Task.state.in_(TO_DO), Task.station_id.is_not(None)
    )  # fmt: skip
    if cakes:
        query = query.where(Task.cake_id.in_(cakes))
    if kinds:
        query = query.where(Task.kind.in_(kinds))
    else:
        query = query.where(Task.state.in_((TaskState.READY, TaskState.RUNNING)))
    stations = [station_id for station_id in tx.scalars(query) if station_id is not None]
    for station_id in stations:
        notice = Notice(shop_id=shop.id, station_id=station_id, order_id=order_id, kind=kind)
        notice.cake_id, notice.was, notice.now, notice.at = next(iter(cakes), None), was, now, at
        tx.add(notice)
    return stations


def notify_boxes(
    tx: Session, shop: Shop, order: Order, kind: str, cakes: Sequence[int], *, at: datetime
) -> list[int]:
    """Put a notice up where these cakes are boxed or have been, also when that is done; returns the stations."""
    query = select(Task.station_id, Task.cake_id).where(
        Task.cake_id.in_(cakes), Task.kind == StageKind.BOX, Task.station_id.is_not(None)
    )
    where = {cake_id: station_id for station_id, cake_id in tx.execute(query.order_by(Task.id))}
    for cake_id, station_id in where.items():
        notice = Notice(shop_id=shop.id, station_id=station_id, order_id=order.id, kind=kind, cake_id=cake_id)
        notice.was, notice.now, notice.at = {}, {"number": order.number}, at
        tx.add(notice)
    return sorted({station_id for station_id in where.values() if station_id is not None})


def take_down(tx: Session, kind: str, cake_id: int, *, by: Actor, at: datetime) -> None:
    """Take down what nobody has acknowledged and is not so any more; whoever made it so records what they did."""
    there = (Notice.kind == kind) & (Notice.cake_id == cake_id) & Notice.acknowledged_at.is_(None)
    tx.execute(update(Notice).where(there).values(acknowledged_at=at, acknowledged_by=by.id))


def acknowledge(tx: Session, shop: Shop, notice_id: int, *, by: Actor, at: datetime) -> None:
    """Take a notice down; raises `Conflict` if somebody already has."""
    change = (
        update(Notice)
        .where(Notice.id == notice_id, Notice.shop_id == shop.id, Notice.acknowledged_at.is_(None))
        .values(acknowledged_at=at, acknowledged_by=by.id)
        .returning(Notice.order_id)
    )
    order_id = tx.scalar(change)
    if order_id is None:
        raise Conflict()
    record(
        tx,
        shop.id,
        "notice_acknowledged",
        by=by,
        at=at,
        topics=("kitchen",),
        order_id=order_id,
        notice=notice_id,
    )
