"""How near the planner comes to the best known makespan in 10 s, beside CP-SAT alone and the best dispatch rule.

``--data PATH`` is a folder of ``.fjs`` files with a ``best_known.csv`` (``instance``, ``upper_bound``); without it
shops are made whose best is known. ``--long`` adds 60 s. Then days of the cake kitchen, then couriers' tours.

``gap`` and ``mean_gap``: percent above the best known makespan (ceiling: CP-SAT alone in the same time).
``overtime``: seconds beyond those that were given. ``worse_than_dispatch`` and ``not_feasible``: plans, 0 is right.
``cakes_150.*``: see `bench.kitchenday`. ``tour_*``: see `bench.tours`.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import kitchenday, tours
from bench.figures import Figure, middle
from bench.jobshops import Known, known, made
from shop.planning.jobshop import Placed, Schedule
from shop.planning.jobshop.checker import faults

PEERS = ("planner", "plain CP-SAT", "dispatch")


def run(options: argparse.Namespace) -> Iterator[Figure]:
    """Plan every instance, turn by turn with the peers."""
    with tempfile.TemporaryDirectory() as folder:
        shops = known(options.data) if options.data else made(Path(folder))
        for seconds in (1,) if options.quick else (10, 60) if options.long else (10,):
            yield from at(shops[:1] if options.quick else shops, seconds)
    yield from kitchenday.figures(*((20, 1, 0.5) if options.quick else (150, 3, 10.0)))
    sizes, seconds = (((7, 1), (9, 1)), 0.1) if options.quick else (((8, 6), (12, 6), (20, 4), (30, 3)), 1.0)
    yield from tours.figures(sizes, seconds)


def at(shops: list[Known], seconds: int) -> Iterator[Figure]:
    """Measure with so many seconds for each instance."""
    gaps: dict[str, list[float]] = {peer: [] for peer in PEERS}
    over, wrong = [], 0
    for shop in shops:
        began = time.monotonic()
        found = planner(shop, seconds)
        over.append(time.monotonic() - began - seconds)
        wrong += bool(found["faults"])
        values = {"planner": found["makespan"], "dispatch": found["dispatch"]}
        values["plain CP-SAT"] = ask("-m", "bench.plain", str(shop.path), str(seconds))["makespan"]
        for peer, value in values.items():  # a peer that found nothing stands where dispatch does
            gaps[peer].append(gap(value or found["dispatch"], shop.best))
        note = f"makespan {found['makespan']}, bound {found['bound']}, best known {shop.best}"
        note += f", CP-SAT {values['plain CP-SAT']}, dispatch {found['dispatch']}"
        yield Figure(f"plan.{shop.path.stem}.gap_{seconds}", gaps["planner"][-1], "percent", None, 1, note)
    mean = {peer: sum(each) / len(each) for peer, each in gaps.items()}
    target = {10: "<= 3 %", 60: "<= 1.5 %"}.get(seconds, "")
    beside = f"CP-SAT alone {mean['plain CP-SAT']:.2f} %, dispatch {mean['dispatch']:.2f} %"
    yield Figure(
        f"plan.mean_gap_{seconds}", mean["planner"], "percent", mean["plain CP-SAT"] or None, len(shops), beside, target
    )  # fmt: skip
    yield Figure(f"plan.overtime_{seconds}", max(over), "s", None, len(over), f"median {middle(over):.2f} s")
    worse = sum(a > b for a, b in zip(gaps["planner"], gaps["dispatch"], strict=True))
    yield Figure(f"plan.worse_than_dispatch_{seconds}", worse, "broken" if worse else "plans", n=len(shops))
    yield Figure(f"plan.not_feasible_{seconds}", wrong, "broken" if wrong else "plans", n=len(shops))


def gap(makespan: int, best: int) -> float:
    """How far above the best known, in percent."""
    return (makespan / best - 1) * 100


def planner(shop: Known, seconds: int) -> dict[str, Any]:
    """Plan by the command line as anybody would, and have the plan judged by the independent checker."""
    words = ("plan", "solve", str(shop.path), "--seconds", str(seconds), "--schedule", "--json")
    found = ask("-m", "web.cli", *words)
    first = shop.instance.first_machine
    placed = [Placed(**row)._replace(machine=row["machine"] - first) for row in found["schedule"]]
    return found | {"faults": faults(shop.instance, Schedule(placed), found["makespan"])}


def ask(*words: str) -> dict[str, Any]:
    """Run a Python program and read its answer."""
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
