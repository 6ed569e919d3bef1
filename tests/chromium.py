"""A real browser for the tests: Debian's Chromium, driven by playwright, and axe-core for accessibility.

A page fails its test when the browser's console shows an error or a script of the page throws. What a test
expects to fail is named: ``page_at(390, 844, ignore=["503"])``.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.patience import PATIENCE

KNOWN = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium")
"""The one without windows takes a third of the processor time."""
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(os.path.exists, KNOWN), KNOWN[-1])
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--in-process-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = Path(__file__).parent.parent / "node_modules" / "axe-core" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
MILLISECONDS = 1000 * PATIENCE

TOO_SLOW = "WebSocket is closed before the connection is established"
"""What Chromium says when a page tries anew because the machine took its time: static/js/live.js waits two seconds."""

PageAt = Callable[..., Page]

expect.set_options(timeout=MILLISECONDS)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a process; each page gets a context of its own."""
    if not Path(CHROMIUM).exists() and not shutil.which(CHROMIUM):
        pytest.fail(f"{CHROMIUM} is missing: run bin/check, which installs it")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page_at(browser: Browser) -> Iterator[PageAt]:
    """A function that opens a page of a given size: ``page_at(1080, 1920, "zh-CN")``.

    ``ignore`` names console errors that belong to the test, by a part of their text; ``context`` opens the page
    in an earlier page's context, so that both share their cookies (as tabs do); ``tab`` uses a page again that
    somebody keeps. Everything else goes to playwright's ``new_context`` (``has_touch=True``, ``base_url=...``).
    """
    troubles: list[str] = []
    opened: list[Page] = []
    watched: list[tuple[Page, Any, Any]] = []
    made: list[BrowserContext] = []

    def open_page(
        width: int,
        height: int,
        locale: str = "en-GB",
        *,
        ignore: Sequence[str] = (),
        context: Any = None,
        tab: Page | None = None,
        **options: Any,
    ) -> Page:
        if context is None and tab is None:
            settings = {"timezone_id": "Asia/Shanghai", "reduced_motion": "reduce", **options}
            context = browser.new_context(
                viewport={"width": width, "height": height}, locale=locale, **settings
            )
            context.set_default_timeout(MILLISECONDS)
            made.append(context)
        page: Page = tab or context.new_page()
        page.set_viewport_size({"width": width, "height": height})

        def note(text: str) -> None:
            if not any(part in text for part in (*ignore, TOO_SLOW)):
                troubles.append(f"{page.url}: {text}")

        def heard(message: ConsoleMessage) -> None:
            if message.type == "error":
                note(f"{message.text} ({message.location.get('url', '')})")

        def threw(error: object) -> None:
            note(f"script error: {error}")

        page.on("console", heard)
        page.on("pageerror", threw)
        if not tab:
            opened.append(page)
        watched.append((page, heard, threw))
        return page

    yield open_page
    for (
        page,
        heard,
        threw,
    ) in watched:  # its server may be gone by now: what a page says after the test is nobody's
        page.remove_listener("console", heard)
        page.remove_listener("pageerror", threw)
    for page in opened:
        if page.context not in made:
            page.close()  # a window that was lent is used again
    for context in made:
        context.close()
    if troubles:
        pytest.fail("the browser complained:\n" + "\n".join(troubles), pytrace=False)


@pytest.fixture(scope="session")
def axe() -> Callable[..., list[str]]:
    """A function that checks a page by axe-core; what it found, one line for each element (none is good).

    ``axe(page)`` looks at the whole page, ``axe(page, within="main")`` at a part of it.
    """
    source = AXE.read_text(encoding="utf-8")

    def violations(page: Page, within: str | None = None) -> list[str]:
        # Evaluated by the browser's debugger, not added as a tag: the page's strict CSP stays on.
        page.evaluate(source + "\n;undefined")
        found = page.evaluate(
            "([within, tags]) => axe.run(within || document, {runOnly: {type: 'tag', values: tags}, "
            "resultTypes: ['violations'], preload: false, iframes: false})"  # what is well is not sent here
            ".then(found => found.violations)",
            [within, WCAG],
        )
        return [
            f"{rule['id']}: {rule['help']}: {' '.join(map(str, node['target']))}"
            for rule in found
            for node in rule["nodes"]
        ]

    return violations


def scrolls_sideways(page: Page) -> bool:
    """Whether the page is wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
