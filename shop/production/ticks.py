"""Ticks that a stage needs before it ends: the writing was compared, the cash is in the cake."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import N_, Conflict, Invalid, Missing
from shop.core.events import record
from shop.menu.tables import StageKind
from shop.orders.progress import lock_order
from shop.orders.tables import Cake, Line, Order
from shop.payments import hidden
from shop.people.shops import Shop
from shop.production.tables import Task, TaskState

UNTICKED = {"written_at": None, "written_by": None}
"""A cake that is made again is compared again."""


def check_ticks(tx: Session, task: Task) -> None:
    """Raise `Invalid` naming ``written`` or ``enveloped`` while the task's stage misses a tick."""
    if task.kind == StageKind.DECORATE and not _written(tx, task.cake_id):
        raise Invalid(
            N_("Please compare the writing with the order and tick “as written” first."), field="written"
        )
    if task.kind == StageKind.BOX and tx.scalar(
        select(Cake.id).where(Cake.id == task.cake_id, Cake.hidden > 0, Cake.enveloped_at.is_(None))
    ):
        raise Invalid(N_("Please put the envelope with the cash in first, and tick it."), field="enveloped")


def _written(tx: Session, cake_id: int) -> bool:
    inscription, written_at = tx.execute(
        select(Line.inscription, Cake.written_at)
        .join(Line, Line.id == Cake.line_id)
        .where(Cake.id == cake_id)
    ).one()
    return not inscription or written_at is not None


def tick_written(tx: Session, shop: Shop, cake_id: int, *, by: Actor, at: datetime) -> None:
    """The decorator has compared the writing with the order, letter by letter, while at work on it.

    From the start of decorating on the words cannot change, so a tick is always about the words on the board.
    """
    row = tx.execute(
        select(Cake.order_id, Line.inscription)
        .join(Line, Line.id == Cake.line_id)
        .join(Order, Order.id == Cake.order_id)
        .where(Cake.id == cake_id, Order.shop_id == shop.id)
    ).first()
    if row is None:
        raise Missing(field="cake")
    if not row.inscription:
        raise Conflict(N_("There is no writing on this cake."))
    _at_work(tx, cake_id, StageKind.DECORATE, N_("Please start decorating first, then compare the writing."))
    tx.execute(update(Cake).where(Cake.id == cake_id).values(written_at=at, written_by=by.id))
    topics = ("kitchen", "orders", f"order:{row.order_id}")
    record(
        tx,
        shop.id,
        "inscription_checked",
        by=by,
        at=at,
        topics=topics,
        order_id=row.order_id,
        cake_id=cake_id,
    )


def tick_enveloped(tx: Session, shop: Shop, cake_id: int, *, by: Actor, at: datetime) -> None:
    """The envelope with the customer's cash is in the box of this cake; ticked while it is boxed, once."""
    found = select(Cake.order_id).join(Order, Order.id == Cake.order_id)
    order_id = tx.scalar(found.where(Cake.id == cake_id, Order.shop_id == shop.id))
    if order_id is None:
        raise Missing(field="cake")
    order = lock_order(tx, order_id)
    cake = tx.get_one(Cake, cake_id, populate_existing=True)
    if not cake.hidden:
        raise Conflict(N_("No cash goes into this cake."))
    _at_work(tx, cake_id, StageKind.BOX, N_("Please start boxing first, then put the envelope in."))
    hidden.put_in(tx, shop, order, cake, by=by, at=at)


def _at_work(tx: Session, cake_id: int, kind: StageKind, otherwise: str) -> None:
    running = select(Task.id).where(
        Task.cake_id == cake_id, Task.kind == kind, Task.state == TaskState.RUNNING
    )
    if tx.scalar(running) is None:
        raise Conflict(otherwise)
