"""What a newcomer's fingers do at the desk and the till: stray keys, the way back, a change of mind."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import expect

from tests.admin.office import made
from tests.browser.steps import enter
from tests.chromium import PageAt, scrolls_sideways
from tests.fingers import type_keys

pytestmark = pytest.mark.browser


def test_the_key_that_leads_to_the_search_is_not_typed_into_it(base: str, page_at: PageAt, axe) -> None:
    page = enter(page_at(1440, 900), base, to="/admin/desk")
    expect(page.locator("#find-0")).to_be_focused()
    page.keyboard.type("/straw")
    expect(page.locator("#find-0")).to_have_value("straw")
    expect(page.locator(".d-cake.is-first")).to_contain_text("Strawberry")
    page.fill("#find-0", "/straw")  # pasted
    expect(page.locator(".d-cake.is-first")).to_contain_text("Strawberry")
    page.fill("#find-0", "xyz")
    expect(page.locator("[data-nothing]")).to_contain_text("No cake has these letters")
    assert axe(page) == []
    page.fill("#find-0", "")
    expect(page.locator("[data-nothing]")).to_be_hidden()


def test_stray_digits_do_not_change_the_cake(base: str, page_at: PageAt) -> None:
    page = enter(page_at(1440, 900), base, to="/admin/desk")
    page.keyboard.type("qkl")
    page.keyboard.press("Enter")
    size = page.locator("[data-sizes] input:checked")
    expect(size).to_be_focused()
    type_keys(page, "Happy 30th", apart=0.1)
    expect(size).to_have_value("8")
    page.locator("h1").click()
    page.keyboard.type("3")
    expect(size).to_have_value("8")
    size.focus()
    type_keys(page, "3", apart=0, after=3.5)
    expect(page.locator("[data-sizes] input[value='10']")).to_be_checked()
    expect(page.locator(".toast")).to_contain_text("Size: 10″")


def test_back_after_placing_shows_the_number(base: str, page_at: PageAt, axe) -> None:
    page = enter(page_at(360, 800), base, to="/admin/desk")
    page.locator(".d-cake", has_text="Fruit").click()
    expect(page.locator("#ins-0")).to_be_visible()
    expect(page.locator('#times input[name="clock"]:checked')).to_have_count(1)
    page.get_by_role("button", name="Read back").click()
    page.wait_for_url("**/read-back*")
    page.locator("#place").click()
    page.wait_for_url("**/admin/till/*")
    page.go_back()
    expect(page.locator("h1")).to_contain_text("Already placed as B-0")
    assert axe(page) == [] and not scrolls_sideways(page)
    page.get_by_role("link", name="See the order").click()
    page.wait_for_url("**/admin/orders/*")


def test_the_tick_is_for_the_words_that_stand_there(app: Flask, base: str, page_at: PageAt) -> None:
    placed = made(app, inscription="Lily")
    page = enter(page_at(360, 800, ignore=["422"]), base, to=f"/admin/orders/{placed.order_id}")
    page.locator("[data-open^=change-]").click()
    dialog, tick = page.locator("dialog[open]"), page.locator("[data-readback-tick]")
    tick.check()
    dialog.locator("[name=inscription]").fill("Lilly")
    expect(tick).not_to_be_checked()
    dialog.locator("[name=inscription]").fill("好😀")
    tick.check()
    dialog.get_by_role("button", name="Change it").click()
    expect(dialog.locator(".error")).to_be_visible()
    expect(tick).not_to_be_checked()
    dialog.locator("[name=inscription]").fill("W" * 200)
    assert page.locator("[data-readback-out]").bounding_box()["height"] <= 150
    tick.check()
    expect(dialog.get_by_role("button", name="Change it")).to_be_in_viewport()


def test_too_little_cash_says_what_is_missing(app: Flask, base: str, page_at: PageAt, axe) -> None:
    placed = made(app, paid=False)
    page = enter(page_at(360, 800), base, to=f"/admin/till/{placed.order_id}")
    page.fill("#tendered", "200")
    expect(page.locator(".o-change")).to_have_text("Still missing ¥68", use_inner_text=True)
    assert axe(page) == []
    page.fill("#tendered", "300")
    expect(page.locator(".o-change")).to_have_text("Change due ¥32", use_inner_text=True)


def test_on_a_phone_the_time_comes_before_allergies(base: str, page_at: PageAt, axe) -> None:
    page = enter(page_at(360, 800, "zh-CN"), base, to="/admin/desk")
    page.locator(".d-cake").first.click()
    expect(page.locator("#ins-0")).to_be_visible()
    expect(page.locator('#times input[name="clock"]').first).to_be_attached()
    tops = [
        page.locator(part).bounding_box()["y"]
        for part in ("#lines", ".d-who", "#times", ".d-more", "#summary")
    ]
    assert tops == sorted(tops)
    page.focus("#phone")
    met = []
    while "go-on" not in met and len(met) < 40:
        page.keyboard.press("Tab")
        met.append(page.evaluate("document.activeElement.id || document.activeElement.name"))
    where = [met.index(name) for name in ("fulfilment", "day", "allergies", "language", "go-on")]
    assert where == sorted(where), "Tab goes the way the eye goes"
    assert axe(page) == [] and not scrolls_sideways(page)


def test_a_field_left_empty_is_named_in_the_words_of_the_page(base: str, page_at: PageAt, axe) -> None:
    page = page_at(360, 800, "de-DE")  # a browser whose own words nobody here would read
    page.goto(f"{base}/sign-in")
    page.fill("#password", "")
    page.locator("main .btn-primary").click()
    expect(page.locator("#login")).to_be_focused()
    expect(page.locator(".error")).to_have_text(["请填写：登录名", "请填写：密码"])
    assert axe(page) == []
    page.fill("#login", "mei")
    expect(page.locator(".error")).to_have_text(["请填写：密码"])
    expect(page.locator("#login")).not_to_have_attribute("aria-invalid", "true")
