"""Who takes a piece of work: anybody able may claim it, a person may decide otherwise, and it can be given back.

One of many who tap at once wins: the row is changed only as it was read (`guard`), the others get `Conflict`.
``Task.claimed_by`` is a person's word; the plan's ``planned_for`` is only a wish.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.core.actors import Actor, ActorKind
from shop.core.errors import N_, Conflict, Invalid, Missing
from shop.core.events import record
from shop.core.reasons import reason_given
from shop.orders.tables import Order, OrderState
from shop.orders.words import STATE_WORDS
from shop.people.offers import Answer, answer, note_claim, open_offers, subject_of
from shop.people.shops import Shop
from shop.people.staff import Staff
from shop.production.tables import TO_BEGIN, Task

WORKABLE = (OrderState.CONFIRMED, OrderState.IN_PRODUCTION)


def claim(tx: Session, shop: Shop, task_id: int, version: int, *, by: Actor, at: datetime) -> None:
    """Take work that nobody has, or that was offered to me. One of many at once wins; the others get `Conflict`."""
    task, order = find(tx, shop, task_id)
    _able(tx, shop, task, by.id)
    _workable(task, order)
    offered = next(
        (o for o in open_offers(tx, shop, "task") if o.subject == subject_of("task", task.id)), None
    )
    if offered is not None and offered.staff_id not in (None, by.id):
        raise Conflict(N_("This is being offered to somebody else right now."))
    _take(tx, task, version, by.id, at=at)
    note_claim(tx, shop, subject_of("task", task.id), order.id, by.id, at=at)
    note(tx, task, "task_claimed", by=by, at=at)


def accept(tx: Session, shop: Shop, task_id: int, *, by: Actor, at: datetime) -> None:
    """Say yes to an offer; raises `Conflict` when it is no longer mine to take."""
    task, order = find(tx, shop, task_id)
    _workable(task, order)
    if not answer(tx, shop, subject_of("task", task.id), Answer.ACCEPTED, at=at, staff_id=_person(by)):
        raise Conflict(N_("This is no longer offered to you."))
    _take(tx, task, task.version, by.id, at=at)
    note(tx, task, "task_claimed", by=by, at=at, offered=True)


def decline(tx: Session, shop: Shop, task_id: int, *, by: Actor, at: datetime) -> None:
    """Say no to an offer: it goes to the next one."""
    task, _ = find(tx, shop, task_id)
    if not answer(tx, shop, subject_of("task", task.id), Answer.DECLINED, at=at, staff_id=_person(by)):
        raise Conflict(N_("This is no longer offered to you."))
    note(tx, task, "offer_declined", by=by, at=at)


def release(
    tx: Session, shop: Shop, task_id: int, version: int, *, by: Actor, at: datetime, reason: str = ""
) -> None:
    """Give back what I claimed and have not begun."""
    task, _ = find(tx, shop, task_id)
    if task.claimed_by is None or task.claimed_by != by.id:
        raise Conflict(N_("This is not yours (any more)."))
    if task.state not in TO_BEGIN:
        raise Conflict(N_("This has begun already."))
    let_go(tx, task, version)
    note(tx, task, "task_released", by=by, at=at, reason=reason.strip()[:200])


def assign(
    tx: Session,
    shop: Shop,
    task_id: int,
    staff_id: int,
    version: int,
    *,
    by: Actor,
    at: datetime,
    reason: str,
) -> None:
    """Give work to somebody by hand, also what somebody else has; the reason stands in the diary."""
    reason = reason_given(reason)
    task, order = find(tx, shop, task_id)
    _workable(task, order)
    person = tx.get(Staff, staff_id)
    if person is None or person.shop_id != shop.id or not person.active or task.kind not in person.skills:
        raise Invalid(N_("Please choose somebody who has learned this."), field="staff")
    before = task.claimed_by
    step = update(Task).where(Task.id == task.id, Task.version == version, Task.state.in_(TO_BEGIN))
    _change(tx, task, step.values(claimed_by=staff_id, claimed_at=at, version=Task.version + 1))
    note_claim(tx, shop, subject_of("task", task.id), order.id, staff_id, at=at, how=Answer.ASSIGNED)
    note(tx, task, "task_assigned", by=by, at=at, to=staff_id, before=before, reason=reason)


def check_start(tx: Session, task: Task, *, by: Actor, takeover: bool) -> None:
    """Raise `Conflict` where somebody else has claimed what ``by`` begins, until they say that they take it over."""
    if task.claimed_by is None or task.claimed_by == by.id or takeover:
        return
    name = tx.scalar(select(Staff.name).where(Staff.id == task.claimed_by)) or ""
    raise Conflict(N_("%(name)s has taken this. Take it over?"), field="takeover", name=name)


def began(tx: Session, shop: Shop, task: Task, *, by: Actor, at: datetime) -> None:
    """Work has begun: an offer of it is answered by that, and whoever began it has it now."""
    subject = subject_of("task", task.id)
    if by.id is None or not answer(tx, shop, subject, Answer.ACCEPTED, at=at, staff_id=by.id):
        answer(tx, shop, subject, Answer.ENDED, at=at)
    if task.claimed_by is not None and task.claimed_by != by.id:
        before, task.claimed_by, task.claimed_at = task.claimed_by, by.id, at
        note(tx, task, "task_taken_over", by=by, at=at, before=before)


def find(session: Session, shop: Shop, task_id: int) -> tuple[Task, Order]:
    """Return a task of this shop as it stands, with its order; raises `Missing`."""
    query = select(Task, Order).join(Order, Order.id == Task.order_id)
    query = query.where(Task.id == task_id, Task.shop_id == shop.id)
    row = session.execute(query.execution_options(populate_existing=True)).first()
    if row is None:
        raise Missing(field="task")
    return row[0], row[1]


def guard(version: int) -> tuple[Any, ...]:
    """Return what must still be true of the row for a claim to be taken."""
    return (Task.version == version, Task.claimed_by.is_(None), Task.state.in_(TO_BEGIN))


def let_go(tx: Session, task: Task, version: int) -> None:
    """Take a claim away; raises `Conflict` when the task has changed meanwhile."""
    step = update(Task).where(Task.id == task.id, Task.version == version, Task.state.in_(TO_BEGIN))
    _change(tx, task, step.values(claimed_by=None, claimed_at=None, version=Task.version + 1))


def note(tx: Session, task: Task, kind: str, *, by: Actor, at: datetime, **data: Any) -> None:
    """Write what happened to a task into the diary; the boards hear of it."""
    record(
        tx, task.shop_id, kind, by=by, at=at, topics=("kitchen", "orders", f"order:{task.order_id}"),
        order_id=task.order_id, cake_id=task.cake_id, task_id=task.id, stage=task.kind, **data,
    )  # fmt: skip


def _take(tx: Session, task: Task, version: int, staff_id: int | None, *, at: datetime) -> None:
    step = update(Task).where(Task.id == task.id, *guard(version))
    step = step.values(claimed_by=staff_id, claimed_at=at, version=Task.version + 1)
    if tx.connection().execute(step.execution_options(synchronize_session=False)).rowcount:
        tx.refresh(task)
        return
    tx.refresh(task)
    who = tx.scalar(select(Staff.name).where(Staff.id == task.claimed_by)) if task.claimed_by else None
    raise Conflict(N_("%(name)s has taken this already."), name=who) if who else Conflict()


def _change(tx: Session, task: Task, step: Any) -> None:
    if not tx.connection().execute(step.execution_options(synchronize_session=False)).rowcount:
        raise Conflict()
    tx.refresh(task)


def _person(by: Actor) -> int:
    return by.id if by.kind is ActorKind.STAFF and by.id is not None else -1


def _able(tx: Session, shop: Shop, task: Task, staff_id: int | None) -> None:
    person = tx.get(Staff, staff_id or 0)
    if person is None or person.shop_id != shop.id or task.kind not in person.skills:
        raise Invalid(N_("Only somebody who has learned this can take it."), field="person")


def _workable(task: Task, order: Order) -> None:
    if order.state not in WORKABLE:
        raise Conflict(N_("This order is %(state)s by now."), state=STATE_WORDS[order.state])
    if not task.needs_person or task.station_id is None:
        raise Conflict(N_("Nobody is needed for this."))
    if task.state not in TO_BEGIN:
        raise Conflict(N_("This has begun already."))


__all__ = [
    "accept",
    "assign",
    "began",
    "check_start",
    "claim",
    "decline",
    "find",
    "guard",
    "let_go",
    "note",
    "release",
]
