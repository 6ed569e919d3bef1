"""The shop and its peers as servers of their own, in folders of their own, gone when the benchmark ends."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pysqlite3 import dbapi2 as sqlite3

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """A running server; ``pid`` is the parent of all its processes."""

    process: subprocess.Popen[bytes]
    port: int
    data: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def stop(self) -> float:
        """End it; returns how long that took, seconds."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        return time.monotonic() - began


def launch(command: list[str], data: Path, port: int, **settings: str) -> Server:
    """Start a command and wait until it answers."""
    known = {"FAIRSLICE_DATA": str(data), "FAIRSLICE_RATE_LIMITS": "0"}
    outside = {
        k: v
        for k, v in os.environ.items()
        if k not in ("DATABASE_URL", "PUBLIC_URL", "PYTHONDONTWRITEBYTECODE")
    }
    with (data / "server.log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**outside, **known, **settings}, stdout=log, stderr=log
        )
    server = Server(process, port, data)
    wait_for(server, "/readyz" if "web.start" in command else "/")
    return server


def wait_for(server: Server, path: str, seconds: float = 90.0) -> None:
    """Ask until the server answers 200."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if server.process.poll() is not None:
            break
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=2) as answer,
        ):
            if answer.status == 200:
                return
        time.sleep(0.02)
    server.process.kill()
    raise SystemExit(f"the server did not start: {(server.data / 'server.log').read_text()[-2000:]}")


def start_shop(data: Path, *options: str, **settings: str) -> Server:
    """Start the shop as bin/serve does."""
    port = free_port()
    command = [sys.executable, "-m", "web.start", "--port", str(port), *options]
    return launch(command, data, port, **settings)


def start_bare(data: Path, **settings: str) -> Server:
    """Start the bare Flask app under the same gunicorn with the same number of threads."""
    port = free_port()
    options = "-k gthread --threads 96 --worker-connections 384 --keep-alive 5 --no-control-socket --log-level warning"
    where = ["--bind", f"127.0.0.1:{port}", "bench.bare:app"]
    command = [sys.executable, "-m", "gunicorn", *options.split(), *where]
    return launch(command, data, port, **settings)


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    made = Path(tempfile.mkdtemp(prefix="fairslice-bench-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def a_shop(data: Path, *, days: int = 0, endless: bool = True) -> None:
    """Make a demo shop in ``data``; an endless kitchen never refuses an order for want of room."""
    environment = {**os.environ, "FAIRSLICE_DATA": str(data)}
    environment.pop("DATABASE_URL", None)
    made = [sys.executable, "-m", "web.cli", "demo", "reset", "--days", str(days), "--json"]
    subprocess.run(made, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    if endless:
        with contextlib.closing(open_file(data)) as connection:
            connection.executescript(ENDLESS)


ENDLESS = """
UPDATE station SET places = 1000000;
UPDATE route_stage SET needs_person = 0;
UPDATE shop SET menu_version = menu_version + 1;
"""


def open_file(data: Path) -> sqlite3.Connection:
    """Open a shop's SQLite file as the shop does."""
    connection = sqlite3.connect(
        str(data / "shop.db"), isolation_level=None, check_same_thread=False, timeout=10
    )
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
        connection.execute(f"PRAGMA {pragma}")
    return connection
