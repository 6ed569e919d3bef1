"""Bring the database to the newest schema, and tell whether it is there."""

import re
from functools import cache

from flask import Flask
from sqlalchemy import inspect, text

from web.config import ROOT
from web.database import db, prepare_migrations

REVISION = re.compile(r'^(down_)?revision = "(\w+)"', re.M)


@cache
def head() -> str:
    """Return the newest revision that this program knows: the one that no other stands on.

    Read without alembic, because the server asks only this: `tests/test_migrations.py` compares the two.
    """
    files = (ROOT / "migrations" / "versions").glob("*.py")
    found: list[tuple[str, str]] = [m for file in files for m in REVISION.findall(file.read_text())]
    below = {name for down, name in found if down}
    (newest,) = {name for down, name in found if not down} - below
    return newest


def revision() -> str:
    """Return the revision of the database, "" for an empty one. Needs an app context."""
    with db.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return ""
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")


def at_head() -> bool:
    """Whether the database is what this program expects."""
    return revision() == head()


def upgrade(app: Flask) -> bool:
    """Bring the database to the newest schema; returns whether there was anything to do."""
    with app.app_context():
        if at_head():
            return False
        from flask_migrate import upgrade as migrate_now

        prepare_migrations(app)
        migrate_now(directory=str(ROOT / "migrations"))
        return True
