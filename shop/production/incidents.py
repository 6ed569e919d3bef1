"""Incidents: what went wrong with an order, where, and how it ended. A fault belongs to work, said fairly."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.clock import minutes_between
from shop.core.errors import N_, Conflict, Denied, Invalid, Missing
from shop.core.events import record
from shop.core.permissions import Permission
from shop.menu.card import MenuCard
from shop.orders.progress import lock_order, topics_of
from shop.orders.tables import Order, OrderState
from shop.people.rights import may
from shop.people.shops import Shop
from shop.people.staff import Staff
from shop.production import work
from shop.production.tables import Incident, Task

KINDS = ("delay", "swap", "remake", "refund")
OUTCOMES = ("settled", "remade", "refunded", "no_fault")
LONGEST = 300
NEVER_MADE = (OrderState.PLACED, OrderState.EXPIRED, OrderState.REJECTED)


@dataclass(frozen=True)
class Work:
    """A stage that somebody has begun: whose it was, from when to when, by how many minutes over its plan.

    ``over`` is negative for what was faster; ``late`` is by how much it began after its latest start.
    """

    task_id: int
    cake_id: int
    stage: str
    person: int | None
    name: str
    begun_at: datetime
    ended_at: datetime | None
    over: int
    late: int


def work_of(session: Session, order: Order, *, at: datetime) -> list[Work]:
    """Return what was begun of an order, what took longest over its plan first; cooling is nobody's."""
    query = (
        select(Task, Staff.name)
        .outerjoin(Staff, Staff.id == Task.started_by)
        .where(Task.order_id == order.id, Task.started_at.is_not(None), Task.station_id.is_not(None))
        .order_by(Task.cake_id, Task.sort)
    )
    found = [_work(task, name, at) for task, name in session.execute(query)]
    return sorted(found, key=lambda each: -max(each.over, each.late))


def _work(task: Task, name: str | None, at: datetime) -> Work:
    begun = task.started_at or at
    spent = minutes_between(begun, task.finished_at or max(at, begun))
    late = max(0, minutes_between(task.latest_start, begun))
    return Work(task.id, task.cake_id, task.kind, task.started_by, name or "", begun, task.finished_at,
                spent - task.minutes, late)  # fmt: skip


def report(
    tx: Session, shop: Shop, card: MenuCard, order_id: int, kind: str, *, by: Actor, at: datetime,
    task_id: int | None = None, note: str = "", amount: int = 0, reason: str = "",
) -> Incident:  # fmt: skip
    """Write down what went wrong; a remake begins at once, a refund is asked for.

    ``task_id`` is the work it is attributed to, None where it is nobody's. Raises `Invalid` naming ``kind``,
    ``task``, ``note``, ``amount`` or ``reason``, `Denied` for a remake by who may not, and `Conflict`.
    """
    if kind not in KINDS:
        raise Invalid(N_("Please say what happened."), field="kind")
    if len(note := note.strip()) > LONGEST:
        raise Invalid(N_("Please keep this under %(n)s characters."), field="note", n=LONGEST)
    order = lock_order(tx, _order(tx, shop, order_id))
    if order.state in NEVER_MADE:
        raise Conflict(N_("Nothing of this order was made: nothing can have gone wrong."))
    done = {each.task_id: each for each in work_of(tx, order, at=at)}
    blamed = done.get(task_id or 0)
    if task_id and blamed is None:
        raise Invalid(N_("Please choose work of this order that somebody has begun."), field="task")
    if kind == "swap" and not note:
        raise Invalid(N_("Please write which order it was mixed up with."), field="note")
    if kind == "refund" and not 0 < amount <= order.paid:
        raise Invalid(N_("Please enter an amount, at most what was paid."), field="amount")
    if kind == "remake":
        _make_again(tx, shop, card, blamed, reason, by, at)
    row = Incident(shop_id=shop.id, order_id=order.id, kind=kind, note=note, by_staff=by.id, at=at)
    row.amount = amount if kind == "refund" else 0
    if blamed is not None:
        row.task_id, row.cake_id, row.stage, row.person = task_id, blamed.cake_id, blamed.stage, blamed.person
        row.begun_at, row.ended_at, row.over = blamed.begun_at, blamed.ended_at, blamed.over
    tx.add(row)
    tx.flush()
    _tell(tx, shop, order, row, "incident_reported", by, at)
    return row


def _make_again(
    tx: Session, shop: Shop, card: MenuCard, blamed: Work | None, reason: str, by: Actor, at: datetime
) -> None:
    person = tx.get(Staff, by.id) if by.id else None
    if person is None or not may(tx, person, Permission.TASK_REMAKE):
        raise Denied(N_("A manager or a baker lets a cake be made again."))
    if blamed is None:
        raise Invalid(
            N_("Please choose the stage where it went wrong: it is made again from there."), field="task"
        )
    work.remake(tx, shop, card, blamed.cake_id, from_kind=blamed.stage, fault_kind=blamed.stage, reason=reason,
                by=by, at=at)  # fmt: skip


def close(tx: Session, shop: Shop, incident_id: int, outcome: str, *, by: Actor, at: datetime) -> None:
    """Say how it ended; raises `Conflict` if somebody already has."""
    if outcome not in OUTCOMES:
        raise Invalid(N_("Please say how it ended."), field="outcome")
    row = tx.scalars(select(Incident).where(Incident.id == incident_id, Incident.shop_id == shop.id)).first()
    if row is None:
        raise Missing(field="incident")
    order = lock_order(tx, row.order_id)
    change = (
        update(Incident)
        .where(Incident.id == row.id, Incident.closed_at.is_(None))
        .values(outcome=outcome, closed_at=at, closed_by=by.id)
        .execution_options(synchronize_session=False)
    )
    if not tx.connection().execute(change).rowcount:
        raise Conflict()
    tx.refresh(row)
    _tell(tx, shop, order, row, "incident_closed", by, at)


def _order(tx: Session, shop: Shop, order_id: int) -> int:
    found = tx.scalar(select(Order.id).where(Order.id == order_id, Order.shop_id == shop.id))
    if found is None:
        raise Missing(field="order")
    return found


def _tell(tx: Session, shop: Shop, order: Order, row: Incident, kind: str, by: Actor, at: datetime) -> None:
    data = {"stage": row.stage} if row.stage else {}
    record(tx, shop.id, kind, by=by, at=at, topics=topics_of(order), order_id=order.id, cake_id=row.cake_id,
           task_id=row.task_id, incident=row.id, what=row.kind, outcome=row.outcome, person=row.person, over=row.over,
           amount=row.amount, begun=row.begun_at.isoformat() if row.begun_at else "",
           ended=row.ended_at.isoformat() if row.ended_at else "", **data)  # fmt: skip


def listed(session: Session, shop: Shop, *, most: int = 60) -> Sequence[tuple[Incident, Order]]:
    """Return the incidents with their orders, the open ones first, then the newest."""
    query = (
        select(Incident, Order)
        .join(Order, Order.id == Incident.order_id)
        .where(Incident.shop_id == shop.id)
        .order_by(Incident.closed_at.is_not(None), Incident.id.desc())
        .limit(most)
    )
    return [(row, order) for row, order in session.execute(query)]
