"""The board as a baker meets it: in a real Chromium, with the real server behind it."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import select

from shop.core.actors import SYSTEM
from shop.orders.progress import cancel
from shop.orders.tables import Order
from shop.people.devices import revoke
from shop.people.staff import Device
from tests import cast, counter
from tests.chromium import PageAt, scrolls_sideways
from tests.kitchen.boards import SIZES, all_told, choose, open_board, order
from tests.live_server import ShopServer, next_message
from web.database import writing

pytestmark = pytest.mark.browser


def test_a_new_order_comes_by_itself_with_its_sound(shop: tuple[ShopServer, Flask], page_at: PageAt) -> None:
    server, app = shop
    page = open_board(page_at, server)
    begun = time.monotonic()
    number = order(app)
    expect(page.locator(".w-card", has_text=number)).to_be_visible()
    print(f"a new order on the board after {time.monotonic() - begun:.2f} s")
    all_told(app, page)
    assert page.evaluate("window.heard") == ["new"]


def test_one_tap_starts_names_and_can_be_taken_back(shop: tuple[ShopServer, Flask], page_at: PageAt) -> None:
    server, app = shop
    number = order(app)
    page, other = open_board(page_at, server), open_board(page_at, server, size=SIZES[1])
    mine = page.locator(".w-card", has_text=number)
    mine.get_by_role("button", name="Start").click()
    page.get_by_role("dialog").get_by_role("button", name="李").click()
    expect(mine.get_by_role("button", name="Finish")).to_be_visible()
    expect(mine).to_contain_text("李")
    expect(other.locator(".w-card", has_text=number).get_by_role("button", name="Finish")).to_be_visible()
    expect(page.get_by_role("radio", name="李")).to_be_checked()
    mine.get_by_role("button", name="Finish").press("Enter")  # a click so soon may lie where the name was
    expect(mine).to_have_count(0)
    page.locator(".toast", has_text="finished").get_by_role("button", name="Undo").click()
    expect(mine.get_by_role("button", name="Finish")).to_be_visible()
    page.goto(f"{server.base}/kitchen/bench?lang=en")
    expect(page.get_by_role("radio", name="李")).to_be_checked()  # at the next station nobody is asked again


def test_who_comes_second_sees_who_was_first(shop: tuple[ShopServer, Flask], page_at: PageAt) -> None:
    server, app = shop
    number = order(app)
    page = open_board(page_at, server)
    name = choose(page)
    stale = page.locator(".w-card", has_text=number).get_by_role("button", name="Start")
    value = stale.get_attribute("value")
    stale.click()
    expect(page.locator(".w-card", has_text=number)).to_contain_text(name)
    page.evaluate(
        """(value) => { const again = document.createElement("button"); again.setAttribute("form", "tap");
        again.setAttribute("formaction", "/kitchen/oven/start"); again.name = "task"; again.value = value;
        again.id = "late"; again.textContent = "late"; document.body.append(again); again.click(); }""",
        value,
    )
    expect(page.locator(".toast-bad")).to_contain_text("Somebody else")


def test_nothing_moves_under_a_finger(shop: tuple[ShopServer, Flask], page_at: PageAt) -> None:
    server, app = shop
    number = order(app)
    page = open_board(page_at, server)
    start = page.locator(".w-card", has_text=number).get_by_role("button", name="Start")
    box = start.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    newer = order(app)
    page.wait_for_timeout(1500)
    assert page.locator(".w-card", has_text=newer).count() == 0, "the board moved under a finger"
    still = start.bounding_box()
    assert still is not None and abs(still["y"] - box["y"]) < 3 and abs(still["x"] - box["x"]) < 3
    page.mouse.move(5, 1070)
    page.mouse.up()
    expect(page.locator(".w-card", has_text=newer)).to_be_visible()


def test_a_cancelled_order_is_pinned_rings_and_is_acknowledged(
    shop: tuple[ShopServer, Flask], page_at: PageAt
) -> None:
    server, app = shop
    placed = cast.place_order(app)
    page = open_board(page_at, server)
    with app.app_context(), writing() as tx:
        found, _ = counter.shop_and_card(tx)
        cancel(
            tx,
            found,
            tx.get_one(Order, placed.order_id),
            by=cast.by(tx, "mei"),
            at=cast.SATURDAY,
            reason="no",
        )
    notice = page.locator(".w-notice", has_text=placed.number)
    expect(notice).to_contain_text("Cancelled")
    assert "cancelled" in page.evaluate("window.heard")
    assert page.locator(".w-board > :first-child").get_attribute("id") == notice.get_attribute("id"), "first"
    choose(page)
    notice.get_by_role("button", name="Seen").click()
    expect(notice).to_have_count(0)


def test_a_lost_tap_is_said(shop: tuple[ShopServer, Flask], page_at: PageAt) -> None:
    server, app = shop
    number = order(app)
    page = page_at(1920, 1080, ignore=["ERR_", "Failed to load"])
    page.goto(f"{server.base}/kitchen/oven?lang=en")
    choose(page)
    page.route("**/oven/start*", lambda route: route.abort())
    page.locator(".w-card", has_text=number).get_by_role("button", name="Start").click()
    expect(page.locator(".toast-bad")).to_contain_text("Not saved")
    page.unroute("**/oven/start*")
    page.locator(".w-card", has_text=number).get_by_role("button", name="Start").click()
    expect(page.locator(".w-card", has_text=number).get_by_role("button", name="Finish")).to_be_visible()


def test_without_a_socket_it_polls_and_heals(shop: tuple[ShopServer, Flask], page_at: PageAt) -> None:
    server, app = shop
    browser = server.display()
    screens = []
    for _ in range(8):
        screens.append(server.socket("/kitchen/oven/live", browser))
        next_message(screens[-1])  # it has its place before the next one asks
    page = page_at(1920, 1080, ignore=["WebSocket", "503"])
    page.goto(f"{server.base}/kitchen/oven?lang=en")
    expect(page.locator("#live")).to_have_text("Every 10 s")
    number = order(app)
    expect(page.locator(".w-card", has_text=number)).to_be_visible()
    for screen in screens:
        screen.close()
    expect(page.locator("#live")).to_have_text("Live")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["zh_Hans", "en"])
def test_every_board_can_be_read_by_everybody(
    shop: tuple[ShopServer, Flask],
    page_at: PageAt,
    axe: Callable[..., list[str]],
    size: tuple[int, int],
    lang: str,
) -> None:
    server, app = shop
    order(app, words="生日快乐")
    page = page_at(*size)
    for path in ("", "oven", "decorating", "oven/list"):
        page.goto(f"{server.base}/kitchen/{path}?lang={lang}")
        page.wait_for_timeout(300)
        assert axe(page) == [], path
        assert not scrolls_sideways(page), path
    page.goto(f"{server.base}/kitchen/oven?lang={lang}")
    page.locator(".w-card .btn-primary").first.hover()  # as a finger leaves it after a tap
    assert axe(page, within=".w-acts") == []
    page.locator(".w-card a[data-dialog]").first.click()
    page.locator("#cake[open]").wait_for()
    assert axe(page) == []
    page.locator("#cake a[data-dialog]").click()
    page.locator("#remake[open]").wait_for()
    assert axe(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("link", name="更多" if lang == "zh_Hans" else "More", exact=True).click()
    page.locator("#tools[open]").wait_for()
    assert axe(page) == []
    touch = page.evaluate(
        "[...document.querySelectorAll('.w-acts .btn, .w-people .pill, #tools .pill')]"
        ".map((one) => one.getBoundingClientRect()).filter((box) => box.height && box.height < 63.5).length"
    )
    assert touch == 0, "a finger in a glove needs 64 px"


def test_a_removed_display_is_led_out(shop: tuple[ShopServer, Flask], page_at: PageAt) -> None:
    server, app = shop
    page = open_board(page_at, server)
    with app.app_context(), writing() as tx:
        for device in tx.scalars(select(Device).where(Device.secret_hash.is_not(None))):
            revoke(tx, device, by=SYSTEM, at=cast.SATURDAY)
    page.wait_for_url("**/pair**")
