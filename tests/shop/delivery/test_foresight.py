"""Deliveries are foreseen to the door: the kitchen, a courier, the stops before, the way, from the shop's own rides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shop.core.types import to_minute
from shop.delivery.board import mine
from shop.delivery.durations import GUESS, Rides, measured
from shop.delivery.foresight import foresee, keep
from shop.delivery.tables import Drop
from shop.delivery.watchers import WATCHERS
from shop.orders.tables import Order
from shop.production import alarms
from tests import cast
from tests.admin.office import english
from tests.counter import shop_and_card
from tests.shop.delivery import rounds
from tests.shop.delivery.test_watchers import of, tick
from web.database import reading, writing
from web.house import now

AT = datetime.fromisoformat("2026-11-21T10:00:00+00:00")
RIDES = Rides(search=(2.0, 2.0), fetch=(3.0, 3.0), way=(0.5, 1.0, 1.5, 2.0), door=(4.0, 4.0))


def minutes(many: float) -> datetime:
    return AT + timedelta(minutes=many)


def stop(
    key: int, state: str = "open", *, due: float, leg: int = 10, order: str = "ready", **more: Any
) -> Any:
    """A stop on the way: its cake is ready unless said otherwise, offered since twenty minutes."""
    drop = SimpleNamespace(
        id=key, state=state, made_at=minutes(-90), arrived_at=more.get("arrived"), chance=None
    )
    asked = SimpleNamespace(id=key, due_at=minutes(due), ready_by=minutes(20), state=order)
    return SimpleNamespace(drop=drop, order=asked, leg=leg, left=more.get("left"))


def chances(
    waiting: Sequence[Any] = (), tour: Sequence[Any] = (), ends: dict[int, list[float]] | None = None
) -> dict[int, float]:
    seen: dict[int, Any] = {
        key: SimpleNamespace(order_id=key, ends=runs) for key, runs in (ends or {}).items()
    }
    tours: list[Any] = [SimpleNamespace(stops=tour)] if tour else []
    return foresee(waiting, tours, seen, RIDES, at=AT)


def test_an_open_delivery_waits_for_a_courier_and_for_the_kitchen() -> None:
    assert chances([stop(1, due=40)]) == {1: 0.0} and chances([stop(1, due=9)]) == {1: 1.0}
    half = chances([stop(1, due=2 + 3 + 12.5 + 4)])[1]
    assert 0.3 < half < 0.7
    now_ = to_minute(AT)
    late_in_half = [now_ + (20.0 if run % 2 else 60.0) for run in range(40)]
    baking = stop(1, due=50, order="in_production")
    assert chances([baking], ends={1: late_in_half})[1] == pytest.approx(0.5, abs=0.05)
    assert chances([baking], ends={1: [now_ + 90.0] * 40}) == {1: 1.0}


def test_the_stops_before_it_and_what_is_already_ridden_count() -> None:
    near, far = stop(1, "claimed", due=60), stop(2, "claimed", due=33)
    after, first = chances(tour=[near, far])[2], chances(tour=[far])[2]
    assert after > first + 0.2
    out = stop(3, "picked_up", due=8, left=minutes(-10))
    assert 0 < chances(tour=[out])[3] < chances(tour=[stop(3, "picked_up", due=8, left=AT)])[3]
    there = stop(4, "arrived", due=5, arrived=minutes(-1))
    assert chances(tour=[there]) == {4: 0.0}


def ridden(app: Flask, many: int, *, way: float) -> Rides:
    """Bring so many orders, each ``way`` times as long on the way as planned; returns what is measured."""
    with app.app_context(), writing() as tx:
        first = rounds.drop(tx)
        gao = cast.person(tx, "gao").id
        row, shop = tx.get_one(Drop, first.id), shop_and_card(tx)[0]
        order = tx.get_one(Order, row.order_id)
        columns = [c.name for c in Drop.__table__.columns if c.name not in ("id", "order_id")]
        orders = [
            c.name
            for c in Order.__table__.columns
            if c.name not in ("id", "external_id", "counter", "token_hash", "ref")
        ]
        for n in range(many):
            copy = Order(**{name: getattr(order, name) for name in orders}, external_id=f"r{n}", counter=500 + n,
                         token_hash=f"t{n}")  # fmt: skip
            copy.counter_code = f"z{n:04d}"
            copy.ready_at = copy.ready_by
            tx.add(copy)
            tx.flush()
            done = Drop(**{name: getattr(row, name) for name in columns}, order_id=copy.id)
            left = copy.ready_by + timedelta(minutes=6, hours=n)
            copy.ready_at = left - timedelta(minutes=6)
            done.state, done.courier_id, done.minutes = "delivered", gao, 20
            done.claimed_at, done.picked_up_at = left - timedelta(minutes=9), left
            done.arrived_at = left + timedelta(minutes=20 * way)
            done.ended_at = done.arrived_at + timedelta(minutes=7)
            tx.add(done)
        tx.flush()
        return measured(tx, shop, since=now() - timedelta(days=90))


def test_what_the_shop_has_ridden_says_how_long_it_takes(app: Flask) -> None:
    few = ridden(app, 3, way=2.0)
    assert (few.way, few.door) == (GUESS["way"], GUESS["door"]), "three rides say nothing yet"


def test_twenty_rides_are_believed(app: Flask) -> None:
    rides = ridden(app, 20, way=2.0)
    assert rides.way[0] == rides.way[-1] == 2.0 and rides.door[10] == 7.0 and rides.fetch[10] == 6.0


def test_a_delivery_that_will_probably_be_late_is_warned_of_and_stands_on_the_board(
    app: Flask, client: FlaskClient
) -> None:
    with app.app_context(), writing() as tx:
        row = rounds.claimed(tx, "gao")
        rounds.at_work(tx, "gao")
        order = tx.get_one(Order, row.order_id)
        order.ready_by = now() - timedelta(minutes=1)
        tx.flush()
        there = mine(tx, shop_and_card(tx)[0], cast.person(tx, "gao").id, at=now())[0].eta
        order.due_at = there + timedelta(minutes=4)
    tick(app)
    said = of(app, "delivery_late")[0]
    assert 50 <= said.chance < 100 and said.minutes == 0, "fetching it and the door are not in the plan"
    assert said.person == "老高 Gao"
    with app.app_context(), writing() as tx:
        shop, card = shop_and_card(tx)
        changes = alarms.watch(tx, shop, card, at=now(), watchers=WATCHERS)
        assert set(changes.rides) == {row.id}
        keep(tx, shop, changes.rides, at=now())
        tx.expire_all()
        assert not alarms.watch(tx, shop, card, at=now(), watchers=WATCHERS).rides, (
            "nothing new to write down"
        )
    board = cast.sign_in(english(client), "xu").get("/admin/dispatch/part").get_data(as_text=True)
    assert f"{said.chance}% likely to be late" in board


def test_who_has_set_out_is_not_always_just_leaving_the_shop(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        row = rounds.claimed(tx, "gao")
        row.state, row.picked_up_at, row.minutes = "picked_up", now() - timedelta(minutes=5), 12
        shop = shop_and_card(tx)[0]
        gao = cast.person(tx, "gao").id
    with app.app_context(), reading() as session:
        at, ten = now(), timedelta(minutes=10)
        first, later = (mine(session, shop, gao, at=moment)[0] for moment in (at, at + ten))
        assert first.left == at - timedelta(minutes=5) and first.eta == max(
            at, first.left + timedelta(minutes=first.leg)
        )
        assert later.eta == max(at + ten, first.eta), "the longer they ride, the nearer they are"
