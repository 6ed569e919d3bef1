"""A till's tape: numbered without a gap, in the books to the cent, and closed to whoever has not opened it."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from itertools import count

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM
from shop.core.errors import Conflict, Invalid, Missing, ShopError
from shop.ledger.tables import Entry
from shop.orders.tables import Order
from shop.payments import till as tills
from shop.payments.counter import take
from shop.payments.till import NoOpenTill, make_till, move_cash, open_till, ring, till_for
from shop.payments.till_tables import LineKind, Till, TillLine
from shop.people.shops import Shop
from shop.upkeep.invariants import breaches
from tests import cast
from tests.counter import order, shop_and_card
from tests.shop.payments.counting import balance, opened, tape
from web.database import reading, writing
from web.house import now

K = LineKind
ROUNDS = 200 if os.environ.get("FAIRSLICE_LONG") else 10
CLERKS = 50


def test_everything_at_a_till_has_its_number_and_its_entry(app_both: Flask) -> None:
    with app_both.app_context():
        with writing() as tx:
            shop, _ = shop_and_card(tx)
            till = opened(tx)
            mei = cast.by(tx, "mei")
            placed = order(tx)
            move_cash(tx, shop, till.id, K.PAID_IN, 100_00, "coins", by=mei, at=now())
            move_cash(tx, shop, till.id, K.PAID_OUT, 300_00, "into the safe", by=mei, at=now())
            move_cash(tx, shop, till.id, K.SPENT, 12_50, "milk", by=mei, at=now())
            ring(tx, shop, K.HIDDEN_TAKEN, 888_00, till=till.id, by=mei, at=now())
            carded = order(tx, paid=False)
            row = tx.get_one(Order, carded.order_id)
            take(tx, shop, row, "card", amount=row.total, reference="A-1234", till=till.id, by=mei, at=now())
        with reading() as session:
            price = session.get_one(Order, placed.order_id).total
            assert tape(session) == [
                (1, "opened", 500_00), (2, "cash_sale", price), (3, "paid_in", 100_00), (4, "paid_out", -300_00),
                (5, "spent", -12_50), (6, "hidden_taken", 888_00), (7, "card_sale", price),
            ]  # fmt: skip
            assert balance(session, "till:1") == 500_00 + price + 100_00 - 300_00 - 12_50 + 888_00
            assert balance(session, "card:counter") == price
            assert balance(session, "hidden-cash") == -888_00
            assert balance(session, "expense:petty") == 12_50
            assert balance(session, "safe") == -500_00 - 100_00 + 300_00
            entries = {e.txid: e for e in session.scalars(select(Entry))}
            for line in session.scalars(select(TillLine)):
                said = json.loads(entries[line.txid].data)
                assert (said["till"], said["number"]) == (1, line.number)
            assert breaches(session) == []


def test_a_till_is_opened_once_and_only_while_it_is_in_use(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        till = opened(tx)
        xu = cast.by(tx, "xu")
        with pytest.raises(Conflict, match="open already"):
            open_till(tx, shop, till.id, floated=0, by=xu, at=now())
        with pytest.raises(Conflict, match="count it first"):
            tills.change_till(tx, shop, till.id, name="1", active=False, by=xu, at=now())
        away = make_till(tx, shop, "away", by=xu, at=now())
        tills.change_till(tx, shop, away.id, name="Away", active=False, by=xu, at=now())
        with pytest.raises(Conflict, match="not in use"):
            open_till(tx, shop, away.id, floated=0, by=xu, at=now())
        with pytest.raises(Invalid, match="has this name"):
            make_till(tx, shop, " 1 ", by=xu, at=now())
        with pytest.raises(Invalid, match="a name"):
            make_till(tx, shop, "", by=xu, at=now())
        third = make_till(tx, shop, "3", by=xu, at=now())
        with pytest.raises(Invalid) as wrong:
            open_till(tx, shop, third.id, floated=-1, by=xu, at=now())
        assert wrong.value.field == "float"
        with pytest.raises(Missing):
            open_till(tx, shop, 99, floated=0, by=xu, at=now())


@pytest.mark.parametrize(
    ("kind", "amount", "reason", "field"),
    [
        (K.PAID_OUT, 100, " ", "reason"),
        (K.PAID_OUT, 0, "r", "amount"),
        (K.PAID_OUT, -5, "r", "amount"),
        (K.CASH_SALE, 100, "r", "kind"),
        (K.PAID_IN, 10**12, "r", "amount"),
    ],
)
def test_cash_by_hand_needs_its_kind_amount_and_reason(
    app: Flask, kind: LineKind, amount: int, reason: str, field: str
) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        till = opened(tx)
        with pytest.raises(Invalid) as wrong:
            move_cash(tx, shop, till.id, kind, amount, reason, by=cast.by(tx, "mei"), at=now())
        assert wrong.value.field == field and len(tape(tx)) == 1


def test_which_till_is_meant(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        with pytest.raises(NoOpenTill, match="No till is open"):
            till_for(tx, shop, at=now())
        first = opened(tx)
        assert till_for(tx, shop, at=now()) == till_for(tx, shop, at=now(), chosen=77) == first.id
        second = opened(tx, name="2")
        with pytest.raises(NoOpenTill, match="choose yours"):
            till_for(tx, shop, at=now())
        assert till_for(tx, shop, at=now(), chosen=second.id) == second.id
        assert till_for(tx, shop, at=now(), alone=True) == first.id


def test_a_program_opens_the_only_till_without_a_float(app_both: Flask) -> None:
    with app_both.app_context():
        with writing() as tx:
            order(tx)
            order(tx)
        with reading() as session:
            assert [kind for _, kind, _ in tape(session)] == ["opened", "cash_sale", "cash_sale"]
            assert len(session.scalars(select(Till)).all()) == 1 and breaches(session) == []


def test_a_till_that_is_not_open_takes_nothing(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        till = make_till(tx, shop, "1", by=SYSTEM, at=now())
        with pytest.raises(NoOpenTill):
            ring(tx, shop, K.CASH_SALE, 100, till=till.id, by=cast.by(tx, "mei"), at=now())
        assert tape(tx) == []


class Clumsy(Exception):
    """Something fails after the number was taken."""


def rush(app: Flask, shop: Shop) -> list[BaseException]:
    """Fifty clerks ring at one till behind one barrier; every third fails at the last moment."""
    barrier, wrong = threading.Barrier(CLERKS), []

    def one(n: int) -> None:
        with app.app_context():
            barrier.wait(60)
            try:
                with writing() as tx:
                    ring(tx, shop, K.PAID_IN, 100 + n, till=1, by=SYSTEM, at=now())
                    if n % 3 == 0:
                        raise Clumsy
            except Clumsy:
                pass
            except BaseException as error:
                wrong.append(error)

    threads = [threading.Thread(target=one, args=(n,)) for n in range(CLERKS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return wrong


def in_a_rush(app: Flask, rounds: int) -> tuple[list[BaseException], list[int]]:
    """Return what went wrong and the numbers of the tape."""
    with app.app_context():
        with writing() as tx:
            shop, _ = shop_and_card(tx)
            opened(tx)
        wrong = [error for _ in range(rounds) for error in rush(app, shop)]
        with reading() as session:
            return wrong, [number for number, _, _ in tape(session)]


@pytest.mark.xdist_group("alone")
def test_fifty_at_one_till_leave_no_gap(app_both: Flask) -> None:
    wrong, numbers = in_a_rush(app_both, ROUNDS)
    kept = sum(n % 3 != 0 for n in range(CLERKS))
    assert wrong == [] and numbers == list(range(1, 2 + ROUNDS * kept))
    with app_both.app_context(), reading() as session:
        assert breaches(session) == []


def without_holding(tx: Session, shop: Shop, till_id: int) -> tuple[int, int]:
    """Take the next number by looking, as if the till were not held."""
    row = tx.get_one(Till, till_id, populate_existing=True)
    last = tx.scalar(select(func.max(TillLine.number)).where(TillLine.till_id == till_id)) or 0
    return last + 1, row.shift_id or 0


def from_a_counter() -> Callable[[Session, Shop, int], tuple[int, int]]:
    """Take numbers from a counter of the process, as a sequence of a database does: a failure loses one."""
    numbers = count(2)
    return lambda tx, shop, till_id: (next(numbers), tx.get_one(Till, till_id).shift_id or 0)


@pytest.mark.xdist_group("alone")
def test_a_number_that_does_not_come_back_leaves_gaps(
    app_both: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Teeth on both databases."""
    careful = tills._next
    taken = from_a_counter()
    monkeypatch.setattr(tills, "_next", lambda *a: taken(*a) if len(tape(a[0])) else careful(*a))
    _, numbers = in_a_rush(app_both, 1)
    assert numbers != list(range(1, len(numbers) + 1))


@pytest.mark.postgres
@pytest.mark.xdist_group("alone")
def test_without_holding_the_till_two_take_the_same_number(
    app_postgres: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Teeth: on PostgreSQL writers run beside each other; the table itself refuses the second."""
    careful = tills._next
    monkeypatch.setattr(tills, "_next", lambda *a: without_holding(*a) if len(tape(a[0])) else careful(*a))
    wrong, _ = in_a_rush(app_postgres, 3)
    assert wrong and not any(isinstance(error, ShopError) for error in wrong)
