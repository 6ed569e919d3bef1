"""The money's way in a real browser: a code at the kiosk, paid on a phone, handed over, some of it paid back.

The demo's gateway speaks Alipay's and WeChat Pay's protocols with real signatures on this machine.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from shop.ledger.tables import Posting
from shop.orders.tables import Order
from shop.payments.rules import Terms, change_rules
from shop.upkeep.invariants import breaches
from tests import cast, counter
from tests.conftest import build, close
from tests.gateway import beside
from tests.live_server import ShopServer
from tests.patience import PATIENCE
from tests.test_journey import open_at, sign_in
from web.database import reading, writing
from web.house import house
from web.upgrade import upgrade

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PageAt = Callable[..., Page]


@pytest.fixture
def serving(gateway_keys: Path, tmp_path: Path) -> Iterator[tuple[ShopServer, Flask]]:
    """A shop with an account at the gateway, both really serving."""
    app = build(tmp_path)
    upgrade(app)
    with app.app_context(), writing() as tx:
        cast.found(tx)
    with beside(gateway_keys, app), ShopServer(tmp_path) as shop:
        yield shop, app
    close(app)


def order_and_pay(kiosk: Page, phone: Page, method: str, part: str = "") -> str:
    """Order a strawberry cake, scan the code with the phone, pay there; returns the number on the slip."""
    kiosk.locator("main a.btn-primary").click()
    kiosk.locator('a[href^="/kiosk/cake/strawberry-cream"]').first.click()
    kiosk.locator('button[name=then]:not([value="words"])').first.click()
    kiosk.locator("input[name=due_at]").first.wait_for(state="attached")
    kiosk.locator("footer .btn-primary").click()
    kiosk.locator('footer button[name=do][value="pay"]').click()
    kiosk.locator(f'form:has([name=part][value="{part}"]) button[value="{method}"]').click()
    code = kiosk.locator(".k-scan .qr")
    address = code.get_attribute("data-address")
    assert kiosk.locator(".k-scan").evaluate("e => e.scrollHeight <= e.clientHeight"), "it hides something"
    assert address is not None
    phone.goto(address)
    phone.locator('form[action*="/pay?"] button').click()
    kiosk.locator(".k-ticket .qr").wait_for()
    return kiosk.locator("h1.k-number").inner_text()


@pytest.mark.parametrize(("locale", "method"), [("zh-CN", "alipay"), ("en-GB", "wechat")])
def test_from_the_code_on_the_kiosk_to_the_money_back_on_the_phone(
    serving: tuple[ShopServer, Flask], page_at: PageAt, axe, locale: str, method: str
) -> None:
    server, app = serving
    kiosk = open_at(page_at, server, "/kiosk/", (1080, 1920), locale, has_touch=True)
    phone = page_at(360, 800, locale)
    number = order_and_pay(kiosk, phone, method)
    board = open_at(page_at, server, "/kitchen/oven", (1920, 1080), locale)
    expect(board.locator("article.w-card", has_text=number)).to_be_visible()
    with app.app_context(), writing() as tx:
        order = tx.scalars(select(Order)).one()
        counter.make(tx, order.id)
        pin = order.pin
    desk = open_at(page_at, server, "/sign-in", (1440, 900), locale)
    sign_in(desk, "xu")
    sheet = f"/admin/orders/{order.id}"
    desk.goto(sheet)
    desk.locator("#pin").fill(pin)
    with desk.expect_navigation():
        desk.locator("#pin").press("Enter")
    expect(desk.locator("#refund-amount")).to_have_count(1)
    desk.locator("details:has(#refund-amount) summary").click()
    desk.locator("#refund-amount").fill("50")
    desk.locator("#refund-reason").fill("Too sweet")
    desk.locator("details:has(#refund-amount) button").click()
    desk.wait_for_url(re.compile("/admin/refunds/"))
    refund = desk.url
    assert axe(desk) == []
    last = time.monotonic() + PATIENCE
    while not desk.locator(".a-title .tag-good").count():
        assert time.monotonic() < last, "it did not go back"
        desk.goto(refund)
    desk.goto("/admin/money")
    expect(desk.locator("#money")).to_contain_text("50")
    with app.app_context(), reading() as session:
        owed = sum(
            session.scalars(select(Posting.amount).where(Posting.account.startswith(f"psp:{method}:")))
        )
        assert owed == 26800 - 5000
        assert breaches(session) == []


@pytest.mark.parametrize(("locale", "method"), [("zh-CN", "wechat"), ("en-GB", "alipay")])
def test_the_rest_is_paid_on_the_phone_or_by_another_that_scans_its_screen(
    serving: tuple[ShopServer, Flask], page_at: PageAt, axe, locale: str, method: str
) -> None:
    """A part was paid at the kiosk, whose slip says what is missing; the tracking page takes it."""
    server, app = serving
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        change_rules(tx, shop, deposit={"above": 20000, "percent": 30}, terms=Terms(), limit=0,
                     by=cast.by(tx, "chen"), at=house().clock.now())  # fmt: skip
    kiosk = open_at(page_at, server, "/kiosk/", (1920, 1080), locale, has_touch=True)
    phone, other = (page_at(360, 800, locale, base_url=server.base) for _ in range(2))
    order_and_pay(kiosk, other, method, part="deposit")
    expect(kiosk.locator(".k-rest")).to_contain_text("187.60")
    track = kiosk.locator(".k-ticket .qr").get_attribute("data-address") or ""
    phone.goto(f"{track[track.index('/t/') :]}/pay")
    tall = phone.locator("button[name=method]").evaluate_all("all => all.map(b => b.offsetHeight)")
    assert len(set(tall)) == 1 and max(tall) < 80, "a name of a way to pay broke"
    assert axe(phone) == []
    phone.locator(f'button[name=method][value="{method}"]').click()
    code = phone.locator(".t-qr svg")
    code.wait_for()
    assert (code.bounding_box() or {})["width"] > 150, "nobody can scan it"
    assert axe(phone) == []
    other.goto(phone.locator("main a.btn-primary").get_attribute("href") or "")
    other.locator('form[action*="/pay?"] button').click()
    phone.wait_for_url(lambda address: "/pay" not in address)
    with app.app_context(), reading() as session:
        order = session.scalars(select(Order)).one()
        assert (order.paid, order.balance) == (26800, 0) and breaches(session) == []
