"""What every test may ask for: the shop in a database of its own, browsers, people, a stopped clock.

A database is built once for a run and copied for each test, so that a test costs milliseconds.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings
from sqlalchemy import create_engine, update
from sqlalchemy.orm import Session

from shop.core import events, store
from shop.core.keys import load_keys
from shop.ledger.signing import load_seal
from shop.people.devices import DeviceKind
from shop.people.passwords import DEMO_PASSWORD
from shop.people.staff import Staff
from shop.tables import Base
from tests import cast, once
from tests.chromium import axe, browser, page_at
from tests.gateway import keys_once
from tests.live_server import ShopServer
from tests.postgres import Postgres, postgres_server, postgres_url
from tests.thoughts import asked, thinker
from web import upgrade
from web.config import Settings
from web.database import db
from web.house import house
from wsgi import create_app

__all__ = ["asked", "axe", "browser", "page_at", "postgres_server", "postgres_url", "thinker"]

AppWith = Callable[..., Flask]
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""The cast signs in some hundred times; what is set in a test is as dear as the shop makes it."""
once.share()
settings.register_profile("every time", settings.get_profile("ci"))
settings.load_profile(
    "every time"
)  # the same examples in every run, and none fails because a machine is slow


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let what breaks things on purpose run one after the other, also with several test processes."""
    for item in items:
        if item.get_closest_marker("fault"):
            item.add_marker(pytest.mark.xdist_group("alone"))


def pytest_collection_finish() -> None:
    once.calm()


def build(data: Path, url: str = "", **settings: object) -> Flask:
    """Open the shop on a database, with the clock stopped."""
    given = {"FAIRSLICE_DATA": data, "DATABASE_URL": url, "FAIRSLICE_RATE_LIMITS": False, **settings}
    app = create_app(Settings.model_validate(given))
    once.spare(app)
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.extensions["fairslice"].clock = cast.StoppedClock()
    return app


def found(url: str, with_shop: bool = True) -> None:
    """Make every table and found the shop of the tests, without an app: nothing stays connected."""
    engine = create_engine(url, **store.engine_options(url))
    store.prepare(engine, writes=True)
    Base.metadata.create_all(engine)
    with engine.begin() as connection:  # as the newest migration leaves it; another test compares the two
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)")
        connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{upgrade.head()}')")
    if with_shop:
        with Session(engine) as tx:
            cast.found(tx)
            tx.execute(update(Staff).values(password_hash=CHEAP.hash(DEMO_PASSWORD)))
            events.seal(tx)
            tx.commit()
    engine.dispose()


def build_empty(data: Path) -> Flask:
    """Open an installation with all its tables, in which no shop is yet."""
    data.mkdir(exist_ok=True)
    found(f"sqlite:///{data / 'shop.db'}", with_shop=False)
    return build(data)


def close(app: Flask) -> None:
    """Let go of the database and of the pen: a process may open only so many files."""
    if queue := app.extensions["fairslice"].queue:
        queue.close()
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a shop that was just founded; copied, never opened."""
    data = tmp_path_factory.mktemp("founded")
    load_keys(data / "secret.key", data / "personal.key")
    load_seal(data / "ledger.key")
    found(f"sqlite:///{data / 'shop.db'}")  # the last connection to leave writes all into the one file
    return data


@pytest.fixture(scope="session")
def gateway_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the keys of the demo's payment gateway and of the shop there."""
    return keys_once(tmp_path_factory.mktemp("keys"))


@contextmanager
def served(founded: Path, data: Path, **settings: str) -> Iterator[tuple[ShopServer, Flask]]:
    """The real server on a shop that was just founded, and the same shop in this process."""
    shutil.copytree(founded, data)
    with ShopServer(data, **settings) as server:
        app = build(data)
        yield server, app
        close(app)


@pytest.fixture
def app_with(founded: Path, tmp_path: Path) -> Iterator[AppWith]:
    """A function that opens the shop with settings of its own: ``app_with(FAIRSLICE_RATE_LIMITS=True)``."""
    opened: list[Flask] = []

    def open_shop(**settings: object) -> Flask:
        data = tmp_path / f"shop{len(opened)}"
        shutil.copytree(founded, data)
        opened.append(build(data, **settings))
        return opened[-1]

    yield open_shop
    for app in opened:
        close(app)


@pytest.fixture
def app(app_with: AppWith) -> Flask:
    """The shop on SQLite: demo menu, cast and stations, no orders yet, 09:30 on a Saturday."""
    return app_with()


@pytest.fixture
def app_postgres(postgres_server: Postgres, tmp_path: Path) -> Iterator[Flask]:
    """The same shop on PostgreSQL. Mark its tests ``postgres``."""

    template = postgres_server.template("founded", found)
    url = postgres_server.create(template)
    app = build(tmp_path / "shop", url)
    yield app
    close(app)
    postgres_server.drop(url)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def app_both(request: pytest.FixtureRequest) -> Flask:
    """The shop on SQLite, and again on PostgreSQL."""
    opened: Flask = request.getfixturevalue("app" if request.param == "sqlite" else "app_postgres")
    return opened


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that nobody has signed in with."""
    return app.test_client()


@pytest.fixture
def sign_in() -> Callable[..., FlaskClient]:
    """``sign_in(client, "mei")`` signs one of the cast in and returns the client."""
    return cast.sign_in


@pytest.fixture
def kiosk_client(app: Flask) -> FlaskClient:
    """The browser of a paired kiosk."""
    client = app.test_client()
    cast.pair_client(app, client, DeviceKind.KIOSK)
    return client


@pytest.fixture
def display_client(app: Flask) -> FlaskClient:
    """The browser of a paired kitchen display."""
    client = app.test_client()
    cast.pair_client(app, client, DeviceKind.KITCHEN)
    return client


@pytest.fixture
def at(app: Flask) -> datetime:
    """The shop's moment: 09:30 on a Saturday, until the test lets time pass."""
    with app.app_context():
        return house().clock.now()
