"""``plan solve``: the planning engine on a flexible job shop in the standard text format."""

import argparse
import os
import time
from pathlib import Path
from typing import Any

from shop.planning.jobshop.reader import read_file
from shop.planning.jobshop.solve import Answer, solve
from web.commands import Command, as_lines

START = 3.0
"""The most seconds that starting this program may have taken; more was set-up, which the planner does not pay for."""


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="an instance as .fjs")
    parser.add_argument(
        "--seconds", type=seconds, default=10.0, help="how long it may take altogether (default: 10)"
    )
    parser.add_argument("--schedule", action="store_true", help="say where and when each operation is done")
    parser.add_argument("--seed", type=int, default=1, help="another number, another search (default: 1)")


def seconds(word: str) -> float:
    """Read the option: more than nothing, less than a day."""
    value = float(word)
    if not 0 < value <= 86_400:
        raise argparse.ArgumentTypeError("seconds are more than 0 and at most 86400")
    return value


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Read, plan until the time is up, answer. The time counts from when this program was started."""
    since = time.monotonic() - min(age(), START)
    instance = read_file(options.file)
    answer = solve(instance, options.seconds, seed=options.seed, since=since)
    facts: dict[str, Any] = {
        "makespan": answer.makespan, "bound": answer.bound, "optimal": answer.optimal,
        "seconds": round(answer.seconds, 3), "gap": round(answer.gap, 4), "dispatch": answer.dispatched,
    }  # fmt: skip
    return facts | ({"schedule": rows(answer, instance.first_machine)} if options.schedule else {})


def rows(answer: Answer, first_machine: int) -> list[dict[str, int]]:
    """Return the operations in the order of their start; machines are called as in the file, the rest counts from 0."""
    ordered = sorted(answer.schedule.placed, key=lambda each: (each.start, each.job, each.operation))
    return [each._asdict() | {"machine": each.machine + first_machine} for each in ordered]


def age() -> float:
    """How many seconds ago this process began; 0 where the system does not tell."""
    try:
        ticks = int(Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()[19])
        return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, AttributeError, IndexError):
        return 0.0


def show(facts: dict[str, Any]) -> str:
    """The facts, then one line for each operation."""
    facts = dict(facts)
    operations = facts.pop("schedule", [])
    lines = [
        f"job {o['job']} operation {o['operation']}: machine {o['machine']}, {o['start']} to {o['end']}"
        for o in operations
    ]
    return "\n".join([as_lines(facts), *lines])


COMMANDS = [
    Command("plan solve", "the shortest plan for a flexible job shop (.fjs)", run, options, show, bare=True)
]
