"""Bring the database to the newest schema, and tell whether it is there."""

from functools import cache

from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import inspect, text

from web.config import ROOT
from web.database import db


@cache
def head() -> str:
    """Return the newest revision that this program knows."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config).get_current_head() or ""


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

        migrate_now(directory=str(ROOT / "migrations"))
        return True
