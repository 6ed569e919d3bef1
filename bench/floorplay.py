"""A day played by people who follow the plan's order: every piece of work takes the minutes it happens to take."""

from collections import defaultdict
from collections.abc import Sequence
from math import exp
from random import Random

from shop.planning.reservations.floor import Floor, Job

SPREAD = {"bake": 0.05, "cool": 0.05}
"""How much the minutes of a stage vary (lognormal); what people do varies more."""
HANDS = 0.25
Q85 = 1.0364
SOONER = 30
"""A card is shown so many minutes before its planned start."""


def lateness(floor: Floor, jobs: Sequence[Job], chance: Random) -> int:
    """Play all work in the plan's order; returns how many cakes are done after their promise.

    The plan's minutes are what 85 of 100 stay below. Nobody takes a card before the one in front of it, and an oven
    takes nothing before there is room at its heat.
    """
    places = {station.id: station.places for station in floor.stations}
    done: dict[int, float] = {}
    free: dict[int, float] = defaultdict(float)
    inside: dict[tuple[int, int], list[tuple[float, int, int]]] = defaultdict(list)
    last: dict[tuple[int, int], float] = defaultdict(float)
    rows = sorted(
        (where.start, job.id, n) for job in jobs for n, where in enumerate(job.laid) if n >= job.locked
    )
    known = {job.id: job for job in jobs}
    for planned, id_, n in rows:
        job = known[id_]
        step, where = job.steps[n], job.laid[n]
        spread = SPREAD.get(step.kind, HANDS)
        minutes = step.minutes * exp(spread * (chance.gauss(0, 1) - Q85))
        start = max(planned - SOONER, job.since, done.get(id_, 0.0))
        if where.hand is not None:
            start = max(start, free[where.hand])
        if step.station is not None:
            unit = (step.station, where.unit)
            start = max(start, last[unit])
            while True:
                there = [row for row in inside[unit] if row[0] > start]
                hot = [row for row in there if step.heat and row[2] and row[2] != step.heat]
                if not hot and sum(row[1] for row in there) + step.amount <= places[step.station]:
                    break
                start = min(row[0] for row in there)
            last[unit] = start
            inside[unit] = [*there, (start + minutes, step.amount, step.heat)]
        done[id_] = start + minutes
        if where.hand is not None:
            free[where.hand] = done[id_]
    return sum(done[job.id] > job.due for job in jobs if job.id in done)
