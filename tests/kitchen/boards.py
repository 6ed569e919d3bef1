"""A board opened in Chromium, and what a baker does first."""

from __future__ import annotations

import time

from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from shop.people.shops import Shop
from tests import cast
from tests.chromium import PageAt
from tests.live_server import ShopServer
from tests.patience import PATIENCE
from web.database import reading

SIZES = ((1920, 1080), (1280, 800))


def open_board(
    page_at: PageAt, server: ShopServer, station: str = "oven", size: tuple[int, int] = SIZES[0]
) -> Page:
    page = page_at(*size, ignore=["409", "422", "WebSocket", "ERR_"])
    page.add_init_script(
        'window.heard = []; document.addEventListener("fairslice:sound", (e) => window.heard.push(e.detail.name));'
    )
    page.goto(f"{server.base}/kitchen/{station}?lang=en")
    expect(page.locator("#live")).to_have_text("Live")
    return page


def order(app: Flask, words: str = "") -> str:
    return cast.place_order(app, words=words).number


def all_told(app: Flask, *pages: Page) -> None:
    """Wait until each of these screens has been told all that the diary says now."""
    with app.app_context(), reading() as session:
        head = session.scalars(select(Shop.event_seq)).one()
    until = time.monotonic() + PATIENCE
    for page in pages:
        while page.evaluate("document.querySelector('[data-live]').live.seq") < head:
            assert time.monotonic() < until, f"{page.url} has not heard number {head}"
            page.wait_for_timeout(50)


def choose(page: Page) -> str:
    """Choose the last of the names; returns it."""
    chip = page.locator(".w-people label").last
    chip.click()
    return chip.inner_text().strip()
