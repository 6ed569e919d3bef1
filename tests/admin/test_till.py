"""The till shows what is paid for, so that the clerk can check it with the customer."""

from __future__ import annotations

from flask import Flask

from shop.orders.tables import Order
from shop.payments.rules import Terms, change_rules
from tests import cast
from tests.admin.office import english, made, order, post
from tests.counter import shop_and_card
from web.database import writing
from web.house import now


def test_the_till_shows_cakes_words_masked_name_and_an_allergy_that_the_cake_contains(
    app: Flask, sign_in
) -> None:
    placed = made(
        app,
        paid=False,
        name="王小明",
        phone="13812345678",
        inscription="小雨生日快乐",
        options={"filling": "hazelnut"},
    )
    with app.app_context(), writing() as tx:
        tx.get_one(Order, placed.order_id).allergies = ["nuts"]
    client = english(sign_in(app.test_client(), "mei"))
    for path in (f"/admin/till/{placed.order_id}", f"/admin/orders/{placed.order_id}"):
        page = client.get(path).text
        assert "小雨生日快乐" in page and "王" in page and "王小明" not in page
        assert "this cake contains nuts" in page.lower() or "this cake contains tree nuts" in page.lower()
    assert "8 inch" in client.get(f"/admin/till/{placed.order_id}").text


def test_a_cake_without_the_allergen_is_not_alarming(app: Flask, sign_in) -> None:
    placed = made(app, paid=False)
    with app.app_context(), writing() as tx:
        tx.get_one(Order, placed.order_id).allergies = ["nuts"]
    page = english(sign_in(app.test_client(), "mei")).get(f"/admin/till/{placed.order_id}").text
    assert "Allergy" in page and "this cake contains" not in page


def test_where_a_part_is_paid_ahead_the_till_takes_all_of_it_or_only_that(app: Flask, sign_in) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        rule = {"above": 200_00, "percent": 30}
        change_rules(tx, shop, deposit=rule, terms=Terms(), limit=0, by=cast.by(tx, "chen"), at=now())
    order_id = made(app, paid=False).order_id
    mei = english(sign_in(app.test_client(), "mei"))
    for path in (f"/admin/till/{order_id}", f"/admin/orders/{order_id}"):
        page = mei.get(path).text
        assert "Only ¥80.40 now, the rest later" in page and 'data-due="26800"' in page
        assert f'href="/admin/till/{order_id}?part=deposit"' in page
    page = mei.get(f"/admin/till/{order_id}?part=deposit").text
    assert 'data-due="8040"' in page and page.count('name="amount" value="80.40"') == 2
    form = {"method": "cash", "amount": "80.40", "part": "deposit"}
    short = post(mei, f"/admin/orders/{order_id}/payment", **form, tendered="80")
    assert short.status_code == 422 and order(app, order_id).paid == 0
    assert post(mei, f"/admin/orders/{order_id}/payment", **form, tendered="100").status_code == 303
    row = order(app, order_id)
    assert (row.state, row.paid, row.balance) == ("confirmed", 80_40, 187_60)
    rest = mei.get(f"/admin/till/{order_id}?part=deposit").text
    assert 'data-due="18760"' in rest and "the rest later" not in rest and 'name="amount"' not in rest


def test_without_a_rule_the_till_takes_all_of_it(app: Flask, sign_in) -> None:
    order_id = made(app, paid=False).order_id
    page = english(sign_in(app.test_client(), "mei")).get(f"/admin/till/{order_id}?part=deposit").text
    assert 'data-due="26800"' in page and "the rest later" not in page and 'name="amount"' not in page
