"""A day after the hand-over the receipt still opens, for whoever knows the end of the phone number."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shop.orders.placing import Placed
from tests.cast import SATURDAY, clock_of
from tests.slips import CANARIES, two_cakes
from tests.tracking.states import order_in


def csrf(client: FlaskClient, token: str) -> str:
    page = client.get(f"/t/{token}/receipt?lang=en").get_data(as_text=True)
    return page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]


def send(client: FlaskClient, placed: Placed, digits: str, token: str) -> tuple[int, str]:
    answer = client.post(f"/t/{placed.token}/receipt?lang=en", data={"digits": digits, "csrf_token": token})
    return answer.status_code, answer.get_data(as_text=True)


@pytest.fixture
def old(app: Flask) -> Placed:
    placed = order_in(app, "handed_over")
    clock_of(app).at += timedelta(hours=25)
    return placed


def test_the_digits_open_the_receipt_and_no_person_is_on_it(client: FlaskClient, old: Placed) -> None:
    assert "/receipt" in client.get(f"/t/{old.token}").get_data(as_text=True)
    status, page = send(client, old, "５６７８", csrf(client, old.token))
    assert status == 200 and "¥496" in page and "Strawberry cream" in page and "Cash" in page
    assert not any(canary in page for canary in CANARIES)


def test_wrong_digits_are_counted(client: FlaskClient, old: Placed) -> None:
    token = csrf(client, old.token)
    for n in range(5):
        status, page = send(client, old, f"000{n}", token)
        assert status == 422 and "¥" not in page
    assert send(client, old, "5678", token)[0] == 429


def test_before_that_day_and_without_a_phone_there_is_nothing_to_ask(app: Flask, client: FlaskClient) -> None:
    fresh = order_in(app, "handed_over")
    assert client.get(f"/t/{fresh.token}/receipt").status_code == 303
    clock_of(app).at = SATURDAY
    nameless = order_in(app, "handed_over", two_cakes(name="", phone="", note=""))
    clock_of(app).at += timedelta(hours=30)
    assert "/receipt" not in client.get(f"/t/{nameless.token}").get_data(as_text=True)
    assert client.get(f"/t/{nameless.token}/receipt").status_code == 303
    assert send(client, nameless, "", csrf(client, fresh.token))[0] == 303
