"""At the counter the customer's phone shows a code: charged through the one machine, resolved only by asking."""

from __future__ import annotations

import re
from contextvars import Context
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from shop.core.errors import Conflict
from shop.core.idempotency import DoneOnce
from shop.orders.tables import Order
from shop.payments.asking import charge_code
from shop.payments.online import begin
from shop.payments.tables import Payment
from shop.production.tables import Task
from tests import cast, counter
from tests.admin.office import english, post
from tests.shop.payments.conftest import Counter, shop_counter
from web.database import reading, writing
from web.house import now

__all__ = ["shop_counter"]


class Till:
    """Mei at the counter, with a scanner."""

    def __init__(self, app: Flask) -> None:
        self.nowhere = Context()  # as a request comes: the shop's counter stands in the test's own context
        self.client: FlaskClient = self.nowhere.run(lambda: english(cast.sign_in(app.test_client(), "mei")))

    def get(self, path: str) -> TestResponse:
        return self.nowhere.run(self.client.get, path)

    def post(self, path: str, key: str = "", **form: Any) -> TestResponse:
        return self.nowhere.run(lambda: post(self.client, path, key, **form))

    def scan(self, order: int, code: str, key: str = "", **form: Any) -> TestResponse:
        return self.post(f"/admin/orders/{order}/code-payment", key, code=code, **form)


@pytest.fixture
def till(shop_counter: Counter, app_both: Flask) -> Till:
    return Till(app_both)


def only_payment() -> Payment:
    with reading() as session:
        return session.scalars(select(Payment).order_by(Payment.id.desc()).limit(1)).one()


@pytest.mark.parametrize("method", ["alipay", "wechat"])
def test_a_code_pays_at_once_and_the_kitchen_begins(shop_counter: Counter, till: Till, method: str) -> None:
    order = shop_counter.order()
    code = shop_counter.gateway.trades.show_code(method, False)
    done = till.scan(order, f"{code[:6]} {code[6:]}", "one-scan-of-a-code")
    payment = only_payment()
    assert (payment.state, payment.method, payment.amount, payment.by_code) == (
        "captured",
        method,
        26800,
        True,
    )
    assert done.location == f"/admin/orders/{order}/code-payment/{payment.id}"
    assert till.get(done.location).location.endswith(f"/paid/{payment.id}")
    paid = till.get(f"/admin/orders/{order}/paid/{payment.id}").text
    assert ("Alipay" if method == "alipay" else "WeChat Pay") in paid and shop_counter.state(
        order
    ) == "confirmed"
    with reading() as session:
        assert session.scalars(select(Task.id).where(Task.order_id == order)).all()
    again = till.scan(order, f"{code[:6]} {code[6:]}", "one-scan-of-a-code")
    assert again.headers["Idempotent-Replayed"] == "true" and only_payment().id == payment.id
    assert len([t for t in shop_counter.gateway.trades.all() if t.state == "paid"]) == 1
    assert shop_counter.books() == []


def test_the_customer_has_to_agree_and_the_page_waits(shop_counter: Counter, till: Till) -> None:
    order = shop_counter.order()
    page = till.scan(order, shop_counter.gateway.trades.show_code("wechat", True)).location
    assert "The customer agrees on the phone" in till.get(page).text
    seen = re.findall(r"seen=([^\"&]+)", till.get(page).text)[0]
    assert till.get(f"{page}?seen={seen}").status_code == 204
    assert "paying by phone right now" in till.get(f"/admin/till/{order}").text
    with pytest.raises(Conflict), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        begin(tx, shop, tx.get_one(Order, order), "alipay", 26800, account="x", by_code=True,
              by=cast.by(tx, "mei"), at=now())  # fmt: skip
    shop_counter.phone_pays(only_payment().id)
    shop_counter.look(seconds=4)
    if only_payment().state != "captured":
        shop_counter.look(seconds=30)
    assert only_payment().state == "captured" and "/paid/" in till.get(page).location


def test_without_an_agreement_nothing_is_taken(shop_counter: Counter, till: Till) -> None:
    order = shop_counter.order()
    page = till.scan(order, shop_counter.gateway.trades.show_code("alipay", True)).location
    shop_counter.look(seconds=95)
    shop_counter.look(seconds=1)
    assert only_payment().state == "expired" and "Nothing was paid" in till.get(page).text
    trade = shop_counter.gateway.trades.by_attempt("alipay", only_payment().attempt or "")
    assert trade is not None and trade.state == "closed"


def test_the_clerk_stops_it(shop_counter: Counter, till: Till) -> None:
    order = shop_counter.order()
    till.scan(order, shop_counter.gateway.trades.show_code("alipay", True))
    assert till.post(f"/admin/orders/{order}/phone-payment/end").status_code == 303
    shop_counter.look(seconds=1)
    assert only_payment().state == "expired"
    assert till.scan(order, shop_counter.gateway.trades.show_code("alipay", False)).status_code == 303
    assert only_payment().state == "captured"


@pytest.mark.parametrize("code", ["", "123456", "9" * 18, "x" * 18, "6901234567892"])
def test_what_is_no_payment_code_goes_nowhere(shop_counter: Counter, till: Till, code: str) -> None:
    refused = till.scan(shop_counter.order(), code)
    assert refused.status_code == 422 and "This is no payment code" in refused.text
    assert shop_counter.gateway.trades.all() == []


def test_a_refused_code_is_no_payment(shop_counter: Counter, till: Till) -> None:
    order = shop_counter.order()
    page = till.scan(order, "280000000000000000").location
    assert only_payment().state == "failed" and "refused the code" in till.get(page).text
    assert shop_counter.state(order) == "placed"


def test_no_answer_is_resolved_only_by_asking(shop_counter: Counter, till: Till) -> None:
    """The gateway does what was asked and says nothing: the money is there, and is found; nobody charges twice."""
    order = shop_counter.order()
    code = shop_counter.gateway.trades.show_code("alipay", False)
    shop_counter.gateway.control.set({"away": "after", "drop": True})
    page = till.scan(order, code).location
    assert only_payment().state == "unknown" and "Nobody knows yet" in till.get(page).text
    assert till.scan(order, code).location == page, "the same wish finds the same attempt"
    assert len([t for t in shop_counter.gateway.trades.all() if t.state == "paid"]) == 1
    shop_counter.gateway.control.set({"drop": True})
    shop_counter.look(seconds=30)
    assert only_payment().state == "captured" and shop_counter.books() == []


def test_killed_before_the_provider_was_asked_it_ends_by_itself(shop_counter: Counter, till: Till) -> None:
    payment = shop_counter.begin_code(shop_counter.order())
    shop_counter.look(seconds=31)
    assert shop_counter.payment(payment).state == "pending"
    shop_counter.look(seconds=60)
    shop_counter.look(seconds=5)
    assert shop_counter.payment(payment).state == "expired"
    charge_code(shop_counter.office(), payment, shop_counter.gateway.trades.show_code("alipay", False))
    assert shop_counter.payment(payment).state == "expired" and shop_counter.gateway.trades.all() == []


def test_the_code_is_kept_nowhere(shop_counter: Counter, till: Till) -> None:
    code = shop_counter.gateway.trades.show_code("alipay", False)
    till.scan(shop_counter.order(), code)
    with reading() as session:
        assert session.scalars(select(DoneOnce.made)).all()
        for table in Payment.metadata.sorted_tables:
            for row in session.execute(select(table)):
                assert code not in repr(tuple(row)), table.name


def test_only_who_takes_payments_scans(shop_counter: Counter, app_both: Flask) -> None:
    order, nowhere = shop_counter.order(), Context()
    zheng = nowhere.run(lambda: english(cast.sign_in(app_both.test_client(), "zheng")))
    path = f"/admin/orders/{order}/code-payment"
    assert nowhere.run(lambda: post(zheng, path, code="280000000000000000")).status_code == 403
