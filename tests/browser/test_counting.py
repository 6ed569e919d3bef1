"""Counting a drawer with fingers and with keys: the page adds up what was counted and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from shop.payments.till import make_till, open_till
from shop.payments.till_tables import TillShift
from tests import cast
from tests.browser.steps import enter
from tests.counter import shop_and_card
from web.database import reading, writing
from web.house import now

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_a_drawer_is_counted_by_touch_and_by_keys(
    app: Flask, base: str, page_at: Callable[..., Page]
) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        till = make_till(tx, shop, "1", by=cast.by(tx, "xu"), at=now())
        open_till(tx, shop, till.id, floated=337_50, by=cast.by(tx, "mei"), at=now())
    page = page_at(360, 800, "en-GB", base_url=base)
    page.goto("/sign-in")
    page.locator("[name=login]").fill("mei")
    page.locator("[name=password]").fill("tangjian")
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.goto("/admin/tills/1/count")
    said = page.locator("[data-count-sum]")
    expect(said).to_have_text("–")
    first = page.locator("[data-worth='10000']")
    first.fill("3")
    first.press("Enter")
    expect(page.locator("[data-worth='5000']")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    more = page.get_by_role("button", name="one ¥20 more")
    box = more.bounding_box()
    assert box is not None and min(box["width"], box["height"]) >= 48, "a finger finds it"
    more.click()
    more.click()
    page.get_by_role("button", name="one ¥20 less").click()
    page.locator("[data-worth='50']").fill("1")
    expect(said).to_have_text("¥320.50")
    assert "337" not in page.locator("main").inner_text()
    page.get_by_role("button", name="The count is in").click()
    expect(page.get_by_role("dialog")).to_contain_text("You have counted ¥320.50. Is this all")
    page.get_by_role("button", name="Yes, close the till").click()
    expect(page.get_by_text("¥17 short")).to_be_visible()
    xu = enter(page_at(360, 800, "en-GB"), base, "xu", "/admin/days")
    xu.locator("a.a-due", has_text="today").click()
    card, waits = xu.locator("section.card").bounding_box(), xu.locator("section.card .tag").bounding_box()
    assert card is not None and waits is not None
    assert waits["x"] + waits["width"] <= card["x"] + card["width"], "who waits stands in the card"
    with app.app_context(), reading() as session:
        shift = session.scalars(select(TillShift)).one()
        assert (shift.counted, shift.difference) == (320_50, -17_00)
        assert shift.pieces == {"10000": 3, "2000": 1, "50": 1}
