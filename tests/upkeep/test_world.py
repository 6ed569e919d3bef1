"""The demo shop is what the contract says: slugs, prices, sizes, minutes, stations, people."""

import pytest
from flask import Flask

from shop.core.permissions import Role
from shop.menu.card import MenuCard, read_card
from shop.orders.cart import CartLine, inscription_fits, price_line
from shop.people.passwords import DEMO_PASSWORD, fits
from shop.people.team import roster
from shop.upkeep.demo import guests
from shop.upkeep.demo.cast import CAST, WEEK
from tests import cast
from web.database import reading

BASE = {
    "strawberry-cream": 268, "chocolate-fudge": 278, "mango-mousse": 298, "matcha-redbean": 288, "tiramisu": 298,
    "red-velvet": 288, "durian-mille": 368, "black-forest": 288, "cheesecake": 258, "fruit": 278, "taro": 278,
    "oreo": 268,
}  # fmt: skip
MORE = {6: -80, 8: 0, 10: 100, 12: 230}


@pytest.fixture
def card(app: Flask) -> MenuCard:
    with app.app_context(), reading() as session:
        return read_card(session, cast.the_shop(app))


def test_prices_are_those_of_the_contract(card: MenuCard) -> None:
    assert set(card.dishes) == set(BASE)
    for slug, price in BASE.items():
        assert dict(card.dishes[slug].prices) == {inch: (price + more) * 100 for inch, more in MORE.items()}


def test_sizes_pounds_and_trays(card: MenuCard) -> None:
    assert {s.inch: (s.pounds, s.percent, s.trays) for s in card.sizes.values()} == {
        6: (1, 80, 1), 8: (2, 100, 1), 10: (3, 130, 1), 12: (5, 160, 2),
    }  # fmt: skip
    assert list(card.stations_by_slug) == ["oven", "bench", "decorating", "packing"]
    oven = card.stations_by_slug["oven"]
    assert (oven.places, oven.units) == (12, 2), "two ovens of six trays"


def test_heat_and_how_long_a_cake_keeps(card: MenuCard) -> None:
    heat = {slug: dish.stages[0].celsius for slug, dish in card.dishes.items()}
    assert (heat["oreo"], heat["cheesecake"], heat["durian-mille"]) == (170, 150, 0)
    assert [stage.keeps for stage in card.dishes["oreo"].stages] == [None, None, 360, 240, None, 60]


@pytest.mark.parametrize(
    ("product", "cool", "decorate"),
    [("oreo", 40, 20), ("fruit", 40, 30), ("black-forest", 40, 30), ("durian-mille", 40, 35),
     ("mango-mousse", 90, 20), ("tiramisu", 90, 20), ("cheesecake", 90, 20)],
)  # fmt: skip
def test_minutes_of_the_stages(card: MenuCard, product: str, cool: int, decorate: int) -> None:
    minutes = [stage.minutes for stage in card.dishes[product].stages]
    assert minutes == [30, cool, 15, decorate, 3, 5]


def test_options_and_their_prices(card: MenuCard) -> None:
    for options, price in (
        ({"sweetness": "no-sucrose"}, 28800), ({"sweetness": "less"}, 26800), ({"tiers": "two"}, 42800),
    ):  # fmt: skip
        assert price_line(card, CartLine("strawberry-cream", 8, options=options)).unit_price == price
    with pytest.raises(Exception, match="8 inch"):
        price_line(card, CartLine("strawberry-cream", 6, options={"tiers": "two"}))


def test_all_words_are_written_in_three_languages(card: MenuCard) -> None:
    words = [dish.names for dish in card.dishes.values()] + [dish.about for dish in card.dishes.values()]
    words += list(card.allergens.values()) + [s.names for s in card.stations.values()]
    words += [g.names for d in card.dishes.values() for g in d.groups]
    words += [c.names for d in card.dishes.values() for g in d.groups for c in g.choices]
    for each in words:
        assert set(each) == {"en", "zh_Hans", "zh_Hant"} and all(each.values()), each


def test_the_cast(app: Flask) -> None:
    with app.app_context(), reading() as session:
        people = {p.login: p for p in roster(session, cast.the_shop(app))}
    assert set(people) == {m.login for m in CAST} and len(people) == 15
    assert sum(p.role == Role.BAKER for p in people.values()) == 4
    assert fits(people["mei"].password_hash, DEMO_PASSWORD)
    for day in range(7):
        for skill in ("bake", "build", "decorate", "check", "box"):
            assert any(skill in people[login].skills and day in week for login, week in WEEK.items()), (
                day,
                skill,
            )


def test_every_writing_fits_its_cake() -> None:
    for text in (*guests.WRITINGS, *guests.NASTY_WRITINGS):
        room, limit = inscription_fits(text)
        assert room <= limit, text
