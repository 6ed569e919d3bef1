"""At the counter in a real browser: the customer's phone shows a code, the clerk scans it, the phone agrees."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import expect

from shop.upkeep.invariants import breaches
from tests import counter
from tests.chromium import PageAt, scrolls_sideways
from tests.live_server import ShopServer
from tests.test_journey import open_at, sign_in
from tests.test_money_journey import serving
from web.database import reading, writing

__all__ = ["serving"]
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.mark.parametrize(("locale", "method"), [("zh-CN", "alipay"), ("en-GB", "wechat")])
def test_scanned_agreed_to_on_the_phone_and_paid(
    serving: tuple[ShopServer, Flask], page_at: PageAt, axe, locale: str, method: str
) -> None:
    server, app = serving
    with app.app_context(), writing() as tx:
        order = counter.order(tx, paid=False).order_id
    accounts = (app.extensions["fairslice"].settings.data / "payments" / "alipay.json").read_text()
    gateway = re.findall(r"http://127\.0\.0\.1:\d+", accounts)[0]
    phone = page_at(360, 800, locale)
    phone.goto(f"{gateway}/wallet")
    assert axe(phone) == [] and not scrolls_sideways(phone)
    phone.locator(f'form[action*="/wallet/{method}/ask"] button').click()
    code = phone.locator(".g-digits").inner_text()
    assert axe(phone) == [] and not scrolls_sideways(phone)
    desk = open_at(page_at, server, "/sign-in", (1280, 800), locale, ignore=["422"])
    sign_in(desk, "mei")
    desk.goto(f"/admin/till/{order}")
    desk.locator("details:has(#code) summary").click()
    desk.locator("#code").fill("123")
    desk.locator("#code").press("Enter")
    expect(desk.locator("#code")).to_have_attribute("aria-invalid", "true")
    desk.locator("#code").fill(code)
    desk.locator("#code").press("Enter")
    desk.wait_for_url(re.compile("/code-payment/"))
    assert axe(desk) == []
    phone.wait_for_url(re.compile(rf"/{method}/"))  # it has been charged, and asks
    phone.locator('form[action*="/pay?"] button').click()
    desk.wait_for_url(re.compile("/paid/"))
    with app.app_context(), reading() as session:
        assert breaches(session) == []
