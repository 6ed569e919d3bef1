"""Customers at kiosks, over HTTP: the whole ordering in the steps a touch screen takes, and how long each took."""

import html
import re
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection
from urllib.parse import urlencode

HIDDEN = re.compile(r'name="(csrf_token|key)"\s+value="([^"]+)"')
DUE = re.compile(r'<input[^>]*name="due_at" value="([^"]+)"([^>]*)>')
CAKES = ("strawberry-cream", "oreo", "taro", "fruit", "tiramisu", "red-velvet")
KEPT_ALIVE = 3.0
"""Seconds after which an idle connection is not used again; gunicorn closes it after five."""


class Failed(Exception):
    """An answer that no customer should get."""


class Browser:
    """One kiosk's browser: keeps its connection and its cookies."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: dict[str, str] = {}
        self.used = 0.0

    def ask(self, method: str, path: str, form: dict[str, str] | None = None, swap: bool = False) -> str:
        """Send one request; returns the page; raises `Failed`."""
        if time.monotonic() - self.used > KEPT_ALIVE:  # as browsers do: the server has hung up by now
            self.connection.close()
        headers = {
            "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()),
            "Accept-Encoding": "identity",
        }
        body = None
        if form is not None:
            body = urlencode(form)
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "Origin": f"http://127.0.0.1:{self.port}",
            }
            headers["Sec-Fetch-Site"] = "same-origin"
        if swap:
            headers["HX-Request"] = "true"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        page = answer.read().decode()
        self.used = time.monotonic()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = cookie.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        if answer.status >= 400:
            raise Failed(f"{method} {path}: {answer.status} {page[:300]}")
        self.location = answer.headers.get("Location") or answer.headers.get("HX-Redirect") or ""
        return page


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the first form on a page."""
    found: dict[str, str] = {}
    for name, value in HIDDEN.findall(page):
        found.setdefault(name, html.unescape(value))
    return found


class Kiosk:
    """A customer at the real shop. `prepare` goes up to the last tap, `place` is that tap."""

    def __init__(self, port: int) -> None:
        self.browser, self.form = Browser(port), {"key": ""}
        self.browser.ask("GET", "/kiosk/")
        self.browser.ask("GET", self.browser.location or "/kiosk/")

    def prepare(self) -> None:
        """Menu, cake, its time, the review."""
        ask = self.browser.ask
        self.browser.cookies.pop("fs_visit", None)
        ask("GET", "/kiosk/menu")
        cake = secrets.choice(CAKES)
        form = hidden(ask("GET", f"/kiosk/cake/{cake}"))
        page = ask("POST", "/kiosk/line", {**form, "product": cake, "inch": "8", "then": "time"}, swap=True)
        times = [html.unescape(value) for value, more in DUE.findall(page) if "disabled" not in more]
        if not times:
            raise Failed(f"no time is offered: {page[:500]}")
        ask("POST", "/kiosk/time", {**hidden(page), "due_at": times[min(2, len(times) - 1)]}, swap=True)
        page = ask("POST", "/kiosk/review", {**form, "do": "pay"}, swap=True)
        self.form = {**hidden(page), "method": "cash"}
        self.form.setdefault("key", secrets.token_hex(16))

    def place(self) -> None:
        """The last tap."""
        self.browser.ask("POST", "/kiosk/place", self.form)

    def look(self) -> None:
        """The code for the counter."""
        self.browser.ask("GET", "/kiosk/wait")


class BareKiosk:
    """The same customer at the bare app."""

    def __init__(self, port: int) -> None:
        self.browser = Browser(port)

    def prepare(self) -> None:
        ask = self.browser.ask
        ask("GET", "/menu")
        ask("GET", "/cake")
        page = ask("POST", "/line", {"product": "oreo", "inch": "8"})
        ask("POST", "/time", {"code": page[page.index("code=") + 5 :][:6], "due_at": "x"})

    def place(self) -> None:
        self.browser.ask("POST", "/place", {"key": secrets.token_hex(16)})

    def look(self) -> None:
        self.browser.ask("GET", "/wait")


@dataclass
class Crowd:
    """Some customers at once, each in a thread and on a connection of its own."""

    kiosks: list[Kiosk] | list[BareKiosk]
    errors: list[str] = field(default_factory=list)

    def all_do(self, what: Callable[[Kiosk | BareKiosk], None], times: int = 1) -> tuple[float, list[float]]:
        """Let every customer do this ``times`` times; returns the seconds for all, and for each."""
        took: list[float] = []
        barrier = threading.Barrier(len(self.kiosks) + 1)

        def customer(kiosk: Kiosk | BareKiosk) -> None:
            barrier.wait()
            for _ in range(times):
                began = time.perf_counter()
                try:
                    what(kiosk)
                except (Failed, OSError) as trouble:
                    self.errors.append(str(trouble))
                took.append(time.perf_counter() - began)

        threads = [threading.Thread(target=customer, args=(kiosk,)) for kiosk in self.kiosks]
        for thread in threads:
            thread.start()
        barrier.wait()
        began = time.perf_counter()
        for thread in threads:
            thread.join()
        return time.perf_counter() - began, took
