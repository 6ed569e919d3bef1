"""Another amount came than was asked for: it never pays for the order, and somebody settles it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from shop.core.errors import Conflict, Invalid, Missing
from shop.orders import progress
from shop.orders.tables import Order
from shop.payments import mismatch
from shop.payments.asking import something_due
from shop.payments.monitor import money_of
from shop.payments.online import attempt_of
from shop.payments.tables import Payment
from tests import cast, counter
from tests.shop.payments.conftest import Counter, shop_counter
from web.database import reading, writing
from web.house import now

__all__ = ["shop_counter"]


def strange(shop_counter: Counter, less: int = 100) -> tuple[int, int]:
    """The phone has paid ``less`` more than the shop asked for; returns the order's and the payment's id."""
    order_id, payment = shop_counter.shown()
    with writing() as tx:
        tx.get_one(Payment, payment).amount -= less
    shop_counter.phone_pays(payment)
    shop_counter.look(seconds=11)
    assert shop_counter.payment(payment).trouble == "amount"
    return order_id, payment


def test_it_goes_back_whole_and_the_order_is_paid_anew(shop_counter: Counter) -> None:
    order_id, payment = strange(shop_counter)
    with writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        mismatch.send_back(tx, shop, payment, by=cast.by(tx, "xu"), at=now())
    shop_counter.look(seconds=3)
    held = shop_counter.payment(payment)
    assert (held.state, held.amount, shop_counter.sent_back(payment)) == ("captured_late", 26800, 26800)
    with reading() as session:
        shop, _ = counter.shop_and_card(session)
        assert money_of(session, shop, shop.business_date(now()), at=now()).stuck == []
    again = shop_counter.begin(order_id)
    shop_counter.look()
    shop_counter.phone_pays(again)
    shop_counter.look(seconds=3)
    assert shop_counter.state(order_id) == "confirmed" and shop_counter.books() == []
    with pytest.raises(Conflict), writing() as tx:
        mismatch.send_back(tx, counter.shop_and_card(tx)[0], payment, by=cast.by(tx, "xu"), at=now())


def test_settled_with_the_provider_it_ends_and_the_note_stays(shop_counter: Counter) -> None:
    _, payment = strange(shop_counter)
    with writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        with pytest.raises(Invalid) as refused:
            mismatch.settle_elsewhere(tx, shop, payment, "  ", by=cast.by(tx, "xu"), at=now())
        assert refused.value.field == "note"
        mismatch.settle_elsewhere(
            tx, shop, payment, "sent back in their pages", by=cast.by(tx, "xu"), at=now()
        )
    assert shop_counter.payment(payment).state == "failed" and shop_counter.books() == []
    with writing() as tx:
        tx.get_one(Payment, payment).ask_at = now()
    shop_counter.look(seconds=11)
    assert shop_counter.payment(payment).trouble == "elsewhere", "told once, and settled"


def test_another_currency_is_settled_with_the_provider_only(shop_counter: Counter) -> None:
    _, payment = strange(shop_counter)
    with writing() as tx:
        tx.get_one(Payment, payment).came_in = "USD"
        tx.flush()
        shop, _ = counter.shop_and_card(tx)
        with pytest.raises(Conflict):
            mismatch.send_back(tx, shop, payment, by=cast.by(tx, "xu"), at=now())


def test_a_payment_that_is_not_there_is_not_found(app: Flask) -> None:
    with app.app_context(), writing() as tx, pytest.raises(Missing):
        mismatch.send_back(tx, counter.shop_and_card(tx)[0], 999, by=cast.by(tx, "xu"), at=now())


def test_meanwhile_it_holds_up_neither_the_order_nor_the_provider(shop_counter: Counter) -> None:
    order_id, payment = strange(shop_counter)
    with writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        order = tx.get_one(Order, order_id)
        assert attempt_of(tx, order) is None, "nobody is paying"
        tx.get_one(Payment, payment).ask_at = now()  # somebody stops it, or a notice comes
        assert progress.expire_unpaid(tx, shop, at=now() + timedelta(hours=1)) == 1
    shop_counter.look()
    assert shop_counter.payment(payment).ask_at is None, "it is not asked for ever"
    with reading() as session:
        assert not something_due(session, at=now() + timedelta(days=1))
