"""The pages of reconciliation: what stands in a bill, explaining a line, bringing a file in."""

from __future__ import annotations

import io
from contextvars import Context

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from shop.payments.bill_tables import BilledLine
from tests import cast
from tests.admin.office import english, post
from tests.shop.payments import billing
from tests.shop.payments.conftest import Counter, shop_counter
from web.database import reading, writing
from web.house import now

__all__ = ["shop_counter"]


def test_what_nobody_knows_is_explained_and_then_nothing_is_left(app: Flask, sign_in) -> None:
    with app.app_context(), writing() as tx:
        bill = billing.strange_bill(tx, now()).id
    xu = english(sign_in(app.test_client(), "xu"))
    assert "¥268" in xu.get("/admin/reconciliation").text
    page = xu.get(f"/admin/reconciliation/{bill}").text
    assert "We know nothing of it" in page
    with app.app_context(), reading() as session:
        line = session.scalars(select(BilledLine.id)).one()
    there = f"/admin/reconciliation/{bill}/lines/{line}"
    refused = post(xu, there, note="x")
    assert refused.status_code == 422 and "3 to 200 characters" in refused.text
    assert "We know nothing of it" in refused.text and 'value="x"' in refused.text, (
        "on the bill, as it was typed"
    )
    assert post(xu, there, note="Paid to the wrong shop, sent back there").status_code == 303
    late = post(xu, there, note="Somebody else was quicker")
    assert late.status_code == 409 and "Paid to the wrong shop" in late.text
    after = xu.get(f"/admin/reconciliation/{bill}").text
    assert "Paid to the wrong shop" in after and "¥268" not in after.partition("All lines")[0]


def test_a_clerk_sees_no_bills_and_an_auditor_explains_none(app: Flask, sign_in) -> None:
    with app.app_context(), writing() as tx:
        billing.strange_bill(tx, now())
    assert sign_in(app.test_client(), "mei").get("/admin/reconciliation").status_code == 403
    zheng = sign_in(app.test_client(), "zheng")
    assert zheng.get("/admin/reconciliation").status_code == 200
    assert post(zheng, "/admin/reconciliation/1/lines/1", note="all is well").status_code == 403


def test_a_file_that_somebody_brings_is_matched_once(shop_counter: Counter, app_both: Flask) -> None:
    billing.paid(shop_counter)
    day = billing.today()
    billing.next_morning()
    file, _ = billing.bill_of(shop_counter, "alipay", day)
    nowhere = Context()  # as a request comes: the shop's counter stands in this test's own context
    xu = english(nowhere.run(cast.sign_in, app_both.test_client(), "xu"))

    def bring(content: bytes) -> TestResponse:
        form = {"method": "alipay", "day": day.isoformat(), "file": (io.BytesIO(content), "bill.zip")}
        return nowhere.run(lambda: post(xu, "/admin/reconciliation", **form))

    assert [bring(file).status_code for _ in range(2)] == [303, 303]
    assert billing.standing() == {"matched": 1}
    assert "¥0" in nowhere.run(xu.get, "/admin/reconciliation").text
    refused = bring(b"no bill")
    assert refused.status_code == 422 and "No payment and no refund stands in this file" in refused.text


def test_another_amount_stands_beside_what_the_books_say(shop_counter: Counter, app_both: Flask) -> None:
    payment = billing.paid(shop_counter)
    billing.cancelled(shop_counter, payment)
    day = billing.today()
    billing.next_morning()
    _, told = billing.bill_of(shop_counter, "alipay", day)
    bill = billing.bring("alipay", day, [billing.another(line, amount=line.amount - 200) for line in told])
    assert billing.standing() == {"amount_differs": 2}
    nowhere = Context()
    xu = english(nowhere.run(cast.sign_in, app_both.test_client(), "xu"))
    page = nowhere.run(xu.get, f"/admin/reconciliation/{bill.id}").text
    assert page.count("in our books: ¥268") == 2 and "¥266" in page
