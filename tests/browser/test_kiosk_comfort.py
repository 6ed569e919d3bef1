"""Language, large text, contrast and low reach work by a tap, on every screen of the kiosk."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import kiosk_review, kiosk_time, kiosk_with_words
from tests.live_server import ShopServer
from tests.test_journey import serving

__all__ = ["serving"]
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
SCREENS: dict[str, str | Callable[[Page], None]] = {
    "attract": "/kiosk/",
    "menu": "/kiosk/menu",
    "customise": "/kiosk/cake/taro",
    "words": kiosk_with_words,
    "time": kiosk_time,
    "review": kiosk_review,
}


@pytest.mark.parametrize("serving", ["sqlite"], indirect=True)
@pytest.mark.parametrize("size", [(1080, 1920), (1280, 800)])
def test_one_tap_each_on_every_screen(
    serving: ShopServer, page_at: Callable[..., Page], size: tuple[int, int]
) -> None:
    for screen in SCREENS.values():
        page = page_at(*size, "zh-CN", base_url=serving.base, has_touch=True)
        if isinstance(screen, str):
            page.goto(screen)
        else:
            screen(page)
        root = page.locator("html")
        page.locator('button[name=language][value="en"], button[name=lang][value="en"]').first.tap()
        expect(root).to_have_attribute("lang", "en")
        page.locator('button[name=look][value^="text"]').first.tap()
        expect(root).to_have_attribute("data-text", "large")
        page.locator('button[name=look][value^="contrast"]').first.tap()
        expect(root).to_have_attribute("data-contrast", "high")
        page.context.close()


@pytest.mark.parametrize("serving", ["sqlite"], indirect=True)
def test_enter_tries_a_coupon_and_the_hand_stays_where_it_is_refused(
    serving: ShopServer, page_at: Callable[..., Page]
) -> None:
    page = page_at(1920, 1080, "zh-TW", base_url=serving.base, has_touch=True, ignore=["status of 422"])
    kiosk_review(page)
    page.locator("#coupon").fill("NOSUCH")
    page.locator("#coupon").press("Enter")
    expect(page.locator("#coupon-error")).to_be_visible()
    expect(page.locator("#coupon")).to_be_focused()
    page.locator("#coupon").fill("")
    page.locator("#coupon").press("Enter")
    expect(page.locator("#coupon-error")).to_have_count(0)
    expect(page.locator("#screen h1")).to_be_focused()
