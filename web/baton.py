"""Which process does the due work: whoever holds the baton of this database."""

import fcntl
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy.engine import make_url

from web.config import Settings

if TYPE_CHECKING:
    import psycopg

LEADER_NUMBER = 7_215_303
"""The advisory lock of whoever leads, any fixed number."""


class Baton(Protocol):
    """What only one process can hold."""

    def hold(self) -> bool:
        """Take it, or check that it is still here; returns whether this process leads."""

    def drop(self) -> None:
        """Let another process lead."""


class FileBaton:
    """SQLite: a lock on a file, given back by the system when the process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = -1

    def hold(self) -> bool:
        if self._file >= 0:
            return True
        file = os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(file)
            return False
        self._file = file
        return True

    def drop(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


class AdvisoryBaton:
    """PostgreSQL: an advisory lock of a connection; lost with the connection."""

    def __init__(self, url: str) -> None:
        self.address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._connection: psycopg.Connection[Any] | None = None

    def hold(self) -> bool:
        import psycopg  # a shop on SQLite needs no driver of PostgreSQL

        try:
            if self._connection is not None:
                self._connection.execute("SELECT 1")
                return True
            connection = psycopg.connect(self.address, autocommit=True, connect_timeout=3)
            row = connection.execute("SELECT pg_try_advisory_lock(%s)", (LEADER_NUMBER,)).fetchone()
            if row and row[0]:
                self._connection = connection
                return True
            connection.close()
        except psycopg.Error:
            self.drop()
        return False

    def drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def baton_for(settings: Settings) -> Baton:
    """Return what decides who leads on this database."""
    if settings.is_sqlite:
        return FileBaton(settings.data / "leader.lock")
    return AdvisoryBaton(settings.database_url)
