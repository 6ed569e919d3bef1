"""An order moves along its edges and no others; money and work follow it."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import CUSTOMER
from shop.core.errors import Conflict, Denied, Invalid
from shop.orders import progress
from shop.orders.changing import change_line, renew_token
from shop.orders.finding import by_token, sheet
from shop.orders.load import load_kitchen
from shop.orders.tables import Line, Order, OrderState
from shop.payments.counter import take
from shop.payments.tables import Payment, Refund
from shop.production.tables import Notice, Task, TaskState
from tests import cast
from tests.counter import cart, clock, make, order, shop_and_card, tasks
from web.database import writing
from web.house import keys, now


def made(tx: Session, **more: Any) -> Order:
    placed = order(tx, **more)
    return tx.get_one(Order, placed.order_id, populate_existing=True)


@pytest.mark.parametrize("to", list(OrderState))
@pytest.mark.parametrize("state", list(OrderState))
def test_every_edge_is_in_the_table_and_no_other(app: Flask, state: OrderState, to: OrderState) -> None:
    with app.app_context(), writing() as tx:
        mine = made(tx)
        mine.state = state
        tx.flush()
        if (state, to) in progress.EDGES:
            progress.move(tx, mine, to)
            assert mine.state == to
        else:
            with pytest.raises(Conflict):
                progress.move(tx, mine, to)


def test_a_stale_order_cannot_be_moved(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        mine = made(tx)
        tx.connection().exec_driver_sql("UPDATE orders SET version = version + 1")
        with pytest.raises(Conflict):
            progress.move(tx, mine, OrderState.CANCELLED)


def test_an_unpaid_order_expires_and_gives_its_time_back(app_both: Flask) -> None:
    with app_both.app_context():
        with writing() as tx:
            shop, card = shop_and_card(tx)
            free = load_kitchen(tx, shop, card, at=now()).book
            mine = made(tx, paid=False)
            assert progress.expire_unpaid(tx, shop, at=now()) == 0
        clock(app_both).pass_by(minutes=20)
        with writing() as tx:
            assert progress.expire_unpaid(tx, shop, at=now()) == 1
            mine = tx.get_one(Order, mine.id)
            assert mine.state == OrderState.EXPIRED and tasks(tx, mine.id) == []
            after = load_kitchen(tx, shop, card, at=now()).book
            assert after.jobs == free.jobs == {}
            with pytest.raises(Conflict):
                pay(tx, mine)


def pay(tx: Session, mine: Order, method: str = "cash", **more: Any) -> Payment:
    shop, _ = shop_and_card(tx)
    given = {"amount": mine.total, "tendered": mine.total} | more
    return take(tx, shop, mine, method, by=cast.by(tx, "mei"), at=now(), **given)


@pytest.mark.parametrize(
    ("method", "more", "field"),
    [
        ("cash", {"tendered": 100}, "tendered"),
        ("cash", {"tendered": None}, "tendered"),
        ("cash", {"tendered": 99_000_000}, "tendered"),
        ("card", {"reference": ""}, "reference"),
        ("card", {"reference": "a b!"}, "reference"),
        ("shells", {}, "method"),
        ("cash", {"amount": 0}, "amount"),
        ("cash", {"amount": 10**9, "tendered": 10**9}, "amount"),
    ],
)
def test_a_payment_that_cannot_be_is_refused_by_name(
    app: Flask, method: str, more: dict[str, object], field: str
) -> None:
    with app.app_context(), writing() as tx:
        mine = made(tx, paid=False)
        with pytest.raises(Invalid) as refused:
            pay(tx, mine, method, **more)
        assert refused.value.field == field and mine.paid == 0


def test_nobody_pays_twice(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        mine = made(tx, paid=False)
        pay(tx, mine, "card", reference="T-12345")
        with pytest.raises(Conflict):
            pay(tx, mine)


def test_a_customer_cancels_with_the_pin_and_gets_the_money_back(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        mine = made(tx)
        wrong = "0000" if mine.pin != "0000" else "1111"
        for pin in (wrong, None, ""):
            with pytest.raises(Denied):
                progress.cancel(tx, shop, mine, by=CUSTOMER, at=now(), reason="", pin=pin)
        progress.cancel(tx, shop, mine, by=CUSTOMER, at=now(), reason="", pin=mine.pin)
        assert mine.state == OrderState.CANCELLED and tasks(tx, mine.id) == []
        assert [r.amount for r in tx.scalars(select(Refund))] == [mine.total]
        assert [n.kind for n in tx.scalars(select(Notice))] == ["cancelled"]


def test_once_the_kitchen_has_started_two_people_must_agree(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        mine = made(tx)
        make(tx, mine.id, until="bake")
        tx.refresh(mine)
        xu, he = cast.by(tx, "xu"), cast.by(tx, "he")
        with pytest.raises(Conflict):
            progress.cancel(tx, shop, mine, by=CUSTOMER, at=now(), reason="", pin=mine.pin)
        for second in (None, xu, CUSTOMER):
            with pytest.raises(Denied):
                progress.cancel(tx, shop, mine, by=xu, at=now(), reason="sick", second=second)
        with pytest.raises(Invalid):
            progress.cancel(tx, shop, mine, by=xu, at=now(), reason=" ", second=he)
        progress.cancel(tx, shop, mine, by=xu, at=now(), reason="customer is ill", second=he)
        assert mine.state == OrderState.CANCELLED
        assert [(r.requested_by, r.decided_by) for r in tx.scalars(select(Refund))] == [(xu.id, he.id)]


def test_cakes_are_handed_over_for_the_pin_and_when_paid(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        mine = made(tx)
        with pytest.raises(Conflict):  # not ready yet
            progress.hand_over(tx, shop, mine, by=cast.by(tx, "mei"), at=now(), pin=mine.pin)
        make(tx, mine.id)
        tx.refresh(mine)
        with pytest.raises(Denied):
            progress.hand_over(tx, shop, mine, by=cast.by(tx, "mei"), at=now(), pin=None)
        mine.total += 100
        with pytest.raises(Conflict):
            progress.hand_over(tx, shop, mine, by=cast.by(tx, "mei"), at=now(), pin=mine.pin)
        mine.total -= 100
        progress.hand_over(tx, shop, mine, by=cast.by(tx, "xu"), at=now(), pin_needed=False)
        assert mine.state == OrderState.HANDED_OVER
        assert progress.close_finished(tx, shop, at=now()) == 0
        assert progress.close_finished(tx, shop, at=now() + timedelta(hours=25)) == 1


def test_the_writing_can_change_until_the_decorator_starts(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, card = shop_and_card(tx)
        mine = made(tx, what=cart(inscription="生日快乐"))
        line = tx.scalars(select(Line).where(Line.order_id == mine.id)).one()
        mei = cast.by(tx, "mei")
        change_line(tx, shop, card, mine, line.id, inscription="寿比南山", by=mei, at=now())
        assert (line.inscription, mine.total) == ("寿比南山", 26800)
        notices = list(tx.scalars(select(Notice)))
        assert {n.was["inscription"] for n in notices} == {"生日快乐"}
        assert {n.now["inscription"] for n in notices} == {"寿比南山"}
        make(tx, mine.id, until="build")
        with pytest.raises(Conflict):
            options = {"sweetness": "less"}
            change_line(tx, shop, card, mine, line.id, options=options, by=mei, at=now())
        with pytest.raises(Invalid):
            change_line(tx, shop, card, mine, line.id, inscription="太" * 13, by=mei, at=now())
        make(tx, mine.id, until="decorate")
        with pytest.raises(Conflict):
            change_line(tx, shop, card, mine, line.id, inscription="福", by=mei, at=now())


def test_a_dearer_option_leaves_a_balance_and_a_cheaper_one_is_refused(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, card = shop_and_card(tx)
        mine = made(tx)
        line = sheet(tx, mine).lines[0].line
        mei = cast.by(tx, "mei")
        change_line(tx, shop, card, mine, line.id, options={"sweetness": "no-sucrose"}, by=mei, at=now())
        assert (mine.total, mine.balance) == (28800, 2000)
        change_line(tx, shop, card, mine, line.id, options={"sweetness": "less"}, by=mei, at=now())
        assert mine.balance == 0
        mine.paid = mine.total = 28800
        line.total, line.options = 28800, {"sweetness": "no-sucrose"}
        with pytest.raises(Conflict):
            change_line(tx, shop, card, mine, line.id, options={"sweetness": "less"}, by=mei, at=now())


def test_a_lost_slip_opens_nothing_any_more(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        placed = order(tx)
        mine = tx.get_one(Order, placed.order_id)
        new = renew_token(tx, keys(), shop, mine, by=cast.by(tx, "mei"), at=now())
        tx.flush()
        assert by_token(tx, new).id == mine.id and new != placed.token
        with pytest.raises(Exception, match="cannot find"):
            by_token(tx, placed.token)


def test_a_rush_is_seen_and_taken_back(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        mine = made(tx)
        progress.rush(tx, shop, mine, by=cast.by(tx, "xu"), at=now())
        assert mine.urgent
        progress.rush(tx, shop, mine, by=cast.by(tx, "xu"), at=now(), urgent=False)
        make(tx, mine.id)
        tx.refresh(mine)
        with pytest.raises(Conflict):
            progress.rush(tx, shop, mine, by=cast.by(tx, "xu"), at=now())
        assert tx.scalars(select(Task.state).where(Task.order_id == mine.id)).all() == [TaskState.DONE] * 6
