"""Prices come from the menu, as a sum of parts; what cannot be made is refused by name."""

from datetime import datetime

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from shop.core.errors import Invalid, SoldOut
from shop.menu.tables import Product
from shop.orders.cart import Cart, CartLine, clean, inscription_length, price_cart, price_line
from tests.counter import cart, clock, shop_and_card
from web.database import reading, writing


@pytest.mark.parametrize(
    ("product", "inch", "options", "price"),
    [
        ("strawberry-cream", 8, {}, 26800),
        ("strawberry-cream", 6, {}, 18800),
        ("durian-mille", 12, {}, 59800),
        ("cheesecake", 10, {}, 35800),
        ("fruit", 8, {"sweetness": "no-sucrose"}, 29800),
    ],
)
def test_a_cake_costs_what_the_menu_says(
    app: Flask, product: str, inch: int, options: dict[str, str], price: int
) -> None:
    with app.app_context(), reading() as session:
        _, card = shop_and_card(session)
        priced = price_line(card, CartLine(product, inch, options=options))
        assert priced.unit_price == price == sum(part["amount"] for part in priced.parts)
        assert priced.total == price
        assert price_line(card, CartLine(product, inch, quantity=3, options=options)).total == 3 * price


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (CartLine("plum-pudding"), "product"),
        (CartLine("fruit", 7), "size_inch"),
        (CartLine("fruit", quantity=0), "quantity"),
        (CartLine("fruit", quantity=21), "quantity"),
        (CartLine("fruit", candles=11), "candles"),
        (CartLine("fruit", candles=-1), "candles"),
        (CartLine("fruit", options={"colour": "blue"}), "options.colour"),
        (CartLine("fruit", options={"sweetness": "salty"}), "options.sweetness"),
        (CartLine("fruit", inscription="祝亲爱的奶奶八十大寿福如东海"), "inscription"),
        (CartLine("fruit", inscription="Happy Birthday dear Bartholomew"), "inscription"),
    ],
)
def test_what_cannot_be_made_is_refused_by_name(app: Flask, line: CartLine, field: str) -> None:
    with app.app_context(), reading() as session, pytest.raises(Invalid) as refused:
        price_line(shop_and_card(session)[1], line)
    assert refused.value.field == field


def test_two_tiers_need_eight_inches(app: Flask) -> None:
    with app.app_context(), reading() as session:
        _, card = shop_and_card(session)
        tall = price_line(card, CartLine("fruit", 8, options={"tiers": "two"}))
        assert (tall.unit_price, tall.tiers, tall.look.tiers) == (27800 + 16000, 2, 2)
        with pytest.raises(Invalid) as refused:
            price_line(card, CartLine("fruit", 6, options={"tiers": "two"}))
        assert refused.value.field == "options.tiers"


def test_a_product_switched_off_today_is_sold_out_today_only(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, card = shop_and_card(tx)
        today = shop.business_date(cart_day(app))
        tx.query(Product).filter_by(slug="fruit").one().off_on = today
        tx.flush()
        _, card = shop_and_card(tx)
        with pytest.raises(SoldOut):
            price_cart(card, cart("fruit"), today)
        assert price_cart(card, cart("fruit"), today.replace(year=2027)).total == 27800


def cart_day(app: Flask) -> datetime:
    return clock(app).now()


def test_an_empty_cart_and_an_unknown_allergy_are_refused(app: Flask) -> None:
    with app.app_context(), reading() as session:
        _, card = shop_and_card(session)
        with pytest.raises(Invalid) as empty:
            price_cart(card, Cart())
        assert empty.value.field == "lines"
        with pytest.raises(Invalid) as odd:
            price_cart(card, Cart([CartLine("fruit")], allergies=["gravel"]))
        assert odd.value.field == "allergies"


@pytest.mark.parametrize(
    ("text", "length"),
    [("生日快乐", 8), ("Happy Birthday Emma", 19), ("祝小明6岁", 9), ("e\u0301", 1), ("🎂", 2), ("", 0)],
)
def test_a_wide_character_takes_the_room_of_two(text: str, length: int) -> None:
    assert inscription_length(text) == length


@given(st.text(max_size=200))
def test_cleaned_text_has_no_control_or_direction_marks(text: str) -> None:
    kept = clean(text)
    assert not any(ord(c) < 32 or c in "\u202e\u2066\u200b" for c in kept)
    assert clean(kept) == kept


def test_a_cart_survives_its_draft(app: Flask) -> None:
    before = cart("oreo", 10, inscription="好", candles=3)
    before.due_at = cart_day(app)
    assert Cart.from_json(before.to_json()) == before
