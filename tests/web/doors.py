"""Trying every door of the house: who stands there, how its address is filled, what a door does when it opens.

A door under test keeps its guard and gets a plain view (`opened`), so that what is tested is the guard alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask, make_response
from flask.testing import FlaskClient
from werkzeug.routing import IntegerConverter, Rule
from werkzeug.test import TestResponse

from shop.core.permissions import Role
from shop.people.devices import DeviceKind
from tests import cast
from web import stood
from web.access import DOORS, Door
from web.security import MACHINE_PATHS

NOBODY, KIOSK, DISPLAY, PROGRAM = "nobody", "kiosk", "display", "program"
ROLES = tuple(role.value for role in Role)
PRINCIPALS = (NOBODY, KIOSK, DISPLAY, PROGRAM, *ROLES)
FILLING = {"station": "oven", "file": "x.css", "filename": "x"}
ADDRESS = "http://shop.test"
REFUSED = (401, 403)


@dataclass(frozen=True)
class Visitor:
    """A browser and who stands before it, with the token that its forms carry."""

    who: str
    client: FlaskClient
    csrf: str


def visitor(app: Flask, who: str) -> Visitor:
    """Open a browser as one of the principals; the shop has a name of its own, so no screen pairs itself."""
    client = app.test_client()
    if who == KIOSK:
        cast.pair_client(app, client, DeviceKind.KIOSK, domain="shop.test")
    elif who == DISPLAY:
        cast.pair_client(app, client, DeviceKind.KITCHEN, domain="shop.test")
    elif who == PROGRAM:
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {cast.channel_key(app)}"
    elif who != NOBODY:
        cast.sign_in(client, cast.LOGINS[Role(who)], address=ADDRESS)
    return Visitor(who, client, cast.token_of(client, ADDRESS))


def rules(app: Flask) -> list[Rule]:
    """Return every address of the house."""
    return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.endpoint, rule.rule))


def writes(app: Flask) -> list[Rule]:
    """Return the addresses that change something."""
    return [rule for rule in rules(app) if methods(rule) - {"GET"}]


def form_writes(app: Flask) -> list[Rule]:
    """Return those that a form of ours sends; programs bring a key or a signature instead of a token."""
    return [rule for rule in writes(app) if not rule.rule.startswith(MACHINE_PATHS)]


def methods(rule: Rule) -> set[str]:
    """Return the methods of an address without those that Flask adds."""
    return (rule.methods or {"GET"}) - {"HEAD", "OPTIONS"}


def fill(app: Flask, rule: Rule, **given: object) -> str:
    """Return an address with every place filled: by ``given``, by FILLING, by 1, or by a word."""
    values: dict[str, Any] = {}
    for name in rule.arguments:
        number = isinstance(rule._converters[name], IntegerConverter)
        values[name] = given.get(name, FILLING.get(name, 1 if number else "x"))
    with app.test_request_context(base_url=ADDRESS):
        return str(app.url_map.bind("").build(rule.endpoint, values, method=next(iter(methods(rule)))))


def knock(visit: Visitor, app: Flask, rule: Rule, *, key: str = "", **given: object) -> TestResponse:
    """Try a door as its own page would: with the token, an idempotency key, and the right origin."""
    address = fill(app, rule, **given)
    if rule.websocket:
        return upgrade(visit.client, address, origin=ADDRESS)
    method = next(iter(methods(rule)))
    if method == "GET":
        return visit.client.get(address, base_url=ADDRESS)
    form = {"csrf_token": visit.csrf, "key": key or "0123456789abcdef"}
    return visit.client.open(address, method=method, base_url=ADDRESS, data=form, headers={"Origin": ADDRESS})


def upgrade(client: FlaskClient, address: str, *, origin: str | None) -> TestResponse:
    """Ask for a WebSocket. Beyond the guards there is no socket here, so a passed one answers 500."""
    headers = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    headers["Sec-WebSocket-Key"] = "dGhlIHNhbXBsZSBub25jZQ=="
    if origin is not None:
        headers["Origin"] = origin
    return client.get(address, base_url=ADDRESS.replace("http", "ws"), headers=headers)


def passed(response: TestResponse) -> bool:
    """Whether the guard let this request through to what lies behind."""
    led_away = response.location and response.location.split("?")[0] in ("/sign-in", "/pair")
    return response.status_code not in (*REFUSED, 404) and not led_away


@contextmanager
def opened(view: Callable[..., Any] | None = None) -> Iterator[None]:
    """Put a plain view behind every guard; ``view(tx, **args)`` for writes."""
    kept: dict[str, tuple[Any, Any, Any]] = {}
    for endpoint, door in DOORS.items():
        kept[endpoint] = (door.view, door.show, door.before)
        if door.method == "GET":
            _give(door, lambda **args: make_response("opened"), None, None)
        else:
            _give(door, view or (lambda tx, **args: {}), lambda made, **args: make_response(made), None)
    try:
        yield
    finally:
        for endpoint, door in DOORS.items():
            if endpoint in kept:
                _give(door, *kept[endpoint])
        stood._holds.cache_clear()  # which pages hold a form is kept, by the views that stood here meanwhile


def _give(door: Door, view: Any, show: Any, before: Any) -> None:
    for name, value in (("view", view), ("show", show), ("before", before)):
        object.__setattr__(door, name, value)
