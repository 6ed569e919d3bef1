"""One improvement of the kitchen's plan, and the lines of JSON in which a child process is asked for it."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from shop.planning.kitchen import Floor, Job, Laid, Step, least_runs, runs_of
from shop.planning.kitchen.bound import least_late
from shop.planning.kitchen.checker import faults
from shop.planning.kitchen.later import as_late
from shop.planning.kitchen.solve import plan, standing
from shop.planning.reservations.floor import Hand, StationPlan

KEPT = 1000
"""A minute late weighs so much more where the job can be in time as things stand: never worth it."""
Plan = Mapping[int, Sequence[Laid]]


class Improved(NamedTuple):
    """A plan and how good it is. ``late`` in minutes of all cakes; no plan at all can have less than ``bound``.

    ``engine`` found it: the "search" by chance, or the "solver". When there is nothing better it is "standing", or
    "mended" if something could not stay where it was.
    """

    laid: Mapping[int, Sequence[Laid]]
    unplaced: Sequence[int]
    late_before: int
    late: int
    runs_before: int
    runs: int
    least_runs: int
    bound: int
    seconds: float
    engine: str = ""


def improve(floor: Floor, jobs: Sequence[Job], seconds: float, hurry: Collection[int] = ()) -> Improved:
    """Plan within so many seconds. What moves stands as late as it may, but the jobs in a ``hurry`` come soon.

    What can be in time as things stand stays in time: no plan may break that to save more elsewhere.
    """
    began = time.monotonic()
    stood = standing(floor, jobs)
    kept = in_time(jobs, stood)
    weighed = [replace(job, weight=job.weight * KEPT) if job.id in kept else job for job in jobs]
    found = plan(floor, weighed, seconds)
    sound = not _new_faults(floor, jobs, found.laid, stood)  # a plan that the checker refuses is none
    best = found.laid if sound and kept <= in_time(jobs, found.laid) else stood
    moved = {job.id for job in jobs if job.id in best and list(best[job.id]) != list(job.laid)}
    laid: Plan = as_late(floor, jobs, best, moved - set(hurry))
    if _new_faults(floor, jobs, laid, stood):
        laid = best
    proven = found.proven and best is found.laid
    engine = "solver" if found.won else "search"
    if best == stood:
        engine = "mended" if moved else "standing"
    return Improved(
        laid, [job.id for job in jobs if job.id not in laid], minutes_late(jobs, stood), minutes_late(jobs, laid),
        len(runs_of(jobs, stood)), len(runs_of(jobs, laid)), least_runs(floor, jobs),
        _bound(floor, jobs, laid, proven), round(time.monotonic() - began, 3), engine,
    )  # fmt: skip


def _new_faults(floor: Floor, jobs: Sequence[Job], laid: Plan, stood: Plan) -> set[str]:
    found = set(faults(floor, jobs, laid))
    return found and found - set(faults(floor, jobs, stood))


def _bound(floor: Floor, jobs: Sequence[Job], laid: Plan, proven: bool) -> int:
    late = minutes_late(jobs, laid)
    return late if proven or not late else least_late(floor, [job for job in jobs if job.id in laid])


def in_time(jobs: Sequence[Job], laid: Mapping[int, Sequence[Laid]]) -> set[int]:
    """Return the jobs that are done by their due time."""
    return {job.id for job in jobs if laid.get(job.id) and laid[job.id][-1].end <= job.due}


def minutes_late(jobs: Sequence[Job], laid: Mapping[int, Sequence[Laid]]) -> int:
    """Return the minutes late of all cakes that have a place."""
    return sum(max(0, laid[job.id][-1].end - job.due) for job in jobs if laid.get(job.id))


def ask(floor: Floor, jobs: Sequence[Job], seconds: float, hurry: Collection[int] = ()) -> dict[str, Any]:
    """Return the question as JSON."""
    return {
        "seconds": seconds,
        "hurry": sorted(hurry),
        "stations": [[s.id, s.units, s.places, list(s.hours), dict(s.gates)] for s in floor.stations],
        "hands": [[h.id, sorted(h.skills), list(h.hours)] for h in floor.hands],
        "jobs": [
            [
                j.id,
                j.order,
                j.due,
                j.since,
                j.locked,
                j.weight,
                [_step(s) for s in j.steps],
                [_laid(w) for w in j.laid],
            ]
            for j in jobs
        ],
    }


def _step(step: Step) -> list[Any]:
    return [step.kind, step.station, step.minutes, step.amount, step.heat, step.skill, step.keeps, step.gate]


def answer(question: Mapping[str, Any]) -> dict[str, Any]:
    """Think, and return the answer as JSON."""
    stations = [
        StationPlan(id_, units, places, _spans(hours), {gate: _spans(spans) for gate, spans in gates.items()})
        for id_, units, places, hours, gates in question["stations"]
    ]
    hands = [Hand(id_, frozenset(skills), _spans(hours)) for id_, skills, hours in question["hands"]]
    jobs = [
        Job(id_, order, due, since, tuple(Step(*s) for s in steps), [Laid(*w) for w in laid], locked, weight)
        for id_, order, due, since, locked, weight, steps, laid in question["jobs"]
    ]
    found = improve(Floor(stations, hands), jobs, question["seconds"], question["hurry"])
    laid = [[number, [_laid(where) for where in places]] for number, places in found.laid.items()]
    return {**found._asdict(), "laid": laid}


def understood(words: Mapping[str, Any]) -> Improved:
    """Read an answer."""
    laid = {int(number): [Laid(*where) for where in places] for number, places in words["laid"]}
    return Improved(**{**words, "laid": laid})


def _laid(where: Laid) -> list[int | None]:
    return [where.start, where.end, where.unit, where.hand]


def _spans(spans: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    return [(start, end) for start, end in spans]
