"""How the shop's database is opened: a safe SQLite, or PostgreSQL; one engine to look, one to write.

trust.md found by trying: SQLite below 3.51.3 can lose rows in WAL mode, ``synchronous=NORMAL`` loses
acknowledged orders in a power cut, and a transaction that starts by reading cannot start to write.
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2 as sqlite3
from sqlalchemy import Engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

SAFE_SQLITE = (3, 51, 3)
BUSY_WAIT, LOG_WAIT = 5000, 1000
"""Milliseconds that a connection waits for another one, and for those who look before it begins the log anew."""
LONGEST_LOG = 16 << 20
"""Bytes of SQLite's log from which on it is begun anew while the shop is open."""
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "recursive_triggers=ON",
    "trusted_schema=OFF",
    "cell_size_check=ON",
    f"busy_timeout={BUSY_WAIT}",
    "mmap_size=0",
    "wal_autocheckpoint=1000",
)


_UNTRUSTED = (8, 10, 11, 26)
"""SQLITE_READONLY, SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_NOTADB; the driver says nothing more exact."""


class UnsafeStore(RuntimeError):
    """The database on this machine could lose an order; the text says what to do."""


def refuse_unsafe_sqlite(version: tuple[int, int, int] = sqlite3.sqlite_version_info) -> None:
    """Raise `UnsafeStore` for a SQLite that may lose committed rows in WAL mode."""
    if version < SAFE_SQLITE:
        found = ".".join(map(str, version))
        raise UnsafeStore(
            f"SQLite {found} can lose orders; Fairslice needs 3.51.3 or newer (pysqlite3==0.6.1)"
        )


def engine_options(url: str) -> dict[str, Any]:
    """Return the engine's options for ``url``; raises `UnsafeStore` where the driver is not safe."""
    if make_url(url).get_backend_name() == "sqlite":
        refuse_unsafe_sqlite()
        return {
            "module": sqlite3,
            "connect_args": {"check_same_thread": False, "timeout": 5},
            "pool_size": 16,
            "max_overflow": 64,
            "hide_parameters": True,  # an error's text goes into the log, a customer's name does not
        }
    return {"pool_size": 8, "max_overflow": 56, "pool_pre_ping": True, "hide_parameters": True}


def prepare(engine: Engine, *, writes: bool) -> None:
    """Set up every connection of ``engine``: durable and strict, and read-only unless ``writes``."""
    engine.update_execution_options(looks_only=not writes)
    if engine.dialect.name != "sqlite":
        if not writes:
            engine.update_execution_options(postgresql_readonly=True)
        else:
            event.listen(engine, "connect", _careful_postgres)
        return

    def connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        if not writes:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    def begin(connection: Any) -> None:
        connection.driver_connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine, "connect", connect)
    # The dialect begins for this engine alone; a listener of "begin" would have every statement look for listeners.
    vars(engine.dialect)["do_begin"] = begin


def untrusted(trouble: BaseException | None) -> str:
    """Return why nothing may be written any more after this error of a writer, "" where the next try is welcome.

    It may have been a sync that failed: then the kernel forgets what it could not write, and a second sync says that
    all is well; so this process must end. So it must over a damaged file, and over one that it has opened on a
    read-only disk: it stays so for as long as the process has it open anywhere.
    """
    code = getattr(trouble, "sqlite_errorcode", 0) & 0xFF
    return str(getattr(trouble, "sqlite_errorname", code)) if code in _UNTRUSTED else ""


def begin_the_log_anew(engine: Engine) -> None:
    """Bring all that was committed into SQLite's one file and empty its log; for a process that starts.

    What a sync could not write before the last process ended stands in the log as if it were safe; behind it nothing
    may be added. On a disk that is full or read-only nothing happens: the first request will say so.
    """
    if engine.dialect.name == "sqlite":
        with suppress(DBAPIError, sqlite3.Error), engine.connect() as connection:
            held: Any = connection.connection.driver_connection
            held.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def shorten_the_log(engine: Engine, queue: "WriterQueue") -> str:
    """Begin SQLite's log anew where it has grown long; for whoever holds the pen and has committed.

    By itself it begins anew when at a commit nobody is looking; in a busy shop somebody always is, and it grows until
    the disk is full. Who looks is waited for, `LOG_WAIT` at most; after that it is tried again once the log has grown
    by as much again. Returns why nothing may be written any more, "" where all is well.
    """
    with suppress(FileNotFoundError):
        size = os.stat(f"{engine.url.database}-wal").st_size
        if size < LONGEST_LOG:
            queue.log_tried = 0
        if size < queue.log_tried + LONGEST_LOG:
            return ""
        queue.log_tried = size
        try:
            with engine.connect() as connection:
                held: Any = connection.connection.driver_connection
                held.execute(f"PRAGMA busy_timeout={LOG_WAIT}")
                try:
                    held.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                finally:
                    held.execute(f"PRAGMA busy_timeout={BUSY_WAIT}")
        except (DBAPIError, sqlite3.Error) as trouble:
            return untrusted(trouble)
    return ""


def looks_only(session: Session) -> bool:
    """Whether this session can write nothing, so that what it sees is what others have committed."""
    return bool(session.get_bind().engine.get_execution_options().get("looks_only"))


def _careful_postgres(connection: Any, record: Any) -> None:
    was = connection.autocommit
    connection.autocommit = True
    connection.execute("SET lock_timeout = '5s'")
    connection.execute("SET statement_timeout = '15s'")
    connection.execute("SET synchronous_commit = on")
    connection.autocommit = was


def new_row(tx: Session, table: type[Any]) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT that, as each database says it, leaves alone what is there under the same key."""
    if tx.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


class WriterQueue:
    """One writer at a time for a SQLite file, across threads and processes, in turn and without spinning."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.log_tried = 0  # how long the log was when it should have begun anew
        self._turn = threading.Lock()
        self._file: int | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the only pen of this database file."""
        with self._turn:
            if self._file is None:
                self._file = os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the file; the next turn opens it again."""
        with self._turn:
            if self._file is not None:
                os.close(self._file)
                self._file = None
