"""The tracking page on a real phone-sized Chromium: follows by socket, by asking when there is none, and reads well."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from shop.orders.cart import Cart, CartLine
from shop.orders.tables import Order
from tests.cast import clock_of
from tests.chromium import scrolls_sideways
from tests.live_server import ShopServer
from tests.slips import two_cakes
from tests.tracking.states import STATES, finish_stages, order_in
from web.database import writing

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PageAt = Callable[..., Page]
Axe = Callable[[Page], list[str]]
NASTY = "\u202e<b>&amp;'\" 乐"


def one_cake(**changes: Any) -> Cart:
    return two_cakes(lines=[CartLine("strawberry-cream", 8, 1, {}, "生日快乐", 6)], **changes)


def data_of(app: Flask) -> Path:
    folder: Path = app.extensions["fairslice"].settings.data
    return folder


def next_stage(app: Flask, order_id: int, stages: int) -> None:
    with app.app_context(), writing() as tx:
        finish_stages(app, tx, tx.get_one(Order, order_id), stages)


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en-GB", ("Being decorated", "Having a last look", "Ready for you")),
        ("zh-CN", ("正在裱花", "正在检查", "可以来取")),
    ],
)
def test_it_follows_the_kitchen_over_a_socket(
    app: Flask, page_at: PageAt, axe: Axe, locale: str, words: tuple[str, ...]
) -> None:
    placed = order_in(app, "in_production", one_cake(), 3)
    with ShopServer(data_of(app)) as server:
        page = page_at(360, 800, locale, base_url=server.base)
        page.goto(f"/t/{placed.token}")
        expect(page.locator("h1")).to_contain_text(words[0])
        expect(page.locator(".p-live")).to_have_class("p-live is-live")
        assert axe(page) == [] and not scrolls_sideways(page)
        next_stage(app, placed.order_id, 4)
        expect(page.locator("h1")).to_contain_text(words[1])
        expect(page.locator(".timeline .is-done")).to_have_count(4)
        with app.app_context(), writing() as tx:
            finish_stages(app, tx, tx.get_one(Order, placed.order_id), None)
        expect(page.locator("h1")).to_contain_text(words[2])
        expect(page).to_have_title(f"A-001 · {page.locator('h1').inner_text()}")
        expect(page.locator(".t-qr img")).to_have_js_property("complete", True)
        assert page.locator(".t-qr img").evaluate("img => img.naturalWidth") > 0
        assert axe(page) == []


def test_a_phone_without_a_socket_asks_by_itself(app: Flask, page_at: PageAt) -> None:
    placed = order_in(app, "in_production", one_cake(), 3)
    with ShopServer(data_of(app), FAIRSLICE_SOCKETS="4") as server:
        page = page_at(390, 844, "en-GB", base_url=server.base, ignore=["503", "WebSocket"])
        page.goto(f"/t/{placed.token}")
        expect(page.locator(".p-live")).to_have_text("Every 10 seconds")
        next_stage(app, placed.order_id, 4)
        expect(page.locator("h1")).to_have_text("Having a last look")


@pytest.mark.parametrize("locale", ["en-GB", "zh-TW"])
def test_every_state_reads_well_on_a_small_phone(app: Flask, page_at: PageAt, axe: Axe, locale: str) -> None:
    tokens = {}
    start = clock_of(app).at
    lines = [CartLine("durian-mille", 10, 2, {}, NASTY, 9), CartLine("strawberry-cream", 6, 1, {}, "W" * 24)]
    for state in STATES:
        clock_of(app).at = start
        tokens[state] = order_in(app, state, two_cakes(lines=list(lines))).token
    with ShopServer(data_of(app)) as server:
        page = page_at(320, 640, locale, base_url=server.base)
        for state, token in tokens.items():
            page.goto(f"/t/{token}")
            assert axe(page) == [] and not scrolls_sideways(page), state
        page.goto(f"/t/{tokens['confirmed']}/cancel")
        assert axe(page) == [] and not scrolls_sideways(page)
        page.click("form button")  # without the PIN: the page says it, not the browser
        expect(page.locator(".error")).to_contain_text(page.locator("label[for=pin]").inner_text())


def test_the_page_tells_what_it_knows_without_a_script(app: Flask, page_at: PageAt) -> None:
    placed = order_in(app, "placed", one_cake())
    with app.app_context(), writing() as tx:
        pin = tx.get_one(Order, placed.order_id).pin
    with ShopServer(data_of(app)) as server:
        page = page_at(360, 800, "en-GB", base_url=server.base, java_script_enabled=False)
        page.goto(f"/t/{placed.token}")
        expect(page.locator(".code")).to_have_text(placed.counter_code)
        page.get_by_text("Cancel this order").click()
        page.fill("#pin", pin)
        page.click("form button")
        expect(page.locator("h1")).to_have_text("This order is cancelled")
    with app.app_context(), writing() as tx:
        assert tx.get_one(Order, placed.order_id).state == "cancelled"


def test_the_paper_shows_the_slip_on_eighty_millimetres(app: Flask, page_at: PageAt, tmp_path: Path) -> None:
    placed = order_in(app, "placed")
    with ShopServer(data_of(app)) as server:
        page = page_at(900, 800, "zh-CN", base_url=server.base)
        page.goto(f"/sign-in?next=/t/{placed.token}/slip")
        page.fill("[name=login]", "mei")
        page.fill("[name=password]", "tangjian")
        page.press("[name=password]", "Enter")
        expect(page.locator(".slip-no")).to_have_text("A-001")
        page.wait_for_load_state("load")  # its style sheet has come
        page.emulate_media(media="print")
        box = page.locator(".slip").bounding_box()
        assert box and 71 < box["width"] / 96 * 25.4 < 73
        expect(page.locator(".slip-acts")).to_be_hidden()
