"""Reading ``.fjs`` files: the first line says jobs and machines, then one line for each job.

A job is its number of operations, then for each operation the number of its machines and that many pairs of
machine and duration. Numbers stand apart by spaces, tabs, commas or semicolons. Machines count from 1, as the
format was published, or from 0, as some copies do: a 0 among them tells.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from shop.planning.jobshop import Instance

BETWEEN = re.compile(r"[\s,;]+")
Line = tuple[int, list[int]]
Pairs = list[tuple[int, int]]


class Unreadable(ValueError):
    """The text is no flexible job shop; the message names the line."""


def read_file(path: Path) -> Instance:
    """Read a file; what it is called becomes the instance's name."""
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable(f"{path.name} is not a text file") from None
    try:
        return read(text, path.stem)
    except Unreadable as trouble:
        raise Unreadable(f"{path.name}, {trouble}") from None


def read(text: str, name: str = "") -> Instance:
    """Read an instance from its text."""
    lines = list(_lines(text))
    if not lines:
        raise Unreadable("line 1: there is nothing in it")
    jobs, machines = _head(*lines[0])
    if len(lines) - 1 < jobs:
        raise Unreadable(f"line {lines[-1][0]}: {jobs} jobs were promised, but only {len(lines) - 1} follow")
    if len(lines) - 1 > jobs:
        raise Unreadable(f"line {lines[jobs + 1][0]}: more lines than the {jobs} jobs that were promised")
    rows = [(number, _job(number, values)) for number, values in lines[1:]]
    first = 0 if any(machine == 0 for _, job in rows for step in job for machine, _ in step) else 1
    return Instance(machines, [_on_machines(row, machines, first) for row in rows], name, first)


def _lines(text: str) -> Iterator[Line]:
    for number, line in enumerate(text.splitlines(), 1):
        words = [word for word in BETWEEN.split(line.split("#")[0]) if word]
        if words:
            yield number, [_number(word, number) for word in words]


def _number(word: str, line: int) -> int:
    try:
        value = float(word)
        # the head's third number, the mean number of choices, may be a fraction; it is not used
        return int(value) if value == int(value) or line == 1 else _not_whole(word, line)
    except (ValueError, OverflowError):
        return _not_whole(word, line)


def _not_whole(word: str, line: int) -> int:
    raise Unreadable(f"line {line}: {word[:20]!r} is not a whole number") from None


def _head(line: int, values: list[int]) -> tuple[int, int]:
    if len(values) not in (2, 3):
        raise Unreadable(f"line {line}: the first line is the number of jobs and the number of machines")
    jobs, machines = values[:2]
    if jobs < 1 or machines < 1:
        raise Unreadable(f"line {line}: at least one job and one machine are needed")
    return jobs, machines


def _job(line: int, values: list[int]) -> list[Pairs]:
    """Take a line apart into its operations."""
    rest = iter(values)
    count = next(rest)
    if count < 1:
        raise Unreadable(f"line {line}: a job has at least one operation")
    steps = []
    for step in range(1, count + 1):
        choices = next(rest, None)
        if choices is None:
            raise Unreadable(f"line {line}: {count} operations were promised, but it ends after {step - 1}")
        if choices < 1:
            raise Unreadable(f"line {line}: operation {step} has no machine")
        steps.append([_pair(line, step, next(rest, None), next(rest, None)) for _ in range(choices)])
    left = len(list(rest))
    if left:
        raise Unreadable(f"line {line}: {left} numbers are left over after operation {count}")
    return steps


def _pair(line: int, step: int, machine: int | None, minutes: int | None) -> tuple[int, int]:
    if machine is None or minutes is None:
        raise Unreadable(f"line {line}: it ends in the middle of operation {step}")
    if minutes < 0:
        raise Unreadable(f"line {line}: operation {step} takes {minutes}, less than no time")
    return machine, minutes


def _on_machines(row: tuple[int, list[Pairs]], machines: int, first: int) -> list[dict[int, int]]:
    line, job = row
    found = []
    for step, pairs in enumerate(job, 1):
        operation: dict[int, int] = {}
        for called, minutes in pairs:
            machine = called - first
            if not 0 <= machine < machines:
                there = f"{first} to {machines - 1 + first}"
                raise Unreadable(f"line {line}: operation {step} wants machine {called}; there are {there}")
            operation[machine] = min(minutes, operation.get(machine, minutes))
        found.append(operation)
    return found
