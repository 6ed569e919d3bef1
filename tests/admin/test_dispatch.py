"""The dispatcher's board: who waits, who rides, what came back, and the doors beside it."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from shop.core.events import Event
from shop.delivery.handing import bring_back, fail
from shop.delivery.tables import Drop
from shop.orders.tables import Order, OrderState
from tests import cast, counter
from tests.courier.phone import a_drop, again, phone
from tests.shop.delivery import rounds
from web.database import reading, writing
from web.house import now


def send(client: FlaskClient, path: str, **fields: Any) -> TestResponse:
    form = {"csrf_token": cast.token_of(client), "key": uuid.uuid4().hex, **fields}
    return client.post(f"/admin/dispatch/{path}", data=form)


def board(app: Flask, login: str = "xu") -> str:
    return cast.sign_in(app.test_client(), login).get("/admin/dispatch").get_data(as_text=True)


def test_the_board_shows_who_waits_and_who_rides(app: Flask) -> None:
    phone(app).get("/courier/")
    waiting, riding = a_drop(app), a_drop(app, rounds.at_the_door)
    text = board(app)
    with app.app_context(), reading() as session:
        for it, state in ((waiting, "还没人接"), (riding, "已到门口")):
            assert session.get_one(Order, it.order_id).number in text and state in text
    assert "最合适：老高 Gao" in text and rounds.ADDRESS not in text


def test_a_drop_is_given_to_somebody_with_a_reason(app: Flask) -> None:
    it, xu = a_drop(app, rounds.claimed), cast.sign_in(app.test_client(), "xu")
    with app.app_context(), reading() as session:
        wu = str(cast.person(session, "wu").id)
    bare = send(xu, f"{it.id}", courier=wu, version=it.version, reason=" ")
    assert bare.status_code == 422 and again(app, it).courier_id != int(wu)
    stale = send(xu, f"{it.id}", courier=wu, version=it.version - 1, reason="nearer")
    assert stale.status_code == 409
    assert send(xu, f"{it.id}", courier=wu, version=it.version, reason="nearer").status_code == 303
    assert again(app, it).courier_id == int(wu)
    with app.app_context(), reading() as session:
        line = session.scalars(select(Event).where(Event.kind == "drop_assigned")).one()
        assert line.data["reason"] == "nearer" and line.actor_id == cast.person(session, "xu").id


def test_what_came_back_goes_out_again(app: Flask) -> None:
    it = a_drop(app, rounds.at_the_door)
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        fail(tx, shop, it.id, reason="nobody", next_step="back", by=cast.by(tx, "gao"), at=now())
        bring_back(tx, shop, it.id, by=cast.by(tx, "gao"), at=now())
    assert "back-title" in board(app)
    assert send(cast.sign_in(app.test_client(), "mei"), f"{it.id}/again").status_code == 303
    assert again(app, it).state == "open"


def test_a_dead_phone_stops_no_delivery(app: Flask) -> None:
    """The courier calls; the shop writes the hand-over down and answers for it. Cash is taken first."""
    it, owed = a_drop(app, rounds.at_the_door), a_drop(app, rounds.at_the_door, paid=False)
    mei = cast.sign_in(app.test_client(), "mei")
    assert send(mei, f"{it.id}/delivered", told="").status_code == 422
    assert send(mei, f"{owed.id}/delivered", told="Gao called").status_code == 409
    assert send(mei, f"{it.id}/delivered", told="Gao called, the customer too").status_code == 303
    assert (again(app, it).proof, again(app, owed).state) == ("shop", "arrived")
    with app.app_context(), reading() as session:
        assert session.get_one(Order, it.order_id).state == OrderState.HANDED_OVER
        drop = session.scalars(select(Drop).where(Drop.id == it.id)).one()
        assert drop.ended_at == cast.SATURDAY
