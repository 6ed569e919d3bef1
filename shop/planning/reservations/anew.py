"""Lay near work anew so that new cakes are done sooner: what is due later makes room within its promise, what is
due earlier is at most drawn forward.

First the new cakes stand where they would if nothing due later were there, and only what stands in their way is
laid elsewhere. Where that does not go, all steps near enough are laid one after the other, those first that
must start soonest; whoever comes late that way is preferred more the next time. All of it in copies of the
book, and within a budget of placements.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from shop.planning.reservations.book import Book
from shop.planning.reservations.floor import Job, Laid
from shop.planning.reservations.laying import as_late_as_possible, backward, forward, still_fits

BUDGET = 3200
"""How many steps one question may place; to copy the book costs as much as to place some."""
COPYING = 20
"""So many entries of a copied book cost as much as placing one step."""
REPAIRS = 6
"""How often those who come late are preferred more before another end is tried."""
RUNG = 40
BEYOND = 120
"""What starts so many minutes after the end that is looked for stays where it is."""
FAR = 36 * 60
"""For a time that is further away nothing is laid anew: a day that is full then is full."""
CLOSE = 2
"""So many minutes more are not worth another search."""

Plan = dict[int, list[Laid]]


@dataclass(frozen=True, slots=True)
class Found:
    """Where all steps of the new jobs stand, and of those others that move."""

    laid: Plan
    moves: Plan
    end: int


@dataclass(slots=True)
class Work:
    """The steps of one job that are laid anew: from ``start`` up to ``cut``, done by ``limit``."""

    job: Job
    start: int
    cut: int
    limit: int
    rest: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Count what is left after each step."""
        minutes = [step.minutes for step in self.job.steps[: self.cut]]
        self.rest = [sum(minutes[i:]) for i in range(self.cut + 1)]


class Search:
    """One question: can ``jobs`` be done before ``high``?"""

    def __init__(self, book: Book, jobs: Sequence[Job], high: int, budget: int = BUDGET) -> None:
        self.book, self.jobs, self.high = book, jobs, high
        self.left = budget * 8 // (4 + len(book.lanes))  # among more people every place takes longer to find
        self.learned: dict[int, int] = {}
        """So much earlier than planned each job is preferred, as the rounds before have shown."""
        self.open = [job for job in book.jobs.values() if job.locked < len(job.steps)]
        self.shown: dict[int, int] = {}
        self.copying = sum(len(room.times) for rooms in book.rooms.values() for room in rooms) // COPYING

    def sooner(self) -> Found | None:
        """Look for a sooner end: from what it would be if no other work were there upwards, in growing rungs, and
        below the first end that was found by halves; then again, as long as there is budget."""
        start = self._alone()
        best: Found | None = None
        low, goal, rung = start, start, RUNG
        while self.left > 0 and self.high - start > CLOSE:
            found = self._at(goal)
            if found is not None:
                best, self.high, rung = found, found.end, 0
                goal = (low + self.high) // 2
                continue
            low = max(low, goal)
            goal = min(goal + rung, (goal + self.high) // 2) if rung else (goal + self.high) // 2
            rung *= 2
            if self.high - goal <= CLOSE:
                low, goal, rung = start, start, RUNG
                if not self.learning():
                    break
        return best

    def by(self, due: int) -> Found | None:
        """Look for a plan in which all are done by ``due``."""
        if due > min(job.since for job in self.jobs) + FAR:
            return None
        found = self._at(due) if self._alone() <= due else None
        while found is None and self.left > 0 and self.learning():
            found = self._at(due)
        return found

    def learning(self) -> bool:
        """Take over what the tries have shown; False if that is nothing new."""
        new = {id_: by for id_, by in self.shown.items() if by}
        for id_, by in new.items():
            self.learned[id_] = self.learned.get(id_, 0) + by
        self.shown = {}
        return bool(new)

    def _alone(self) -> int:
        """Return when the new jobs would be done if what is not at work were not there."""
        empty = self.book.copy()
        for job in self.open:
            if job.laid[job.locked].start < self.high:
                empty.lift(job, job.laid, job.locked)
                self.left -= 3
        laid = self._forward(empty)
        return _end(laid) if laid else self.high

    def _forward(self, book: Book) -> Plan:
        """Return where the new jobs stand as early as it goes; nothing if one of them does not fit."""
        trial, laid = book.copy() if len(self.jobs) > 1 else book, Plan()
        for job in self.jobs:
            where = forward(trial, job)
            if where is None:
                return {}
            laid[job.id] = where
            if trial is not book:
                trial.put(job, where)
        return laid

    def _at(self, goal: int) -> Found | None:
        """Look for a plan in which all are done by ``goal``, with a few tries."""
        works = list(self._movable(goal))
        base = self.book.copy()
        for work in works:
            base.lift(work.job, work.job.laid, work.start, work.cut)
        limit = min((work.job.due for work in works if work.job.due >= goal), default=self.high)
        works += [Work(job, 0, len(job.steps), max(goal, min(limit, self.high - 1))) for job in self.jobs]
        self.left -= sum(work.cut - work.start for work in works) // 2 + self.copying
        plan = self._repaired(base, works, goal)
        if plan is None:
            return None
        laid = {job.id: plan[job.id] for job in self.jobs}
        return self._room_for(laid, goal) or self._all_moved(base, works, plan)

    def _movable(self, goal: int) -> Iterator[Work]:
        """Yield the near work that may move: what is due later within its promise, what is due earlier forward."""
        until = min(self.high, goal + BEYOND)
        for job in self.open:
            laid, cut = job.laid, job.locked
            while cut < len(laid) and (
                laid[cut].start < until or (cut > job.locked and job.steps[cut].keeps is not None)
            ):
                cut += 1
            if cut > job.locked:
                limit = laid[cut].start if cut < len(laid) else job.due
                yield Work(job, job.locked, cut, limit if job.due >= goal else laid[cut - 1].end)

def _end(plan: Plan) -> int:
    return max(laid[-1].end for laid in plan.values())
