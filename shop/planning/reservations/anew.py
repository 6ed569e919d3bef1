"""Lay near work anew so that new cakes are done sooner: what is due later makes room within its promise, what is
due earlier is at most drawn forward.

For an end that is looked for, all near steps are laid one after the other, those first that must start soonest.
Where that does not go, the people's turns are changed step by step (`turns`), and the steps laid in those turns.
Then first only what stands in the way of the new cakes is laid elsewhere, and where that does not go either, all
is. All of it in copies of the book, and within a budget of placements.
"""

from collections.abc import Callable, Sequence

from shop.planning.reservations.book import Book
from shop.planning.reservations.floor import Job, minutes_of
from shop.planning.reservations.laying import forward
from shop.planning.reservations.shopfloor import Shopfloor
from shop.planning.reservations.trial import Row, Trial, end_of
from shop.planning.reservations.turns import search
from shop.planning.reservations.works import Budget, Found, Plan, Work, near

BUDGET = 3200
"""How many steps one question may place; to copy the book costs as much as to place some."""
REPAIRS = 6
"""How often those who come late are preferred more before another end is tried."""
TRIES = 60
"""How many changes of turns are tried for one end."""
TURNS = 70
"""So many percent of the budget are kept for changing turns."""
RUNG = 80
"""So many minutes after the soonest end there could be is the first end that is looked for."""
FINE = 60
"""The same when turns are changed."""
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
        """Look for a sooner end, from what it would be if no other work were there: by laying all in its turn, and
        with what is left of the budget by changing turns."""
        start, whole = self._alone(), self.budget.left
        best = self._narrowed(start, RUNG, whole * TURNS // 100, self._in_turn)
        return self._narrowed(start, FINE, 0, self._by_turns) or best

    def _narrowed(self, low: int, rung: int, least: int, ask: Callable[[int], Found | None]) -> Found | None:
        """Ask for ends: not the soonest first, which hardly ever goes; where it fails, later ones in growing rungs,
        where it goes, by halves. Stops where ``least`` of the budget is left."""
        best, goal = None, min(low + rung, (low + self.high) // 2)
        while self.budget.left > least and self.high - low > CLOSE:
            found = ask(goal)
            if found is not None:
                best, self.high = found, found.end
            if found is None or found.end > goal:
                low, rung = max(low, goal), rung * 2
            goal = (low + self.high) // 2 if best else min(low + rung, (low + self.high) // 2)
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
        empty, out = self.book.copy(), 0
        until = max(job.since + minutes_of(job.steps) for job in self.jobs)
        while True:  # what begins after they are done is not in their way
            while out < len(self.trial.open) and self.trial.begins(out) < min(until, self.high):
                job = self.trial.open[out]
                empty.lift(job, job.laid, job.locked)
                self.budget.left -= 3
                out += 1
            laid = self._forward(empty)
            end = end_of(laid) if laid else self.high
            if end <= until or until >= self.high:
                return end
            until = end

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
