"""What the promise counts with is entered in the office: heat, keeps, parts, hours of allergens, levels, shelves."""

from __future__ import annotations

import re

from flask import Flask
from sqlalchemy import select

from shop.menu.card import read_card
from shop.menu.tables import Route, RouteStage, Station
from shop.orders.floorplan import shelves_of
from shop.people.shops import only_shop
from shop.people.staff import Staff
from tests import cast
from tests.admin.office import english, fields, post
from web.database import reading


def test_heat_and_keeps_of_a_way(app: Flask, sign_in) -> None:
    client = english(sign_in(app.test_client(), "xu"))
    with app.app_context(), reading() as session:
        oven = session.scalars(select(Station.id).where(Station.slug == "oven")).one()
        way = session.scalars(select(Route).where(Route.slug == "mille")).one()
    form = fields(names__en="Mille", stage__bake="1", minutes__bake="20", station__bake=str(oven),
                  celsius__bake="180", stage__cool="1", minutes__cool="10", keeps__cool="15")  # fmt: skip
    assert post(client, f"/admin/menu/ways/{way.id}", **form).status_code == 303
    with app.app_context(), reading() as session:
        shop = only_shop(session)
        stages = read_card(session, shop).dishes["durian-mille"].stages
        assert [(s.kind, s.celsius, s.keeps) for s in stages] == [("bake", 180, None), ("cool", 0, 15)]
    assert 'value="180"' in client.get(f"/admin/menu/ways/{way.id}").text
    assert "Degrees °C Baking 0 180" in " ".join(
        re.sub("<[^>]*>", " ", client.get("/admin/diary?kind=menu").text).split()
    )
    for wrong in ({"celsius.bake": "500"}, {"keeps.cool": "-3"}, {"keeps.cool": "soon"}):
        assert post(client, f"/admin/menu/ways/{way.id}", **{**form, **wrong}).status_code == 422
    with app.app_context(), reading() as session:
        assert session.scalars(select(RouteStage.celsius).where(RouteStage.route_id == way.id)).first() == 180


def test_parts_and_hours_of_a_station(app: Flask, sign_in) -> None:
    client = english(sign_in(app.test_client(), "xu"))
    with app.app_context(), reading() as session:
        oven = session.scalars(select(Station.id).where(Station.slug == "oven")).one()
    form = fields(names__en="Oven", places="9", active="1", units="3", gate__0__name="nuts",
                  gate__0__starts="06:30", gate__0__ends="09:00")  # fmt: skip
    assert post(client, f"/admin/kitchen/{oven}", **form).status_code == 303
    page = client.get("/admin/kitchen").text
    assert "3 parts of 3 places" in page and 'value="06:30"' in page
    for wrong in ({"units": "10"}, {"units": "0"}, {"gate.0.ends": "06:00"}, {"gate.0.name": "stones"}):
        assert post(client, f"/admin/kitchen/{oven}", **{**form, **wrong}).status_code == 422
    with app.app_context(), reading() as session:
        row = session.get_one(Station, oven)
        assert (row.units, row.gates) == (3, {"nuts": [["06:30", "09:00"]]})
    assert post(client, f"/admin/kitchen/{oven}", **{**form, "gate.0.name": ""}).status_code == 303
    with app.app_context(), reading() as session:
        assert session.get_one(Station, oven).gates == {}


def test_levels_and_shelves(app: Flask, sign_in) -> None:
    client = english(sign_in(app.test_client(), "xu"))
    with app.app_context(), reading() as session:
        li, before = cast.person(session, "li"), only_shop(session).menu_version
    form = {"name": li.name, "role": "baker", "active": "1", "skills": ["bake", "decorate"], "level.bake": "2",
            "level.decorate": "3"}  # fmt: skip
    assert post(client, f"/admin/people/{li.id}", **form).status_code == 303
    assert post(client, f"/admin/people/{li.id}", **{**form, "level.bake": "6"}).status_code == 422
    with app.app_context(), reading() as session:
        assert session.get_one(Staff, li.id).levels == {"bake": 2}
        assert only_shop(session).menu_version > before, "what is kept in memory of skills is old now"
    hours = {"opens": "08:00", "closes": "22:00", "kitchen_opens": "06:30", "language": "zh_Hans"}
    shop = {
        **fields(names__en="Sugar"),
        **hours,
        "target_confirm": "5",
        "target_start": "10",
        "shelves": "40",
    }
    assert post(client, "/admin/shop", **shop).status_code == 303
    with app.app_context(), reading() as session:
        assert shelves_of(only_shop(session)) == 40
    assert 'value="40"' in client.get("/admin/shop").text
    assert post(client, "/admin/shop", **{**shop, "shelves": "-1"}).status_code == 422
