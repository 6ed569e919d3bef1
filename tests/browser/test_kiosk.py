"""The kiosk in a real browser: few taps, one order whatever is tapped twice, reloaded or lost."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Route, expect
from sqlalchemy import select

from shop.orders.tables import Line, Order
from shop.payments.counter import take
from shop.people.shops import Shop
from tests import cast
from tests.chromium import PageAt
from tests.kiosk.tablet import Tablet, serving
from tests.thoughts import full
from web.database import reading, writing
from web.house import now
from web.thinker import Thinker

pytestmark = pytest.mark.browser
MOST_TAPS = 7
LOST = ["ERR_", "Failed to load", "net::", "htmx:", "Status Error Code 503"]


@pytest.fixture
def tablet(app: Flask, page_at: PageAt) -> Iterator[Tablet]:
    with serving(app) as base:
        tablet = Tablet(app, base, page_at, ignore=LOST)
        yield tablet
        tablet.page.close()


def test_a_stock_cake_takes_at_most_seven_taps(tablet: Tablet) -> None:
    tablet.choose()
    tablet.to_pay()
    tablet.tap(".k-pay button", ".k-number")
    assert tablet.taps <= MOST_TAPS
    order = tablet.orders()[0]
    expect(tablet.page.locator("h1.k-number")).to_have_text(order.counter_code or "")
    print(f"taps from the invitation to the placed order: {tablet.taps}")


def test_a_sooner_time_comes_by_itself_and_takes_one_tap(
    app: Flask, tablet: Tablet, asked: list[str], thinker: Thinker
) -> None:
    page = tablet.page
    with app.app_context():
        full()
    tablet.choose()
    tablet.tap("button[value=time]", ".k-slots")
    tablet.tap(".k-foot .btn-primary", ".k-line")
    due = page.locator("a[href='/kiosk/time'] .num")
    told = due.inner_text()
    tablet.tap("label.pill:has([value=egg])")
    thinker.look()
    tablet.tap("#sooner .btn")
    expect(page.locator("#sooner .btn")).to_have_count(0)
    expect(due).not_to_have_text(told)
    assert due.inner_text() < told
    expect(page.locator("[name=allergies][value=egg]")).to_be_checked()  # what was answered stays


def test_a_cake_with_words_from_choice_to_slip(tablet: Tablet) -> None:
    page = tablet.page
    tablet.choose()
    tablet.tap('label:has(input[name=inch][value="6"])')
    expect(page.locator("#sum")).to_contain_text("¥188")
    assert page.locator('input[name=tiers][value="two"]').is_disabled()
    tablet.tap('label:has(input[name=inch][value="10"])')
    tablet.tap('label:has(input[name=tiers][value="two"])')
    tablet.tap('[data-by="1"]')
    expect(page.locator("#sum")).to_contain_text("¥528")
    expect(page.locator("#hero img")).to_have_attribute("src", re.compile("tiers=two"))
    tablet.tap("button[value=words]", "[data-inscription]")
    tablet.tap("[data-phrase]")
    expect(page.locator("[data-used]")).to_have_text("8")
    expect(page.locator("#preview svg text")).to_have_text("生日快乐")
    tablet.tap(".k-foot .btn-primary", ".k-slots")
    tablet.tap(".k-foot .btn-primary", ".k-readback")
    expect(page.locator("blockquote")).to_have_text("生日快乐")
    tablet.tap(".k-foot .btn-primary", ".k-line")
    tablet.tap(".k-foot .btn-primary", ".k-pay")
    tablet.tap(".k-pay button", ".k-number")
    with tablet.app.app_context(), writing() as tx:
        line = tx.scalars(select(Line)).one()
        assert (line.inch, line.tiers, line.candles, line.inscription) == (10, 2, 1, "生日快乐")
        order = tx.scalars(select(Order)).one()
        mei = cast.by(tx, "mei")
        shop = tx.get_one(Shop, order.shop_id)
        take(tx, shop, order, "cash", amount=order.total, tendered=order.total, by=mei, at=now())
    page.wait_for_selector(".qr svg")  # by itself
    expect(page.locator("h1.k-number")).to_have_text(order.number)
    tablet.tap("button[form=leave]", "[data-attract]")
    assert {cookie["name"] for cookie in page.context.cookies()} <= {"fs_kiosk", "fs_session"}


def test_a_double_tap_makes_one_order(tablet: Tablet) -> None:
    tablet.choose()
    tablet.to_pay()
    tablet.page.evaluate(
        "() => { const b = document.querySelector('.k-pay button'); b.click(); b.click(); b.click(); }"
    )
    tablet.page.wait_for_selector(".k-number")
    assert len(tablet.orders()) == 1


def test_reload_and_back_lose_nothing_and_order_nothing_twice(tablet: Tablet) -> None:
    page = tablet.page
    tablet.choose()
    tablet.to_pay()
    page.reload()
    page.wait_for_selector(".k-pay")
    page.go_back()
    page.wait_for_selector(".k-line")
    page.go_back()
    page.wait_for_selector(".k-slots")
    page.go_forward()
    page.wait_for_selector(".k-line")
    tablet.tap(".k-foot .btn-primary", ".k-pay")
    tablet.tap(".k-pay button", ".k-number")
    page.reload()
    page.wait_for_selector(".k-number")
    page.go_back()  # to paying: the order is there already
    page.wait_for_selector(".k-number")
    assert len(tablet.orders()) == 1


def test_a_lost_answer_is_asked_again_with_its_key_and_says_so(tablet: Tablet) -> None:
    page = tablet.page
    tries: list[str] = []
    told: list[str] = []

    def lose(route: Route) -> None:
        tries.append(route.request.post_data or "")
        if len(tries) == 1:
            route.fetch(max_redirects=0)  # the shop has placed it; the answer never arrives
            route.abort("connectionreset")
        elif len(tries) == 2 or not told:
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/kiosk/place", lose)
    tablet.choose()
    tablet.to_pay()
    tablet.tap(".k-pay button")
    expect(page.locator("#lost")).to_be_visible()
    expect(page.locator('[data-lost="order"]')).to_be_visible()
    told.append("said")
    page.wait_for_selector(".k-number")
    expect(page.locator("#lost")).to_be_hidden()
    assert len(tries) >= 3 and len(set(tries)) == 1
    assert len(tablet.orders()) == 1


def test_a_busy_shop_is_asked_again(tablet: Tablet) -> None:
    page = tablet.page
    tries: list[int] = []

    def busy(route: Route) -> None:
        tries.append(1)
        route.fulfill(status=503, body="busy") if len(tries) == 1 else route.continue_()

    page.route("**/kiosk/place", busy)
    tablet.choose()
    tablet.to_pay()
    tablet.tap(".k-pay button")
    page.wait_for_selector(".k-number")
    assert len(tries) == 2 and len(tablet.orders()) == 1


def test_without_a_network_the_screen_waits_and_goes_on_by_itself(tablet: Tablet) -> None:
    page = tablet.page
    tablet.open("menu")
    page.context.set_offline(True)
    expect(page.locator("#lost")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("#lost")).to_be_hidden()
    page.route("**/kiosk/cake/oreo", lambda route: route.abort("connectionreset"))
    tablet.tap('a[href="/kiosk/cake/oreo"]')
    expect(page.locator("#lost")).to_be_visible()
    page.unroute("**/kiosk/cake/oreo")
    page.wait_for_selector("#choice")
    expect(page.locator("#lost")).to_be_hidden()


def test_a_choice_whose_answer_is_lost_is_asked_again_and_back_is_the_same_cake(tablet: Tablet) -> None:
    page = tablet.page
    tablet.open("cake/oreo")
    page.route("**/offer?*", lambda route: route.abort("connectionreset"))
    tablet.tap('label:has([value="10"])')
    expect(page.locator("#lost")).to_be_visible()
    page.unroute("**/offer?*")
    expect(page.locator("#lost")).to_be_hidden()
    expect(page.locator("#sum")).to_contain_text("¥368")
    assert not page.locator(".toast").count()  # the screen itself says it
    tablet.tap('button[name=then][value="time"]', ".k-slots")
    page.go_back()
    page.wait_for_selector("#choice")
    assert page.url.endswith("/kiosk/cake/oreo?line=0")


def test_what_is_typed_survives_a_change_of_language(tablet: Tablet) -> None:
    page = tablet.page
    tablet.choose()
    tablet.tap("button[value=words]", "[data-inscription]")
    page.fill("[data-inscription]", "小雨生日快乐")
    tablet.tap('button[value="en"]', 'html[lang="en"]')
    expect(page.locator("[data-inscription]")).to_have_value("小雨生日快乐")
    tablet.tap('button[value="text:on"]', "html[data-text=large]")
    expect(page.locator("[data-inscription]")).to_have_value("小雨生日快乐")


def test_the_length_on_the_screen_is_the_length_of_the_kitchen(tablet: Tablet) -> None:
    from shop.orders.cart import clean, inscription_length

    tablet.open()
    texts = [
        "",
        "Happy Birthday",
        "小雨 6 岁啦！",
        "Zoé·李",
        "“永远十八”",
        "e\u0301te\u0301",
        " 两  端 ",
        "李😀",
        "👩\u200d👧",
    ]
    spans = (
        range(0x20, 0x250),
        range(0x2010, 0x2030),
        range(0x3001, 0x3100),
        range(0x4E00, 0x4F00),
        range(0xFF01, 0xFF61),
    )
    texts += [f"a{chr(n)}b" for span in spans for n in span if unicodedata.category(chr(n)) != "Cn"]
    seen = tablet.page.evaluate("(texts) => texts.map((t) => fairslice.room(t))", texts)
    assert dict(zip(texts, seen, strict=True)) == {t: inscription_length(clean(t)) for t in texts}


def test_the_staff_come_in_one_tap(tablet: Tablet) -> None:
    from shop.core.events import Event

    tablet.open("menu")
    tablet.tap("button:has-text('呼叫店员')", ".is-called")
    expect(tablet.page.locator("[data-call]")).to_have_text("马上过来")
    assert tablet.page.locator(".toast").count() == 0  # nothing lies over the way on
    with tablet.app.app_context(), reading() as session:
        assert session.scalars(select(Event.kind).where(Event.kind == "staff_called")).all() == [
            "staff_called"
        ]


def test_nothing_leads_out_of_the_kiosk(tablet: Tablet) -> None:
    """T31: every address on every screen stays in the kiosk; no menu, no drag, no file field, no new window."""
    page = tablet.page
    tablet.choose()
    screens = ["", "menu", "cake/oreo", "resume"]
    tablet.to_pay()
    for path in [*screens, "time", "review", "pay"]:
        tablet.open(path)
        ways = page.evaluate(
            "() => [...document.querySelectorAll('a[href], form[action], [formaction]')]"
            ".map((e) => new URL(e.href || e.action || e.formAction, location).href)"
        )
        assert ways and all(way.startswith(tablet.base + "/kiosk/") for way in ways), (path, ways)
        assert page.locator("[target], input[type=file], iframe, [download]").count() == 0
    prevented = page.evaluate(
        "() => ['contextmenu', 'dragstart'].map((n) => !document.body.dispatchEvent("
        "new Event(n, {bubbles: true, cancelable: true})))"
    )
    assert prevented == [True, True]
