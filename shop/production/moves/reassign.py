"""Give the next stage to somebody: it is what they do next, ahead of everything else."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import N_, Invalid
from shop.core.permissions import Permission
from shop.core.types import to_minute
from shop.people.shops import Shop
from shop.people.staff import Staff
from shop.production.moves.contract import (
    Done,
    Move,
    Option,
    View,
    find_task,
    laid_at,
    lay,
    plans,
    put_back,
    task_at,
)

MOST = 3


def options(view: View) -> Iterator[Option]:
    """The cake's next stage by hand, by each who is here, can do it, and is not the one it is planned for."""
    job = view.job
    if job is None or job.locked == len(job.steps):
        return
    n = next((i for i in range(job.locked, len(job.steps)) if job.steps[i].skill), None)
    if n is None:
        return
    row, now = view.scene.rows[job.id][n], view.scene.now
    start = min(job.laid[n].start, now)
    for hand in [h for h in view.here_now(job.steps[n].skill) if h.id != row.planned_for][:MOST]:
        scene = view.scene.with_job(laid_at(job, n, start))
        yield Option(
            {**task_at(view, job, n), "person": hand.id, "start": start},
            replace(scene, bound={**view.scene.bound, (job.id, n): hand.id}),
            facts={"stage": job.steps[n].kind, "person": hand.id},
        )


def apply(tx: Session, shop: Shop, args: Mapping[str, Any], by: Actor, at: datetime) -> Done:
    """Plan the stage for them, first in their queue."""
    task, order = find_task(tx, shop, args["task"], args["version"])
    person = tx.get(Staff, args["person"])
    if person is None or person.shop_id != shop.id or not person.active or task.kind not in person.skills:
        raise Invalid(N_("They cannot do this stage. Please choose somebody else."), field="person")
    was = plans([task])
    lay(tx, task, start=min(args["start"], to_minute(task.planned_start)), person=person.id)
    return Done(was, plans([task]), [order.id])


MOVE = Move("reassign", Permission.TASK_ADVANCE, options, apply, put_back)
