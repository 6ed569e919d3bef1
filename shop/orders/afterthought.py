"""Second thoughts on a question: it is answered at once, and somebody looks for a sooner time meanwhile.

Where the answer may not be the soonest there is, the question is noted. What is found for it is kept in memory and
given to whoever asks the same again in the next minutes, if by then every rule still holds. Nothing of the plan
moves before somebody takes that time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from shop.orders.planned import FRESH_MINUTES
from shop.planning.reservations.book import Book
from shop.planning.reservations.certified import renewed
from shop.planning.reservations.floor import Job, Step
from shop.planning.reservations.quote import Certificate

MOST = 8
"""So many questions wait at most; those asked last are thought over first."""
MOST_LEARNT = 40

Key = tuple[tuple[Step, ...], ...]


class Question(NamedTuple):
    """These cakes, for which this was found in this book, which is never changed."""

    book: Book
    jobs: Sequence[Job]
    found: Certificate


@dataclass
class _Learnt:
    certificate: Certificate
    looked: Book | None = None
    since: int = 0
    now: Certificate | None = None


_wake: Callable[[], None] | None = None
_noted: dict[Key, Question] = {}
_thought: dict[Key, Question] = {}
_learnt: dict[Key, _Learnt] = {}
_now: set[Key] = set()


def listen(wake: Callable[[], None] | None) -> None:
    """Let ``wake`` be called with every question that is noted; None: nobody thinks, so none is."""
    global _wake
    _wake = wake
    for each in (_noted, _thought, _learnt, _now):
        each.clear()


def looked_for(jobs: Sequence[Job]) -> bool:
    """Whether somebody still looks for a sooner time for these cakes."""
    key = tuple(job.steps for job in jobs)
    return key in _now or key in _noted


def sooner(book: Book, jobs: Sequence[Job], found: Certificate) -> Certificate:
    """Return what was thought of for these cakes if that is sooner and holds; otherwise ``found``, and note it."""
    if _wake is None:
        return found
    key = tuple(job.steps for job in jobs)
    known = _learnt.get(key)
    if known is not None and known.certificate.end < found.end:
        by_now = _by_now(known, book, jobs)
        if by_now is not None:
            return by_now
    question, last = Question(book, jobs, found), _thought.get(key)
    if last is None or last.book is not book or last.found.end != found.end:
        _noted.pop(key, None)
        _noted[key] = question
        while len(_noted) > MOST:
            del _noted[next(iter(_noted))]
        _wake()
    return found


def _by_now(known: _Learnt, book: Book, jobs: Sequence[Job]) -> Certificate | None:
    since = min(job.since for job in jobs)
    if known.looked is not book or known.since != since:
        begun = min(laid[0].start for laid in known.certificate.laid.values())
        fresh = known.certificate.end - begun <= FRESH_MINUTES
        known.now = renewed(book, jobs, known.certificate) if fresh else None
        known.looked, known.since = book, since
    return known.now


def next_question() -> Question | None:
    """Return the question that was asked last, which is then no longer noted."""
    if not _noted:
        return None
    key, question = _noted.popitem()
    _thought[key] = question
    _now.add(key)
    while len(_thought) > MOST:
        del _thought[next(iter(_thought))]
    return question


def settled(question: Question) -> None:
    """Look no further for a question."""
    _now.discard(tuple(job.steps for job in question.jobs))


def learn(question: Question, certificate: Certificate) -> None:
    """Keep what was found for a question."""
    key = tuple(job.steps for job in question.jobs)
    _learnt.pop(key, None)
    _learnt[key] = _Learnt(certificate)
    while len(_learnt) > MOST_LEARNT:
        del _learnt[next(iter(_learnt))]
