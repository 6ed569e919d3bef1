"""The demo's payment gateway beside ``bin/serve``: a process of its own that ends with the shop's."""

import contextlib
import os
import socket
import subprocess
import sys
from pathlib import Path

from web.config import ROOT

HOST = "127.0.0.1"


def choose_port(data: Path, near: int) -> int:
    """Return the port where the gateway was before, so that codes shown then still lead there; else the tenth after
    ``near``, or any that is free."""
    from shop.upkeep.demo.gateway.keyring import port_before

    for wanted in (port_before(data) or near + 10, near + 10):
        with contextlib.suppress(OSError, OverflowError):
            return bound(wanted)
    return bound(0)


def bound(port: int) -> int:
    """Return a port that can be listened on, any for 0; raises `OSError` or `OverflowError`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((HOST, port))
        return int(probe.getsockname()[1])


class Beside:
    """The gateway's process; none where the shop has no account there."""

    def __init__(self, data: Path, port: int) -> None:
        from shop.upkeep.demo.gateway.keyring import port_before

        self._ours = os.getpid()
        self._child: subprocess.Popen[bytes] | None = None
        if port_before(data) == port:
            module = [sys.executable, "-m", "shop.upkeep.demo.gateway.serving", "--child"]
            self._child = subprocess.Popen(
                [*module, "--data", str(data), "--host", HOST, "--port", str(port)],
                cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            )  # fmt: skip

    def stop(self) -> None:
        """End it; a worker, which carries this object too, ends nothing."""
        if self._child is not None and os.getpid() == self._ours:
            self._child.terminate()
            self._child.wait()
            self._child = None
