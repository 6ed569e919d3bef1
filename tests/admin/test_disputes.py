"""A payment that is held back, in the back office: from the letter to its end, and who may write down a loss."""

from __future__ import annotations

import re
from datetime import date

from flask import Flask
from sqlalchemy import select

from shop.orders.tables import Order
from shop.payments.counter import take
from shop.payments.dispute_tables import Dispute
from tests import cast, counter
from tests.admin.office import english, made, post
from web.database import reading, writing
from web.house import now


def by_card(app: Flask) -> tuple[int, int]:
    """Mei takes an order's money at the terminal; returns the order's id and the payment's."""
    placed = made(app, paid=False)
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        order = tx.get_one(Order, placed.order_id)
        paid = take(
            tx, shop, order, "card", amount=26800, reference="SLIP-7", by=cast.by(tx, "mei"), at=now()
        )
        return placed.order_id, paid.id


def only(app: Flask) -> Dispute:
    with app.app_context(), reading() as session:
        return session.scalars(select(Dispute)).one()


def test_a_letter_is_written_down_answered_and_lost_by_two_people(app: Flask, sign_in) -> None:
    order_id, payment = by_card(app)
    mei, xu, chen = (english(sign_in(app.test_client(), who)) for who in ("mei", "xu", "chen"))
    form = f"/admin/payments/{payment}/dispute"
    assert form in xu.get(f"/admin/orders/{order_id}").text
    assert form not in mei.get(f"/admin/orders/{order_id}").text and mei.get(form).status_code == 403
    for wrong, field in (({"amount": "268.01"}, "amount"), ({"amount": "268", "reason": "?"}, "reason")):
        refused = post(xu, form, **{"reason": "Never got a cake", **wrong})
        assert (
            refused.status_code == 422 and f'id="{field}"' in refused.text and "aria-invalid" in refused.text
        )
    there = post(
        xu, form, amount="268", reason="Never got a <cake>", reference="CB-7", answer_by="2026-11-30"
    ).location
    row = only(app)
    assert there.endswith(f"/admin/disputes/{row.id}") and row.answer_by == date(2026, 11, 30)
    assert "Nothing of this payment can be held back" in xu.get(form).text
    page = xu.get(there).text
    assert "Never got a &lt;cake&gt;" in page and "CB-7" in page and "2026-11-30" in page
    assert "The customer won?" in page and 'name="signed"' not in page
    money = xu.get("/admin/money").text
    assert "Held back by a bank" in money and "card-todo" not in money, "there is time to answer"
    assert (
        "Dispute" in mei.get(f"/admin/orders/{order_id}").text
        and "How did it end?" not in mei.get(there).text
    )
    assert post(xu, f"{there}/answer", answer="no").status_code == 422
    assert post(xu, f"{there}/answer", answer="Sent the receipt and the photo").status_code == 303
    assert post(xu, f"{there}/answer", answer="Called them").status_code == 303
    assert all(said in mei.get(there).text for said in ("Sent the receipt and the photo", "Called them"))
    signed = re.search(r'name="signed" value="(\w+)"', chen.get(there).text)
    assert signed is not None
    assert post(xu, f"{there}/lost", signed=signed[1]).status_code == 403
    assert post(chen, f"{there}/lost", signed="0" * 64).status_code == 409
    assert post(chen, f"{there}/lost", signed=signed[1]).status_code == 303
    assert post(chen, f"{there}/won").status_code == 409
    assert only(app).state == "lost" and "The customer won" in mei.get(there).text
    assert "A dispute was lost" in xu.get(f"/admin/orders/{order_id}").text


def test_who_wrote_it_down_may_say_that_the_shop_won(app: Flask, sign_in) -> None:
    order_id, payment = by_card(app)
    xu = english(sign_in(app.test_client(), "xu"))
    there = post(xu, f"/admin/payments/{payment}/dispute", amount="100", reason="Too sweet").location
    assert post(xu, f"{there}/won").status_code == 303
    assert "The shop won" in xu.get(there).text and "Held back by a bank" not in xu.get("/admin/money").text
    assert f"/admin/payments/{payment}/dispute" in xu.get(f"/admin/orders/{order_id}").text
