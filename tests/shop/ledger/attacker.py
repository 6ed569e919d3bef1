"""Somebody who may write the database as they like: no trigger stops them, and they can count and hash themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2 as sqlite3
from sqlalchemy import Column, Connection, Table, create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from shop.core.tables import Base
from shop.ledger import bundle, reading
from shop.ledger.bundle import verify_ledger
from shop.ledger.tree import grown
from shop.ledger.verifying import verify
from tests.cast import SATURDAY

TABLES = [table for name, table in Base.metadata.tables.items() if name.startswith("ledger_")]


class Attacker:
    """A copy of a shop's books in memory. ``public`` is the key the books are signed with."""

    def __init__(self, data: Path, public: bytes, room: Path) -> None:
        self.public, self.room = public, room
        source = sqlite3.connect(data / "shop.db")
        memory = sqlite3.connect(":memory:", check_same_thread=False)
        source.backup(memory)
        source.close()
        engine = create_engine("sqlite://", module=sqlite3, creator=lambda: memory, poolclass=StaticPool)
        self.db: Connection = engine.connect()
        for (name,) in self.db.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
            self.db.exec_driver_sql(f"DROP TRIGGER {name}")
        self.db.commit()

    def close(self) -> None:
        self.db.close()
        self.db.engine.dispose()

    @contextmanager
    def trying(self) -> Iterator[Connection]:
        """Do something to the books that is undone afterwards."""
        try:
            yield self.db
        finally:
            self.db.rollback()

    def do(self, statement: str, *values: Any) -> int:
        """Write what no trigger refuses; returns how many rows were changed."""
        return self.db.exec_driver_sql(statement, values).rowcount

    def rows(self, query: str, *values: Any) -> list[Any]:
        return list(self.db.exec_driver_sql(query, values))

    def seen_by_the_shop(self, *kept: str) -> bool:
        """Whether the shop's own check finds something wrong."""
        with Session(self.db) as session:
            return not verify(session, self.public, kept).well

    def seen_by_others(self, *kept: str) -> bool:
        """Whether somebody finds something wrong who has nothing but the bundle."""
        file = self.room / "bundle.zip"
        file.unlink(missing_ok=True)
        with Session(self.db) as session:
            bundle.export(session, self.public, file, at=SATURDAY)
        try:
            verify_ledger.check(file, list(kept), [], None)
        except (verify_ledger.Wrong, ValueError, TypeError, LookupError):
            return True
        return False

    def write_anew(self) -> None:
        """Count and hash everything again, so that nothing but a signature or a kept checkpoint tells."""
        last, edge, moment = "0" * 64, [], None
        for n, (seq,) in enumerate(self.rows("SELECT seq FROM ledger_entry ORDER BY seq")):
            self.do("UPDATE ledger_entry SET seq = ?, prev_hash = ? WHERE seq = ?", n + 1, last, seq)
            self.do("UPDATE ledger_posting SET seq = ? WHERE seq = ?", n + 1, seq)
            with Session(self.db) as session:
                _, leaf, _, _, moment, *_ = list(reading.leaves(session, n + 1, []))[-1]
            hashed = sha256(b"\0" + leaf.encode()).digest()
            edge, last = grown(edge, n, hashed), hashed.hex()
            self.do("UPDATE ledger_entry SET leaf_hash = ? WHERE seq = ?", last, n + 1)
        size = self.rows("SELECT count(*) FROM ledger_entry")[0][0]
        written = json.dumps([part.hex() for part in edge])
        at = moment.replace("T", " ").rstrip("Z") if moment else None
        self.do(
            "UPDATE ledger_head SET size = ?, last_hash = ?, last_at = ?, edge = ?", size, last, at, written
        )
        self.do("DELETE FROM ledger_account")
        for seq, data in self.rows("SELECT seq, data FROM ledger_entry WHERE kind = 'account_opened'"):
            facts = json.loads(data)
            self.do("INSERT INTO ledger_account VALUES (?, ?, ?)", facts["account"], facts["kind"], seq)


def another(column: Column[Any], value: Any, turn: int) -> list[Any]:
    """Return what an attacker could put there instead, the likeliest first; never the same once it is read."""
    if value is None:
        return ["x", 1]
    if isinstance(value, int):
        return [value + 1, value + 1_000_003] if turn % 2 else [value + 1_000_003, -value - 1]
    place = (turn * 7) % max(1, len(value))
    flipped = value[:place] + chr(ord(value[place]) ^ 1) + value[place + 1 :] if value else "x"
    json_blank = column.name in ("edge",)  # a blank in JSON says the same
    return [flipped, value + "x"] if turn % 2 or json_blank else [value + " ", value[:-1], flipped]


def key_of(table: Table) -> str:
    return " AND ".join(f"{column.name} = ?" for column in table.primary_key)
