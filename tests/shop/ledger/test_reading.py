"""Postings are gathered by the database: that is never less strict than reading them one by one, only quicker."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shop.ledger import post, reading
from shop.ledger.canonical import text_of
from shop.ledger.verifying import verify
from tests.cast import SATURDAY
from tests.shop.ledger.attacker import Attacker
from tests.shop.ledger.bookkeeping import MEI, day, sign, signed_rows
from web.database import reading as looking
from web.database import writing
from web.house import house

NASTY = 'till:“\\"\x01\x1f\x7f\u2028🎂'
"""An account as nobody names one: everything that is written in another way in JSON."""


def all_of(session: Session, size: int) -> tuple[list[reading.Leaf], list[list[Any]]]:
    strays: list[list[Any]] = []
    return list(reading.leaves(session, size, strays)), strays


def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_at_once", lambda *_: [])


@pytest.mark.parametrize("at_once", [1, 3, 2000])
def test_both_ways_read_the_same(app_both: Flask, monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(reading, "AT_ONCE", at_once)
    with app_both.app_context():
        day(3)
        with writing() as tx:
            lines = [(NASTY, 2**53 - 1), ("safe", 1 - 2**53)]
            post(tx, 1, "till_opened", lines, currency="CNY", by=MEI, at=SATURDAY, till=2)
            post(tx, 1, "rules_changed", [], currency="CNY", by=MEI, at=SATURDAY)
        sign()
        with looking() as session:
            slow: list[int] = []
            way = reading._one_by_one
            monkeypatch.setattr(
                reading,
                "_one_by_one",
                lambda session, rows, *more: slow.append(1) or way(session, rows, *more),
            )
            size = reading.end(session).size
            gathered = all_of(session, size)
            assert slow == [] and len(gathered[0]) == size == 14
            assert verify(session, house().seal.public).well
            one_by_one(monkeypatch)
            assert all_of(session, size) == gathered and len(slow) == -(-size // at_once)
            assert verify(session, house().seal.public).well


@pytest.fixture
def attacker(app: Flask, tmp_path: Path) -> Iterator[Attacker]:
    with app.app_context():
        signed_rows(4)
        found = Attacker(house().settings.data, house().seal.public, tmp_path)
    yield found
    found.close()


def hash_as_gathered(attacker: Attacker) -> None:
    """Hash everything anew just as the database gathers it, with no signature left that would tell."""
    last, seen = "0" * 64, {}
    everything = {"low": float("-inf"), "high": 10**6}
    for seq, lines, *_ in attacker.db.execute(reading._GATHERED["sqlite"], everything):
        seen[seq] = lines
    for leaf in attacker.db.execute(reading._ENTRIES["sqlite"], {"low": float("-inf"), "size": 10**6}).all():
        whole = text_of(seen.get(leaf[1], ""), *leaf[1:-1], last)
        prev, last = last, sha256(b"\0" + whole.encode()).hexdigest()
        attacker.do("UPDATE ledger_entry SET prev_hash = ?, leaf_hash = ? WHERE seq = ?", prev, last, leaf[1])
    attacker.do("DELETE FROM ledger_checkpoint")


POSTINGS = {
    "an amount with a fraction": "SET amount = CASE n WHEN 0 THEN 1.5 ELSE -1.5 END WHERE seq = 3",
    "an amount in words": "SET amount = CASE n WHEN 0 THEN 'x' ELSE amount END WHERE seq = 3",
    "an amount too large": "SET amount = CASE n WHEN 0 THEN 9007199254740992 ELSE -9007199254740992 END WHERE seq = 3",
    "amounts that no computer adds up": "SET amount = 9223372036854775807 WHERE seq = 3",
    "an amount that is bytes": "SET amount = CAST('1' AS BLOB) WHERE seq = 3 AND n = 0",
    "an amount that does not add up": "SET amount = amount + 1 WHERE seq = 3 AND n = 0",
    "an account that is a number": "SET account = CAST(5 AS BLOB) WHERE seq = 3 AND n = 0",
    "an account nobody has opened": "SET account = 'till:7' WHERE seq = 3 AND n = 0",
    "an account used before it is opened": "SET account = 'till:3' WHERE seq = 3 AND n = 0",
    "an account with an end inside": "SET account = 'till:1' || char(0) || 'x' WHERE seq = 3 AND n = 0",
    "two currencies": "SET currency = CASE n WHEN 0 THEN 'CNY' ELSE 'HKD' END WHERE seq = 3",
    "a line left out": "SET n = 2 WHERE seq = 3 AND n = 1",
    "a line counted twice": "SET n = 2 WHERE seq = 3 AND n = 0",
    "a line with half a number": "SET n = 0.5 WHERE seq = 3 AND n = 1",
    "a line of no entry": "SET seq = 99 WHERE seq = 3 AND n = 0",
    "a line between two entries": "SET seq = 3.5 WHERE seq = 3 AND n = 0",
    "a line in front of all": "SET seq = -9e999 WHERE seq = 3 AND n = 0",
    "all lines between two entries": "SET seq = 3.5 WHERE seq = 3",
    "a line without an end": "SET seq = 9e999 WHERE seq = 3 AND n = 0",
}


@pytest.mark.parametrize("at_once", [1, 2000])
@pytest.mark.parametrize("what", POSTINGS)
def test_what_is_gathered_is_looked_at_as_closely(
    attacker: Attacker, monkeypatch: pytest.MonkeyPatch, what: str, at_once: int
) -> None:
    monkeypatch.setattr(reading, "AT_ONCE", at_once)
    assert attacker.do(f"UPDATE ledger_posting {POSTINGS[what]}") > 0
    for anew in (False, True):
        if anew and "of no entry" not in what:
            try:
                hash_as_gathered(attacker)
            except (DBAPIError, TypeError):  # the database cannot gather it either: then nothing was hashed
                continue
        with Session(attacker.db) as session:
            quick = verify(session, attacker.public)
        with monkeypatch.context() as slowly:
            one_by_one(slowly)
            with Session(attacker.db) as session:
                slow = verify(session, attacker.public)
        assert not quick.well and quick == slow, (quick, slow)
        assert attacker.seen_by_others()


@pytest.mark.parametrize(
    "where", ["ledger_entry SET kind", "ledger_entry SET data", "ledger_posting SET account"]
)
def test_bytes_that_are_no_text_in_any_language(attacker: Attacker, where: str) -> None:
    assert attacker.do(f"UPDATE {where} = CAST(x'ff' AS TEXT) WHERE seq = 3") > 0
    with Session(attacker.db) as session:
        verdict = verify(session, attacker.public)
    assert not verdict.well and "a row holds what cannot be" in verdict.says


@pytest.mark.parametrize("data", ["x", "[" * 100_000, '{"account":["till:1"],"kind":"asset"}', "[]", "5"])
def test_an_opening_that_says_nothing_sensible(attacker: Attacker, data: str) -> None:
    assert attacker.do("UPDATE ledger_entry SET data = ? WHERE seq = 2", data) > 0
    hash_as_gathered(attacker)
    with Session(attacker.db) as session:
        verdict = verify(session, attacker.public)
    assert (verdict.entry, verdict.size) == (2, 2), verdict
    assert attacker.seen_by_others()


def test_an_account_that_is_opened_twice(attacker: Attacker) -> None:
    again = '{"account":"till:1","kind":"asset"}'
    seq = attacker.rows("SELECT max(seq) FROM ledger_entry WHERE kind = 'account_opened'")[0][0]
    attacker.do("UPDATE ledger_entry SET data = ? WHERE seq = ?", again, seq)
    hash_as_gathered(attacker)
    with Session(attacker.db) as session:
        assert verify(session, attacker.public).entry == seq
    assert attacker.seen_by_others()


@pytest.mark.postgres
def test_postgres_goes_on_reading_after_it_could_not_gather(app_postgres: Flask) -> None:
    with app_postgres.app_context():
        day(2)
        sign()
        with writing() as tx:
            tx.execute(text("ALTER TABLE ledger_posting ALTER COLUMN amount TYPE numeric"))
        with looking() as session:
            verdict = verify(session, house().seal.public)
            assert verdict.entry == 3 and "is not an entry" in verdict.says
