"""The shop's door to the web: the only file that knows every room. gunicorn and flask find it."""

from functools import cache

from flask import Flask

from admin.routes import ROOM as ADMIN
from api.routes import PAY
from api.routes import ROOM as API
from courier.routes import ROOM as COURIER
from kiosk.routes import ROOM as KIOSK
from kitchen.routes import ROOM as KITCHEN
from shop.core.clock import Clock
from shop.core.keys import load_keys
from shop.core.store import WriterQueue
from shop.ledger.signing import load_seal
from tracking.routes import ROOM as TRACKING
from web import assets, database, errors, i18n, limits, live, logs, observe, pages, security, signin, stood
from web.config import ROOT, Settings, settings_or_exit
from web.doorway import DOORWAY
from web.front import Front
from web.house import House


def create_app(settings: Settings | None = None) -> Flask:
    """Build the app: plumbing first, then the rooms."""
    settings = settings or settings_or_exit()
    settings.data.mkdir(parents=True, exist_ok=True)
    app = Front("fairslice", root_path=str(ROOT), template_folder="templates", static_folder="static")
    assert settings.secret_file and settings.keys_file and settings.ledger_key_file
    keys = load_keys(settings.secret_file, settings.keys_file)
    seal = load_seal(settings.ledger_key_file)
    app.secret_key = keys.secret
    queue = WriterQueue(settings.data / "writer.lock") if settings.is_sqlite else None
    app.extensions["fairslice"] = House(settings, keys, seal, Clock(settings.data / "pace.json"), queue)
    app.jinja_env.autoescape = True
    for plumbing in (logs, i18n, pages, assets, security, limits, signin, errors, observe, stood):
        plumbing.install(app)
    database.configure(app, settings)
    live.install(app)
    open_rooms(app)
    return app


@cache
def the_app() -> Flask:
    """Return this process's app: made once, by whoever starts it, and shared with the workers it forks."""
    return create_app()


def open_rooms(app: Flask) -> None:
    """Open every room. A new room is one line here and one above."""
    for room in (DOORWAY, ADMIN, API, PAY, COURIER, KIOSK, KITCHEN, TRACKING):
        room.open(app)
