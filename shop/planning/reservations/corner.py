"""What a solver is asked when the answer that was given at once may not be the soonest there is: a corner of the
book as plain numbers, which go to another process as JSON.

In it are the new cakes, the near steps of others that may move, and what is left of people and rooms around them.
The rules are those of `works`: who is due later moves within its promise, who is due earlier ends no later than it
stands. What begins in the next minutes stays where it is, so that the answer is good for as long.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from shop.planning.reservations.book import Book
from shop.planning.reservations.floor import Job, Laid, Span, minutes_of
from shop.planning.reservations.lanes import NEVER, Room
from shop.planning.reservations.laying import forward
from shop.planning.reservations.quote import Certificate, earliest
from shop.planning.reservations.works import Work, near

LEAD = 4
"""Minutes for which an answer is good: nothing of it begins sooner."""
WINDOW = 240
"""What starts so many minutes after the soonest end there could be stays where it is."""
WORTH = 8
"""For fewer minutes than this nobody thinks: a promise is given in tens."""

Free = Sequence[tuple[int, int, int, int]]
"""From when to when a room has how many places, and at which heat (0: any)."""


class Piece(NamedTuple):
    """One step that may move: what it needs, and where it stands or is first looked for."""

    station: int | None
    minutes: int
    amount: int
    heat: int
    skill: str
    keeps: int | None
    gate: str
    start: int
    unit: int
    hand: int | None


class Chain(NamedTuple):
    """The steps of one cake, not before ``since`` and done by ``limit``. A new cake has a ``due`` of None; if another
    is due before the new ones are done, it ends by ``stands``."""

    job: int
    first: int
    since: int
    limit: int
    due: int | None
    stands: int
    pieces: Sequence[Piece]


class Corner(NamedTuple):
    """The question: how soon can the new cakes be done? Not before ``low``; where they stand first it is ``high``."""

    low: int
    high: int
    hands: Sequence[tuple[int, Sequence[str], Sequence[Span]]]
    rooms: Sequence[tuple[int, int, int, Free]]
    """Station, unit, places, and what is free of them."""
    gates: Sequence[tuple[int, str, Sequence[Span]]]
    chains: Sequence[Chain]


def read(words: Sequence[Any]) -> Corner:
    """Return a corner that came as JSON."""
    low, high, hands, rooms, gates, rows = words
    chains = []
    for job, first, since, limit, due, stands, pieces in rows:
        chains.append(Chain(job, first, since, limit, due, stands, [Piece(*piece) for piece in pieces]))
    return Corner(low, high, hands, rooms, gates, chains)


def corner(book: Book, jobs: Sequence[Job], found: Certificate) -> Corner | None:
    """Return the question whether new jobs can be done sooner than ``found``; None if that is soon enough."""
    begin = min(job.since for job in jobs) + LEAD
    jobs = [replace(job, since=max(job.since, begin)) for job in jobs]
    low = max(job.since + minutes_of(job.steps) for job in jobs)
    works, base = list[Work](), book
    for _ in range(2):  # where nobody is there now, the second time it is the hours after the night
        if found.end - low < WORTH:
            return None
        works, base, low = _lifted(book, jobs, begin, min(found.end, low + WINDOW))
    if found.end - low < WORTH:
        return None
    plain = earliest(book, jobs, budget=0)
    if plain is None:
        return None
    chains = [_others(work, low) for work in works]
    chains += [
        _chain(Work(job, 0, len(job.steps), job.since), plain.end, None, plain.laid[job.id]) for job in jobs
    ]
    span = begin, max(chain.limit for chain in chains) + 1
    return Corner(low, plain.end, *_free(base, span), chains)


def _lifted(book: Book, jobs: Sequence[Job], begin: int, until: int) -> tuple[list[Work], Book, int]:
    """Return what may move of all that starts before ``until``, a book without it, and when new jobs are done there
    at the soonest."""
    opened = [job for job in book.jobs.values() if job.locked < len(job.steps)]
    opened.sort(key=lambda job: (job.laid[job.locked].start, job.id))
    works, base = list(_movable(opened, begin, until)), book.copy()
    for work in works:
        base.lift(work.job, work.job.laid, work.start, work.cut)
    alone = [forward(base, job) for job in jobs]
    return works, base, max(laid[-1].end if laid else until for laid in alone)


def _movable(opened: Sequence[Job], begin: int, until: int) -> Iterator[Work]:
    for work in near(opened, until):
        laid, first = work.job.laid, work.start
        while first < work.cut and laid[first].start < begin:
            first += 1
        if first < work.cut:
            since = max(begin, work.job.since, laid[first - 1].end if first else 0)
            yield Work(work.job, first, work.cut, since)


def _others(work: Work, low: int) -> Chain:
    job = work.job
    limit = job.laid[work.cut].start if work.cut < len(job.steps) else job.due
    return _chain(work, limit if job.due >= low else job.laid[work.cut - 1].end, job.due, job.laid)


def _chain(work: Work, limit: int, due: int | None, laid: Sequence[Laid]) -> Chain:
    pieces = []
    for i in range(work.start, work.cut):
        step, at, keeps = work.job.steps[i], laid[i], work.job.steps[i].keeps if i > work.job.locked else None
        needs = step.station, step.minutes, step.amount, step.heat, step.skill, keeps, step.gate
        pieces.append(Piece(*needs, at.start, at.unit, at.hand))
    return Chain(work.job.id, work.start, work.since, limit, due, laid[work.cut - 1].end, pieces)


def _free(base: Book, span: Span) -> tuple[list[Any], list[Any], list[Any]]:
    skills = {hand.id: sorted(hand.skills) for hand in base.floor.hands}
    hands = [(id_, skills[id_], lane.free_within(*span)) for id_, lane in base.lanes.items()]
    rooms = [
        (station.id, unit, station.places, _profile(room, span))
        for station in base.floor.stations
        for unit, room in enumerate(base.rooms[station.id])
    ]
    gates = [
        (station, gate, lane.free_within(*span))
        for station, lanes in base.gates.items()
        for gate, lane in lanes.items()
    ]
    return hands, rooms, gates


def _profile(room: Room, span: Span) -> list[tuple[int, int, int, int]]:
    ends = [*room.times[1:], NEVER]
    rows = zip(room.times, ends, room.room, room.used, room.heat, strict=True)
    return [
        (max(a, span[0]), min(b, span[1]), max(0, has - used), heat)
        for a, b, has, used, heat in rows
        if a < span[1] and b > span[0]
    ]
