"""Statements of the path that a Saturday morning queues on: put into SQL once, and run straight by the driver.

Each time SQLAlchemy executes a statement it looks for its SQL and makes an object of its answer: ten times what SQLite
takes for a row. Here that is done at the first use. What is bound and what comes back passes through the same types,
and an error is the same error, told to whoever listens for it.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

Convert = Callable[[Any], Any] | None


class Ready:
    """One statement, without lists of values, for all kinds of database."""

    def __init__(self, statement: Any) -> None:
        self.statement = statement
        self._known: dict[tuple[str, ...], _Sql] = {}

    def run(self, session: Session, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Return the rows that it gives, none for a statement that gives none. ``values`` are by parameter, or by
        column for an INSERT; raises `KeyError` where one is missing, and the database's errors as SQLAlchemy does."""
        connection = session.connection()
        key = (connection.dialect.name, *values)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = _Sql(self.statement, connection.dialect, list(values))
        return known.run(connection, values)

    def first(self, session: Session, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Return the first row, or None."""
        return next(iter(self.run(session, values)), None)


class _Sql:
    """The statement as one kind of database reads it, and how each value is written and read there."""

    def __init__(self, statement: Any, dialect: Dialect, given: list[str]) -> None:
        made = statement.compile(dialect=dialect, column_keys=given if statement.is_insert else None)
        self.text: str = made.string
        self.names: list[str] = made.positiontup or list(made.binds)
        self.by_place = made.positiontup is not None
        self.own = {name: bind.effective_value for name, bind in made.binds.items() if not bind.required}
        self.fresh: dict[str, Callable[[Any], Any]] = {}
        for column in made.insert_prefetch if statement.is_insert else ():
            if column.default.is_scalar:
                self.own[column.key] = column.default.arg
            else:
                self.fresh[column.key] = column.default.arg
        write = {
            name: _as_in(dialect, bind.type).bind_processor(dialect) for name, bind in made.binds.items()
        }
        self.write = {name: convert for name, convert in write.items() if convert}
        columns = getattr(statement, "exported_columns", ())
        self.read: list[Convert] = [
            _as_in(dialect, column.type).result_processor(dialect, None) for column in columns
        ]
        self.reads = any(self.read)

    def run(self, connection: Connection, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        bound = {**self.own, **{name: make(None) for name, make in self.fresh.items()}, **values}
        for name, convert in self.write.items():
            bound[name] = convert(bound[name])
        in_order = [bound[name] for name in self.names]
        sent: Any = tuple(in_order) if self.by_place else dict(zip(self.names, in_order, strict=True))
        driver: Any = connection.connection.driver_connection
        cursor = driver.cursor()
        try:
            cursor.execute(self.text, sent)
            rows: list[tuple[Any, ...]] = cursor.fetchall() if cursor.description else []
        except connection.dialect.loaded_dbapi.Error as trouble:
            connection._handle_dbapi_exception(trouble, self.text, sent, cursor, None)
        cursor.close()
        return [self._read(row) for row in rows] if self.reads else rows

    def _read(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        pairs = zip(self.read, row, strict=True)
        return tuple([convert(value) if convert else value for convert, value in pairs])


def _as_in(dialect: Dialect, kind: TypeEngine[Any]) -> TypeEngine[Any]:
    return kind.dialect_impl(dialect)
