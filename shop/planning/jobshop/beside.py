"""CP-SAT in a process of its own, talking in lines of JSON; both ends of the talk are here.

It is a fresh program and no fork: whoever plans may have threads, and only the child pays for ``ortools``.
It stands back (``os.nice``) as far as its parent does.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import shop
from shop.planning.jobshop import Floor, Instance, Plan

FIRST_SHARE = 0.3
"""After this share of its time it begins anew, if its parent has found a better plan by then."""

News = tuple[Plan | None, int]
"""A better plan, if it is one, and a makespan that no plan can beat."""


class Prover:
    """The parent's end."""

    def __init__(self, instance: Instance, until: float, workers: int = 1) -> None:
        self.news: deque[News] = deque()
        root = str(Path(shop.__file__).parents[1])
        self.process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=root,
        )  # fmt: skip
        jobs = [[sorted(operation.items()) for operation in job] for job in instance.jobs]
        self._say({"machines": instance.machines, "jobs": jobs, "until": until, "workers": workers})
        threading.Thread(target=self._listen, daemon=True).start()

    def tell(self, plan: Plan, low: int) -> None:
        """Send it a plan to do better than."""
        self._say(_words(plan, low))

    def heard(self) -> list[News]:
        """Return what has come since the last time."""
        return [self.news.popleft() for _ in range(len(self.news))]

    def stop(self) -> None:
        """End it at once; what it has found was sent already."""
        self.process.kill()
        self.process.wait()

    def _say(self, words: dict[str, Any]) -> None:
        assert self.process.stdin
        with suppress(OSError):  # it may have died or be done: the search here goes on alone
            print(json.dumps(words), file=self.process.stdin, flush=True)

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            try:
                self.news.append(_meaning(json.loads(line)))
            except ValueError:
                return  # it was ended in the middle of a line


def _words(plan: Plan | None, low: int) -> dict[str, Any]:
    return {"low": low} | ({"queues": plan.queues, "makespan": plan.makespan} if plan else {})


def _meaning(words: dict[str, Any]) -> News:
    return Plan(words["queues"], words["makespan"]) if "queues" in words else None, words["low"]


class Child:
    """The child's end: a thread hears the parent, and ends everything when the parent is gone."""

    def __init__(self) -> None:
        task = json.loads(sys.stdin.readline())
        jobs = [
            [{machine: minutes for machine, minutes in choices} for choices in job] for job in task["jobs"]
        ]
        self.floor = Floor(Instance(task["machines"], jobs))
        self.until, self.workers = task["until"], task["workers"]
        self.best, self.low = _meaning(json.loads(sys.stdin.readline()))
        self.mine = 0
        self.stop: Callable[[], None] = lambda: None
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in sys.stdin:
            self.take(*_meaning(json.loads(line)))
        os._exit(0)

    def take(self, plan: Plan | None, low: int) -> None:
        """Keep what is better."""
        self.low = max(self.low, low)
        if plan and (self.best is None or plan.makespan < self.best.makespan):
            self.best = plan

    def say(self, plan: Plan | None, low: int) -> None:
        """Tell the parent, and remember."""
        self.take(plan, low)
        self.mine = min(self.mine, plan.makespan) if plan else self.mine
        print(json.dumps(_words(plan, low)), flush=True)

    def work(self) -> None:
        """Work on the best plan; begin anew after a while if the parent has found a better one by then."""
        from shop.planning.jobshop import exact

        for first in (True, False):
            left = self.until - time.monotonic()
            if self.best is None or self.best.makespan <= self.low or left <= 0:
                break
            self.mine = self.best.makespan
            timer = threading.Timer(left * FIRST_SHARE, self._overtaken)
            timer.daemon = True
            if first:
                timer.start()
            plan, low = exact.solve(
                self.floor, self.best, self.low, left, self.workers,
                found=lambda plan: self.say(plan, 0), bounded=lambda bound: self.say(None, bound),
                begun=self._begun,
            )  # fmt: skip
            timer.cancel()
            self.say(plan, low)

    def _begun(self, stop: Callable[[], None]) -> None:
        self.stop = stop

    def _overtaken(self) -> None:
        """Break off what works from a plan that is no longer the best."""
        if self.best and self.best.makespan < self.mine:
            self.stop()


if __name__ == "__main__":
    Child().work()
