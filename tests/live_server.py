"""The shop's real server on a database of a test, and screens that connect to it the way browsers do."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import requests
from flask import Flask
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from shop.core.clock import Clock
from tests.cast import SATURDAY
from tests.nursery import Served, nursery
from tests.patience import PATIENCE
from web.config import ROOT


def kept_port() -> socket.socket:
    """Return a socket that keeps a free port for a server with ``--reuse-port``: nobody else is given it.

    It does not listen, so that every connection goes to the server; also while that is away for a moment.
    """
    place = socket.socket()
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    place.bind(("127.0.0.1", 0))
    return place


def free_port() -> int:
    """Return a port that nobody uses now."""
    with kept_port() as place:
        return int(place.getsockname()[1])


class ShopServer:
    """gunicorn as `bin/serve` starts it; ``data`` holds the shop, ``url`` its database when it is PostgreSQL.

    Its processes are a group of their own: `kill` ends them all at the same moment. The shop's day is the tests'
    Saturday; it begins when the server is made and goes on over a restart.
    """

    nursery = nursery

    def __init__(self, data: Path, url: str = "", workers: int = 1, **env: str) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self.data, self.url, self.workers = data, url, workers
        self.place = kept_port()
        self.port = int(self.place.getsockname()[1])
        self.log = data / "server.log"
        self.base = f"http://127.0.0.1:{self.port}"
        self.env = {
            **os.environ, "FAIRSLICE_DATA": str(data), "DATABASE_URL": url, "FAIRSLICE_PORT": str(self.port),
            "FAIRSLICE_RATE_LIMITS": "0", "FAIRSLICE_PLANNER": "0", **env,
        }  # fmt: skip
        Clock(data / "pace.json").set(SATURDAY)
        self.process: Served | None = None

    def begin(self) -> Served:
        """Start it."""
        arguments = [
            "-c", "python:web.gunicorn", "--workers", str(self.workers),
            "--bind", f"127.0.0.1:{self.port}", "--reuse-port",
        ]  # fmt: skip
        self.process = self.nursery.serve(self.env, arguments, self.log)
        return self.process

    def start(self, seconds: float = PATIENCE) -> ShopServer:
        """Start it, and wait until it is ready."""
        self.process = self.begin()
        until = time.monotonic() + seconds
        while time.monotonic() < until and self.process.poll() is None:
            try:
                if requests.get(f"{self.base}/readyz", timeout=PATIENCE).ok:
                    return self
            except requests.RequestException:
                pass
            time.sleep(0.02)
        self.kill()
        raise AssertionError(self.log.read_text())

    def stop(self) -> float:
        """Ask it to end; returns the seconds it took."""
        begun = time.monotonic()
        if self.process is not None:
            self.process.terminate()
            self.process.wait(PATIENCE)
            self.process = None
        return time.monotonic() - begun

    def kill(self) -> None:
        """End every process of the server at this very moment (kill -9)."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def display(self) -> requests.Session:
        """Return the browser of a kitchen display (in the demo shop it pairs itself)."""
        browser = requests.Session()
        browser.headers["Origin"] = self.base
        assert browser.get(f"{self.base}/kitchen/", timeout=PATIENCE).ok
        return browser

    def socket(
        self, path: str, browser: requests.Session | None = None, origin: str | None = "", *,
        full: bool = False, **options: Any,
    ) -> ClientConnection:  # fmt: skip
        """Open a socket; a refusal raises websockets' InvalidStatus.

        A place that a screen has just left is free a moment later: where all are taken, this asks again, unless
        ``full`` says that they shall be.
        """
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return self._socket(path, browser, origin, **options)
            except InvalidStatus as refused:
                if full or refused.response.status_code != 503 or time.monotonic() > until:
                    raise
                time.sleep(0.02)

    def _socket(
        self, path: str, browser: requests.Session | None, origin: str | None, **options: Any
    ) -> ClientConnection:
        cookies = "; ".join(f"{c.name}={c.value}" for c in browser.cookies) if browser else ""
        headers = {"Cookie": cookies} if cookies else {}
        said = self.base if origin == "" else origin
        return connect(
            f"ws://127.0.0.1:{options.pop('port', self.port)}{path}",
            additional_headers=headers, origin=said, proxy=None, legacy=True, **options,
        )  # fmt: skip

    def __enter__(self) -> ShopServer:
        return self.start()

    def __exit__(self, *trouble: object) -> None:
        self.kill()
        self.place.close()


def next_message(
    screen: ClientConnection, timeout: float = PATIENCE, *, beat: bool = False
) -> dict[str, Any]:
    """Return the next message that is (not) a heartbeat."""
    until = time.monotonic() + timeout
    while True:
        message: dict[str, Any] = json.loads(screen.recv(timeout=max(0.01, until - time.monotonic())))
        if ("beat" in message) == beat:
            return message


def process_beside(app: Flask, program: str) -> subprocess.Popen[str]:
    """Start another process of the same shop, as the command line is one; it has said its first line."""
    settings = app.extensions["fairslice"].settings
    env = {**os.environ, "FAIRSLICE_DATA": str(settings.data), "DATABASE_URL": settings.database_url}
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )  # fmt: skip
    assert process.stdout is not None and process.stdout.readline(), "it did not start"
    return process
