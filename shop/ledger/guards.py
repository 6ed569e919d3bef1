"""What the database itself refuses: the books are only ever added to, balanced and without a gap.

Triggers stop accidents and careless hands; against somebody who may write the database freely only the checkpoints
that others hold help. On SQLite ``INSERT OR REPLACE`` would pass the triggers for deleting, so adding what is
there already is refused too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event, text
from sqlalchemy.orm import Session

from shop.core.tables import Base

KEPT = {
    "ledger_entry": "seq = NEW.seq OR txid = NEW.txid",
    "ledger_posting": "seq = NEW.seq AND n = NEW.n",
    "ledger_account": "code = NEW.code",
    "ledger_checkpoint": "size = NEW.size",
}
"""Each table that is only ever added to, and how a row is known that is there already."""
REFUSED = "the books are only ever added to"
LATE = "postings stand before their entry, never after it"
UNEQUAL = "an entry adds up to nothing in each currency"
GAP = "entries are numbered without a gap"
BACK = "the books have one end, and it never comes nearer"
_UNEQUAL = "SELECT 1 FROM ledger_posting WHERE seq = NEW.seq GROUP BY currency HAVING sum(amount) <> 0"
_NEXT = "1 + (SELECT coalesce(max(seq), 0) FROM ledger_entry)"
_THERE = "SELECT 1 FROM ledger_entry WHERE seq = NEW.seq"
_HEAD = f"INSERT INTO ledger_head (id, size, last_hash, edge) VALUES (1, 0, '{'0' * 64}', '[]')"


def statements(dialect: str) -> list[str]:
    """Return what makes the empty books and their guards, in order."""
    return [_HEAD, *(_sqlite() if dialect == "sqlite" else _postgres())]


def gone(dialect: str) -> list[str]:
    """Return what removes, after the tables, what does not go with them."""
    names = () if dialect == "sqlite" else ("refuse", "check_posting", "check_entry", "check_head")
    return [f"DROP FUNCTION ledger_{name}()" for name in names]


@contextmanager
def lifted(tx: Session) -> Iterator[None]:
    """Let the books of a demo shop be emptied: the guards stand aside, and come back with books that begin anew."""
    dialect = tx.get_bind().dialect.name
    if dialect == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ledger_%'"
        away = [f"DROP TRIGGER {name}" for name in tx.scalars(text(query)).all()]
    else:
        away = [f"{statement} CASCADE" for statement in gone(dialect)]
    for statement in away:
        tx.execute(text(statement))
    yield
    for statement in statements(dialect):
        tx.connection().exec_driver_sql(statement)


def _sqlite() -> list[str]:
    made = []
    for table, same in KEPT.items():
        for what in ("UPDATE", "DELETE"):
            made.append(_trigger(f"{table}_no_{what.lower()}", f"BEFORE {what} ON {table}", REFUSED))
        made.append(_trigger(
            f"{table}_once", f"BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})", REFUSED
        ))  # fmt: skip
    return [
        *made,
        _trigger("ledger_posting_first", f"BEFORE INSERT ON ledger_posting WHEN EXISTS ({_THERE})", LATE),
        _trigger("ledger_entry_balanced", f"AFTER INSERT ON ledger_entry WHEN EXISTS ({_UNEQUAL})", UNEQUAL),
        _trigger("ledger_entry_gapless", f"BEFORE INSERT ON ledger_entry WHEN NEW.seq <> {_NEXT}", GAP),
        _trigger(
            "ledger_head_grows",
            "BEFORE UPDATE ON ledger_head WHEN NEW.size < OLD.size OR NEW.id <> OLD.id",
            BACK,
        ),
        _trigger("ledger_head_stays", "BEFORE DELETE ON ledger_head", BACK),
        _trigger("ledger_head_once", "BEFORE INSERT ON ledger_head", BACK),
    ]


def _trigger(name: str, when: str, words: str) -> str:
    return f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{words}'); END"


def _postgres() -> list[str]:
    made = [
        _function("refuse", f"RAISE EXCEPTION '{REFUSED}';"),
        _function(
            "check_posting", f"IF EXISTS ({_THERE}) THEN RAISE EXCEPTION '{LATE}'; END IF; RETURN NEW;"
        ),
        _function(
            "check_entry",
            f"IF EXISTS ({_UNEQUAL}) THEN RAISE EXCEPTION '{UNEQUAL}'; END IF; "
            f"IF NEW.seq <> {_NEXT} THEN RAISE EXCEPTION '{GAP}'; END IF; RETURN NEW;",
        ),
        _function(
            "check_head",
            "IF TG_OP <> 'UPDATE' OR NEW.size < OLD.size OR NEW.id <> OLD.id "
            f"THEN RAISE EXCEPTION '{BACK}'; END IF; RETURN NEW;",
        ),
    ]
    each = "FOR EACH ROW EXECUTE FUNCTION"
    for table in KEPT:
        made.append(f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table} {each} ledger_refuse()")
    for table in (*KEPT, "ledger_head"):
        made.append(
            f"CREATE TRIGGER {table}_whole BEFORE TRUNCATE ON {table} EXECUTE FUNCTION ledger_refuse()"
        )
    for table in ("posting", "entry"):
        made.append(
            f"CREATE TRIGGER ledger_{table}_check BEFORE INSERT ON ledger_{table} {each} ledger_check_{table}()"
        )
    made.append(
        "CREATE TRIGGER ledger_head_check BEFORE INSERT OR UPDATE OR DELETE ON ledger_head "
        f"{each} ledger_check_head()"
    )
    return made


def _function(name: str, body: str) -> str:
    return f"CREATE FUNCTION ledger_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"


@event.listens_for(Base.metadata, "after_create")
def _with_the_tables(metadata: Any, connection: Connection, tables: list[Any], **_: Any) -> None:
    """Make the guards wherever the tables are made without migrations."""
    if "ledger_head" in {table.name for table in tables}:
        for statement in statements(connection.dialect.name):
            connection.exec_driver_sql(statement)
