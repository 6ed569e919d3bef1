"""The database itself refuses to change what a till has rung, what was counted, and a closed day."""

from __future__ import annotations

from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import Column, Table, delete, text
from sqlalchemy.exc import DBAPIError

from shop.core.tables import Base
from shop.payments import count, day, guards, till
from shop.payments.till_tables import TillLine
from shop.people.shops import only_shop
from tests import cast
from tests.shop.payments.counting import pieces_of
from web.database import reading, writing
from web.house import house, now

TABLES = [Base.metadata.tables[name] for name in guards.TABLES]


@pytest.fixture
def closed(app_both: Flask) -> Flask:
    """A day with a till that was counted, corrected and closed, and one whose till is open."""
    with app_both.app_context(), writing() as tx:
        shop = only_shop(tx)
        assert shop is not None
        who = {login: cast.by(tx, login) for login in ("mei", "xu", "lin", "chen")}
        one = till.make_till(tx, shop, "A", by=who["xu"], at=now())
        for _ in range(2):
            till.open_till(tx, shop, one.id, floated=30_000, by=who["mei"], at=now())
            if _ == 0:
                shift = count.count(tx, shop, one.id, pieces_of(28_000), by=who["mei"], at=now())
                count.explain(tx, shop, shift.id, "a wrong note", by=who["mei"], at=now())
                count.check(tx, shop, shift.id, by=who["xu"], at=now())
                row = count.ask_correction(tx, shop, shift.id, 2_000, "found it", by=who["mei"], at=now())
                seen = count.seal_of(row)
                count.decide(tx, shop, row.id, agreed=True, seen=seen, by=who["lin"], at=now())
                count.ask_correction(tx, shop, shift.id, 100, "and this", by=who["mei"], at=now())
                day.close_day(tx, shop, shop.business_date(now()), terminal=None, reason="", seal=house().seal,
                              by=who["chen"], at=now())  # fmt: skip
    return app_both


def refused(statement: str, **values: object) -> None:
    with pytest.raises(DBAPIError, match=guards.REFUSED), writing() as tx:
        tx.execute(text(statement), values)
        pytest.fail(f"went through: {statement}")


def another(column: Column[object]) -> str:
    """Return what an attacker could put there instead, in SQL."""
    match type(column.type).__name__:
        case "BigInteger" | "Integer":
            return f"coalesce({column.name}, 0) + 1"
        case "Boolean":
            return f"NOT {column.name}"
        case "String":
            return f"{column.name} || 'x'"
        case "Date" | "UTCDateTime":
            return "'2031-01-01 00:00:00.000000'" if column.name != "day" else "'2031-01-01'"
        case _:
            return "'{\"a\": 1}'"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_no_column_of_what_is_done_can_be_changed(closed: Flask, table: Table) -> None:
    tried: Counter[str] = Counter()
    with closed.app_context():
        for column in table.columns:
            refused(f"UPDATE {table.name} SET {column.name} = {another(column)} WHERE id = 1")
            tried[column.name] += 1
        refused(f"DELETE FROM {table.name} WHERE id = 1")
    assert tried.keys() == {column.name for column in table.columns}


def test_nothing_is_replaced_or_emptied(closed: Flask) -> None:
    with closed.app_context():
        for table in TABLES:
            if closed.extensions["fairslice"].settings.is_sqlite:
                refused(f"INSERT OR REPLACE INTO {table.name} SELECT * FROM {table.name} WHERE id = 1")
            else:
                refused(f"TRUNCATE {table.name} CASCADE")
        if closed.extensions["fairslice"].settings.is_sqlite:
            names = [column.name for column in TillLine.__table__.columns]
            others = ", ".join("77" if name == "id" else name for name in names)
            refused(f"INSERT OR REPLACE INTO till_line SELECT {others} FROM till_line WHERE id = 1")
            refused("UPDATE OR REPLACE till_line SET number = 2 WHERE number = 1")


def test_what_is_not_done_yet_can_be_done(closed: Flask) -> None:
    """The second correction still waits, the second shift is still open."""
    with closed.app_context():
        with writing() as tx:
            tx.execute(text("UPDATE till_correction SET state = 'declined' WHERE id = 2"))
            tx.execute(text("UPDATE till_shift SET reason = 'why' WHERE id = 2"))
        refused("UPDATE till_correction SET state = 'approved' WHERE id = 2")
        refused("UPDATE till_shift SET reason = 'because' WHERE id = 2")


def test_a_demo_begins_anew_and_is_guarded_again(closed: Flask) -> None:
    with closed.app_context():
        with writing() as tx, guards.lifted(tx):
            tx.execute(delete(TillLine).where(TillLine.id == 1))
        with reading() as session:
            assert session.get(TillLine, 1) is None
        refused("DELETE FROM till_line WHERE id = 2")
