"""A certificate that somebody else has found, or that was found some minutes ago: does it hold in the book as it is?"""

from collections.abc import Mapping, Sequence

from shop.planning.reservations.book import Book
from shop.planning.reservations.corner import Corner
from shop.planning.reservations.floor import Job, Laid, Step
from shop.planning.reservations.laying import backward, still_fits
from shop.planning.reservations.quote import Certificate


def renewed(book: Book, jobs: Sequence[Job], certificate: Certificate) -> Certificate | None:
    """Return a certificate as it is by now, or None if it does not hold any more: nothing begins before it can, nobody
    is late, and who is due before the new ones are done ends no later than now. Takes nothing in the book.

    Of those that were to move some may have begun or gone: they need not move any further.
    """
    moves: dict[int, list[Laid]] = {}
    for id_, laid in certificate.moves.items():
        job = book.jobs.get(id_)
        if job is not None and job.locked < len(job.steps) == len(laid):
            moves[id_] = [*job.laid[: job.locked], *laid[job.locked :]]
    found = Certificate(certificate.laid, moves)
    return found if _with(book, jobs, found) is not None else None


def certified(
    book: Book, jobs: Sequence[Job], corner: Corner, places: Mapping[int, Sequence[Laid]]
) -> Certificate | None:
    """Return the certificate of what was found for a corner of this book, or None if it does not hold in it.

    Whoever need not move after all stays, and whoever moves stands as late as the promise allows.
    """
    mine = {job.id: list(places[job.id]) for job in jobs}
    moves: dict[int, list[Laid]] = {}
    for chain in corner.chains:
        if chain.job not in mine:
            laid, behind = book.jobs[chain.job].laid, chain.first + len(chain.pieces)
            moves[chain.job] = [*laid[: chain.first], *places[chain.job], *laid[behind:]]
    trial = _with(book, jobs, Certificate(mine, moves))
    if trial is None:
        return None
    for job in sorted((book.jobs[id_] for id_ in moves), key=lambda job: (-job.due, job.id)):
        stands = moves[job.id]
        trial.lift(job, stands, job.locked)
        if still_fits(trial, job, job.laid):
            del moves[job.id]
            stands = job.laid
        elif stands[-1] != job.laid[-1]:
            later = backward(trial, job, _limit(job, Certificate(mine).end))
            if later is not None and _later(later, stands) and trial.has_shelf(later[-1].end, job.due):
                moves[job.id] = stands = later
        trial.put(job, stands, job.locked)
    return Certificate(mine, moves)


def _later(places: Sequence[Laid], than: Sequence[Laid]) -> bool:
    return all(one.start >= other.start for one, other in zip(places, than, strict=True))


def _limit(job: Job, end: int) -> int:
    """Return by when a job must be done beside new ones that are done at ``end``."""
    return job.laid[-1].end if job.due < end else job.due


def _with(book: Book, jobs: Sequence[Job], certificate: Certificate) -> Book | None:
    """Return a copy of the book in which all stands like this, or None if it cannot."""
    now, trial = min(job.since for job in jobs), book.copy()
    pairs: list[tuple[Job, Sequence[Laid], int]] = []
    for id_, places in certificate.moves.items():
        job = book.jobs[id_]
        trial.lift(job, job.laid, job.locked)
        pairs.append((job, places, _limit(job, certificate.end)))
    pairs += [(job, certificate.laid[job.id], certificate.end) for job in jobs]
    for job, laid, limit in pairs:
        if len(laid) != len(job.steps) or laid[-1].end > limit or not _can_stand(trial, job, laid, now):
            return None
        trial.put(job, laid, job.locked)
    return trial


def _can_stand(book: Book, job: Job, places: Sequence[Laid], now: int) -> bool:
    free = max(now, job.since, places[job.locked - 1].end if job.locked else 0)
    for i in range(job.locked, len(places)):
        step, at = job.steps[i], places[i]
        stale = step.keeps is not None and i > job.locked and at.start > free + step.keeps
        if stale or at.start < free or at.end - at.start != step.minutes or not _has_place(book, step, at):
            return False
        free = at.end
    return not job.due or book.has_shelf(free, job.due)


def _has_place(book: Book, step: Step, at: Laid) -> bool:
    if step.skill:
        if at.hand not in book.able.get(step.skill, ()):
            return False
    elif at.hand is not None:
        return False
    if step.station in book.rooms and at.unit >= len(book.rooms[step.station]):
        return False
    gate = book.gates[step.station].get(step.gate) if step.station in book.gates else None
    return (gate is None or gate.is_free(at.start, at.end)) and book.fits(step, at)
