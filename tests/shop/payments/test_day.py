"""A closed day: everything in exactly one report, sealed in the books, signed, and locked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.errors import Conflict, Denied, Invalid, Missing
from shop.ledger.canonical import canonical
from shop.ledger.signing import read_note
from shop.ledger.tables import Checkpoint, Entry
from shop.orders.tables import Order
from shop.payments.count import ask_correction, check, decide, seal_of
from shop.payments.counter import take
from shop.payments.day import close_day, find_day, overdue, signed_code, to_close
from shop.payments.till import day_of, move_cash, open_till
from shop.payments.till_tables import LineKind, TillDay, TillShift
from shop.upkeep.invariants import breaches
from tests import cast
from tests.counter import clock, order, shop_and_card
from tests.shop.payments.counting import checked, closed, opened, xu
from web.database import reading, writing
from web.house import house, now

K = LineKind
SATURDAY, SUNDAY = date(2026, 11, 21), date(2026, 11, 22)


def paid_by_card(tx: Session) -> int:
    """Order a cake and pay it by card; returns its price."""
    shop, _ = shop_and_card(tx)
    row = tx.get_one(Order, order(tx, paid=False).order_id)
    take(tx, shop, row, "card", amount=row.total, reference="A-1234", by=cast.by(tx, "mei"), at=now())
    return row.total


def seal_day(
    tx: Session, day: date = SATURDAY, login: str = "xu", reason: str = "", **more: int | None
) -> TillDay:
    """Close a day; the terminal says what the lines say."""
    shop, _ = shop_and_card(tx)
    return close_day(tx, shop, day, terminal=more.get("terminal", 0), reason=reason, seal=house().seal,
                     by=cast.by(tx, login), at=now())  # fmt: skip


def test_a_day_is_sealed_with_its_totals_and_signed(app_both: Flask) -> None:
    with app_both.app_context():
        with writing() as tx:
            shop, _ = shop_and_card(tx)
            opened(tx, floated=300_00)
            order(tx)
            price = paid_by_card(tx)
            move_cash(tx, shop, 1, K.SPENT, 30_00, "milk and eggs", by=cast.by(tx, "mei"), at=now())
        clock(app_both).pass_by(hours=9)
        with writing() as tx:
            checked(tx, off=-5_00)
        with writing() as tx:
            seal_day(tx, terminal=price)
        with reading() as session:
            shop, _ = shop_and_card(session)
            row = find_day(session, shop, SATURDAY)
            assert row is not None
            said = row.report
            assert (said["cash"], said["card"], said["terminal"], said["terminal_off"]) == (
                price,
                price,
                price,
                0,
            )
            assert said["difference"] == -5_00
            till = said["tills"][0]
            assert (till["first"], till["last"], till["float"]) == (1, 5, 300_00)
            assert till["sums"]["spent"] == -30_00 and till["sums"]["cash_sale_lines"] == 1
            assert said["books"]["deposits_taken"] == 2 * price
            assert row.doc_hash == hashlib.sha256(canonical(said)).hexdigest()
            entry = session.scalars(select(Entry).where(Entry.txid == row.txid)).one()
            assert (entry.kind, entry.doc_hash) == ("day_sealed", row.doc_hash)
            assert json.loads(entry.data)["tills"] == [
                {"till": 1, "shift": 1, "first": 1, "last": 5, "difference": -500}
            ]
            note = session.scalars(select(Checkpoint).where(Checkpoint.reason == "day_sealed")).one()
            assert note.size == entry.seq and read_note(note.note, house().seal.public)
            assert len(signed_code(session, row)) == 14
            assert session.get_one(TillShift, 1).day_id == row.id and breaches(session) == []


def test_a_day_waits_for_every_till_and_every_second_look(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        opened(tx)
        with pytest.raises(Conflict, match="still open"):
            seal_day(tx)
        shift = closed(tx)
        with pytest.raises(Conflict, match="second person"):
            seal_day(tx)
        check(tx, shop, shift.id, by=xu(tx), at=now())
        with pytest.raises(Denied, match="somebody else"):
            seal_day(tx, login="mei")
        seal_day(tx, login="he")
        with pytest.raises(Conflict, match="closed already"):
            seal_day(tx)


def test_the_terminals_own_total_is_held_against_the_lines(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        opened(tx)
        price = paid_by_card(tx)
        checked(tx)
        with pytest.raises(Invalid) as wrong:
            seal_day(tx, terminal=None)
        assert wrong.value.field == "terminal"
        with pytest.raises(Invalid) as wrong:
            seal_day(tx, terminal=price - 1)
        assert wrong.value.field == "reason"
        row = seal_day(tx, terminal=price - 1, reason="one cent lost at the bank")
        assert row.report["terminal_off"] == -1 and row.report["terminal_reason"]


def test_what_comes_after_the_closing_belongs_to_the_next_day(app_both: Flask) -> None:
    with app_both.app_context():
        with writing() as tx:
            opened(tx, floated=0)
            order(tx)
        with writing() as tx:
            checked(tx)
        with writing() as tx:
            seal_day(tx)
        clock(app_both).pass_by(minutes=10)
        with writing() as tx:
            shop, _ = shop_and_card(tx)
            assert day_of(tx, shop, now()) == SUNDAY
            open_till(tx, shop, 1, floated=0, by=cast.by(tx, "jie"), at=now())
            order(tx)
        with writing() as tx:
            shop, _ = shop_and_card(tx)
            assert to_close(tx, shop, at=now()) == [SUNDAY]
            checked(tx)
            with pytest.raises(Missing):
                seal_day(tx, SUNDAY)  # not before it has come
        clock(app_both).pass_by(days=1)
        with writing() as tx:
            seal_day(tx, SUNDAY)
        with reading() as session:
            first, second = session.scalars(select(TillDay).order_by(TillDay.day)).all()
            assert second.from_seq == first.to_seq + 1 and second.from_at == first.until_at
            sold = [row.report["books"]["deposits_taken"] for row in (first, second)]
            assert sold[0] == sold[1] > 0 and [row.report["cash"] for row in (first, second)] == sold
            assert breaches(session) == []


def test_days_are_closed_one_after_the_other_and_remembered(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            shop, _ = shop_and_card(tx)
            opened(tx)
            assert overdue(tx, shop, at=now()) == []
        clock(app).pass_by(hours=20)  # 05:30: nobody is there yet
        with reading() as session:
            assert overdue(session, shop, at=now()) == []
        clock(app).pass_by(hours=3)
        with writing() as tx:
            assert overdue(tx, shop, at=now()) == [SATURDAY] == to_close(tx, shop, at=now())[:1]
            with pytest.raises(Conflict, match="earlier day"):
                seal_day(tx, SUNDAY)
            with pytest.raises(Missing):
                seal_day(tx, SUNDAY + timedelta(days=1))
            checked(tx)
            row = seal_day(tx)
            assert row.until_at == shop.day_bounds(SATURDAY)[1], "what came after midnight is the next day's"
            assert overdue(tx, shop, at=now()) == []


def test_a_correction_after_the_closing_stands_in_the_next_report(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            opened(tx)
            checked(tx, off=-50_00)
        with writing() as tx:
            seal_day(tx)
        clock(app).pass_by(hours=2)
        with writing() as tx:
            shop, _ = shop_and_card(tx)
            row = ask_correction(tx, shop, 1, 50_00, "found in the safe", by=cast.by(tx, "mei"), at=now())
            decide(tx, shop, row.id, agreed=True, seen=seal_of(row), by=xu(tx), at=now())
        clock(app).pass_by(days=1)
        with writing() as tx:
            later = seal_day(tx, SUNDAY)
            assert later.report["corrections"] == [
                {"shift": 1, "amount": 50_00, "reason": "found in the safe"}
            ]
            sealed = tx.scalars(select(TillDay).where(TillDay.day == SATURDAY)).one()
            assert sealed.doc_hash == hashlib.sha256(canonical(sealed.report)).hexdigest()
            assert sealed.report["difference"] == -50_00


def test_a_closing_that_fails_leaves_the_day_open(app_both: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between any two of its steps, nothing of it is there."""
    from shop.payments import day as days

    def dies(what: str) -> Callable[..., None]:
        def die(*args: object, **more: object) -> None:
            raise RuntimeError(what)

        return die

    with app_both.app_context():
        with writing() as tx:
            opened(tx)
            checked(tx)
        for step in ("report", "post", "update", "record", "checkpoint"):
            with monkeypatch.context() as patch:
                patch.setattr(days, step, dies(step))
                with pytest.raises(RuntimeError, match=step), writing() as tx:
                    seal_day(tx)
            with reading() as session:
                assert session.scalars(select(TillDay)).all() == []
                assert session.get_one(TillShift, 1).day_id is None
                assert session.scalars(select(Entry).where(Entry.kind == "day_sealed")).all() == []
                assert breaches(session) == []
        with writing() as tx:
            seal_day(tx)
