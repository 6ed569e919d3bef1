"""Lay near work anew so that new cakes are done sooner: what is due later makes room within its promise, what is
due earlier is at most drawn forward.

For an end that is looked for, all near steps are laid one after the other, those first that must start soonest.
Where that does not go, the people's turns are changed step by step (`turns`), and the steps laid in those turns.
Then first only what stands in the way of the new cakes is laid elsewhere, and where that does not go either, all
is. All of it in copies of the book, and within a budget of placements.
"""

from collections.abc import Sequence

from shop.planning.reservations.book import Book
from shop.planning.reservations.floor import Job
from shop.planning.reservations.laying import forward
from shop.planning.reservations.shopfloor import Shopfloor
from shop.planning.reservations.trial import Row, Trial, end_of
from shop.planning.reservations.turns import search
from shop.planning.reservations.works import Budget, Found, Plan, Work, near

BUDGET = 6400
"""How many steps one question may place; to copy the book costs as much as to place some."""
REPAIRS = 6
"""How often those who come late are preferred more before another end is tried."""
TRIES = 80
"""How many changes of turns are tried for one end."""
TURNS = 70
"""So many percent of the budget are kept for changing turns."""
RUNG = 40
FINE = 16
"""The first rung when turns are changed."""
WINDOW = 240
"""What starts so many minutes after the soonest end there could be stays where it is when turns are changed."""
BEYOND = 120
"""What starts so many minutes after the end that is looked for stays where it is."""
FAR = 36 * 60
"""For a time that is further away nothing is laid anew: a day that is full then is full."""
CLOSE = 2
"""So many minutes more are not worth another search."""


class Search:
    """One question: can ``jobs`` be done before ``high``?"""

    def __init__(self, book: Book, jobs: Sequence[Job], high: int, budget: int = BUDGET) -> None:
        self.book, self.jobs, self.high = book, jobs, high
        self.budget = Budget(
            budget * 8 // (4 + len(book.lanes))
        )  # among more people a place takes longer to find
        self.trial = Trial(book, jobs, self.budget)
        self.since = min(job.since for job in jobs)

    def sooner(self) -> Found | None:
        """Look for a sooner end: what it would be if no other work were there; if that does not go, by climbing to
        later ends in growing rungs and then by halves, and with what is left of the budget by changing turns."""
        start, whole = self._alone(), self.budget.left
        best: Found | None = None
        low, goal, rung = start, start, RUNG
        while self.budget.left > whole * TURNS // 100 and self.high - low > CLOSE:
            found = self._in_turn(goal)
            if found is not None:
                best, self.high, rung = found, found.end, 0
                goal = (low + self.high) // 2
                continue
            low = max(low, goal)
            goal = min(goal + rung, (goal + self.high) // 2) if rung else (goal + self.high) // 2
            rung *= 2
            if self.high - goal <= CLOSE:
                break
        low, goal, rung = start, start, FINE
        while self.budget.left > 0 and self.high - low > CLOSE:
            found = self._by_turns(goal)
            if found is not None:
                best, self.high = found, found.end
            if found is None or found.end > goal:
                low = max(low, goal)
            goal, rung = min(low + rung, (low + self.high) // 2), rung * 2
        return best

    def _by_turns(self, goal: int) -> Found | None:
        """Look for a plan in which all are done by ``goal``, or at least sooner than so far, by changing turns."""
        works = self._works(min(self.high, goal + WINDOW))
        floor = Shopfloor(self.book, works, goal)
        turns = search(floor, self.budget, TRIES)
        if turns is None or turns.end >= self.high or not floor.settled(turns, max(goal, turns.end)):
            return None
        goal = max(goal, turns.end)
        base = self.trial.without(works)
        found = self.trial.laid_back(base, works, floor.turns(), goal)
        if found is not None:
            return found
        plan = self.trial.repaired(base, works, floor.rows(), goal, REPAIRS)
        return None if plan is None else self.trial.all_moved(base, works, plan, goal)

    def _works(self, until: int) -> list[Work]:
        return [
            *near(self.trial.open, until),
            *(Work(job, 0, len(job.steps), job.since) for job in self.jobs),
        ]

    def by(self, due: int) -> Found | None:
        """Look for a plan in which all are done by ``due``."""
        if due > self.since + FAR or self._alone() > due:
            return None
        return self._in_turn(due) or (self._by_turns(due) if self.budget.left > 0 else None)

    def _alone(self) -> int:
        """Return when the new jobs would be done if what is not at work were not there."""
        empty = self.book.copy()
        for job in self.trial.open:
            if job.laid[job.locked].start < self.high:
                empty.lift(job, job.laid, job.locked)
                self.budget.left -= 3
        laid = self._forward(empty)
        return end_of(laid) if laid else self.high

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

    def _in_turn(self, goal: int) -> Found | None:
        """Look for a plan in which all are done by ``goal`` by laying all near work in the turns of the book."""
        works = self._works(min(self.high, goal + BEYOND))
        later = min(
            (work.job.due for work in works if work.job.laid and work.job.due >= goal), default=self.high
        )
        for work in works:
            if not work.job.laid:
                work.until = min(later, self.high - 1)
        base = self.trial.without(works)
        plan = self.trial.repaired(base, works, self._as_they_stand(works, goal), goal, REPAIRS)
        if plan is None:
            return None
        laid = {job.id: plan[job.id] for job in self.jobs}
        return self.trial.room_for(laid, goal, self.high) or self.trial.all_moved(base, works, plan, goal)

    def _as_they_stand(self, works: Sequence[Work], goal: int) -> list[Row]:
        """Return the turns the book has now, the new jobs as late as they may be."""
        return [
            [work.job.laid[i].start if work.job.laid else goal - work.rest[i], work.job.id, i]
            for work in works
            for i in range(work.start, work.cut)
        ]
