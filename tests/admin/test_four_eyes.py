"""Four eyes (T34): nobody is their own second person, and one person with two accounts is seen by the browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from shop.core.actors import SYSTEM, Actor
from shop.core.errors import Denied
from shop.orders.tables import Order
from shop.payments import count
from shop.payments.tables import Refund
from shop.people import four_eyes
from shop.people.staff import SignInTry
from tests import cast, counter
from tests.admin.office import english, events, made, post, started
from tests.shop.payments.counting import checked, opened
from tests.shop.payments.test_refunds import handed_over
from web.database import reading, writing
from web.house import now

Sign = Callable[..., FlaskClient]


def asked(app: Flask, browser: FlaskClient, who: str = "mei") -> int:
    """Somebody signs in at this browser and asks for a refund; returns its id."""
    with app.app_context(), writing() as tx:
        order, payment = handed_over(tx)
        address, form = f"/admin/orders/{order.id}/refunds", {"payment": payment.id, "amount": "50"}
    cast.sign_in(english(browser), who)
    assert post(browser, address, reason="Too sweet", **form).status_code == 303
    with app.app_context(), reading() as session:
        return session.scalars(select(Refund.id)).one()


def agree(browser: FlaskClient, refund: int, who: str) -> str:
    """Somebody signs in at this browser and agrees; returns the refund's page."""
    cast.sign_in(english(browser), who)
    page = browser.get(f"/admin/refunds/{refund}").text
    signed = page.split('name="signed" value="', 1)[1].split('"', 1)[0]
    assert post(browser, f"/admin/refunds/{refund}/agreement", signed=signed).status_code == 303
    return browser.get(f"/admin/refunds/{refund}").text


def test_two_accounts_at_one_browser_are_said_on_the_page_and_in_the_diary(app: Flask) -> None:
    one = app.test_client()
    page = agree(one, asked(app, one), "xu")
    assert "agreed at the same browser" in page
    (line,) = events(app, four_eyes.SAME_BROWSER)
    with app.app_context(), reading() as session:
        mei, xu = cast.person(session, "mei").id, cast.person(session, "xu").id
    assert (line.data["staff"], line.actor_id) == (mei, xu)
    diary = english(cast.sign_in(app.test_client(), "zheng")).get("/admin/diary?kind=money").text
    assert "The second person sat at the browser" in diary and "Mei" in diary


def test_the_owner_is_no_exception(app: Flask) -> None:
    one = app.test_client()
    assert "agreed at the same browser" in agree(one, asked(app, one), "chen")


def test_a_second_person_elsewhere_is_one(app: Flask) -> None:
    page = agree(app.test_client(), asked(app, app.test_client()), "xu")
    assert "same browser" not in page and events(app, four_eyes.SAME_BROWSER) == []


def test_where_the_second_person_signed_in_last_counts(app: Flask) -> None:
    """Both use the computer in the office every day; the second one agrees on their own phone."""
    office = app.test_client()
    cast.sign_in(office, "xu")
    assert "same browser" not in agree(app.test_client(), asked(app, office), "xu")


def test_a_sign_in_of_the_day_before_and_a_failed_one_are_nothing(app: Flask) -> None:
    one, other = app.test_client(), app.test_client()
    refund = asked(app, one)
    form = {"login": "mei", "password": "not hers", "csrf_token": cast.token_of(other)}
    assert other.post("/sign-in", data=form).status_code == 403
    assert "same browser" not in agree(other, refund, "xu")


@pytest.mark.parametrize("who", ["chen", "lin", "xu", "mei"])
def test_a_refund_is_refused_where_its_page_offers_it(app: Flask, who: str) -> None:
    """The owner and partners may agree and not ask; another clerk may ask, and has no say in this one."""
    refund = asked(app, app.test_client())
    there, jie = f"/admin/refunds/{refund}", app.test_client()
    cast.sign_in(english(jie), "jie")
    assert f"{there}/refusal" not in jie.get(there).text and post(jie, f"{there}/refusal").status_code == 403
    one = app.test_client()
    cast.sign_in(english(one), who)
    assert f"{there}/refusal" in one.get(there).text
    assert post(one, f"{there}/refusal").status_code == 303
    with app.app_context(), reading() as session:
        assert session.get_one(Refund, refund).state == "rejected"


def test_what_is_kept_of_a_browser_tells_nothing(app: Flask) -> None:
    one = app.test_client()
    cast.sign_in(one, "mei")
    cookie = one.get_cookie("fs_browser")
    assert cookie is not None and cookie.http_only and len(cookie.value) >= 20
    cast.sign_in(one, "xu")
    again = one.get_cookie("fs_browser")
    assert again is not None and again.value == cookie.value, "it outlives who signs in"
    with app.app_context(), reading() as session:
        kept = set(session.scalars(select(SignInTry.browser)))
        assert len(kept) == 1 and cookie.value not in kept.pop()
    with app.app_context():
        cast.clock_of(app).pass_by(hours=25)
    cast.sign_in(app.test_client(), "lin")
    with app.app_context(), reading() as session:
        assert len(session.scalars(select(SignInTry)).all()) == 1, "and is forgotten after a day"


def test_who_signs_on_the_first_ones_screen_is_there_by_design(app: Flask, sign_in: Sign) -> None:
    placed = made(app)
    started(app, placed.order_id)
    one = app.test_client()
    sign_in(one, "chen")
    sign_in(one, "xu")
    form = {"reason": "sick", "login": "chen", "password": cast.DEMO_PASSWORD}
    assert post(one, f"/admin/orders/{placed.order_id}/cancellation/two", **form).status_code == 303
    assert events(app, four_eyes.SAME_BROWSER) == [] and events(app, "order_cancelled")[0].data["second"]
    other = made(app)
    started(app, other.order_id)
    form["login"] = "xu"
    assert post(one, f"/admin/orders/{other.order_id}/cancellation/two", **form).status_code == 403


@pytest.mark.parametrize(("inch", "alone"), [(8, True), (12, False)])
def test_an_unfetched_cake_of_much_money_is_given_up_by_two(
    app: Flask, sign_in: Sign, inch: int, alone: bool
) -> None:
    """The terms give all of 268 or of 498 back, and one person pays 300 back."""
    with app.app_context(), writing() as tx:
        order_id = counter.order(tx, counter.cart(inch=inch)).order_id
        counter.make(tx, order_id)
    with app.app_context(), reading() as session:
        cast.clock_of(app).at = session.get_one(Order, order_id).due_at + timedelta(hours=2)
    xu = english(sign_in(app.test_client(), "xu"))
    assert post(xu, f"/admin/orders/{order_id}/no-show").status_code == 303
    shown, form = xu.get(f"/admin/orders/{order_id}").text, {"how": "disposed", "reason": "Nobody came"}
    assert ("given-up-password" in shown) is not alone
    there = f"/admin/orders/{order_id}/given-up"
    if not alone:
        for login, password, status in (
            ("", "", 403), ("xu", cast.DEMO_PASSWORD, 403), ("mei", cast.DEMO_PASSWORD, 403), ("chen", "wrong", 403),
        ):  # fmt: skip
            assert post(xu, there, **form, login=login, password=password).status_code == status, login
        form |= {"login": "chen", "password": cast.DEMO_PASSWORD}
        assert events(app, "order_forfeited") == []
    assert post(xu, there, **form).status_code == 303
    (told,) = events(app, "order_forfeited")
    assert ("second" in told.data) is not alone


@pytest.mark.parametrize("who", ["themselves", "a program", "the shop's computer"])
def test_only_another_person_is_a_second_one(app: Flask, who: str) -> None:
    with app.app_context(), writing() as tx:
        shop, mei = cast.the_shop(app), cast.by(tx, "mei")
        by = {"themselves": mei, "a program": Actor(SYSTEM.kind, mei.id), "the shop's computer": SYSTEM}[who]
        with pytest.raises(Denied):
            four_eyes.second(tx, shop, [mei.id, None], by=by, at=now(), refusal="no")


def test_a_decision_is_offered_to_whom_its_verb_lets_decide_until_it_lapses(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        opened(tx)
        shift = checked(tx)
        row = count.ask_correction(tx, shop, shift.id, 500, "found later", by=cast.by(tx, "mei"), at=now())
        edge, offered = row.asked_at + four_eyes.VALID, count.may_decide
        assert not offered(row, shift, by=cast.by(tx, "mei"), at=now())
        assert not offered(row, shift, by=SYSTEM, at=now())
        assert offered(row, shift, by=cast.by(tx, "xu"), at=edge - timedelta(seconds=1))
        assert not offered(row, shift, by=cast.by(tx, "xu"), at=edge)
