"""A delivery at the order desk: fee and times at once, a door before it is read back, and the same again."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from shop.core.permissions import Permission, Role
from shop.orders.tables import Order
from shop.people.rights import grant
from shop.people.shops import only_shop
from tests import cast
from tests.admin.office import english, events, post
from tests.admin.test_desk import CAKE, first_free, save
from web.database import reading, writing
from web.house import now

DOOR: dict[str, Any] = {
    **CAKE, "fulfilment": "delivery", "area": "xuhui", "address": "漕溪北路 88 号", "place": "31.1950, 121.4370",
}  # fmt: skip


def test_a_delivery_shows_its_fee_and_its_times_at_once(app: Flask, sign_in) -> None:
    client = english(sign_in(app.test_client(), "mei"))
    _, pick_up = first_free(save(client, **CAKE).text)
    answer = save(client, **DOOR).text
    assert "Delivery to Xuhui" in answer and "¥293" in answer, "278 and 15 for the way"
    window = re.search(r'value="asap" checked.*?>(\d\d:\d\d)–(\d\d:\d\d)<', answer)
    assert window and window.group(2) > pick_up
    missing = save(client, **{**DOOR, "area": ""}).text
    assert "Choose the area" in missing and "data-trouble-field" not in missing
    far = save(client, **{**DOOR, "place": "39.9042, 116.4074"}).text
    assert 'data-trouble-field="place"' in far


@pytest.mark.parametrize("field", ["area", "address", "name", "phone"])
def test_a_delivery_without_a_door_is_not_read_back(app: Flask, sign_in, field: str) -> None:
    client = sign_in(app.test_client(), "mei")
    answer = post(client, "/admin/desk", **{**DOOR, field: ""}, next="read-back", clock="asap")
    assert answer.status_code == 422


def brought(client) -> None:
    answer = post(client, "/admin/desk", **DOOR, next="read-back", clock="asap")
    assert answer.status_code == 303, answer.text
    page = client.get(answer.location)
    assert "漕溪北路 88 号" in page.text and "¥293" in page.text
    seal = re.search(r'name="seal" value="(\w+)"', page.text)
    assert seal
    assert (
        post(
            client, answer.location.split("?")[0].replace("read-back", "order"), seal=seal.group(1)
        ).status_code
        == 303
    )


def test_a_delivery_goes_from_the_phone_to_the_order_and_the_same_again(app: Flask, sign_in) -> None:
    client = sign_in(app.test_client(), "mei")
    brought(client)
    with app.app_context(), reading() as session:
        row = session.scalars(select(Order)).one()
        assert (row.fulfilment, row.fee, row.total) == ("delivery", 1500, 29300)
    till = english(client).get(f"/admin/till/{row.id}").text
    assert re.search(r"<p>Delivery <b[^>]*>[^<]+ – \d\d:\d\d</b>", till) and "Pickup" not in till
    again = client.get(post(client, f"/admin/desk/again/{row.id}").location).text
    assert "漕溪北路 88 号" in again and 'value="31.1950, 121.4370"' in again
    assert re.search(r'value="xuhui" selected', again)
    assert [event.order_id for event in events(app, "person_revealed")] == [row.id]


def test_who_may_not_see_customers_repeats_a_delivery_without_its_door(app: Flask, sign_in) -> None:
    client = sign_in(app.test_client(), "mei")
    brought(client)
    with app.app_context(), writing() as tx:
        row = tx.scalars(select(Order)).one()
        shop = only_shop(tx)
        assert shop is not None
        grant(tx, shop, Role.CLERK, Permission.PERSON_SEE, False, by=cast.by(tx, "chen"), at=now())
    again = client.get(post(client, f"/admin/desk/again/{row.id}").location).text
    assert "漕溪北路" not in again and re.search(r'value="xuhui" selected', again)
