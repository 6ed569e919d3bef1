"""Coupons in the back office: made, seen with what they gave, changed, and typed at the order desk."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from shop.orders.tables import Order
from shop.payments.discount_tables import Coupon
from tests.admin.office import english, fields, post
from tests.admin.test_desk import place
from tests.admin.test_refused_forms import beside
from tests.cast import clock_of
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


def test_one_that_is_over_already_is_refused_beside_its_field_in_three_languages(app: Flask, sign_in) -> None:
    xu = sign_in(app.test_client(), "xu")
    today = clock_of(app).at.date()
    typed = {"code": "spring", "names__en": "Spring", "percent": "20"}
    for language, words in (("en", "This day is over"), ("zh_Hans", "这一天已过"), ("zh_Hant", "這一天已過")):
        xu.set_cookie("fs_language", language)
        answer = post(xu, "/admin/coupons", **typed, ends=(today - timedelta(days=1)).isoformat())
        assert answer.status_code == 422 and words in beside(answer, "ends")
        assert "Spring" in answer.text
    assert post(xu, "/admin/coupons", **typed, ends=today.isoformat()).status_code == 303, "today it is valid"


def test_one_that_is_over_may_be_renamed_but_not_ended_on_another_day_that_is_over(
    app: Flask, sign_in
) -> None:
    yesterday = clock_of(app).at.date() - timedelta(days=1)
    with app.app_context(), writing() as tx:
        coupon = make(tx, ends=yesterday, days_ago=2)
    xu = english(sign_in(app.test_client(), "xu"))
    path = f"/admin/coupons/{coupon.id}"
    assert post(xu, path, names__en="Autumn", active="1", ends=yesterday.isoformat()).status_code == 303
    answer = post(xu, path, names__en="A", active="1", ends=(yesterday - timedelta(days=1)).isoformat())
    assert answer.status_code == 422 and "This day is over" in answer.text


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
