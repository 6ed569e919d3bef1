"""The database of the running app: one session to look, one explicit transaction around each verb."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import cast

from flask import Flask, g
from flask.globals import _cv_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.orm import Session

import shop.tables  # noqa: F401 - every table must be known before the first query
from shop.core import events, store
from shop.core.tables import Base
from web.config import ROOT, Settings
from web.house import Busy, House, house

db = SQLAlchemy(metadata=Base.metadata)


def configure(app: Flask, settings: Settings) -> None:
    """Open the shop's database twice: read-only for looking, and for writing."""
    options = store.engine_options(settings.database_url)
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    app.config["SQLALCHEMY_BINDS"] = {"write": {"url": settings.database_url, **options}}
    db.init_app(app)
    app.teardown_appcontext(let_go)
    if os.environ.get("FLASK_RUN_FROM_CLI") == "true":  # `flask db ...`; the server can do without 10 MB
        prepare_migrations(app)
    with app.app_context():
        store.prepare(db.engines["write"], writes=True)
        store.prepare(db.engine, writes=False)
        event.listen(db.engines["write"], "handle_error", partial(look_at_error, house()))


def look_at_error(here: House, context: ExceptionContext) -> None:
    """Stop writing where an error says that the disk cannot be trusted any more."""
    if why := store.untrusted(context.original_exception):
        here.distrust(why)


def start_clean(follow: Callable[[], None]) -> None:
    """Begin to serve: with an empty log, and with somebody to ``follow`` where the disk fails later on."""
    house().follow = follow
    store.begin_the_log_anew(db.engines["write"])


def prepare_migrations(app: Flask) -> None:
    """Let flask-migrate find the database and the revisions."""
    from flask_migrate import Migrate

    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True)


def reader() -> Session:
    """Return the request's session for looking; it can write nothing."""
    g = _cv_app.get().g  # asked some sixty times for one ordering: see `web.house`
    session = g.get("reader")
    if session is None:
        session = g.reader = Session(db.engine, autoflush=False, expire_on_commit=False)
    return cast(Session, session)


def let_go(fault: BaseException | None = None) -> None:
    """Close the request's session: its connection goes back."""
    session = g.pop("reader", None)
    if session is not None:
        session.close()


def look_again() -> None:
    """Forget what the request has seen: others, or it itself, may have written since."""
    g.pop("shop", None)  # belongs to no session: see `web.rows`
    if (looking := g.get("reader")) is not None:
        looking.rollback()
        looking.expire_all()  # where it was not looking just now, there was nothing to roll back


@contextmanager
def reading() -> Iterator[Session]:
    """Look for a moment outside a request, or inside a socket's loop."""
    session = Session(db.engine, expire_on_commit=False)
    try:
        yield session
    finally:
        session.close()


@contextmanager
def writing() -> Iterator[Session]:
    """Run one verb in one transaction: wait for the turn, write, number the diary, commit, ring the bell."""
    here = house()
    looking: Session | None = g.get("reader")
    if looking is not None and (looked := looking.get_transaction()) is not None:
        looked.close()  # what a request still looks at while it writes, SQLite keeps in its log for ever
    tx = Session(db.engines["write"], expire_on_commit=False)
    try:
        with here.turn():
            try:
                if here.distrusted:
                    raise Busy()
                yield tx
                heads = events.seal(tx)
                tx.commit()
            except BaseException:
                tx.rollback()
                raise
            if here.queue and (why := store.shorten_the_log(db.engines["write"], here.queue)):
                here.distrust(why)
    finally:
        tx.close()
        look_again()
    here.ring(heads)
