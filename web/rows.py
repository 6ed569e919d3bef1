"""Rows that every request reads, kept as objects for as long as the table says the same.

Each request asks for the row as it stands, without the cost of making an object of it. A change, whoever made it
and in whichever process, is seen by the next request: what is kept is used only where every column is equal.
"""

import re
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from sqlalchemy import Dialect, Table, inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shop.core.tables import Base

Row = TypeVar("Row", bound=Base)


class Kept(Generic[Row]):
    """The objects of one table, by number. They belong to no session: they can be shared, but not written."""

    def __init__(self, model: type[Row], which: str) -> None:
        """``which`` is the SQL that picks one row, with ``:names`` for its values."""
        table = inspect(model).local_table
        assert isinstance(table, Table)
        columns = ", ".join(f'"{column.name}"' for column in table.columns)
        self.model = model
        self.sql = f"SELECT {columns} FROM {table.name} {which}"
        self.columns = list(table.columns)
        self._readers: list[Callable[[Any], Any] | None] = []
        self._first = table.columns.keys().index("id")
        self._kept: dict[int, tuple[tuple[Any, ...], Row]] = {}

    def find(self, session: Session, **values: Any) -> Row | None:
        """Return the row as it is now, or None."""
        now = self._look(session, values)
        if now is None:
            return None
        number: int = now[self._first]
        kept = self._kept.get(number)
        if kept is None or kept[0] != now:
            kept = self._kept[number] = (now, self._made(now, session.get_bind().dialect))
        return kept[1]

    def _made(self, row: tuple[Any, ...], dialect: Dialect) -> Row:
        """Make the object of what the driver gave, each value read as its column's type reads it."""
        if not self._readers:
            types = [column.type.dialect_impl(dialect) for column in self.columns]
            self._readers = [each.result_processor(dialect, None) for each in types]
        values = zip(self.columns, self._readers, row, strict=True)
        return self.model(**{column.key: read(value) if read else value for column, read, value in values})

    def _look(self, session: Session, values: dict[str, Any]) -> tuple[Any, ...] | None:
        """Read the row as the driver gives it: this is asked by every request, and nothing else is as cheap."""
        connection = session.connection()
        driver: Any = connection.connection.driver_connection
        sql = self.sql if connection.dialect.name == "sqlite" else re.sub(r":(\w+)", r"%(\1)s", self.sql)
        try:
            found: tuple[Any, ...] | None = driver.execute(sql, values).fetchone()
        except connection.dialect.loaded_dbapi.Error as trouble:
            raise DBAPIError.instance(
                self.sql, None, trouble, connection.dialect.loaded_dbapi.Error, hide_parameters=True,
                dialect=connection.dialect,
            ) from trouble  # fmt: skip
        return found
