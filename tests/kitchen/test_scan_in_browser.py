"""A scanner that types, and gloves: a cake's page in Chromium."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from shop.orders.tables import Cake
from tests import cast
from tests.chromium import PageAt, scrolls_sideways
from tests.fingers import type_keys
from tests.kitchen.boards import open_board
from tests.live_server import ShopServer
from web.database import reading

pytestmark = pytest.mark.browser


def new_cake(app: Flask, words: str = "") -> str:
    """Order one strawberry cake; returns its code."""
    placed = cast.place_order(app, words=words)
    with app.app_context(), reading() as session:
        return session.scalars(select(Cake.code).where(Cake.order_id == placed.order_id)).one()


def type_as_a_scanner(page: Page, text: str) -> None:
    type_keys(page, text, apart=0.005, enter=True)


def test_a_row_of_scans_by_one_person(
    shop: tuple[ShopServer, Flask], page_at: PageAt, axe: Callable[..., list[str]]
) -> None:
    server, app = shop
    first, second = new_cake(app, "生日快乐"), new_cake(app)
    page = page_at(360, 760, ignore=["409", "422"])
    page.goto(f"{server.base}/kitchen/?lang=en")  # the demo's screen pairs itself
    page.goto(f"{server.base}/c/{first}")
    page.wait_for_url(f"**/kitchen/cake/{first}")
    page.locator(".w-people label").first.click()
    page.locator("button.w-step.btn-primary").click()
    page.wait_for_url("**/kitchen/cake/*?done=*")
    undo = page.locator("form.w-did button")
    expect(undo).to_be_visible()
    assert not scrolls_sideways(page) and axe(page) == []
    buttons = page.locator("main .btn, main .pill").all()
    small = [button.inner_text() for button in buttons if (button.bounding_box() or {})["height"] < 48]
    assert small == [], "gloves need room"
    next_step = page.locator("button.w-step.btn-primary")
    expect(next_step).to_have_attribute("formaction", f"/kitchen/cake/{first}/finish")
    assert (next_step.bounding_box() or {})["height"] >= 90
    undo.click()
    expect(page.locator("button.w-step.btn-primary")).to_have_attribute(
        "formaction", f"/kitchen/cake/{first}/start"
    )
    page.wait_for_load_state()  # its scripts hear the scanner
    type_as_a_scanner(page, f"{server.base}/c/{second}")
    page.wait_for_url(f"**/kitchen/cake/{second}")
    page.locator("button.w-step.btn-primary").click()  # who taps is still chosen
    expect(page.locator("button.w-step.btn-primary")).to_have_attribute(
        "formaction", f"/kitchen/cake/{second}/finish"
    )


def test_a_scanner_leads_from_a_board_and_takes_nothing_from_a_field(
    shop: tuple[ShopServer, Flask], page_at: PageAt
) -> None:
    server, app = shop
    code = new_cake(app)
    board = open_board(page_at, server)
    type_as_a_scanner(board, "Hello")  # no code: nothing happens
    board.wait_for_timeout(200)
    type_as_a_scanner(board, code)
    board.wait_for_url(f"**/kitchen/cake/{code}")
    board.locator("[data-scan-field]").fill("")
    board.locator("[data-scan-field]").focus()
    with board.expect_navigation(url=f"**/kitchen/cake/{code}"):  # it is there already, and comes anew
        type_as_a_scanner(board, code.lower())
    desk = page_at(1440, 900)
    desk.goto(f"{server.base}/sign-in?next=/admin/orders")
    desk.fill("[name=login]", "mei")
    desk.fill("[name=password]", "tangjian")
    desk.press("[name=password]", "Enter")
    desk.wait_for_url(f"{server.base}/admin/orders")
    search = desk.locator("main input:not([type=hidden], [type=radio], [type=checkbox])").first
    search.focus()
    desk.keyboard.type(code)
    expect(search).to_have_value(code)
    search.blur()
    type_as_a_scanner(desk, code)
    desk.wait_for_url(f"**/kitchen/cake/{code}")


def test_a_person_who_types_slowly_goes_nowhere(shop: tuple[ShopServer, Flask], page_at: PageAt) -> None:
    server, app = shop
    code = new_cake(app)
    board = open_board(page_at, server)
    type_keys(board, code, apart=0.16, enter=True)
    board.wait_for_timeout(300)
    assert board.url.endswith("/kitchen/oven?lang=en")
