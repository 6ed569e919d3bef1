"""What the kiosk says about the earliest time, and what would make it earlier."""

from __future__ import annotations

import re
from datetime import datetime

from flask import Flask
from sqlalchemy import select

from shop.orders.tables import SlotHold
from tests.counter import clock
from tests.kiosk.customer import Customer, found
from tests.thoughts import full
from web.database import reading
from web.thinker import Thinker


def test_some_of_many_cakes_are_offered_when_they_would_be_earlier(customer: Customer) -> None:
    customer.choose()
    customer.take_time()
    customer.tap("review", answers=1, do="quantity:0:11")
    page = customer.see("cake/strawberry-cream/offer?inch=8").text
    assert found(r"其中 (\d+) 个", found(r'id="when"[^>]*>(.*?)</div>', page.replace("\n", ""))) == "6"


ASKS = r'hx-get="/kiosk/(sooner\?than=[^"]+)"'
TAKE = r'form="take-sooner" name="due_at" value="([^"]+)"'


def held(app: Flask) -> datetime:
    with app.app_context(), reading() as session:
        return session.scalars(select(SlotHold.due_at)).one()


def test_a_sooner_time_comes_to_the_customer_who_still_chooses(
    app: Flask, customer: Customer, asked: list[str], thinker: Thinker
) -> None:
    with app.app_context():
        full()
    page = customer.choose()
    told, ask = found(r'value="([^"]+)" checked', page.text), found(ASKS, page.text)
    assert customer.see(ask).status_code == 204, "nothing is found yet"
    thinker.look()
    sooner = found(TAKE, customer.see(ask).text)
    assert sooner < told
    assert "找到了更早的时间" in customer.see(ask).text
    assert customer.tap("time", due_at=sooner).status_code == 200
    assert held(app) == datetime.fromisoformat(sooner)
    assert "/kiosk/sooner" not in customer.see("review").text, (
        "it was the customer's own choice, and nothing is looked for"
    )


def test_a_sooner_time_comes_until_it_is_paid_to_who_took_the_earliest(
    app: Flask, customer: Customer, asked: list[str], thinker: Thinker
) -> None:
    with app.app_context():
        full()
    page = customer.choose()
    first = found(r'name="first" value="([^"]+)"', page.text)
    review = customer.tap("time", due_at=first, first=first)
    ask = found(ASKS, review.text)
    assert customer.see(ask).status_code == 204
    thinker.look()
    sooner = found(TAKE, customer.see(ask).text)
    assert sooner < first
    customer.tap("time", due_at=sooner)
    assert held(app) == datetime.fromisoformat(sooner)


def test_who_chose_a_later_time_is_left_in_peace(
    app: Flask, customer: Customer, asked: list[str], thinker: Thinker
) -> None:
    with app.app_context():
        full()
    page = customer.choose()
    first = found(r'name="first" value="([^"]+)"', page.text)
    free = [each for each in all_times(page.text) if each > first]
    assert "/kiosk/sooner" not in customer.tap("time", due_at=free[-1], first=first).text


def test_a_screen_asks_no_longer_when_nothing_more_is_looked_for(app: Flask, customer: Customer) -> None:
    page = customer.choose()
    assert "/kiosk/sooner" not in page.text, "an empty kitchen: nobody looks"
    first = found(r'name="first" value="([^"]+)"', page.text)
    answer = customer.see(f"sooner?than={first.replace('+', '%2B')}")
    assert answer.status_code == 200 and "hx-get" not in answer.text and "take-sooner" not in answer.text
    clock(app).pass_by(minutes=1)
    assert customer.see("sooner?than=nonsense").status_code == 422


def all_times(page: str) -> list[str]:
    return re.findall(r'name="due_at" value="([^"]+)"(?! disabled)', page)
