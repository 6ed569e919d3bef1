"""Let a later cake wait: one with much time begins later, and its place is free for the one in trouble."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import N_, Conflict
from shop.core.permissions import Permission
from shop.core.types import to_minute
from shop.people.shops import Shop
from shop.planning.reservations.floor import Job
from shop.planning.simulation.living import EARLY
from shop.production.moves.contract import (
    Done,
    Move,
    Option,
    View,
    find_task,
    laid_at,
    later_tasks,
    lay_all,
    plans,
    put_back,
    task_at,
)

MOST = 2
SHORTEST, LONGEST = EARLY + 15, EARLY + 60
"""Work may begin half an hour ahead of its plan: waiting must be more than that to be felt."""
KEPT = 10
"""Minutes that the cake that waits keeps to spare by plan."""


def options(view: View) -> Iterator[Option]:
    """Each cake not begun, due later, that wants the same hands or the same station and has time to spare."""
    job = view.job
    if job is None or job.locked == len(job.steps):
        return
    for other, by in waiters(view, job)[:MOST]:
        n = other.locked
        scene = view.scene.with_job(laid_at(other, n, other.laid[n].start + by))
        yield Option(
            {**task_at(view, other, n), "by": by}, scene, facts={"order": other.order, "minutes": by}
        )


def waiters(view: View, job: Job) -> list[tuple[Job, int]]:
    """Return who can wait for how many minutes, the longest first."""
    wanted = {step.skill for step in job.steps[job.locked :] if step.skill}
    stations = {step.station for step in job.steps[job.locked :] if step.station is not None}
    found = []
    for other in view.scene.jobs:
        n = other.locked
        if other.order == job.order or n == len(other.steps) or other.due <= job.due:
            continue
        step, start = other.steps[n], other.laid[n].start
        by = min(max(start, view.scene.now) + LONGEST - start, other.due - KEPT - other.laid[-1].end)
        soon = start - EARLY < view.scene.now + LONGEST
        if soon and by >= SHORTEST and (step.skill in wanted or step.station in stations):
            found.append((other, by))
    return sorted(found, key=lambda each: (-each[1], each[0].id))


def apply(tx: Session, shop: Shop, args: Mapping[str, Any], by: Actor, at: datetime) -> Done:
    """Lay it and what comes after so much later; never past its own time."""
    task, order = find_task(tx, shop, args["task"], args["version"])
    tasks = later_tasks(tx, task)
    was = plans(tasks)
    lay_all(tx, tasks, int(args["by"]))
    if to_minute(tasks[-1].planned_end) > to_minute(task.due_at):
        raise Conflict(N_("That cake has no time left to wait."))
    return Done(was, plans(tasks), [order.id])


MOVE = Move("let_wait", Permission.TASK_ADVANCE, options, apply, put_back)
