"""A cake whose code was scanned: the one step that comes next, and the one that can be taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.core.types import Words
from shop.menu.card import MenuCard
from shop.menu.drawing import CakeLook
from shop.menu.tables import StageKind
from shop.orders.cart import clashing
from shop.orders.finding import cake_by_code, look_of
from shop.orders.tables import Cake, Fulfilment, Line, Order, OrderState
from shop.people.shops import Shop
from shop.people.staff import Staff
from shop.production.again import cake_again
from shop.production.slack import over_by, slack_of, state_of
from shop.production.tables import OPEN, Task, TaskState


class Step(StrEnum):
    START = "start"
    WRITTEN = "written"
    ENVELOPE = "envelope"
    FINISH = "finish"
    COOLING = "cooling"
    WAIT = "wait"
    OTHERS = "others"
    HAND_OVER = "hand_over"
    COURIER = "courier"
    OVER = "over"


@dataclass(frozen=True)
class Scanned:
    """One cake, one of ``of``; ``step`` comes next, at ``task`` when it is work. ``state`` is its card's colour,
    ``over`` by how many minutes the work is over its time, ``others`` counts the cakes of the order that are not
    done, ``last_station`` is where it is or was, ``clash`` are those of the ``allergies`` that it contains."""

    cake: Cake
    line: Line
    order: Order
    of: int
    tasks: Sequence[Task]
    step: Step
    task: Task | None
    state: str
    slack: int
    over: int
    by: str
    cooling_until: datetime | None
    others: int
    last_station: int
    look: CakeLook
    allergies: Sequence[Words]
    clash: Sequence[Words]


def scanned(session: Session, shop: Shop, card: MenuCard, code: str, *, at: datetime) -> Scanned:
    """Return the cake of a code with its next step; raises `Missing`."""
    it = cake_again(session, shop, cake_by_code(session, code).id, 0)
    live = select(Task).where(Task.cake_id == it.cake.id, Task.state != TaskState.VOID)
    tasks = list(session.scalars(live.order_by(Task.sort).execution_options(populate_existing=True)))
    open_cakes = select(func.count(Task.cake_id.distinct())).where(
        Task.order_id == it.order.id, Task.cake_id != it.cake.id, Task.state.in_(OPEN)
    )
    others = session.scalar(open_cakes) or 0
    step, task = _next(it.order, it.line, it.cake, tasks, others)
    slack, over = (slack_of(task, at), over_by(task, at)) if task else (0, 0)
    here = [t.station_id for t in (*([task] if task else []), *reversed(tasks)) if t.station_id]
    who = session.get(Staff, task.started_by) if task and task.started_by else None
    cooling = None
    if task is not None and task.started_at is not None and step == Step.COOLING:
        cooling = task.started_at + timedelta(minutes=task.minutes)
    return Scanned(
        cake=it.cake, line=it.line, order=it.order, of=it.of, tasks=tasks, step=step, task=task, slack=slack, over=over,
        state=state_of(slack, task.state == TaskState.RUNNING, over=over).value if task else "done",
        by=who.name if who else "", cooling_until=cooling, others=others,
        last_station=here[0] if here else 0, look=look_of(it.line),
        allergies=[card.allergens.get(key, {"en": key}) for key in it.order.allergies],
        clash=[card.allergens.get(key, {"en": key}) for key in clashing(it.order.allergies, it.line.allergens)],
    )  # fmt: skip


def last_move(it: Scanned, task_id: int, version: int) -> Task | None:
    """Return the task that was moved to this version and not since: its move can be said and taken back."""
    moved = (t for t in it.tasks if (t.id, t.version) == (task_id, version) and t.station_id)
    return next((t for t in moved if t.state in (TaskState.RUNNING, TaskState.DONE)), None)


def _next(order: Order, line: Line, cake: Cake, tasks: list[Task], others: int) -> tuple[Step, Task | None]:
    task = next((t for t in tasks if t.state != TaskState.DONE), None)
    if order.state in (OrderState.CONFIRMED, OrderState.IN_PRODUCTION):
        if task is None:
            return (Step.OTHERS if others else Step.OVER), None
        if task.state == TaskState.RUNNING and task.station_id is None:
            return Step.COOLING, task
        if task.state == TaskState.RUNNING:
            unread = task.kind == StageKind.DECORATE and line.inscription and cake.written_at is None
            if task.kind == StageKind.BOX and cake.hidden and cake.enveloped_at is None:
                return Step.ENVELOPE, task
            return (Step.WRITTEN if unread else Step.FINISH), task
        return (Step.START if task.state == TaskState.READY else Step.WAIT), task
    if order.state == OrderState.READY:
        return (Step.COURIER if order.fulfilment == Fulfilment.DELIVERY else Step.HAND_OVER), None
    return (Step.WAIT, task) if order.state == OrderState.PLACED else (Step.OVER, None)
