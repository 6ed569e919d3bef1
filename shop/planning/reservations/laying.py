"""Where one cake's steps can stand: as early as it goes, or as late as its promise allows."""

from collections.abc import Sequence

from shop.planning.reservations.book import Book
from shop.planning.reservations.floor import Job, Laid

LOOPS = 64
"""So often a step is pulled after another that would not keep, before it is given up."""


def forward(book: Book, job: Job) -> list[Laid] | None:
    """Return where all steps stand, those not at work as early as possible; takes nothing. None: it does not fit."""
    laid = list(job.laid[: job.locked])
    after = [job.since] * (len(job.steps) + 1)
    for _ in range(LOOPS):
        i = len(laid)
        if i == len(job.steps):
            return laid
        where = book.first(job.steps[i], max(after[i], laid[-1].end if laid else job.since))
        if where is None:
            return None
        keeps = job.steps[i].keeps
        if keeps is not None and i > job.locked and where.start - laid[-1].end > keeps:
            after[i - 1] = (
                where.start - keeps - job.steps[i - 1].minutes
            )  # stale by then: the one before waits
            laid.pop()
        else:
            laid.append(where)
    return None


def backward(book: Book, job: Job, by: int) -> list[Laid] | None:
    """Return where all steps stand, those not at work as late as possible, done ``by`` then; takes nothing."""
    steps, locked = job.steps, list(job.laid[: job.locked])
    since = max(job.since, locked[-1].end) if locked else job.since
    laid: list[Laid] = []  # from the last step to the first
    before = [by] * (len(steps) + 1)
    for _ in range(LOOPS):
        i = len(steps) - 1 - len(laid)
        if i < job.locked:
            break
        where = book.last(steps[i], min(before[i], laid[-1].start if laid else by))
        if where is None or where.start < since:
            return None
        keeps = steps[i + 1].keeps if laid else None
        if keeps is not None and laid[-1].start - where.end > keeps:
            before[i + 1] = where.end + keeps + steps[i + 1].minutes
            laid.pop()
        else:
            laid.append(where)
    else:
        return None
    keeps = steps[job.locked].keeps if locked and laid else None
    if keeps is not None and laid[-1].start - locked[-1].end > keeps:
        return None
    return locked + laid[::-1]


def as_late_as_possible(book: Book, job: Job) -> list[Laid] | None:
    """Lay a job before its own due time, late if it can be, otherwise as early as it can."""
    laid = backward(book, job, job.due)
    if laid is None:
        laid = forward(book, job)
        if laid is None or (laid and laid[-1].end > job.due):
            return None
    return laid if not laid or book.has_shelf(laid[-1].end, job.due) else None


def still_fits(book: Book, job: Job, laid: Sequence[Laid]) -> bool:
    """Whether the steps not at work, and the cake's shelf, can stand there."""
    pairs = zip(job.steps[job.locked :], laid[job.locked :], strict=True)
    return all(book.fits(step, where) for step, where in pairs) and book.has_shelf(laid[-1].end, job.due)
