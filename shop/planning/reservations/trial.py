"""Lay works one after the other in copies of a book, and let those who move stand as late as they can then."""

from collections.abc import Mapping, Sequence

from shop.planning.reservations.book import Book
from shop.planning.reservations.floor import Job, Laid
from shop.planning.reservations.laying import as_late_as_possible, backward, still_fits
from shop.planning.reservations.works import Budget, Found, Plan, Work

COPYING = 20
"""So many entries of a copied book cost as much as placing one step."""
Row = list[int]
"""When a step comes to its turn, its job, and which of the job's steps it is."""


class Trial:
    """What is tried for new jobs: nothing of it is written into the book."""

    def __init__(self, book: Book, jobs: Sequence[Job], budget: Budget) -> None:
        self.book, self.jobs, self.budget = book, jobs, budget
        self.open = [job for job in book.jobs.values() if job.locked < len(job.steps)]
        self.open.sort(key=lambda job: (job.laid[job.locked].start, job.id))
        self.copying = sum(len(room.times) for rooms in book.rooms.values() for room in rooms) // COPYING

    def begins(self, place: int) -> int:
        """Return when the first step that may move begins, of the job at a place in that order."""
        job = self.open[place]
        return job.laid[job.locked].start

    def without(self, works: Sequence[Work]) -> Book:
        """Return a copy of the book in which the works stand nowhere."""
        base = self.book.copy()
        for work in works:
            if work.job.laid:
                base.lift(work.job, work.job.laid, work.start, work.cut)
        self.budget.left -= sum(work.cut - work.start for work in works) // 2 + self.copying
        return base

    # -- only what stands in the way moves

    def room_for(self, laid: Plan, goal: int, high: int) -> Found | None:
        """Let the new jobs stand there, and lay what is in their way and due later as late as it can be."""
        if not laid or end_of(laid) > max(goal, high - 1):
            return None
        book, end = self.book.copy(), end_of(laid)
        self.budget.left -= self.copying
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
            self.budget.left -= len(other.steps)
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

    def repaired(
        self, base: Book, works: Sequence[Work], rows: Sequence[Row], goal: int, rounds: int
    ) -> Plan | None:
        """Lay all rows in turn; whoever is late is preferred in the next round, and if late again stays put."""
        known = {work.job.id: work for work in works}
        mine, preferred, rows = {job.id for job in self.jobs}, set[int](), [row[:] for row in rows]
        stays: Plan = {}
        limits = {id_: work.limit(goal) for id_, work in known.items()}
        for _ in range(rounds):
            rows.sort()
            self.budget.left -= self.copying
            plan, late, by = self._laid_in_turn(base.copy(), known, rows, limits)
            if late is None:
                return plan | stays
            if self.budget.left <= 0:
                return None
            if late in preferred and late not in mine:  # it stays where it stands, which always goes
                work = known.pop(late)
                if not stays:
                    base = base.copy()
                base.put(work.job, work.job.laid, work.start, work.cut)
                stays[late] = work.job.laid
                rows = [row for row in rows if row[1] != late]
                continue
            preferred.add(late)
            for row in rows:
                if row[1] == late:
                    row[0] -= by
        return None

    def _laid_in_turn(
        self, book: Book, known: Mapping[int, Work], rows: Sequence[Row], limits: Mapping[int, int]
    ) -> tuple[Plan, int | None, int]:
        """Lay all rows at their first place; returns the plan, who is late first, and by how much to prefer them."""
        plan = {id_: list(work.job.laid[: work.start]) for id_, work in known.items()}
        after: dict[tuple[int, int], int] = {}
        for _, id_, i in rows:
            work, laid = known[id_], plan[id_]
            for _ in range(8):
                n = len(laid)
                if n > i:
                    break
                self.budget.left -= 1
                step = work.job.steps[n]
                ready = max(after.get((id_, n), 0), laid[-1].end if n > work.start else work.since)
                where = book.first(step, ready)
                if where is None:
                    return plan, id_, 60
                if where.end + work.rest[n + 1] > limits[id_]:
                    return plan, id_, where.end + work.rest[n + 1] - limits[id_] + 5
                if step.keeps is not None and n > work.start and where.start - laid[-1].end > step.keeps:
                    after[id_, n - 1] = where.start - step.keeps - work.job.steps[n - 1].minutes
                    book.give(work.job.steps[n - 1], laid.pop())
                    continue
                book.take(step, where)
                laid.append(where)
            else:
                return plan, id_, 30
        return plan, None, 0

    def laid_back(
        self, base: Book, works: Sequence[Work], turns: Sequence[tuple[int, int, int]], goal: int
    ) -> Found | None:
        """Lay the works in these turns, each step as late as it goes, the last one first."""
        book, known = base.copy(), {work.job.id: work for work in works}
        self.budget.left -= self.copying
        limits = {id_: work.limit(goal) for id_, work in known.items()}
        backwards: dict[int, list[Laid]] = {id_: [] for id_ in known}
        before: dict[tuple[int, int], int] = {}
        for id_, i, hand in [*turns, *((id_, work.start, -1) for id_, work in known.items())]:
            work, laid = known[id_], backwards[id_]
            steps = work.job.steps
            for _ in range(8):
                n = work.cut - 1 - len(laid)
                if n < i:
                    break
                self.budget.left -= 1
                by = min(before.get((id_, n), limits[id_]), laid[-1].start if laid else limits[id_])
                where = book.last(steps[n], by, hand if n == i and hand >= 0 else None)
                if where is None or where.start - (work.rest[work.start] - work.rest[n]) < work.since:
                    return None
                keeps = steps[n + 1].keeps if laid else None
                if keeps is not None and laid[-1].start - where.end > keeps:
                    before[id_, n + 1] = where.end + keeps + steps[n + 1].minutes
                    book.give(steps[n + 1], laid.pop())
                    continue
                book.take(steps[n], where)
                laid.append(where)
            else:
                return None
        plan: Plan = {}
        for id_, work in known.items():
            plan[id_] = [*work.job.laid[: work.start], *reversed(backwards[id_]), *work.job.laid[work.cut :]]
            if work.cut == len(work.job.steps) and work.job.laid:
                if not book.has_shelf(plan[id_][-1].end, work.job.due):
                    return None
                book.put(work.job, plan[id_], work.cut)
        mine = {job.id: plan.pop(job.id) for job in self.jobs}
        moves = {id_: laid for id_, laid in plan.items() if laid != known[id_].job.laid}
        return Found(mine, moves, end_of(mine))

    def all_moved(self, base: Book, works: Sequence[Work], plan: Plan, goal: int) -> Found | None:
        """Let all works stand as in ``plan``, each as late as it can then."""
        book = base.copy()
        for work in works:
            for i in range(work.start, work.cut):
                book.take(work.job.steps[i], plan[work.job.id][i])
        mine, moves = {job.id for job in self.jobs}, {}
        for work in sorted(works, key=lambda work: -work.limit(goal)):
            job, laid = work.job, plan[work.job.id]
            if job.id in mine:
                continue
            for i in range(work.start, work.cut):
                book.give(job.steps[i], laid[i])
            whole = laid[: work.cut] + job.laid[work.cut :]
            if work.cut == len(job.steps):
                later = backward(book, job, work.limit(goal))
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
        return Found(new, moves, end_of(new))


def end_of(plan: Plan) -> int:
    """Return when all of a plan is done."""
    return max(laid[-1].end for laid in plan.values())
