"""Start now: what could begin begins, done by somebody who is here and free."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import N_, Conflict
from shop.core.permissions import Permission
from shop.people.shops import Shop
from shop.people.staff import Staff
from shop.planning.reservations.floor import Laid
from shop.production import work
from shop.production.moves.contract import MOVED_ON, Done, Move, Option, View, find_task, task_at
from shop.production.tables import Task, TaskState

WAITS_ON = 20
"""Compared with leaving it so many minutes more."""


def options(view: View) -> Iterator[Option]:
    """The cake's next stage, if it may begin, by each who is here and has nothing in hand."""
    job = view.job
    if job is None or job.locked or view.scene.rows[job.id][0].state != TaskState.READY:
        return
    now, step = view.scene.now, job.steps[0]
    busy = {each.laid[0].hand for each in view.scene.jobs if each.locked}
    free = [hand.id for hand in view.here_now(step.skill) if hand.id not in busy] if step.skill else [0]
    waits = view.scene.with_job(replace(job, since=now + WAITS_ON))
    for person in free[:1]:
        begun = [Laid(now, now + step.minutes, job.laid[0].unit, person or None), *job.laid[1:]]
        yield Option(
            {**task_at(view, job, 0), "person": person},
            view.scene.with_job(replace(job, laid=begun, locked=1)), waits,
            {"stage": step.kind, "person": person, "minutes": WAITS_ON},
        )  # fmt: skip


def apply(tx: Session, shop: Shop, args: Mapping[str, Any], by: Actor, at: datetime) -> Done:
    """Begin it; it is noted as the work of whoever was named."""
    task, order = find_task(tx, shop, args["task"], args["version"])
    who = by
    if args["person"]:
        person = tx.get(Staff, args["person"])
        if person is None or person.shop_id != shop.id or not person.active:
            raise Conflict(N_("Whoever should do this is no longer in the team."))
        who = Actor.staff(person.id, by.device_id)
    work.start(tx, shop, task.id, task.version, by=who, at=at)
    tx.refresh(task)
    return Done({"task": task.id}, {"task": task.id, "version": task.version}, [order.id])


def undo(
    tx: Session, shop: Shop, was: Mapping[str, Any], now: Mapping[str, Any], by: Actor, at: datetime
) -> None:
    """Take the start back, while nothing more has happened to it."""
    task = tx.get_one(Task, now["task"], populate_existing=True)
    if task.version != now["version"] or task.state != TaskState.RUNNING:
        raise Conflict(MOVED_ON)
    work.recall(tx, shop, task.id, task.version, by=by, at=at)


MOVE = Move("start_now", Permission.TASK_ADVANCE, options, apply, undo)
