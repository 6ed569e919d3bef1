"""Days of 150 cakes that can all be on time: how late the plan is, and how many oven runs too many it needs.

``late_cakes`` and ``weighted_late`` (minutes by weight) are avoidable, because each day was laid once before it was
promised; medians of the days, all of them in the note. ``runs_too_many``: above what the trays alone need, the worst
day. The child has what the machine leaves it, so the note says how much processor time it had.
"""

import time
from collections.abc import Iterator

from bench.cakes import day
from bench.figures import Figure, middle
from shop.planning.kitchen.checker import faults, late
from shop.planning.kitchen.solve import plan


def figures(cakes: int, days: int, seconds: float) -> Iterator[Figure]:
    """Plan some days; every plan is judged by the independent checker."""
    lates, firsts, runs, wrong, over, spent = [], [], [], 0, [], []
    for seed in range(1, days + 1):
        floor, jobs = day(cakes, seed)
        first = plan(floor, jobs, 0.0)
        began, busy = time.monotonic(), time.process_time()
        found = plan(floor, jobs, seconds)
        spent.append(time.process_time() - busy)
        over.append(time.monotonic() - began - seconds)
        placed = [found.laid[job.id][-1].end - job.due for job in jobs if job.id in found.laid]
        late_cakes = sum(minutes > 0 for minutes in placed) + len(found.unplaced)
        lates.append((late_cakes, found.late))
        firsts.append(first.late)
        runs.append(found.runs - found.least_runs)
        wrong += bool(faults(floor, jobs, found.laid)) or late(jobs, found.laid) != found.late
    name, n = f"plan.cakes_{cakes}", cakes * days
    note = f"of days that can be kept; by days {sorted(count for count, _ in lates)}, dispatch {middle(firsts):.0f} min"
    yield Figure(f"{name}.late_cakes", middle([count for count, _ in lates]), "cakes", None, n, note, "0")
    note = f"in {middle(spent):.1f} s of processor time"
    yield Figure(f"{name}.weighted_late", middle([minutes for _, minutes in lates]), "min", None, n, note)
    yield Figure(f"{name}.runs_too_many", max(runs), "runs", None, n, f"by days {sorted(runs)}", "<= 1")
    yield Figure(f"{name}.overtime", max(over), "s", None, days)
    yield Figure(f"{name}.not_feasible", wrong, "broken" if wrong else "plans", n=days)
