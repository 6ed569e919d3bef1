"""How far a courier rides, and how long that takes."""

import pytest

from shop.core.errors import Invalid
from shop.travel import PROVIDERS, Place, metres, minutes_between_all, minutes_to

SHOP = Place(31.2304, 121.4737)
NEAR = Place(31.2394, 121.4737)  # a thousand metres to the north


def test_a_kilometre_is_a_kilometre() -> None:
    assert metres(SHOP, NEAR) == pytest.approx(1000, abs=2)
    assert metres(SHOP, SHOP) == 0


def test_a_known_long_way() -> None:
    shanghai, beijing = Place(31.2304, 121.4737), Place(39.9042, 116.4074)
    assert metres(shanghai, beijing) == pytest.approx(1_067_000, rel=0.002)


def test_minutes_follow_the_shops_speed_and_streets() -> None:
    assert minutes_to(SHOP, NEAR, {}) == 5  # 1.35 km at 18 km/h
    assert minutes_to(SHOP, NEAR, {"km_an_hour": 36}) == 3
    assert minutes_to(SHOP, NEAR, {"detour_percent": 100, "km_an_hour": 66}) == 1
    assert minutes_to(SHOP, SHOP, {}) == 0


def test_a_table_has_a_way_from_each_place_to_each() -> None:
    table = minutes_between_all([SHOP, NEAR, Place(31.2484, 121.4737)], {})
    assert [row[i] for i, row in enumerate(table)] == [0, 0, 0]
    assert table[0][2] == table[2][0] > table[0][1]


def test_every_provider_answers_the_same_question() -> None:
    for key, provider in PROVIDERS.items():
        assert provider.key == key and provider.names["en"] and provider.names["zh_Hans"]
        table = provider.table([SHOP, NEAR], {})
        assert len(table) == 2 and all(isinstance(m, int) and m >= 0 for row in table for m in row)


def test_an_unknown_provider_is_the_straight_line() -> None:
    assert minutes_to(SHOP, NEAR, {"provider": "gone"}) == minutes_to(SHOP, NEAR, {})


@pytest.mark.parametrize("text", ["31.2304, 121.4737", "31.2304，121.4737", " 31.2304 121.4737 "])
def test_a_place_is_read_as_people_write_it(text: str) -> None:
    assert Place.read(text) == SHOP
    assert Place.read(str(SHOP)) == SHOP


@pytest.mark.parametrize(
    "text", ["", "31.2304", "north, east", "1,2,3", "nan, 121", "inf, 3", "91, 0", "0, 181"]
)
def test_what_is_no_place_is_refused_by_name(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        Place.read(text, field="area_place")
    assert refused.value.field == "area_place"
