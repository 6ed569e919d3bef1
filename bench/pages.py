"""Bytes and requests of each screen: with an empty cache and with a full one, as they go over the wire."""

import argparse
import gzip
import re
from collections.abc import Iterator
from http.client import HTTPConnection

from bench.customers import Browser
from bench.figures import Figure
from bench.screens import all_screens
from bench.servers import a_shop, folder, start_shop

BUDGETS = {"kiosk": (60, 6), "kitchen": (120, 8), "tracking": (30, 6), "admin": (250, 10)}
"""KB on the wire and requests, with an empty cache; the kitchen's is our own."""
HTML_BUDGET = {"kiosk": 30}
PARTS = re.compile(r'<(?:link[^>]+href|script[^>]+src|img[^>]+src|image[^>]+href|use[^>]+href)="(/[^"#]+)')
NOT_LOADED = re.compile(r'<link[^>]+rel="(?:canonical|alternate)"')


class Wire:
    """Counts what a browser would fetch, packed as browsers ask for it."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.kept: dict[str, str] = {}
        """Address of what stays in the cache, with its ETag where it must be asked about again."""

    def load(self, path: str) -> tuple[int, int, int, int]:
        """Load a page and its parts; returns bytes, requests, packed and unpacked bytes of the HTML."""
        packed, page = self.fetch(path)
        total, requests = packed, 1
        for part in dict.fromkeys(PARTS.findall(NOT_LOADED.sub("", page))):
            if self.kept.get(part) == "":
                continue
            size, _ = self.fetch(part)
            total, requests = total + size, requests + 1
        return total, requests, packed, len(page.encode())

    def fetch(self, path: str) -> tuple[int, str]:
        """Fetch one address; returns the bytes of its head and body, and the text."""
        cookies = "; ".join(f"{k}={v}" for k, v in self.browser.cookies.items())
        headers = {"Cookie": cookies, "Accept-Encoding": "gzip", "Accept": "text/html,*/*"}
        if self.kept.get(path):
            headers["If-None-Match"] = self.kept[path]
        connection = HTTPConnection("127.0.0.1", self.browser.port, timeout=30)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status not in (200, 304):
            raise SystemExit(f"{path}: {answer.status}")
        size = len(body) + sum(len(k) + len(v) + 4 for k, v in answer.getheaders()) + 17
        control = answer.headers.get("Cache-Control") or ""
        if "max-age" in control and "max-age=0" not in control:
            self.kept[path] = ""
        elif answer.headers.get("ETag"):
            self.kept[path] = str(answer.headers["ETag"])
        if answer.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        return size, body.decode(errors="replace")


def run(options: argparse.Namespace) -> Iterator[Figure]:
    """Load each screen with an empty cache, then again."""
    with folder() as data:
        a_shop(data, days=2 if options.quick else 30, endless=False)
        shop = start_shop(data)
        try:
            for name, browser, path in all_screens(shop):
                wire = Wire(browser)
                room = name.partition("_")[0]
                most, requests = BUDGETS[room]
                cold, asked, _, html = wire.load(path)
                warm, asked_again, packed, _ = wire.load(path)
                yield Figure(f"pages.{name}_cold", cold / 1000, "KB", most, target="<= 1")
                yield Figure(f"pages.{name}_cold_requests", asked, "requests", requests, target="<= 1")
                yield Figure(f"pages.{name}_warm", warm / 1000, "KB", note=f"{asked_again} requests")
                yield Figure(
                    f"pages.{name}_html",
                    html / 1000,
                    "KB",
                    HTML_BUDGET.get(room),
                    note=f"{packed / 1000:.1f} KB packed",
                )
        finally:
            shop.stop()
