"""Delivery at the kiosk: never in the way of who fetches the cake, and said plainly to who does not."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import select

from shop.delivery.drops import make_drops
from shop.delivery.tables import Drop
from shop.orders.areas import keep_area
from shop.orders.tables import Area, Order
from shop.payments.counter import take
from shop.people.persons import reveal
from shop.people.shops import only_shop
from shop.people.staff import Person
from tests import cast
from tests.kiosk.customer import Customer, found
from web.database import reading, writing
from web.house import keys, now

DOOR = {"do": "go", "area": "xuhui", "address": "漕溪北路 88 号", "name": "王小明", "phone": "13812345678"}
TO_XUHUI = timedelta(minutes=26)


def first(text: str) -> datetime:
    return datetime.fromisoformat(found(r'value="([^"]+)" checked', text))


def test_pick_up_is_chosen_already_and_delivery_is_in_sight(app: Flask) -> None:
    customer = Customer(app)
    page = customer.choose().text
    assert 'name="due_at"' in page and 'href="/kiosk/delivery"' in page
    customer.take_time()
    customer.tap("place", method="cash", key=customer.key(customer.to_pay()))
    order = customer.orders()[0]
    assert order.fulfilment == "pickup" and order.fee == 0


def test_a_cake_is_brought_to_a_door(app: Flask) -> None:
    customer = Customer(app)
    pick_up = first(customer.choose().text)
    page = customer.tap("delivery", **DOOR)
    later = first(page.text) - pick_up
    assert TO_XUHUI - timedelta(minutes=10) < later <= TO_XUHUI + timedelta(minutes=10), "and the way"
    assert "¥283" in page.text, "268 and 15 for the way"
    review = customer.take_time(page)
    assert "漕溪北路 88 号" in review.text and 'name="phone"' not in review.text
    customer.tap("place", method="cash", key=customer.key(customer.to_pay(name="", phone="")))
    order = customer.orders()[0]
    assert (order.fulfilment, order.fee, order.total) == ("delivery", 1500, 28300)
    assert order.due_at - order.ready_by == TO_XUHUI
    with app.app_context(), reading() as session:
        told = reveal(keys(), session.scalars(select(Person)).one())
        assert (told.name, told.address) == ("王小明", "漕溪北路 88 号")
    wait = customer.see("wait").text
    assert "漕溪北路" not in wait and "13812345678" not in wait


def test_every_field_says_what_it_misses_and_keeps_what_it_has(app: Flask) -> None:
    customer = Customer(app)
    customer.choose()
    refused = customer.tap("delivery", do="go", address="漕溪北路 88 号", phone="123")
    assert refused.status_code == 422
    for field in ("area", "name", "phone"):
        assert re.search(rf'id="{field}-error" role="status">', refused.text), field
    assert 'id="address-error" role="status" hidden' in refused.text
    assert 'value="漕溪北路 88 号"' in refused.text and 'value="123"' in refused.text


def test_who_changes_their_mind_finds_another_time_and_no_address_is_left(app: Flask) -> None:
    customer = Customer(app)
    customer.choose()
    customer.take_time(customer.tap("delivery", **DOOR))
    again = customer.tap("time", to="pickup")
    assert 'name="due_at"' in again.text, "a time for picking up is chosen anew"
    customer.take_time(again)
    assert "漕溪北路" not in customer.see("review").text
    assert 'value="漕溪北路' not in customer.see("delivery").text
    customer.tap("place", method="cash", key=customer.key(customer.to_pay()))
    order = customer.orders()[0]
    assert (order.fulfilment, order.fee, order.ready_by) == ("pickup", 0, order.due_at)


def test_another_door_in_the_same_area_keeps_the_time(app: Flask) -> None:
    customer = Customer(app)
    customer.choose()
    customer.take_time(customer.tap("delivery", **DOOR))
    review = customer.tap("delivery", **{**DOOR, "address": "天钥桥路 30 号"})
    assert "天钥桥路 30 号" in review.text and 'name="due_at"' not in review.text
    other = customer.tap("delivery", **{**DOOR, "area": "lujiazui"})
    assert 'name="due_at"' in other.text, "over the river it takes longer"


def test_leaving_wipes_the_address(app: Flask) -> None:
    customer = Customer(app)
    customer.choose()
    customer.tap("delivery", **DOOR)
    customer.tap("leave")
    assert "漕溪北路" not in customer.see("delivery").text


def test_an_area_that_ends_while_somebody_orders_is_said(app: Flask) -> None:
    customer = Customer(app)
    customer.choose()
    customer.tap("delivery", **DOOR)
    with app.app_context(), writing() as tx:
        shop = only_shop(tx)
        assert shop is not None
        row = tx.scalars(select(Area).where(Area.slug == "xuhui")).one()
        keep_area(
            tx, shop, row.id, names=row.names, place="31.1949, 121.4365", fee=row.fee, minutes=None,
            active=False, sort=row.sort, by=cast.by(tx, "xu"), at=now(),
        )  # fmt: skip
    gone = customer.see("time")
    assert gone.status_code == 422 and "/kiosk/delivery" in gone.text
    assert 'value="xuhui"' not in customer.see("delivery").text
    assert 'name="due_at"' in customer.tap("time", to="pickup").text


def test_a_shop_that_does_not_deliver_does_not_speak_of_it(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        for area in tx.scalars(select(Area)):
            area.active = False
        shop = only_shop(tx)
        assert shop is not None
        shop.menu_version += 1
    customer = Customer(app)
    assert "/kiosk/delivery" not in customer.choose().text


def test_a_paid_order_reaches_the_courier_without_typing(app: Flask) -> None:
    customer = Customer(app)
    customer.choose()
    customer.take_time(customer.tap("delivery", **DOOR))
    customer.tap("place", method="cash", key=customer.key(customer.to_pay()))
    order = customer.orders()[0]
    with app.app_context(), writing() as tx:
        shop = only_shop(tx)
        assert shop is not None
        assert make_drops(tx, shop, at=now()) == 0, "nobody rides for what is not paid"
        row = tx.get_one(Order, order.id)
        take(tx, shop, row, "cash", amount=row.total, tendered=row.total, by=cast.by(tx, "mei"), at=now())
        assert make_drops(tx, shop, at=now()) == 1
        drop = tx.scalars(select(Drop)).one()
        assert (drop.order_id, drop.area, drop.minutes, drop.cash_due) == (order.id, "xuhui", 16, 0)


def test_a_half_filled_form_is_kept_when_the_language_changes(app: Flask) -> None:
    customer = Customer(app)
    customer.choose()
    kept = customer.tap("delivery", area="xuhui", address="漕溪北路", name="", phone="")
    assert kept.status_code == 200 and 'value="漕溪北路"' in kept.text
    assert "aria-invalid" not in kept.text, "nobody has asked to go on yet"
    assert "xuhui" in kept.text and 'value="xuhui" checked' in kept.text
    assert "¥268" in customer.see("time").text, "it is still picked up"
    customer.take_time(customer.tap("delivery", **DOOR))
    customer.tap("delivery", area="", address="", name="王小明", phone="")
    assert "漕溪北路 88 号" in customer.see("review").text, "what is promised stays whole"
