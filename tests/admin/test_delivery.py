"""Deliveries in the back office: areas are edited, orders are found by where they go, the sheet says how."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from shop.orders.placing import Placed
from shop.orders.tables import Area
from tests.admin.office import english, events, post
from tests.counter import cart, delivered
from tests.counter import order as place_one
from web.database import reading, writing

PUTUO = {
    "names.en": "Putuo", "names.zh_Hans": "普陀", "names.zh_Hant": "普陀", "place": "31.2500, 121.3960", "fee": "9.50",
    "minutes": "", "sort": "9", "active": "1",
}  # fmt: skip
WAY = {"place": "31.2248, 121.4443", "handling": "5", "provider": "straight_line", "km_an_hour": "36",
       "detour_percent": "135"}  # fmt: skip


def area(app: Flask, slug: str) -> Area:
    with app.app_context(), reading() as session:
        row = session.scalars(select(Area).where(Area.slug == slug)).one()
        session.expunge(row)
        return row


def three(app: Flask) -> tuple[Placed, Placed, Placed]:
    """Order to the counter, to Xuhui and to Hongkou."""
    with app.app_context(), writing() as tx:
        return place_one(tx, cart()), place_one(tx, delivered("xuhui")), place_one(tx, delivered("hongkou"))


def test_an_area_is_added_changed_and_switched_off(app: Flask, sign_in) -> None:
    client = english(sign_in(app.test_client(), "xu"))
    assert post(client, "/admin/delivery-areas/0", **PUTUO, slug="putuo").status_code == 303
    new = area(app, "putuo")
    assert (new.fee, new.minutes, new.lat, new.lng) == (950, None, 31_250000, 121_396000)
    page = client.get("/admin/delivery-areas").text
    assert "Putuo" in page and "31.250000, 121.396000" in page and 'value="9.50"' in page
    changed = {**PUTUO, "fee": "12", "minutes": "33"}
    del changed["active"]
    assert post(client, f"/admin/delivery-areas/{new.id}", **changed).status_code == 303
    row = area(app, "putuo")
    assert (row.fee, row.minutes, row.active) == (1200, 33, False)
    assert "Switched off" in client.get("/admin/delivery-areas").text
    assert len(events(app, "area_changed")) == 2
    diary = client.get("/admin/diary").text
    assert "Delivery areas changed" in diary and "¥12" in diary


@pytest.mark.parametrize(
    ("field", "value"),
    [("fee", ""), ("fee", "much"), ("place", "here"), ("minutes", "999"), ("slug", "xuhui")],
)
def test_a_wrong_area_is_refused_and_stays_in_the_form(app: Flask, sign_in, field: str, value: str) -> None:
    client = sign_in(app.test_client(), "xu")
    answer = post(client, "/admin/delivery-areas/0", **{**PUTUO, "slug": "putuo", field: value})
    assert answer.status_code == 422 and "普陀" in answer.text
    with app.app_context(), reading() as session:
        assert len(session.scalars(select(Area)).all()) == 5


def test_place_and_pace_of_the_shop(app: Flask, sign_in) -> None:
    client = english(sign_in(app.test_client(), "xu"))
    before = client.get("/admin/delivery-areas").text
    assert "26 min" in before
    assert post(client, "/admin/delivery-areas/way", **WAY).status_code == 303
    assert "13 min" in client.get("/admin/delivery-areas").text, "twice as fast and half the handling"
    assert post(client, "/admin/delivery-areas/way", **{**WAY, "provider": "crow"}).status_code == 422
    assert post(client, "/admin/delivery-areas/way", **{**WAY, "place": ""}).status_code == 303
    assert "Nobody knows yet where the shop is" in client.get("/admin/delivery-areas").text


def test_orders_are_found_by_where_they_go(app: Flask, sign_in) -> None:
    fetched, xuhui, hongkou = (placed.number for placed in three(app))
    client = english(sign_in(app.test_client(), "mei"))

    def found(going: str) -> set[str]:
        page = client.get("/admin/orders/list", query_string={"going": going}).text
        return {number for number in (fetched, xuhui, hongkou) if number in page}

    assert found("") == found("nonsense") == {fetched, xuhui, hongkou}
    assert found("pickup") == {fetched} and found("delivery") == {xuhui, hongkou}
    assert found(str(area(app, "xuhui").id)) == {xuhui}
    page = client.get("/admin/orders").text
    assert 'name="going"' in page and "Hongkou" in page


def test_the_sheet_says_how_it_goes_and_the_door_only_on_purpose(app: Flask, sign_in) -> None:
    _, placed, _ = three(app)
    client = english(sign_in(app.test_client(), "mei"))
    sheet = client.get(f"/admin/orders/{placed.order_id}").text
    assert "Xuhui" in sheet and "kitchen done by" in sheet and "Delivery to Xuhui" in sheet
    assert "漕溪北路" not in sheet
    shown = post(client, f"/admin/orders/{placed.order_id}/contact").text
    assert "漕溪北路 88 号 1203 室" in shown
    assert [event.order_id for event in events(app, "person_revealed")] == [placed.order_id]
