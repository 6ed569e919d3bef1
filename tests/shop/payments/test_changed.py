"""An order whose price changes while there is money on it: what is paid ahead, and who is paying."""

from __future__ import annotations

from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.errors import Conflict, Invalid
from shop.core.events import Event
from shop.orders import changing
from shop.orders.tables import Order
from shop.payments import discounts, machine
from shop.payments.rules import Terms, change_rules
from shop.payments.tables import Payment, PaymentState, Refund
from shop.production.tables import Notice, TaskState
from tests import cast, counter
from tests.shop.orders.test_races import ROUNDS, all_at_once
from tests.shop.payments.repricing import CHEAPER, DEARER, change, comes, offer, ordered, pay
from web.database import reading, writing
from web.house import now


def decide(tx: Session, deposit: dict[str, int] | None) -> None:
    """Chen decides how much is paid ahead."""
    shop, _ = counter.shop_and_card(tx)
    change_rules(tx, shop, deposit=deposit, terms=Terms(), limit=0, by=cast.by(tx, "chen"), at=now())


def test_an_unpaid_order_made_cheaper_is_paid_and_goes_to_the_kitchen(shop_both: Flask) -> None:
    with writing() as tx:
        order = ordered(tx, options=DEARER)
        change(tx, order, CHEAPER)
        assert (order.total, order.deposit) == (26800, 26800)
        comes(tx, offer(tx, order, 26800))
        assert (order.state, order.paid, order.pay_until) == ("confirmed", 26800, None)


def test_an_unpaid_order_made_dearer_waits_for_all_of_it(shop_both: Flask) -> None:
    with writing() as tx:
        order = ordered(tx)
        change(tx, order, DEARER)
        assert (order.total, order.deposit) == (28800, 28800)
        with pytest.raises(Invalid):
            offer(tx, order, 26800)
        pay(tx, order, 26800)
        assert order.state == "placed", "20 are missing, and nobody said that a part is enough"
        assert {task.state for task in counter.tasks(tx, order.id)} == {TaskState.HELD}
        pay(tx, order, 2000)
        assert order.state == "confirmed"


@pytest.mark.parametrize("before", [DEARER, {"tiers": "two"}], ids=["sweetness", "tiers"])
def test_an_order_that_is_covered_by_what_is_paid_goes_to_the_kitchen(
    shop_both: Flask, before: dict[str, str]
) -> None:
    """Also where its cakes take other minutes then: the cards that appear are those of the new plan."""
    with writing() as tx:
        order = ordered(tx, paid=26800, options=before)
        assert (order.state, order.deposit) == ("placed", order.total)
        change(tx, order, {**CHEAPER, "tiers": "one"})
        assert (order.state, order.total, order.balance) == ("confirmed", 26800, 0)
        states = [task.state for task in counter.tasks(tx, order.id)]
        assert states == [TaskState.READY, *[TaskState.WAITING] * (len(states) - 1)]
        assert list(tx.scalars(select(Notice))) == [], "the kitchen has never seen it as it was"
    with reading() as session:
        kinds = list(
            session.scalars(select(Event.kind).where(Event.order_id == order.id).order_by(Event.seq))
        )
        assert kinds[-2:] == ["order_changed", "order_confirmed"]


def test_it_is_never_made_cheaper_than_what_is_paid(shop_both: Flask) -> None:
    with writing() as tx:
        order = ordered(tx, paid=27000, options=DEARER)
        with pytest.raises(Conflict, match="already paid"):
            change(tx, order, CHEAPER)
        assert (order.state, order.total, order.deposit) == ("placed", 28800, 28800)


def test_what_is_paid_ahead_stays_as_it_was_shown(shop_both: Flask) -> None:
    """Half of it was shown: half of the new price it is, whatever the shop has decided since."""
    with writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        decide(tx, {"above": 25000, "percent": 50})
        order, mei = ordered(tx), cast.by(tx, "mei")
        assert order.deposit == 13400
        decide(tx, None)
        change(tx, order, DEARER)
        assert order.deposit == 14400
        change(tx, order, CHEAPER)
        less = discounts.give(tx, shop, order, fixed=2000, reason="late", by=mei, at=now())
        assert (order.total, order.deposit) == (24800, 12400), (
            "less than where the rule began, and still half"
        )
        discounts.take_back(tx, shop, less.id, by=mei, at=now())
        assert order.deposit == 13400
        pay(tx, order, 13400)
        assert order.state == "confirmed"


def test_a_fixed_amount_ahead_stays_what_it_is(shop_both: Flask) -> None:
    with writing() as tx:
        decide(tx, {"above": 20000, "fixed": 10000})
        order = ordered(tx)
        decide(tx, {"above": 10000, "percent": 10})
        change(tx, order, DEARER)
        assert order.deposit == 10000


def test_who_was_to_pay_all_of_it_still_does(shop_both: Flask) -> None:
    """A rule that came later, or begins above what the order cost, is for the orders that come later."""
    with writing() as tx:
        decide(tx, {"above": 28000, "percent": 50})
        order = ordered(tx)
        change(tx, order, DEARER)
        assert order.deposit == 28800
        decide(tx, {"above": 10000, "percent": 50})
        change(tx, order, CHEAPER)
        assert order.deposit == 26800


@pytest.mark.parametrize(("deposit", "then"), [(26800, 28800), (8040, 8040)])
def test_an_order_from_before_that_was_kept_shows_it_by_its_deposit(
    shop_both: Flask, deposit: int, then: int
) -> None:
    with writing() as tx:
        order = ordered(tx)
        order.terms, order.deposit = Terms().as_json(), deposit
        change(tx, order, DEARER)
        assert order.deposit == then


@pytest.mark.parametrize(
    ("before", "after"), [(DEARER, CHEAPER), (CHEAPER, DEARER)], ids=["cheaper", "dearer"]
)
def test_a_price_stays_while_somebody_is_paying_it(
    shop_both: Flask, before: dict[str, str], after: dict[str, str]
) -> None:
    """What they were shown is what they owe, and what they pay is counted; the writing may change all the same."""
    with writing() as tx:
        order = ordered(tx, options=before)
        tried = offer(tx, order, order.total)
        with pytest.raises(Conflict, match="paying at this moment"):
            change(tx, order, after)
        change(tx, order, before, "生日快乐")
        assert order.total == tried.amount
        comes(tx, tried)
        assert (order.state, order.paid, tried.state) == ("confirmed", order.total, "captured")


def test_an_option_of_the_same_price_waits_for_nobody(shop_both: Flask) -> None:
    with writing() as tx:
        order = ordered(tx)
        offer(tx, order, order.total)
        change(tx, order, {"sweetness": "less"})
        assert order.total == 26800


def test_the_price_may_change_when_the_code_has_run_out(shop_both: Flask) -> None:
    with writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        order = ordered(tx)
        tried = offer(tx, order, order.total)
        machine.end(tx, shop, tried.id, PaymentState.EXPIRED, at=now())
        change(tx, order, DEARER)
        assert offer(tx, order, 28800).amount == 28800


def test_who_paid_another_amount_is_paying_no_more(shop_both: Flask) -> None:
    """It waits for somebody to settle it, and never pays for the order."""
    with writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        order = ordered(tx)
        tried = offer(tx, order, order.total)
        machine.capture(
            tx, shop, tried.id, trade_no="T1", amount=100, currency="CNY", paid_at=now(), at=now()
        )
        change(tx, order, DEARER)
        assert (order.total, order.deposit) == (28800, 28800)


def change_or_offer(order_id: int, n: int) -> None:
    with writing() as tx:
        held = tx.get_one(Order, order_id)
        if n % 2:
            change(tx, held, CHEAPER)
        else:
            offer(tx, held, held.balance)


@pytest.mark.xdist_group("alone")
def test_of_a_change_and_a_code_at_once_the_price_is_always_that_of_the_code(shop_both: Flask) -> None:
    for _ in range(ROUNDS):
        with writing() as tx:
            order = ordered(tx, options=DEARER)
        wrong = all_at_once(shop_both, partial(change_or_offer, order.id), 4)
        assert all(isinstance(error, Conflict | Invalid) for error in wrong), wrong
        with reading() as session:
            tried = session.scalars(select(Payment).where(Payment.order_id == order.id)).one_or_none()
            assert tried is None or tried.amount == session.get_one(Order, order.id).total


def test_changed_while_it_is_paid_an_order_would_lose_its_money(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Teeth: without the question who is paying, all of the money goes back and nothing is made."""
    monkeypatch.setattr(changing, "check_nobody_pays", lambda *args: None)
    with app.app_context(), writing() as tx:
        order = ordered(tx, options=DEARER)
        tried = offer(tx, order, order.total)
        change(tx, order, CHEAPER)
        comes(tx, tried)
        assert (order.state, order.paid, tried.state) == ("placed", 0, "captured_late")
        assert tx.scalars(select(Refund.reason)).all() == ["twice"]
