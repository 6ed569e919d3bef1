"""The bell between processes: it says that a shop's diary has moved, never what happened.

SQLite: a Unix datagram to every process that listens, and ``PRAGMA data_version`` four times a second.
PostgreSQL: NOTIFY after the commit, LISTEN on a connection of its own, and one small query as often. The looks
are the safety net: a ring that is lost costs no more than that.
"""

import contextlib
import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from pysqlite3 import dbapi2 as sqlite3
from sqlalchemy.engine import make_url

from web.config import Settings


class Bell(Protocol):
    """One process's end of the bell. ``pause`` is how long to wait before looking without a ring, seconds."""

    pause: float

    def ring(self, heads: Mapping[int, int]) -> None:
        """Wake the other processes; never raises, never waits."""

    def listen(self) -> int:
        """Begin to listen, or go on; returns what to wait for, a file number, or -1 while deaf."""

    def answer(self) -> None:
        """Take what has rung off the line."""

    def moved(self) -> bool:
        """Whether the database may have changed since the last look."""

    def close(self) -> None:
        """Stop listening."""


def bell_for(settings: Settings) -> Bell:
    """Return the bell of this installation's database."""
    if settings.is_sqlite:
        return DatagramBell(settings.data / "bells", make_url(settings.database_url).database or "")
    from web.live.notify import NotifyBell  # a shop on SQLite needs no driver of PostgreSQL

    return NotifyBell(settings.database_url)


class DatagramBell:
    """Unix datagrams between the processes of one machine; each listener owns ``bells/<pid>.sock``."""

    pause = 0.25

    def __init__(self, folder: Path, database: str) -> None:
        self.folder = folder
        self.database = database
        self._mouth: socket.socket | None = None
        self._ear: socket.socket | None = None
        self._name = ""
        self._look: Any = None
        self._version = -1

    def ring(self, heads: Mapping[int, int]) -> None:
        """Send to every other listener; the socket of a dead one is removed."""
        try:
            names = os.listdir(self.folder)
        except OSError:
            return  # nobody has ever listened here
        if self._mouth is None:
            self._mouth = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        words = " ".join(f"{shop}:{seq}" for shop, seq in heads.items()).encode()
        with _short_path(self.folder) as short:
            for name in names:
                if name == self._name:
                    continue
                try:
                    self._mouth.sendto(words, f"{short}/{name}")
                except (ConnectionRefusedError, FileNotFoundError):
                    with contextlib.suppress(OSError):
                        (self.folder / name).unlink()
                except OSError:
                    pass  # its letter box is full: it is awake anyway

    def listen(self) -> int:
        if self._ear is None:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._name = f"{os.getpid()}.sock"
            (self.folder / self._name).unlink(missing_ok=True)
            ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
            with _short_path(self.folder) as short:
                ear.bind(f"{short}/{self._name}")
            self._ear = ear
        return self._ear.fileno()

    def answer(self) -> None:
        with contextlib.suppress(OSError):
            while self._ear is not None and self._ear.recv(64):
                pass

    def moved(self) -> bool:
        try:
            if self._look is None:
                self._look = sqlite3.connect(
                    f"file:{self.database}?mode=ro", uri=True, check_same_thread=False
                )
            version = int(self._look.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.Error:
            self._look = None
            return True
        moved, self._version = version != self._version, version
        return moved

    def close(self) -> None:
        if self._ear is not None:
            self._ear.close()
            self._ear = None
            (self.folder / self._name).unlink(missing_ok=True)
        if self._look is not None:
            self._look.close()
            self._look = None


@contextlib.contextmanager
def _short_path(folder: Path) -> Any:
    """Name a folder in few characters: a Unix socket's address holds 107."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{number}"
    finally:
        os.close(number)
