"""Large books are checked by several processes: they call well only what is well, wherever a stretch ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from shop.ledger import stretches
from shop.ledger.stretches import all_well
from shop.ledger.verifying import verify
from tests.shop.ledger.attacker import Attacker
from tests.shop.ledger.bookkeeping import day, sign, signed_rows
from tests.shop.ledger.test_reading import POSTINGS
from web.database import reading, writing
from web.house import house

CHANGES = {
    "an entry": "UPDATE ledger_entry SET kind = 'x' WHERE seq = 6",
    "the hash of an entry": "UPDATE ledger_entry SET leaf_hash = 'x' WHERE seq = 5",
    "the hash of the one before": "UPDATE ledger_entry SET prev_hash = 'x' WHERE seq = 5",
    "a moment": "UPDATE ledger_entry SET at = '2020-01-01 00:00:00.000000' WHERE seq = 5",
    "an entry too few": "DELETE FROM ledger_entry WHERE seq = 5",
    "the last entry": "DELETE FROM ledger_entry WHERE seq = (SELECT max(seq) FROM ledger_entry)",
    "a checkpoint": "UPDATE ledger_checkpoint SET root = 'x' WHERE size >= 5",
    "an account": "DELETE FROM ledger_account WHERE opened_seq > 1",
    "the head": "UPDATE ledger_head SET last_hash = 'x'",
    "bytes that are no text": "UPDATE ledger_entry SET data = CAST(x'ff' AS TEXT) WHERE seq = 5",
} | {what: f"UPDATE ledger_posting {how}" for what, how in POSTINGS.items()}


@contextmanager
def one_after_the_other(_: int, session: Session, todo: list[stretches.Job]) -> Iterator[Any]:
    yield (stretches.read(session, *job) for job in todo)


@pytest.fixture
def attacker(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Attacker]:
    monkeypatch.setattr(stretches, "_read_by", one_after_the_other)  # a copy in memory is nobody else's
    with app.app_context():
        signed_rows(4)
        found = Attacker(house().settings.data, house().seal.public, tmp_path)
    yield found
    found.close()


@pytest.mark.parametrize("length", [1, 2, 4, 8])
def test_good_books_are_well_and_have_the_same_root(
    attacker: Attacker, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    monkeypatch.setattr(stretches, "LENGTH", length)
    with Session(attacker.db) as session:
        whole = verify(session, attacker.public)
        assert whole.well and all_well(session, attacker.public, processes=2) == whole
        assert all_well(session, attacker.public, ["7K2M-4ZX9-B3DQ"], processes=2) is None
        assert all_well(session, bytes(32), processes=2) is None


@pytest.mark.parametrize("what", CHANGES)
def test_nothing_that_was_changed_is_called_well(
    attacker: Attacker, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    assert attacker.do(CHANGES[what]) > 0
    for length in (1, 2, 4, 8):
        monkeypatch.setattr(stretches, "LENGTH", length)
        with Session(attacker.db) as session:
            assert not verify(session, attacker.public).well
            assert all_well(session, attacker.public, processes=2) is None, length


def test_several_processes_read_it(app_both: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretches, "LENGTH", 8)
    lite = app_both.extensions["fairslice"].settings.is_sqlite
    with app_both.app_context():
        day(12)
        sign()
        with reading() as session:
            whole = verify(session, house().seal.public)
            assert whole.well and all_well(session, house().seal.public, processes=2) == whole
            assert all_well(session, house().seal.public, processes=1) is None, (
                "one process has nothing to share"
            )
        with writing() as tx:
            guard = "ledger_posting_no_update" if lite else "ledger_posting_kept ON ledger_posting"
            tx.execute(text(f"DROP TRIGGER {guard}"))
            tx.execute(text("UPDATE ledger_posting SET amount = amount + 1 WHERE seq = 22 AND n = 0"))
        with reading() as session:
            assert all_well(session, house().seal.public, processes=2) is None
            assert verify(session, house().seal.public).entry == 22
