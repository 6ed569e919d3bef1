"""Every screen of the kiosk, as it is looked at: axe finds nothing, nothing sticks out, the next step is in sight."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import select, update

from shop.menu.tables import Product
from shop.orders.tables import Order
from shop.payments.counter import take
from shop.people.shops import Shop
from tests import cast
from tests.chromium import PageAt, scrolls_sideways
from tests.kiosk.tablet import LANDSCAPE, PORTRAIT, Tablet, serving
from web.database import writing
from web.house import now

pytestmark = pytest.mark.browser
WAYS = [
    (PORTRAIT, "zh_Hans", ""),
    (PORTRAIT, "en", "text.contrast"),
    (LANDSCAPE, "en", "reach"),
    (PORTRAIT, "zh_Hant", "text.reach"),
]
OUTSIDE = """() => [...document.querySelectorAll('#screen *, .k-top *')].filter((e) => {
    const r = e.getBoundingClientRect();
    return r.width > 2 && (r.right > innerWidth + 1 || r.left < -1) && !e.closest('.visually-hidden');
}).map((e) => e.outerHTML.slice(0, 80))"""
SMALL = """() => [...document.querySelectorAll('.k-top button, .k-screen a, .k-screen button, .k-screen .tile')]
    .filter((e) => { const r = e.getBoundingClientRect(); return r.width > 2 && (r.height < 44 || r.width < 44); })
    .filter((e) => !e.closest('.visually-hidden')).map((e) => e.outerHTML.slice(0, 80))"""


@pytest.fixture
def open_tablet(app: Flask, page_at: PageAt) -> Iterator[Callable[..., Tablet]]:
    opened: list[Tablet] = []

    def open_at(size: tuple[int, int]) -> Tablet:
        opened.append(Tablet(app, base, page_at, size, ignore=["409", "404"]))
        return opened[-1]

    with serving(app) as base:
        yield open_at
        for tablet in opened:
            tablet.page.close()


def pay(app: Flask) -> None:
    """Mei takes the money."""
    with app.app_context(), writing() as tx:
        order = tx.scalars(select(Order)).one()
        shop, mei = tx.get_one(Shop, order.shop_id), cast.by(tx, "mei")
        take(tx, shop, order, "cash", amount=order.total, tendered=order.total, by=mei, at=now())


@pytest.mark.parametrize(("size", "language", "look"), WAYS)
def test_every_screen_is_clean(
    app: Flask,
    open_tablet: Callable[..., Tablet],
    axe: Callable[..., list[str]],
    size: tuple[int, int],
    language: str,
    look: str,
) -> None:
    with app.app_context(), writing() as tx:
        tx.execute(update(Product).where(Product.slug == "oreo").values(off_on=date(2026, 11, 21)))
        tx.execute(update(Shop).values(menu_version=9))
    tablet = open_tablet(size)
    tablet.speak(language)
    if look:
        tablet.page.context.add_cookies(
            [{"name": "fs_look", "value": look, "domain": "127.0.0.1", "path": "/kiosk"}]
        )
    for name in screens(tablet):
        page = tablet.page
        assert axe(page) == [], name
        assert not scrolls_sideways(page), name
        assert page.evaluate(OUTSIDE) == [], name
        assert page.evaluate(SMALL) == [], name
        assert next_step_in_sight(page), name


@pytest.mark.parametrize("language", ["en", "zh_Hant"])
def test_a_wide_screen_shows_coupon_and_every_way_to_pay_above_the_footer(
    open_tablet: Callable[..., Tablet], language: str
) -> None:
    tablet = open_tablet((1920, 1080))
    tablet.speak(language)
    tablet.choose()
    tablet.tap("button[value=time]", ".k-slots")
    tablet.tap(".k-foot .btn-primary", ".k-line")
    assert above_the_footer(tablet.page, "button[value=coupon]")
    tablet.tap(".k-foot .btn-primary", ".k-pay")
    assert above_the_footer(tablet.page, ".k-pay .tile")


def above_the_footer(page: Page, what: str) -> bool:
    """Whether each of these can be seen whole without scrolling."""
    foot = page.locator(".k-foot").bounding_box()
    boxes = [one.bounding_box() for one in page.locator(what).all()]
    return bool(foot and boxes) and all(box and box["y"] + box["height"] <= foot["y"] for box in boxes)


def next_step_in_sight(page: Page) -> bool:
    """Whether the one thing to do next is on the glass, without scrolling."""
    box = page.locator(
        ".k-screen .btn-primary, .k-screen .tile, .k-product, .k-foot .btn"
    ).first.bounding_box()
    height = page.viewport_size["height"] if page.viewport_size else 0
    return box is not None and box["y"] + min(box["height"], 120) <= height


def screens(tablet: Tablet) -> Iterator[str]:
    """Walk through every screen and name it."""
    page = tablet.page
    tablet.open()
    yield "attract"
    tablet.tap(".k-begin .btn-primary", ".k-grid")
    yield "menu"
    tablet.tap('a[href="/kiosk/cake/black-forest"]', "#choice")
    yield "customise"
    tablet.tap("button[value=words]", "[data-inscription]")
    tablet.tap("[data-phrase]")
    yield "words"
    tablet.tap(".k-foot .btn-primary", ".k-slots")
    yield "time"
    tablet.tap(".k-foot .btn-primary", ".k-readback")
    yield "read-back"
    tablet.tap(".k-foot .btn-primary", ".k-line")
    yield "review"
    tablet.tap(".k-foot .btn-primary", ".k-pay")
    yield "pay"
    tablet.tap(".k-pay button", "h1.k-number")
    yield "wait"
    pay(tablet.app)
    page.wait_for_selector(".qr svg")
    yield "slip"
    tablet.tap("button[form=leave]", "[data-attract]")
    for path in ("cake/oreo", "review", "resume"):
        tablet.open(path)
        yield path
    page.evaluate("document.getElementById('lost').hidden = false")
    yield "network lost"
