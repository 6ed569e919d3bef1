"""What the database itself refuses at the tills: lines and closed days are only ever added, a count is written once.

As with the books (`shop.ledger.guards`) this stops accidents and careless hands. What must be put right is an entry
of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event, text
from sqlalchemy.orm import Session

from shop.core.tables import Base

ADDED = {
    "till_line": "id = NEW.id OR till_id = NEW.till_id AND number = NEW.number",
    "till_day": "id = NEW.id OR shop_id = NEW.shop_id AND day = NEW.day",
}
"""Tables that are only ever added to, and how a row is known that is there already."""
NULL, EMPTY = "IS NULL", "= ''"
ONCE: dict[str, dict[str, str]] = {
    "till_shift": {
        "last_number": NULL, "counted_at": NULL, "counted_by": NULL, "pieces": "= '{}'", "counted": NULL,
        "expected": NULL, "difference": NULL, "reason": EMPTY, "checked_at": NULL, "checked_by": NULL, "txid": EMPTY,
        "day_id": NULL,
    },
    "till_correction": {"state": "= 'asked'", "answered_at": NULL, "answered_by": NULL, "txid": EMPTY},
}  # fmt: skip
"""Tables whose rows stay, the columns that are filled in later, and how it is known that one still waits for that."""
TABLES = (*ADDED, *ONCE)
REFUSED = "a till is only ever added to"


def statements(dialect: str, columns: Mapping[str, Sequence[str]]) -> list[str]:
    """Return what makes the guards; ``columns`` are those that each table has."""
    changed = {table: _changed(columns[table], once) for table, once in ONCE.items()}
    if dialect == "sqlite":
        made = []
        for table in TABLES:
            same = f"EXISTS (SELECT 1 FROM {table} WHERE {ADDED.get(table, 'id = NEW.id')})"
            for name, when in (
                (
                    "update",
                    f"BEFORE UPDATE ON {table}" + (f" WHEN {changed[table]}" if table in ONCE else ""),
                ),
                ("delete", f"BEFORE DELETE ON {table}"),
                ("again", f"BEFORE INSERT ON {table} WHEN {same}"),
            ):
                refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
                made.append(f"CREATE TRIGGER {table}_no_{name} {when} {refuse}")
        return made
    body = f"BEGIN RAISE EXCEPTION '{REFUSED}'; END"
    made = [f"CREATE FUNCTION till_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$"]
    refuse = "EXECUTE FUNCTION till_refuse()"
    for table in TABLES:
        when = f"WHEN ({changed[table]}) " if table in ONCE else ""
        made += [
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW {when}{refuse}",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW {refuse}",
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} {refuse}",
        ]
    return made


def _changed(columns: Sequence[str], once: Mapping[str, str]) -> str:
    """Return when an update touches what is there already."""
    touched = [f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in columns if name not in once]
    touched += [
        f"(NEW.{name} IS DISTINCT FROM OLD.{name} AND NOT (OLD.{name} {waits}))"
        for name, waits in once.items()
        if name in columns
    ]
    return " OR ".join(touched)


def gone(dialect: str) -> list[str]:
    """Return what takes the guards away."""
    if dialect == "sqlite":
        names = ("update", "delete", "again")
        return [f"DROP TRIGGER IF EXISTS {table}_no_{name}" for table in TABLES for name in names]
    return ["DROP FUNCTION IF EXISTS till_refuse() CASCADE"]


@contextmanager
def lifted(tx: Session) -> Iterator[None]:
    """Let the tills of a demo shop be emptied: the guards stand aside, and come back."""
    dialect = tx.get_bind().dialect.name
    for statement in gone(dialect):
        tx.execute(text(statement))
    yield
    tx.flush()
    for statement in statements(dialect, _here()):
        tx.connection().exec_driver_sql(statement)


def _here() -> dict[str, list[str]]:
    return {name: [column.name for column in Base.metadata.tables[name].columns] for name in TABLES}


@event.listens_for(Base.metadata, "after_create")
def _with_the_tables(metadata: Any, connection: Connection, tables: list[Any], **_: Any) -> None:
    """Make the guards wherever the tables are made without migrations."""
    if "till_line" in {table.name for table in tables}:
        for statement in statements(connection.dialect.name, _here()):
            connection.exec_driver_sql(statement)
