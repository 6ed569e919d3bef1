"""Crowded cards: nothing on them is cut, broken inside a word, or without its way to more."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import expect

from shop.orders.changing import change_line
from shop.orders.tables import Line, Order
from tests import cast, counter
from tests.chromium import PageAt
from tests.kitchen.boards import SIZES
from tests.live_server import ShopServer
from web.database import writing

pytestmark = pytest.mark.browser

CUT = """() => [...document.querySelectorAll(".w-card")].flatMap((card) => {
  const outer = card.getBoundingClientRect();
  const acts = card.querySelector(".w-acts").getBoundingClientRect();
  const parts = card.querySelectorAll(
    "header > *, h3, .w-ins, .w-opts li, .w-allergy, .state, .w-was ins, .w-acts > *");
  return [...parts].filter((part) => {
    const box = part.getBoundingClientRect();
    const room = (part.closest(".w-what, .w-was") || card).getBoundingClientRect();
    const beside = part.matches("header > :first-child") && part.nextElementSibling?.getBoundingClientRect();
    return !box.height || (beside && box.right > beside.left - 2) || box.right > room.right + 2
      || box.bottom > Math.min(room.bottom, outer.bottom) + 2 || box.top < room.top - 2
      || box.right > outer.right - 1
      || (part.matches(".state, small") && box.bottom > acts.top + 4 && box.right > acts.left);
  }).map((part) => `${card.id} ${part.className || part.tagName} "${part.textContent.trim()}"`);
})"""
HOURS_LEFT = """() => { for (const card of document.querySelectorAll("[data-limit]")) {
  const at = Date.parse(document.body.dataset.now) + (3 * 60 + 35.5) * 60000;
  card.dataset.limit = new Date(at).toISOString();
  delete card.dataset.still;
} document.dispatchEvent(new CustomEvent("fairslice:region")); }"""
BROKEN = """() => [...document.querySelectorAll(".w-ins")].filter((words) => {
  const text = words.firstChild, range = document.createRange();
  return [...text.data.matchAll(/[A-Za-z]+/g)].some((word) => {
    range.setStart(text, word.index);
    range.setEnd(text, word.index + word[0].length);
    return range.getClientRects().length > 1;
  });
}).map((words) => words.textContent)"""


@pytest.fixture(scope="module")
def crowded(shop: tuple[ShopServer, Flask]) -> ShopServer:
    server, app = shop
    with app.app_context(), writing() as tx:
        found, card = counter.shop_and_card(tx)
        for words in ("Congratulations, Mum!", "Supercalifragilistic 30", "爸爸妈妈金婚快乐百年好合"):
            two = counter.cart("strawberry-cream", 10, inscription=words, candles=10)
            two.lines += counter.cart("durian-mille", 8, inscription=words).lines
            two.allergies = ["nuts", "milk"]
            made = tx.get_one(Order, counter.order(tx, two).order_id)
            made.urgent = True
            brought = counter.delivered()
            brought.lines = counter.cart(inscription=words, candles=10, options={"sweetness": "less"}).lines
            tx.get_one(Order, counter.order(tx, brought).order_id).allergies = ["milk"]
        first = tx.query(Line).filter_by(order_id=made.id).first()
        assert first is not None
        change_line(tx, found, card, made, first.id, by=cast.by(tx, "xu"), at=cast.SATURDAY,
                    inscription="Happy Birthday, Grandma!")  # fmt: skip
    return server


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["en", "zh_Hans"])
def test_a_crowded_card_loses_no_word_and_no_button(
    crowded: ShopServer, page_at: PageAt, size: tuple[int, int], lang: str
) -> None:
    page = page_at(*size)
    for station in ("oven", "decorating"):
        page.goto(f"{crowded.base}/kitchen/{station}?lang={lang}")
        page.locator(".w-card .w-allergy").first.wait_for()
        cut = page.evaluate(CUT)
        assert not cut, "\n".join(cut)
        assert page.evaluate(BROKEN) == []
        assert page.locator(".w-card .w-brought").count() >= 1, "a delivery is among them"
        assert page.locator(".is-in").count() >= 1, "a cake that somebody may not eat is among them"
        page.evaluate(HOURS_LEFT)
        expect(page.locator("[data-card] .state").first).to_contain_text("35")
        cut = page.evaluate(CUT)
        assert not cut, "with hours left:\n" + "\n".join(cut)
        more = page.locator(".w-card[data-card] a[data-dialog]")
        assert more.count() == page.locator(".w-card[data-card]").count() >= 5
        boxes = [one.bounding_box() for one in more.all()]
        assert all(box and min(box["width"], box["height"]) >= 48 for box in boxes)
