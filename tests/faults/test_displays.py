"""trust.md T9 and T10 in their short forms: a display that loses the network misses nothing and says so, and one
that does not read harms nobody. Each test prints the size it ran."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import requests
from flask import Flask
from playwright.sync_api import Page

from shop.core.actors import SYSTEM
from shop.core.events import record
from tests.black_hole import BlackHole
from tests.cast import SATURDAY
from tests.chromium import PageAt
from tests.conftest import served
from tests.live_server import ShopServer, next_message
from tests.patience import PATIENCE
from web.database import writing

pytestmark = pytest.mark.fault
ENOUGH = 600
"""Lines that are written at least while a display loses and finds the network."""

LISTEN = """
window.seen = []; window.sounds = []; window.states = [];
document.addEventListener("fairslice:events", (e) => window.seen.push(...e.detail.events.map((one) => one.seq)));
document.addEventListener("fairslice:state", (e) => window.states.push([e.detail.state, Date.now() / 1000]));
document.addEventListener("fairslice:sound", (e) => window.sounds.push(e.detail.name));
"""


@pytest.fixture
def shop(founded: Path, tmp_path: Path) -> Iterator[tuple[ShopServer, Flask]]:
    with served(founded, tmp_path / "shop") as both:
        yield both


class Diary(threading.Thread):
    """Somebody who writes ``rate`` times a second, three lines each time, until told to stop."""

    def __init__(self, app: Flask, rate: float) -> None:
        super().__init__(daemon=True)
        self.app, self.rate, self.enough = app, rate, threading.Event()

    def run(self) -> None:
        with self.app.app_context():
            while not self.enough.wait(1 / self.rate):
                with writing() as tx:
                    for _ in range(3):
                        record(tx, 1, "tested", by=SYSTEM, at=SATURDAY, topics=("kitchen",))

    def stop(self) -> None:
        self.enough.set()
        self.join(PATIENCE)


def head(server: ShopServer) -> int:
    """Return the last number of the diary, as the shop tells operators."""
    for line in requests.get(f"{server.base}/metrics", timeout=PATIENCE).text.splitlines():
        if line.startswith("fairslice_diary{"):
            return int(float(line.split()[-1]))
    raise AssertionError("no diary in the metrics")


def sockets(server: ShopServer) -> int:
    text = requests.get(f"{server.base}/metrics", timeout=PATIENCE).text
    return next(int(float(n.split()[-1])) for n in text.splitlines() if n.startswith("fairslice_sockets "))


def when(page: Page, state: str, since: float, timeout: float = PATIENCE) -> float:
    """Return how long after ``since`` the display said ``state``."""
    until = time.time() + timeout
    while time.time() < until:
        for said, at in page.evaluate("window.states"):
            if said == state and at > since:
                return float(at - since)
        page.wait_for_timeout(100)
    raise AssertionError(f"never {state}: {page.evaluate('window.states')}")


def until(page: Page, what: str, timeout: float = PATIENCE) -> None:
    """Wait for a condition; asked by the debugger, because the page's policy forbids evaluating text."""
    last = time.time() + timeout
    while not page.evaluate(what):
        assert time.time() < last, (
            what,
            page.evaluate("[window.seen.length, window.seen.at(-1), window.states]"),
        )
        page.wait_for_timeout(50)


def board(page_at: PageAt, port: int) -> Page:
    page = page_at(1920, 1080, ignore=["WebSocket", "ERR_", "Failed to load"])
    page.add_init_script(LISTEN)
    page.goto(f"http://127.0.0.1:{port}/kitchen/oven?lang=en")
    until(page, "document.getElementById('live').textContent === 'Live' && window.states.length > 0")
    return page


def all_seen(page: Page, first: int, last: int) -> list[int]:
    until(page, f"window.seen.at(-1) >= {last}")
    seen: list[int] = [n for n in page.evaluate("window.seen") if first < n <= last]
    return seen


@pytest.mark.browser
def test_a_black_hole_loses_nothing_and_is_noticed(shop: tuple[ShopServer, Flask], page_at: PageAt) -> None:
    server, app = shop
    with BlackHole(server.port) as network:
        page = board(page_at, network.port)
        first = head(server)
        diary = Diary(app, 22)
        diary.start()
        page.wait_for_timeout(3000)
        cut = time.time()
        network.swallowing = True
        noticed = when(page, "off", cut)
        assert page.locator("#live").text_content() == "OFFLINE"
        page.wait_for_timeout(max(0, 9 - noticed) * 1000)
        healed = time.time()
        network.swallowing = False
        back = when(page, "live", healed)
        page.wait_for_timeout(4000)
        while head(server) - first < ENOUGH:
            assert diary.is_alive()
            page.wait_for_timeout(100)
        diary.stop()
        last = head(server)
        seen = all_seen(page, first, last)
    size = last - first
    print(f"{size} events; cut {healed - cut:.1f} s, noticed after {noticed:.2f} s, back after {back:.2f} s")
    assert seen == list(range(first + 1, last + 1)), "missed, doubled or out of order"


@pytest.mark.browser
def test_a_server_that_dies_and_comes_back_loses_nothing(
    shop: tuple[ShopServer, Flask], page_at: PageAt
) -> None:
    server, app = shop
    page = board(page_at, server.port)
    first = head(server)
    diary = Diary(app, 8)
    diary.start()
    page.wait_for_timeout(1500)
    server.kill()
    page.wait_for_timeout(4000)
    server.start()
    healed = time.time()
    until(page, f"window.seen.at(-1) > {first} && document.getElementById('live').textContent === 'Live'")
    page.wait_for_timeout(1500)
    diary.stop()
    last = head(server)
    seen = all_seen(page, first, last)
    print(f"{last - first} events over a restart; all seen {time.time() - healed:.1f} s after it answered")
    assert seen == list(range(first + 1, last + 1))


def test_a_display_that_does_not_read_is_dropped_and_slows_nobody(shop: tuple[ShopServer, Flask]) -> None:
    server, app = shop
    browser = server.display()
    path = "/kitchen/oven/live"
    screens = [server.socket(path, browser) for _ in range(8)]
    for screen in screens:
        next_message(screen)

    def commit_to_screens() -> float:
        """Return the seconds from a commit until every screen has it."""
        with app.app_context(), writing() as tx:
            record(tx, 1, "tested", by=SYSTEM, at=SATURDAY, topics=("kitchen",))
        begun = time.monotonic()
        for screen in screens:
            next_message(screen)
        return time.monotonic() - begun

    alone = sorted(commit_to_screens() for _ in range(40))
    worker = psutil.Process(server.process.pid if server.process else 0).children()[0]
    before = worker.memory_info().rss
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.connect(("127.0.0.1", server.port))
    cookies = "; ".join(f"{c.name}={c.value}" for c in browser.cookies)
    deaf.sendall(
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nOrigin: {server.base}\r\nCookie: {cookies}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
    )
    begun = time.monotonic()
    while sockets(server) < 9:
        assert time.monotonic() - begun < PATIENCE
        time.sleep(0.05)
    begun = time.monotonic()
    beside: list[float] = []
    dropped = 0.0
    while not dropped and time.monotonic() - begun < PATIENCE:
        beside.append(commit_to_screens())
        if sockets(server) == 8:
            dropped = time.monotonic() - begun
        time.sleep(0.05)
    beside.sort()
    grown = (worker.memory_info().rss - before) / 1e6
    p95, p95_alone = beside[int(len(beside) * 0.95)], alone[int(len(alone) * 0.95)]
    print(
        f"{len(beside)} commits to 8 screens beside a deaf one: p95 {p95 * 1000:.0f} ms (alone {p95_alone * 1000:.0f}"
        f" ms); dropped after {dropped:.1f} s; memory +{grown:.1f} MB"
    )
    deaf.close()
    for screen in screens:
        screen.close()
    assert dropped, "it is still there"
    assert grown < 20
