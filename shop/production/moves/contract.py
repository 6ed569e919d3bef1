"""What a move is: a step that may save a cake, tried out in the simulation, applied in one tap, undone in another.

A move changes rows and remembers what stood there before and after; it is undone only while all of it still stands
as the move left it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import N_, Conflict, Missing
from shop.core.permissions import Permission
from shop.core.types import to_minute
from shop.orders.progress import lock_order
from shop.orders.tables import Order
from shop.people.shops import Shop
from shop.planning.reservations.floor import Hand, Job, Laid
from shop.production import laying
from shop.production.foresight import Scene, Seen
from shop.production.tables import NOT_BEGUN, Task

MOVED_ON = N_("The work has moved on since: this can no longer be taken back.")

Facts = Mapping[str, Any]


class About(Protocol):
    """What an alarm is about: a warning says it."""

    @property
    def kind(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def order_id(self) -> int | None: ...
    @property
    def cake_id(self) -> int | None: ...
    @property
    def station_id(self) -> int | None: ...
    @property
    def stage(self) -> str: ...
    @property
    def minutes(self) -> int: ...


@dataclass(frozen=True)
class View:
    """What a move may look at to find out what it could do: the scene, what is seen in it, and the shop."""

    session: Session
    shop: Shop
    scene: Scene
    seen: Mapping[int, Seen]
    about: About
    at: datetime

    @property
    def job(self) -> Job | None:
        """The work of the cake in trouble."""
        return next((job for job in self.scene.jobs if job.id == self.about.cake_id), None)

    def here_now(self, skill: str) -> list[Hand]:
        """Return who is on shift now and can do this, those with the fewest other skills first."""
        now = self.scene.now
        able = [h for h in self.scene.floor.hands if skill in h.skills and h.id > 0]
        here = [h for h in able if any(a <= now < b for a, b in h.hours)]
        return sorted(here, key=lambda hand: (len(hand.skills), hand.id))


@dataclass(frozen=True)
class Option:
    """One way to do a move: ``args`` for `apply`, ``scene`` as it would be then (None: no work changes).

    ``otherwise`` is the scene to compare with, where that is not how things stand. ``always`` suggests it whatever
    the simulation says, ``reserve`` only where no other way of this move helps; ``facts`` are for its sentence.
    """

    args: Mapping[str, Any]
    scene: Scene | None = None
    otherwise: Scene | None = None
    facts: Facts = field(default_factory=dict)
    always: bool = False
    reserve: bool = False


@dataclass(frozen=True)
class Done:
    """What a move has changed: rows before and after, and the orders whose work it was (the first is the alarm's)."""

    was: dict[str, Any]
    now: dict[str, Any]
    orders: Sequence[int] = ()


Apply = Callable[[Session, Shop, Mapping[str, Any], Actor, datetime], Done]
Undo = Callable[[Session, Shop, Mapping[str, Any], Mapping[str, Any], Actor, datetime], None]


@dataclass(frozen=True)
class Move:
    """A kind of move: who may do it, which ways there are, how it is done and taken back."""

    key: str
    permission: Permission
    options: Callable[[View], Iterator[Option]]
    apply: Apply
    undo: Undo


def laid_at(job: Job, step: int, start: int) -> Job:
    """Return the job with a step begun at a minute, and all after it as much earlier or later."""
    by = start - job.laid[step].start
    moved = [
        Laid(laid.start + by, laid.end + by, laid.unit, laid.hand) if n >= step else laid
        for n, laid in enumerate(job.laid)
    ]
    return replace(job, laid=moved)


def task_at(view: View, job: Job, step: int) -> dict[str, int]:
    """Return what names a step's task, as it stands now."""
    row = view.scene.rows[job.id][step]
    return {"task": row.id, "version": row.version}


def find_task(tx: Session, shop: Shop, task_id: int, version: int) -> tuple[Task, Order]:
    """Return a task that nobody has begun, its order locked; raises `Conflict` when it has changed since."""
    order_id = tx.scalar(select(Task.order_id).where(Task.id == task_id, Task.shop_id == shop.id))
    if order_id is None:
        raise Missing(field="task")
    order = lock_order(tx, order_id)
    task = tx.get_one(Task, task_id, populate_existing=True)
    if task.version != version or task.state not in NOT_BEGUN:
        raise Conflict()
    return task, order


def plan_of(task: Task) -> dict[str, int | None]:
    """Return what a move may change of a task."""
    return {"start": to_minute(task.planned_start), "end": to_minute(task.planned_end), "unit": task.unit,
            "person": task.planned_for}  # fmt: skip


def lay(tx: Session, task: Task, *, start: int, unit: int | None = None, person: int | None = None) -> None:
    """Let a task begin at a minute, in a room, planned for somebody; raises `Conflict` if somebody was faster."""
    room, hand = task.unit if unit is None else unit, task.planned_for if person is None else person
    laying.lay(tx, task.id, task.version, Laid(start, start + task.minutes, room, hand))
    tx.refresh(task)


def later_tasks(tx: Session, task: Task) -> list[Task]:
    """Return a task and those after it of the same cake that nobody has begun."""
    query = select(Task).where(
        Task.cake_id == task.cake_id, Task.sort >= task.sort, Task.state.in_(NOT_BEGUN)
    )
    return list(tx.scalars(query.order_by(Task.sort).execution_options(populate_existing=True)))


def lay_all(tx: Session, tasks: Sequence[Task], by: int) -> None:
    """Lay tasks so many minutes later (or earlier)."""
    for task in tasks:
        if by:
            lay(tx, task, start=to_minute(task.planned_start) + by)


def plans(tasks: Sequence[Task]) -> dict[str, Any]:
    """Return the plans of tasks by their number, to be kept."""
    return {str(task.id): plan_of(task) for task in tasks}


def put_back(
    tx: Session, shop: Shop, was: Mapping[str, Any], now: Mapping[str, Any], by: Actor, at: datetime
) -> None:
    """Lay tasks as they were; raises `Conflict` where one was begun, is over, or stands elsewhere by now."""
    tasks = []
    for key in sorted(now, key=int):
        order_id = tx.scalar(select(Task.order_id).where(Task.id == int(key), Task.shop_id == shop.id))
        if order_id is None:
            raise Conflict(MOVED_ON)
        lock_order(tx, order_id)
        task = tx.get_one(Task, int(key), populate_existing=True)
        if task.state not in NOT_BEGUN or plan_of(task) != now[key]:
            raise Conflict(MOVED_ON)
        tasks.append(task)
    for task in tasks:
        plan = was[str(task.id)]
        place = Laid(plan["start"], plan["end"], plan["unit"], plan["person"])
        laying.lay(tx, task.id, task.version, place)
        tx.refresh(task)
