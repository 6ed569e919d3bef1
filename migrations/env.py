"""How migrations run: on the writing engine, one process at a time, the same for SQLite and PostgreSQL."""

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import MigrationScript
from sqlalchemy import JSON, Connection, TypeDecorator, text

from web.database import db
from web.house import house

A_NUMBER_OF_OUR_OWN = 7_265_911
"""Of the PostgreSQL lock that lets one process migrate while the others wait."""


def plain_types(kind: str, item: object, autogen_context: AutogenContext) -> str | bool:
    """Write the shop's own types as what they are in the database: old migrations must not import new code."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    if kind == "type" and isinstance(item, JSON):
        autogen_context.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


def nothing_changed(migration: object, revision: object, directives: list[MigrationScript]) -> None:
    """Write no empty migration."""
    asked = context.config.cmd_opts
    steps = directives[0].upgrade_ops
    if getattr(asked, "autogenerate", False) and steps is not None and steps.is_empty():
        directives[:] = []


def run(connection: Connection) -> None:
    """Run every step in one transaction: all of it happens or none."""
    on_sqlite = connection.dialect.name == "sqlite"
    pragma = connection.connection.cursor().execute if on_sqlite else None
    if pragma:
        pragma("PRAGMA foreign_keys=OFF")  # SQLite changes a table by making it anew; ignored inside BEGIN
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_as_batch=True,
        render_item=plain_types,
        process_revision_directives=nothing_changed,
        compare_type=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        if not on_sqlite:
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SET LOCAL lock_timeout = '60s'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": A_NUMBER_OF_OUR_OWN})
        context.run_migrations()
        if on_sqlite and connection.execute(text("PRAGMA foreign_key_check")).first():
            raise RuntimeError("a migration left a row that points to nothing; nothing was changed")
    if pragma:
        pragma("PRAGMA foreign_keys=ON")


if context.is_offline_mode():
    raise SystemExit("Migrations run on a database: --sql is not supported.")
with house().turn(), db.engines["write"].connect() as writer:
    run(writer)
