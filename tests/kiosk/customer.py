"""A customer at the kiosk without a screen: the same addresses and forms that a tap sends."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from shop.orders.tables import Order
from shop.people.devices import DeviceKind
from tests import cast
from web.database import reading

SWAP = {"HX-Request": "true"}


class Customer:
    """``swap`` asks as the kiosk's script does, otherwise as plain links and forms do."""

    def __init__(self, app: Flask, client: FlaskClient | None = None, *, swap: bool = True) -> None:
        self.app = app
        self.client = client or app.test_client()
        if client is None:
            cast.pair_client(app, self.client, DeviceKind.KIOSK)
        self.swap = swap
        self.token = found(r'name="csrf_token" value="([^"]+)"', self.client.get("/kiosk/").text)

    def see(self, path: str) -> TestResponse:
        """Open a screen."""
        return self.client.get(f"/kiosk/{path}", headers=SWAP if self.swap else {})

    def tap(self, path: str, **form: object) -> TestResponse:
        """Send a form; a redirect is followed as the browser does."""
        headers = SWAP if self.swap else {}
        answer = self.client.post(f"/kiosk/{path}", data={"csrf_token": self.token, **form}, headers=headers)
        return self.client.get(answer.location, headers=headers) if answer.status_code == 303 else answer

    def choose(self, product: str = "strawberry-cream", **form: object) -> TestResponse:
        """Take a cake, without words unless ``then="words"``."""
        return self.tap("line", **{"product": product, "inch": 8, "then": "time", **form})

    def write(self, text: str, place: int = 0, **form: object) -> TestResponse:
        """Write on the cake and confirm the read-back."""
        self.tap(f"words/{place}", text=text, **form)
        return self.tap(f"readback/{place}", words=text)

    def take_time(self, page: TestResponse | None = None) -> TestResponse:
        """Take the time that the time screen has marked."""
        page = page or self.see("time")
        return self.tap("time", due_at=found(r'value="([^"]+)" checked', page.text))

    def take_time_at(self, due_at: str) -> TestResponse:
        """Take a time by its value."""
        return self.tap("time", due_at=due_at)

    def to_pay(self, **answers: object) -> TestResponse:
        """Go on from the review to paying."""
        return self.tap("review", answers=1, do="pay", **answers)

    def key(self, page: TestResponse, method: str = "cash") -> str:
        """Return the key that the paying screen carries for a method."""
        return next(k for k in re.findall(r'name="key" value="([^"]+)"', page.text) if k.endswith(method))

    def order(self, **form: object) -> TestResponse:
        """Order a cake from the first tap to the counter's code."""
        self.choose(**form)
        self.take_time()
        return self.tap("place", method="cash", key=self.key(self.to_pay()))

    def orders(self) -> list[Order]:
        """Return every order of the shop."""
        with self.app.app_context(), reading() as session:
            return list(session.scalars(select(Order).order_by(Order.id)))

    @property
    def code(self) -> str:
        """The code of this visit's draft."""
        cookie = self.client.get_cookie("fs_visit", path="/kiosk")
        return cookie.value.split(".")[0] if cookie else ""


def found(pattern: str, text: str) -> str:
    """Return the first match in a page."""
    match = re.search(pattern, text)
    assert match, f"{pattern} is not in: {text[:1500]}"
    return match[1]
