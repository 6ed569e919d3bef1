"""Every screen, at its real sizes, in two languages: nothing for axe to find, nothing to scroll sideways.

A door that answers with a page and is not in `tests.browser.screens` fails here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from tests.browser.screens import PHONE, SCREENS, Screen, busy_shop, visit
from tests.chromium import MILLISECONDS, scrolls_sideways
from tests.live_server import ShopServer
from web.access import DOORS

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
LANGUAGES = (("zh-CN", "zh-Hans"), ("en-GB", "en"))
PARTS = (
    "courier.home_region", "courier.worker", "courier.scanned", "admin.dispatch_part",
    "admin.alarms_part", "admin.plan_part", "admin.count_alarms", "admin.photo", "admin.my_orders", "admin.claims_part",
    "admin.drawer_part",
    "kiosk.offer", "kiosk.sheet", "kiosk.cake", "kiosk.mine", "kiosk.ordered", "kiosk.here", "kiosk.sooner",
    "kitchen.overview_region", "kitchen.station_region", "kitchen.my_tasks_part",
    "tracking.order_region", "tracking.qr", "admin.today_part", "admin.orders_part", "admin.order_part",
    "admin.order_actions", "admin.picture", "admin.read_back", "admin.former", "tracking.receipt_asking",
    "admin.receipt_pdf", "admin.document_pdf", "tracking.receipt_pdf", "tracking.invoice_pdf",
    "admin.comments", "admin.left_for_me", "kitchen.find", "admin.money_part",
)  # fmt: skip
"""Doors that answer with a picture, or a part of a page that stands in the list."""
WALKED = ("attract", "menu", "customise", "words", "time", "read-back", "review", "pay", "wait", "resume")
"""Screens of the kiosk that `tests.browser.test_kiosk_screens` looks at in four ways."""
LOOKED_AT = [screen for screen in SCREENS if screen.name not in {f"kiosk-{name}" for name in WALKED}]


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ShopServer, dict[str, str]]]:
    """The demo shop on its Saturday afternoon, with a week of history."""
    with busy_shop(tmp_path_factory.mktemp("busy"), days=7) as shop:
        yield shop


@pytest.fixture(scope="module")
def offices(browser: Browser, busy: tuple[ShopServer, dict[str, str]]) -> Iterator[list[Page]]:
    """A tab for each language in which one page of the office after the other is opened: scripts stay compiled."""
    here = {"base_url": busy[0].base, "timezone_id": "Asia/Shanghai", "reduced_motion": "reduce"}
    windows = [browser.new_context(locale=locale, **here) for locale, _ in LANGUAGES]
    for window in windows:
        window.set_default_timeout(MILLISECONDS)
    yield [window.new_page() for window in windows]
    for window in windows:
        window.close()


def test_every_page_is_in_the_list(app: Flask) -> None:
    pages = {endpoint for endpoint, door in DOORS.items() if door.method == "GET"}
    live = {endpoint for endpoint in pages if endpoint.endswith("live")}
    for_programs = {endpoint for endpoint in pages if endpoint.startswith("api.")}
    assert sorted(pages - live - for_programs - set(PARTS) - {screen.door for screen in SCREENS}) == []


@pytest.mark.parametrize("screen", LOOKED_AT, ids=lambda screen: screen.name)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    busy: tuple[ShopServer, dict[str, str]],
    page_at: Callable[..., Page],
    axe: Callable[..., list[str]],
    offices: list[Page],
    screen: Screen,
) -> None:
    server, facts = busy
    found = []
    for number, (width, height) in enumerate(screen.sizes):
        locale, language = LANGUAGES[number % 2]
        tab = offices[number % 2] if screen.door.startswith("admin.") else None
        if tab:
            tab.goto(
                "about:blank"
            )  # the page before asks for its parts on and on, and is about to lose its cookies
        page = page_at(width, height, locale, base_url=server.base, tab=tab)
        page.context.clear_cookies()
        page.context.add_cookies([{"name": "fs_language", "value": language, "url": server.base}])
        visit(page, screen, facts)
        found += [f"{width}x{height} {language}: {line}" for line in axe(page)]
        if scrolls_sideways(page):
            found.append(f"{width}x{height} {language}: scrolls sideways")
        if screen.steps is None and width == PHONE[0]:
            _, other = LANGUAGES[(number + 1) % 2]
            page.context.add_cookies([{"name": "fs_language", "value": other, "url": server.base}])
            page.reload()
            if scrolls_sideways(page):
                found.append(f"{width}x{height} {other}: scrolls sideways")
        if tab is None:
            page.close()
    assert found == []
