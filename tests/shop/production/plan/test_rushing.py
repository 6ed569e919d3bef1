"""What if an order came first: who slips is shown without a trace, and done exactly so, or refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from shop.core.errors import Conflict, Invalid
from shop.core.events import Event
from shop.menu.card import cached_card
from shop.orders.cart import price_cart
from shop.orders.placing import place
from shop.orders.promise import cakes_of
from shop.orders.tables import Order
from shop.planning.kitchen.checker import faults
from shop.production.plan.named import named
from shop.production.plan.picture import take
from shop.production.plan.rushing import WhatIf, if_ordered, if_rushed, make_room, rush_in
from shop.tables import Base
from tests import cast, counter
from tests.counter import shop_and_card
from web.database import db, reading, writing
from web.house import keys, now

SOON = cast.SATURDAY + timedelta(hours=2, minutes=20)


def full_morning(app: Flask) -> list[int]:
    """Order cakes for as soon as possible until the hands of the morning are full."""
    orders = []
    for _ in range(7):
        with app.app_context(), writing() as tx:
            orders.append(counter.order(tx, counter.cart("fruit", 8)).order_id)
    return orders


def everything(app: Flask) -> dict[str, list[str]]:
    with app.app_context(), db.engine.connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in Base.metadata.sorted_tables
        }


def what_if(app: Flask) -> WhatIf:
    with app.app_context(), reading() as session:
        shop, card = shop_and_card(session)
        lines = price_cart(card, counter.cart("fruit", 8)).lines
        return if_ordered(session, shop, cakes_of(lines), SOON, at=now())


def overbook(app: Flask, shown: str) -> int:
    with app.app_context(), writing() as tx:
        shop = shop_and_card(tx)[0]
        cart = counter.cart("fruit", 8)
        cart.due_at = SOON
        by = cast.by(tx, "xu")
        made = place(tx, keys(), shop, cached_card(tx, shop), cart, channel="counter", by=by, at=now(),
                     overbook_reason="a wedding")  # fmt: skip
        make_room(tx, shop, made.order_id, shown=shown, by=by, at=now())
        return made.order_id


def ends(app: Flask) -> dict[int, Any]:
    with app.app_context(), reading() as session:
        orders = session.scalars(select(Order.id).order_by(Order.id)).all()
        return {key: max(task.planned_end for task in counter.tasks(session, key)) for key in orders}


def test_a_full_time_shows_who_slips_and_leaves_no_trace(app_both: Flask) -> None:
    orders = full_morning(app_both)
    before = everything(app_both)
    found = what_if(app_both)
    assert everything(app_both) == before
    assert found.done is not None and found.done <= SOON
    assert found.slips and {slip.order_id for slip in found.slips} <= set(orders)
    assert all(slip.minutes > 0 for slip in found.slips) and found.late == [
        s for s in found.slips if s.gets_late
    ]


def test_of_an_order_with_several_cakes_it_says_which_slip(app: Flask) -> None:
    for _ in range(4):
        with app.app_context(), writing() as tx:
            counter.order(tx, counter.cart("fruit", 8, quantity=2))
    found = what_if(app)
    assert found.slips
    for slip in found.slips:
        assert 1 <= len(slip.cakes) <= 2 and max(then for *_, then in slip.cakes) <= slip.now
    with app.app_context(), reading() as session:
        cakes = named(session, {cake for slip in found.slips for cake, *_ in slip.cakes})
    for slip in found.slips:
        called = [cakes[cake] for cake, *_ in slip.cakes]
        assert {each.number for each in called} == {slip.number}
        assert all(each.of == 2 and each.nth in (1, 2) for each in called)


def test_it_is_done_as_it_was_shown(app_both: Flask) -> None:
    full_morning(app_both)
    before = ends(app_both)
    found = what_if(app_both)
    mine = overbook(app_both, found.shown)
    after = ends(app_both)
    assert after[mine] <= SOON
    slipped = {slip.order_id: slip.minutes for slip in found.slips}
    assert slipped == {
        key: (after[key] - was).total_seconds() // 60 for key, was in before.items() if after[key] > was
    }
    with app_both.app_context(), reading() as session:
        fresh = take(session, shop_and_card(session)[0], at=now())
        assert faults(fresh.floor, fresh.jobs, {job.id: job.laid for job in fresh.jobs}) == []


def test_what_was_not_shown_is_refused_and_nothing_is_placed(app: Flask) -> None:
    full_morning(app)
    before = everything(app)
    with pytest.raises(Conflict):
        overbook(app, "")
    assert everything(app) == before


def test_an_order_that_has_time_rushes_without_harm(app: Flask) -> None:
    full_morning(app)
    with app.app_context(), writing() as tx:
        placed = counter.order(tx, due_at=cast.SATURDAY + timedelta(days=4, hours=6)).order_id
    was = ends(app)
    with app.app_context(), writing() as tx:
        shop, order = shop_and_card(tx)[0], tx.get_one(Order, placed)
        found = if_rushed(tx, shop, order, at=now())
        assert found.slips == [] and found.done is not None and found.done <= order.ready_by
        with pytest.raises(Invalid):
            rush_in(tx, shop, order, reason=" ", shown="", by=cast.by(tx, "mei"), at=now())
        rush_in(tx, shop, order, reason="birthday", shown="", by=cast.by(tx, "mei"), at=now())
    assert ends(app) == was
    with app.app_context(), reading() as session:
        assert session.get_one(Order, placed).urgent
        line = session.scalars(select(Event).where(Event.kind == "order_rushed")).one()
        assert line.data["reason"] == "birthday"
