"""The rest after a deposit: from when on it is due, one reminder, and paying it by phone after a discount."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.events import Event
from shop.orders import progress
from shop.orders.finding import token_of
from shop.orders.tables import Order
from shop.payments import discounts
from shop.payments.balance import due_from, remind_due, to_call
from shop.payments.counter import take
from shop.payments.rules import Terms, change_rules
from tests import cast, counter
from tests.admin.office import english
from tests.shop.payments.conftest import Counter
from web.database import reading, writing
from web.house import keys, now


def begun(tx: Session, *, days: int = 3, percent: int = 0) -> Order:
    """A strawberry cake in some days, of which 30 percent are paid in cash; with a discount where one is given."""
    shop, _ = counter.shop_and_card(tx)
    rule = {"above": 20000, "percent": 30}
    waits = {"balance_hours": 48, "no_show_minutes": 120}
    change_rules(
        tx, shop, deposit=rule, terms=Terms(), limit=0, waits=waits, by=cast.by(tx, "chen"), at=now()
    )
    placed = counter.order(tx, paid=False, due_at=now() + timedelta(days=days))
    order, mei = tx.get_one(Order, placed.order_id), cast.by(tx, "mei")
    if percent:
        discounts.give(tx, shop, order, percent=percent, reason="Regular guest", by=mei, at=now())
    take(tx, shop, order, "cash", amount=order.deposit, tendered=order.deposit, by=mei, at=now())
    return order


def test_the_rest_is_due_by_the_shops_hours_and_said_once(app_both: Flask) -> None:
    with app_both.app_context():
        with writing() as tx:
            order, shop = begun(tx), counter.shop_and_card(tx)[0]
            assert due_from(shop, order) == order.due_at - timedelta(hours=48)
            assert to_call(tx, shop, at=now()) == [] and remind_due(tx, shop, at=now()) == 0
        counter.clock(app_both).pass_by(hours=24)
        with writing() as tx:
            assert [o.id for o in to_call(tx, shop, at=now())] == [order.id]
            assert (remind_due(tx, shop, at=now()), remind_due(tx, shop, at=now())) == (1, 0)
        with writing() as tx:
            (event,) = tx.scalars(select(Event).where(Event.kind == "balance_due"))
            assert event.data["amount"] == 18760 and event.topics.split()[-1] == f"order:{order.id}"
            row = tx.get_one(Order, order.id)
            take(tx, shop, row, "cash", amount=18760, tendered=18760, by=cast.by(tx, "mei"), at=now())
            assert due_from(shop, row) is None and to_call(tx, shop, at=now()) == []


def test_an_order_that_is_over_has_no_rest(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        order, shop = begun(tx, days=1), counter.shop_and_card(tx)[0]
        assert due_from(shop, order) == order.placed_at, "later than that it was never due"
        progress.cancel(tx, shop, order, by=cast.by(tx, "mei"), at=now(), reason="twice")
        assert due_from(shop, order) is None and to_call(tx, shop, at=now()) == []


def test_the_page_says_when_the_rest_is_due_and_today_says_whom_to_call(app: Flask, sign_in) -> None:
    with app.app_context(), writing() as tx:
        token = token_of(keys(), begun(tx))
    page = app.test_client().get(f"/t/{token}?lang=en").text
    assert "until" in page and "is still to be paid" not in page
    counter.clock(app).pass_by(hours=30)
    with app.app_context(), writing() as tx:
        assert remind_due(tx, counter.shop_and_card(tx)[0], at=now()) == 1
    page = app.test_client().get(f"/t/{token}?lang=en").text
    assert "¥187.60 is still to be paid" in page
    mei = english(sign_in(app.test_client(), "mei"))
    assert "The rest is due, please call" in mei.get("/admin/").text


@pytest.mark.parametrize("method", ["alipay", "wechat"])
def test_the_rest_of_a_discounted_order_is_paid_by_phone(shop_counter: Counter, method: str) -> None:
    with writing() as tx:
        order, shop = begun(tx, percent=10), counter.shop_and_card(tx)[0]
        assert (order.total, order.paid, order.state) == (24120, 7236, "confirmed")
    payment = shop_counter.begin(order.id, method, amount=order.balance)
    shop_counter.look()
    shop_counter.phone_pays(payment)
    shop_counter.look(seconds=3)
    with writing() as tx:
        row = tx.get_one(Order, order.id)
        assert (row.paid, row.balance) == (24120, 0)
        counter.make(tx, order.id)
        row = tx.get_one(Order, order.id, populate_existing=True)
        progress.hand_over(tx, shop, row, by=cast.by(tx, "mei"), at=now(), pin=row.pin)
    assert shop_counter.books() == []
    with reading() as session:
        assert to_call(session, shop, at=now()) == []
