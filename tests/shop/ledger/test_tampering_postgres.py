"""Tampering on PostgreSQL (trust.md T16): every column of the books, generated from the schema, changed row by row."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Column, create_engine, text

from shop.ledger import guards
from tests.shop.ledger.attacker import TABLES, Attacker
from tests.shop.ledger.bookkeeping import signed_rows
from web.house import house

pytestmark = [pytest.mark.postgres, pytest.mark.fault]
ROWS = 50 if os.environ.get("FAIRSLICE_LONG") else 3


class Owner(Attacker):
    """Who owns the database: no trigger stands in the way."""

    def __init__(self, url: str, public: bytes, room: Path) -> None:
        self.public, self.room = public, room
        self.db = create_engine(url).connect()
        for statement in guards.gone("postgresql"):
            self.db.execute(text(f"{statement} CASCADE"))
        self.db.commit()


@pytest.fixture
def kept() -> list[str]:
    """The checkpoints a partner kept, oldest first."""
    return []


@pytest.fixture
def owner(app_postgres: Flask, kept: list[str], tmp_path: Path) -> Iterator[Owner]:
    """The books of a day: for each row of `ROWS` a sale, a till opened, a checkpoint."""
    with app_postgres.app_context():
        kept += signed_rows(ROWS)
        found = Owner(house().settings.database_url, house().seal.public, tmp_path)
    yield found
    found.close()


def another(column: Column[object]) -> str:
    """Return what the owner could put there instead, in SQL."""
    match type(column.type).__name__:
        case "BigInteger" | "Integer":
            return f"coalesce({column.name}, 0) + 1000003"
        case "String":
            return f"coalesce({column.name}, '') || 'x'"
        case "Date":
            return f"{column.name} + 1"
        case "UTCDateTime":
            return f"coalesce({column.name}, now()) + interval '1 millisecond'"
        case _:
            return "'[\"x\"]'"


def test_nothing_is_seen_where_nothing_was_done(owner: Owner, kept: list[str]) -> None:
    assert not owner.seen_by_the_shop(kept[-1]) and not owner.seen_by_others(kept[-1])


def test_every_column_of_every_row(owner: Owner, kept: list[str]) -> None:
    tried: Counter[str] = Counter()
    missed = []
    for table in TABLES:
        keys = ", ".join(column.name for column in table.primary_key)
        places = [row[0] for row in owner.rows(f"SELECT ctid::text FROM {table.name} ORDER BY {keys}")]
        for place in places[:: max(1, len(places) // ROWS)]:
            for column in table.columns:
                with owner.trying():
                    change = (
                        f"UPDATE {table.name} SET {column.name} = {another(column)} WHERE ctid = '{place}'"
                    )
                    assert owner.do(change) == 1
                    tried[f"{table.name}.{column.name}"] += 1
                    if not (owner.seen_by_the_shop(kept[-1]) and owner.seen_by_others(kept[-1])):
                        missed.append((table.name, column.name, place))
    assert missed == []
    wanted = {f"{t.name}.{c.name}": 1 if t.name == "ledger_head" else ROWS for t in TABLES for c in t.columns}
    assert {name: n for name, n in tried.items() if n < wanted[name]} == {} and tried.keys() == wanted.keys()
    print(f"\n{tried.total()} changes in {len(tried)} columns of {len(TABLES)} tables, {len(missed)} unseen")
