"""The books: adding to them beside the bare rows and beside an order, checking and taking away, proofs.

Rounds go A B A B. ``--long`` checks a million entries, otherwise a hundred thousand. Processor time stands beside
wall time, because it hardly moves with a noisy neighbour.
"""

import argparse
import gc
import hashlib
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import text

from bench.books import bare_entry, make_shop, node, one_order, sale
from bench.figures import Figure, middle, spread
from bench.servers import folder, open_file
from shop.ledger import bundle, reading
from shop.ledger.checkpoints import checkpoint
from shop.ledger.proofs import consistency, inclusion, proves_consistency, proves_inclusion, root
from shop.ledger.verifying import verify
from web.database import reading as looking
from web.database import writing
from web.house import house

BEGIN = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
Timed = tuple[float, float]
"""Wall and processor seconds."""


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
        leaves = [bytes.fromhex(row[2]) for row in reading.leaves(session, count, [])]
    yield Figure(
        "ledger.append_many", count / made[0], "entries/s", n=count, note="fifty sales a transaction"
    )
    public, file = house().seal.public, home / "books.zip"
    checked, hashed, taken = [], [], []
    for _ in range(rounds):
        gc.freeze()
        with looking() as session:
            checked.append(timed(lambda session=session: judge(verify(session, public).says)))
            file.unlink(missing_ok=True)
            taken.append(timed(lambda session=session: bundle.export(session, public, file, at=BEGIN)))
        lines = unpacked(home, file)
        hashed.append(timed(lambda lines=lines: bare_hashes(lines)))
    beside = middle([wall for wall, _ in hashed])
    for name, times, target in (("verify", checked, "<= 20 s for a million"), ("export", taken, "")):
        values = [wall for wall, _ in times]
        note = f"{spread(values)}; processor {middle([own for _, own in times]):.2f} s"
        yield Figure(f"ledger.{name}", middle(values), "s", beside, count, note, target)
    for name, program in (
        ("python", [sys.executable, "verify_ledger.py"]), ("node", [*node(), "verify_ledger.mjs"]),
    ):  # fmt: skip
        done = timed(lambda program=program: prove(program, home / "books"))
        yield Figure(f"ledger.bundle_{name}", done[0], "s", beside, count, target="<= 60 s for 200,000")
    yield from proofs(leaves)


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


def judge(says: str) -> None:
    if says:
        raise SystemExit(f"the books of the benchmark are wrong: {says}")


def prove(program: list[str], books: Path) -> None:
    subprocess.run(program, cwd=books, check=True, stdout=subprocess.DEVNULL)


def unpacked(home: Path, file: Path) -> Path:
    """Unpack a bundle; returns its entries."""
    shutil.rmtree(home / "books", ignore_errors=True)
    shutil.unpack_archive(file, home / "books")
    return home / "books" / "entries.jsonl"


def bare_hashes(lines: Path) -> None:
    """SHA-256 of the same lines, one by one, and nothing else."""
    with lines.open("rb") as entries:
        for line in entries:
            hashlib.sha256(line).digest()


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
