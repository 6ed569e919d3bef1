"""Counting a till: once, to the cent, looked at by somebody else; corrections need two people."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from shop.core.errors import Conflict, Denied, Invalid, Missing
from shop.core.events import Event
from shop.ledger.tables import Entry
from shop.orders.tables import Order
from shop.payments import count as counts
from shop.payments import guards
from shop.payments.count import ask_correction, change_limit, check, count, decide, explain, seal_of, waiting
from shop.payments.counter import take
from shop.payments.couriers import carried, take_in
from shop.payments.till import NoOpenTill, move_cash, open_till, ring
from shop.payments.till_tables import CorrectionState, LineKind, Till, TillCorrection, TillLine, TillShift
from shop.upkeep.invariants import breaches
from tests import cast
from tests.counter import clock, order, shop_and_card
from tests.shop.orders.test_races import all_at_once
from tests.shop.payments.counting import balance, checked, closed, in_drawer, opened, pieces_of, tape, xu
from web.database import reading, writing
from web.house import now

K = LineKind


@pytest.mark.parametrize("off", [0, 10, -10, 250_30, -123_40])
def test_what_is_over_or_short_stands_in_the_books_to_the_cent(app_both: Flask, off: int) -> None:
    with app_both.app_context():
        with writing() as tx:
            shop, _ = shop_and_card(tx)
            opened(tx, floated=300_00)
            order(tx)
            move_cash(tx, shop, 1, K.PAID_OUT, 20_00, "into the safe", by=cast.by(tx, "mei"), at=now())
            should = in_drawer(tx)
            shift = closed(tx, off=off)
            assert (shift.expected, shift.counted, shift.difference) == (should, should + off, off)
        with reading() as session:
            assert balance(session, "till:1") == 0, "the drawer is empty"
            assert balance(session, "over-short") == -off
            assert balance(session, "safe") == -300_00 + 20_00 + should + off
            last = tape(session)[-1]
            assert last == (shift.last_number, "counted", -should)
            assert session.get_one(Till, 1).shift_id is None
            entry = session.scalars(select(Entry).where(Entry.txid == shift.txid)).one()
            assert entry.kind == "till_counted" and f'"difference":{off}' in entry.data
            assert breaches(session) == []


def test_a_count_is_in_once_and_the_till_takes_nothing_any_more(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        opened(tx)
        closed(tx)
        with pytest.raises(Conflict, match="counted already"):
            closed(tx)
        with pytest.raises(NoOpenTill):
            move_cash(tx, shop, 1, K.PAID_IN, 5_00, "coins", by=cast.by(tx, "mei"), at=now())
        open_till(tx, shop, 1, floated=200_00, by=cast.by(tx, "jie"), at=now())
        assert [n for n, _, _ in tape(tx)] == [1, 2, 3], "the numbers go on"
        with pytest.raises(Missing):
            count(tx, shop, 9, {}, by=cast.by(tx, "mei"), at=now())


@pytest.mark.parametrize("pieces", [{7: 1}, {100_00: -1}, {100_00: 10_000}])
def test_only_pieces_that_there_are_are_counted(app: Flask, pieces: dict[int, int]) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        opened(tx)
        with pytest.raises(Invalid) as wrong:
            count(tx, shop, 1, pieces, by=cast.by(tx, "mei"), at=now())
        assert wrong.value.field == f"piece.{next(iter(pieces))}"
        assert tx.get_one(TillShift, 1).counted is None


def test_above_the_limit_somebody_must_say_why_before_it_is_checked(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        opened(tx)
        shift = closed(tx, off=-10_10)
        with pytest.raises(Conflict, match="say why"):
            check(tx, shop, shift.id, by=xu(tx), at=now())
        with pytest.raises(Invalid):
            explain(tx, shop, shift.id, " x ", by=cast.by(tx, "mei"), at=now())
        explain(tx, shop, shift.id, "change given twice", by=cast.by(tx, "mei"), at=now())
        with pytest.raises(Conflict, match="already"):
            explain(tx, shop, shift.id, "something else", by=cast.by(tx, "mei"), at=now())
        check(tx, shop, shift.id, by=xu(tx), at=now())
        with pytest.raises(Conflict, match="checked already"):
            check(tx, shop, shift.id, by=cast.by(tx, "he"), at=now())


def test_the_limit_is_the_shops_own(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        change_limit(tx, shop, 50_00, by=xu(tx), at=now())
        assert counts.limit_of(shop) == 50_00
        opened(tx)
        check(tx, shop, closed(tx, off=-50_00).id, by=xu(tx), at=now())
        with pytest.raises(Invalid):
            change_limit(tx, shop, -1, by=xu(tx), at=now())


def test_nobody_checks_their_own_till(app: Flask) -> None:
    """Who opened it or counted it is not somebody else."""
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        opened(tx, login="he")
        shift = closed(tx, login="mei")
        for login in ("he", "mei"):
            with pytest.raises(Denied):
                check(tx, shop, shift.id, by=cast.by(tx, login), at=now())
        assert shift.checked_at is None
        with pytest.raises(Conflict):
            open_till(tx, shop, 1, floated=0, by=xu(tx), at=now())
            check(tx, shop, tx.get_one(Till, 1).shift_id or 0, by=cast.by(tx, "he"), at=now())


def test_a_correction_is_an_entry_of_its_own_by_two_people(app_both: Flask) -> None:
    with app_both.app_context():
        with writing() as tx:
            shop, _ = shop_and_card(tx)
            opened(tx)
            shift = checked(tx, off=-100_00)
            row = ask_correction(
                tx, shop, shift.id, 100_00, "a note under the tray", by=cast.by(tx, "mei"), at=now()
            )
            assert [each.id for each in waiting(tx, shop, at=now())] == [shift.id]
            for login in ("mei", "jie"):
                with pytest.raises((Denied, Conflict)):
                    other = "x" if login == "jie" else seal_of(row)
                    decide(tx, shop, row.id, agreed=True, seen=other, by=cast.by(tx, login), at=now())
            decide(tx, shop, row.id, agreed=True, seen=seal_of(row), by=xu(tx), at=now())
            with pytest.raises(Conflict, match="over"):
                decide(tx, shop, row.id, agreed=True, seen=seal_of(row), by=cast.by(tx, "he"), at=now())
        with reading() as session:
            assert balance(session, "over-short") == 0 == balance(session, "safe")
            entry = session.scalars(select(Entry).where(Entry.kind == "corrected")).one()
            assert f'"of":"{shift.txid}"' in entry.data
            kept = session.get_one(TillShift, shift.id)
            assert (kept.difference, kept.counted) == (shift.difference, shift.counted), (
                "the count stays as it was"
            )
            assert breaches(session) == []


def test_a_correction_that_was_changed_declined_or_left_lying_is_never_booked(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        opened(tx)
        shift = checked(tx)
        mei = cast.by(tx, "mei")
        for amount, reason, field in ((0, "because", "amount"), (5, " ", "reason")):
            with pytest.raises(Invalid) as wrong:
                ask_correction(tx, shop, shift.id, amount, reason, by=mei, at=now())
            assert wrong.value.field == field
        changed = ask_correction(tx, shop, shift.id, 5_00, "found later", by=mei, at=now())
        with guards.lifted(tx):  # somebody writes the database as they like
            shown, changed.amount = seal_of(changed), 500_00
        with pytest.raises(Conflict, match="not the one"):
            decide(tx, shop, changed.id, agreed=True, seen=shown, by=xu(tx), at=now())
        asked = ask_correction(tx, shop, shift.id, 5_00, "found later", by=mei, at=now())
        said = decide(tx, shop, asked.id, agreed=False, seen=seal_of(asked), by=xu(tx), at=now()).state
        old = ask_correction(tx, shop, shift.id, 5_00, "found later", by=mei, at=now() - timedelta(hours=24))
        with pytest.raises(Conflict, match="within a day"):
            decide(tx, shop, old.id, agreed=True, seen=seal_of(old), by=xu(tx), at=now())
        with pytest.raises(Missing):
            decide(tx, shop, 999, agreed=True, seen="", by=xu(tx), at=now())
        assert said == CorrectionState.DECLINED and set(tx.scalars(select(TillCorrection.txid))) == {""}


def test_the_diary_never_says_what_should_be_in_the_drawer(app: Flask) -> None:
    """Whoever may read the diary while a till is open must not learn it from there."""
    with app.app_context():
        with writing() as tx:
            opened(tx, floated=437_00)
            order(tx)
            order(tx)
            should = in_drawer(tx)
        with reading() as session:
            said = " ".join(str(event.data) for event in session.scalars(select(Event)))
            assert str(should) not in said


def test_a_courier_brings_cash_and_somebody_else_takes_it_in(app_both: Flask) -> None:
    with app_both.app_context():
        with writing() as tx:
            shop, _ = shop_and_card(tx)
            opened(tx, floated=0)
            gao, mei = cast.by(tx, "gao"), cast.by(tx, "mei")
            row = tx.get_one(Order, order(tx, paid=False).order_id)
            take(tx, shop, row, "cash", amount=row.total, tendered=row.total, account=f"courier-cash:{gao.id}",
                 by=gao, at=now())  # fmt: skip
            price = row.total
        with writing() as tx:
            assert [(person.login, cash) for person, cash in carried(tx, shop)] == [("gao", price)]
            assert tx.scalars(select(TillLine).where(TillLine.kind == K.CASH_SALE)).all() == []
            with pytest.raises(Denied):
                take_in(tx, shop, gao.id or 0, price, till=1, by=gao, at=now())
            for amount in (0, price + 1):
                with pytest.raises(Invalid):
                    take_in(tx, shop, gao.id or 0, amount, till=1, by=mei, at=now())
            take_in(tx, shop, gao.id or 0, price - 10_00, till=1, by=mei, at=now())
        with writing() as tx:
            assert carried(tx, shop)[0][1] == 10_00, "what was not brought stays owed"
            take_in(tx, shop, gao.id or 0, 10_00, till=1, by=mei, at=now())
        with writing() as tx:
            assert carried(tx, shop) == [] and balance(tx, "till:1") == price
            with pytest.raises(Conflict):
                take_in(tx, shop, gao.id or 0, 1, till=1, by=mei, at=now())
            with pytest.raises(Missing):
                take_in(tx, shop, 9999, 1, till=1, by=mei, at=now())
        with reading() as session:
            assert breaches(session) == []


@pytest.mark.xdist_group("alone")
def test_a_till_is_counted_once_while_others_still_ring(app_both: Flask) -> None:
    """Whatever is rung is in the count or is refused, never between the two."""
    with app_both.app_context():
        with writing() as tx:
            shop, _ = shop_and_card(tx)
            opened(tx)
            mei = cast.by(tx, "mei")

        def one(n: int) -> None:
            with writing() as tx:
                if n % 5 == 0:
                    count(tx, shop, 1, pieces_of(500_00), by=mei, at=now())
                else:
                    ring(tx, shop, K.PAID_IN, 100, till=1, by=mei, at=now())

        wrong = all_at_once(app_both, one, 20)
        assert all(isinstance(error, Conflict) for error in wrong), wrong
        with reading() as session:
            shift = session.get_one(TillShift, 1)
            rung = [amount for _, kind, amount in tape(session) if kind == "paid_in"]
            assert shift.expected == 500_00 + sum(rung) and tape(session)[-1][1] == "counted"
            assert len(wrong) == 3 + (16 - len(rung)), "one count of four; each refused line is refused"
            assert balance(session, "till:1") == 0 and breaches(session) == []


@pytest.mark.xdist_group("alone")
def test_a_couriers_cash_is_taken_in_once(app_both: Flask) -> None:
    with app_both.app_context():
        with writing() as tx:
            shop, _ = shop_and_card(tx)
            opened(tx, floated=0)
            opened(tx, floated=0, name="2")
            gao, mei = cast.by(tx, "gao"), cast.by(tx, "mei")
            row = tx.get_one(Order, order(tx, paid=False).order_id)
            account = f"courier-cash:{gao.id}"
            take(
                tx, shop, row, "cash", amount=row.total, tendered=row.total, account=account, by=gao, at=now()
            )
            price = row.total

        def one(n: int) -> None:
            with writing() as tx:
                take_in(tx, shop, gao.id or 0, price, till=1 + n % 2, by=mei, at=now())

        wrong = all_at_once(app_both, one, 10)
        assert len(wrong) == 9 and all(isinstance(error, Conflict) for error in wrong), wrong
        with reading() as session:
            assert (
                balance(session, "till:1") + balance(session, "till:2") == price and breaches(session) == []
            )


def test_time_passes_between_opening_and_count(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        opened(tx)
        clock(app).pass_by(hours=8)
        shift = closed(tx)
        assert shift.counted_at is not None and shift.counted_at - shift.opened_at == timedelta(hours=8)
