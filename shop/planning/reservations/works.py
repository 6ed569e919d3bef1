"""What is laid anew for a question: the near steps of other jobs, each with the limits it has, and the new jobs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from shop.planning.reservations.floor import Job, Laid

Plan = dict[int, list[Laid]]


class Budget:
    """How many steps a question may still place."""

    __slots__ = ("left",)

    def __init__(self, left: int) -> None:
        self.left = left


@dataclass(frozen=True, slots=True)
class Found:
    """Where all steps of the new jobs stand, and of those others that move."""

    laid: Plan
    moves: Plan
    end: int


@dataclass(slots=True)
class Work:
    """The steps of one job that are laid anew: from ``start`` up to ``cut``, not before ``since``."""

    job: Job
    start: int
    cut: int
    since: int
    until: int = 0
    """Until when a new job may take longer than to the end that is looked for."""
    rest: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Count what is left after each step."""
        minutes = [step.minutes for step in self.job.steps[: self.cut]]
        self.rest = [sum(minutes[i:]) for i in range(self.cut + 1)]

    def limit(self, goal: int) -> int:
        """Return by when it must be done if new jobs are to be done by ``goal``: they themselves by then, who is due
        later as promised (or when the steps that stay where they are begin), who is due earlier not later than now."""
        laid = self.job.laid
        if not laid:
            return max(goal, self.until)
        if self.job.due < goal:
            return laid[self.cut - 1].end
        return laid[self.cut].start if self.cut < len(laid) else self.job.due


def near(jobs: Sequence[Job], until: int) -> Iterator[Work]:
    """Yield what starts before ``until`` and may move, of jobs in the order in which they begin."""
    for job in jobs:
        laid, cut = job.laid, job.locked
        if laid[cut].start >= until:
            return
        while cut < len(laid) and (
            laid[cut].start < until or (cut > job.locked and job.steps[cut].keeps is not None)
        ):
            cut += 1
        if cut > job.locked:
            begins = max(job.since, laid[job.locked - 1].end if job.locked else 0)
            yield Work(job, job.locked, cut, begins)
