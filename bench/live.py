"""From commit to screen: 20 and 50 kitchen displays, beside a raw WebSocket server that is handed the same bytes.

Both sides commit the same change in this process. The peer's side also renders the same board here, then hands
the bytes to a raw fan-out server. The clock of a change starts when its commit begins.
"""

import argparse
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from flask import Flask

from bench.customers import Browser
from bench.figures import Figure, memory, middle, processor_seconds, share
from bench.servers import Server, a_shop, folder, free_port, launch, start_shop
from bench.sockets import Screen, Wall

STATION = "decorating"


class Writer:
    """Changes an order again and again, in a process beside the server's."""

    def __init__(self, data: Path) -> None:
        os.environ["FAIRSLICE_DATA"] = str(data)
        os.environ.pop("DATABASE_URL", None)
        from wsgi import create_app

        self.app: Flask = create_app()
        self.urgent = False
        self.order_id = self.first_card()

    def first_card(self) -> int:
        """Return the order whose card stands first on the board: its change is seen there."""
        from kitchen.boards import look

        with self.app.test_request_context(f"/kitchen/{STATION}"):
            return look(STATION).cards[0].order_id

    def change(self) -> float:
        """Rush the order, or take it back; returns the moment before the commit."""
        from shop.core.actors import SYSTEM
        from shop.orders.progress import rush
        from shop.orders.tables import Order
        from shop.people.shops import only_shop
        from web.database import writing
        from web.house import now

        self.urgent = not self.urgent
        with self.app.app_context(), writing() as tx:
            shop = only_shop(tx)
            assert shop is not None
            order = tx.get_one(Order, self.order_id)
            rush(tx, shop, order, by=SYSTEM, at=now(), urgent=self.urgent)
            return time.perf_counter()

    def render(self) -> bytes:
        """Render the board as the server does."""
        from flask import g

        from kitchen.boards import draw_board
        from kitchen.rights import Rights

        with self.app.test_request_context(f"/kitchen/{STATION}"):
            g.language = "zh_Hans"
            return draw_board(STATION, Rights(True, True)).html.encode()


def run(options: argparse.Namespace) -> Iterator[Figure]:
    """Measure 20 and 50 displays, quiet and while pages are asked for."""
    changes = 8 if options.quick else 120 if options.long else 40
    with folder() as data:
        a_shop(data, endless=False)
        shop, peer = start_shop(data), start_fanout(data)
        try:
            writer = Writer(data)
            cookie = paired(shop)
            for displays in (4,) if options.quick else (20, 50):
                yield from compare(shop, peer, writer, cookie, displays, changes)
        finally:
            shop.stop()
            peer.stop()


def compare(
    shop: Server, peer: Server, writer: Writer, cookie: str, displays: int, changes: int
) -> Iterator[Figure]:
    """Let so many displays watch; change, and see when each knows."""
    wall = Wall([Screen(shop.port, f"/kitchen/{STATION}/live", cookie) for _ in range(displays)])
    raw = Wall([Screen(peer.port, "/watch") for _ in range(displays)])
    feed = socket.create_connection(("127.0.0.1", peer.port))
    feed.sendall(b"GET /feed HTTP/1.1\r\n\r\n")

    def hand_on() -> float:
        began = writer.change()
        feed.sendall(writer.render().hex().encode() + b"\n")
        return began

    time.sleep(1.0)
    ours, theirs, lost = [], [], 0
    cpu = processor_seconds(shop.pid)
    for _ in range(changes // 4):
        for each, side, result in ((writer.change, wall, ours), (hand_on, raw, theirs)):
            for _ in range(4):
                times, missing = until_seen(each, side)
                result += times
                lost += missing
    cpu = (processor_seconds(shop.pid) - cpu) / (changes * 2) * 1000
    yield from tell(f"{displays}", ours, theirs, lost, "<= 3x raw", "<= 50 ms")
    yield Figure(f"live.cpu_per_change_{displays}", cpu, "ms", n=changes * 2, note="all displays together")
    with Pages(shop, cookie):
        loaded = [t for _ in range(changes // 2) for t in until_seen(writer.change, wall)[0]]
    yield Figure(
        f"live.p99_under_load_{displays}", share(loaded, 0.99), "ms", n=len(loaded), target="<= 100 ms"
    )
    yield Figure(f"live.memory_{displays}", memory(shop.pid), "MB", n=displays)
    feed.close()
    wall.close()
    raw.close()


def tell(
    name: str, ours: list[float], theirs: list[float], lost: int, p50: str, p99: str
) -> Iterator[Figure]:
    """Tell how long it took."""
    yield Figure(f"live.p50_{name}", middle(ours), "ms", middle(theirs), len(ours), target=p50)
    yield Figure(f"live.p99_{name}", share(ours, 0.99), "ms", share(theirs, 0.99), len(ours), target=p99)
    yield Figure(f"live.lost_{name}", lost, "broken" if lost else "changes", n=len(ours))


def until_seen(change: Callable[[], float], wall: Wall) -> tuple[list[float], int]:
    """Make a change; returns the milliseconds until each screen had it, and how many never did."""
    before = [len(screen.frames) for screen in wall.screens]
    began = change()
    took: dict[int, float] = {}
    until = time.perf_counter() + 3.0
    while len(took) < len(wall.screens) and time.perf_counter() < until:
        for number, screen in enumerate(wall.screens):
            if number in took:
                continue
            for moment, payload in screen.frames[before[number] :]:
                if b'"beat"' not in payload[:12]:
                    took[number] = 1000 * (moment - began)
                    break
        time.sleep(0.003)
    time.sleep(0.06)
    return list(took.values()), len(wall.screens) - len(took)


class Pages:
    """Somebody asks for pages as fast as they come."""

    def __init__(self, shop: Server, cookie: str) -> None:
        self.shop, self.cookie, self.on = shop, cookie, True
        self.threads = [threading.Thread(target=self.ask, daemon=True) for _ in range(2)]

    def ask(self) -> None:
        browser = Browser(self.shop.port)
        name, _, value = self.cookie.partition("=")
        browser.cookies[name] = value
        while self.on:
            browser.ask("GET", f"/kitchen/{STATION}")

    def __enter__(self) -> None:
        for thread in self.threads:
            thread.start()

    def __exit__(self, *_: Any) -> None:
        self.on = False
        for thread in self.threads:
            thread.join()


def paired(shop: Server) -> str:
    """Let this machine's browser pair itself as a display; returns its cookie."""
    browser = Browser(shop.port)
    browser.ask("GET", f"/kitchen/{STATION}")
    return f"fs_kitchen={browser.cookies['fs_kitchen']}"


def start_fanout(data: Path) -> Server:
    """Start the peer."""
    port = free_port()
    return launch([sys.executable, "-m", "bench.fanout", str(port)], data, port)
