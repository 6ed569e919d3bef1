"""An invoice from the tracking page: with the PIN of the slip, once, and read only with the pass it gives."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from shop.documents.tables import Document
from shop.orders.placing import Placed
from shop.orders.tables import Order
from tests.cast import clock_of
from tests.cast import token_of as csrf_of
from tests.shop.documents.reading import words_of
from tests.tracking.states import order_in
from web.database import reading

BUYER = {"buyer_name": "上海长宁餐饮有限公司", "tax_number": "91310000MA1FL2XX3K", "address": "长宁路 1 号"}


def pin_of(app: Flask, placed: Placed) -> str:
    with app.app_context(), reading() as session:
        return session.get_one(Order, placed.order_id).pin


def issued(app: Flask) -> list[str]:
    with app.app_context(), reading() as session:
        return list(session.scalars(select(Document.number)))


def ask(client: FlaskClient, placed: Placed, **form: str) -> TestResponse:
    path = f"/t/{placed.token}/invoice?lang=en"
    return client.post(path, data={"csrf_token": csrf_of(client), **form})


def test_the_pin_issues_it_and_its_pass_opens_page_and_file(app: Flask, client: FlaskClient) -> None:
    placed = order_in(app, "confirmed")
    assert f"/t/{placed.token}/invoice" in client.get(f"/t/{placed.token}").text
    assert "buyer_name" in client.get(f"/t/{placed.token}/invoice?lang=en").text
    answer = ask(client, placed, pin=pin_of(app, placed), **BUYER)
    assert answer.status_code == 303 and issued(app) == ["INV-2026-000001"]
    page = client.get(answer.location).text
    assert BUYER["buyer_name"] in page and "INV-2026-000001" in page and "not a fapiao" in page
    file = client.get(answer.location.replace("/invoice?", "/invoice.pdf?"))
    assert file.mimetype == "application/pdf" and BUYER["tax_number"] in words_of(file.data)


def test_the_slip_alone_shows_no_name(app: Flask, client: FlaskClient) -> None:
    placed = order_in(app, "confirmed")
    way = ask(client, placed, pin=pin_of(app, placed), **BUYER).location or ""
    for path in (f"/t/{placed.token}", f"/t/{placed.token}/invoice", f"/t/{placed.token}/receipt"):
        assert not any(said in client.get(path).text for said in BUYER.values())
    assert client.get(f"/t/{placed.token}/invoice.pdf").status_code == 303
    receipts = client.get(f"/t/{placed.token}/invoice.pdf?pass=AAAAAAAAAAAAAAAAAAAAAA")
    assert receipts.status_code == 303
    clock_of(app).at += timedelta(minutes=31)
    assert BUYER["buyer_name"] not in client.get(way).text, "the pass is over"


def test_a_wrong_pin_is_counted_issues_nothing_and_keeps_what_was_typed(
    app: Flask, client: FlaskClient
) -> None:
    placed = order_in(app, "confirmed")
    wrong = "0000" if pin_of(app, placed) != "0000" else "1111"
    for _ in range(4):
        answer = ask(client, placed, pin=wrong, **BUYER)
        assert answer.status_code == 422 and BUYER["buyer_name"] in answer.text
    assert ask(client, placed, pin=wrong, **BUYER).status_code == 422
    assert ask(client, placed, pin=pin_of(app, placed), **BUYER).status_code == 429
    assert "Too many wrong PINs" in client.get(f"/t/{placed.token}/invoice?lang=en").text
    assert issued(app) == []


def test_a_second_tap_finds_the_first_invoice(app: Flask, client: FlaskClient) -> None:
    placed = order_in(app, "handed_over")
    pin = pin_of(app, placed)
    ask(client, placed, pin=pin, **BUYER)
    again = ask(client, placed, pin=pin, buyer_name="Mallory")
    assert again.status_code == 303 and issued(app) == ["INV-2026-000001"]
    assert "Mallory" not in client.get(again.location).text
    assert "buyer_name" not in client.get(f"/t/{placed.token}/invoice").text, "only the PIN is asked for"


def test_an_unpaid_order_says_when_there_can_be_one(app: Flask, client: FlaskClient) -> None:
    placed = order_in(app, "placed")
    assert "/invoice" not in client.get(f"/t/{placed.token}").text
    page = client.get(f"/t/{placed.token}/invoice?lang=en").text
    assert "once the order is paid or handed over" in page and "buyer_name" not in page
    answer = ask(client, placed, pin=pin_of(app, placed), **BUYER)
    assert answer.status_code == 409 and issued(app) == []


def test_a_name_that_is_missing_is_asked_for_beside_its_field(app: Flask, client: FlaskClient) -> None:
    placed = order_in(app, "confirmed")
    answer = ask(client, placed, pin=pin_of(app, placed), buyer_name=" ", tax_number="913")
    assert answer.status_code == 422 and "the name that the invoice is for" in answer.text
    assert 'value="913"' in answer.text and issued(app) == []
