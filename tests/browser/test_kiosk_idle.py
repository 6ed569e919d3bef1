"""When nobody is there any more: a warning in time, then nothing of the customer is left anywhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Error, Page, expect
from sqlalchemy import select

from shop.core.actors import SYSTEM
from shop.people.devices import revoke
from shop.people.staff import Device
from tests import cast
from tests.chromium import PageAt
from tests.kiosk.tablet import Tablet, serving
from tests.patience import PATIENCE
from web.database import writing

pytestmark = pytest.mark.browser
SECRETS = ("王小明金丝雀", "1381234567", "小雨生日快乐")
HAND_OVERS = 3
STORES = """async () => JSON.stringify([
    {...localStorage}, {...sessionStorage}, await indexedDB.databases(), await caches.keys(),
    document.documentElement.outerHTML, history.state, location.href,
    [...document.querySelectorAll('input')].map((i) => i.value),
])"""


@pytest.fixture
def tablet(app: Flask, page_at: PageAt) -> Iterator[Tablet]:
    with serving(app) as base:
        tablet = Tablet(app, base, page_at, ignore=["404"])
        tablet.page.clock.install()
        yield tablet
        tablet.page.close()


def stores(page: Page) -> str:
    """Look into everything that may keep a word; a page that the way back loads anew is looked at when it is there."""
    while True:
        try:
            return str(page.evaluate(STORES))
        except Error as trouble:
            if "navigation" not in str(trouble):
                raise
            page.wait_for_load_state()


def order_for(tablet: Tablet, name: str, phone: str, text: str) -> None:
    """Fill in everything a customer may tell, up to paying."""
    page = tablet.page
    tablet.choose()
    tablet.tap("button[value=words]", "[data-inscription]")
    page.fill("[data-inscription]", text)
    tablet.tap(".k-foot .btn-primary", ".k-slots")
    tablet.tap(".k-foot .btn-primary", ".k-readback")
    tablet.tap(".k-foot .btn-primary", ".k-line")
    page.fill("#name", name)
    page.fill("#phone", phone)
    tablet.tap(".k-foot .btn-primary", ".k-pay")


def stop_the_clock(tablet: Tablet) -> None:
    """From now on time passes only when a test says so; the last sign of life is now."""
    page = tablet.page
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + PATIENCE / 2)
    page.mouse.move(300, 300)
    page.mouse.move(301, 301)


def test_ninety_seconds_then_a_warning_then_the_invitation(tablet: Tablet) -> None:
    page = tablet.page
    tablet.choose()
    stop_the_clock(tablet)
    page.clock.fast_forward(88_000)
    expect(page.locator("#idle")).to_be_hidden()
    page.clock.fast_forward(3_000)
    expect(page.locator("#idle")).to_be_visible()
    page.clock.fast_forward(25_000)
    assert int(page.locator("#idle-left").inner_text()) <= 5
    page.clock.fast_forward(6_000)
    page.wait_for_selector("[data-attract]")


@pytest.mark.parametrize("life", ["tap", "key", "scroll", "move", "here"])
def test_any_sign_of_life_takes_the_warning_away(tablet: Tablet, life: str) -> None:
    page = tablet.page
    tablet.open("menu")
    page.clock.fast_forward(91_000)
    expect(page.locator("#idle")).to_be_visible()
    if life == "tap":
        page.touchscreen.tap(20, 20)
    elif life == "key":
        page.keyboard.press("a")
    elif life == "scroll":
        page.mouse.wheel(0, 40)
    elif life == "move":
        page.mouse.move(300, 300)
    else:
        tablet.tap("[data-here]")
    expect(page.locator("#idle")).to_be_hidden()
    page.clock.fast_forward(60_000)
    expect(page.locator("#idle")).to_be_hidden()
    assert page.url.endswith("/kiosk/menu")


def test_writing_has_three_minutes_and_is_saved_before_the_screen_forgets(tablet: Tablet) -> None:
    page = tablet.page
    tablet.choose()
    tablet.tap("button[value=words]", "[data-inscription]")
    page.fill("[data-inscription]", SECRETS[2])
    stop_the_clock(tablet)
    page.clock.fast_forward(178_000)
    expect(page.locator("#idle")).to_be_hidden()
    with page.expect_response("**/kiosk/words/0"):
        page.clock.fast_forward(3_000)
    code = page.locator("#idle-code .code").inner_text()
    assert len(code) == 6
    page.clock.fast_forward(31_000)
    page.wait_for_selector("[data-attract]")
    page.clock.resume()
    tablet.tap('a[href="/kiosk/resume"]', "[data-keypad]")
    for key in code:
        tablet.tap(f'[data-key="{key}"]')
    tablet.tap(".k-foot .btn-primary", ".k-slots")
    tablet.tap(".k-foot .btn-primary", "blockquote")
    expect(page.locator("blockquote")).to_have_text(SECRETS[2])


def test_clear_it_now_asks_nothing_more(tablet: Tablet) -> None:
    tablet.choose()
    tablet.page.clock.fast_forward(91_000)
    tablet.tap("[data-leave]", "[data-attract]")


def test_an_open_payment_is_never_cut_off(tablet: Tablet) -> None:
    page = tablet.page
    tablet.choose()
    tablet.to_pay()
    tablet.tap(".k-pay button", ".k-number")
    page.clock.fast_forward(19 * 60_000)
    expect(page.locator("#idle")).to_be_hidden()
    expect(page.locator("h1.k-number")).to_be_visible()
    tablet.tap("button[form=leave]", "[data-attract]")  # the next customer need not wait


def test_the_invitation_waits_for_ever(tablet: Tablet) -> None:
    page = tablet.page
    tablet.open()
    page.clock.fast_forward(3_600_000)
    expect(page.locator("#idle")).to_be_hidden()
    expect(page.locator("[data-attract]")).to_be_visible()


def test_nothing_of_the_last_customer_is_left(tablet: Tablet) -> None:
    """T30: page, history, storage, a second tab, a reload, and the fields of the next customer."""
    page = tablet.page
    for number in range(HAND_OVERS):
        secrets = tuple(f"{secret}{number}" for secret in SECRETS)
        order_for(tablet, *secrets)
        page.clock.fast_forward(91_000)
        page.clock.fast_forward(31_000)
        page.wait_for_selector("[data-attract]")
        seen = [page.evaluate(STORES)]
        for _ in range(4):
            page.go_back()
            page.wait_for_selector("#screen")
            seen.append(stores(page))
        page.reload()
        seen.append(page.evaluate(STORES))
        tab = page.context.new_page()
        for path in ("review", "pay", "words/0", "wait", "menu"):
            tab.goto(f"{tablet.base}/kiosk/{path}")
            seen.append(tab.evaluate(STORES))
        tab.close()
        for text in seen:
            assert not any(secret in text for secret in secrets)
    assert tablet.orders() == []


def test_a_removed_kiosk_goes_dark_without_a_tap(tablet: Tablet) -> None:
    page = tablet.page
    tablet.choose()
    with tablet.app.app_context(), writing() as tx:
        revoke(
            tx,
            tx.scalars(select(Device).where(Device.secret_hash.is_not(None))).one(),
            by=SYSTEM,
            at=cast.SATURDAY,
        )
    page.clock.fast_forward(6_000)
    page.wait_for_url("**/pair**")
    expect(page.locator("#choice")).to_have_count(0)
