"""One socket, without waiting for it: what a screen does not read must never hold anybody else up.

flask-sock upgrades the connection; from there one thread reads and writes it without blocking, so that it
works over TLS as well, and the reading thread of simple-websocket is not started.
"""

import contextlib
import socket
import ssl
import struct
import time
from typing import Any

from wsproto.events import BytesMessage, CloseConnection, Ping, TextMessage
from wsproto.utilities import ProtocolError

WOULD_WAIT = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError, InterruptedError)
SEND_BUFFER = 128 * 1024
PATIENCE = 8.0
"""Seconds without a byte going out, or without a word coming in (each beat asks for one), until a screen is
dropped; the beat itself takes two more."""


class Gone(Exception):
    """The screen has left, or does not read."""


class NoThread:
    """Takes the place of simple-websocket's reading thread."""

    def __init__(self, target: Any = None) -> None:
        self.name = ""

    def start(self) -> None:
        """Nothing to start."""


class Wire:
    """A WebSocket: `push` queues a frame, `flush` and `read` do what can be done now; raise `Gone`."""

    def __init__(self, ws: Any) -> None:
        self._ws = ws
        self._sock: socket.socket = ws.sock
        self._out = bytearray()
        self._moved = self.heard = time.monotonic()
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sock.setblocking(False)

    def fileno(self) -> int:
        return self._sock.fileno()

    @property
    def waiting(self) -> bool:
        """Whether something is still on its way out."""
        return bool(self._out)

    def push(self, frame: bytes) -> None:
        """Send a frame, as far as it goes now."""
        if self._out:
            self._out += frame
            return self.flush()
        self._moved = time.monotonic()
        self._out += frame[self._send(frame) :]

    def flush(self) -> None:
        """Send on."""
        while self._out and (sent := self._send(self._out)):
            del self._out[:sent]
            self._moved = time.monotonic()

    def _send(self, what: bytes | bytearray) -> int:
        """Send what goes now; returns how many bytes went."""
        try:
            return self._sock.send(what)
        except WOULD_WAIT:
            return 0
        except OSError as trouble:
            raise Gone() from trouble

    def read(self) -> None:
        """Hear what the screen says: pongs and its leaving matter, everything else is ignored."""
        try:
            while data := self._sock.recv(4096):
                self.heard = time.monotonic()
                self._ws.ws.receive_data(data)
                self._hear()
            raise Gone()
        except WOULD_WAIT:
            pass
        except (OSError, ProtocolError) as trouble:
            raise Gone() from trouble

    def _hear(self) -> None:
        for event in self._ws.ws.events():
            if isinstance(event, Ping):
                self.push(self._ws.ws.send(event.response()))
            elif isinstance(event, CloseConnection):
                self.push(self._ws.ws.send(event.response()))
                raise Gone()
            elif isinstance(event, TextMessage | BytesMessage):
                continue

    def check_patience(self) -> None:
        """Raise `Gone` when the screen has not read, or not said anything, for too long."""
        patience = time.monotonic() - PATIENCE
        if self.heard < patience or (self._out and self._moved < patience):
            raise Gone()

    def close(self, code: int, reason: str = "") -> None:
        """Say good-bye and do not wait for an answer."""
        try:
            if not self._out:
                self._sock.send(self._ws.ws.send(CloseConnection(code, reason)))
        except (OSError, ProtocolError):
            pass
        self.hang_up()

    def hang_up(self) -> None:
        """Cut the line: whoever serves the request must not wait for it any more."""
        self._ws.connected = False
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)


def text(message: str) -> bytes:
    """Return an unmasked text frame (RFC 6455 section 5.2)."""
    return _frame(0x81, message.encode())


PING = b"\x89\x00"


def _frame(head: int, body: bytes) -> bytes:
    size = len(body)
    if size < 126:
        return bytes((head, size)) + body
    if size < 65536:
        return struct.pack("!BBH", head, 126, size) + body
    return struct.pack("!BBQ", head, 127, size) + body
