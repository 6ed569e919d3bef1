"""Work at a station: start, finish, recall, remake. A task's version lets one of two bakers win."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM, Actor
from shop.core.errors import N_, Conflict, Invalid, Missing
from shop.core.events import record
from shop.core.types import to_minute
from shop.menu.card import MenuCard
from shop.menu.tables import StageKind
from shop.orders.cart import Work
from shop.orders.load import load_kitchen
from shop.orders.placing import task_rows
from shop.orders.planned import jobs_of, one_after_another, planned
from shop.orders.progress import lock_order, move, topics_of
from shop.orders.promise import lock_kitchen
from shop.orders.tables import Cake, Order, OrderState
from shop.orders.words import STATE_WORDS
from shop.payments import hidden
from shop.people.shops import Shop
from shop.planning.reservations.quote import earliest
from shop.production.claims import began, check_start
from shop.production.notices import acknowledge, notify_stations
from shop.production.tables import TO_BEGIN, Remake, Task, TaskState
from shop.production.ticks import UNTICKED, check_ticks, tick_written

REMAKE_REASONS = ("broken", "burnt", "wrong_writing", "wrong_flavour", "dropped", "looks", "other")
WORKABLE = (OrderState.CONFIRMED, OrderState.IN_PRODUCTION)


def start(
    tx: Session, shop: Shop, task_id: int, version: int, *, by: Actor, at: datetime, takeover: bool = False
) -> None:
    """Begin a stage. Raises `Conflict` if somebody was faster, it is not its turn, or somebody else has claimed it
    and ``takeover`` does not say that this is known."""
    task, order = _locked(tx, shop, task_id)
    if order.state not in WORKABLE:
        raise Conflict(N_("This order is %(state)s by now."), state=STATE_WORDS[order.state])
    check_start(tx, task, by=by, takeover=takeover)
    _change(tx, task, version, TaskState.READY, TaskState.RUNNING, started_at=at, started_by=by.id)
    began(tx, shop, task, by=by, at=at)
    if order.state == OrderState.CONFIRMED:
        move(tx, order, OrderState.IN_PRODUCTION)
    _note(tx, shop, "task_started", task, order, by, at)


def finish(tx: Session, shop: Shop, task_id: int, version: int, *, by: Actor, at: datetime) -> None:
    """End a stage: the next one can start, cooling starts by itself, the last one makes the order ready.

    Raises `Conflict`, and `Invalid` while a tick of the stage is missing.
    """
    task, order = _locked(tx, shop, task_id)
    check_ticks(tx, task)
    _change(tx, task, version, TaskState.RUNNING, TaskState.DONE, finished_at=at, finished_by=by.id)
    _note(tx, shop, "task_finished", task, order, by, at)
    following = _next(tx, task)
    if following is not None:
        _let_start(tx, shop, following, order, at)
    elif not _unfinished(tx, order.id):
        move(tx, order, OrderState.READY)
        order.ready_at = at
        record(tx, shop.id, "order_ready", by=by, at=at, topics=topics_of(order), order_id=order.id)


def _locked(tx: Session, shop: Shop, task_id: int) -> tuple[Task, Order]:
    order_id = tx.scalar(select(Task.order_id).where(Task.id == task_id, Task.shop_id == shop.id))
    if order_id is None:
        raise Missing(field="task")
    order = lock_order(tx, order_id)
    return tx.scalars(
        select(Task).where(Task.id == task_id).execution_options(populate_existing=True)
    ).one(), order


def _change(tx: Session, task: Task, version: int, was: TaskState, to: TaskState, **values: Any) -> None:
    change = (
        update(Task)
        .where(Task.id == task.id, Task.version == version, Task.state == was)
        .values(state=to, version=Task.version + 1, **values)
        .execution_options(synchronize_session=False)
    )
    if not tx.connection().execute(change).rowcount:
        raise Conflict()
    tx.refresh(task)


def _note(
    tx: Session, shop: Shop, kind: str, task: Task, order: Order, by: Actor, at: datetime, **data: Any
) -> None:
    record(
        tx, shop.id, kind, by=by, at=at, topics=topics_of(order), order_id=order.id, cake_id=task.cake_id,
        task_id=task.id, stage=task.kind, **data,
    )  # fmt: skip


def _next(tx: Session, task: Task) -> Task | None:
    query = select(Task).where(
        Task.cake_id == task.cake_id, Task.sort > task.sort, Task.state != TaskState.VOID
    )
    return tx.scalars(query.order_by(Task.sort).limit(1)).first()


def _unfinished(tx: Session, order_id: int) -> bool:
    done = (TaskState.DONE, TaskState.VOID)
    return (
        tx.scalar(select(Task.id).where(Task.order_id == order_id, Task.state.not_in(done)).limit(1))
        is not None
    )


def _let_start(tx: Session, shop: Shop, task: Task, order: Order, at: datetime) -> None:
    """Let the next stage start; one without a station (cooling) starts by itself."""
    if task.station_id is None:
        _change(tx, task, task.version, TaskState.WAITING, TaskState.RUNNING, started_at=at)
        _note(tx, shop, "task_started", task, order, SYSTEM, at)
    else:
        _change(tx, task, task.version, TaskState.WAITING, TaskState.READY)


def finish_cooling(tx: Session, shop: Shop, *, at: datetime) -> int:
    """End every cooling whose minutes are over, at the moment they were; returns how many."""
    running = select(Task).where(
        Task.shop_id == shop.id, Task.state == TaskState.RUNNING, Task.station_id.is_(None)
    )
    ended = 0
    for task in tx.scalars(running).all():
        over = (task.started_at or at) + timedelta(minutes=task.minutes)
        if over <= at:
            finish(tx, shop, task.id, task.version, by=SYSTEM, at=over)
            ended += 1
    return ended


def recall(tx: Session, shop: Shop, task_id: int, version: int, *, by: Actor, at: datetime) -> None:
    """Take back the last move of a task, to its old place in the queue, until the next stage has started.

    Raises `Conflict` when there is nothing to take back, or the next stage has started.
    """
    task, order = _locked(tx, shop, task_id)
    if order.state not in (*WORKABLE, OrderState.READY):
        raise Conflict(N_("This order is %(state)s by now."), state=STATE_WORDS[order.state])
    if task.state == TaskState.RUNNING and task.station_id is None:
        raise Conflict(N_("Cooling starts by itself: take back the stage before."))
    if task.state == TaskState.RUNNING:
        _change(tx, task, version, TaskState.RUNNING, TaskState.READY, started_at=None, started_by=None)
        if order.state == OrderState.IN_PRODUCTION and not _begun(tx, order.id):
            move(tx, order, OrderState.CONFIRMED)
    elif task.state == TaskState.DONE:
        _hold_back(tx, task)
        _change(tx, task, version, TaskState.DONE, TaskState.RUNNING, finished_at=None, finished_by=None)
        if order.state == OrderState.READY:
            move(tx, order, OrderState.IN_PRODUCTION)
            order.ready_at = None
    else:
        raise Conflict(N_("There is nothing to take back here."))
    if task.kind == StageKind.BOX:
        hidden.take_out(tx, shop, order, [task.cake_id], by=by, at=at)
    _note(tx, shop, "task_recalled", task, order, by, at)


def _hold_back(tx: Session, task: Task) -> None:
    """Let the next stage wait again; cooling that started by itself counts as not started by anybody."""
    following = _next(tx, task)
    if following is None:
        return
    by_itself = following.state == TaskState.RUNNING and following.station_id is None
    if following.state != TaskState.READY and not by_itself:
        raise Conflict(N_("The next stage has already started."))
    state = TaskState(following.state)
    _change(tx, following, following.version, state, TaskState.WAITING, started_at=None)


def _begun(tx: Session, order_id: int) -> bool:
    """Whether anything of this order was ever made: what is being made again was."""
    begun = Task.state.in_((TaskState.RUNNING, TaskState.DONE)) | (Task.remake > 0)
    return tx.scalar(select(Task.id).where(Task.order_id == order_id, begun).limit(1)) is not None


def remake(
    tx: Session, shop: Shop, card: MenuCard, cake_id: int, *, from_kind: str, fault_kind: str, reason: str,
    by: Actor, at: datetime,
) -> None:  # fmt: skip
    """Make a cake again from a stage on. ``fault_kind`` is the stage where it went wrong.

    The old tasks stay as they were, void; new ones are laid in as early as they fit. Raises `Invalid`
    naming ``reason``, ``from_kind`` or ``fault_kind``, and `Conflict` once the order has left the shop.
    """
    if reason not in REMAKE_REASONS:
        raise Invalid(N_("Please say why it is made again."), field="reason")
    order_id = tx.scalar(select(Cake.order_id).join(Order, Order.id == Cake.order_id).where(
        Cake.id == cake_id, Order.shop_id == shop.id))  # fmt: skip
    if order_id is None:
        raise Missing(field="cake")
    lock_kitchen(tx, shop)
    order = lock_order(tx, order_id)
    if order.state not in (*WORKABLE, OrderState.READY):
        raise Conflict(N_("This order is %(state)s by now."), state=STATE_WORDS[order.state])
    old = list(tx.scalars(
        select(Task).where(Task.cake_id == cake_id, Task.state != TaskState.VOID).order_by(Task.sort)
    ))  # fmt: skip
    kinds = [task.kind for task in old]
    if from_kind not in kinds:
        raise Invalid(N_("Please choose the stage to start again from."), field="from_kind")
    if fault_kind not in kinds:
        raise Invalid(N_("Please choose the stage where it went wrong."), field="fault_kind")
    again = [task for task in old if kinds.index(task.kind) >= kinds.index(from_kind)]
    if all(task.state in TO_BEGIN for task in again):
        raise Conflict(N_("There is nothing to take back here."))
    _lay_in_again(tx, shop, card, order, again, at)
    if from_kind in kinds[: kinds.index(StageKind.DECORATE) + 1 if StageKind.DECORATE in kinds else 0]:
        tx.execute(update(Cake).where(Cake.id == cake_id).values(**UNTICKED))
    hidden.take_out(tx, shop, order, [cake_id], by=by, at=at)
    if order.state == OrderState.READY:
        move(tx, order, OrderState.IN_PRODUCTION)
        order.ready_at = None
    tx.add(Remake(shop_id=shop.id, cake_id=cake_id, order_id=order.id, reason=reason, fault_kind=fault_kind,
                  from_kind=from_kind, by_staff=by.id, at=at))  # fmt: skip
    stations = notify_stations(tx, shop, order.id, "remake", was={}, at=at, cakes=(cake_id,), kinds=(from_kind,),
                               now={"number": order.number, "reason": reason})  # fmt: skip
    record(tx, shop.id, "cake_remade", by=by, at=at, topics=topics_of(order), order_id=order.id, cake_id=cake_id,
           sound="changed", stations=stations, reason=reason, stage=from_kind, fault=fault_kind)  # fmt: skip


def _lay_in_again(
    tx: Session, shop: Shop, card: MenuCard, order: Order, again: list[Task], at: datetime
) -> None:
    for task in again:
        task.state, task.version = TaskState.VOID, task.version + 1
    tx.flush()
    works = [
        Work(StageKind(t.kind), t.station_id, t.minutes, t.amount, t.needs_person, t.celsius, t.keeps, t.gate)
        for t in again
    ]
    kitchen = load_kitchen(tx, shop, card, at=at)
    jobs = jobs_of([works], kitchen.now)
    found = earliest(kitchen.book, jobs, budget=0)
    plan = planned(works, found.laid[jobs[0].id]) if found else one_after_another(works, to_minute(at))
    tx.execute(insert(Task), task_rows(
        shop.id, order.id, again[0].cake_id, plan, order.ready_by, confirmed=True,
        remake=again[0].remake + 1, first_sort=again[0].sort,
    ))  # fmt: skip


__all__ = [
    "REMAKE_REASONS",
    "acknowledge",
    "finish",
    "finish_cooling",
    "recall",
    "remake",
    "start",
    "tick_written",
]
