"""Servers without the wait: a process that has imported the shop, as `web.start` has, becomes one when asked.

Asked by a line of JSON ``[environment, arguments, log]``, it answers with the number of the new process. It opens
nothing itself, so that a server it becomes is like any other; it ends with whoever asks.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path

from tests.patience import PATIENCE
from web.config import ROOT


class Served:
    """A server that was asked for, to be watched as one's own child is."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        try:
            self.end: int | None = os.pidfd_open(pid)
        except ProcessLookupError:  # it has ended at once; its log says why
            self.end = None

    def poll(self) -> int | None:
        """Return None while it runs."""
        return None if self.lives(0) else 0

    def lives(self, seconds: float) -> bool:
        """Whether it runs still after so many seconds; returns as soon as it has ended."""
        if self.end is not None:
            turns = select.poll()
            turns.register(self.end, select.POLLIN)
            if not turns.poll(1000 * seconds):
                return True
            os.close(self.end)
            self.end = None
        return False

    def terminate(self) -> None:
        """Ask it to end."""
        os.kill(self.pid, signal.SIGTERM)

    def wait(self, seconds: float = PATIENCE) -> None:
        """Wait until it has ended; raises `TimeoutError`."""
        if self.lives(seconds):
            raise TimeoutError(f"process {self.pid} runs on")


class Nursery:
    """A nursery, started at its first server; ``through`` is what becomes it in the end, such as ``unshare ...``,
    ``module`` what it runs."""

    def __init__(self, *through: str, module: str = "tests.nursery") -> None:
        self.through, self.module = through, module
        self.process: subprocess.Popen[str] | None = None
        self.turn = threading.Lock()

    def begin(self) -> subprocess.Popen[str]:
        """Start it."""
        self.process = subprocess.Popen(
            [*self.through, sys.executable, "-m", self.module], cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        return self.process

    def serve(self, environment: dict[str, str], arguments: list[str], log: Path) -> Served:
        """Start gunicorn with these arguments and this environment."""
        with self.turn:
            process = self.process
            if process is None or process.poll() is not None:
                process = self.begin()
            assert process.stdin and process.stdout
            process.stdin.write(json.dumps([environment, arguments, str(log)]) + "\n")
            process.stdin.flush()
            return Served(int(process.stdout.readline()))


nursery = Nursery()


def become(environment: dict[str, str], arguments: list[str], log: str) -> None:
    """Be gunicorn, in a group of one's own."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(environment)
    for number, flags in ((0, os.O_RDONLY), (1, os.O_WRONLY | os.O_APPEND | os.O_CREAT)):
        file = os.open(log if number else os.devnull, flags, 0o600)
        os.dup2(file, number)
        os.close(file)
    os.dup2(1, 2)
    sys.argv = ["gunicorn", *arguments]
    from gunicorn.app.wsgiapp import run

    run()


def main() -> None:
    """Become a server for each line that comes."""
    for module in ("gunicorn.app.wsgiapp", "gunicorn.workers.gthread", "wsgi"):
        importlib.import_module(module)
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who has ended is no child to wait for
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in iter(sys.stdin.readline, ""):
        pid = os.fork()
        if pid == 0:
            try:
                become(*json.loads(line))
            finally:
                os._exit(1)
        print(pid, flush=True)


if __name__ == "__main__":
    main()
