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

    # -- only what stands in the way moves

    def _room_for(self, laid: Plan, goal: int) -> Found | None:
        """Let the new jobs stand there, and lay what is in their way and due later as late as it can be."""
        if not laid or _end(laid) > max(goal, self.high - 1):
            return None
        book, end = self.book.copy(), _end(laid)
        self.left -= self.copying
        out: dict[int, Job] = {}
        for job in self.jobs:
            for step, where in zip(job.steps, laid[job.id], strict=True):
                if not book.fits(step, where):
                    for other in self._in_the_way(step.station, where, end):
                        if other.id not in out:
                            out[other.id] = other
                            book.lift(other, other.laid, other.locked)
                            if book.fits(step, where):
                                break
                    else:
                        return None
                book.take(step, where)
        moves: Plan = {}
        for other in sorted(out.values(), key=lambda job: job.due):
            self.left -= len(other.steps)
            where_to = other.laid if still_fits(book, other, other.laid) else as_late_as_possible(book, other)
            if where_to is None:
                return None
            book.put(other, where_to, other.locked)
            if where_to is not other.laid:
                moves[other.id] = where_to
        return Found(laid, moves, end)

    def _in_the_way(self, station: int | None, where: Laid, end: int) -> list[Job]:
        """Return who has the hand or the room then, the hand first, then who is due last."""
        found: list[tuple[int, int, Job]] = []
        for job in self.open:
            if job.due < end:
                continue
            for i in range(job.locked, len(job.steps)):
                there = job.laid[i]
                if there.start < where.end and there.end > where.start:
                    same = where.hand is not None and there.hand == where.hand
                    if same or (
                        station is not None and job.steps[i].station == station and there.unit == where.unit
                    ):
                        found.append((not same, -job.due, job))
        return [job for *_, job in sorted(found, key=lambda row: row[:2])]

    # -- all near work anew

    def _repaired(self, base: Book, works: list[Work], goal: int) -> Plan | None:
        known = {work.job.id: work for work in works}
        mine, preferred = {job.id for job in self.jobs}, set[int]()
        rows: list[list[int]] = []
        for work in works:
            stands = work.job.laid
            for i in range(work.start, work.cut):
                begins = stands[i].start if stands else goal - work.rest[i]
                rows.append([begins - self.learned.get(work.job.id, 0), work.job.id, i])
        for _ in range(REPAIRS):
            rows.sort()
            self.left -= self.copying
            plan, late, by = self._laid_in_turn(base.copy(), known, rows)
            if late is None or self.left <= 0:
                return plan if late is None else None
            if late in preferred and late not in mine:  # it stays where it stands, which always goes
                work = known.pop(late)
                works.remove(work)
                base.put(work.job, work.job.laid, work.start, work.cut)
                rows = [row for row in rows if row[1] != late]
                continue
            preferred.add(late)
            for row in rows:
                if row[1] == late:
                    row[0] -= by
        return None

    def _laid_in_turn(
        self, book: Book, known: dict[int, Work], rows: list[list[int]]
    ) -> tuple[Plan, int | None, int]:
        """Lay all rows at their first place; returns the plan, who is late first, and by how much to prefer them."""
        plan = {id_: list(work.job.laid[: work.start]) for id_, work in known.items()}
        after: dict[tuple[int, int], int] = {}
        for _, id_, i in rows:
            work, laid = known[id_], plan[id_]
            for _ in range(8):
                n = len(laid)
                self.left -= 1
                step = work.job.steps[n]
                ready = max(work.job.since, after.get((id_, n), 0), laid[-1].end if laid else 0)
                where = book.first(step, ready)
                if where is None:
                    return plan, id_, 60
                if where.end + work.rest[n + 1] > work.limit:
                    return plan, id_, where.end + work.rest[n + 1] - work.limit + 5
                if step.keeps is not None and n > work.start and where.start - laid[-1].end > step.keeps:
                    after[id_, n - 1] = where.start - step.keeps - work.job.steps[n - 1].minutes
                    book.give(work.job.steps[n - 1], laid.pop())
                    continue
                book.take(step, where)
                laid.append(where)
                if n == i:
                    break
            else:
                return plan, id_, 30
        return plan, None, 0

    def _all_moved(self, base: Book, works: Sequence[Work], plan: Plan) -> Found | None:
        """Let all works stand as in ``plan``, each as late as it can then."""
        book = base.copy()
        for work in works:
            for i in range(work.start, work.cut):
                book.take(work.job.steps[i], plan[work.job.id][i])
        mine, moves = {job.id for job in self.jobs}, {}
        for work in sorted(works, key=lambda work: -work.limit):
            job, laid = work.job, plan[work.job.id]
            if job.id in mine:
                continue
            for i in range(work.start, work.cut):
                book.give(job.steps[i], laid[i])
            whole = laid[: work.cut] + job.laid[work.cut :]
            if work.cut == len(job.steps):
                later = backward(book, job, work.limit)
                if later is not None and later[work.start].start >= laid[work.start].start:
                    whole = later
                if not book.has_shelf(whole[-1].end, job.due):
                    return None
            for i in range(work.start, work.cut):
                book.take(job.steps[i], whole[i])
            if work.cut == len(job.steps):
                book.put(job, whole, work.cut)
            if whole != job.laid:
                moves[job.id] = whole
        new = {id_: plan[id_] for id_ in mine}
        return Found(new, moves, _end(new))


def _end(plan: Plan) -> int:
    return max(laid[-1].end for laid in plan.values())
