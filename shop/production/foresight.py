"""Foreseeing: the open work as the engine's jobs, lived through from now on, and each cake's chance of being late."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from shop.core.types import to_minute
from shop.menu.tables import StageKind, Station
from shop.orders.floorplan import floor_on
from shop.orders.planned import steps_of
from shop.orders.tables import Cake, Line
from shop.people.shops import Shop
from shop.planning.reservations.floor import Floor, Job, Laid, minutes_of
from shop.planning.simulation.calibration import Sight, calibrated
from shop.planning.simulation.living import RUNS, live
from shop.planning.simulation.spread import Spread
from shop.production.durations import pace_today, past_of
from shop.production.outages import shut_jobs, units_down
from shop.production.tables import TO_DO, Task, TaskState

AHEAD = timedelta(hours=6)
MOST_CAKES = 60
"""Of a longer day the cakes due first are lived through: a look must stay short."""
EARLIER, STAYS = 120, 30
"""Minutes that somebody at work before their shift is taken to have come early, and after it to stay."""


@dataclass(frozen=True)
class Seen:
    """One cake's ``chance`` of being late (0 to 1), by how many ``minutes`` in the middle of the bad runs."""

    cake_id: int
    order_id: int
    due_at: datetime
    chance: float
    minutes: int
    station_id: int | None
    sight: Sight
    likely_end: int = 0
    """The minute by which it is done in four of five runs."""
    ends: Sequence[float] = ()
    """The minute at which it is done in every run: what deliveries are foreseen from."""


@dataclass(frozen=True)
class Scene:
    """The shop's next hours, ready to be lived through; ``rows`` are each cake's open stages, as its job's steps.

    ``bound`` says who alone does a step, as (cake, number of the step): everything else is done by whoever is free.
    """

    now: int
    floor: Floor
    jobs: Sequence[Job]
    spreads: Mapping[int, Sequence[Spread]]
    rows: Mapping[int, Sequence[Row[Any]]]
    weights: Sequence[float] | None
    bound: Mapping[tuple[int, int], int] = field(default_factory=dict)
    shut: Sequence[Job] = ()
    """Rooms that cannot be used, as work that stands in them."""

    def with_job(self, *jobs: Job) -> "Scene":
        """Return the same hours with these jobs in place of those of the same cakes."""
        instead = {job.id: job for job in jobs}
        return replace(self, jobs=[instead.get(job.id, job) for job in self.jobs])


def foresee(session: Session, shop: Shop, *, at: datetime, seed: int = 1) -> dict[int, Seen]:
    """Live through the shop's next hours sixty times; returns what is seen of every cake due then."""
    scene = scene_of(session, shop, at=at)
    return seen_in(scene, seed=seed) if scene else {}


def scene_of(session: Session, shop: Shop, *, at: datetime) -> Scene | None:
    """Return the shop's next hours as the plan has them; None where nothing is to be done."""
    rows = _open_rows(session, shop, at)
    if not rows:
        return None
    now, past = to_minute(at), past_of(session, shop)
    slow = pace_today(session, shop, past, at=at)
    jobs, spreads, cakes = [], {}, _by_cake(rows)
    for cake_id, mine in cakes.items():
        jobs.append(_job(cake_id, mine, now))
        spreads[cake_id] = [
            _spread(past.spread(row.kind, row.product, row.inch, row.minutes), row, slow) for row in mine
        ]
    floor = with_whom_works(floor_of(session, shop, at=at), jobs, now)
    shut = [
        replace(job, locked=int(job.laid[0].start <= now))
        for job in shut_jobs(units_down(session, shop, at, at + AHEAD))
    ]
    weights = shop.settings.get("foresight", {}).get("weights")
    return Scene(now, floor, jobs, spreads, cakes, weights, shut=shut)


def seen_in(scene: Scene, *, runs: int = RUNS, seed: int = 1) -> dict[int, Seen]:
    """Live through a scene; equal seeds make what is seen of two scenes comparable."""
    jobs, now, cakes = scene.jobs, scene.now, scene.rows
    runs = runs if len(jobs) <= 40 else max(1, runs * 40 // len(jobs))
    exactly = {job.id: [(float(job.steps[0].minutes),) * 2] for job in scene.shut}
    spreads = {**scene.spreads, **exactly}
    lived = live(scene.floor, [*jobs, *scene.shut], now, spreads, runs=runs, seed=seed, bound=scene.bound)
    found = {}
    for job in jobs:
        ends = sorted(lived.ends[job.id])
        slack = job.due - now - minutes_of(job.steps)
        if job.locked:
            slack += min(job.steps[0].minutes, now - job.laid[0].start)
        before = sum(other.laid[-1].end < job.laid[-1].end for other in jobs)
        apart = (lived.end(job, 0.9) - lived.end(job, 0.1)) / 2
        sight = Sight(lived.chance(job), job.due - lived.end(job, 0.5), apart, slack, before, runs)
        bad = [end - job.due for end in ends if end > job.due]
        minutes = round(min(bad[len(bad) // 2], 24 * 60)) if bad else 0
        mine = cakes[job.id]
        station = next((row.station_id for row in mine if row.station_id is not None), None)
        chance = calibrated(sight, scene.weights)
        likely_end = round(min(lived.end(job, 0.8), now + 24 * 60.0))
        found[job.id] = Seen(job.id, job.order, mine[-1].due_at, chance, minutes, station, sight, likely_end,
                             lived.ends[job.id])  # fmt: skip
    return found


def _open_rows(session: Session, shop: Shop, at: datetime) -> list[Any]:
    query = (
        select(
            Task.id, Task.version,
            Task.cake_id, Task.order_id, Task.kind, Task.station_id, Task.state, Task.minutes, Task.amount,
            Task.needs_person, Task.planned_start, Task.planned_end, Task.due_at, Task.started_at, Task.started_by,
            Task.unit, Task.planned_for, Task.celsius, Task.keeps, Task.gate, Line.product, Line.inch,
        )
        .join(Cake, Cake.id == Task.cake_id)
        .join(Line, Line.id == Cake.line_id)
        .where(Task.shop_id == shop.id, Task.state.in_(TO_DO), Task.due_at <= at + AHEAD)
        .order_by(Task.due_at, Task.cake_id, Task.sort)
    )  # fmt: skip
    return list(session.execute(query))


def _by_cake(rows: Sequence[Row[Any]]) -> dict[int, list[Row[Any]]]:
    cakes: dict[int, list[Row[Any]]] = {}
    for row in rows:
        if row.cake_id in cakes or len(cakes) < MOST_CAKES:
            cakes.setdefault(row.cake_id, []).append(row)
    return cakes


def _job(cake_id: int, rows: Sequence[Row[Any]], now: int) -> Job:
    laid = [
        Laid(to_minute(row.planned_start), to_minute(row.planned_end), row.unit, row.planned_for)
        for row in rows
    ]
    first, locked = rows[0], 0
    if first.state == TaskState.RUNNING:
        started = to_minute(first.started_at or first.planned_start)
        laid[0], locked = Laid(min(started, now), laid[0].end, first.unit, first.started_by), 1
    return Job(cake_id, first.order_id, to_minute(rows[-1].due_at), 0, steps_of(rows), laid, locked)


def _spread(spread: Spread, row: Row[Any], slow: float) -> Spread:
    """Cooling takes its time and is done by nobody; an oven does not hurry or dawdle with the day."""
    if row.station_id is None:
        return (float(row.minutes), float(row.minutes))
    if row.kind == StageKind.BAKE:
        return spread
    return tuple(minutes * slow for minutes in spread)


def with_whom_works(floor: Floor, jobs: Sequence[Job], now: int) -> Floor:
    """Return the kitchen with everybody on shift who is at work now: who came early or stays longer is here."""
    here = {job.laid[0].hand for job in jobs if job.locked}
    hands = []
    for hand in floor.hands:
        spans = sorted(span for span in hand.hours if span[1] > now)
        if hand.id in here and not (spans and spans[0][0] <= now):
            spans = [(now, spans[0][1] if spans and spans[0][0] <= now + EARLIER else now + STAYS), *spans]
        hands.append(replace(hand, hours=spans))
    return replace(floor, hands=hands)


def floor_of(session: Session, shop: Shop, *, at: datetime, days: int = 1) -> Floor:
    """Return the kitchen from yesterday until so many ``days`` ahead, in minutes: stations, people, skills."""
    stations = session.scalars(select(Station).where(Station.shop_id == shop.id).order_by(Station.id)).all()
    some = [shop.business_date(at) + timedelta(days=n) for n in range(-1, days + 1)]
    return floor_on(session, shop, stations, some)
