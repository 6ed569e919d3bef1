"""Discounts in the back office: given at the till, agreed to on a page of their own, and seen wherever the price is."""

from __future__ import annotations

import re

from flask import Flask
from sqlalchemy import select

from shop.payments.discount_tables import Discount
from tests import cast
from tests.admin.office import english, made, order, post
from tests.shop.payments.test_rules import RULES
from web.database import reading


def only(app: Flask) -> Discount:
    with app.app_context(), reading() as session:
        return session.scalars(select(Discount).order_by(Discount.id.desc()).limit(1)).one()


def test_a_clerk_gives_a_discount_at_the_till_and_everybody_sees_it(app: Flask, sign_in) -> None:
    placed = made(app, paid=False)
    mei = english(sign_in(app.test_client(), "mei"))
    till = f"/admin/till/{placed.order_id}"
    assert "Give a discount" in mei.get(till).text
    answer = post(mei, f"/admin/orders/{placed.order_id}/discounts", percent="10", reason="Regular guest")
    assert answer.status_code == 303 and order(app, placed.order_id).total == 24120
    pages = (
        till,
        f"/admin/orders/{placed.order_id}",
        f"/admin/orders/{placed.order_id}/slip",
        f"/t/{placed.token}",
    )
    for path in pages:
        page = mei.get(path).text
        assert re.search(r"Discount|优惠", page) and re.search(r"[-−](¥|￥)?\s?26\.80", page), path
    assert "Something was taken off the price" in mei.get(f"/admin/orders/{placed.order_id}").text


def test_above_the_cap_the_manager_agrees_on_its_page(app: Flask, sign_in) -> None:
    placed = made(app, paid=False)
    mei, xu = (english(sign_in(app.test_client(), who)) for who in ("mei", "xu"))
    answer = post(mei, f"/admin/orders/{placed.order_id}/discounts", fixed="100", reason="The oven was late")
    there = answer.location
    assert there.endswith(f"/admin/discounts/{only(app).id}")
    page = mei.get(there).text
    assert "A second person has to agree." in page and 'name="signed"' not in page
    assert "Discounts that wait for a second person" in xu.get("/admin/money").text
    signed = re.search(r'name="signed" value="(\w+)"', xu.get(there).text)
    assert signed is not None
    assert post(xu, f"{there}/agreement", signed="0" * 64).status_code == 409
    assert post(mei, f"{there}/agreement", signed=signed[1]).status_code == 403
    assert post(xu, f"{there}/agreement", signed=signed[1]).status_code == 303
    assert order(app, placed.order_id).total == 16800
    assert "Taken off" in mei.get(there).text


def test_the_one_who_asked_takes_it_back(app: Flask, sign_in) -> None:
    placed = made(app, paid=False)
    mei = english(sign_in(app.test_client(), "mei"))
    there = post(mei, f"/admin/orders/{placed.order_id}/discounts", fixed="100", reason="A mistake").location
    assert post(mei, f"{there}/refusal").status_code == 303
    assert only(app).state == "rejected" and order(app, placed.order_id).total == 26800


def test_only_who_asked_or_who_may_agree_says_no(app: Flask, sign_in) -> None:
    placed = made(app, paid=False)
    mei, jie, chen = (english(sign_in(app.test_client(), who)) for who in ("mei", "jie", "chen"))
    there = post(mei, f"/admin/orders/{placed.order_id}/discounts", fixed="100", reason="A mistake").location
    assert f"{there}/refusal" not in jie.get(there).text
    assert post(jie, f"{there}/refusal").status_code == 403 and only(app).state == "requested"
    assert f"{there}/refusal" in chen.get(there).text
    assert post(chen, f"{there}/refusal").status_code == 303 and only(app).state == "rejected"


def test_a_mistake_is_taken_back_on_its_page(app: Flask, sign_in) -> None:
    placed = made(app, paid=False)
    mei = english(sign_in(app.test_client(), "mei"))
    post(mei, f"/admin/orders/{placed.order_id}/discounts", percent="10", reason="A mistake")
    there = f"/admin/discounts/{only(app).id}"
    assert f"{there}/end" in mei.get(there).text
    assert post(mei, f"{there}/end").status_code == 303
    assert order(app, placed.order_id).total == 26800 and f"{there}/end" not in mei.get(there).text


def test_a_refused_discount_says_which_field(app: Flask, sign_in) -> None:
    placed = made(app, paid=False)
    mei = english(sign_in(app.test_client(), "mei"))
    answer = post(mei, f"/admin/orders/{placed.order_id}/discounts", fixed="9999", reason="x")
    assert answer.status_code == 422 and "more than the cakes cost" in answer.text
    answer = post(mei, f"/admin/orders/{placed.order_id}/discounts", fixed="5", percent="5", reason="x")
    assert answer.status_code == 422 and "a percentage or an amount, not both" in answer.text
    answer = post(mei, f"/admin/orders/{placed.order_id}/discounts", fixed="5", reason="")
    assert answer.status_code == 422 and "Please give a reason." in answer.text


def test_the_owner_sets_the_caps(app: Flask, sign_in) -> None:
    chen = sign_in(app.test_client(), "chen")
    rows = RULES | {"cap.clerk": "0", "cap.manager": "25"}
    assert post(chen, "/admin/shop/money", **rows).status_code == 303
    assert cast.the_shop(app).settings["discount_caps"] == {"clerk": 0, "manager": 25}
    assert 'name="cap.manager" type="number" value="25"' in chen.get("/admin/shop").text


def test_two_accounts_at_one_browser_are_said_on_its_page(app: Flask) -> None:
    one = app.test_client()
    placed = made(app, paid=False)
    english(cast.sign_in(one, "mei"))
    there = post(one, f"/admin/orders/{placed.order_id}/discounts", fixed="100", reason="A friend").location
    cast.sign_in(one, "xu")
    signed = re.search(r'name="signed" value="(\w+)"', one.get(there).text)
    assert signed is not None and post(one, f"{there}/agreement", signed=signed[1]).status_code == 303
    assert "agreed at the same browser" in one.get(there).text


def test_a_tab_that_was_overtaken_is_shown_anew_without_its_button(app: Flask, sign_in) -> None:
    """Its script swaps the whole screen: a sentence above a button that cannot work any more helps nobody."""
    placed = made(app, paid=False)
    mei, xu = (english(sign_in(app.test_client(), login)) for login in ("mei", "xu"))
    there = post(mei, f"/admin/orders/{placed.order_id}/discounts", fixed="100", reason="A friend").location
    signed = re.search(r'name="signed" value="(\w+)"', xu.get(there).text)
    assert signed is not None and post(xu, f"{there}/agreement", signed=signed[1]).status_code == 303
    form = {"signed": signed[1], "csrf_token": cast.token_of(xu), "key": "b" * 32}
    late = xu.post(f"{there}/agreement", data=form, headers={"HX-Request": "true"})
    assert (late.status_code, late.headers["HX-Retarget"]) == (409, "#screen")
    assert 'id="trouble" role="alert"' in late.text and "Agree to" not in late.text
    paid = {"method": "cash", "tendered": "300"}
    assert post(mei, f"/admin/orders/{placed.order_id}/payment", **paid).status_code == 303
    form = paid | {"csrf_token": cast.token_of(mei), "key": "c" * 32}
    late = mei.post(f"/admin/orders/{placed.order_id}/payment", data=form, headers={
        "HX-Request": "true", "Referer": f"http://localhost/admin/till/{placed.order_id}",
    })  # fmt: skip
    assert late.status_code == 409 and "already paid" in late.text and 'name="tendered"' not in late.text
