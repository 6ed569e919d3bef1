"""Answers with a certificate: the earliest time for new cakes, or whether a time can be kept.

The certificate says where the new cakes stand and which others move for them; accepting it makes those very
moves. Asking leaves no trace in the book.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from shop.planning.reservations.anew import BUDGET, CLOSE, Search
from shop.planning.reservations.book import Book
from shop.planning.reservations.floor import Job, Laid, minutes_of
from shop.planning.reservations.laying import as_late_as_possible, backward, forward
from shop.planning.reservations.works import Plan

FAR = 2 * 24 * 60
"""How far work may be moved when nothing at all fits as things stand."""


Lay = Callable[[Book, Job], list[Laid] | None]


@dataclass(frozen=True, slots=True)
class Certificate:
    """``laid``: all steps of each new job. ``moves``: all steps of each job that moves."""

    laid: Plan
    moves: Plan = field(default_factory=dict)

    @property
    def end(self) -> int:
        """The minute when all new jobs are done."""
        return max(laid[-1].end for laid in self.laid.values())


def earliest(book: Book, jobs: Sequence[Job], *, budget: int = BUDGET) -> Certificate | None:
    """Return the earliest certificate for new jobs. ``budget`` 0 moves nothing."""
    laid = _one_by_one(book, jobs, forward)
    plain = None if laid is None else Certificate(laid)
    ideal = max(job.since + minutes_of(job.steps) for job in jobs)
    if not budget or (plain is not None and plain.end <= max(ideal, unhindered(book, jobs) + CLOSE)):
        return plain
    found = Search(book, jobs, plain.end if plain is not None else ideal + FAR, budget).sooner()
    return plain if found is None else Certificate(found.laid, found.moves)


def unhindered(book: Book, jobs: Sequence[Job]) -> int:
    """Return the minute before which one new job cannot be done, whatever moves for it: when it would be done if
    there were no other work. More than one are not laid for that: their `since` is returned."""
    laid = forward(book.empty(), jobs[0]) if len(jobs) == 1 else None
    return laid[-1].end if laid else min(job.since for job in jobs)


def by_then(book: Book, jobs: Sequence[Job], *, budget: int = BUDGET) -> Certificate | None:
    """Return a certificate that all jobs are done by their own ``due``, as late as possible, or None."""
    laid = _one_by_one(book, jobs, as_late_as_possible)
    if laid is not None:
        return Certificate(laid)
    due = min(job.due for job in jobs)
    if not budget or any(job.since + minutes_of(job.steps) > due for job in jobs):
        return None
    found = Search(book, jobs, due + 1, budget).by(due)
    if found is None or any(not book.has_shelf(found.laid[job.id][-1].end, job.due) for job in jobs):
        return None
    return Certificate(found.laid, found.moves)


def _one_by_one(book: Book, jobs: Sequence[Job], lay: Lay) -> Plan | None:
    """Lay new jobs one after the other as things stand; takes nothing in the book."""
    trial, laid = book.copy() if len(jobs) > 1 else book, {}
    for job in jobs:
        where = lay(trial, job)
        if where is None:
            return None
        laid[job.id] = where
        if trial is not book:
            trial.put(job, where)
    return laid


def accept(book: Book, jobs: Sequence[Job], certificate: Certificate) -> None:
    """Make exactly the moves of a certificate and write the new jobs."""
    moved = [book.jobs[id_] for id_ in certificate.moves]
    for job in moved:
        book.remove(job)
    for job in moved:
        book.add(job, certificate.moves[job.id])
    for job in jobs:
        book.add(job, certificate.laid[job.id])


def relaxed(book: Book, job: Job) -> bool:
    """Lay a job's unstarted steps as late as its promise allows. Says if it moved."""
    stood = book.remove(job)
    job.laid = stood
    later = backward(book, job, job.due)
    moves = (
        later is not None and job.locked < len(stood) and later[job.locked].start > stood[job.locked].start
    )
    book.add(job, later if later is not None and moves else stood)
    return moves
