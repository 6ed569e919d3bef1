"""Node, from the same wheel that the front-end files are made with."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

from tests.patience import PATIENCE
from web.config import ROOT

VERIFIER = ROOT / "shop" / "ledger" / "bundle" / "verify_ledger.mjs"


def node(*words: str, given: Any = None) -> subprocess.CompletedProcess[str]:
    """Run Node; ``given`` is what it reads, as JSON."""
    wheel = re.findall(r'^NODE = "(.+)"$', (ROOT / "bin" / "setup.py").read_text(), re.M)[0]
    python = str(ROOT / ".venv" / "bin" / "python")
    run = [
        str(ROOT / ".venv" / "bin" / "uv"),
        "tool",
        "run",
        "--quiet",
        "--python",
        python,
        "--from",
        wheel,
        "node",
    ]
    return subprocess.run(
        [*run, *words], input=json.dumps(given), text=True, capture_output=True, timeout=5 * PATIENCE
    )
