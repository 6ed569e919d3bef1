"""Money that needs somebody raises an alarm, once, for who may see money; it ends with its cause."""

from __future__ import annotations

from contextvars import Context

import pytest
from flask import Flask
from sqlalchemy import select

from shop.core.errors import Conflict
from shop.core.events import Event
from shop.orders import progress
from shop.orders.tables import Order
from shop.payments import reconciliation
from shop.payments.tables import Payment, Refund
from shop.payments.watchers import WATCHERS
from shop.production import alarms
from shop.production.causes import unseen_at
from shop.production.tables import Alarm
from tests import cast, counter
from tests.admin.office import english, post
from tests.shop.payments import billing
from tests.shop.payments.billing import bring, paid
from tests.shop.payments.conftest import Counter
from web.database import reading, writing
from web.house import now


def wrong() -> list[str]:
    """The watchers of money look once; returns the kinds of what is wrong now."""
    with reading() as session:
        shop, card = counter.shop_and_card(session)
        changes = alarms.watch(session, shop, card, at=now(), watchers=WATCHERS)
    if changes:
        with writing() as tx:
            alarms.keep(tx, counter.shop_and_card(tx)[0], changes, at=now())
    with reading() as session:
        return list(session.scalars(select(Alarm.kind).where(Alarm.ended_at.is_(None)).order_by(Alarm.id)))


def away(shop: Counter, how: str) -> None:
    shop.gateway.control.set({"away": how, "drop": True})


def test_a_payment_nobody_knows_of_is_told_after_ten_minutes_and_ends_with_its_answer(
    shop_counter: Counter,
) -> None:
    payment = shop_counter.begin(shop_counter.order())
    shop_counter.look()
    away(shop_counter, "busy")
    shop_counter.look(seconds=11)
    assert shop_counter.payment(payment).state == "unknown" and wrong() == []
    shop_counter.look(minutes=9)
    assert wrong() == []
    shop_counter.look(minutes=1)
    assert wrong() == wrong() == ["payment_unknown"]
    away(shop_counter, "")
    shop_counter.look(minutes=3)
    assert shop_counter.payment(payment).state in ("pending", "expired") and wrong() == []
    with reading() as session:
        told = session.scalars(select(Event).where(Event.kind.in_(("payment_doubted", "alarm_raised"))))
        assert [(event.kind, "sound" in event.data) for event in told] == [
            ("payment_doubted", False), ("alarm_raised", False),
        ]  # fmt: skip


def test_another_doubt_is_counted_from_its_own_beginning(shop_counter: Counter) -> None:
    """A code that was begun ten minutes ago, and whose provider is away for seconds, is no reason to run."""
    payment = shop_counter.begin(shop_counter.order())
    shop_counter.look()
    shop_counter.look(minutes=11)
    away(shop_counter, "busy")
    shop_counter.look(seconds=11)
    assert shop_counter.payment(payment).state == "unknown" and wrong() == []


def test_another_amount_is_told_at_once(shop_counter: Counter) -> None:
    payment = shop_counter.begin(shop_counter.order())
    shop_counter.look()
    with writing() as tx:
        tx.get_one(Payment, payment).amount -= 100
    shop_counter.phone_pays(payment)
    shop_counter.look(seconds=11)
    assert wrong() == ["payment_mismatched"]


def test_a_refund_that_is_refused_stays_wrong_until_it_went_back(shop_counter: Counter) -> None:
    payment = paid(shop_counter)
    account = shop_counter.gateway.trades
    trade = account.by_attempt("alipay", shop_counter.payment(payment).attempt or "")
    assert trade is not None
    account.send_back(
        "alipay", trade.attempt, "by-hand", 100
    )  # somebody has paid back in the provider's own pages
    with writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        order = tx.get_one(Order, tx.get_one(Payment, payment).order_id)
        progress.cancel(tx, shop, order, by=cast.by(tx, "xu"), at=now(), reason="sick", whole=True)
    shop_counter.look(seconds=11)
    assert wrong() == ["refund_failed"]
    with writing() as tx:
        refund = tx.scalars(select(Refund)).one()
        refund.state = "refunded"
    assert wrong() == []


def test_a_refund_without_an_answer_and_money_that_came_twice(shop_counter: Counter) -> None:
    order_id, first = shop_counter.shown()
    shop_counter.phone_pays(first)
    with writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        progress.cancel(tx, shop, tx.get_one(Order, order_id), by=cast.by(tx, "xu"), at=now(), reason="sick")
    shop_counter.look(seconds=11)
    if shop_counter.payment(first).state != "captured_late":
        shop_counter.look(seconds=11)
    assert shop_counter.payment(first).state == "captured_late"
    with writing() as tx:
        refund = tx.scalars(select(Refund)).one()
        refund.state, refund.ask_at = "unknown", None
    assert wrong() == ["payment_late"]
    cast.pass_by(minutes=10)
    assert wrong() == ["refund_unknown"]


def test_open_lines_and_missing_bills_are_told_after_a_day(shop_counter: Counter) -> None:
    paid(shop_counter)
    day = billing.today()
    billing.next_morning(50)
    assert wrong() == ["bill_missing"]
    bring("alipay", day, [])
    assert wrong() == []
    billing.next_morning(25)
    assert wrong() == ["bill_unmatched", "bill_missing"], "the day after has no bill by now either"
    (line,) = billing.lines()
    with writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        reconciliation.explain(
            tx, shop, line.id, "the provider's own mistake", by=cast.by(tx, "xu"), at=now()
        )
    assert wrong() == ["bill_missing"]


def test_only_who_sees_money_sees_its_alarms_and_no_wall_does(shop_counter: Counter, app_both: Flask) -> None:
    paid(shop_counter)
    billing.next_morning(50)
    assert wrong() == ["bill_missing"]
    with reading() as session:
        key = session.scalars(select(Alarm.id)).one()
        shop, _ = counter.shop_and_card(session)
        assert unseen_at(session, shop) == []
    nowhere = Context()
    xu = english(nowhere.run(cast.sign_in, app_both.test_client(), "xu"))
    page = nowhere.run(xu.get, "/admin/alarms").text
    assert "should have come more than a day ago" in page and "/admin/reconciliation" in page
    assert 'id="alarm-count" class="tag tag-bad num"' in page
    mei = english(nowhere.run(cast.sign_in, app_both.test_client(), "mei"))
    page = nowhere.run(mei.get, "/admin/alarms").text
    assert "Nothing is wrong." in page and 'id="alarm-count" class=""' in page
    assert nowhere.run(lambda: post(mei, f"/admin/alarms/{key}").status_code) == 404
    assert nowhere.run(lambda: post(xu, f"/admin/alarms/{key}").status_code) == 303
    with pytest.raises(Conflict), writing() as tx:
        alarms.acknowledge(tx, counter.shop_and_card(tx)[0], key, by=cast.by(tx, "xu"), at=now())
