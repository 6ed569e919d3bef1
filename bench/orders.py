"""A whole kiosk ordering over HTTP: rate, waiting and processor time, beside a bare app and the raw database.

Rounds go A B A B. After each round of the shop its orders are taken off the boards, so that every round meets
the same kitchen. Afterwards the rows are counted.
"""

import argparse
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from bench.customers import BareKiosk, Browser, Crowd, Kiosk
from bench.figures import Figure, middle, processor_seconds, share, spread
from bench.rows import write_order
from bench.servers import Server, a_shop, folder, open_file, start_bare, start_shop

SIZES = {1: 20, 8: 6, 32: 3}
"""Customers at once, and how often each orders in a round."""
CLEAR = """
INSERT INTO event (shop_id, seq, kind, at, business_date, actor_kind, order_id, topics, data)
SELECT 1, (SELECT event_seq FROM shop) + row_number() OVER (ORDER BY id), 'order_expired', placed_at, business_date,
'system', id, 'orders', '{}' FROM orders WHERE state = 'placed' AND channel = 'kiosk';
UPDATE shop SET event_seq = (SELECT max(seq) FROM event);
UPDATE task SET state = 'void' WHERE state = 'held';
UPDATE orders SET state = 'expired' WHERE state = 'placed' AND channel = 'kiosk';
DELETE FROM slot_hold; DELETE FROM draft;
"""
WRONG = {
    "orders without cake": "SELECT count(*) FROM orders WHERE id NOT IN (SELECT order_id FROM cake)",
    "cakes without six tasks": "SELECT count(*) FROM (SELECT 1 FROM task GROUP BY cake_id HAVING count(*) != 6)",
    "numbers given twice": "SELECT count(*) - count(DISTINCT business_date || letter || counter) FROM orders",
    "gaps in the diary": "SELECT max(seq) - count(*) FROM event",
    "lines that do not add up": "SELECT count(*) FROM orders o WHERE total != "
    "(SELECT sum(total) FROM order_line l WHERE l.order_id = o.id)",
}


class Round:
    """What one round of one server gave."""

    def __init__(self, server: Server, kiosks: list, times: int) -> None:
        self.n = len(kiosks) * times
        self.placing: list[float] = []
        whole, placing, cpu, place_cpu = 0.0, 0.0, 0.0, 0.0
        crowd = Crowd(kiosks)
        for _ in range(times):
            before = processor_seconds(server.pid)
            took, _ = crowd.all_do(lambda kiosk: kiosk.prepare())
            between = processor_seconds(server.pid)
            seconds, each = crowd.all_do(lambda kiosk: kiosk.place())
            after_place = processor_seconds(server.pid)
            last, _ = crowd.all_do(lambda kiosk: kiosk.look())
            cpu += processor_seconds(server.pid) - before
            place_cpu += after_place - between
            whole, placing = whole + took + seconds + last, placing + seconds
            self.placing += each
        self.errors = crowd.errors
        self.rate, self.place_rate = self.n / whole, self.n / placing
        self.cpu, self.place_cpu = cpu / self.n * 1000, place_cpu / self.n * 1000


def run(options: argparse.Namespace) -> Iterator[Figure]:
    """Measure on SQLite."""
    rounds = 1 if options.quick else 5 if options.long else 3
    sizes = {1: 3, 8: 1} if options.quick else SIZES
    with folder() as home:
        shop_data, bare_data = home / "shop", home / "bare"
        shop_data.mkdir()
        a_shop(shop_data)
        shutil.copytree(shop_data, bare_data)
        shop = start_shop(shop_data)
        save_pages(shop, bare_data)
        bare = start_bare(bare_data)
        try:
            yield from compare(shop, bare, sizes, rounds)
        finally:
            shop.stop()
            bare.stop()
        yield from raw(bare_data, options)
        yield invariants(shop_data)


def compare(shop: Server, bare: Server, sizes: dict[int, int], rounds: int) -> Iterator[Figure]:
    """Interleave the two servers for each number of customers."""
    for clients, times in sizes.items():
        kiosks, others = (
            [Kiosk(shop.port) for _ in range(clients)],
            [BareKiosk(bare.port) for _ in range(clients)],
        )
        Round(shop, kiosks, 1), Round(bare, others, 1)  # the first of each is not counted
        ours, theirs = [], []
        for _ in range(rounds):
            clear(shop.data)
            ours.append(Round(shop, kiosks, times))
            theirs.append(Round(bare, others, times * 2))
        yield from figures(f"{clients}", ours, theirs)
        for kiosk in (*kiosks, *others):
            kiosk.browser.connection.close()


def figures(clients: str, ours: list[Round], theirs: list[Round]) -> Iterator[Figure]:
    """Tell the medians of the rounds."""
    n = sum(each.n for each in ours)
    errors = [error for each in (*ours, *theirs) for error in each.errors]
    if errors:
        yield Figure(f"orders.failed_{clients}", len(errors), "broken", note=errors[0][:300])
    for name, unit, target in (("rate", "orders/s", ""), ("place_rate", "places/s", ">= 0.25 of bare"),
                               ("cpu", "ms", "<= 15 ms, <= 4x"), ("place_cpu", "ms", "<= 6 ms")):  # fmt: skip
        values = [getattr(each, name) for each in ours]
        beside = middle([getattr(each, name) for each in theirs])
        yield Figure(f"orders.{name}_{clients}", middle(values), unit, beside, n, spread(values), target)
    waits = [1000 * wait for each in ours for wait in each.placing]
    theirs_waits = [1000 * wait for each in theirs for wait in each.placing]
    for part, target in ((0.5, ""), (0.95, "<= 100 ms at 8"), (0.99, "<= 300 ms at 32")):
        name = f"orders.place_p{round(part * 100)}_{clients}"
        yield Figure(name, share(waits, part), "ms", share(theirs_waits, part), len(waits), target=target)
    yield Figure(f"orders.place_worst_{clients}", max(waits), "ms", max(theirs_waits), len(waits))


def raw(data: Path, options: argparse.Namespace) -> Iterator[Figure]:
    """One thread that writes the same rows into the same file, nothing around it."""
    connection, n = open_file(data), 200 if options.quick else 1500
    began = time.perf_counter()
    for _ in range(n):
        write_order(connection)
    yield Figure("orders.raw_sqlite", n / (time.perf_counter() - began), "places/s", n=n)
    connection.close()


def clear(data: Path) -> None:
    """Take the orders of the last round off the boards."""
    connection = open_file(data)
    connection.executescript(f"BEGIN IMMEDIATE; {CLEAR} COMMIT;")
    connection.close()


def save_pages(shop: Server, folder_of_bare: Path) -> None:
    """Keep the shop's own pages as the static pages of the bare app: the same bytes."""
    kiosk, browser = Kiosk(shop.port), Browser(shop.port)
    browser.cookies = kiosk.browser.cookies
    pages = {"menu": "/kiosk/menu", "cake": "/kiosk/cake/oreo"}
    for name, path in pages.items():
        (folder_of_bare / f"{name}.html").write_text(browser.ask("GET", path))
    kiosk.prepare()
    (folder_of_bare / "time.html").write_text("code=CODE" + kiosk.browser.ask("GET", "/kiosk/time"))
    (folder_of_bare / "review.html").write_text(kiosk.browser.ask("GET", "/kiosk/review"))
    kiosk.place()
    (folder_of_bare / "wait.html").write_text(kiosk.browser.ask("GET", "/kiosk/wait"))


def invariants(data: Path) -> Figure:
    """Count the rows: each order has its number, cake and six tasks, the diary has no gap."""
    connection = open_file(data)

    def one(query: str) -> int:
        return int(connection.execute(query).fetchone()[0])

    orders = one("SELECT count(*) FROM orders WHERE channel = 'kiosk'")
    wrong = {what: one(query) for what, query in WRONG.items()}
    connection.close()
    bad = {what: n for what, n in wrong.items() if n}
    return Figure(
        "orders.invariants_broken",
        sum(bad.values()),
        "broken" if bad else "rows",
        n=orders,
        note=str(bad or ""),
    )
