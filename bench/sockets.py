"""WebSocket screens without a library: many of them, read by one thread, each frame with its moment."""

import base64
import os
import selectors
import socket
import struct
import threading
import time


class Screen:
    """One socket. ``frames`` is (moment, payload) of each text frame."""

    def __init__(self, port: int, path: str, cookie: str = "") -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        key = base64.b64encode(os.urandom(16)).decode()
        self.sock.sendall(
            (
                f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nOrigin: http://127.0.0.1:{port}\r\n"
                f"Sec-WebSocket-Extensions: permessage-deflate\r\nCookie: {cookie}\r\n\r\n"
            ).encode()
        )
        self.buffer = b""
        while b"\r\n\r\n" not in self.buffer:
            more = self.sock.recv(4096)
            if not more:
                raise OSError("the socket was refused")
            self.buffer += more
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            raise OSError(head.split(b"\r\n", 1)[0].decode())
        self.sock.setblocking(False)
        self.frames: list[tuple[float, bytes]] = []

    def read(self) -> bool:
        """Take what has come; False when the other side has gone."""
        try:
            more = self.sock.recv(262_144)
        except BlockingIOError:
            return True
        now = time.perf_counter()
        self.buffer += more
        while len(self.buffer) >= 2:
            size, head = self.buffer[1] & 127, 2
            if size == 126:
                size, head = struct.unpack(">H", self.buffer[2:4].ljust(2, b"\0"))[0], 4
            elif size == 127:
                size, head = struct.unpack(">Q", self.buffer[2:10].ljust(8, b"\0"))[0], 10
            if len(self.buffer) < head + size:
                break
            kind, payload = self.buffer[0] & 15, self.buffer[head : head + size]
            self.buffer = self.buffer[head + size :]
            if kind == 1:
                self.frames.append((now, payload))
            elif kind == 9:
                self.sock.send(b"\x8a\x80" + os.urandom(4))  # an empty pong, masked as it must be
        return bool(more)


class Wall:
    """Many screens, read by one thread until `close`."""

    def __init__(self, screens: list[Screen]) -> None:
        self.screens = screens
        self._select = selectors.DefaultSelector()
        for screen in screens:
            self._select.register(screen.sock, selectors.EVENT_READ, screen)
        self._open = True
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while self._open:
            for key, _ in self._select.select(0.1):
                try:
                    alive = key.data.read()
                except OSError:
                    alive = False
                if not alive:
                    self._select.unregister(key.fileobj)

    def close(self) -> None:
        """Hang up."""
        self._open = False
        self._thread.join()
        for screen in self.screens:
            screen.sock.close()
