"""Editing the menu in the back office: what customers see changes, refusals name their field."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from shop.menu.card import cached_card
from shop.menu.tables import Product, Route
from tests import cast
from tests.admin.office import english, events, fields, post
from web.database import reading

PRODUCT: dict[str, Any] = fields(
    names__zh_Hans="草莓奶油", names__en="Strawberry", price__6="188", price__8="268.50", price__10="368",
    price__12="", given_up="12", sort="0", active="1", allergens="milk",
)  # fmt: skip


def product(app: Flask, slug: str) -> Product:
    with app.app_context(), reading() as session:
        row = session.scalars(select(Product).where(Product.slug == slug)).one()
        session.expunge(row)
        return row


def card(app: Flask):
    with app.app_context(), reading() as session:
        return cached_card(session, cast.the_shop(app))


def route(app: Flask) -> int:
    with app.app_context(), reading() as session:
        return session.scalars(select(Route.id).order_by(Route.id)).first() or 0


def test_a_changed_cake_is_on_every_menu_at_once(app: Flask, sign_in) -> None:
    client, row = sign_in(app.test_client(), "xu"), product(app, "strawberry-cream")
    before = card(app).version
    answer = post(client, f"/admin/menu/{row.id}", **PRODUCT, route=row.route_id)
    assert answer.status_code == 303
    dish = card(app).dishes["strawberry-cream"]
    assert dict(dish.prices) == {6: 18800, 8: 26850, 10: 36800}  # 12 inch was given up
    assert dish.names["en"] == "Strawberry" and dish.allergens == ("milk",)
    assert card(app).version > before
    changed = [c for e in events(app, "menu_changed") for c in e.data["changes"]]
    assert {"field": "price.8", "was": 26800, "now": 26850} in changed


def test_saving_without_a_change_writes_nothing(app: Flask, sign_in) -> None:
    client, row = sign_in(app.test_client(), "xu"), product(app, "strawberry-cream")
    post(client, f"/admin/menu/{row.id}", **PRODUCT, route=row.route_id)
    count, version = len(events(app, "menu_changed")), card(app).version
    post(client, f"/admin/menu/{row.id}", **PRODUCT, route=row.route_id)
    assert len(events(app, "menu_changed")) == count and card(app).version == version


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"names.zh_Hans": "", "names.en": ""}, "names.zh_Hans"),
        ({"names.en": "x" * 41}, "names.en"),
        ({"price.8": "abc"}, "price.8"),
        ({"price.8": "0"}, "price.8"),
        ({"price.8": "1.005"}, "price.8"),
        ({"price.8": "1e3"}, "price.8"),
        ({"price.8": "-5"}, "price.8"),
        ({"price.8": "100,000.01"}, "price.8"),
        ({"price.8": ""}, "price.8"),
        ({"given_up": ["6", "8", "10", "12"]}, "active"),
        ({"allergens": "plutonium"}, "allergens"),
        ({"route": "999"}, "route"),
        ({"sort": "-1"}, "sort"),
        ({"look.icing": "red"}, "look.icing"),
        ({"look.topping": "stones"}, "look.topping"),
    ],
)
def test_a_wrong_entry_names_its_field_and_changes_nothing(app: Flask, sign_in, change, field) -> None:
    client, row = sign_in(app.test_client(), "xu"), product(app, "strawberry-cream")
    from tests.cast import token_of

    form = {**PRODUCT, "route": row.route_id, **change, "csrf_token": token_of(client), "key": "k" * 32}
    answer = client.post(f"/admin/menu/{row.id}", data=form, headers={"HX-Request": "true"})
    assert answer.status_code == 422 and f'data-field="{field}"' in answer.text
    assert card(app).dishes["strawberry-cream"].prices[8] == 26800
    assert not events(app, "menu_changed")


def test_a_question_without_answers_is_incomplete_and_not_asked(app: Flask, sign_in) -> None:
    client = english(sign_in(app.test_client(), "xu"))
    made = post(client, "/admin/menu/choices/0", names__en="Ribbon", slug="ribbon", active="1")
    assert made.status_code == 303
    assert "Incomplete: not asked yet" in client.get(made.location).text
    assert "Incomplete: not asked yet" in client.get("/admin/menu/choices").text
    assert "ribbon" not in {g.slug for g in card(app).dishes["fruit"].groups}
    post(client, f"{made.location}/0", names__en="Red", slug="red", surcharge="5", active="1", is_default="1")
    assert "Incomplete" not in client.get(made.location).text
    assert "Incomplete" not in client.get("/admin/menu/choices").text
    assert "ribbon" in {g.slug for g in card(app).dishes["fruit"].groups}


def test_an_emptied_price_takes_nothing_off_the_menu(app: Flask, sign_in) -> None:
    client, row = english(sign_in(app.test_client(), "xu")), product(app, "strawberry-cream")
    emptied = {**PRODUCT, "price.10": "", "names.en": "Strawberries", "route": row.route_id}
    refused = post(client, f"/admin/menu/{row.id}", **emptied)
    assert refused.status_code == 422 and "The price of 10 inch is empty" in refused.text
    assert 'value="Strawberries"' in refused.text  # what was typed is still there
    assert card(app).dishes["strawberry-cream"].prices[10] == 36800
    assert post(client, f"/admin/menu/{row.id}", **{**emptied, "given_up": ["10", "12"]}).status_code == 303
    assert set(card(app).dishes["strawberry-cream"].prices) == {6, 8}
    back = {**PRODUCT, "price.12": "498", "given_up": [], "route": row.route_id}
    assert post(client, f"/admin/menu/{row.id}", **back).status_code == 303
    assert card(app).dishes["strawberry-cream"].prices[12] == 49800


def test_off_for_today_and_on_again_in_one_tap(app: Flask, sign_in) -> None:
    client, row = sign_in(app.test_client(), "xu"), product(app, "fruit")
    today = cast.the_shop(app).business_date(app.extensions["fairslice"].clock.now())
    post(client, f"/admin/menu/{row.id}/switch", on="0")
    assert not card(app).dishes["fruit"].sold_on(today)
    app.extensions["fairslice"].clock.pass_by(days=1)
    tomorrow = cast.the_shop(app).business_date(app.extensions["fairslice"].clock.now())
    assert card(app).dishes["fruit"].sold_on(tomorrow)
    post(client, f"/admin/menu/{row.id}/switch", on="0", inch="8")
    dish = card(app).dishes["fruit"]
    assert not dish.sold_on(tomorrow, 8) and dish.sold_on(tomorrow, 6)
    post(client, f"/admin/menu/{row.id}/switch", on="1", inch="8")
    assert card(app).dishes["fruit"].sold_on(tomorrow, 8)


def test_a_new_cake_waits_for_its_price(app: Flask, sign_in) -> None:
    client = sign_in(app.test_client(), "xu")
    new = fields(slug="lemon-tart", names__en="Lemon tart", route=str(route(app)))
    assert post(client, "/admin/menu", **new).status_code == 303
    row = product(app, "lemon-tart")
    assert not row.active and "lemon-tart" not in card(app).dishes
    assert post(client, "/admin/menu", **new).status_code == 422  # the name is taken
    assert post(client, "/admin/menu", **{**new, "slug": "Lemon Tart!"}).status_code == 422
    post(client, f"/admin/menu/{row.id}", **{**PRODUCT, "names.en": "Lemon tart"}, route=row.route_id)
    assert card(app).dishes["lemon-tart"].prices[8] == 26850


def test_the_picture_follows_the_choices(app: Flask, sign_in) -> None:
    client, row = sign_in(app.test_client(), "xu"), product(app, "taro")
    drawn = client.get(f"/admin/menu/{row.id}/picture", query_string={"look.icing": "#00ff00"})
    assert drawn.status_code == 200 and "<svg" in drawn.text and "#00ff00" in drawn.text.lower()
    assert client.get(f"/admin/menu/{row.id}/picture?look.icing=javascript").status_code == 422


def test_options_surcharges_sizes_allergens_and_ways(app: Flask, sign_in) -> None:
    client = sign_in(app.test_client(), "xu")
    answer = post(client, "/admin/menu/choices/0", **fields(slug="box", names__en="Box", active="1"))
    group = int(answer.location.rsplit("/", 1)[1])
    option = fields(slug="gift", names__en="Gift box", surcharge="15.50", is_default="1", active="1")
    assert post(client, f"/admin/menu/choices/{group}/0", **option).status_code == 303
    assert post(client, f"/admin/menu/choices/{group}/0", **option).status_code == 422
    box = next(g for g in card(app).dishes["fruit"].groups if g.slug == "box")
    assert box.default.surcharge == 1550
    size = {"inch": "14", "pounds": "7", "serves": "16-20", "minutes_percent": "200", "trays": "3"}
    assert post(client, "/admin/menu/sizes/0", **size).status_code == 303
    assert card(app).sizes[14].trays == 3
    assert post(client, "/admin/menu/sizes/0", **size).status_code == 422
    allergen = fields(slug="celery", names__zh_Hans="芹菜", sort="50")
    assert post(client, "/admin/menu/allergens/0", **allergen).status_code == 303
    assert card(app).allergens["celery"] == {"zh_Hans": "芹菜"}


def test_a_way_needs_stages_and_stations_for_people(app: Flask, sign_in) -> None:
    client = sign_in(app.test_client(), "xu")
    oven = card(app).stations_by_slug["oven"].id
    way = fields(slug="fast", names__en="Fast", stage__bake="1", minutes__bake="20", station__bake=str(oven))
    assert post(client, "/admin/menu/ways/0", **fields(slug="none", names__en="None")).status_code == 422
    assert post(client, "/admin/menu/ways/0", **{**way, "minutes.bake": "0"}).status_code == 422
    no_place = {**way, "station.bake": "0", "needs_person.bake": "1"}
    assert post(client, "/admin/menu/ways/0", **no_place).status_code == 422
    assert post(client, "/admin/menu/ways/0", **way).status_code == 303


def test_a_clerk_reads_the_menu_and_changes_nothing(app: Flask, sign_in) -> None:
    client, row = sign_in(app.test_client(), "mei"), product(app, "fruit")
    assert client.get("/admin/menu").status_code == 200
    assert client.get(f"/admin/menu/{row.id}").status_code == 403
    assert post(client, f"/admin/menu/{row.id}/switch", on="0").status_code == 403
    assert len(events(app, "access_denied")) == 2
