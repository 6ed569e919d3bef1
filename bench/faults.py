"""The long forms of what must never go wrong: kill -9, cut and deaf displays, fifty customers at one slot.

They are tests; here each becomes a figure: the seconds it took, and as its note the size it says it ran.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from bench.figures import Figure
from bench.servers import ROOT

TESTS = [
    "tests/faults", "tests/shop/orders/test_races.py", "tests/shop/ledger/test_tampering.py",
    "tests/shop/ledger/test_tampering_postgres.py", "tests/shop/ledger/test_proofs.py",
]  # fmt: skip
SHORTEST = ["tests/faults/test_displays.py", "-k", "does_not_read"]


def run(options: argparse.Namespace) -> Iterator[Figure]:
    """Run them all, one after the other."""
    with tempfile.TemporaryDirectory(prefix="fairslice-bench-") as folder:
        report = Path(folder) / "report.xml"
        pytest = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"--junitxml={report}"]
        rest = ["-o", "junit_logging=system-out", *(SHORTEST if options.quick else TESTS)]
        environment = {**os.environ, **({} if options.quick else {"FAIRSLICE_LONG": "1"})}
        with (Path(folder) / "log").open("w") as log:
            subprocess.run([*pytest, *rest], cwd=ROOT, env=environment, stdout=log, stderr=log)
        if not report.exists():
            raise SystemExit((Path(folder) / "log").read_text()[-2000:])
        for case in ElementTree.parse(report).iter("testcase"):
            yield figure(case)


def figure(case: ElementTree.Element) -> Figure:
    """Read one test's result; a failed one is broken."""
    name = "faults." + case.attrib["name"].removeprefix("test_")
    trouble = next(
        (t for kind in ("failure", "error", "skipped") if (t := case.find(kind)) is not None), None
    )
    out = (case.findtext("system-out") or "").strip().splitlines()
    said = [line for line in out if not line.startswith("---")]
    about = trouble.attrib.get("message", "")[:200] if trouble is not None else "; ".join(said[-3:])
    return Figure(name, float(case.attrib["time"]), "s" if trouble is None else "broken", note=about)
