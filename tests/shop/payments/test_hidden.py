"""Cash hidden in a cake: taken, ticked at boxing, given with the cake, or given back in full whatever the terms say."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.errors import Conflict, Invalid
from shop.ledger.tables import Posting
from shop.orders import progress, unfetched
from shop.orders.tables import Cake, Order
from shop.payments import hidden
from shop.payments.rules import Step, Terms, change_rules
from shop.payments.till_tables import TillLine
from shop.production import ticks, work
from shop.upkeep.invariants import breaches
from tests import cast, counter
from web.database import reading, writing
from web.house import now


def confirmed(tx: Session) -> Order:
    return tx.get_one(Order, counter.order(tx).order_id)


def hide(tx: Session, order: Order, amount: int = 50000) -> None:
    shop, _ = counter.shop_and_card(tx)
    cake = tx.scalars(select(Cake.id).where(Cake.order_id == order.id)).one()
    hidden.take(tx, shop, order, cake, amount, by=cast.by(tx, "mei"), at=now())


def boxing(tx: Session, order: Order) -> None:
    """Make the cake until somebody is boxing it."""
    shop, _ = counter.shop_and_card(tx)
    counter.make(tx, order.id, "check")
    box = counter.task(tx, order.id, "box")
    work.start(tx, shop, box.id, box.version, by=cast.by(tx, "li"), at=now())


def finish(tx: Session, order: Order) -> None:
    shop, _ = counter.shop_and_card(tx)
    box = counter.task(tx, order.id, "box")
    work.finish(tx, shop, box.id, box.version, by=cast.by(tx, "li"), at=now())


def tick(tx: Session, order: Order) -> None:
    shop, _ = counter.shop_and_card(tx)
    cake = tx.scalars(select(Cake.id).where(Cake.order_id == order.id)).one()
    ticks.tick_enveloped(tx, shop, cake, by=cast.by(tx, "li"), at=now())


def balance(account: str) -> int:
    with reading() as session:
        return sum(session.scalars(select(Posting.amount).where(Posting.account.startswith(account))))


def test_it_goes_with_the_cake_and_is_nobodys_revenue(app_both: Flask) -> None:
    with app_both.app_context():
        with writing() as tx:
            order, shop = confirmed(tx), counter.shop_and_card(tx)[0]
            hide(tx, order)
            assert (order.total, order.paid, order.balance) == (26800, 26800, 0), "no part of the price"
            assert hidden.owed(tx, order) == 50000
        assert (balance("hidden-cash"), balance("till:")) == (-50000, 76800)
        with reading() as session:
            assert breaches(session) == []
        with writing() as tx:
            boxing(tx, tx.get_one(Order, order.id))
            with pytest.raises(Invalid) as refused:
                finish(tx, order)
            assert refused.value.field == "enveloped"
            tick(tx, order)
            finish(tx, order)
        with writing() as tx:
            row = tx.get_one(Order, order.id)
            progress.hand_over(tx, shop, row, by=cast.by(tx, "mei"), at=now(), pin=row.pin)
            assert hidden.owed(tx, row) == 0
            lines = tx.scalars(select(TillLine).order_by(TillLine.id)).all()[-2:]
            assert [(line.kind, line.amount) for line in lines] == [
                ("hidden_taken", 50000),
                ("hidden_given", -50000),
            ]
            assert len({line.cake_id for line in lines} - {None}) == 1
        assert (balance("hidden-cash"), balance("till:"), balance("revenue:")) == (0, 26800, -26800)
        with reading() as session:
            assert breaches(session) == []


def test_cancelled_it_goes_back_in_full_whatever_the_terms_keep(app_both: Flask) -> None:
    with app_both.app_context():
        with writing() as tx:
            shop, _ = counter.shop_and_card(tx)
            boss = cast.by(tx, "chen")
            change_rules(tx, shop, deposit=None, terms=Terms((Step(0, 0),), 0), limit=0, by=boss, at=now())
            order = confirmed(tx)
            hide(tx, order)
            progress.cancel(tx, shop, order, by=cast.by(tx, "mei"), at=now(), reason="twice")
            assert [(o.id, amount) for o, amount in hidden.to_give_back(tx, shop)] == [(order.id, 50000)]
        assert (balance("forfeit"), balance("hidden-cash")) == (-26800, -50000)
        with writing() as tx:
            row = tx.get_one(Order, order.id)
            assert hidden.give_back(tx, shop, row, by=cast.by(tx, "mei"), at=now()) == 50000
            with pytest.raises(Conflict):
                hidden.give_back(tx, shop, row, by=cast.by(tx, "mei"), at=now())
            assert hidden.to_give_back(tx, shop) == []
        assert (balance("hidden-cash"), balance("till:")) == (0, 26800)
        with reading() as session:
            assert breaches(session) == []


def test_of_a_cake_that_nobody_fetches_it_is_still_the_customers(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            order, shop = confirmed(tx), counter.shop_and_card(tx)[0]
            hide(tx, order)
            boxing(tx, order)
            tick(tx, order)
            finish(tx, order)
        counter.clock(app).at = order.due_at + timedelta(hours=2)
        with writing() as tx:
            xu, row = cast.by(tx, "xu"), tx.get_one(Order, order.id)
            unfetched.mark(tx, shop, row, by=xu, at=now())
            unfetched.give_up(tx, shop, row, "disposed", "stale", by=xu, at=now())
            assert hidden.owed(tx, row) == 50000
            hidden.give_back(tx, shop, row, by=xu, at=now())
        with reading() as session:
            assert breaches(session) == []


@pytest.mark.parametrize("amount", [0, -1, 10**12])
def test_an_amount_that_makes_no_sense_is_refused(app: Flask, amount: int) -> None:
    with app.app_context(), writing() as tx:
        with pytest.raises(Invalid) as refused:
            hide(tx, confirmed(tx), amount)
        assert refused.value.field == "hidden"


def test_only_a_paid_order_that_is_not_boxed_takes_it(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        unpaid = tx.get_one(Order, counter.order(tx, paid=False).order_id)
        with pytest.raises(Conflict):
            hide(tx, unpaid)
        boxed = confirmed(tx)
        counter.make(tx, boxed.id)
        with pytest.raises(Conflict):
            hide(tx, tx.get_one(Order, boxed.id, populate_existing=True))
        with pytest.raises(Invalid) as refused:
            hidden.take(tx, shop, confirmed(tx), 999, 100, by=cast.by(tx, "mei"), at=now())
        assert refused.value.field == "cake"
        with pytest.raises(Conflict, match="Nothing is hidden"):
            hidden.give_back(tx, shop, boxed, by=cast.by(tx, "mei"), at=now())


def test_the_envelope_is_ticked_while_boxing_and_where_there_is_one(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        order = confirmed(tx)
        with pytest.raises(Conflict, match="No cash"):
            tick(tx, order)
        hide(tx, order)
        with pytest.raises(Conflict, match="start boxing"):
            tick(tx, order)
        boxing(tx, order)
        tick(tx, order)
        hide(tx, order, 10000)
        with pytest.raises(Invalid):
            finish(tx, order)  # more was added: it is looked after once more
