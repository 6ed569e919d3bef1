"""Cards as a baker meets them: a change of mind, a line that is dead, a sound that is not for here."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import expect

from tests.chromium import PageAt
from tests.fingers import tap_twice
from tests.kitchen.boards import all_told, choose, open_board, order
from tests.live_server import ShopServer

pytestmark = pytest.mark.browser


def test_who_taps_can_be_left_open(shop: tuple[ShopServer, Flask], page_at: PageAt) -> None:
    server, app = shop
    number = order(app)
    page = open_board(page_at, server)
    start = page.locator(".w-card", has_text=number).get_by_role("button", name="Start")
    for leave in (
        lambda: page.keyboard.press("Escape"),
        lambda: page.get_by_role("button", name="Cancel").click(),
    ):
        start.click()
        expect(page.get_by_role("dialog")).to_be_visible()
        leave()
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(start).to_be_focused()
    expect(page.locator(".toast")).to_have_count(0)


@pytest.mark.parametrize("way", ["dialog", "remake dialog", "page"])
def test_a_start_is_taken_back_in_every_way(
    shop: tuple[ShopServer, Flask], page_at: PageAt, way: str
) -> None:
    server, app = shop
    number = order(app)
    page = open_board(page_at, server)
    name = choose(page)
    mine = page.locator(".w-card", has_text=number)
    mine.get_by_role("button", name="Start").click()
    expect(mine.get_by_role("button", name="Finish")).to_be_visible()
    more = mine.locator("a[data-dialog]")
    if way == "page":
        page.goto(server.base + str(more.get_attribute("href")).replace("/card/", "/remake/") + "?lang=en")
        page.locator("label.pill", has_text=name).first.click()
    else:
        more.click()
    if way == "remake dialog":
        page.get_by_role("dialog").get_by_role("link", name="Make it again").click()
        expect(page.locator("#remake")).to_be_visible()
    page.get_by_role("button", name="Take back the start").click()
    if way == "page":  # of its own; a dialog stands on the board, which comes anew by itself
        page.wait_for_url("**/kitchen/oven*")
        page.goto(f"{server.base}/kitchen/oven?lang=en")
    expect(page.locator(".w-card", has_text=number).get_by_role("button", name="Start")).to_be_visible()


def test_a_sound_rings_only_where_it_concerns(shop: tuple[ShopServer, Flask], page_at: PageAt) -> None:
    server, app = shop
    oven, packing = open_board(page_at, server), open_board(page_at, server, "packing")
    overview = open_board(page_at, server, "")
    number = order(app)
    expect(oven.locator(".w-card", has_text=number)).to_be_visible()
    expect(packing.locator("[data-count]")).not_to_have_attribute("data-count", "0")
    all_told(app, oven, overview, packing)
    assert [page.evaluate("window.heard") for page in (oven, overview, packing)] == [["new"], ["new"], []]


def test_minutes_go_on_without_a_line(shop: tuple[ShopServer, Flask], page_at: PageAt) -> None:
    server, app = shop
    number = order(app)
    page = open_board(page_at, server)
    card = page.locator(".w-card", has_text=number)
    overview = open_board(page_at, server, "")
    was = overview.locator("[data-clock]").inner_text()
    overview.context.set_offline(True)
    overview.evaluate("document.querySelector('[data-live]').live.drop()")
    then = overview.locator("[data-clock]").inner_text()  # a minute may have begun in between
    page.context.set_offline(True)
    page.evaluate("document.querySelector('[data-live]').live.drop()")
    card.evaluate(  # the only one that rings here: another test's cake may become late just now
        "(card) => { for (const one of document.querySelectorAll('[data-mine]')) if (one !== card) "
        "delete one.dataset.mine; card.dataset.limit = "
        "new Date(Date.parse(document.body.dataset.now) + performance.now() + 4000).toISOString(); }"
    )
    expect(card.locator("[data-minutes]")).to_have_text("1 min late")
    assert card.evaluate("(card) => card.classList.contains('late') && !card.classList.contains('now')")
    expect(card).to_contain_text("Should have begun")
    card.evaluate(
        """(card) => {
          const now = Date.parse(document.body.dataset.now) + performance.now() + 1500;
          const at = (minutes) => new Date(now + minutes * 60000).toISOString();
          Object.assign(card.dataset, { running: "", limit: at(90), still: at(-7), over: at(0) });
        }"""
    )
    expect(card.locator("[data-minutes]")).to_have_text("7 min over")
    assert card.evaluate("(card) => card.dataset.state") == "risk", "over its time, with no new page"
    expect(page.locator("#live")).to_have_text("OFFLINE")
    expect(overview.locator("#live")).to_have_text(re.compile(f"^OFFLINE since ({was}|{then})$"))
    assert page.evaluate("window.heard") == ["risk"], "once, although it was at risk before it was late"


def test_the_second_tap_of_a_hasty_pair_means_the_dialog_only(
    shop: tuple[ShopServer, Flask], page_at: PageAt
) -> None:
    server, app = shop
    mine, other = order(app), order(app)
    page = open_board(page_at, server)
    page.locator(".w-card", has_text=mine).get_by_role("button", name="Start").click()
    name = page.get_by_role("dialog").locator(".tile").first
    where = name.bounding_box()
    assert where is not None
    under = page.locator(".w-card", has_text=other).get_by_role("button", name="Start")
    under.evaluate(  # another cake's card lies right under that name
        """(button, at) => {
            const card = button.closest(".w-card"), here = button.getBoundingClientRect();
            card.style.cssText = `position: relative; z-index: 9; overflow: visible; contain: none`;
            button.style.transform = `translate(${at.x - here.x}px, ${at.y - here.y}px)`;
        }""",
        where,
    )
    tap_twice(page, where["x"] + 20, where["y"] + 20, apart=0.1)
    expect(page.locator(".w-card", has_text=mine).get_by_role("button", name="Finish")).to_be_visible()
    expect(page.locator(".toast")).to_have_count(1)
    expect(under).to_be_visible()
