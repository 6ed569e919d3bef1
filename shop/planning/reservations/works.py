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
    """The steps of one job that are laid anew: from ``start`` up to ``cut``, not before ``since``, done by ``limit``."""

    job: Job
    start: int
    cut: int
    since: int
    limit: int
    rest: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Count what is left after each step."""
        minutes = [step.minutes for step in self.job.steps[: self.cut]]
        self.rest = [sum(minutes[i:]) for i in range(self.cut + 1)]


def near(jobs: Sequence[Job], since: int, until: int, goal: int) -> Iterator[Work]:
    """Yield what starts before ``until`` and may move: what is due later than ``goal`` within its promise, what is
    due earlier only forward; nothing to before ``since``."""
    for job in jobs:
        laid, cut = job.laid, job.locked
        while cut < len(laid) and (
            laid[cut].start < until or (cut > job.locked and job.steps[cut].keeps is not None)
        ):
            cut += 1
        if cut > job.locked:
            begins = max(since, job.since, laid[job.locked - 1].end if job.locked else 0)
            limit = laid[cut].start if cut < len(laid) else job.due
            yield Work(job, job.locked, cut, begins, limit if job.due >= goal else laid[cut - 1].end)
