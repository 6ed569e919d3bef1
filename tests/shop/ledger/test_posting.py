"""Writing into the books: balanced, numbered, hashed, and nothing in them can be changed."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import delete, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM
from shop.ledger import Unbalanced, guards, post
from shop.ledger.canonical import leaf_text, stamp
from shop.ledger.posting import HASHED
from shop.ledger.tables import Account, Entry, Head, Posting
from shop.ledger.tree import leaf_hash, root_of
from tests.cast import SATURDAY
from web.database import reading, writing


def one(tx: Session, postings: list[tuple[str, int]]) -> str:
    return post(
        tx, 1, "payment_captured", postings, currency="CNY", by=SYSTEM, at=SATURDAY, order="K7Q2M4ZX9B3D", method="cash"
    )  # fmt: skip


def sell(amount: int = 26800, times: int = 1) -> list[str]:
    """Cash for a cake that is not handed over yet."""
    with writing() as tx:
        return [one(tx, [("till:1", amount), ("deposits", -amount)]) for _ in range(times)]


def test_an_entry_is_numbered_hashed_and_chained(app_both: Flask) -> None:
    with app_both.app_context():
        txid = sell()[0]
        sell(times=2)
        with reading() as session:
            entries = list(session.scalars(select(Entry).order_by(Entry.seq)))
            lines = session.execute(select(Posting.seq, Posting.account, Posting.currency, Posting.amount).order_by(
                Posting.seq, Posting.n)).all()  # fmt: skip
            head = session.get_one(Head, 1)
            assert [e.kind for e in entries] == ["account_opened"] * 2 + ["payment_captured"] * 3
            assert entries[2].txid == txid and [e.seq for e in entries] == [1, 2, 3, 4, 5]
            before = "0" * 64
            for entry in entries:
                row = {c: getattr(entry, c) for c in HASHED}
                row |= {"at": stamp(entry.at), "business_date": entry.business_date.isoformat()}
                mine = [(a, c, m) for seq, a, c, m in lines if seq == entry.seq]
                assert entry.prev_hash == before
                assert entry.leaf_hash == leaf_hash(leaf_text(mine, *row.values()).encode()).hex()
                before = entry.leaf_hash
            assert (head.size, head.last_hash) == (5, before)
            assert len(root_of([bytes.fromhex(part) for part in head.edge])) == 32
            assert sorted(session.scalars(select(Account.code))) == ["deposits", "till:1"]


def test_what_does_not_add_up_is_never_written(app: Flask) -> None:
    with app.app_context():
        with pytest.raises(Unbalanced), writing() as tx:
            one(tx, [("till:1", 100), ("deposits", -99)])
        with pytest.raises(KeyError), writing() as tx:
            one(tx, [("sock", 100), ("deposits", -100)])
        with reading() as session:
            assert session.get_one(Head, 1).size == 0


def test_a_verb_that_fails_leaves_no_entry(app_both: Flask) -> None:
    with app_both.app_context():
        with pytest.raises(RuntimeError), writing() as tx:
            one(tx, [("till:1", 5), ("deposits", -5)])
            raise RuntimeError
        sell()
        with reading() as session:
            assert list(session.scalars(select(Entry.seq).order_by(Entry.seq))) == [1, 2, 3]


FORGERIES = (
    "UPDATE ledger_entry SET kind = 'nothing' WHERE seq = 3",
    "UPDATE ledger_posting SET amount = 1 WHERE seq = 3",
    "DELETE FROM ledger_entry WHERE seq = 3",
    "DELETE FROM ledger_posting WHERE seq = 3",
    "UPDATE ledger_account SET kind = 'equity'",
    "DELETE FROM ledger_account",
    "UPDATE ledger_head SET size = 1",
    "DELETE FROM ledger_head",
    "INSERT INTO ledger_posting (seq, n, account, currency, amount) VALUES (3, 2, 'bank', 'CNY', 5)",
    "INSERT INTO ledger_head (id, size, last_hash, edge) VALUES (2, 0, '', '[]')",
    "INSERT INTO ledger_entry SELECT 9, 'x', shop_id, kind, business_date, at, actor_kind, actor_id, device_id, "
    "order_ref, doc_hash, rules_hash, data, prev_hash, leaf_hash FROM ledger_entry WHERE seq = 3",
)
ONLY_SQLITE = (
    "INSERT OR REPLACE INTO ledger_entry SELECT * FROM ledger_entry WHERE seq = 3",
    "INSERT OR REPLACE INTO ledger_posting SELECT seq, n, account, currency, 7 FROM ledger_posting WHERE seq = 3",
    "UPDATE OR REPLACE ledger_entry SET seq = 2 WHERE seq = 3",
)
ONLY_POSTGRES = ("TRUNCATE ledger_entry CASCADE", "TRUNCATE ledger_head")


def test_the_database_refuses_every_change(app_both: Flask) -> None:
    with app_both.app_context():
        sell()
        sqlite = app_both.extensions["fairslice"].settings.is_sqlite
        for forgery in (*FORGERIES, *(ONLY_SQLITE if sqlite else ONLY_POSTGRES)):
            with pytest.raises(DBAPIError), writing() as tx:
                tx.execute(text(forgery))
                pytest.fail(f"went through: {forgery}")


def test_the_database_itself_refuses_an_entry_that_does_not_add_up(app_both: Flask) -> None:
    with app_both.app_context():
        sell()
        with pytest.raises(DBAPIError), writing() as tx:
            tx.execute(text(FORGERIES[8].replace("(3, 2", "(4, 0")))
            tx.execute(text(FORGERIES[-1].replace("SELECT 9", "SELECT 4")))


def test_the_demo_begins_anew_and_is_guarded_again(app_both: Flask) -> None:
    with app_both.app_context():
        sell()
        with writing() as tx, guards.lifted(tx):
            for table in (Account, Posting, Entry, Head):
                tx.execute(delete(table))
        with reading() as session:
            assert session.get_one(Head, 1).size == 0
        sell()
        for forgery in FORGERIES:
            with pytest.raises(DBAPIError), writing() as tx:
                tx.execute(text(forgery))
                pytest.fail(f"went through: {forgery}")
