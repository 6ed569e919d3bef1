"""A courier's phone in the tests: forms sent as the page and as the phone's queue send them."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shop.delivery.tables import Drop
from tests import cast
from tests.shop.delivery import rounds
from web.database import reading, writing

JSON = {"Accept": "application/json"}


def phone(app: Flask, login: str = "gao") -> FlaskClient:
    """Return the browser of a courier who has signed in."""
    return cast.sign_in(app.test_client(), login)


def tap(client: FlaskClient, path: str, *, queue: bool = False, key: str = "", **fields: Any) -> TestResponse:
    """Tap a button; ``queue`` sends it as the script does."""
    form = {"csrf_token": cast.token_of(client), "key": key or uuid.uuid4().hex, **fields}
    return client.post(f"/courier/{path}", data=form, headers=JSON if queue else {})


def a_drop(app: Flask, make: Any = rounds.drop, **how: Any) -> Drop:
    """Make a drop in the shop, and return it."""
    with app.app_context(), writing() as tx:
        return make(tx, **how)


def again(app: Flask, it: Drop) -> Drop:
    """Return how a drop stands now."""
    with app.app_context(), reading() as session:
        return session.get_one(Drop, it.id)


def codes(app: Flask, it: Drop) -> list[str]:
    with app.app_context(), reading() as session:
        return rounds.codes(session, it)
