"""Every order has a partner who answers for it: by rule when it is placed, by hand with a reason afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.errors import Conflict, Invalid
from shop.core.events import Event
from shop.core.permissions import Role
from shop.orders.partner import RULES, change_partner, change_rules, partner_for, partners
from shop.orders.searching import search
from shop.orders.tables import Order
from shop.people.shops import Shop
from tests import cast, counter
from tests.admin.office import english, made, post
from web.database import reading, writing
from web.house import keys, now

EVERY = [rule.key for rule in RULES]


def choose(tx: Session, shop: Shop, rules: list[str], **duties: dict[str, int]) -> None:
    change_rules(
        tx, shop, rules=rules, weekdays=duties.get("weekdays", {}), channels=duties.get("channels", {}),
        by=cast.by(tx, "chen"), at=now(),
    )  # fmt: skip


def test_the_rules_are_asked_in_turn(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        lin, wang, zhou, mei = (cast.person(tx, login).id for login in ("lin", "wang", "zhou", "mei"))
        assert list(partners(tx, shop)) == sorted([lin, wang, zhou]), (
            "an owner only where there is no partner"
        )

        def who(login: str = "mei", channel: str = "kiosk", days: int = 0) -> tuple[int | None, str]:
            by, at = cast.by(tx, login), now() + timedelta(days=days)
            return partner_for(tx, shop, channel=channel, by=by, at=at)

        duties = {"weekdays": {"5": wang, "6": mei}, "channels": {"kiosk": zhou}}
        with pytest.raises(Invalid) as wrong:
            choose(tx, shop, EVERY, **duties)
        assert wrong.value.field == "weekday.6", "a clerk is no partner"
        choose(tx, shop, EVERY, weekdays={"5": wang}, channels={"kiosk": zhou})
        assert who("lin") == (lin, "taker"), "who took the order"
        assert who() == (wang, "weekday"), "Saturday is Wang's"
        assert who(days=1) == (zhou, "channel"), "on Sunday nobody has the duty, so the channel decides"
        assert who(channel="phone", days=1) == (lin, "turn")
        choose(tx, shop, [])
        assert who() == (lin, "first"), "with every rule off it is the first partner"
        cast.person(tx, "lin").active = False
        assert who() == (wang, "first"), "not one who has left"


def test_in_turn_means_the_fewest_of_the_day(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            choose(tx, counter.shop_and_card(tx)[0], ["turn"])
        for _ in range(4):
            made(app)
        with reading() as session:
            shop = counter.shop_and_card(session)[0]
            lin, wang, zhou = partners(session, shop)
            assert list(session.scalars(select(Order.partner_id).order_by(Order.id))) == [
                lin,
                wang,
                zhou,
                lin,
            ]
            placed = session.scalars(
                select(Event).where(Event.kind == "order_placed").order_by(Event.seq)
            ).all()
            assert [(e.data["partner"], e.data["rule"]) for e in placed] == [
                (lin, "turn"), (wang, "turn"), (zhou, "turn"), (lin, "turn"),
            ]  # fmt: skip
            hers = search(session, keys(), shop, at=now(), partner_id=wang)
            assert [found.order.partner_id for found in hers] == [wang]


def test_another_partner_needs_a_reason_and_is_in_the_diary(app: Flask) -> None:
    order_id = made(app).order_id
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        row, xu = tx.get_one(Order, order_id), cast.by(tx, "xu")
        was, wang, mei = row.partner_id, cast.person(tx, "wang").id, cast.person(tx, "mei").id
        assert was is not None and was != wang
        for staff_id, reason, field in ((wang, " ", "reason"), (mei, "x", "partner"), (0, "x", "partner")):
            with pytest.raises(Invalid) as wrong:
                change_partner(tx, shop, row, staff_id, by=xu, at=now(), reason=reason)
            assert wrong.value.field == field
        with pytest.raises(Conflict):
            change_partner(tx, shop, row, was, by=xu, at=now(), reason="x")
        change_partner(tx, shop, row, wang, by=xu, at=now(), reason="Lin is on holiday")
    with app.app_context(), reading() as session:
        told = session.scalars(select(Event).where(Event.kind == "partner_changed")).one()
        assert (told.order_id, told.actor_id) == (order_id, cast.person(session, "xu").id)
        assert told.data == {"partner": wang, "before": was, "reason": "Lin is on holiday"}


def test_the_sheet_the_list_and_a_partners_own_orders(app: Flask) -> None:
    order_id = made(app).order_id
    with app.app_context(), reading() as session:
        wang = cast.person(session, "wang")
        order = session.get_one(Order, order_id)
        was = partners(session, counter.shop_and_card(session)[0])[order.partner_id or 0]
        number, wang_id = order.number, wang.id
    xu = english(cast.sign_in(app.test_client(), "xu"))
    sheet = xu.get(f"/admin/orders/{order_id}").get_data(as_text=True)
    assert f"Accountable: {was}" in sheet and "their turn" in sheet
    answer = post(xu, f"/admin/orders/{order_id}/partner", partner=wang_id, reason="holiday")
    assert answer.status_code == 303, answer.get_data(as_text=True)
    sheet = xu.get(f"/admin/orders/{order_id}").get_data(as_text=True)
    assert "Accountable: 王 Wang" in sheet and "Accountable partner changed" in sheet and "holiday" in sheet
    assert number in xu.get(f"/admin/orders?partner={wang_id}").get_data(as_text=True)
    assert number not in xu.get("/admin/orders?partner=999").get_data(as_text=True)
    his = english(cast.sign_in(app.test_client(), "wang")).get("/admin/my-orders").get_data(as_text=True)
    assert "My orders" in his and number in his
    assert "My orders" not in xu.get("/admin/").get_data(as_text=True), "a manager answers for none"


def test_the_rules_are_settings(app: Flask) -> None:
    chen = english(cast.sign_in(app.test_client(), "chen"))
    with app.app_context(), reading() as session:
        wang = cast.person(session, "wang").id
    answer = post(chen, "/admin/shop/partners", rules="weekday", **{"weekday__5": wang})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    order_id = made(app).order_id
    with app.app_context(), reading() as session:
        assert session.get_one(Order, order_id).partner_id == wang
        assert cast.person(session, "chen").role == Role.OWNER
