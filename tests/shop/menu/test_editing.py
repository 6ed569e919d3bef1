"""The verbs that edit the menu: versions, the diary's old and new, and what two editors cannot break."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.errors import Invalid, Missing
from shop.core.events import Event
from shop.menu import editing
from shop.menu.card import cached_card, read_card
from shop.menu.tables import Option, OptionGroup, Product, Route, StageKind, Station
from shop.people.shops import Shop, only_shop
from tests import cast
from web.database import reading, writing
from web.house import now


def shop_of(session: Session) -> Shop:
    shop = only_shop(session)
    assert shop is not None
    return shop


def product(session: Session, slug: str = "fruit") -> Product:
    return session.scalars(select(Product).where(Product.slug == slug)).one()


def same(row: Product) -> dict[str, Any]:
    """Everything about a product as it is."""
    return {
        "names": row.names, "about": row.about, "allergens": row.allergens, "route_id": row.route_id,
        "look": row.look, "sort": row.sort, "active": row.active,
    }  # fmt: skip


def test_a_change_bumps_the_version_and_tells_old_and_new(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            shop, row = shop_of(tx), product(tx)
            before = shop.menu_version
            changed = {**same(row), "names": {**row.names, "en": "Garden fruit"}}
            editing.change_product(tx, shop, row.id, **changed, by=cast.by(tx, "xu"), at=now())
        with reading() as session:
            assert shop_of(session).menu_version == before + 1
            line = session.scalars(select(Event).where(Event.kind == "menu_changed")).one()
            (change,) = line.data["changes"]
            assert change["field"] == "names" and change["was"]["en"] == "Fruit"
            assert change["now"]["en"] == "Garden fruit"
            assert "menu" in line.topics.split()


def test_the_same_again_is_no_change(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            shop, row = shop_of(tx), product(tx)
            before = shop.menu_version
            editing.change_product(tx, shop, row.id, **same(row), by=cast.by(tx, "xu"), at=now())
        with reading() as session:
            assert shop_of(session).menu_version == before
            assert session.scalars(select(Event).where(Event.kind == "menu_changed")).all() == []


def test_a_refused_edit_leaves_no_trace(app: Flask) -> None:
    with app.app_context():
        with pytest.raises(Invalid) as refused, writing() as tx:
            shop, row = shop_of(tx), product(tx)
            editing.set_prices(tx, shop, row.id, {6: 100, 8: 0}, by=cast.by(tx, "xu"), at=now())
        assert refused.value.field == "price.8"
        with reading() as session:
            assert read_card(session, shop_of(session)).dishes["fruit"].prices[6] == 19800


def test_a_kept_card_is_read_again_after_an_edit(app: Flask) -> None:
    with app.app_context():
        with reading() as session:
            assert cached_card(session, shop_of(session)).dishes["fruit"].prices[8] == 27800
        with writing() as tx:
            editing.set_prices(tx, shop_of(tx), product(tx).id, {8: 30000}, by=cast.by(tx, "xu"), at=now())
        with reading() as session:
            assert cached_card(session, shop_of(session)).dishes["fruit"].prices[8] == 30000


def test_off_for_today_ends_with_the_shops_day(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            editing.switch(tx, shop_of(tx), product(tx).id, on=False, by=cast.by(tx, "xu"), at=now())
        with reading() as session:
            shop = shop_of(session)
            dish = read_card(session, shop).dishes["fruit"]
            today = shop.business_date(now())
            assert not dish.sold_on(today) and dish.sold_on(today.replace(day=today.day + 1))


def test_another_shops_product_is_missing(app: Flask) -> None:
    with app.app_context(), pytest.raises(Missing), writing() as tx:
        other = Shop(slug="other", names={"en": "Other"})
        tx.add(other)
        tx.flush()
        editing.switch(tx, other, product(tx).id, on=False, by=cast.by(tx, "xu"), at=now())


def test_one_answer_is_the_usual_one(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        group = tx.scalars(select(OptionGroup).where(OptionGroup.slug == "sweetness")).one()
        less = tx.scalars(select(Option).where(Option.group_id == group.id, Option.slug == "less")).one()
        form: dict[str, Any] = {
            "names": less.names, "surcharge": 0, "minutes": 0, "min_inch": 0, "allergens": [], "look": {},
            "sort": less.sort, "by": cast.by(tx, "xu"), "at": now(),
        }  # fmt: skip
        editing.keep_option(tx, shop_of(tx), group.id, less.id, **form, is_default=True, active=True)
        tx.flush()
        usual = tx.scalars(select(Option.slug).where(Option.group_id == group.id, Option.is_default)).all()
        assert usual == ["less"]
        with pytest.raises(Invalid) as refused:
            editing.keep_option(tx, shop_of(tx), group.id, less.id, **form, is_default=True, active=False)
        assert refused.value.field == "active"


def test_a_second_tier_stays_a_second_tier(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        row = next(o for o in tx.scalars(select(Option)) if (o.look or {}).get("tiers"))
        form: dict[str, Any] = {
            "names": row.names, "surcharge": 20000, "minutes": row.minutes, "min_inch": row.min_inch,
            "allergens": row.allergens, "look": {}, "sort": row.sort, "by": cast.by(tx, "xu"), "at": now(),
        }  # fmt: skip
        tiers = row.look["tiers"]
        editing.keep_option(
            tx, shop_of(tx), row.group_id, row.id, **form, is_default=row.is_default, active=True
        )
        assert row.look["tiers"] == tiers and row.surcharge == 20000


@pytest.mark.parametrize(("kinds", "field"), [([], "stages"), (["bake", "bake"], "stages")])
def test_a_way_is_whole(app: Flask, kinds: list[str], field: str) -> None:
    with app.app_context(), pytest.raises(Invalid) as refused, writing() as tx:
        oven = tx.scalars(select(Station.id).where(Station.slug == "oven")).one()
        stages = [editing.StageEntry(StageKind(kind), 10, oven) for kind in kinds]
        route = tx.scalars(select(Route.id).order_by(Route.id)).first()
        editing.keep_route(
            tx, shop_of(tx), route, names={"en": "Way"}, stages=stages, by=cast.by(tx, "xu"), at=now()
        )
    assert refused.value.field == field


def test_stages_keep_the_kitchens_order(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            oven = tx.scalars(select(Station.id).where(Station.slug == "oven")).one()
            stages = [editing.StageEntry(StageKind(kind), 10, oven) for kind in ("box", "bake", "decorate")]
            editing.keep_route(
                tx, shop_of(tx), product(tx).route_id, names={"en": "Way"}, stages=stages,
                by=cast.by(tx, "xu"), at=now(),
            )  # fmt: skip
        with reading() as session:
            dish = read_card(session, shop_of(session)).dishes["fruit"]
            assert [stage.kind for stage in dish.stages] == ["bake", "decorate", "box"]
