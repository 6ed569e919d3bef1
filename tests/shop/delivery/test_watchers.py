"""Deliveries in trouble: each kind is raised once, repeats, ends by itself and is judged by the hand-over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from shop.core.errors import Conflict, Denied
from shop.core.types import to_minute
from shop.delivery.moves import MOVES
from shop.delivery.tables import Drop, Rider
from shop.delivery.watchers import WATCHERS
from shop.orders.tables import Order
from shop.planning.reservations.floor import Floor
from shop.production import alarms
from shop.production.foresight import Scene
from shop.production.moves.applying import apply, undo
from shop.production.moves.contract import View
from shop.production.tables import Alarm
from shop.production.warnings import Warning_
from tests import cast
from tests.cast import clock_of, person
from tests.counter import shop_and_card
from tests.shop.delivery import rounds
from web.database import reading, writing
from web.house import now


def tick(app: Flask, minutes: float = 0) -> None:
    """Let time pass, and the watchers of deliveries look once."""
    clock_of(app).pass_by(minutes=minutes)
    with app.app_context():
        with reading() as session:
            shop, card = shop_and_card(session)
            changes = alarms.watch(session, shop, card, at=now(), watchers=WATCHERS, moves=MOVES)
        if changes:
            with writing() as tx:
                alarms.keep(tx, shop_and_card(tx)[0], changes, at=now())


def of(app: Flask, kind: str) -> list[Alarm]:
    with app.app_context(), reading() as session:
        return list(session.scalars(select(Alarm).where(Alarm.kind == kind).order_by(Alarm.id)))


def drop(app: Flask, state: str, *, due: int = 30, heard: int = 0, cold: int = 0, gao: bool = True) -> int:
    """A drop in this state, due in so many minutes; the courier's phone was heard ``heard`` minutes ago."""
    with app.app_context(), writing() as tx:
        row = rounds.drop(tx)
        shop = shop_and_card(tx)[0]
        courier = person(tx, "gao").id
        order = tx.get_one(Order, row.order_id)
        order.due_at, order.ready_by = now() + timedelta(minutes=due), now() + timedelta(minutes=due - 20)
        row.state, row.courier_id, row.moved_at = state, courier if gao else None, now()
        row.picked_up_at = now() if state in ("picked_up", "arrived") else None
        row.minutes = 12
        row.out_of_cold_since = now() - timedelta(minutes=cold) if cold else None
        rider = tx.get(Rider, courier) or Rider(staff_id=courier, shop_id=shop.id)
        rider.seen_at = now() - timedelta(minutes=heard)
        tx.add(rider)
        return row.id


def hand_over(app: Flask, key: int, minutes_late: int) -> None:
    with app.app_context(), writing() as tx:
        row = tx.get_one(Drop, key)
        order = tx.get_one(Order, row.order_id)
        row.state, row.ended_at = "delivered", now()
        order.state, order.handed_over_at = "handed_over", order.due_at + timedelta(minutes=minutes_late)


TROUBLE = [
    ("delivery_late", "picked_up", {"due": 0}), ("courier_idle", "claimed", {"due": 5}),
    ("too_warm", "picked_up", {"cold": 130}), ("courier_silent", "picked_up", {"heard": 12}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "state", "how"), TROUBLE)
@pytest.mark.parametrize(("late", "verdict"), [(5, "late"), (-5, "false")])
def test_it_is_raised_repeated_ended_and_judged(
    app: Flask, kind: str, state: str, how: dict[str, int], late: int, verdict: str
) -> None:
    key = drop(app, state, **how)
    tick(app)
    tick(app, 2)
    tick(app, 3)
    assert [(a.repeats, a.ended_at, a.person) for a in of(app, kind)] == [(1, None, "老高 Gao")]
    hand_over(app, key, late)
    tick(app)
    tick(app)
    assert [(a.ended_at is not None, a.verdict) for a in of(app, kind)] == [(True, verdict)]


def test_a_delivery_that_no_courier_takes(app: Flask) -> None:
    key = drop(app, "open", gao=False)
    tick(app)
    assert of(app, "drop_unanswered") == []
    with app.app_context(), writing() as tx:
        tx.get_one(Drop, key).alarmed_at = now()
    tick(app)
    assert [a.subject for a in of(app, "drop_unanswered")] == [f"drop:{key}"]
    with app.app_context(), writing() as tx:
        row = tx.get_one(Drop, key)
        row.state, row.courier_id = "claimed", person(tx, "gao").id
    tick(app)
    assert of(app, "drop_unanswered")[0].ended_at is not None


def test_all_is_well_on_a_way_in_time(app: Flask) -> None:
    drop(app, "picked_up", cold=10)
    tick(app)
    with app.app_context(), reading() as session:
        assert list(session.scalars(select(Alarm))) == []


def test_a_late_delivery_suggests_to_tell_the_customer(app: Flask) -> None:
    drop(app, "picked_up", due=0)
    tick(app)
    assert [m["key"] for m in of(app, "delivery_late")[0].moves] == ["tell_customer"]


def test_a_silent_phone_gives_what_has_not_left_to_another_courier_and_back(app: Flask) -> None:
    key = drop(app, "claimed", due=30, heard=12)
    with app.app_context(), writing() as tx:
        rounds.at_work(tx, "wu")
    tick(app)
    said = of(app, "courier_silent")[0]
    gao = int(said.subject.removeprefix("courier:"))
    give_on, call = [m for m in said.moves if m["key"] != "tell_customer"]
    assert (give_on["key"], call["key"]) == ("give_on", "reached")
    with app.app_context(), writing() as tx:
        shop = shop_and_card(tx)[0]
        by = cast.by(tx, "xu")
        with pytest.raises(Denied):
            apply(tx, shop, said.id, give_on["id"], by=cast.by(tx, "li"), at=now(), moves=MOVES)
        done = apply(tx, shop, said.id, give_on["id"], by=by, at=now(), moves=MOVES).id
        assert (tx.get_one(Drop, key).courier_id, tx.get_one(Drop, key).state) == (
            person(tx, "wu").id, "claimed",
        )  # fmt: skip
        undo(tx, shop, done, by=by, at=now(), moves=MOVES)
        assert tx.get_one(Drop, key).courier_id == gao
        with pytest.raises(Conflict):
            undo(tx, shop, done, by=by, at=now(), moves=MOVES)


def test_a_delivery_that_has_left_since_is_not_given_on(app: Flask) -> None:
    key = drop(app, "claimed", due=30, heard=12)
    with app.app_context(), writing() as tx:
        rounds.at_work(tx, "wu")
    tick(app)
    said = of(app, "courier_silent")[0]
    with app.app_context(), writing() as tx:
        tx.get_one(Drop, key).version += 1
        shop, by = shop_and_card(tx)[0], cast.by(tx, "xu")
        with pytest.raises(Conflict):
            apply(tx, shop, said.id, said.moves[0]["id"], by=by, at=now(), moves=MOVES)


def test_a_courier_who_was_reached_is_asked_after_again_ten_minutes_later(app: Flask) -> None:
    drop(app, "picked_up", due=60, heard=12)
    tick(app)
    said = of(app, "courier_silent")[0]
    call = next(m for m in said.moves if m["key"] == "reached")
    with app.app_context(), writing() as tx:
        shop, by = shop_and_card(tx)[0], cast.by(tx, "xu")
        done = apply(tx, shop, said.id, call["id"], by=by, at=now(), moves=MOVES).id
    tick(app, 1)
    assert of(app, "courier_silent")[0].ended_at is not None
    with app.app_context(), writing() as tx:
        undo(tx, shop_and_card(tx)[0], done, by=cast.by(tx, "xu"), at=now(), moves=MOVES)
    tick(app, 1)
    assert [a.ended_at is None for a in of(app, "courier_silent")] == [False, True]


def given_on(app: Flask, key: int) -> int:
    """Return how many ways there are to give on a drop that will be late."""
    with app.app_context(), reading() as session:
        shop = shop_and_card(session)[0]
        about = Warning_("delivery_late", "tell", 0, subject=f"drop:{key}", chance=100)
        empty = Scene(to_minute(now()), Floor([], []), [], {}, {}, None)
        return len(list(MOVES["give_on"].options(View(session, shop, empty, {}, about, now()))))


def test_no_other_courier_is_asked_while_it_is_the_kitchen_that_is_late(app: Flask) -> None:
    """What waits for its cake arrives no sooner with somebody else, and would go to and fro between the two."""
    key = drop(app, "claimed", due=60)
    with app.app_context(), writing() as tx:
        rounds.at_work(tx, "wu")
    assert given_on(app, key) == 1
    with app.app_context(), writing() as tx:
        order = tx.get_one(Order, tx.get_one(Drop, key).order_id)
        late = Alarm(shop_id=order.shop_id, kind="predicted_late", subject="cake:1", order_id=order.id)
        late.stage = late.person = ""
        late.names, late.chance, late.minutes, late.moves = {}, 100, 30, []
        late.raised_at = late.repeated_at = now()
        tx.add(late)
    assert given_on(app, key) == 0
    with app.app_context(), writing() as tx:
        tx.get_one(Alarm, of(app, "predicted_late")[0].id).ended_at = now()
    assert given_on(app, key) == 1
