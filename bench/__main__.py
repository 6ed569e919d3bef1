"""``bin/bench``: all benchmarks or some by name. A benchmark is one file with ``run(options)`` and one line here."""

import argparse
import importlib
import sys
import time
from pathlib import Path

from bench.figures import Others

BENCHES = {
    "orders": "a whole kiosk ordering beside a bare Flask app and the raw database, 1, 8 and 32 customers",
    "growth": "the same ordering with many orders in the tables",
    "live": "from commit to screen, beside a raw WebSocket server",
    "phones": "a thousand tracking phones that ask every ten seconds",
    "pages": "bytes and requests of each screen, cold and warm",
    "render": "server time of each screen",
    "start": "second start, end, memory",
    "plan": "job shops beside the best known, CP-SAT alone and dispatch; the kitchen's day; couriers' tours",
    "promise": "how fast a time is promised, how near the best, whether it can be kept and is",
    "ledger": "the books: added to, checked, taken away and proven, beside bare rows and bare hashes",
    "postgres": "orders on PostgreSQL with one and two workers",
    "trouble": "a day on which an oven, a baker and a phone fail, without and with the suggested moves",
    "warnings": "how well lateness is seen ahead, beside an oracle and the rule slack < 0",
    "faults": "the long fault tests (half an hour; only when named)",
}
ONLY_BY_NAME = ("faults",)


def main() -> int:
    """Run what was asked for; returns the exit code."""
    parser = argparse.ArgumentParser(prog="bin/bench", description="The benchmarks of the shop.")
    names = "; ".join(f"{name}: {about}" for name, about in BENCHES.items())
    parser.add_argument("names", nargs="*", metavar="NAME", help=names)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--long", action="store_true", help="larger sizes, more rounds")
    parser.add_argument("--quick", action="store_true", help="the smallest sizes: does it run at all?")
    parser.add_argument("--data", type=Path, metavar="PATH", help="a folder of instances, for: plan")
    options = parser.parse_args()
    for name in options.names:
        if name not in BENCHES:
            parser.error(f"there is no benchmark {name}; there are {', '.join(BENCHES)}")
    failed = False
    for name in options.names or [name for name in BENCHES if name not in ONLY_BY_NAME]:
        others, began = Others(), time.monotonic()
        if not options.json:
            print(f"{name}: {BENCHES[name]}", flush=True)
        for figure in importlib.import_module(f"bench.{name}").run(options):
            failed = failed or figure.unit == "broken"
            print(figure.as_json() if options.json else figure.as_line(), flush=True)
        busy = (
            f"{name}: {time.monotonic() - began:.0f} s, processors {others.busy():.0%} busy with all there is"
        )
        print(f"  {busy}" if not options.json else busy, file=sys.stderr, flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
