"""Serves the gateway on this machine: ``python -m shop.upkeep.demo.gateway.serving --help``.

Started by ``bin/serve`` it ends with it: their pipe closes.
"""

import argparse
import gettext
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from shop.core.clock import Clock
from shop.upkeep.demo.gateway.door import Gateway
from shop.upkeep.demo.gateway.keyring import open_accounts

ROOT = Path(__file__).resolve().parents[4]


class Server(ThreadingMixIn, WSGIServer):
    """A thread for each request: a phone must not wait for a shop that hears nothing."""

    daemon_threads = True
    request_queue_size = 128

    def server_bind(self) -> None:
        """Bind without asking who this machine is: that may take seconds."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # back at once after a stop
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]
        self.setup_environ()


class Quiet(WSGIRequestHandler):
    """Writes no line for each request: codes do not belong in a log."""

    def log_message(self, format: str, *values: Any) -> None:
        """Say nothing."""


def say(language: str, sentence: str) -> str:
    """Say a sentence in a language of the shop."""
    return words(language).gettext(sentence)


@cache
def words(language: str) -> gettext.NullTranslations:
    """Return the shop's translations of a language, English where they are not compiled."""
    return gettext.translation("messages", ROOT / "translations", [language], fallback=True)


def serve(
    data: Path, host: str, port: int, *, now: Callable[[], Any] | None = None
) -> tuple[Server, Gateway]:
    """Make the gateway on a port (0: a free one); the caller lets it run. Raises `OSError`."""
    server = make_server(host, port, _not_yet, server_class=Server, handler_class=Quiet)
    address = f"http://{host}:{server.server_port}"
    now = now or Clock(data / "pace.json").now
    gateway = Gateway(data, address, now=now, look=ROOT / "static" / "css", say=say)
    server.set_app(gateway)
    return server, gateway


def _not_yet(environ: Any, start_response: Any) -> list[bytes]:
    start_response("503 Service Unavailable", [])
    return []


def end_with_parent() -> None:
    """Wait for the end of the pipe, then end at once."""
    sys.stdin.read()
    os._exit(0)


def main(arguments: list[str] | None = None) -> None:
    """Open the demo shop's accounts and serve until stopped."""
    parser = argparse.ArgumentParser(prog="gateway")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--child", action="store_true", help="end when the standard input ends")
    options = parser.parse_args(arguments)
    server, gateway = serve(options.data, options.host, options.port)
    open_accounts(options.data, f"http://{options.host}:{server.server_port}")
    if options.child:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal tells both; the shop ends first
        threading.Thread(target=end_with_parent, daemon=True).start()
    print(f"http://{options.host}:{server.server_port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        gateway.stop()


if __name__ == "__main__":
    main()
