"""The receipt opens with the slip; a day after the hand-over only for whoever knows the end of the phone number."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shop.orders.placing import Placed
from shop.orders.tables import Order
from tests.cast import SATURDAY, clock_of
from tests.cast import token_of as csrf_of
from tests.shop.documents.reading import words_of
from tests.slips import canaries_in, two_cakes
from tests.tracking.states import order_in
from web.database import writing


def csrf(client: FlaskClient, token: str) -> str:
    page = client.get(f"/t/{token}/receipt?lang=en").get_data(as_text=True)
    return page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]


def send(client: FlaskClient, placed: Placed, digits: str, token: str) -> tuple[int, str]:
    path, form = f"/t/{placed.token}/receipt?lang=en", {"digits": digits, "csrf_token": token}
    answer = client.post(path, data=form, follow_redirects=True)
    return answer.status_code, answer.get_data(as_text=True)


def way_of(client: FlaskClient, placed: Placed, digits: str = "5678") -> str:
    """Return where the right digits lead to."""
    form = {"digits": digits, "csrf_token": csrf(client, placed.token)}
    return client.post(f"/t/{placed.token}/receipt?lang=en", data=form).location or ""


@pytest.fixture
def old(app: Flask) -> Placed:
    placed = order_in(app, "handed_over")
    clock_of(app).at += timedelta(hours=25)
    return placed


def test_the_digits_open_the_receipt_and_no_person_is_on_it(client: FlaskClient, old: Placed) -> None:
    assert "/receipt" in client.get(f"/t/{old.token}").get_data(as_text=True)
    status, page = send(client, old, "５６７８", csrf(client, old.token))
    assert status == 200 and "¥496" in page and "Strawberry cream" in page and "Cash" in page
    assert canaries_in(page) == []


def test_wrong_digits_are_counted(client: FlaskClient, old: Placed) -> None:
    token = csrf(client, old.token)
    for n in range(5):
        status, page = send(client, old, f"000{n}", token)
        assert status == 422 and "¥" not in page
    assert send(client, old, "5678", token)[0] == 429


def test_before_that_day_the_slip_is_enough(app: Flask, client: FlaskClient) -> None:
    fresh = order_in(app, "handed_over")
    assert "/receipt" in client.get(f"/t/{fresh.token}").get_data(as_text=True)
    page = client.get(f"/t/{fresh.token}/receipt?lang=en")
    assert page.status_code == 200 and "¥496.00" in page.text and "Books, entry" in page.text
    assert canaries_in(page.text) == []
    assert page.headers["X-Robots-Tag"] and page.headers["Cache-Control"] == "no-store"
    file = client.get(f"/t/{fresh.token}/receipt.pdf?lang=zh-Hant")
    assert file.mimetype == "application/pdf" and "收據" in words_of(file.data)
    assert file.headers["Content-Disposition"] == f"inline; filename={fresh.number}-zh_Hant.pdf"


def test_without_a_phone_there_is_nothing_to_ask_a_day_later(app: Flask, client: FlaskClient) -> None:
    nameless = order_in(app, "handed_over", two_cakes(name="", phone="", note=""))
    token = csrf_of(client)
    clock_of(app).at += timedelta(hours=30)
    assert "/receipt" not in client.get(f"/t/{nameless.token}").get_data(as_text=True)
    assert client.get(f"/t/{nameless.token}/receipt").status_code == 303
    assert "¥" not in send(client, nameless, "", token)[1]


def test_nobody_gets_the_file_without_the_digits(client: FlaskClient, old: Placed) -> None:
    for proof in ("", "?pass=", "?pass=AAAAAAAAAAAAAAAAAAAAAA"):
        answer = client.get(f"/t/{old.token}/receipt.pdf{proof}")
        assert answer.status_code == 303 and answer.location.endswith("/receipt")
        assert "digits" in client.get(f"/t/{old.token}/receipt{proof}").text


def test_the_pass_opens_this_receipt_for_some_minutes(app: Flask, client: FlaskClient, old: Placed) -> None:
    clock_of(app).at = SATURDAY
    other = order_in(app, "handed_over")
    clock_of(app).at += timedelta(hours=40)
    way = way_of(client, old)
    assert "¥496.00" in client.get(way).text
    assert client.get(way.replace("/receipt?", "/receipt.pdf?")).mimetype == "application/pdf"
    assert "¥" not in client.get(way.replace(old.token, other.token)).text, "it is a pass to one order only"
    clock_of(app).at += timedelta(minutes=31)
    assert "¥" not in client.get(way).text, "half an hour later it is void"


def test_the_pass_is_void_once_the_slip_is_lost(app: Flask, client: FlaskClient, old: Placed) -> None:
    way = way_of(client, old)
    with app.app_context(), writing() as tx:
        tx.get_one(Order, old.order_id).token_version += 1
    assert "¥" not in client.get(way).text
