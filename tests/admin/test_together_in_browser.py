"""Two people at one order in two real browsers: who is here, what is written, without a reload."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.admin.office import made
from tests.chromium import scrolls_sideways
from tests.live_server import ShopServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def enter(page: Page, login: str, to: str) -> Page:
    """Sign in and go there."""
    page.goto(f"/sign-in?next={to}")
    page.fill("[name=login]", login)
    page.fill("[name=password]", "tangjian")
    page.press("[name=password]", "Enter")
    page.wait_for_url(to)
    return page


def test_two_people_see_each_other_and_what_they_write(app: Flask, page_at: Callable[..., Page], axe) -> None:
    placed = made(app)
    sheet = f"/admin/orders/{placed.order_id}"
    with ShopServer(app.extensions["fairslice"].settings.data) as server:
        xu = enter(page_at(1440, 900, "en-GB", base_url=server.base), "xu", sheet)
        mei = enter(page_at(360, 800, "zh-CN", base_url=server.base), "mei", sheet)
        expect(mei.locator("#beside")).to_contain_text("许 Xu 也在看这单")
        xu.locator(".o-write summary").click()
        xu.locator("#comment-text").fill("Gold candles, please")
        expect(mei.locator("#beside")).to_contain_text("许 Xu 正在处理这单")
        expect(xu.locator("#beside")).to_contain_text("小美 Mei is looking at this too")
        mei.locator(".o-write summary").click()
        mei.locator("#comment-text").fill("我还在写")
        for page in (xu, mei):
            assert axe(page) == [] and not scrolls_sideways(page)
        xu.locator("#comment-for").select_option(label="小美 Mei · Clerk")
        xu.locator(".o-write button").click()
        expect(mei.locator("#comments .o-text")).to_have_text("Gold candles, please")
        expect(mei.locator("#line-title + ol li").first).to_contain_text("写了留言")
        expect(mei.locator("#comment-text")).to_have_value("我还在写")
        mei.locator("#comments form button").click()
        expect(xu.locator("#comments")).to_contain_text("Done today")
        mei.goto("/admin/")
        expect(xu.locator("#beside")).to_be_empty()
        for page in (mei, xu):  # nobody is halfway to a socket when the server goes
            page.wait_for_load_state("networkidle")
            page.goto("about:blank")


def test_what_is_left_for_somebody_comes_to_their_open_page(
    app: Flask, page_at: Callable[..., Page], axe
) -> None:
    placed = made(app)
    with ShopServer(app.extensions["fairslice"].settings.data) as server:
        mei = enter(page_at(360, 800, "en-GB", base_url=server.base), "mei", "/admin/")
        expect(mei.locator("#live")).to_have_text("Live")
        lin = enter(
            page_at(1440, 900, "en-GB", base_url=server.base), "lin", f"/admin/orders/{placed.order_id}"
        )
        lin.locator(".o-write summary").click()
        lin.locator("#comment-text").fill("Please call them")
        lin.locator("#comment-for").select_option(label="小美 Mei · Clerk")
        lin.locator(".o-write button").click()
        expect(mei.locator("#for-me")).to_contain_text("Please call them")
        assert axe(mei) == [] and not scrolls_sideways(mei)
        mei.locator("#for-me button").click()
        expect(mei.locator("#for-me")).to_be_empty()
        for page in (mei, lin):  # nobody is halfway to a socket when the server goes
            page.wait_for_load_state("networkidle")
            page.goto("about:blank")
