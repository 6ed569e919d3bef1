"""Coupons in the back office: made, seen with what they gave, changed, and typed at the order desk."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from shop.orders.tables import Order
from shop.payments.discount_tables import Coupon
from tests.admin.office import english, fields, post
from tests.admin.test_desk import place
from tests.shop.payments.couponing import make
from web.database import reading, writing


def test_a_manager_makes_a_coupon_and_sees_what_it_gave(app: Flask, sign_in) -> None:
    xu = english(sign_in(app.test_client(), "xu"))
    answer = post(xu, "/admin/coupons", code="spring", names__en="Spring", percent="20", most="30", products="oreo",
                  inches="8", ends="2026-12-31", uses="5", budget="100")  # fmt: skip
    assert answer.status_code == 303
    page = xu.get(answer.location).text
    assert "SPRING" in page and "20 %" in page and "Oreo" in page and "8″" in page
    listed = xu.get("/admin/coupons").text
    assert "0 / 5" in listed and "valid" in listed


def test_a_refused_coupon_says_which_field_and_keeps_what_was_typed(app: Flask, sign_in) -> None:
    xu = english(sign_in(app.test_client(), "xu"))
    answer = post(xu, "/admin/coupons", code="spring", names__en="Spring")
    assert answer.status_code == 422 and "amount or a percentage" in answer.text and "Spring" in answer.text
    assert (
        post(xu, "/admin/coupons", code="spring", percent="5", inches="x", names__en="S").status_code == 422
    )


def test_it_is_switched_off_and_the_list_says_so(app: Flask, sign_in) -> None:
    with app.app_context(), writing() as tx:
        coupon = make(tx)
    xu = english(sign_in(app.test_client(), "xu"))
    post(xu, f"/admin/coupons/{coupon.id}", names__zh_Hans="生日月")
    assert "switched off" in xu.get("/admin/coupons").text
    with app.app_context(), reading() as session:
        assert not session.scalars(select(Coupon)).one().active


def test_the_desk_takes_a_coupon_and_says_why_one_does_not_apply(app: Flask, sign_in) -> None:
    with app.app_context(), writing() as tx:
        make(tx, least=20000)
    mei = english(sign_in(app.test_client(), "mei"))
    typed = fields(line__0__product="strawberry-cream", line__0__inch="8", lines="1", coupon="nosuch")
    there = post(mei, "/admin/desk", **typed).location
    assert "We do not know this coupon" in mei.get(there).text
    _, answer = place(mei, coupon="birthday")
    assert answer.status_code == 303
    with app.app_context(), reading() as session:
        assert session.scalars(select(Order)).one().total == 22240
