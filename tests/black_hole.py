"""A network that can swallow everything: connections stay open, nothing comes through, nobody is told."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time

from tests.patience import PATIENCE


class BlackHole:
    """A TCP proxy in front of ``port``. While ``swallowing`` it reads and throws away, and answers nobody."""

    def __init__(self, port: int) -> None:
        self.target = port
        self.swallowing = False
        self.closed = False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while not self.closed:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        """Carry bytes both ways; a connection that has lost some is dead for ever, as after a real cut."""
        lost = self.swallowing
        far = None
        with contextlib.suppress(OSError):
            if not lost:
                far = socket.create_connection(("127.0.0.1", self.target), timeout=PATIENCE)
            ends = {near: far, far: near} if far else {near: None}
            while not self.closed:
                ready, _, _ = select.select([e for e in ends if e is not None], [], [], 0.2)
                for end in ready:
                    data = end.recv(65536)
                    if not data:
                        return
                    lost = lost or self.swallowing
                    other = ends[end]
                    if not lost and other is not None:
                        other.sendall(data)
        near.close()
        if far is not None:
            far.close()

    def close(self) -> None:
        self.closed = True
        self.listener.close()

    def __enter__(self) -> BlackHole:
        return self

    def __exit__(self, *trouble: object) -> None:
        self.close()
        time.sleep(0.05)
