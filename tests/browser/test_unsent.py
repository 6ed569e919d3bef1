"""What is typed and not sent yet: somebody else's change draws the page anew, and nobody types anything twice."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests import counter
from tests.admin.office import made, post
from tests.browser.steps import enter
from tests.chromium import PageAt
from web.database import writing

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def save(page: Page, form: str) -> None:
    page.locator(f"{form} .actions button").click()


def saved(page: Page, form: str) -> None:
    """Save, and wait until the page is there anew: the sentence of an earlier save may still stand on it."""
    with page.expect_navigation():
        save(page, form)
    expect(page.locator(".toast")).to_contain_text("Saved")


def test_other_forms_of_the_settings_keep_what_was_typed(base: str, page_at: PageAt) -> None:
    mine = enter(page_at(1440, 900, ignore=["409"]), base, "xu", "/admin/shop")
    theirs = page_at(1440, 900, context=mine.context)
    theirs.goto(f"{base}/admin/shop")
    mine.fill("#bank", "Sugar Bank 7")
    mine.fill("#legal_name", "Sugar Ltd")
    mine.locator("[name='weekday.5']").select_option(index=1)
    chosen = mine.locator("[name='weekday.5']").input_value()
    for form, name, typed in (
        ("#seller-rules", "#legal_name", "Cream Ltd"),
        ("#money-rules", "#limit", "210"),
    ):
        theirs.fill(name, typed)
        saved(theirs, form)
    mine.fill("#started", "40")
    save(mine, "#money-rules")
    expect(mine.locator("#trouble")).to_contain_text("Somebody else has changed this meanwhile")
    expect(mine.locator("#started")).to_have_value("40")
    expect(mine.locator("#limit")).to_have_value("210")
    expect(mine.locator("#bank")).to_have_value("Sugar Bank 7")
    expect(mine.locator("#legal_name")).to_have_value("Sugar Ltd")
    expect(mine.locator("[name='weekday.5']")).to_have_value(chosen)
    save(mine, "#seller-rules")  # it still stands on the page that was opened, before the other one wrote
    expect(mine.locator("#seller-rules .moved")).to_contain_text("Somebody else wrote: Cream Ltd")
    expect(mine.locator("#started")).to_have_value("40")
    saved(mine, "#seller-rules")


def test_an_order_that_moved_on_keeps_the_comment_and_stays_live(
    app: Flask, base: str, page_at: PageAt, sign_in
) -> None:
    placed = made(app, paid=False)
    page = enter(page_at(1440, 900, ignore=["409"]), base, "mei", f"/admin/orders/{placed.order_id}")
    expect(page.locator("[data-live][data-state=live]").first).to_be_attached()
    page.locator("summary", has_text="Write a comment").click()
    page.locator("#comment-text").fill("Rings at nine")  # the cursor stays here: the deeds beside wait
    xu = sign_in(app.test_client(), "xu")
    paid = post(xu, f"/admin/orders/{placed.order_id}/payment", method="cash", tendered="300")
    assert paid.status_code == 303
    expect(page.locator(".o-head")).to_contain_text("Confirmed")
    page.locator("#tendered").fill("300")
    page.locator("#pay .btn-primary").click()
    expect(page.locator("#trouble")).to_contain_text("already paid")
    expect(page.locator("#comment-text")).to_be_visible()
    expect(page.locator("#comment-text")).to_have_value("Rings at nine")
    expect(page.locator("[data-live][data-state=live]").first).to_be_attached()
    with app.app_context(), writing() as tx:
        counter.make(tx, placed.order_id, "cool")
    expect(page.locator(".o-head")).to_contain_text("Being made")
