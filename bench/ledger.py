"""The books: adding to them beside the bare rows and beside an order, checking and taking away, proofs.

Rounds go A B A B. ``--long`` checks a million entries, otherwise a hundred thousand. Checks run as programs of their
own, as people run them, and processor time stands beside wall time, because it moves less with a noisy neighbour.
"""

import argparse
import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from flask import Flask
from sqlalchemy import text

from bench.books import bare_entry, make_shop, node, one_order, sale
from bench.figures import Figure, middle, spread
from bench.servers import ROOT, folder, open_file
from shop.ledger import reading
from shop.ledger.checkpoints import checkpoint
from shop.ledger.proofs import consistency, inclusion, proves_consistency, proves_inclusion, root
from web.database import reading as looking
from web.database import writing
from web.house import house

BEGIN = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
Timed = tuple[float, float]
"""Wall and processor seconds."""
MEASURED = """
import resource, subprocess, sys, time
began = time.perf_counter()
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
took, used = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
print(took, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
sys.exit(code)
"""
"""Runs a program and says how long it took, its processor seconds and its most memory in MB; itself it takes little."""


def run(options: argparse.Namespace) -> Iterator[Figure]:
    """Measure on SQLite."""
    rounds, each = (1, 20) if options.quick else (5, 200)
    size = 2_000 if options.quick else 1_000_000 if options.long else 100_000
    with folder() as home:
        app = make_shop(home / "shop")
        with app.app_context():
            yield from appending(app, home / "shop", rounds, each)
            yield from whole(home, size, 1 if options.quick else 3)


def timed(what: Callable[[], object]) -> Timed:
    """How long something takes."""
    wall, own = time.perf_counter(), time.process_time()
    what()
    return time.perf_counter() - wall, time.process_time() - own


def appending(app: Flask, data: Path, rounds: int, each: int) -> Iterator[Figure]:
    """One entry a transaction: as the shop posts, as bare rows, and inside a whole order."""
    shutil.copytree(data, data.with_name("bare"))
    bare = open_file(data.with_name("bare"))
    posted, raw, empty, orders = [], [], [], []

    def post() -> None:
        with writing() as tx:
            sale(tx, BEGIN)

    def nothing() -> None:
        with writing() as tx:
            tx.execute(text("UPDATE shop SET event_seq = event_seq"))

    for _ in range(rounds):
        posted.append(timed(lambda: [post() for _ in range(each)]))
        raw.append(timed(lambda: [bare_entry(bare) for _ in range(each)]))
        empty.append(timed(lambda: [nothing() for _ in range(each)]))
        orders.append(timed(lambda: [one_order(app) for _ in range(each // 10)]))
    bare.close()
    rates = [each / wall for wall, _ in posted]
    ceiling = middle([each / wall for wall, _ in raw])
    yield Figure("ledger.append_rate", middle(rates), "entries/s", ceiling, rounds * each, spread(rates))
    own = [1000 * (own - bare_own) / each for (_, own), (_, bare_own) in zip(posted, empty, strict=True)]
    order = middle([10_000 * own / each for _, own in orders])
    note = "beside placing an order, without its door"
    yield Figure("ledger.append_cpu", middle(own), "ms", order, rounds * each, note, "<= 0.15 of an order")


def whole(home: Path, size: int, rounds: int) -> Iterator[Figure]:
    """Many entries: made in days, checked, taken away, proven elsewhere."""
    made = timed(lambda: fill(size))
    with looking() as session:
        count = reading.end(session).size
    note = f"fifty sales and their hand-overs a transaction, signed; processor {1000 * made[1] / count:.2f} ms each"
    yield Figure("ledger.append_many", count / made[0], "entries/s", n=count, note=note)
    shop, file, books = home / "shop", home / "books.zip", home / "books"
    checks = {
        "verify": ([sys.executable, "-m", "web.cli", "ledger", "verify"], ROOT, "<= 20 s for a million"),
        "export": ([sys.executable, "-m", "web.cli", "ledger", "export", str(file)], ROOT, ""),
        "bundle_python": ([sys.executable, "verify_ledger.py"], books, "<= 60 s for 200,000"),
        "bundle_node": ([*node(), "verify_ledger.mjs"], books, "<= 60 s for 200,000"),
    }
    ran: dict[str, list[Run]] = {name: [] for name in checks}
    rows, hashed = [], []
    for _ in range(rounds):
        file.unlink(missing_ok=True)
        for name, (program, folder_of, _) in checks.items():
            ran[name].append(measured(program, folder_of, shop))
            if name == "export":
                unpack(file, books)
        hashed.append(timed(lambda: bare_hashes(books / "entries.jsonl")))
        rows.append(timed(lambda: bare_rows(shop)))
    beside = middle([wall for wall, _ in hashed])
    own = f"bare hashes {middle([own for _, own in hashed]):.2f}, bare rows {middle([own for _, own in rows]):.2f}"
    for name, (_, _, target) in checks.items():
        values = [run.wall for run in ran[name]]
        note = (
            f"{spread(values)}; processor {min(run.own for run in ran[name]):.2f} to "
            f"{max(run.own for run in ran[name]):.2f} s ({own}); at most {max(run.peak for run in ran[name]):.0f} MB"
        )
        yield Figure(f"ledger.{name}", middle(values), "s", beside, count, note, target)
    with looking() as session:
        leaves = [bytes.fromhex(kept) for kept in reading.hashes(session, count)]
    yield from proofs(leaves)


class Run(NamedTuple):
    """A program that ran: wall and processor seconds, and the most memory it had, MB."""

    wall: float
    own: float
    peak: float


def measured(program: list[str], folder_of: Path, shop: Path) -> Run:
    """Run a program on a shop's books; it must say that all is well."""
    environment = {**os.environ, "FAIRSLICE_DATA": str(shop), "DATABASE_URL": ""}
    watched = [sys.executable, "-S", "-c", MEASURED, *program]
    done = subprocess.run(watched, cwd=folder_of, env=environment, text=True, stdout=subprocess.PIPE)
    if done.returncode:
        raise SystemExit(f"the books of the benchmark are wrong: {' '.join(program)}")
    return Run(*map(float, done.stdout.split()))


def fill(size: int) -> None:
    """Sell and hand over until there are so many entries, signed every hundred."""
    n = 0
    while n < size:
        with writing() as tx:
            for _ in range(50):
                n += 2
                sale(tx, BEGIN + timedelta(seconds=n))
                sale(tx, BEGIN + timedelta(seconds=n), handed_over=True)
            checkpoint(tx, 1, house().seal, at=BEGIN + timedelta(seconds=n), reason="due")


def unpack(file: Path, books: Path) -> None:
    shutil.rmtree(books, ignore_errors=True)
    shutil.unpack_archive(file, books)


def bare_hashes(lines: Path) -> None:
    """SHA-256 of the same lines, one by one, and nothing else."""
    with lines.open("rb") as entries:
        for line in entries:
            hashlib.sha256(line).digest()


def bare_rows(shop: Path) -> None:
    """Every column of every row out of the database, and nothing else."""
    with contextlib.closing(open_file(shop)) as connection:
        for table in ("ledger_entry", "ledger_posting"):
            rows = connection.execute(f"SELECT * FROM {table} ORDER BY seq")
            while rows.fetchmany(reading.AT_ONCE):
                pass


def proofs(leaves: list[bytes]) -> Iterator[Figure]:
    """Make and check a proof of either kind over all leaves."""
    size, middle_leaf = len(leaves), len(leaves) // 3
    whole_root, old_root = root(leaves), root(leaves[:middle_leaf])
    n = 1000
    path, grew = inclusion(leaves, middle_leaf), consistency(leaves, middle_leaf)
    yield Figure("ledger.prove_inclusion", timed(lambda: inclusion(leaves, middle_leaf))[0], "s", n=size)
    yield Figure("ledger.prove_consistency", timed(lambda: consistency(leaves, middle_leaf))[0], "s", n=size)
    took = timed(
        lambda: [proves_inclusion(leaves[middle_leaf], middle_leaf, size, path, whole_root) for _ in range(n)]
    )
    yield Figure("ledger.check_inclusion", 1e6 * took[0] / n, "us", n=n, note=f"{len(path)} hashes")
    took = timed(
        lambda: [proves_consistency(middle_leaf, size, old_root, whole_root, grew) for _ in range(n)]
    )
    yield Figure("ledger.check_consistency", 1e6 * took[0] / n, "us", n=n, note=f"{len(grew)} hashes")
