"""The demo's couriers: something on every screen of theirs, and a play in which they ride."""

from __future__ import annotations

from random import Random

from flask import Flask
from sqlalchemy import select

from shop.delivery.tables import Drop
from shop.orders.tables import Order, OrderState
from shop.upkeep.demo.rides import Riders
from shop.upkeep.demo.stage import Stage
from tests import cast, counter
from tests.shop.delivery import rounds
from web.database import reading, writing
from web.house import keys, now


def test_the_riders_of_a_play_bring_what_is_ready(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            paid, owed = rounds.ordered(tx), rounds.ordered(tx, paid=False)
            for order_id in (paid, owed):
                counter.make(tx, order_id)
            due = tx.get_one(Order, paid).due_at
        riders = Riders(Stage(writing, reading, keys(), Random(1)))
        while now() < due:
            riders.ride(now())
            cast.clock_of(app).pass_by(minutes=1)
        with reading() as session:
            assert set(session.scalars(select(Drop.state))) == {"delivered"}
            assert set(session.scalars(select(Order.state))) == {OrderState.HANDED_OVER}
            assert session.scalars(select(Drop).where(Drop.order_id == owed)).one().cash_taken > 0
