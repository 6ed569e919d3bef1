"""Cash for the cake in the back office and on the boards: taken, seen by the kitchen only, ticked, given back."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from shop.orders.tables import Cake
from shop.production import work
from tests import cast, counter
from tests.admin.office import english, made, post
from web.database import reading, writing
from web.house import now


def test_the_kitchen_reads_it_and_the_customer_never_does(app: Flask, sign_in) -> None:
    placed = made(app, until="check")
    mei = english(sign_in(app.test_client(), "mei"))
    sheet = f"/admin/orders/{placed.order_id}"
    with app.app_context(), reading() as session:
        cake = session.scalars(select(Cake)).one()
    assert post(mei, f"{sheet}/hidden", cake=cake.id, hidden="").status_code == 422
    assert post(mei, f"{sheet}/hidden", cake=cake.id, hidden="888.88").status_code == 303
    assert "888.88" in mei.get(sheet).text
    for path in (f"/t/{placed.token}?lang=en", f"{sheet}/slip"):
        assert "888.88" not in mei.get(path).text, path
    assert "888.88" in mei.get(f"/t/{placed.token}/slip?labels=1").text
    with app.app_context(), writing() as tx:
        box = counter.task(tx, placed.order_id, "box")
        work.start(tx, counter.shop_and_card(tx)[0], box.id, box.version, by=cast.by(tx, "li"), at=now())
    board = mei.get("/kitchen/packing").text
    assert "888.88" in board and "/kitchen/packing/enveloped" in board
    page = mei.get(f"/kitchen/cake/{cake.code}").text
    assert f"/kitchen/cake/{cake.code}/enveloped" in page
    assert post(mei, f"/kitchen/cake/{cake.code}/enveloped").status_code == 303
    assert "is in" in mei.get(sheet).text


def test_it_is_given_back_at_the_counter(app: Flask, sign_in) -> None:
    placed = made(app)
    mei = english(sign_in(app.test_client(), "mei"))
    sheet = f"/admin/orders/{placed.order_id}"
    with app.app_context(), reading() as session:
        cake = session.scalars(select(Cake.id)).one()
    post(mei, f"{sheet}/hidden", cake=cake, hidden="500")
    post(mei, f"{sheet}/cancellation", reason="Ordered twice")
    assert "Cash for a cake, to be given back" in mei.get("/admin/").text
    assert post(mei, f"{sheet}/hidden/end").status_code == 303
    assert post(mei, f"{sheet}/hidden/end").status_code == 409
    assert "Cash for a cake, to be given back" not in mei.get("/admin/").text
