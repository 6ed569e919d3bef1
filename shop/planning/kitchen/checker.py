"""Can a kitchen plan be kept? Judged from floor and jobs alone, sharing nothing with what makes plans."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from shop.planning.reservations.floor import Floor, Job, Laid, Span, Step

Piece = tuple[Job, int, Step, Laid]
Runs = set[int]


def faults(floor: Floor, jobs: Sequence[Job], laid: Mapping[int, Sequence[Laid]]) -> list[str]:
    """Say everything that is wrong. Jobs without a place are not judged; work that is locked is never at fault."""
    placed = [job for job in jobs if job.id in laid]
    found = [fault for job in placed for fault in _of_one(job, laid[job.id])]
    if found:
        return found
    pieces = [(job, i, job.steps[i], where) for job in placed for i, where in enumerate(laid[job.id])]
    hot = {step.station for job in jobs for step in job.steps if step.heat and step.station is not None}
    return [*_stations(floor, pieces, hot), *_hands(floor, pieces, hot)]


def late(jobs: Sequence[Job], laid: Mapping[int, Sequence[Laid]]) -> int:
    """Return the weighted minutes late of those that have a place."""
    return sum(job.weight * _minutes_late(job, laid[job.id]) for job in jobs if laid.get(job.id))


def _minutes_late(job: Job, laid: Sequence[Laid]) -> int:
    late, n = max(0, laid[-1].end - job.due), job.locked
    if n and n < len(laid) and job.steps[n].keeps is not None:
        waits = laid[n].start - laid[n - 1].end
        late += max(0, waits - (job.steps[n].keeps or 0))
    return late


def _of_one(job: Job, laid: Sequence[Laid]) -> Iterator[str]:
    if len(laid) != len(job.steps):
        yield f"job {job.id} has {len(laid)} places for {len(job.steps)} steps"
        return
    if list(laid[: job.locked]) != list(job.laid[: job.locked]):
        yield f"job {job.id}: work at hand was moved"
    for i, (step, where) in enumerate(zip(job.steps, laid, strict=True)):
        what = f"job {job.id} {step.kind}"
        if i < job.locked:
            continue
        before = laid[i - 1].end if i else job.since
        if where.end - where.start != step.minutes:
            yield f"{what} takes {step.minutes} minutes, not {where.end - where.start}"
        if where.start < max(before, job.since):
            yield f"{what} starts before it can"
        # after work that is done already a wait cannot always be helped: it counts as late
        if i > job.locked and step.keeps is not None and where.start - before > step.keeps:
            yield f"{what} waits {where.start - before} minutes; it keeps {step.keeps}"
        if step.skill and where.hand is None:
            yield f"{what} has nobody to do it"


def _stations(floor: Floor, pieces: Sequence[Piece], hot: Runs) -> Iterator[str]:
    stations = {station.id: station for station in floor.stations}
    by_unit: dict[tuple[int, int], list[Piece]] = defaultdict(list)
    for piece in pieces:
        job, i, step, where = piece
        if step.station is None:
            continue
        station, what = stations[step.station], f"job {job.id} {step.kind}"
        by_unit[step.station, where.unit].append(piece)
        if i < job.locked:
            continue
        if not 0 <= where.unit < max(1, station.units):
            yield f"{what} stands in room {where.unit} of station {station.id}, which is not there"
        if not _within(where, station.hours):
            yield f"{what} stands at station {station.id} outside its hours"
        wanted = set(step.gate.split("+")) & station.gates.keys()
        if wanted:
            if not all(_within(where, station.gates[gate]) for gate in wanted):
                yield f"{what} stands outside the hours for {step.gate}"
        elif any(_cross(where, span) for spans in station.gates.values() for span in spans):
            yield f"{what} stands in hours that are kept for something else"
    for (number, unit), theirs in by_unit.items():
        if number in hot:
            yield from _oven(theirs, f"oven {number}.{unit}")
        for minute in sorted({where.start for *_, where in theirs}):
            now = [p for p in theirs if p[3].start <= minute < p[3].end]
            used, here = sum(step.amount for _, _, step, _ in now), stations[number].places
            if used > here and any(i >= job.locked for job, i, _, _ in now):
                yield f"station {number}.{unit} holds {used} at minute {minute}; it has {here} places"


def _oven(pieces: Sequence[Piece], what: str) -> Iterator[str]:
    runs: dict[tuple[int, int, int], list[Piece]] = defaultdict(list)
    for piece in pieces:
        runs[piece[3].start, piece[3].end, piece[2].heat].append(piece)
    for one, other in pairwise(sorted(runs)):
        free = any(i >= job.locked for key in (one, other) for job, i, _, _ in runs[key])
        if other[0] < one[1] and free:
            yield f"{what} has two runs at minute {other[0]}"


def _hands(floor: Floor, pieces: Sequence[Piece], hot: Runs) -> Iterator[str]:
    hands = {hand.id: hand for hand in floor.hands}
    busy: dict[int, dict[tuple[object, ...], tuple[Laid, bool]]] = defaultdict(dict)
    for job, i, step, where in pieces:
        if where.hand is None:
            continue
        what, moved = f"job {job.id} {step.kind}", i >= job.locked
        hand = hands.get(where.hand)
        run = (step.station, where.unit, where.start, where.end, step.heat)
        key = run if step.station in hot else (job.id, i)
        busy[where.hand][key] = (where, moved)
        if not moved:
            continue
        if hand is None:
            yield f"{what} is given to somebody who is not there"
        elif step.skill and step.skill not in hand.skills:
            yield f"{what} is given to {hand.id}, who cannot do it"
        elif not _within(where, hand.hours):
            yield f"{what} is given to {hand.id} outside their shift"
    for number, theirs in busy.items():
        ordered = sorted(theirs.values(), key=lambda each: (each[0].start, each[0].end))
        for (one, moved), (other, moved_too) in pairwise(ordered):
            if other.start < one.end and (moved or moved_too):
                yield f"{number} has two things to do at minute {other.start}"


def _within(where: Laid, spans: Sequence[Span]) -> bool:
    """Whether it lies in one open stretch; spans that touch are one."""
    reach = where.start
    for start, end in sorted(spans):
        if start <= reach < end:
            reach = end
    return reach >= where.end


def _cross(where: Laid, span: Span) -> bool:
    return where.start < span[1] and span[0] < where.end
