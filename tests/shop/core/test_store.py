"""The database is opened so that nothing is lost (trust.md T39), and looking can write nothing."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, select, text, update
from sqlalchemy.exc import OperationalError

from shop.core import store
from shop.core.store import UnsafeStore, WriterQueue, engine_options, prepare, refuse_unsafe_sqlite
from shop.people.shops import Shop
from tests.conftest import build, close
from tests.patience import PATIENCE
from web.config import Settings
from web.database import db, reading, writing
from web.house import house
from wsgi import create_app


@pytest.mark.parametrize("version", [(3, 7, 0), (3, 40, 1), (3, 50, 4), (3, 51, 1), (3, 51, 2)])
def test_a_sqlite_that_may_lose_rows_is_refused(version: tuple[int, int, int]) -> None:
    with pytest.raises(UnsafeStore) as refused:
        refuse_unsafe_sqlite(version)
    assert ".".join(map(str, version)) in str(refused.value)


@pytest.mark.parametrize("version", [(3, 51, 3), (3, 53, 4), (4, 0, 0)])
def test_a_safe_sqlite_is_taken(version: tuple[int, int, int]) -> None:
    refuse_unsafe_sqlite(version)


def test_the_one_in_use_is_safe_and_not_the_machines_own() -> None:
    assert store.sqlite3.sqlite_version_info >= store.SAFE_SQLITE
    assert store.sqlite3.__name__.startswith("pysqlite3")
    assert engine_options("sqlite:///x.db")["module"] is store.sqlite3


def test_the_shop_does_not_start_on_an_unsafe_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def old() -> None:
        refuse_unsafe_sqlite((3, 40, 1))

    monkeypatch.setattr(store, "refuse_unsafe_sqlite", old)
    with pytest.raises(UnsafeStore):
        build(tmp_path)


@pytest.mark.parametrize("bind", [None, "write"])
def test_every_connection_is_durable_and_strict(tmp_path: Path, bind: str | None) -> None:
    app = create_app(
        Settings.model_validate({"FAIRSLICE_DATA": tmp_path})
    )  # as it is served, not as tests have it
    wanted = {
        "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1, "trusted_schema": 0,
        "cell_size_check": 1, "busy_timeout": 5000, "mmap_size": 0, "wal_autocheckpoint": 1000,
    }  # fmt: skip
    with app.app_context(), db.engines[bind].connect() as connection:
        found = {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in wanted}
    close(app)
    assert found == wanted


def test_looking_can_write_nothing(app_both: Flask) -> None:
    with (
        app_both.app_context(),
        db.engines[None].connect() as connection,
        pytest.raises(Exception, match="read"),
    ):
        connection.execute(text("UPDATE shop SET slug = 'stolen'"))


def test_a_write_begins_as_a_write(tmp_path: Path) -> None:
    """Teeth for BEGIN IMMEDIATE: a transaction that only plans to write already keeps the other writer out."""
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    options = engine_options(url)
    options["connect_args"] = {**options["connect_args"], "timeout": 0}
    writer, other = (create_engine(url, **options) for _ in range(2))
    for engine in (writer, other):
        prepare(engine, writes=True)
    with writer.connect() as first, other.connect() as second:
        second.exec_driver_sql("PRAGMA busy_timeout=0")
        second.rollback()
        first.execute(text("SELECT 1"))
        with pytest.raises(OperationalError, match="locked"):
            second.execute(text("SELECT 1"))
        first.rollback()
        second.execute(text("SELECT 1"))
    for engine in (writer, other):
        engine.dispose()


def test_one_pen_for_all_threads_and_processes(tmp_path: Path) -> None:
    one, another = WriterQueue(tmp_path / "pen"), WriterQueue(tmp_path / "pen")  # as two processes hold it
    order: list[str] = []
    begun = threading.Event()

    def second() -> None:
        begun.set()
        with another.turn():
            order.append("second")

    with one.turn():
        thread = threading.Thread(target=second)
        thread.start()
        begun.wait(PATIENCE)
        thread.join(0.1)  # it must still be waiting
        assert thread.is_alive()
        order.append("first")
    thread.join(PATIENCE)
    assert order == ["first", "second"]


@contextmanager
def always_looking(url: str) -> Iterator[None]:
    """Two who look in turn: each begins before the other has ended, so that there is no moment without one."""
    engine = create_engine(url, **engine_options(url))
    prepare(engine, writes=False)
    began, enough = (threading.Semaphore(0), threading.Semaphore(0)), threading.Event()

    def look(mine: int) -> None:
        while not enough.is_set():
            with engine.connect() as connection:
                connection.execute(text("SELECT count(*) FROM shop"))
                began[1 - mine].release()
                began[mine].acquire(timeout=PATIENCE)

    people = [threading.Thread(target=look, args=(n,)) for n in range(2)]
    for person in people:
        person.start()
    try:
        yield
    finally:
        enough.set()
        for each in began:
            each.release()
        for person in people:
            person.join(PATIENCE)
        engine.dispose()


@pytest.mark.parametrize("kept_short", [True, False], ids=["kept short", "teeth: left alone"])
def test_the_log_stays_short_though_somebody_always_looks(
    app: Flask, kept_short: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = 1 << 20
    monkeypatch.setattr(store, "LONGEST_LOG", limit if kept_short else 1 << 40)
    with app.app_context():
        here = house()
        log, longest = here.settings.data / "shop.db-wal", 0
        with always_looking(here.settings.database_url):
            for n in range(400):
                with writing() as tx:
                    tx.execute(update(Shop).values(settings={"note": f"{n}" * 8000}))
                longest = max(longest, log.stat().st_size)
        assert (longest < 3 * limit) == kept_short, longest
        with reading() as session:
            assert session.scalars(select(Shop)).one().settings["note"].startswith("399")


def test_who_looks_for_long_is_not_harmed(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "LOG_WAIT", 1)
    monkeypatch.setattr(store, "LONGEST_LOG", 1)
    with app.app_context():
        log = house().settings.data / "shop.db-wal"

        def note(words: str) -> int:
            with writing() as tx:
                tx.execute(update(Shop).values(settings={"note": words}))
            return log.stat().st_size

        with reading() as session:
            before = session.scalars(select(Shop.settings)).one()
            assert note("new") > 0, "who looks is not cut off"
            assert session.scalars(select(Shop.settings)).one() == before
        assert note("much longer" * 2000) == 0
