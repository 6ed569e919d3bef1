"""How tests tap on a station's board."""

from __future__ import annotations

import json
import uuid
from typing import Any
from urllib.parse import unquote

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shop.production.tables import Task
from tests import cast, counter
from web.database import reading, writing

HTMX = {"HX-Request": "true"}


def tap(client: FlaskClient, path: str, *, htmx: bool = True, key: str = "", **fields: Any) -> TestResponse:
    """Tap a button of a board."""
    form = {"csrf_token": cast.token_of(client), "key": key or uuid.uuid4().hex, **fields}
    return client.post(f"/kitchen/{path}", data=form, headers=HTMX if htmx else {})


def told(response: TestResponse) -> dict[str, str]:
    """Return what is told beside the board."""
    found: dict[str, str] = json.loads(unquote(response.headers["X-Told"]))
    return found


def person(app: Flask, login: str) -> str:
    with app.app_context(), reading() as session:
        return str(cast.person(session, login).id)


def ordered(app: Flask, **line: object) -> int:
    """Order and pay one cake; returns the order's id."""
    with app.app_context(), writing() as tx:
        return counter.order(tx, counter.cart(**line)).order_id


def the_task(app: Flask, order_id: int, kind: str) -> Task:
    with app.app_context(), reading() as session:
        return counter.task(session, order_id, kind)


def name(task: Task) -> str:
    return f"{task.id}.{task.version}"


def up_to(app: Flask, order_id: int, kind: str) -> Task:
    """Make the cake up to before this stage; returns its task, ready to start."""
    with app.app_context(), writing() as tx:
        kinds = [t.kind for t in counter.tasks(tx, order_id)]
        counter.make(tx, order_id, until=kinds[kinds.index(kind) - 1])
    return the_task(app, order_id, kind)
