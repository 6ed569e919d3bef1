"""People over real HTTP: a customer at a kiosk, who keeps asking until it is answered, and a clerk at a till."""

from __future__ import annotations

import re
import time
from datetime import datetime
from typing import Any

import requests

from shop.core.keys import new_code
from shop.people.passwords import DEMO_PASSWORD
from tests.patience import PATIENCE


class Kiosk:
    """One kiosk's browser, without the screen. ``again_for`` seconds it retries a lost answer with the same key."""

    def __init__(self, base: str, again_for: float = 0.0) -> None:
        self.base = base
        self.again_for = again_for
        self.http = requests.Session()
        self.token = ""

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        """Send a request; while there is no answer, or the shop says it cannot save, send the same again."""
        until = time.monotonic() + self.again_for
        while True:
            try:
                answer = self.http.request(
                    method, self.base + path, timeout=PATIENCE, allow_redirects=False, **more
                )
                if answer.status_code < 500 or time.monotonic() > until:
                    return answer
            except requests.RequestException:
                if time.monotonic() > until:
                    raise
            time.sleep(0.05)  # what a kiosk waits before it asks again

    def open(self) -> None:
        """Open the first screen, which pairs a demo kiosk, and read the page's token."""
        for _ in range(3):
            page = self.ask("GET", "/kiosk/menu")
            if page.status_code == 200:
                break
        found = re.search(r'name="(?:csrf_token|csrf)"[^>]*(?:value|content)="([^"]+)"', page.text)
        assert found, page.text[:300]
        self.token = found[1]

    def next_customer(self) -> None:
        """Begin a new visit at the same kiosk."""
        self.http.cookies.pop("fs_visit", None)

    def send(self, path: str, **form: str) -> requests.Response:
        """Send a form of the kiosk."""
        return self.ask("POST", path, data={"csrf_token": self.token, **form})

    def choose(self, product: str = "strawberry-cream", inch: int = 8) -> None:
        """Put a cake into a new order."""
        answer = self.send("/kiosk/line", product=product, inch=str(inch), then="time")
        assert answer.status_code in (200, 303), answer.text[:300]

    def take_time(self, due_at: datetime) -> bool:
        """Take a time; False when it is gone."""
        answer = self.send("/kiosk/time", due_at=due_at.isoformat())
        assert answer.status_code in (200, 303, 409), answer.text[:300]
        return answer.status_code != 409

    @property
    def number(self) -> str:
        """The visit's own number: what its order is known by."""
        return self.http.cookies.get("fs_visit", "", path="/kiosk").strip('"').split(".")[1]

    def place(self) -> requests.Response:
        """Place the order to be paid in cash."""
        return self.send("/kiosk/place", key=f"{self.number}-cash", method="cash")


class Clerk:
    """A person of the shop at the office's pages, without the screen."""

    def __init__(self, base: str, login: str) -> None:
        self.base = base
        self.http = requests.Session()
        form = {"csrf_token": self.token("/sign-in"), "login": login, "password": DEMO_PASSWORD}
        answer = self.http.post(f"{base}/sign-in", data=form, timeout=PATIENCE, allow_redirects=False)
        assert answer.status_code == 303, answer.text[:300]
        self.kept = self.token("/admin/tills")

    def token(self, path: str) -> str:
        """Return the token of a page."""
        page = self.http.get(self.base + path, timeout=PATIENCE).text
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert found, page[:300]
        return found[1]

    def pay_in(self, till: int, amount: str, reason: str) -> bool:
        """Put cash into a till; returns whether the shop has said yes."""
        form = {
            "csrf_token": self.kept,
            "key": new_code(),
            "kind": "paid_in",
            "amount": amount,
            "reason": reason,
        }
        answer = self.http.post(
            f"{self.base}/admin/tills/{till}/cash", data=form, timeout=PATIENCE, allow_redirects=False
        )
        return answer.status_code == 303
