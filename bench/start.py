"""How soon the shop answers after a second start, how soon it stops with 50 sockets open, and what memory it takes."""

import argparse
import time
from collections.abc import Iterator

from bench.figures import Figure, memory, middle, processor_seconds, spread
from bench.live import STATION, paired
from bench.servers import a_shop, folder, start_shop
from bench.sockets import Screen, Wall


def run(options: argparse.Namespace) -> Iterator[Figure]:
    """Start, look, stop, several times."""
    rounds, sockets = (1, 5) if options.quick else (3, 50)
    starts, work, stops, idle, full = [], [], [], [], []
    with folder() as data:
        a_shop(data, days=2 if options.quick else 90, endless=False)
        start_shop(data).stop()
        for _ in range(rounds):
            began = time.monotonic()
            shop = start_shop(data)
            starts.append(time.monotonic() - began)
            work.append(processor_seconds(shop.pid))
            cookie = paired(shop)
            idle.append(memory(shop.pid))
            wall = Wall([Screen(shop.port, f"/kitchen/{STATION}/live", cookie) for _ in range(sockets)])
            time.sleep(1)
            full.append(memory(shop.pid))
            stops.append(shop.stop())
            wall.close()
    yield Figure("start.to_readyz", middle(starts), "s", 3.0, rounds, spread(starts), "<= 3 s")
    yield Figure("start.cpu", middle(work), "s", None, rounds, spread(work))
    yield Figure(f"start.sigterm_{sockets}_sockets", middle(stops), "s", 5.0, rounds, spread(stops), "<= 5 s")
    yield Figure("start.memory_idle", middle(idle), "MB", 120.0, rounds, spread(idle), "<= 120 MB")
    yield Figure(f"start.memory_{sockets}_sockets", middle(full), "MB", None, rounds, spread(full))
