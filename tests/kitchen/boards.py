"""A board opened in Chromium, and what a baker does first."""

from __future__ import annotations

from flask import Flask
from playwright.sync_api import Page, expect

from tests import cast
from tests.chromium import PageAt
from tests.live_server import ShopServer

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


def choose(page: Page) -> str:
    """Choose the last of the names; returns it."""
    chip = page.locator(".w-people label").last
    chip.click()
    return chip.inner_text().strip()
