"""The kitchen's whole plan: every open cake on stations, people and oven runs, so that the least is late.

What there is and what is asked for are the words of the reservations (`Floor`, `Job`, `Step`). An oven run bakes
cakes of one heat and one time together, up to the oven's trays; it needs one pair of hands, not one for each cake.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from shop.planning.reservations.floor import Floor, Job, Laid, Step

__all__ = ["Floor", "Job", "KitchenPlan", "Laid", "Order", "Run", "Step", "runs_of"]


class Run(NamedTuple):
    """One filling of one oven."""

    station: int
    unit: int
    start: int
    end: int
    heat: int


class Order(NamedTuple):
    """How good a plan is: what has no place at all, then weighted minutes late, then oven runs; less is better.

    What waits too long after work that is done already cannot always be helped: those minutes count as late too.
    """

    unplaced: int
    late: int
    runs: int


@dataclass(frozen=True)
class KitchenPlan:
    """Where every step of every job stands. ``least_runs`` is what the trays alone would need.

    ``rounds`` of the search led to it, and ``won`` windows of the solver; ``proven`` if no plan weighs less.
    """

    laid: Mapping[int, Sequence[Laid]]
    unplaced: Sequence[int]
    late: int
    runs: int
    least_runs: int
    rounds: int = 0
    won: int = 0
    proven: bool = False

    @property
    def order(self) -> Order:
        """How good it is."""
        return Order(len(self.unplaced), self.late, self.runs)


def ovens(jobs: Sequence[Job]) -> set[int]:
    """Return the stations that work in runs: those where something is done at a heat."""
    return {step.station for job in jobs for step in job.steps if step.heat and step.station is not None}


def runs_of(
    jobs: Sequence[Job], laid: Mapping[int, Sequence[Laid]]
) -> dict[Run, list[tuple[Job, Step, Laid]]]:
    """Return what is baked together in which run."""
    hot = ovens(jobs)
    found: dict[Run, list[tuple[Job, Step, Laid]]] = {}
    for job in jobs:
        for step, where in zip(job.steps, laid.get(job.id, ()), strict=False):
            if step.station is not None and step.station in hot:
                run = Run(step.station, where.unit, where.start, where.end, step.heat)
                found.setdefault(run, []).append((job, step, where))
    return found


def least_runs(floor: Floor, jobs: Sequence[Job]) -> int:
    """Return how many oven runs the trays need at least, whatever the time."""
    hot = ovens(jobs)
    trays: dict[tuple[int, int, int], int] = {}
    for job in jobs:
        for step in job.steps:
            if step.station is not None and step.station in hot:
                kind = (step.station, step.heat, step.minutes)
                trays[kind] = trays.get(kind, 0) + step.amount
    places = {station.id: station.places for station in floor.stations}
    return sum(-(-amount // places[station]) for (station, *_), amount in trays.items())
