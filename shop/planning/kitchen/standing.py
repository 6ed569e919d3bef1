"""Can work stand where somebody has laid it already? Asked of the plan as it is now; nothing is taken."""

from collections.abc import Sequence

from shop.planning.kitchen import Job, Laid, Step
from shop.planning.kitchen.desk import Desk, kind_of
from shop.planning.reservations.lanes import Lane, Room


def fits(desk: Desk, job: Job, laid: Sequence[Laid]) -> bool:
    """Whether a job can stand at these places."""
    if len(laid) != len(job.steps) or list(laid[: job.locked]) != list(job.laid[: job.locked]):
        return False
    before = max([job.since, *(where.end for where in laid[: job.locked])])
    for i in range(job.locked, len(job.steps)):
        step, where = job.steps[i], laid[i]
        stale = i > job.locked and step.keeps is not None and where.start - before > step.keeps
        if stale or where.start < before or where.end - where.start != step.minutes:
            return False
        if not is_free(desk, step, where):
            return False
        before = where.end
    return True


def is_free(desk: Desk, step: Step, where: Laid) -> bool:
    """Whether one step can stand there: room or oven run, hours, and the hand that is named."""
    if (where.hand is not None or step.skill) and where.hand not in desk.able.get(step.skill, ()):
        return False
    if step.station in desk.fires:
        run = desk.runs.get((step.station, where.unit, where.start))
        if run is not None:
            same = run.kind == kind_of(step) and run.laid == where
            return same and not run.closed and run.trays >= step.amount
    gates = desk.gates.get(step.station) if step.station is not None else None
    gate = gates.get(step.gate, gates[""]) if gates else None
    if not _has_room(desk, step, where) or (gate is not None and not gate.is_free(where.start, where.end)):
        return False
    return where.hand is None or desk.lanes[where.hand].is_free(where.start, where.end)


def _has_room(desk: Desk, step: Step, where: Laid) -> bool:
    if step.station is None:
        return True
    if step.station in desk.fires:
        lanes = desk.fires[step.station]
        free = where.unit < len(lanes) and lanes[where.unit].is_free(where.start, where.end)
        return free and step.amount <= desk.places[step.station]
    rooms = desk.rooms.get(step.station, [])
    return where.unit < len(rooms) and rooms[where.unit].fits(where.start, where.end, step.amount, 0)


def profile(room: Room, span: tuple[int, int]) -> list[tuple[int, int, int]]:
    """Return from when to when how many places are free."""
    ends = [*room.times[1:], max(span[1], room.times[-1]) + 1]
    rows = zip(room.times, ends, room.room, room.used, strict=True)
    return [
        (max(a, span[0]), min(b, span[1] + 1), has - used)
        for a, b, has, used in rows
        if a <= span[1] and b > span[0]
    ]


def free_for(room: Room, amount: int, span: tuple[int, int]) -> list[tuple[int, int]]:
    """Return the stretches in which so many places are free."""
    spans = [(a, b) for a, b, free in profile(room, span) if free >= amount]
    lane = Lane(spans)
    return lane.free_within(*span)
