"""Work as late as its promise allows: cakes come out fresh, and the hours before stay free for new orders."""

from collections.abc import Collection, Mapping, Sequence

from shop.planning.kitchen import Floor, Job, Laid, Step
from shop.planning.kitchen.desk import Desk, late_of
from shop.planning.kitchen.standing import fits

PASSES = 2
"""After the oven has moved, what comes before it may move again."""


def as_late(
    floor: Floor, jobs: Sequence[Job], laid: Mapping[int, Sequence[Laid]], movable: Collection[int]
) -> dict[int, list[Laid]]:
    """Return the plan with the ``movable`` jobs pushed towards their due time; nothing gets later than it was due."""
    desk = Desk(floor, list(jobs))
    for job in jobs:
        if job.id in laid:
            desk.put(job, list(laid[job.id]))
    moving = [
        job for job in jobs if job.id in movable and job.id in desk.laid and job.locked < len(job.steps)
    ]
    for _ in range(PASSES):
        for job in sorted(moving, key=lambda job: (-desk.laid[job.id][-1].end, job.id)):
            _push(desk, job)
        _push_runs(desk, {job.id for job in moving})
    return dict(desk.laid)


def _push(desk: Desk, job: Job) -> None:
    stood = desk.lift(job)
    later = _latest(desk, job, stood)
    if later is None or not fits(desk, job, later) or late_of(job, later) > late_of(job, stood):
        later = stood
    desk.put(job, later)


def _latest(desk: Desk, job: Job, stood: list[Laid]) -> list[Laid] | None:
    """Return the last places before the due time; an oven run that others are in stays where it is."""
    laid, limit = list(stood), max(job.due, stood[-1].end)
    for i in reversed(range(job.locked, len(job.steps))):
        step, where = job.steps[i], stood[i]
        if step.station in desk.fires and (step.station, where.unit, where.start) in desk.runs:
            if where.end > limit:
                return None
        else:
            found = last(desk, step, limit)
            if found is None or found.start < where.start:
                return None
            where = found
        laid[i], limit = where, where.start
    return laid


def _push_runs(desk: Desk, movable: Collection[int]) -> None:
    for spot, run in sorted(desk.runs.items(), key=lambda each: -each[1].laid.start):
        if run.closed or len(run.jobs) < 2 or not run.jobs <= set(movable):
            continue
        ids = sorted(run.jobs)
        stood = {number: desk.lift(desk.jobs[number]) for number in ids}
        at = {number: _oven_step(desk.jobs[number], stood[number], spot) for number in ids}
        limits = [
            laid[at[n] + 1].start if at[n] + 1 < len(laid) else laid[-1].end for n, laid in stood.items()
        ]
        where = last(desk, desk.jobs[ids[0]].steps[at[ids[0]]], min(limits))
        moved = {
            n: [*laid[: at[n]], where, *laid[at[n] + 1 :]] for n, laid in stood.items() if where is not None
        }
        if where is None or where.start <= run.laid.start or not _put_all(desk, moved):
            _put_all(desk, stood)


def _put_all(desk: Desk, laid: Mapping[int, list[Laid]]) -> bool:
    """Put all of these in, or none."""
    done: list[int] = []
    for number, places in laid.items():
        if not fits(desk, desk.jobs[number], places):
            for other in done:
                desk.lift(desk.jobs[other])
            return False
        desk.put(desk.jobs[number], places)
        done.append(number)
    return True


def _oven_step(job: Job, laid: Sequence[Laid], spot: tuple[int, int, int]) -> int:
    pairs = enumerate(zip(job.steps, laid, strict=True))
    return next(i for i, (step, where) in pairs if (step.station, where.unit, where.start) == spot)


def last(desk: Desk, step: Step, before: int) -> Laid | None:
    """Return the last place where a step is done by ``before``: room or a new oven run, hours, and hands."""
    end, minutes = before, step.minutes
    while True:
        start, unit = _last_room(desk, step, end)
        if start < 0:
            return None
        if not step.skill:
            return Laid(start, start + minutes, unit)
        latest, hand = -1, None
        for one in desk.able.get(step.skill, ()):
            begins = desk.lanes[one].last(start + minutes, minutes)
            if begins > latest:
                latest, hand = begins, one
                if begins == start:
                    return Laid(start, start + minutes, unit, hand)
        if hand is None:
            return None
        end = latest + minutes


def _last_room(desk: Desk, step: Step, before: int) -> tuple[int, int]:
    if step.station is None:
        return before - step.minutes, 0
    gates = desk.gates.get(step.station)
    gate = gates.get(step.gate, gates[""]) if gates else None
    rooms, fires = desk.rooms.get(step.station, []), desk.fires.get(step.station, [])
    while True:
        starts = [room.last(before, step.minutes, step.amount, 0) for room in rooms]
        starts += [lane.last(before, step.minutes) for lane in fires]
        best = max(starts, default=-1)
        if gate is None or best < 0:
            return best, starts.index(best) if starts else 0
        allowed = gate.last(best + step.minutes, step.minutes)
        if allowed in (best, -1):
            return allowed, starts.index(best)
        before = allowed + step.minutes
