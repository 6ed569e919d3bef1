"""The migrations make exactly the tables that the program has, on both databases, and a second start does nothing."""

from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import check, downgrade

from web.config import ROOT, Settings
from web.database import db
from web.upgrade import at_head, head, upgrade
from wsgi import create_app


def new_app(folder: Path, url: str) -> Flask:
    return create_app(Settings(FAIRSLICE_DATA=folder, DATABASE_URL=url))


def tables_match(app: Flask) -> None:
    """`flask db check`: leaves the program when a table differs from what the migrations make."""
    with app.app_context():
        try:
            check()
        finally:
            for engine in db.engines.values():
                engine.dispose()


def test_migrations_make_the_tables_of_the_program(tmp_path: Path) -> None:
    app = new_app(tmp_path, f"sqlite:///{tmp_path / 'shop.db'}")
    assert upgrade(app)
    assert not upgrade(app), "a second start has nothing to do"
    with app.app_context():
        assert at_head()
    tables_match(app)


@pytest.mark.postgres
def test_migrations_make_the_same_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    app = new_app(tmp_path, postgres_url)
    assert upgrade(app)
    assert not upgrade(app)
    tables_match(app)


def test_the_newest_revision_is_the_one_alembic_finds() -> None:
    script = ScriptDirectory(str(ROOT / "migrations"))
    assert head() == script.get_current_head()


def test_the_way_back_leaves_nothing(tmp_path: Path) -> None:
    app = new_app(tmp_path, f"sqlite:///{tmp_path / 'shop.db'}")
    upgrade(app)
    with app.app_context():
        downgrade(revision="base")
        assert not at_head()
        tables = {name for name in db.inspect(db.engine).get_table_names() if not name.startswith("sqlite_")}
        assert tables == {"alembic_version"}
        for engine in db.engines.values():
            engine.dispose()
