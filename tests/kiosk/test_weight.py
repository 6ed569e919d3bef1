"""The kiosk is light: targets.md `pages`, in bytes that cannot depend on the machine."""

from __future__ import annotations

import gzip
import re

import pytest

from tests.kiosk.customer import Customer
from web.assets import asset

KIB = 1024
STEP, PAGE, COLD = 8 * KIB, 30 * KIB, 60 * KIB
LANGUAGES = ("en", "zh_Hans", "zh_Hant")


@pytest.mark.parametrize("language", LANGUAGES)
def test_steps_and_pages_are_small(customer: Customer, language: str) -> None:
    customer.tap("language", language=language, back="/kiosk/")
    heaviest = "black-forest"
    customer.choose(heaviest, then="words", filling="hazelnut", tiers="two", candles=10)
    customer.write("小雨小雨小雨小雨小雨小雨")
    customer.choose("mango-mousse", line=1)
    customer.take_time()
    for path in ("", "menu", f"cake/{heaviest}", "words/0", "readback/0", "time", "review", "pay"):
        assert len(customer.see(path).data) <= STEP, path
        assert len(customer.client.get(f"/kiosk/{path}").data) <= PAGE, path


def test_the_first_visit_costs_less_than_sixty_kilobytes_in_six_requests(customer: Customer) -> None:
    with customer.app.test_request_context():
        files = [asset("kiosk.css"), asset("kiosk.js")]
    for path in ("", "menu"):
        page = customer.client.get(f"/kiosk/{path}").text
        pictures = {
            one.split("#")[0].replace("&amp;", "&") for one in re.findall(r'<img src="([^"]+)"', page)
        }
        parts = [f"/kiosk/{path}", *files, *sorted(pictures)]
        sent = sum(wire(customer, one) for one in parts)
        assert len(parts) <= 6, parts
        assert sent <= COLD, (sent, {one: wire(customer, one) for one in parts})


def wire(customer: Customer, path: str) -> int:
    """Return the bytes of an answer as they are sent."""
    answer = customer.client.get(path, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200, path
    if answer.headers.get("Content-Encoding") == "gzip":
        assert gzip.decompress(answer.data)
    return len(answer.data)


def test_the_shelf_is_not_sent_twice(customer: Customer) -> None:
    first = customer.see("menu")
    again = customer.client.get(
        "/kiosk/menu", headers={"HX-Request": "true", "If-None-Match": first.headers["ETag"]}
    )
    assert again.status_code == 304
    customer.tap("language", language="en", back="/kiosk/")
    other = customer.client.get(
        "/kiosk/menu", headers={"HX-Request": "true", "If-None-Match": first.headers["ETag"]}
    )
    assert other.status_code == 200


def test_pictures_are_kept_for_a_year_and_carry_no_words(customer: Customer) -> None:
    customer.choose(then="words")
    customer.write("小雨")
    for path in ("cakes.svg", "draw/strawberry-cream.svg?inch=10&tiers=two&text=小雨&inscription=小雨"):
        answer = customer.client.get(f"/kiosk/{path}")
        assert "immutable" in answer.headers["Cache-Control"] and "小雨" not in answer.text
    assert customer.client.get("/kiosk/draw/no-such-cake.svg").status_code == 404
    assert customer.client.get("/kiosk/draw/oreo.svg?inch=7").status_code == 404
    assert customer.client.get("/kiosk/mine/3.svg").status_code == 404
