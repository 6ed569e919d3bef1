"""A delivery at the kiosk in a real browser: one calm step, in every language, and gone when nobody stands there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.chromium import PageAt
from tests.kiosk.tablet import Tablet, serving

pytestmark = pytest.mark.browser


@pytest.fixture
def tablet(app: Flask, page_at: PageAt) -> Iterator[Tablet]:
    with serving(app) as base:
        tablet = Tablet(app, base, page_at, ignore=["422"])
        yield tablet
        tablet.page.close()


def test_from_the_cake_to_the_door(tablet: Tablet, axe: Callable[[Page], list[str]]) -> None:
    page = tablet.page
    tablet.choose()
    tablet.tap("button[value=time]", ".k-slots")
    expect(page.locator(".k-goes [aria-current]")).to_have_count(1)
    assert axe(page) == []
    tablet.tap('a[href="/kiosk/delivery"]', "#address")
    tablet.tap(".k-foot .btn-primary", "#area-error:not([hidden])")
    expect(page.locator(".field .error:not([hidden])")).to_have_count(3)
    assert axe(page) == []
    tablet.tap('label:has(input[value="xuhui"])')
    page.fill("#address", "漕溪北路 88 号")
    tablet.tap(".k-top button[value=en]")
    expect(page.locator(".k-title")).to_have_text("Where shall we bring it?")
    expect(page.locator("#address")).to_have_value("漕溪北路 88 号")
    page.fill("#name", "王小明")
    page.fill("#phone", "13812345678")
    tablet.tap(".k-foot .btn-primary", ".k-slots.is-long")
    expect(page.locator(".k-sum")).to_contain_text("¥283")
    tablet.tap(".k-foot .btn-primary", ".k-to")
    expect(page.locator(".k-to")).to_contain_text("漕溪北路 88 号")
    assert axe(page) == []
    tablet.tap(".k-foot .btn-primary", ".k-pay")
    tablet.tap(".k-pay button", ".k-number")
    order = tablet.orders()[0]
    assert (order.fulfilment, order.total) == ("delivery", 28300)
    assert "漕溪北路" not in page.content()
