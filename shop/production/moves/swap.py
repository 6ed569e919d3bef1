"""Swap two cakes: the one in trouble takes the place of one at the same station that has more time."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.permissions import Permission
from shop.core.types import to_minute
from shop.people.shops import Shop
from shop.planning.reservations.floor import Job
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


def options(view: View) -> Iterator[Option]:
    """Each cake that stands before this one at its next station, is not begun, and is due later."""
    job = view.job
    if job is None or job.locked == len(job.steps):
        return
    mine = job.locked
    for other in others(view, job, mine)[:MOST]:
        theirs = other.locked
        scene = view.scene.with_job(
            laid_at(job, mine, other.laid[theirs].start), laid_at(other, theirs, job.laid[mine].start)
        )
        args = {**task_at(view, job, mine), "other": view.scene.rows[other.id][theirs].id}
        args["other_version"] = view.scene.rows[other.id][theirs].version
        yield Option(args, scene, facts={"order": other.order})


def others(view: View, job: Job, step: int) -> list[Job]:
    """Return who stands before, is due later and will probably be in time: those with the most time first."""
    here, start = job.steps[step].station, job.laid[step].start
    found = []
    for other in view.scene.jobs:
        n = other.locked
        if other.id == job.id or other.order == job.order or n == len(other.steps) or here is None:
            continue
        seen = view.seen[other.id]
        if other.steps[n].station == here and other.laid[n].start < start and other.due > job.due:
            found.append((seen.chance, -seen.sight.margin, other.id, other))
    return [other for *_, other in sorted(found, key=lambda each: each[:3])]


def apply(tx: Session, shop: Shop, args: Mapping[str, Any], by: Actor, at: datetime) -> Done:
    """Exchange the beginnings; what comes after moves along."""
    one, mine = find_task(tx, shop, args["task"], args["version"])
    two, theirs = find_task(tx, shop, args["other"], args["other_version"])
    first, second = later_tasks(tx, one), later_tasks(tx, two)
    was = plans([*first, *second])
    apart = to_minute(one.planned_start) - to_minute(two.planned_start)
    lay_all(tx, first, -apart)
    lay_all(tx, second, apart)
    return Done(was, plans([*first, *second]), [mine.id, theirs.id])


MOVE = Move("swap", Permission.TASK_ADVANCE, options, apply, put_back)
