"""Job shops to plan: from a folder of ``.fjs`` with their best known makespans, or made so that the best is known."""

import csv
from dataclasses import dataclass
from pathlib import Path
from random import Random

from shop.planning.jobshop import Instance
from shop.planning.jobshop.reader import read_file


@dataclass(frozen=True)
class Known:
    """An instance in a file, and the best makespan that anybody has found for it."""

    path: Path
    instance: Instance
    best: int


def known(folder: Path) -> list[Known]:
    """Read every instance of a folder that ``best_known.csv`` there has an ``upper_bound`` for."""
    with (folder / "best_known.csv").open(encoding="utf-8") as file:
        best = {row["instance"]: int(row["upper_bound"]) for row in csv.DictReader(file)}
    paths = sorted(path for path in folder.iterdir() if path.suffix in (".fjs", ".txt") and path.stem in best)
    return [Known(path, read_file(path), best[path.stem]) for path in paths]


def made(folder: Path) -> list[Known]:
    """Write shops whose best makespan is known into a folder."""
    found = []
    for seed, (machines, length, pieces) in enumerate(((5, 100, 8), (8, 200, 12), (10, 400, 20)), 1):
        instance = packed(machines, length, pieces, seed)
        path = folder / f"{instance.name}.fjs"
        path.write_text(as_text(instance))
        found.append(
            Known(path, read_file(path), length)
        )  # as anybody would: machines are counted as the file does
    return found


def packed(machines: int, length: int, pieces: int, seed: int) -> Instance:
    """Make a shop whose best makespan is ``length``: every machine is cut into pieces that leave no minute free.

    The pieces are strung to jobs in the order of time. Other machines can do them too, but never faster, so the
    work of all fills all machines up to ``length``, and no plan can be shorter.
    """
    chance = Random(seed)
    blocks = []
    for machine in range(machines):
        cuts = sorted(chance.sample(range(1, length), pieces - 1))
        blocks += [(start, end, machine) for start, end in zip([0, *cuts], [*cuts, length], strict=True)]
    jobs: list[list[dict[int, int]]] = []
    free: list[int] = []
    for start, end, machine in sorted(blocks):
        others = [m for m in range(machines) if m != machine and chance.random() < 0.3]
        operation = {machine: end - start} | {m: end - start + chance.randint(0, 5) for m in others}
        able = [job for job, until in enumerate(free) if until <= start]
        if able and chance.random() < 0.9:
            job = chance.choice(able)
        else:
            job = len(jobs)
            jobs.append([])
            free.append(0)
        jobs[job].append(operation)
        free[job] = end
    return Instance(machines, jobs, f"packed{seed}")


def as_text(instance: Instance, first: int = 1, between: str = " ") -> str:
    """Write an instance as ``.fjs``, its machines counted from ``first``."""
    rows = [[len(instance.jobs), instance.machines]]
    for job in instance.jobs:
        row = [len(job)]
        for operation in job:
            row += [len(operation), *(n for m, minutes in operation.items() for n in (m + first, minutes))]
        rows.append(row)
    return "\n".join(between.join(map(str, row)) for row in rows) + "\n"
