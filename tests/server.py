"""The real server for tests: gunicorn on a port of its own, in a process group that a test may kill."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """``bin/serve``'s gunicorn on a data folder. Use as a context; `kill` ends the whole group at once."""

    def __init__(self, data: Path, url: str = "", workers: int = 1, **environment: str) -> None:
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.workers = workers
        self.environment = os.environ | {
            "FAIRSLICE_DATA": str(data), "DATABASE_URL": url, "FAIRSLICE_RATE_LIMITS": "false",
            "FAIRSLICE_PORT": str(self.port), **environment,
        }  # fmt: skip
        self.process: subprocess.Popen[bytes] | None = None
        self.log = (data / "server.log").open("ab")

    def start(self) -> None:
        """Start it; returns before it answers."""
        command = [
            sys.executable, "-m", "gunicorn", "-c", "python:web.gunicorn", "--bind", f"127.0.0.1:{self.port}",
            "--workers", str(self.workers), "--reuse-port",
        ]  # fmt: skip
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdout=self.log, stderr=self.log, start_new_session=True
        )

    def wait(self, seconds: float = 30.0) -> float:
        """Wait until it is ready; returns how long that took, raises if it never was."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            try:
                if requests.get(self.base + "/readyz", timeout=2).status_code == 200:
                    return time.monotonic() - began
            except requests.RequestException:
                pass
            time.sleep(0.05)
        raise TimeoutError("the server did not get ready; see server.log")

    def kill(self) -> None:
        """End every process of the server at this very moment (kill -9)."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> float:
        """Stop it the polite way; returns the seconds it took."""
        assert self.process is not None
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
        return time.monotonic() - began

    def __enter__(self) -> Server:
        self.start()
        self.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self.log.close()
