"""The kiosk's tablet: a real Chromium in front of the shop of a test."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import select
from werkzeug.serving import make_server

from shop.orders.tables import Order
from shop.people.devices import DeviceKind
from tests import cast
from tests.chromium import PageAt
from web.database import reading

PORTRAIT, LANDSCAPE = (1080, 1920), (1280, 800)


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve the app on a port of its own; returns where."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


class Tablet:
    """A paired kiosk's screen. ``taps`` counts what the customer has tapped."""

    def __init__(
        self, app: Flask, base: str, page_at: PageAt, size: tuple[int, int] = PORTRAIT, **options: Any
    ) -> None:
        self.app = app
        self.base = base
        self.page: Page = page_at(*size, "zh-CN", has_touch=True, base_url=base, **options)
        self.pair(self.page)
        self.taps = 0

    def pair(self, page: Page) -> None:
        """Give this browser the cookie of a kiosk."""
        client = self.app.test_client()
        cast.pair_client(self.app, client, DeviceKind.KIOSK)
        secret = client.get_cookie("fs_kiosk")
        assert secret is not None
        page.context.add_cookies([{"name": "fs_kiosk", "value": secret.value, "url": self.base}])

    def open(self, path: str = "") -> Page:
        """Open a screen by its address."""
        self.page.goto(f"/kiosk/{path}")
        return self.page

    def tap(self, what: str, then: str = "") -> None:
        """Tap something and wait for what it brings."""
        self.page.locator(what).first.tap()
        self.taps += 1
        if then:
            self.page.wait_for_selector(then)

    def speak(self, language: str) -> None:
        """Choose a language, as its pill does."""
        self.page.context.add_cookies(
            [{"name": "fs_language", "value": language, "domain": "127.0.0.1", "path": "/kiosk"}]
        )

    def choose(self, slug: str = "strawberry-cream") -> None:
        """From the invitation to the choices of a cake."""
        self.open()
        self.tap(".k-begin .btn-primary", ".k-grid")
        self.tap(f'a[href="/kiosk/cake/{slug}"]', "#choice")

    def to_pay(self) -> None:
        """From the choices to the ways to pay, without words, at the earliest time."""
        self.tap("button[value=time]", ".k-slots")
        self.tap(".k-foot .btn-primary", ".k-line")
        self.tap(".k-foot .btn-primary", ".k-pay")

    def orders(self) -> list[Order]:
        """Return every order of the shop."""
        with self.app.app_context(), reading() as session:
            return list(session.scalars(select(Order).order_by(Order.id)))
