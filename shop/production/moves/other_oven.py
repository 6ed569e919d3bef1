"""Another oven: a tray that would be one too many, or of another heat, goes into a room that is free then."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import N_, Conflict
from shop.core.permissions import Permission
from shop.core.types import to_minute
from shop.menu.tables import Station
from shop.people.shops import Shop
from shop.planning.reservations.floor import Laid, Step
from shop.production.moves.contract import Done, Move, Option, View, find_task, lay, plans, put_back, task_at


def options(view: View) -> Iterator[Option]:
    """For a room that is over its places: whoever stands there, is not begun and is due last."""
    if view.about.kind not in ("over_capacity", "unit_down"):
        return
    station = next((s for s in view.scene.floor.stations if s.id == view.about.station_id), None)
    if station is None or station.units < 2:
        return
    down = [job.laid[0].unit for job in view.scene.shut if job.steps[0].station == station.id]
    unit = (
        int(view.about.subject.rpartition(".")[2])
        if view.about.kind == "over_capacity"
        else next(iter(down), -1)
    )
    there = [
        (job.due, job, n) for job in view.scene.jobs for n in range(job.locked, len(job.steps))
        if job.steps[n].station == station.id and job.laid[n].unit == unit
    ]  # fmt: skip
    for _, job, n in sorted(there, key=lambda each: -each[0]):
        for other in range(station.units):
            if other != unit and fits(view, job.steps[n], job.laid[n], other, station.places):
                facts = {"order": job.order, "unit": other + 1}
                yield Option({**task_at(view, job, n), "unit": other}, facts=facts, always=True)
                return


def fits(view: View, step: Step, laid: Laid, unit: int, places: int) -> bool:
    """Whether a room has a free place of this heat all the time."""
    beside = [
        other.steps[n] for other in (*view.scene.jobs, *view.scene.shut) for n in range(len(other.steps))
        if other.steps[n].station == step.station and other.laid[n].unit == unit
        and other.laid[n].start < laid.end and laid.start < other.laid[n].end
    ]  # fmt: skip
    heats = {each.heat for each in (*beside, step) if each.heat}
    return len(heats) <= 1 and sum(each.amount for each in beside) + step.amount <= places


def apply(tx: Session, shop: Shop, args: Mapping[str, Any], by: Actor, at: datetime) -> Done:
    """Plan it for the other room."""
    task, order = find_task(tx, shop, args["task"], args["version"])
    station = tx.get(Station, task.station_id) if task.station_id else None
    if station is None or args["unit"] >= station.units:
        raise Conflict(N_("This place is no longer there."))
    was = plans([task])
    lay(tx, task, start=to_minute(task.planned_start), unit=args["unit"])
    return Done(was, plans([task]), [order.id])


MOVE = Move("other_oven", Permission.TASK_ADVANCE, options, apply, put_back)
