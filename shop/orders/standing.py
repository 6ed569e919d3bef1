"""Where the open work really stands: as planned where that can be, otherwise where it will have to go.

Late work, work that nobody was found for, and work in whose place something else still stands are laid anew in
memory, at the first place from now on, so that a promise counts them. The tables keep their plan until somebody
lays it anew there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Self

from shop.planning.reservations.book import Book
from shop.planning.reservations.floor import Job, Laid, Step
from shop.planning.reservations.quote import earliest

MOST_ASIDE = 30
"""Of so many cakes that have no place as they are planned it is looked up where they will go, the nearest first; in a
shop that has promised more beyond its hands, those after them have their rooms and nobody's time."""


def copied(book: Book) -> Book:
    """Return the book to be changed on its own, with the names of its jobs."""
    other = book.copy()
    other.jobs = dict(book.jobs)
    return other


class Settled:
    """The cakes that stand where they are planned (``book``), and those that do not or are at work (``aside``).

    It does not depend on the moment. ``clash``: some cake is aside only because another one has its place.
    """

    def __init__(self, idle: Book, book: Book, aside: dict[int, Job]) -> None:
        self.idle, self.book, self.aside, self.clash = idle, book, aside, False
        self._whole: Book | None = None

    @classmethod
    def of(cls, idle: Book, cakes: Iterable[Job]) -> Self:
        """Settle all cakes; of two in one place the one ordered first stands."""
        settled = cls(idle, copied(idle), {})
        settled._add(sorted(cakes, key=lambda cake: cake.id))
        return settled

    def changed(self, gone: Iterable[Job], new: Iterable[Job]) -> Self | None:
        """Return what stands after some cakes are gone and some came; None if all must be settled anew."""
        if self.clash:
            return None
        after, gone, new = type(self)(self.idle, copied(self.book), dict(self.aside)), list(gone), list(new)
        for cake in gone:
            if after.aside.pop(cake.id, None) is None:
                after.book.remove(cake)
        after._add(new)
        if self._whole is not None and not gone:  # those aside would find the same places again
            after._whole = _beside(self._whole, new)
        return None if after.clash else after

    def whole(self) -> Book:
        """Return the book with those aside that nobody has begun, from their planned start on; not to be changed."""
        if self._whole is None:
            self._whole = copied(self.book)
            aside = _in_turn(cake for cake in self.aside.values() if not cake.locked)
            for n, cake in enumerate(aside):
                _lay(self._whole, cake, 0, anyhow=n >= MOST_ASIDE)
        return self._whole

    def _add(self, cakes: Iterable[Job]) -> None:
        for cake in cakes:
            if not cake.locked and stands(self.book, cake, cake.laid):
                self.book.add(cake, cake.laid)
                continue
            self.aside[cake.id] = cake
            self.clash = self.clash or (not cake.locked and stands(self.idle, cake, cake.laid))


def stands(book: Book, job: Job, laid: Sequence[Laid]) -> bool:
    """Whether everything not at work can stand there, each by somebody who can do it."""
    for step, at in zip(job.steps[job.locked :], laid[job.locked :], strict=True):
        rooms = book.rooms.get(step.station) if step.station is not None else None
        if rooms is not None and at.unit >= len(rooms):
            return False
        if step.skill:
            if at.hand is None or at.hand not in book.able.get(step.skill, ()):
                return False
        elif at.hand is not None:
            return False
        if not book.fits(step, at):
            return False
    return True


def _beside(book: Book, cakes: Iterable[Job]) -> Book | None:
    """Return the book with these cakes where they are planned, or None if they do not all stand there."""
    book = copied(book)
    for cake in cakes:
        if cake.locked or not stands(book, cake, cake.laid):
            return None
        book.add(cake, cake.laid)
    return book


def as_it_stands(settled: Settled, now: int) -> Book:
    """Return the book of all work at the minute ``now``; what somebody has claimed has no name in it and stays."""
    book = copied(settled.whole())
    _nothing_before(book, now)
    loose: list[Job] = []
    for cake in [job for job in book.jobs.values() if job.laid[0].start < now]:
        book.remove(cake)
        loose.append(settled.aside.get(cake.id, cake))
    until = now
    for cake in [cake for cake in settled.aside.values() if cake.locked]:
        cake = _at_work(cake, now)
        until = max(until, cake.laid[cake.locked - 1].end)
        for step, at in zip(cake.steps[: cake.locked], cake.laid, strict=False):
            book.take(step, at)
        loose.append(cake)
    if until > now:
        loose += [settled.aside.get(cake.id, cake) for cake in _pushed_out(book, until)]
    for cake in _in_turn(loose):
        _lay(book, cake, now)
    book.jobs = {key: job for key, job in book.jobs.items() if not getattr(job, "claimed", False)}
    return book


def as_written(settled: Settled, now: int) -> Book:
    """Return the book of what stands where it is planned and of what is at work at the minute ``now``."""
    book = copied(settled.book)
    for cake in settled.aside.values():
        if cake.locked:
            cake = _at_work(cake, now)
            for step, at in zip(cake.steps[: cake.locked], cake.laid, strict=False):
                book.take(step, at)
    return book


def _nothing_before(book: Book, now: int) -> None:
    """Let nothing be laid into the past."""
    for station in book.floor.stations:
        for unit in range(station.units):
            book.take(Step("past", station.id, now, station.places), Laid(0, now, unit))
    for hand in book.floor.hands:
        book.take(Step("past", None, now), Laid(0, now, 0, hand.id))


def _in_turn(cakes: Iterable[Job]) -> list[Job]:
    """Return cakes in the order in which what nobody has begun of them is planned."""
    return sorted(cakes, key=lambda job: (job.laid[min(job.locked, len(job.laid) - 1)].start, job.id))


def _at_work(cake: Job, now: int) -> Job:
    """Return a cake whose running stage takes its minutes, and longer while it is not finished."""
    laid = list(cake.laid)
    last = laid[cake.locked - 1]
    laid[cake.locked - 1] = replace(last, start=min(last.start, now), end=max(now + 1, last.end))
    return replace(cake, laid=laid)


def _pushed_out(book: Book, until: int) -> list[Job]:
    """Take out the cakes in whose place somebody is still at work."""
    out = []
    near = sorted((j.laid[0].start, j.id) for j in book.jobs.values() if j.laid[0].start < until)
    for _, id_ in near:
        cake = book.jobs[id_]
        book.lift(cake, cake.laid)
        if stands(book, cake, cake.laid):
            book.put(cake, cake.laid)
        else:
            del book.jobs[id_]
            out.append(cake)
    return out


def _lay(book: Book, cake: Job, now: int, *, anyhow: bool = False) -> None:
    """Write a cake where it stands, with whoever is free then, or where it fits from there on, or anywhere."""
    rest = cake.laid[cake.locked :]
    since = max(now, rest[0].start) if rest else now
    laid = _anyhow(cake, since) if anyhow else _in_place(book, cake, since)
    if laid is None:
        found = earliest(book, [replace(cake, since=since)], budget=0)
        laid = found.laid[cake.id] if found is not None else _anyhow(cake, since)
    due = max(cake.due, laid[-1].end)
    cake = replace(cake, laid=list(laid), due=due, since=now)
    book.jobs[cake.id] = cake
    book.put(cake, laid, cake.locked)


def _in_place(book: Book, cake: Job, since: int) -> list[Laid] | None:
    laid = list(cake.laid[: cake.locked])
    free = max(since, laid[-1].end) if laid else since
    for step, at in zip(cake.steps[cake.locked :], cake.laid[cake.locked :], strict=True):
        found = book.first(step, at.start) if at.start >= free else None
        if found is None or found.start != at.start:
            return None
        laid.append(found)
        free = found.end
    return laid


def _anyhow(cake: Job, since: int) -> list[Laid]:
    laid = list(cake.laid[: cake.locked])
    free = max(since, laid[-1].end) if laid else since
    for step in cake.steps[cake.locked :]:
        laid.append(Laid(free, free + step.minutes))
        free += step.minutes
    return laid


def put_first(book: Book, job: Job) -> None:
    """Take the places of a hold before those of others: who stands there now gets what is left of that time."""
    others: list[Job] = []
    for at in job.laid:
        if (
            at.hand is not None
            and at.hand in book.lanes
            and not book.lanes[at.hand].is_free(at.start, at.end)
        ):
            met = [other for other in book.jobs.values() if _meet(other, at)]
            others += [other for other in met if all(other.id != one.id for one in others)]
    for other in others:
        book.lift(other, other.laid, other.locked)
    book.put(job, job.laid)
    for other in others:
        book.put(other, other.laid, other.locked)


def _meet(job: Job, at: Laid) -> bool:
    return any(
        there.hand == at.hand and there.start < at.end and there.end > at.start
        for there in job.laid[job.locked :]
    )
