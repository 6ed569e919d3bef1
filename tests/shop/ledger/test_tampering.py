"""Tampering (trust.md T16): whatever is done to any row of the books is found, given the last checkpoint."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Table
from sqlalchemy.exc import IntegrityError

from shop.ledger.signing import digest, short_code
from tests.shop.ledger.attacker import TABLES, Attacker, another, key_of
from tests.shop.ledger.bookkeeping import hand_over, pay, sign, signed_rows
from web.database import writing
from web.house import house

LONG = bool(os.environ.get("FAIRSLICE_LONG"))
ROWS = 50 if LONG else 12
"""How many rows of each table there are, and how many of them are changed in every column."""


@pytest.fixture(scope="module")
def kept() -> list[str]:
    """The checkpoints a partner kept, oldest first."""
    return []


@pytest.fixture
def attacker(app: Flask, kept: list[str], tmp_path: Path) -> Iterator[Attacker]:
    """The books of a day: for each row of `ROWS` a sale, a till opened, a checkpoint."""
    kept.clear()
    with app.app_context():
        kept += signed_rows(ROWS)
        found = Attacker(house().settings.data, house().seal.public, tmp_path)
    yield found
    found.close()


def seen(attacker: Attacker, last: str) -> bool:
    """Both checks must see it."""
    return attacker.seen_by_the_shop(last) and attacker.seen_by_others(last)


def test_nothing_is_seen_where_nothing_was_done(attacker: Attacker, kept: list[str]) -> None:
    for last in (*kept, short_code(kept[-1]), short_code(kept[3]).lower()):
        assert not attacker.seen_by_the_shop(last) and not attacker.seen_by_others(last)


@pytest.mark.fault
def test_every_column_of_every_row(attacker: Attacker, kept: list[str]) -> None:
    tried: Counter[str] = Counter()
    missed = []
    for table in TABLES:
        keys = [column.name for column in table.primary_key]
        rows = attacker.rows(
            f"SELECT {', '.join(c.name for c in table.columns)} FROM {table.name} ORDER BY 1"
        )
        for turn, row in enumerate(rows[:: max(1, len(rows) // ROWS)]):
            old = dict(zip((c.name for c in table.columns), row, strict=True))
            for column in table.columns:
                with attacker.trying():
                    if change(attacker, table, column.name, old, keys, turn):
                        tried[f"{table.name}.{column.name}"] += 1
                        if not seen(attacker, kept[-1]):
                            missed.append((table.name, column.name, old))
    assert missed == []
    wanted = {f"{t.name}.{c.name}": 1 if t.name == "ledger_head" else ROWS for t in TABLES for c in t.columns}
    assert {name: n for name, n in tried.items() if n < wanted[name]} == {} and tried.keys() == wanted.keys()
    print(f"\n{tried.total()} changes in {len(tried)} columns of {len(TABLES)} tables, {len(missed)} unseen")


def change(
    attacker: Attacker, table: Table, column: str, old: dict[str, object], keys: list[str], turn: int
) -> bool:
    """Put something else into one cell; some values the table itself cannot hold."""
    for value in another(table.columns[column], old[column], turn):
        try:
            where = [old[key] for key in keys]
            attacker.do(f"UPDATE {table.name} SET {column} = ? WHERE {key_of(table)}", value, *where)
        except IntegrityError:
            attacker.db.rollback()
            continue
        return True
    return False


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_rows_that_go_come_and_change_places(attacker: Attacker, kept: list[str], table: Table) -> None:
    names = [column.name for column in table.columns]
    keys = [column.name for column in table.primary_key]
    rows = attacker.rows(f"SELECT {', '.join(names)} FROM {table.name} ORDER BY 1")
    for n, row in enumerate(rows[:: max(1, len(rows) // 10)]):
        here = dict(zip(names, row, strict=True))
        with attacker.trying():
            assert (
                attacker.do(f"DELETE FROM {table.name} WHERE {key_of(table)}", *(here[k] for k in keys)) == 1
            )
            assert seen(attacker, kept[-1]), f"gone: {here}"
        with attacker.trying():
            more = here | {k: f"{here[k]}-x" if isinstance(here[k], str) else -7 - n for k in keys}
            more |= {"txid": f"{n:032}"} if "txid" in more else {}
            attacker.do(f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(names))})", *more.values())
            assert seen(attacker, kept[-1]), f"come: {more}"
        other = dict(zip(names, rows[(n + 1) % len(rows)], strict=True))
        if len(rows) > 1 and other != here:
            with attacker.trying():
                swap(attacker, table, keys, here, other)
                assert seen(attacker, kept[-1]), f"swapped: {here} {other}"
    with attacker.trying():
        attacker.do(f"DELETE FROM {table.name}")
        assert seen(attacker, kept[-1])


def swap(
    attacker: Attacker, table: Table, keys: list[str], one: dict[str, object], two: dict[str, object]
) -> None:
    """Let two rows change everything but their keys, by REPLACE as an attacker would."""
    for here, there in ((one, two), (two, one)):
        attacker.do(f"DELETE FROM {table.name} WHERE {key_of(table)}", *(there[key] for key in keys))
        del here
    for here, there in ((one, two), (two, one)):
        row = there | {key: here[key] for key in keys}
        places = ", ".join("?" * len(row))
        attacker.do(f"INSERT OR REPLACE INTO {table.name} VALUES ({places})", *row.values())


SMART = {
    "an amount": ["UPDATE ledger_posting SET amount = amount * 2 WHERE seq = 42"],
    "an account's name": [
        "UPDATE ledger_posting SET account = 'till:99' WHERE account = 'till:1'",
        "UPDATE ledger_entry SET data = replace(data, '\"till:1\"', '\"till:99\"') WHERE kind = 'account_opened'",
    ],
    "an entry taken out": [
        "DELETE FROM ledger_posting WHERE seq = 42", "DELETE FROM ledger_entry WHERE seq = 42",
    ],
    "the last entries cut off": [
        "DELETE FROM ledger_posting WHERE seq > 30", "DELETE FROM ledger_entry WHERE seq > 30",
    ],
    "two entries in another order": [
        "UPDATE ledger_entry SET seq = -1 WHERE seq = 42", "UPDATE ledger_entry SET seq = 42 WHERE seq = 43",
        "UPDATE ledger_entry SET seq = 43 WHERE seq = -1", "UPDATE ledger_posting SET seq = -1 WHERE seq = 42",
        "UPDATE ledger_posting SET seq = 42 WHERE seq = 43", "UPDATE ledger_posting SET seq = 43 WHERE seq = -1",
        "UPDATE ledger_entry SET at = (SELECT at FROM ledger_entry WHERE seq = 42) WHERE seq = 43",
    ],
    "an entry dated back": ["UPDATE ledger_entry SET business_date = '2026-11-20' WHERE seq = 42"],
    "somebody else did it": ["UPDATE ledger_entry SET actor_id = 4 WHERE seq = 42"],
}  # fmt: skip


@pytest.mark.parametrize("what", SMART)
def test_somebody_who_hashes_everything_anew(attacker: Attacker, kept: list[str], what: str) -> None:
    for statement in SMART[what]:
        assert attacker.do(statement) > 0
    attacker.write_anew()
    assert attacker.seen_by_the_shop() and attacker.seen_by_others()  # the checkpoints do not fit any more
    first = {"an account's name": 1, "the last entries cut off": 31}.get(what, 42)
    attacker.do("DELETE FROM ledger_checkpoint WHERE size >= ?", first)
    # Nothing in the database tells any more. This is what the checkpoint that somebody kept is for.
    assert not attacker.seen_by_the_shop() and not attacker.seen_by_others()
    assert seen(attacker, kept[-1])


def test_a_rollback_to_an_older_copy(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        for _ in range(3):
            with writing() as tx:
                pay(tx)
            older = sign()
        yesterday = Attacker(house().settings.data, house().seal.public, tmp_path)
        with writing() as tx:
            hand_over(tx)
        newer = sign("day_sealed")
        today = Attacker(house().settings.data, house().seal.public, tmp_path)
    assert not today.seen_by_others(older) and not today.seen_by_others(newer)
    assert not yesterday.seen_by_the_shop(older) and not yesterday.seen_by_others(older)
    assert seen(yesterday, newer) and seen(yesterday, short_code(newer))
    assert digest(older) != digest(newer)
    today.close(), yesterday.close()
