"""What a shop knows of its own stages and of what lies ready changes what it promises."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from shop.menu.tables import StageKind
from shop.orders import asking, promise
from shop.orders.cart import Work, price_cart
from shop.production.durations import Past
from tests.counter import cart, order, shop_and_card, tasks
from web.database import reading, writing
from web.house import now

HANDS = ("bake", "build", "decorate", "check", "box")


class Sponges:
    """A shelf of baked and cooled sponges of one size."""

    def __init__(self, inch: int, many: int) -> None:
        self.inch, self.many = inch, many

    def saves(self, product: str, inch: int, cakes: int) -> list[tuple[str, ...]]:
        """Bake and cool, for as many cakes as there are sponges."""
        return [("bake", "cool")] * min(cakes, self.many) if inch == self.inch else []


def test_a_sponge_on_the_shelf_saves_its_oven_and_cooling(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context(), writing() as tx:
        shop, card = shop_and_card(tx)
        usual = promise.quote(tx, shop, card, price_cart(card, cart()).lines, at=now()).earliest
        monkeypatch.setattr(asking, "bases_of", lambda session, shop: Sponges(8, 1))
        sooner = promise.quote(tx, shop, card, price_cart(card, cart()).lines, at=now())
        assert sooner.earliest == usual - timedelta(minutes=70), "30 in the oven and 40 to cool"
        other = promise.quote(tx, shop, card, price_cart(card, cart(inch=10)).lines, at=now())
        assert [size.inch for size in other.sooner][:1] != [], "the size that lies ready is sooner"
        two = order(tx, cart(quantity=2))
        made = tasks(tx, two.order_id)
        assert [t.kind for t in made].count("bake") == 1 and made[0].state == "ready_to_start"
        assert len(made) == 10


def test_spare_minutes_follow_what_stages_really_take() -> None:
    works = [stage(kind, minutes) for kind, minutes in (("bake", 30), ("build", 15), ("decorate", 20))]
    assert asking.spare_of(Past(None, {}), [works]) == 10
    exact = {(kind, "", 0): (1.0, 1.0) for kind in HANDS}
    assert asking.spare_of(Past(None, exact), [works]) == asking.LEAST_SPARE
    wild = {(kind, "", 0): (0.8, 1.0, 1.9) for kind in HANDS}
    assert 10 < asking.spare_of(Past(None, wild), [works]) <= asking.MOST_SPARE
    some = {("bake", "", 0): (1.0, 1.0)}
    assert asking.spare_of(Past(None, some), [works]) == 10, "too few were measured"


def stage(kind: str, minutes: int) -> Work:
    return Work(StageKind(kind), 1, minutes, 1, kind != "bake")


def test_fewer_cakes_at_once_can_be_had_sooner(app: Flask) -> None:
    with app.app_context(), reading() as session:
        shop, card = shop_and_card(session)
        one = promise.quote(session, shop, card, price_cart(card, cart()).lines, at=now())
        assert one.fewer is None
        many = promise.quote(session, shop, card, price_cart(card, cart(quantity=12)).lines, at=now())
        assert many.fewer is not None and many.fewer.cakes == 6
        assert many.fewer.earliest <= many.earliest - timedelta(minutes=30)
