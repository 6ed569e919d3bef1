"""The flexible job shop: jobs of operations in a fixed order, each on one of several machines; shortest makespan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

Operation = Mapping[int, int]
"""The machines that can do it (counted from 0), and how long each takes."""


@dataclass(frozen=True)
class Instance:
    """What is to be done. ``first_machine`` is the number by which the file calls its first machine."""

    machines: int
    jobs: Sequence[Sequence[Operation]]
    name: str = ""
    first_machine: int = 0

    @property
    def size(self) -> int:
        """How many operations there are."""
        return sum(map(len, self.jobs))


class Placed(NamedTuple):
    """One operation in a schedule; everything counts from 0."""

    job: int
    operation: int
    machine: int
    start: int
    end: int


@dataclass(frozen=True)
class Schedule:
    """Where and when each operation is done."""

    placed: Sequence[Placed]

    @property
    def makespan(self) -> int:
        """When the last operation ends."""
        return max((each.end for each in self.placed), default=0)


@dataclass
class Plan:
    """The order on each machine, which is all that a schedule without idle waiting needs.

    Operations are numbered through: those of the first job first. ``queues[m]`` is machine m's order.
    """

    queues: list[list[int]]
    makespan: int

    def copy(self) -> "Plan":
        """Return one that can be changed alone."""
        return Plan([list(queue) for queue in self.queues], self.makespan)


@dataclass
class Floor:
    """An instance as flat lists, made once for the searches: operation ``size`` stands for none at all."""

    instance: Instance
    size: int = 0
    before: list[int] = field(default_factory=list)
    after: list[int] = field(default_factory=list)
    choices: list[list[tuple[int, int]]] = field(default_factory=list)
    minutes: list[dict[int, int]] = field(default_factory=list)
    job_of: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Number the operations."""
        self.size = none = self.instance.size
        for job, operations in enumerate(self.instance.jobs):
            for step, operation in enumerate(operations):
                number = len(self.job_of)
                self.job_of.append(job)
                self.before.append(number - 1 if step else none)
                self.after.append(number + 1 if step + 1 < len(operations) else none)
                self.minutes.append(dict(operation))
                self.choices.append(sorted(operation.items()))

    def starts(self, plan: Plan) -> list[int]:
        """Return when each operation starts if every machine keeps its order and nobody waits for nothing."""
        none = self.size
        lead, follow, took = [none] * (none + 1), [none] * (none + 1), [0] * (none + 1)
        for machine, queue in enumerate(plan.queues):
            for number in queue:
                took[number] = self.minutes[number][machine]
            for earlier, later in pairwise(queue):
                lead[later], follow[earlier] = earlier, later
        end = [0] * (none + 1)
        for number in self.in_order(lead, follow):
            end[number] = max(end[self.before[number]], end[lead[number]]) + took[number]
        return [end[number] - took[number] for number in range(none)]

    def in_order(self, lead: list[int], follow: list[int]) -> list[int]:
        """Return all operations so that nobody comes before one that it waits for.

        ``lead`` and ``follow`` say who comes before and after each on its machine. Raises ValueError for a circle.
        """
        none = self.size
        waits = [(self.before[n] != none) + (lead[n] != none) for n in range(none)]
        order = [n for n in range(none) if not waits[n]]
        for number in order:  # it grows while it is read
            for later in (self.after[number], follow[number]):
                if later != none:
                    waits[later] -= 1
                    if not waits[later]:
                        order.append(later)
        if len(order) != none:
            raise ValueError("these machine orders wait for each other in a circle")
        return order

    def schedule(self, plan: Plan) -> Schedule:
        """Return the schedule that the machine orders mean."""
        start, placed = self.starts(plan), []
        machine_of = {number: machine for machine, queue in enumerate(plan.queues) for number in queue}
        number = 0
        for job, operations in enumerate(self.instance.jobs):
            for step in range(len(operations)):
                machine = machine_of[number]
                begins = start[number]
                placed.append(Placed(job, step, machine, begins, begins + self.minutes[number][machine]))
                number += 1
        return Schedule(placed)
