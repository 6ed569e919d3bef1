"""The back office in a real browser: a clerk's minute at the desk, live pages, a phone, every page accessible."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from flask import Flask
from playwright.sync_api import expect

from tests.admin.office import made, order
from tests.browser.steps import enter
from tests.chromium import PageAt
from tests.shop.payments.billing import strange_bill
from web.database import writing
from web.house import now

pytestmark = pytest.mark.browser
LOOSE = """() => [...document.querySelectorAll('.table td')].filter((cell) => cell.children.length
  && [...cell.childNodes].some((one) => one.nodeType === Node.TEXT_NODE && one.data.trim()))
  .map((cell) => cell.innerText)"""
"""The cells that have words of their own beside something else."""


def test_an_order_by_keyboard_alone(app: Flask, base: str, page_at: PageAt, axe) -> None:
    page = enter(page_at(1440, 900), base, to="/admin/desk")
    expect(page.locator("#find-0")).to_be_focused()
    page.keyboard.type("qkl")  # qiaokeli, by its initials
    page.keyboard.press("Enter")
    expect(page.locator("#ins-0")).to_be_visible()
    expect(page.locator('[data-sizes] input[value="8"]')).to_be_focused()
    page.keyboard.press("3")  # 10 inch
    expect(page.locator("#summary")).to_contain_text("¥378")
    page.locator("#ins-0").focus()
    page.keyboard.type("生日快乐")
    expect(page.locator("[data-room-left]").first).to_have_text("8 / 24")
    page.keyboard.press("Enter")
    page.keyboard.type("6")
    page.keyboard.press("Enter")
    expect(page.locator("#qty-0")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#name")).to_be_focused()
    page.keyboard.type("王小明")
    page.keyboard.press("Enter")
    page.keyboard.type("13812345678")
    expect(page.locator(".d-saved")).to_contain_text("Draft saved")
    expect(page.locator('#times input[name="clock"]:checked')).to_have_count(1)
    assert axe(page) == []
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/read-back*")
    assert axe(page) == []
    expect(page.locator(".r-words")).to_have_text("“生日快乐”")
    expect(page.locator(".r-facts")).to_contain_text("王小明")
    expect(page.locator("#place")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/till/*")
    page.fill("#tendered", "400")
    expect(page.locator("[data-change-out]")).to_have_text("¥22")
    page.keyboard.press("Enter")
    page.wait_for_url("**/paid/*")
    expect(page.locator(".a-huge")).to_have_text("¥22")
    assert axe(page) == []
    row = order(app, int(re.findall(r"/orders/(\d+)/", page.url)[0]))
    assert (row.state, row.total) == ("confirmed", 37800)


def test_what_was_typed_survives_a_closed_page(base: str, page_at: PageAt) -> None:
    page = enter(page_at(1440, 900), base, to="/admin/desk")
    page.locator(".d-cake", has_text="Tiramisu").click()
    page.locator("#ins-0").fill("Lily")
    with page.expect_response(
        lambda answer: quote("李雷") in (answer.request.post_data or "")
    ):  # also that is saved
        page.locator("#name").fill("李雷")
    expect(page.locator(".d-saved")).to_contain_text("Draft saved")
    expect(page).to_have_url(re.compile(r"draft=\w{6}"))
    page.goto(f"{base}/admin/desk")
    page.locator(".d-draft", has_text="李雷").get_by_role("link").click()
    expect(page.locator("#ins-0")).to_have_value("Lily")
    expect(page.locator('[name="line.0.product"]:checked')).to_have_value("tiramisu")


def test_a_lost_connection_loses_no_word(base: str, page_at: PageAt) -> None:
    page = enter(
        page_at(1440, 900, ignore=["ERR_INTERNET_DISCONNECTED", "WebSocket"]), base, to="/admin/desk"
    )
    page.locator(".d-cake", has_text="Fruit").click()
    expect(page.locator("#ins-0")).to_be_visible()
    page.context.set_offline(True)
    page.locator("#name").fill("韩梅梅")
    expect(page.locator("#desk[data-unsaved]")).to_have_count(1)
    page.context.set_offline(False)
    expect(page.locator("#desk[data-unsaved]")).to_have_count(0)
    page.goto(f"{base}/admin/desk")
    expect(page.locator(".d-draft")).to_contain_text("韩梅梅")


def test_a_known_phone_offers_the_same_again(app: Flask, base: str, page_at: PageAt) -> None:
    made(app, name="李雷", phone="13911112222", inscription="好运")
    page = enter(page_at(1440, 900), base, to="/admin/desk")
    page.locator("#phone").press_sequentially("13911112222")
    page.get_by_role("button", name="The same again").click(delay=300)  # as long as a hand presses
    expect(page.locator("#ins-0")).to_have_value("好运")
    expect(page.locator("#name")).to_have_value("李雷")


def test_several_cakes_and_a_refusal_at_its_field(base: str, page_at: PageAt) -> None:
    page = enter(page_at(1440, 900, ignore=["422"]), base, to="/admin/desk")
    page.locator(".d-cake", has_text="Fruit").click()
    expect(page.locator("#ins-0")).to_be_visible()  # the lines have come anew
    page.get_by_role("button", name="Another cake").click()
    page.locator("#cakes-1 .d-cake", has_text="Taro").click()
    expect(page.locator("#summary")).to_contain_text("¥556")
    page.locator("#phone").fill("12")
    page.locator("#ins-1").fill("这个祝福实在是太长太长太长了")
    expect(page.locator("#ins-1")).to_have_attribute("aria-invalid", "true")
    page.get_by_role("button", name="Read back").click()
    expect(page.locator("#ins-1 + .error")).to_contain_text("Too long")
    expect(page.locator("#ins-1")).to_have_value("这个祝福实在是太长太长太长了")
    page.get_by_role("button", name="Remove").last.click()
    expect(page.locator("#line-1")).to_have_count(0)


def test_the_sheet_and_the_list_follow_the_kitchen(app: Flask, base: str, page_at: PageAt) -> None:
    from tests import counter

    placed = made(app)
    sheet = enter(page_at(1440, 900), base, to=f"/admin/orders/{placed.order_id}")
    listed = page_at(360, 800, context=sheet.context)
    listed.goto(f"{base}/admin/orders?state=making")
    expect(listed.locator("#orders")).to_contain_text("Confirmed")
    today = page_at(1440, 900, context=sheet.context)
    today.goto(f"{base}/admin/")
    expect(sheet.locator("[data-live][data-state=live]").first).to_be_attached()
    with app.app_context(), writing() as tx:
        counter.make(tx, placed.order_id, "cool")
    expect(sheet.locator(".o-head")).to_contain_text("Being made")
    expect(sheet.locator(".o-diary")).to_contain_text("Baking")
    expect(sheet.get_by_role("button", name="Cancel this order")).to_have_count(0)
    expect(listed.locator("#orders")).to_contain_text("Being made")
    expect(today.locator("#today")).to_contain_text("Being made")


def test_two_people_cancel_what_was_started(app: Flask, base: str, page_at: PageAt) -> None:
    from tests.admin.office import started

    placed = made(app)
    started(app, placed.order_id)
    page = enter(page_at(1440, 900, ignore=["403"]), base, "xu", f"/admin/orders/{placed.order_id}")
    page.get_by_role("button", name="Cancel with a second person").click()
    page.fill("#two-reason", "客人改主意了")
    page.fill("#two-login", "xu")
    page.fill("#two-password", "tangjian")
    page.get_by_role("button", name="Cancel the order").click()
    expect(page.locator("dialog[open] .banner-bad")).to_contain_text("second person")
    page.fill("#two-login", "he")
    page.get_by_role("button", name="Cancel the order").click()
    expect(page.locator(".o-head")).to_contain_text("Cancelled")


def test_a_cake_is_off_and_on_by_one_tap_on_a_phone(base: str, page_at: PageAt) -> None:
    page = enter(page_at(360, 800, has_touch=True), base, "xu", "/admin/menu")
    row = page.locator("tr", has_text="Mango mousse")
    row.locator(".m-today").tap()
    expect(row.locator(".m-today")).to_have_text("Sold out today")
    row.locator(".m-today").tap()
    expect(row.locator(".m-today")).to_have_text("For sale")


DIALOGS = (
    ("/admin/menu", "new-cake"), ("/admin/menu/choices", "new-group"), ("/admin/menu/choices/1", "option-0"),
    ("/admin/shifts", "day-change"), ("/admin/orders/1", "cancel"), ("/admin/orders/1", "change-1"),
)  # fmt: skip


def test_every_dialog_is_accessible_and_fits_a_phone(app: Flask, base: str, page_at: PageAt, axe) -> None:
    made(app, inscription="生日快乐")
    page = enter(page_at(360, 800, "zh-CN"), base, "xu")
    for path, name in DIALOGS:
        page.goto(base + path)
        page.locator(f"[data-open={name}]").first.click()
        expect(page.locator(f"#{name}")).to_be_visible()
        assert axe(page, within=f"#{name}") == [], name
        assert page.evaluate(f"document.getElementById('{name}').scrollWidth") <= 344, name


def test_a_refusal_stands_beside_its_field_and_nothing_is_lost(base: str, page_at: PageAt, axe) -> None:
    page = enter(page_at(1440, 900, ignore=["422"]), base, to="/admin/desk")
    page.keyboard.type("qkl")
    page.keyboard.press("Enter")
    page.fill("#ins-0", "生日快乐")
    page.fill("#phone", "1381234")
    expect(page.locator('#times input[name="clock"]:checked')).to_have_count(1)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#phone + .error")).to_contain_text("cannot be right")
    expect(page.locator("#phone")).to_be_focused()
    expect(page.locator("#trouble")).to_be_hidden()
    expect(page.locator("#ins-0")).to_have_value("生日快乐")
    assert axe(page) == []
    page.fill("#phone", "13812345678")
    expect(page.locator("#phone + .error")).to_have_count(0)
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/read-back*")


def test_the_change_is_counted_for_plain_amounts_only(app: Flask, base: str, page_at: PageAt) -> None:
    placed = made(app, paid=False)
    page = enter(page_at(390, 844, ignore=["422"]), base, to=f"/admin/till/{placed.order_id}")
    for typed, back in (
        ("300", "¥32"),
        ("１，０００", "¥732"),
        ("200", "¥68"),
        ("268.5", "¥0.50"),
        ("", "–"),
    ):
        page.fill("#tendered", typed)
        expect(page.locator("[data-change-out]")).to_have_text(back)
        expect(page.locator("[data-change-odd]")).to_be_hidden()
    for typed in ("-5", "1e3", "1.000,50", "100000000", "999999999999999999"):
        page.fill("#tendered", typed)
        expect(page.locator("[data-change-out]")).to_have_text("–")
        expect(page.locator("[data-change-odd]")).to_be_visible()
    page.press("#tendered", "Enter")
    expect(page.locator("#tendered + .error")).to_contain_text("is the most")
    assert order(app, placed.order_id).paid == 0


def test_a_refused_form_in_a_dialog_comes_back_open(base: str, page_at: PageAt, axe) -> None:
    page = enter(page_at(1440, 900, ignore=["422"]), base, "chen", "/admin/devices/")
    page.click('[data-open="new-device"]')
    page.fill("#new-device [name=name]", " ")
    page.click("#new-device .btn-primary")
    expect(page.locator("#new-device")).to_be_visible()
    expect(page.locator("#new-device [name=name]")).to_be_focused()
    expect(page.locator("#why")).to_be_visible()
    assert axe(page) == []


def test_a_cell_on_a_phone_breaks_no_word(app: Flask, base: str, page_at: PageAt) -> None:
    """A cell is laid out as a row there: words beside a number or a link stand in one box with it."""
    with app.app_context(), writing() as tx:
        bill = strange_bill(tx, now()).id
    made(app)
    page = enter(page_at(360, 800), base, "xu", "/admin/money")
    for path in ("/admin/money", "/admin/reconciliation", f"/admin/reconciliation/{bill}"):
        page.goto(f"{base}{path}")
        assert page.locator(".table td").count()
        assert page.evaluate(LOOSE) == []
