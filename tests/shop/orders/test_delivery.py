"""Delivery: what must be known, what it costs, when the kitchen must be done, and what nobody can read."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import CUSTOMER
from shop.core.errors import Invalid, SlotTaken
from shop.core.types import from_minute
from shop.orders import areas, promise
from shop.orders.cart import Cart, price_cart
from shop.orders.changing import change_line
from shop.orders.destination import check_destination, troubles, way_of
from shop.orders.load import load_kitchen
from shop.orders.placing import place
from shop.orders.planned import jobs_of
from shop.orders.tables import Area, Line, Order
from shop.people.persons import erase, reveal
from shop.people.staff import Person
from shop.planning.reservations import quote
from shop.upkeep.invariants import breaches
from tests import cast
from tests.counter import cart, delivered, order, shop_and_card, tasks
from web.database import reading, writing
from web.house import keys, now

TO_XUHUI = 16 + 10
"""The straight line to the middle of the area by electric bicycle, and the handling."""


def fields(app: Flask, what: Cart) -> list[str]:
    with app.app_context(), reading() as session:
        return [trouble.field or "" for trouble in troubles(session, shop_and_card(session)[0], what)]


def earliest(session: Session, way: int = 0, **more: Any) -> datetime:
    shop, card = shop_and_card(session)
    found = promise.quote(session, shop, card, price_cart(card, cart()).lines, at=now(), way=way, **more)
    assert found.earliest
    return found.earliest


def brought(session: Session) -> datetime:
    """Return when the cake that is done first can be at the door: done, spare and way, then up to the tens."""
    shop, card = shop_and_card(session)
    kitchen, works = load_kitchen(session, shop, card, at=now()), price_cart(card, cart()).lines[0].stages
    found = quote.earliest(kitchen.book, jobs_of([works], kitchen.now))
    assert found
    (laid,) = found.laid.values()
    return from_minute(-(-(laid[-1].end + promise.SPARE_MINUTES + TO_XUHUI) // 10) * 10)


def test_a_delivery_is_its_cakes_and_its_way(app_both: Flask) -> None:
    with app_both.app_context():
        with writing() as tx:
            usual, expected = earliest(tx), brought(tx)
            placed = order(tx, delivered("xuhui"))
        with reading() as session:
            made = session.get_one(Order, placed.order_id)
            lines = session.scalars(select(Line.total).where(Line.order_id == made.id)).all()
            assert made.fee == 1500 and made.total == sum(lines) + 1500
            assert made.travel_minutes == TO_XUHUI - 10
            assert made.due_at - made.ready_by == timedelta(minutes=TO_XUHUI)
            assert made.due_at == expected, "it arrives later than a pick-up by the way, on the tens"
            assert timedelta(minutes=TO_XUHUI - 10) < made.due_at - usual <= timedelta(minutes=TO_XUHUI + 10)
            assert session.get_one(Area, made.area_id).slug == "xuhui"
            work = tasks(session, made.id)
            assert {task.due_at for task in work} == {made.ready_by}
            assert work[-1].planned_end <= made.ready_by
            assert breaches(session) == []


def test_an_order_that_is_picked_up_has_no_way(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            what = replace(cart(), area="xuhui", address="somewhere else", name="王小明")
            placed = order(tx, what)
        with reading() as session:
            made = session.get_one(Order, placed.order_id)
            assert (made.area_id, made.fee, made.travel_minutes, made.ready_by) == (None, 0, 0, made.due_at)
            person = session.get_one(Person, made.person_id)
            assert person.address_box is None, "what is not needed is not kept"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"area": ""}, "area"),
        ({"area": "the-moon"}, "area"),
        ({"address": " 1 "}, "address"),
        ({"address": "路" * 121}, "address"),
        ({"name": "  "}, "name"),
        ({"phone": ""}, "phone"),
        ({"phone": "123"}, "phone"),
        ({"place": "over there"}, "place"),
        ({"place": "39.9042, 116.4074"}, "place"),  # Beijing
        ({"fulfilment": "by-balloon"}, "fulfilment"),
    ],
)
def test_what_is_missing_is_named_and_nothing_is_placed(app: Flask, wrong, field) -> None:
    what = replace(delivered(), **wrong)
    assert fields(app, what) == [field]
    what.due_at = now_in(app) + timedelta(hours=6)
    with app.app_context(), pytest.raises(Invalid) as refused, writing() as tx:
        shop, card = shop_and_card(tx)
        place(tx, keys(), shop, card, what, channel="kiosk", by=CUSTOMER, at=now())
    assert refused.value.field == field
    with app.app_context(), reading() as session:
        assert not session.scalars(select(Order)).all() and not session.scalars(select(Person)).all()


def test_everything_that_is_missing_is_said_at_once(app: Flask) -> None:
    empty = Cart(lines=cart().lines, fulfilment="delivery")
    assert fields(app, empty) == ["area", "address", "name", "phone"]
    assert fields(app, cart()) == []


def now_in(app: Flask) -> datetime:
    return cast.clock_of(app).now()


def test_an_exact_place_gives_the_exact_way(app: Flask) -> None:
    with app.app_context(), reading() as session:
        shop, _ = shop_and_card(session)
        near = replace(delivered("xuhui"), place="31.2200, 121.4440")
        assert way_of(session, shop, near).travel < way_of(session, shop, delivered("xuhui")).travel
        bridge = replace(delivered("lujiazui"), place="31.2300, 121.4900")
        assert way_of(session, shop, bridge).travel == 40, "what the shop has set is right"


def test_where_somebody_lives_is_locked_and_erased_with_them(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            order(tx, replace(delivered(), place="31.1950, 121.4370"))
        with reading() as session:
            person = session.scalars(select(Person)).one()
            told = reveal(keys(), person)
            assert (told.address, told.place) == ("漕溪北路 88 号 1203 室", "31.1950, 121.4370")
            assert person.address_box and "漕溪".encode() not in person.address_box
            assert person.place_box and b"121.4370" not in person.place_box
        with writing() as tx:
            erase(tx, tx.get_one(Person, person.id), by=CUSTOMER, at=now())
        with reading() as session:
            gone = session.get_one(Person, person.id)
            assert gone.address_box is gone.place_box is None and reveal(keys(), gone).address == ""


def test_times_of_a_delivery_leave_after_opening_and_arrive_by_closing(app: Flask) -> None:
    with app.app_context(), reading() as session:
        shop, card = shop_and_card(session)
        lines = price_cart(card, cart()).lines
        day = shop.business_date(now()) + timedelta(days=1)
        opens, closes = shop.open_on(day)
        slots = promise.times_on(session, shop, card, lines, day, at=now(), way=TO_XUHUI)
        assert opens + timedelta(minutes=TO_XUHUI) <= slots[0].at and slots[-1].at == closes
        assert all(slot.free for slot in slots[4:])
        with pytest.raises(Invalid):
            promise.check_due(shop, opens + timedelta(minutes=TO_XUHUI - 1), now(), TO_XUHUI)
        promise.check_due(shop, opens + timedelta(minutes=TO_XUHUI), now(), TO_XUHUI)


def test_what_is_ready_too_late_for_a_courier_goes_out_next_morning(app: Flask) -> None:
    with app.app_context(), reading() as session:
        shop, _ = shop_and_card(session)
        closes = shop.open_on(shop.business_date(now()))[1]
        assert promise.first_opening(shop, closes, 26) == closes
        late = promise.first_opening(shop, closes + timedelta(minutes=1), 26)
        assert late == shop.open_on(shop.business_date(now()) + timedelta(days=1))[0] + timedelta(minutes=26)


def test_a_refused_time_offers_one_with_the_way_in_it(app: Flask) -> None:
    with app.app_context(), pytest.raises(SlotTaken) as refused, writing() as tx:
        order(tx, delivered(), due_at=now() + timedelta(minutes=60))
    with app.app_context(), reading() as session:
        assert refused.value.params["earliest"] == brought(session)


def test_a_change_keeps_the_courier_in_mind(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            placed = order(tx, delivered(), paid=False)
        with writing() as tx:
            shop, card = shop_and_card(tx)
            made = tx.get_one(Order, placed.order_id)
            line = tx.scalars(select(Line).where(Line.order_id == made.id)).one()
            options = {**line.options, "sweetness": "no-sucrose"}
            change_line(tx, shop, card, made, line.id, options=options, by=CUSTOMER, at=now())
        with reading() as session:
            made = session.get_one(Order, placed.order_id)
            assert made.total == 26800 + 2000 + made.fee
            assert {task.due_at for task in tasks(session, made.id)} == {made.ready_by}
            assert breaches(session) == []


def test_areas_are_edited_and_switched_off(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            shop, _ = shop_and_card(tx)
            mei = cast.by(tx, "xu")
            values = {"names": {"en": "Putuo"}, "place": "31.2500, 121.3960", "fee": 900, "minutes": None}
            new = areas.keep_area(
                tx, shop, None, slug="putuo", **values, active=True, sort=9, by=mei, at=now()
            )
            found = new.id
        with reading() as session:
            shop, _ = shop_and_card(session)
            known = areas.districts(session, shop)
            assert list(known)[-1] == "putuo" and known["putuo"].fee == 900 and known["putuo"].minutes > 20
        with writing() as tx:
            shop, _ = shop_and_card(tx)
            changed = {**values, "minutes": 33}
            areas.keep_area(tx, shop, found, **changed, active=True, sort=0, by=mei, at=now())
        with reading() as session:
            shop, _ = shop_and_card(session)
            assert areas.districts(session, shop)["putuo"].minutes == 33
        with writing() as tx:
            shop, _ = shop_and_card(tx)
            areas.keep_area(tx, shop, found, **changed, active=False, sort=0, by=mei, at=now())
        with reading() as session:
            shop, _ = shop_and_card(session)
            assert "putuo" not in areas.districts(session, shop)
            with pytest.raises(Invalid) as refused:
                check_destination(session, shop, delivered("putuo"))
            assert refused.value.field == "area"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"place": "here"}, "place"), ({"fee": -1}, "fee"), ({"minutes": 0}, "minutes"),
        ({"names": {}}, "names.zh_Hans"), ({"slug": "Pu Tuo!"}, "slug"), ({"slug": "xuhui"}, "slug"),
    ],
)  # fmt: skip
def test_an_area_that_cannot_be_is_refused_by_name(app: Flask, wrong, field) -> None:
    values = {
        "slug": "putuo",
        "names": {"en": "Putuo"},
        "place": "31.25, 121.39",
        "fee": 900,
        "minutes": None,
    }
    with app.app_context(), pytest.raises(Invalid) as refused, writing() as tx:
        shop, _ = shop_and_card(tx)
        areas.keep_area(
            tx, shop, None, **{**values, **wrong}, active=True, sort=0, by=cast.by(tx, "xu"), at=now()
        )
    assert refused.value.field == field


def test_the_shops_own_place_and_pace_are_settings(app: Flask) -> None:
    ride = {"provider": "straight_line", "detour_percent": 135, "km_an_hour": 36}
    with app.app_context():
        with writing() as tx:
            shop, _ = shop_and_card(tx)
            areas.change_way(
                tx, shop, place="31.2248, 121.4443", handling=5, **ride, by=cast.by(tx, "xu"), at=now()
            )
        with reading() as session:
            shop, _ = shop_and_card(session)
            assert way_of(session, shop, delivered()).minutes == 8 + 5, "twice as fast, half the handling"
        with writing() as tx:
            shop, _ = shop_and_card(tx)
            areas.change_way(tx, shop, place="", handling=5, **ride, by=cast.by(tx, "xu"), at=now())
        with reading() as session:
            shop, _ = shop_and_card(session)
            assert list(areas.districts(session, shop)) == ["lujiazui"], "only its minutes are known"
        with pytest.raises(Invalid), writing() as tx:
            areas.change_way(
                tx, shop_and_card(tx)[0], place="x", handling=5, **ride, by=cast.by(tx, "xu"), at=now()
            )
