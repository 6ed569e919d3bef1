"""Can every promise be kept? Judged minute by minute from the nouns alone; shares nothing with what makes promises."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from shop.planning.reservations.floor import Floor, Job, Laid, Span, Step

Stand = tuple[Job, Step, Laid]


def faults(floor: Floor, jobs: Iterable[Job]) -> list[str]:
    """Say everything that is wrong with where the jobs stand."""
    found: list[str] = []
    stands: list[Stand] = []
    for job in jobs:
        found += _of_one(job)
        stands += [(job, step, where) for step, where in zip(job.steps, job.laid, strict=False)]
    found += _people(floor, stands)
    found += _stations(floor, stands)
    found += _shelves(floor, jobs)
    return found


def _of_one(job: Job) -> Iterator[str]:
    if len(job.laid) != len(job.steps):
        yield f"{job.id}: {len(job.laid)} places for {len(job.steps)} steps"
        return
    free = job.since
    for n, (step, where) in enumerate(zip(job.steps, job.laid, strict=True)):
        if n >= job.locked:
            if where.end - where.start != step.minutes:
                yield f"{job.id} {step.kind}: not {step.minutes} minutes"
            if where.start < free:
                yield f"{job.id} {step.kind}: starts before it can"
            if n > job.locked and step.keeps is not None and where.start > free + step.keeps:
                yield f"{job.id} {step.kind}: the cake waits longer than it keeps"
            if bool(step.skill) != (where.hand is not None):
                yield f"{job.id} {step.kind}: nobody does it, or somebody who is not needed"
        free = max(free, where.end)
    if free > job.due:
        yield f"{job.id}: done at {free}, promised for {job.due}"


def _people(floor: Floor, stands: Sequence[Stand]) -> Iterator[str]:
    people = {hand.id: hand for hand in floor.hands}
    busy: dict[int, dict[int, int]] = defaultdict(dict)
    for job, step, where in stands:
        if where.hand is None:
            continue
        who = people[where.hand]
        if step.skill not in who.skills:
            yield f"{job.id} {step.kind}: {who.id} cannot do it"
        for minute in range(where.start, where.end):
            if not _open(minute, who.hours):
                yield f"{job.id} {step.kind}: {who.id} is not there at {minute}"
            other = busy[who.id].setdefault(minute, job.id)
            if other != job.id:
                yield f"{who.id} does {other} and {job.id} at {minute}"


def _stations(floor: Floor, stands: Sequence[Stand]) -> Iterator[str]:
    stations = {station.id: station for station in floor.stations}
    trays: dict[tuple[int, int, int], int] = defaultdict(int)
    heats: dict[tuple[int, int, int], set[int]] = defaultdict(set)
    for job, step, where in stands:
        if step.station is None:
            continue
        station = stations[step.station]
        if not 0 <= where.unit < station.units:
            yield f"{job.id} {step.kind}: there is no unit {where.unit}"
        for minute in range(where.start, where.end):
            kept_for = {gate for gate, spans in station.gates.items() if _open(minute, spans)}
            wanted = set(step.gate.split("+")) & station.gates.keys()
            allowed = wanted <= kept_for if wanted else not kept_for
            if not _open(minute, station.hours) or not allowed:
                yield f"{job.id} {step.kind}: station {station.id} is not for it at {minute}"
            key = (station.id, where.unit, minute)
            trays[key] += step.amount
            if step.heat:
                heats[key].add(step.heat)
    for key, used in trays.items():
        if used > stations[key[0]].places:
            yield f"station {key[0]}.{key[1]} holds {used} at {key[2]}"
    for key, degrees in heats.items():
        if len(degrees) > 1:
            yield f"station {key[0]}.{key[1]} is {sorted(degrees)} degrees at {key[2]}"


def _shelves(floor: Floor, jobs: Iterable[Job]) -> Iterator[str]:
    if not floor.shelves:
        return
    waits = [(job.laid[-1].end, job.due) for job in jobs if job.laid]
    for minute in sorted({start for start, end in waits if end > start}):
        there = sum(start <= minute < end for start, end in waits)
        if there > floor.shelves:
            yield f"{there} finished cakes at {minute} on {floor.shelves} shelves"


def _open(minute: int, spans: Sequence[Span]) -> bool:
    return any(start <= minute < end for start, end in spans)
