"""Cancelling by the customer: the PIN, five tries, and never after the kitchen has started."""

import threading

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from shop.core.events import Event
from shop.orders.placing import Placed
from shop.orders.tables import Order
from shop.payments.tables import Refund
from tests.cast import SATURDAY, clock_of
from tests.tracking.states import order_in
from web.database import reading


def csrf(client: FlaskClient, token: str) -> str:
    page = client.get(f"/t/{token}/cancel?lang=en").get_data(as_text=True)
    return page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]


def pin_of(app: Flask, placed: Placed) -> str:
    with app.app_context(), reading() as session:
        return session.get_one(Order, placed.order_id).pin


def wrong(pin: str) -> str:
    return f"{(int(pin) + 1) % 10_000:04d}"


def state_of(app: Flask, placed: Placed) -> str:
    with app.app_context(), reading() as session:
        return session.get_one(Order, placed.order_id).state


def send(client: FlaskClient, placed: Placed, pin: str, token: str = "") -> tuple[int, str]:
    form = {"pin": pin, "csrf_token": token or csrf(client, placed.token)}
    answer = client.post(
        f"/t/{placed.token}/cancel?lang=en", data=form, headers={"Origin": "http://localhost"}
    )
    return answer.status_code, answer.get_data(as_text=True)


@pytest.mark.parametrize("state", ["placed", "confirmed"])
def test_the_right_pin_cancels_and_the_money_is_owed(app: Flask, client: FlaskClient, state: str) -> None:
    placed = order_in(app, state)
    pin = pin_of(app, placed)
    assert send(client, placed, f" {pin[:2]} {pin[2:]} ")[0] == 303
    assert state_of(app, placed) == "cancelled"
    with app.app_context(), reading() as session:
        owed = [refund.amount for refund in session.scalars(select(Refund))]
        events = [e.kind for e in session.scalars(select(Event).where(Event.order_id == placed.order_id))]
    assert owed == ([49600] if state == "confirmed" else [])
    assert events.count("order_cancelled") == 1 and "pin_wrong" not in events


def test_a_second_tap_changes_nothing(app: Flask, client: FlaskClient) -> None:
    placed = order_in(app, "confirmed")
    pin, token = pin_of(app, placed), csrf(client, placed.token)
    assert [send(client, placed, pin, token)[0] for _ in range(3)] == [303] * 3
    with app.app_context(), reading() as session:
        assert len(list(session.scalars(select(Refund)))) == 1


def test_five_wrong_pins_close_the_door_for_an_hour(app: Flask, client: FlaskClient) -> None:
    placed = order_in(app, "confirmed")
    pin, token = pin_of(app, placed), csrf(client, placed.token)
    for left in (4, 3, 2, 1):
        status, page = send(client, placed, wrong(pin), token)
        assert status == 422 and f"{left} tr" in page
    status, page = send(client, placed, wrong(pin), token)
    assert status == 422 and "Too many wrong PINs. Please call the shop." in page and 'name="pin"' not in page
    assert send(client, placed, pin, token)[0] == 429, "now the right one does not help either"
    assert app.test_client().get(f"/t/{placed.token}/cancel?lang=en").get_data(as_text=True).count("Too many")
    assert state_of(app, placed) == "confirmed"
    clock_of(app).pass_by(minutes=61)
    assert send(client, placed, pin, token)[0] == 303 and state_of(app, placed) == "cancelled"


def test_wrong_pins_of_one_order_do_not_close_another(app: Flask, client: FlaskClient) -> None:
    first, second = order_in(app, "placed"), order_in(app, "placed")
    token = csrf(client, first.token)
    for _ in range(6):
        send(client, first, wrong(pin_of(app, first)), token)
    assert send(client, second, pin_of(app, second), token)[0] == 303


def test_all_four_digit_pins_tried_out_open_nothing(app: Flask, client: FlaskClient) -> None:
    placed = order_in(app, "placed")
    pin, token = pin_of(app, placed), csrf(client, placed.token)
    guesses = [f"{n:04d}" for n in range(400) if f"{n:04d}" != pin][:30]
    assert {send(client, placed, guess, token)[0] for guess in guesses} == {422, 429}
    assert send(client, placed, pin, token)[0] == 429 and state_of(app, placed) == "placed"


def test_nothing_is_cancelled_once_the_kitchen_has_started(app: Flask, client: FlaskClient) -> None:
    waiting = order_in(app, "confirmed")
    token = csrf(client, waiting.token)
    clock_of(app).at = SATURDAY
    started = order_in(app, "in_production")
    status, page = send(client, started, pin_of(app, started), token)
    assert status == 409 and "The kitchen has already started. Please call the shop." in page
    assert client.get(f"/t/{started.token}/cancel").status_code == 303, "the page leads back"
    assert state_of(app, started) == "in_production"


@pytest.mark.parametrize("pin", ["", "    ", "12345678901234567890123", "<b>", "١٢٣٤", "\x00"])
def test_strange_pins_are_only_wrong(app: Flask, client: FlaskClient, pin: str) -> None:
    assert send(client, order_in(app, "placed"), pin)[0] == 422


def test_without_the_pages_own_token_nothing_happens(app: Flask, client: FlaskClient) -> None:
    placed = order_in(app, "placed")
    pin = pin_of(app, placed)
    assert client.post(f"/t/{placed.token}/cancel", data={"pin": pin}).status_code == 403
    foreign = {"Origin": "https://evil.example"}
    form = {"pin": pin, "csrf_token": csrf(client, placed.token)}
    assert client.post(f"/t/{placed.token}/cancel", data=form, headers=foreign).status_code == 403
    assert client.post("/t/wrong/cancel", data=form).status_code == 404
    assert state_of(app, placed) == "placed"


@pytest.mark.postgres
def test_two_at_once_on_postgresql_count_every_wrong_pin(app_postgres: Flask) -> None:
    placed = order_in(app_postgres, "confirmed")
    pin = pin_of(app_postgres, placed)
    answers: list[int] = []

    def guess() -> None:
        client = app_postgres.test_client()
        token = csrf(client, placed.token)
        answers.extend(send(client, placed, wrong(pin), token)[0] for _ in range(4))

    threads = [threading.Thread(target=guess) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [422] * 5 + [429] * 11
    assert state_of(app_postgres, placed) == "confirmed"
