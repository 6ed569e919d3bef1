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
Hands = Mapping[tuple[int, int], int]


class Trial:
    """What is tried for new jobs: nothing of it is written into the book."""

    def __init__(self, book: Book, jobs: Sequence[Job], budget: Budget) -> None:
        self.book, self.jobs, self.budget = book, jobs, budget
        self.open = [job for job in book.jobs.values() if job.locked < len(job.steps)]
        self.copying = sum(len(room.times) for rooms in book.rooms.values() for room in rooms) // COPYING

    def without(self, works: Sequence[Work]) -> Book:
        """Return a copy of the book in which the works stand nowhere."""
        base = self.book.copy()
        for work in works:
            if work.job.laid:
                base.lift(work.job, work.job.laid, work.start, work.cut)
        self.budget.left -= sum(work.cut - work.start for work in works) // 2 + self.copying
        return base

    # -- only what stands in the way moves

    def _room_for(self, laid: Plan, goal: int) -> Found | None:
        """Let the new jobs stand there, and lay what is in their way and due later as late as it can be."""
        if not laid or _end(laid) > max(goal, self.high - 1):
            return None
        book, end = self.book.copy(), _end(laid)
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
            self.budget.left -= self.copying
            plan, late, by = self._laid_in_turn(base.copy(), known, rows)
            if late is None or self.budget.left <= 0:
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
                self.budget.left -= 1
                step = work.job.steps[n]
                where = book.first(
                    step, max(after.get((id_, n), 0), laid[-1].end if laid else work.job.since)
                )
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


def end_of(plan: Plan) -> int:
    return max(laid[-1].end for laid in plan.values())
