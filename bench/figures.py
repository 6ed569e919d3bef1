"""What a benchmark reports, and how processor time and spread are read."""

import json
import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Figure:
    """One measured value; ``ceiling`` is what it is compared with, ``n`` how many operations stand behind it."""

    name: str
    value: float
    unit: str
    ceiling: float | None = None
    n: int = 1
    note: str = ""
    target: str = ""

    @property
    def ratio(self) -> float | None:
        """The value beside the ceiling."""
        return round(self.value / self.ceiling, 3) if self.ceiling else None

    def as_json(self) -> str:
        """One line for programs."""
        facts = {"name": self.name, "value": round(self.value, 3), "unit": self.unit}
        ceiling = None if self.ceiling is None else round(self.ceiling, 3)
        more = {"note": self.note} if self.note else {}
        return json.dumps(
            facts | {"ceiling": ceiling, "ratio": self.ratio, "n": self.n} | more, ensure_ascii=False
        )

    def as_line(self) -> str:
        """One line for people."""
        beside = f"   beside {self.ceiling:,.2f}: {self.ratio:.2f}" if self.ceiling else ""
        words = "".join(f"   {text}" for text in (self.target and f"target {self.target}", self.note) if text)
        return f"  {self.name:<34} {self.value:>12,.2f} {self.unit:<10}{beside}{words}"


def spread(values: Sequence[float]) -> str:
    """Say from where to where the rounds went."""
    return f"rounds {min(values):,.1f} to {max(values):,.1f}"


def middle(values: Sequence[float]) -> float:
    """The median."""
    return statistics.median(values)


def share(values: Sequence[float], part: float) -> float:
    """The value below which ``part`` of all lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(part * 1000) * len(ordered) // 1000) - 1))]


def processor_seconds(pid: int) -> float:
    """Processor time of a process and the processes it has begun, also of those that have ended, in seconds."""
    return sum(_own_seconds(each) for each in family(pid))


def family(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            for child in task.read_text().split():
                found += family(int(child))
        except OSError:
            pass
    return found


def _own_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / TICKS  # its own, and that of the children it has seen end


def memory(pid: int) -> float:
    """Memory of a process family that it shares with nobody, in MB."""
    total = 0
    for each in family(pid):
        try:
            rows = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(row.split()[1]) for row in rows if row.startswith("Pss:"))
    return total / 1024


class Others:
    """How busy the machine was with other things: its load beside ours."""

    def __init__(self) -> None:
        self.before = _machine()

    def busy(self) -> float:
        """The share of all processors' time that was not idle since the beginning."""
        idle, total = (b - a for a, b in zip(self.before, _machine(), strict=True))
        return 1 - idle / total if total else 0.0


def _machine() -> tuple[int, int]:
    numbers = [int(n) for n in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    return numbers[3] + numbers[4], sum(numbers)
