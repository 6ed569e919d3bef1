"""Rows that every request reads, kept as objects for as long as the table says the same.

Each request asks for the row as it stands, without the cost of making an object of it. A change, whoever made it
and in whichever process, is seen by the next request: what is kept is used only where every column is equal.
"""

import re
from typing import Any, Generic, TypeVar

from sqlalchemy import Table, bindparam, inspect, select
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
        self.typed = select(*table.columns).where(table.c.id == bindparam("number"))
        self._first = table.columns.keys().index("id")
        self._kept: dict[int, tuple[tuple[Any, ...], Row]] = {}

    def find(self, session: Session, **values: Any) -> Row | None:
        """Return the row as it is now, or None."""
        now = self._look(session, values)
        if now is None:
            return None
        number: int = now[self._first]
        kept = self._kept.get(number)
        if kept is not None and kept[0] == now:
            return kept[1]
        made = self.model(**session.execute(self.typed, {"number": number}).one()._asdict())
        if self._look(session, values) == now:  # or it was changed between the two
            self._kept[number] = (now, made)
        return made

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
