"""What a customer leaves behind: a draft under its code for fifteen minutes, and nothing on the screen."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from shop.core.events import Event
from shop.orders.tables import Draft
from tests import cast
from tests.kiosk.customer import SWAP, Customer, found
from web.access import DOORS
from web.database import reading
from web.limits import Limits

GETS = (
    "",
    "menu",
    "cake/oreo",
    "words/0",
    "readback/0",
    "time",
    "review",
    "pay",
    "wait",
    "resume",
    "mine/0.svg",
)


def test_leaving_clears_every_trace_from_the_browser(customer: Customer) -> None:
    customer.tap("language", language="en", back="/kiosk/menu")
    customer.tap("look", look="text:on", back="/kiosk/menu")
    customer.choose(then="words")
    customer.write("小雨生日快乐")
    code = customer.code
    customer.take_time()
    customer.tap("review", answers=1, name="王小明", phone="13812345678", do="pay")
    customer.tap("leave")
    for name in ("fs_visit", "fs_look", "fs_language"):
        assert customer.client.get_cookie(name, path="/kiosk") is None
    for path in GETS:
        page = customer.client.get(f"/kiosk/{path}").text
        for trace in ("小雨", "王小明", "13812345678", code):
            assert trace not in page, path


def test_nothing_of_the_kiosk_is_kept_by_the_browser(customer: Customer) -> None:
    customer.choose(then="words")
    customer.write("小雨")
    customer.take_time()
    for path in GETS:
        assert customer.client.get(f"/kiosk/{path}").headers["Cache-Control"] == "no-store", path
    cookie = customer.client.get_cookie("fs_visit", path="/kiosk")
    assert cookie and cookie.http_only and cookie.same_site == "Strict" and cookie.path == "/kiosk"
    assert "小雨" not in cookie.value


def test_the_draft_goes_on_by_its_code_and_is_read_back_again(app: Flask, customer: Customer) -> None:
    customer.choose(then="words")
    customer.write("小雨生日快乐")
    customer.take_time()
    code = customer.code
    customer.tap("leave")
    cast.clock_of(app).pass_by(minutes=14)
    other = Customer(app)  # another kiosk of the shop
    answer = other.tap("resume", code=code.lower())
    assert answer.status_code in (200, 303)
    assert "<blockquote>小雨生日快乐</blockquote>" in other.see("readback/0").text
    assert other.see("review").status_code == 303  # not before the words are confirmed anew


@pytest.mark.parametrize("minutes", [16, 61])
def test_after_fifteen_minutes_the_code_opens_nothing(app: Flask, customer: Customer, minutes: int) -> None:
    customer.choose()
    code = customer.code
    customer.tap("leave")
    cast.clock_of(app).pass_by(minutes=minutes)
    answer = customer.tap("resume", code=code)
    assert answer.status_code == 404 and "code-error" in answer.text


@pytest.mark.parametrize("code", ["AAAAAA", "1", "x" * 40, "<b>"])
def test_a_wrong_code_says_so_on_the_same_screen(customer: Customer, code: str) -> None:
    answer = customer.tap("resume", code=code)
    assert answer.status_code == 404 and "code-error" in answer.text and "data-keypad" in answer.text


@pytest.mark.parametrize("code", ["", "  "])
def test_no_code_is_asked_for(customer: Customer, code: str) -> None:
    answer = customer.tap("resume", code=code)
    assert answer.status_code == 422 and "请输入六位码" in answer.text and "data-keypad" in answer.text


def test_the_code_for_the_counter_is_told_apart(customer: Customer) -> None:
    code = found(r'class="k-number"[^>]*>([^<]+)<', customer.order().text)
    customer.tap("leave")
    answers = [customer.tap("resume", code=typed) for typed in (code, code.lower(), "AAAAA")]
    assert [answer.status_code for answer in answers] == [422, 422, 422]
    assert all("五位" in answer.text and "code-error" in answer.text for answer in answers)


def test_guessing_codes_comes_to_an_end(app: Flask, customer: Customer) -> None:
    customer.choose()
    code = customer.code
    customer.tap("leave")
    app.extensions["limits"] = Limits()
    for _ in range(30):
        assert customer.tap("resume", code="AAAAAA").status_code == 404
    for typed in ("AAAAAA", code):  # the right one as well
        answer = customer.tap("resume", code=typed)
        assert answer.status_code == 429 and "code-error" in answer.text and "data-keypad" in answer.text
    assert customer.client.get_cookie("fs_visit", path="/kiosk") is None
    del app.extensions["limits"]
    assert customer.tap("resume", code=code).status_code == 200


def test_leaving_gives_the_draft_its_fifteen_minutes(app: Flask, customer: Customer) -> None:
    customer.choose()
    cast.clock_of(app).pass_by(minutes=10)
    customer.tap("leave")
    with app.app_context(), reading() as session:
        until = session.scalars(select(Draft.until)).one()
    assert (until - cast.clock_of(app).at).total_seconds() == 15 * 60


def test_an_expired_draft_has_its_own_screen(app: Flask, customer: Customer) -> None:
    customer.choose()
    cast.clock_of(app).pass_by(minutes=16)
    answer = customer.see("review")
    assert answer.status_code == 404 and "k-state is-warn" in answer.text
    assert customer.take_time_at("2026-11-21T05:00:00+00:00").status_code == 404
    assert customer.orders() == []


def test_the_invitation_offers_to_go_on(customer: Customer) -> None:
    assert "data-attract" in customer.see("").text
    customer.choose()
    page = customer.see("").text
    assert "/kiosk/review" in page and 'data-idle="90"' in page


def test_language_and_look_are_one_tap_and_come_back_here(customer: Customer) -> None:
    page = customer.tap("language", language="en", back="/kiosk/menu?without=nuts")
    assert "Which cake shall it be?" in page.text
    for look, mark in (("text", "large"), ("contrast", "high"), ("reach", "low")):
        customer.tap("look", look=f"{look}:on", back="/kiosk/menu")
        assert f'data-{look}="{mark}"' in customer.client.get("/kiosk/menu").text
    customer.tap("look", look="text:off", back="/kiosk/menu")
    page = customer.client.get("/kiosk/menu").text
    assert 'data-text="large"' not in page and 'data-reach="low"' in page


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example", "/admin/", "/kiosk//evil", "/kiosk/\\evil", ""]
)
def test_the_way_back_stays_in_the_kiosk(customer: Customer, back: str) -> None:
    answer = customer.client.post(
        "/kiosk/language", data={"csrf_token": customer.token, "language": "en", "back": back}
    )
    assert answer.location == "/kiosk/"


def test_staff_are_called_once_a_minute(app: Flask, customer: Customer) -> None:
    def calls() -> list[Event]:
        with app.app_context(), reading() as session:
            return list(session.scalars(select(Event).where(Event.kind == "staff_called")))

    answer = customer.tap("call")
    assert answer.status_code == 204 and "called" in answer.headers["HX-Trigger"]
    customer.tap("call")
    assert len(calls()) == 1 and calls()[0].topics == "orders devices"
    cast.clock_of(app).pass_by(seconds=61)
    customer.tap("call")
    assert len(calls()) == 2


def test_every_door_needs_a_paired_kiosk_and_opens_nothing_else(app: Flask, customer: Customer) -> None:
    doors = [door for endpoint, door in DOORS.items() if endpoint.startswith("kiosk.")]
    assert len(doors) > 20
    stranger = app.test_client()
    for path in GETS:
        answer = stranger.get(f"/kiosk/{path}", headers={**SWAP, "X-Forwarded-For": "10.0.0.9"})
        assert answer.status_code in (401, 303), path
    for path in ("/admin/", "/admin/orders", "/kitchen/", "/courier/"):
        assert customer.client.get(path, headers={"X-Forwarded-For": "10.0.0.9"}).status_code in (
            303,
            401,
            404,
        )


def test_a_write_without_its_token_is_refused(kiosk_client: FlaskClient) -> None:
    assert kiosk_client.post("/kiosk/line", data={"product": "oreo"}).status_code == 403
    assert kiosk_client.post("/kiosk/leave").status_code == 403


def test_the_way_back_from_a_cake_leads_to_all_cakes_and_another_takes_its_place(customer: Customer) -> None:
    assert 'class="btn btn-quiet" href="/kiosk/menu"' in customer.see("cake/oreo").text
    customer.choose("oreo", then="words")
    customer.tap("words/0", text="生日快乐")
    assert 'href="/kiosk/menu?line=0"' in customer.see("cake/oreo?line=0").text
    assert 'href="/kiosk/cake/fruit?line=0"' in customer.see("menu?line=0&without=alcohol").text
    assert 'href="/kiosk/cake/fruit"' in customer.see("menu?line=1").text
    page = customer.choose("fruit", line=0)
    assert "1 个蛋糕" in page.text and "¥278" in page.text
    assert "生日快乐" in customer.take_time(page).text
