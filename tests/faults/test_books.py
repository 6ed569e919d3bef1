"""Books under stress: twenty who write at once, and a process that dies while it writes, on both databases."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shop.core import events
from shop.ledger import checkpoints, posting
from shop.ledger.tables import Entry, Head
from shop.ledger.verifying import verify
from tests.cast import SATURDAY
from tests.live_server import process_beside
from tests.patience import PATIENCE
from tests.shop.ledger.bookkeeping import hand_over, pay, sign
from web.database import reading, writing
from web.house import house

LONG = bool(os.environ.get("FAIRSLICE_LONG"))
WRITERS, EACH = 20, 100 if LONG else 15
KILLS = 100 if LONG else 8

POSTER = """
import os
import sys
from wsgi import create_app
from tests.cast import SATURDAY
from tests.shop.ledger.bookkeeping import hand_over, pay
from shop.ledger.checkpoints import sign_due
from web.database import writing
from web.house import house

def post():
    with create_app().app_context():
        while True:
            with writing() as tx:
                pay(tx)
                txid = hand_over(tx)
                sign_due(tx, 1, house().seal, at=SATURDAY)
            os.write(1, f"{txid}\\n".encode())

print("ready", flush=True)
for line in sys.stdin:
    child = os.fork()  # nothing is opened yet: each child opens the shop itself
    if not child:
        post()
    os.write(1, f"child {child}\\n".encode())
    os.waitpid(child, 0)
    os.write(1, b"over\\n")
"""


def together(app: Flask) -> tuple[list[str], list[BaseException]]:
    """Let twenty people post at once; returns their entries and what went wrong."""
    barrier, wrong, mine = threading.Barrier(WRITERS), [], []

    def one(n: int) -> None:
        with app.app_context():
            try:
                barrier.wait(60)
                for m in range(EACH):
                    with writing() as tx:
                        mine.append(pay(tx, 100 + n, at=SATURDAY + timedelta(seconds=m)))
                        if m % 3 == 0:
                            hand_over(tx, 1000 + n)
            except BaseException as error:
                wrong.append(error)

    people = [threading.Thread(target=one, args=(n,)) for n in range(WRITERS)]
    for person in people:
        person.start()
    for person in people:
        person.join(300)
    return mine, wrong


@pytest.mark.fault
def test_twenty_who_write_at_once(app_both: Flask) -> None:
    began = time.monotonic()
    mine, wrong = together(app_both)
    assert wrong == []
    with app_both.app_context():
        sign()
        with reading() as session:
            entries = session.execute(select(Entry.seq, Entry.txid).order_by(Entry.seq)).all()
            assert [seq for seq, _ in entries] == [*range(1, len(entries) + 1)]
            assert set(mine) <= {txid for _, txid in entries} and len(mine) == WRITERS * EACH
            verdict = verify(session, house().seal.public)
            assert verdict.well and verdict.size == len(entries), verdict
    print(
        f"\n{WRITERS} writers, {len(entries)} entries in {time.monotonic() - began:.1f} s, gapless and verified"
    )


@pytest.mark.fault
@pytest.mark.postgres
def test_without_the_lock_on_the_head_they_collide(
    app_postgres: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The teeth of the test above."""
    head = select(Head.size, Head.last_hash, Head.last_at, Head.edge).where(Head.id == 1)
    monkeypatch.setattr(posting, "_HEAD", head)
    _, wrong = together(app_postgres)
    assert any(isinstance(each, DBAPIError) for each in wrong)
    with app_postgres.app_context(), reading() as session:
        assert verify(session).well  # the database refused: nothing wrong was written


@pytest.mark.fault
def test_a_process_that_dies_while_it_posts(app_both: Flask) -> None:
    chance, acknowledged = random.Random(13), []
    poster = process_beside(app_both, POSTER)
    assert poster.stdin is not None and poster.stdout is not None
    for _ in range(KILLS):
        print("post", file=poster.stdin, flush=True)
        child = int(poster.stdout.readline().split()[1])
        acknowledged += [poster.stdout.readline().strip() for _ in range(chance.randrange(1, 20))]
        time.sleep(chance.random() * 0.02)  # a moment of its own inside some transaction
        os.kill(child, signal.SIGKILL)
        while (line := poster.stdout.readline().strip()) != "over":
            acknowledged.append(line)
    poster.stdin.close()
    poster.wait(PATIENCE)
    poster.stdout.close()
    with app_both.app_context():
        sign()
        with reading() as session:
            known = set(session.scalars(select(Entry.txid)))
            verdict = verify(session, house().seal.public)
            assert verdict.well, verdict
            assert set(acknowledged) <= known, "an acknowledged entry is gone"
    print(
        f"\n{KILLS} kills, {len(acknowledged)} acknowledged, {verdict.size} entries: all there, all verified"
    )


@pytest.mark.postgres
def test_a_role_that_may_only_add(app_postgres: Flask) -> None:
    """What docs/operations.md gives the shop's own role on PostgreSQL is enough for the books, and no more."""
    settings = app_postgres.extensions["fairslice"].settings
    role = f"shopkeeper_{os.getpid()}"
    owner = create_engine(settings.database_url)
    with owner.begin() as connection:
        for statement in (
            f"CREATE ROLE {role}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
            f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}",
            "REVOKE UPDATE, DELETE, TRUNCATE ON ledger_entry, ledger_posting, ledger_account, ledger_checkpoint "
            f"FROM {role}",
            f"REVOKE INSERT, DELETE, TRUNCATE ON ledger_head FROM {role}",
        ):
            connection.execute(text(statement))
    try:
        with app_postgres.app_context():
            seal = house().seal
        with Session(owner) as tx:
            tx.execute(text(f"SET LOCAL ROLE {role}"))
            pay(tx)
            checkpoints.checkpoint(tx, 1, seal, at=SATURDAY, reason="asked")
            events.seal(tx)
            tx.commit()
        for forbidden in (
            "UPDATE ledger_entry SET kind = 'nothing'", "DELETE FROM ledger_posting", "TRUNCATE ledger_checkpoint",
            "DELETE FROM ledger_head", "DROP TRIGGER ledger_entry_kept ON ledger_entry",
            "ALTER TABLE ledger_entry DISABLE TRIGGER ALL",
        ):  # fmt: skip
            with owner.connect() as connection:
                connection.execute(text(f"SET LOCAL ROLE {role}"))
                with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
                    connection.execute(text(forbidden))
                    pytest.fail(f"went through: {forbidden}")
        with Session(owner) as session:
            assert verify(session, seal.public).size == 3
    finally:
        with owner.begin() as connection:
            connection.execute(text(f"DROP OWNED BY {role}"))
            connection.execute(text(f"DROP ROLE {role}"))
        owner.dispose()
