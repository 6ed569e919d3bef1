"""Server time of each screen on the demo shop: processor and waiting time of one request at a time."""

import argparse
import time
from collections.abc import Iterator

from bench.figures import Figure, processor_seconds, share
from bench.screens import all_screens
from bench.servers import a_shop, folder, start_shop


def run(options: argparse.Namespace) -> Iterator[Figure]:
    """Ask for each screen many times."""
    times = 10 if options.quick else 100 if options.long else 40
    with folder() as data:
        a_shop(data, days=2 if options.quick else 90, endless=False)
        shop = start_shop(data)
        try:
            for name, browser, path in all_screens(shop):
                browser.ask("GET", path)
                took = []
                cpu = processor_seconds(shop.pid)
                for _ in range(times):
                    began = time.perf_counter()
                    browser.ask("GET", path)
                    took.append(1000 * (time.perf_counter() - began))
                cpu = 1000 * (processor_seconds(shop.pid) - cpu) / times
                target = (
                    "<= 15 ms" if name.startswith("kitchen_") and name != "kitchen_overview" else "<= 50 ms"
                )
                yield Figure(f"render.{name}_p95", share(took, 0.95), "ms", n=times, target=target)
                yield Figure(f"render.{name}_cpu", cpu, "ms", n=times)
        finally:
            shop.stop()
