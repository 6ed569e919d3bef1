"""What the tests of the back office share: posting a form as the page would, and reading what it did."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from shop.core.events import Event
from shop.orders.cart import Cart, CartLine
from shop.orders.placing import Placed
from shop.orders.tables import Line, Order
from tests import cast, counter
from web.database import reading, writing


def english(client: FlaskClient) -> FlaskClient:
    """Let this browser ask for English."""
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def post(client: FlaskClient, path: str, key: str = "", **form: Any) -> TestResponse:
    """Send a form with its token and a fresh key."""
    fields = {name.replace("__", "."): value for name, value in form.items()}
    fields |= {"csrf_token": cast.token_of(client), "key": key or uuid.uuid4().hex}
    return client.post(path, data=fields)


def fields(**form: Any) -> dict[str, Any]:
    """Name fields with dots: ``line__0__product`` is ``line.0.product``."""
    return {name.replace("__", "."): value for name, value in form.items()}


def made(
    app: Flask, *, paid: bool = True, until: str = "", name: str = "", phone: str = "", **line: Any
) -> Placed:
    """Return an order, made up to a stage."""
    what = Cart(lines=[CartLine("strawberry-cream", 8, **line)], name=name, phone=phone)
    with app.app_context(), writing() as tx:
        placed = counter.order(tx, what, paid=paid)
    if until:
        with app.app_context(), writing() as tx:
            counter.make(tx, placed.order_id, until)
    return placed


def order(app: Flask, order_id: int) -> Order:
    """Return the order as it stands, detached."""
    with app.app_context(), reading() as session:
        row = session.get_one(Order, order_id)
        session.expunge(row)
        return row


def line(app: Flask, order_id: int) -> Line:
    """Return the first line of an order, detached."""
    with app.app_context(), reading() as session:
        row = session.scalars(select(Line).where(Line.order_id == order_id)).first()
        assert row is not None
        session.expunge(row)
        return row


def events(app: Flask, kind: str) -> list[Event]:
    """Return the diary's lines of a kind."""
    with app.app_context(), reading() as session:
        rows = list(session.scalars(select(Event).where(Event.kind == kind).order_by(Event.seq)))
        session.expunge_all()
        return rows


def started(app: Flask, order_id: int) -> None:
    """Let a baker start the first stage."""
    from shop.production import work
    from web.house import now

    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        first = counter.tasks(tx, order_id)[0]
        work.start(tx, shop, first.id, first.version, by=cast.by(tx, "li"), at=now())
