"""The whole engine: dispatch at once, tabu search here, CP-SAT in a child beside it, each telling the other.

There is a feasible plan after the first milliseconds, and the answer is never worse than the best dispatch rule.
"""

import time
from dataclasses import dataclass
from random import Random

from shop.planning.jobshop import Floor, Instance, Plan, Schedule
from shop.planning.jobshop.beside import Prover
from shop.planning.jobshop.counting import lower_bound
from shop.planning.jobshop.dispatch import RULES, dispatch, randomised
from shop.planning.jobshop.tabu import Search

CHILD_FROM = 0.8
"""Below so many seconds CP-SAT would hardly have been imported."""


@dataclass(frozen=True)
class Answer:
    """The best plan found, and how good it is known to be."""

    schedule: Schedule
    makespan: int
    bound: int
    seconds: float
    dispatched: int

    @property
    def optimal(self) -> bool:
        """Whether no plan can be shorter."""
        return self.makespan <= self.bound

    @property
    def gap(self) -> float:
        """How far above the proven bound it may still be, as a share of the bound."""
        return (self.makespan - self.bound) / self.bound if self.bound else 0.0


def solve(
    instance: Instance, seconds: float, *, seed: int = 1, since: float | None = None, beside: bool = True
) -> Answer:
    """Plan for so many seconds of wall time, less when the plan is proved to be the best there is.

    ``since`` is the ``time.monotonic()`` from which the seconds count; ``beside=False`` leaves CP-SAT out.
    """
    since = time.monotonic() if since is None else since
    until = since + seconds
    floor, chance = Floor(instance), Random(seed)
    child = Prover(instance, until) if beside and until - time.monotonic() > CHILD_FROM else None
    try:
        best = _dispatched(floor, until)
        dispatched = best.makespan
        work = Work(floor, best, lower_bound(floor), until, child)
        work.tell()
        work.search(chance)
    finally:
        if child:
            child.stop()
    return Answer(
        floor.schedule(work.best), work.best.makespan, work.low, time.monotonic() - since, dispatched
    )


def _dispatched(floor: Floor, until: float) -> Plan:
    """Return the best of all rules, or of those there was time for."""
    best: Plan | None = None
    for rule in RULES.values():
        plan = dispatch(floor, rule)
        best = plan if best is None or plan.makespan < best.makespan else best
        if time.monotonic() > until:
            break
    assert best is not None
    return best


class Work:
    """The best plan and bound so far, and the search that improves them until the time is up."""

    def __init__(self, floor: Floor, best: Plan, low: int, until: float, child: Prover | None) -> None:
        self.floor, self.best, self.low, self.until, self.child = floor, best, low, until, child
        self.asked = 0

    @property
    def over(self) -> bool:
        """Whether to stop: the time is up, or nothing better can be found."""
        return self.best.makespan <= self.low or time.monotonic() >= self.until

    def look(self) -> bool:
        """Hear what the child has found; tell the search whether to break off."""
        self.asked += 1
        if self.child and self.asked % 16 == 0:
            for plan, low in self.child.heard():
                self.low = max(self.low, low)
                if plan and plan.makespan < self.best.makespan:
                    self.best = plan
                    return True
        return self.over

    def take(self, plan: Plan) -> None:
        """Keep a plan that is at least as good."""
        better = plan.makespan < self.best.makespan
        if plan.makespan <= self.best.makespan:
            self.best = plan
        if better:
            self.tell()

    def tell(self) -> None:
        """Let the child know the best plan and bound."""
        if self.child:
            self.child.tell(self.best, self.low)

    def search(self, chance: Random) -> None:
        """Start from the best dispatched plans, then from the best plan shaken, again and again."""
        search = Search(self.floor, chance)
        starts = [self.best]
        others = randomised(self.floor, chance)
        spend = min(self.until, time.monotonic() + (self.until - time.monotonic()) * 0.03)
        while time.monotonic() < spend and len(starts) < 20 and not self.over:
            starts.append(next(others))
        for plan in sorted(starts, key=lambda plan: plan.makespan)[:2]:
            if not self.over:
                self.take(search.improve(plan, self.look, self.low))
        while not self.over:
            plan = search.shaken(self.best, chance.randint(5, 15))
            self.take(search.improve(plan, self.look, self.low))
