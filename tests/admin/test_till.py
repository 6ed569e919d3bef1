"""The till shows what is paid for, so that the clerk can check it with the customer."""

from __future__ import annotations

from flask import Flask

from shop.orders.tables import Order
from tests.admin.office import english, made
from web.database import writing


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
