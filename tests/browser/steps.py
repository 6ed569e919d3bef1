"""The taps that lead to a screen, as a customer, a courier or somebody of the team makes them."""

from __future__ import annotations

from playwright.sync_api import Page


def enter(page: Page, base: str, login: str = "mei", to: str = "/admin/") -> Page:
    """Sign in and go there."""
    page.goto(f"{base}/sign-in?next={to}")
    page.fill("[name=login]", login)
    page.fill("[name=password]", "tangjian")
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{base}{to}")
    return page


def kiosk_with_words(page: Page) -> None:
    """Put a cake with words into the order, as a customer does."""
    page.goto("/kiosk/cake/strawberry-cream")
    page.locator('button[name=then][value="words"]').click()
    page.locator("#text").fill("宝贝生日快乐")


def kiosk_time(page: Page) -> None:
    kiosk_with_words(page)
    page.locator("footer .btn-primary").click()
    page.locator("input[name=due_at]").first.wait_for(state="attached")


def kiosk_delivery(page: Page) -> None:
    kiosk_time(page)
    page.locator('a[href="/kiosk/delivery"]').click()
    page.locator("#address").wait_for()
    page.locator('label:has([value="xuhui"])').click()
    page.fill("#address", "漕溪北路 88 号 1203 室")
    page.fill("#name", "王小明")
    page.fill("#phone", "13812345678")


def kiosk_delivery_time(page: Page) -> None:
    kiosk_delivery(page)
    page.locator("footer .btn-primary").click()
    page.locator(".k-slots.is-long").wait_for()


def kiosk_read_back(page: Page) -> None:
    kiosk_time(page)
    page.locator("footer .btn-primary").click()
    page.locator("blockquote").wait_for()


def kiosk_review(page: Page) -> None:
    kiosk_read_back(page)
    page.locator("footer .btn-primary").click()
    page.locator('footer button[value="pay"]').wait_for()


def kiosk_pay(page: Page) -> None:
    kiosk_review(page)
    page.locator('footer button[value="pay"]').click()
    page.locator('button[name=method][value="cash"]').wait_for()


def kiosk_wait(page: Page) -> None:
    kiosk_pay(page)
    page.locator('button[name=method][value="cash"]').click()
    page.locator("h1.k-number").wait_for()


def kiosk_scan(page: Page) -> None:
    """Choose to pay by phone; the code comes from the demo's gateway."""
    kiosk_pay(page)
    page.locator('button[name=method][value="alipay"]').click()
    page.locator(".k-scan .qr").wait_for()


def courier_at_door(page: Page) -> None:
    """Go to the first drop and say that it did not work, without sending that."""
    page.goto("/courier/")
    page.locator(".drop a.btn").first.click()
    page.locator("details.r-fail summary").click()
