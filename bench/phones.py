"""A thousand customers' phones without a socket: each asks every ten seconds whether anything has changed.

A phone keeps no connection (gunicorn closes an idle one after five seconds), and sends the ETag of what it shows.
"""

import argparse
import itertools
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from bench.figures import Figure, memory, middle, processor_seconds, share
from bench.servers import Server, a_shop, folder, start_shop

EVERY = 10.0
ASKERS = 4


class Phone:
    """One phone on its order's page."""

    def __init__(self, port: int, token: str) -> None:
        self.port, self.token, self.tag = port, token, ""

    def ask(self) -> int:
        """Ask once; returns the status."""
        known = f"If-None-Match: {self.tag}\r\n" if self.tag else ""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as line:
            line.sendall(
                f"GET /t/{self.token}/region HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nHX-Request: true\r\n"
                f"Accept-Language: zh-CN\r\n{known}Connection: close\r\n\r\n".encode()
            )
            answer = b"".join(iter(lambda: line.recv(65_536), b""))
        head = answer.split(b"\r\n\r\n", 1)[0].decode()
        for row in head.split("\r\n"):
            if row.lower().startswith("etag:"):
                self.tag = row.partition(":")[2].strip()
        return int(head.split(" ", 2)[1])


def run(options: argparse.Namespace) -> Iterator[Figure]:
    """Let so many phones ask for a while."""
    many, seconds = (20, 2.0) if options.quick else (1000, 60.0 if options.long else 20.0)
    with folder() as data:
        a_shop(data, days=2 if options.quick else 14, endless=False)
        shop = start_shop(data)
        try:
            tokens = itertools.cycle(tokens_of(data, many))
            phones = [Phone(shop.port, next(tokens)) for _ in range(many)]
            first = [phone.ask() for phone in phones]
            yield Figure("phones.first", first.count(200), "phones", len(phones), len(first))
            yield from asking(shop, phones, seconds)
        finally:
            shop.stop()


def asking(shop: Server, phones: list[Phone], seconds: float) -> Iterator[Figure]:
    """Each phone asks every ten seconds, spread evenly; late answers do not slow the others down."""
    took: list[float] = []
    answers: list[int] = []
    turns = itertools.count()
    step, began = EVERY / len(phones), time.perf_counter()

    def asker() -> None:
        while (turn := next(turns)) * step < seconds:
            due = began + turn * step
            time.sleep(max(0.0, due - time.perf_counter()))
            answers.append(phones[turn % len(phones)].ask())
            took.append(1000 * (time.perf_counter() - due))

    cpu = processor_seconds(shop.pid)
    askers = [threading.Thread(target=asker) for _ in range(ASKERS)]
    for each in askers:
        each.start()
    for each in askers:
        each.join()
    cpu = processor_seconds(shop.pid) - cpu
    passed = time.perf_counter() - began
    yield Figure("phones.unchanged", answers.count(304), "answers", len(answers), len(answers))
    wrong = len(answers) - answers.count(304) - answers.count(200)
    yield Figure("phones.wrong", wrong, "broken" if wrong else "answers", n=len(answers))
    yield Figure("phones.p50", middle(took), "ms", n=len(took))
    yield Figure("phones.p99", share(took, 0.99), "ms", n=len(took))
    yield Figure("phones.cpu_per_ask", 1000 * cpu / len(took), "ms", n=len(took))
    yield Figure("phones.core", 100 * cpu / passed, "%", 100.0, len(took), f"{len(phones)} phones", "<= 10 %")
    yield Figure("phones.memory", memory(shop.pid), "MB", n=len(phones))


def tokens_of(data: Path, many: int) -> list[str]:
    """The newest orders' addresses, as their slips have them."""
    os.environ["FAIRSLICE_DATA"] = str(data)
    os.environ.pop("DATABASE_URL", None)
    from sqlalchemy import select

    from shop.orders.finding import token_of
    from shop.orders.tables import Order
    from web.database import reading
    from web.house import keys
    from wsgi import create_app

    with create_app().app_context(), reading() as session:
        orders = session.scalars(select(Order).order_by(Order.id.desc()).limit(many))
        return [token_of(keys(), order) for order in orders]
