"""The bell and the hub: who watches is woken, from whichever process the change comes, and loses nothing."""

from __future__ import annotations

import os
import resource
import select
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from flask import Flask

from shop.core.actors import SYSTEM
from shop.core.events import record
from tests.cast import SATURDAY
from tests.live_server import process_beside
from tests.patience import PATIENCE
from web.database import writing
from web.live import Hub, the_hub
from web.live.hub import MOST_LINES, Line, Watch

WRITER = """
import sys, time
from datetime import UTC, datetime
import wsgi
from shop.core.actors import SYSTEM
from shop.core.events import record
from web.database import writing
app = wsgi.create_app()
with app.app_context():
    print("ready", flush=True)
    for line in sys.stdin:
        with writing() as tx:
            record(tx, 1, "tested", by=SYSTEM, at=datetime.now(UTC), topics=("kitchen",), n=int(line))
        print(time.monotonic(), flush=True)
"""


@pytest.fixture
def hub(app_both: Flask) -> Iterator[Hub]:
    """The hub of an app, with its context pushed."""
    with app_both.app_context():
        hub = the_hub()
        yield hub
        hub.close()


def note(n: int, topics: tuple[str, ...] = ("kitchen",)) -> None:
    with writing() as tx:
        record(tx, 1, "tested", by=SYSTEM, at=SATURDAY, topics=topics, n=n)


def ready(what: Watch | int, seconds: float) -> bool:
    """Wait until there is something to read."""
    turns = select.poll()
    turns.register(what, select.POLLIN)
    return bool(turns.poll(1000 * seconds))


def wait(watch: Watch, lines: int, timeout: float = PATIENCE) -> list[Line]:
    """Return at least this many lines that arrive at a watch, or what came in time."""
    found: list[Line] = []
    until = time.monotonic() + timeout
    while len(found) < lines and time.monotonic() < until:
        ready(watch, 0.1)
        more, gap = watch.take()
        assert not gap
        found += more
    return found


def until(what: Callable[[], bool], timeout: float = PATIENCE) -> None:
    """Wait until something is so."""
    last = time.monotonic() + timeout
    while not what():
        assert time.monotonic() < last
        time.sleep(0.005)


def test_a_watch_gets_its_topics_in_order_and_nothing_else(hub: Hub) -> None:
    board, order = hub.watch(1, ("kitchen",)), hub.watch(1, ("order:7",))
    for n in range(30):
        note(n, ("kitchen", "orders") if n % 3 else ("order:7",))
    seen, own = wait(board, 20), wait(order, 10)
    assert [line.data["n"] for line in seen] == [n for n in range(30) if n % 3]
    assert [line.data["n"] for line in own] == list(range(0, 30, 3))
    assert [line.seq for line in seen] == sorted(line.seq for line in seen)


def test_a_rollback_rings_nobody(hub: Hub) -> None:
    watch = hub.watch(1, ("kitchen",))
    with pytest.raises(ZeroDivisionError), writing() as tx:
        record(tx, 1, "tested", by=SYSTEM, at=SATURDAY, topics=("kitchen",), n=1)
        raise ZeroDivisionError
    note(2)
    assert [line.data["n"] for line in wait(watch, 1)] == [2]


def test_a_thousand_open_files_are_no_matter(hub: Hub) -> None:
    """A screen is an open file; the number of a new one may be above what select() can take."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    files = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
    try:
        watch = hub.watch(1, ("kitchen",))
        assert watch.fileno() > 1023
        note(1)
        assert [line.data["n"] for line in wait(watch, 1)] == [1]
    finally:
        for file in files:
            os.close(file)
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_who_is_too_far_behind_is_told_that_something_is_missing(hub: Hub) -> None:
    watch = hub.watch(1, ("kitchen",))
    with writing() as tx:
        for n in range(MOST_LINES + 1):
            record(tx, 1, "tested", by=SYSTEM, at=SATURDAY, topics=("kitchen",), n=n)
    ready(watch, PATIENCE)
    lines, gap = watch.take()
    assert gap and not lines
    note(5)
    assert [line.data["n"] for line in wait(watch, 1)] == [5]


def test_a_forgotten_watch_is_never_written_to(hub: Hub) -> None:
    """Its number may be another file by then: a wake-up written there would damage it."""
    for _ in range(50):  # another thread of the tests may have opened a file in between
        watch = hub.watch(1, ("kitchen",))
        number = watch.fileno()
        hub.forget(watch)
        reader, writer = os.pipe()
        try:
            if number in (reader, writer):
                watch.wake()
                watch.give([])
                assert not ready(reader, 0.1)
                return
        finally:
            os.close(reader)
            os.close(writer)
    raise AssertionError("the test needs the number to be used again")


def test_a_screen_is_told_at_once_or_in_order_by_itself(hub: Hub) -> None:
    watch, later = hub.watch(1, ("kitchen",)), hub.watch(1, ("order:7",))
    told: list[int] = []
    free = threading.Event()

    def at_once(lines: Sequence[Line]) -> bool:
        told.extend(line.data["n"] for line in lines if free.is_set())
        return free.is_set()

    free.set()
    watch.at_once = at_once
    note(1)
    until(lambda: told == [1])
    assert watch.take() == ([], False)
    free.clear()
    note(2)
    until(lambda: ready(watch, 0))
    free.set()
    note(3)  # must not overtake what waits
    note(0, ("order:7",))
    assert wait(later, 1)
    until(lambda: len(watch._lines) == 2)  # both screens may be told in one round, this one second
    assert [line.data["n"] for line in wait(watch, 2)] == [2, 3]
    note(4)
    until(lambda: told == [1, 4])


@pytest.fixture
def other_process(hub: Hub) -> Iterator[subprocess.Popen[str]]:
    """Another process of the same shop, such as the command line; it writes a line for each number it reads."""
    process = process_beside(hub.app, WRITER)
    yield process
    assert process.stdin is not None
    process.stdin.close()
    process.wait(PATIENCE)


def lags(hub: Hub, process: subprocess.Popen[str], times: int) -> list[float]:
    """Return the seconds from the other process's commit to the wake-up here."""
    assert process.stdin is not None and process.stdout is not None
    watch = hub.watch(1, ("kitchen",))
    found = []
    for n in range(times):
        process.stdin.write(f"{n}\n")
        process.stdin.flush()
        lines = wait(watch, 1)
        woken = time.monotonic()
        committed = float(process.stdout.readline())
        assert [line.data["n"] for line in lines] == [n]
        found.append(max(0.0, woken - committed))
        time.sleep(0.03)
    return found


def test_another_process_wakes_the_screens_here(
    hub: Hub, other_process: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look that would find it without a ring is an hour away."""
    monkeypatch.setattr(hub.bell, "pause", 3600.0)
    found = sorted(lags(hub, other_process, 20))
    print(f"wake-up from another process: median {found[10] * 1000:.1f} ms, worst {found[-1] * 1000:.1f} ms")


def test_a_lost_wake_up_costs_one_look(
    hub: Hub, other_process: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The ring is swallowed; the look that follows by itself finds the line."""
    monkeypatch.setattr(type(hub.bell), "answer", lambda bell: time.sleep(0))
    monkeypatch.setattr(type(hub.bell), "listen", lambda bell: -1)
    found = sorted(lags(hub, other_process, 8))
    print(f"without a bell: median {found[4] * 1000:.0f} ms, worst {found[-1] * 1000:.0f} ms")
