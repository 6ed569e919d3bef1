"""The kitchen planned: by dispatch at once, then some jobs at a time are taken out and put in again, while it helps;
then CP-SAT lays a few at a time anew (`windows`), which begins from that plan and never leaves a worse one.

Ruin and recreate after Schrimpf and others (2000). The jobs taken out stand near each other in time or in an oven;
they are put back by their latest start, or in another order by chance. Now and then a worse plan is taken
(annealing); the best of all is what comes out.
"""

import time
from collections.abc import Sequence
from math import log
from random import Random

from shop.planning.kitchen import Floor, Job, KitchenPlan, Laid, Order, least_runs
from shop.planning.kitchen.bound import alone
from shop.planning.kitchen.desk import Desk
from shop.planning.kitchen.standing import fits
from shop.planning.kitchen.windows import Windows
from shop.planning.reservations.floor import minutes_of

Stood = dict[int, list[Laid]]

MANY = (2, 8)
"""So many jobs are taken out at a time."""

CYCLES = 3
"""So often the search is warm at first and cold at last."""

WARMTH = 4.0
"""What a round may cost, on average, while it is warm; weighted minutes."""

UNPLACED, RUN = 600, 5
"""What a job without a place and an oven run cost beside a minute late, when a worse plan is weighed."""

SOLVER_FROM = 2.0
"""With fewer seconds CP-SAT would hardly have been loaded."""
SEARCHED = 0.5
"""The share of the time before CP-SAT begins. What is good by then never loads it."""
LEAST_SHARE = 0.2
"""With so little of a processor to be had, CP-SAT would not be loaded in time: the search goes on instead."""


def plan(
    floor: Floor, jobs: Sequence[Job], seconds: float, *, seed: int = 1, since: float | None = None
) -> KitchenPlan:
    """Plan all jobs within so many seconds; the plan can be kept, whenever it is asked for.

    Jobs that stand somewhere already (``laid`` is whole) offer those places as a plan to start from. ``since`` is
    the ``time.monotonic()`` from which the seconds count. It ends early when nothing is late and no run too much.
    """
    since = time.monotonic() if since is None else since
    exact, spent = seconds >= SOLVER_FROM, time.process_time()
    search = Search(floor, list(jobs), Random(seed), since + seconds * (SEARCHED if exact else 1))
    search.begin()
    search.go_on()
    search.until = since + seconds
    took, spent = time.monotonic() - since, time.process_time() - spent
    windows = Windows(search)
    if exact and (took < 0.2 or spent >= LEAST_SHARE * took):
        windows.go_on()
    elif exact:
        search.go_on()
    desk = search.desk
    unplaced = [job.id for job in jobs if job.id not in desk.laid]
    return KitchenPlan(
        dict(desk.laid), unplaced, desk.late, len(desk.runs), search.goal.runs, search.rounds,
        windows.won, windows.proven,
    )  # fmt: skip


def standing(floor: Floor, jobs: Sequence[Job]) -> dict[int, list[Laid]]:
    """Return the plan that stands, with new places only for what cannot stay in it."""
    return dict(stood(floor, list(jobs))[0].laid)


def stood(floor: Floor, jobs: list[Job]) -> tuple[Desk, int]:
    """Return a desk with the plan that stands, and how many jobs could stay where they were."""
    ordered = sorted(jobs, key=lambda job: (job.due - minutes_of(job.steps), job.id))
    desk = Desk(floor, jobs)
    for job in ordered:
        if fits(desk, job, job.laid):
            desk.put(job, list(job.laid))
    stay = len(desk.laid)
    for job in ordered:
        if job.id not in desk.laid:
            desk.insert(job)
    return desk, stay


class Search:
    """One desk, improved until the time is up."""

    def __init__(self, floor: Floor, jobs: list[Job], chance: Random, until: float) -> None:
        self.floor, self.jobs, self.chance, self.until = floor, jobs, chance, until
        self.goal = Order(0, sum(job.weight * alone(job) for job in jobs), least_runs(floor, jobs))
        self.desk = Desk(floor, jobs)
        self.latest = {job.id: job.due - sum(step.minutes for step in job.steps) for job in jobs}
        self.rounds = 0
        self.at: dict[int | None, list[tuple[int, int]]] = {}
        for job in jobs:
            for i, step in enumerate(job.steps):
                self.at.setdefault(step.station, []).append((job.id, i))

    @property
    def over(self) -> bool:
        """Whether the time is up, or there is nothing left to improve."""
        return self.desk.order <= self.goal or time.monotonic() >= self.until

    def begin(self) -> None:
        """Start from the plan that stands unless dispatch is less late; an oven run is no reason to move everybody."""
        self.desk = self.dispatched(0.0)
        standing, stay = stood(self.floor, self.jobs)
        if stay and standing.order[:2] <= self.desk.order[:2]:
            self.desk = standing
            return
        for noise in (0.02, 0.05, 0.1):
            if self.over:
                return
            other = self.dispatched(noise)
            self.desk = min(self.desk, other, key=lambda desk: desk.order)

    def dispatched(self, noise: float) -> Desk:
        """Put all jobs in by their latest start; ``noise`` lets chance shift it by that share of all the time."""
        desk, chance = Desk(self.floor, self.jobs), self.chance
        width = (max(self.latest.values(), default=0) - min(self.latest.values(), default=0)) * noise
        shift = {job.id: chance.uniform(-width, width) for job in self.jobs}
        for job in sorted(self.jobs, key=lambda job: (self.latest[job.id] + shift[job.id], job.id)):
            desk.insert(job)
        return desk

    def go_on(self) -> None:
        """Take out and put in until it is over; the colder it gets, the less worse a plan may be to be taken."""
        began, best = time.monotonic(), self._kept()
        while not self.over:
            self.rounds += 1
            before = self.desk.order
            out = self.some(self.chance.randint(*MANY))
            stood = {job.id: self.desk.lift(job) for job in out if job.id in self.desk.laid}
            for job in self.sorted(out):
                self.desk.insert(job, self.chance)
            left = (self.until - time.monotonic()) / max(self.until - began, 1e-9) * CYCLES % 1
            if _cost(self.desk.order) > _cost(before) - self._warmth(left) * log(1 - self.chance.random()):
                self._restore(out, stood)
            elif self.desk.order < best[0]:
                best = self._kept()
        if best[0] <= self.desk.order:  # as good is not enough to change what people have read already
            self._restore(self.jobs, best[1])

    def _kept(self) -> tuple[Order, Stood]:
        return self.desk.order, {number: list(laid) for number, laid in self.desk.laid.items()}

    def _warmth(self, left: float) -> float:
        """How many weighted minutes a round may lose, more or less, with this share of the time left."""
        return WARMTH * max(left, 0.0) ** 2 + 1e-9

    def _restore(self, out: list[Job], stood: Stood) -> None:
        for job in out:
            if job.id in self.desk.laid:
                self.desk.lift(job)
        for job in out:
            if job.id in stood:
                self.desk.put(job, stood[job.id])

    def sorted(self, out: list[Job]) -> list[Job]:
        """Return the order in which to put jobs back."""
        chance, way = self.chance, self.chance.random()
        if way < 0.5:
            return sorted(out, key=lambda job: self.latest[job.id] + chance.uniform(-30, 30))
        if way < 0.75:
            return chance.sample(out, len(out))
        late = {job.id: self._late(job) for job in out}
        return sorted(out, key=lambda job: (-late[job.id], self.latest[job.id]))

    def _late(self, job: Job) -> int:
        laid = self.desk.laid.get(job.id)
        return 1 << 30 if laid is None else job.weight * max(0, laid[-1].end - job.due)

    def some(self, many: int) -> list[Job]:
        """Choose so many jobs to take out: one that troubles the plan, and some that stand near it."""
        chance, desk = self.chance, self.desk
        trouble = [job for job in self.jobs if job.id in desk.tardy or job.id not in desk.laid]
        seed = chance.choice(trouble or self._half_empty() or self.jobs)
        k = chance.choice([i for i, step in enumerate(seed.steps) if step.station is not None] or [0])
        laid, rest = desk.laid.get(seed.id), sum(step.minutes for step in seed.steps[k:])
        middle = min(laid[k].start, seed.due - rest) if laid else seed.due - rest
        near = [(-1.0, seed.id)]
        for number, i in self.at.get(seed.steps[k].station, ()):
            theirs = desk.laid.get(number)
            if theirs is not None and number != seed.id:
                near.append((abs(theirs[i].start - middle) * (0.3 + chance.random() * 1.4), number))
        near.sort()
        return [desk.jobs[number] for number in dict.fromkeys(number for _, number in near[:many])]

    def _half_empty(self) -> list[Job]:
        """Return the jobs of the runs that are fullest of nothing, while there are more runs than need be."""
        loose = [run for runs in self.desk.of_kind.values() for run in runs if run.trays > 0]
        if not loose:
            return []
        run = self.chance.choice(sorted(loose, key=lambda run: -run.trays)[:4])
        return [self.desk.jobs[number] for number in run.jobs]


def _cost(order: Order) -> float:
    return order.unplaced * UNPLACED + order.late + order.runs * RUN
