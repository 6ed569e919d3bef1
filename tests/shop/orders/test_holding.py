"""A held time is the shop's word: its places are its own, and whoever orders while it is held is not refused."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import CUSTOMER
from shop.core.errors import SlotTaken
from shop.core.events import Event
from shop.core.types import to_minute
from shop.orders import opentasks, promise, soonest
from shop.orders.cart import Cart, price_cart
from shop.orders.placing import Placed, place
from shop.orders.tables import SlotHold
from tests.counter import cart, clock, order, shop_and_card, task, tasks
from tests.kitchenbook import broken
from web.database import reading, writing
from web.house import keys, now

CUSTOMERS = ("FIRST", "SECOND", "THIRD", "FOURTH")


def full(app: Flask, cakes: int = 10) -> datetime:
    """Fill the early afternoon, so that the earliest time needs the place of other work; returns that time."""
    with writing() as tx:
        for _ in range(cakes):
            order(tx, due_at=now() + timedelta(hours=4))
    with reading() as session:
        return asks(session)


def asks(session: Session) -> datetime:
    shop, card = shop_and_card(session)
    earliest = promise.quote(session, shop, card, price_cart(card, cart()).lines, at=now()).earliest
    assert earliest is not None
    return earliest


def holds(draft: str, due: datetime) -> None:
    with writing() as tx:
        shop, card = shop_and_card(tx)
        promise.hold(tx, shop, card, draft, price_cart(card, cart()).lines, due, by=CUSTOMER, at=now())


def orders(draft: str, due: datetime, what: Cart | None = None) -> Placed:
    with writing() as tx:
        shop, card = shop_and_card(tx)
        what = what or cart()
        what.due_at = due
        return place(tx, keys(), shop, card, what, channel="kiosk", by=CUSTOMER, at=now(), draft_code=draft)


def restart() -> None:
    """Forget what a process keeps in its memory."""
    opentasks.forget()
    soonest._kept.clear()


def held_by_all(app: Flask) -> dict[str, datetime]:
    """Let all be told the same time, and hold it one after the other; returns what each of them holds."""
    told, held, refused = full(app), dict[str, datetime](), 0
    for draft in CUSTOMERS:
        try:
            holds(draft, told)
            held[draft] = told
        except SlotTaken as taken:
            refused += 1
            held[draft] = taken.params["earliest"]
            holds(draft, held[draft])
    assert 0 < refused < len(CUSTOMERS), "some are too late, and hear it when they choose"
    return held


def moves(session: Session) -> list[Event]:
    return list(session.scalars(select(Event).where(Event.kind == "plan_changed")))


def test_who_holds_a_time_gets_it_whoever_else_was_told_the_same(app_both: Flask) -> None:
    with app_both.app_context():
        held = held_by_all(app_both)
        with reading() as session:
            shop, _ = shop_and_card(session)
            assert moves(session), "what was in the way has moved for the hold, not only for the order"
            assert broken(session, shop) == []
        restart()
        for draft in reversed(CUSTOMERS):
            orders(draft, held[draft])
        with reading() as session:
            assert broken(session, shop) == []
            assert {e.actor_kind for e in moves(session)} == {"customer"}


def test_a_hold_that_moves_nothing_away_breaks_the_rules(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Teeth: keep only the own places, as if what stands in them were going to move later."""
    monkeypatch.setattr(promise, "write_moves", lambda *args, **named: 0)
    with app.app_context():
        full(app)
        with reading() as session:
            shop, _ = shop_and_card(session)
            due = asks(session)
        holds("FIRST", due)
        with reading() as session:
            assert broken(session, shop)


def test_a_slow_customer_keeps_the_earliest_time(app: Flask) -> None:
    """Nine minutes at the till: what should have begun meanwhile begins later, out of the spare minutes."""
    with app.app_context():
        with reading() as session:
            due = asks(session)
        holds("MINE", due)
        clock(app).pass_by(minutes=9)
        with pytest.raises(SlotTaken):
            orders("ANOTHER", due)
        with pytest.raises(SlotTaken):
            holds("MINE", due)  # nobody stretches their ten minutes
        made = orders("MINE", due)
        with reading() as session:
            assert task(session, made.order_id, "bake").planned_start >= now()
            assert task(session, made.order_id, "box").planned_end <= due


def test_late_work_does_not_take_what_is_held(app: Flask) -> None:
    """What the kitchen has not begun in time goes elsewhere: the held places stay for whoever holds them."""
    with app.app_context():
        with writing() as tx:
            for _ in range(6):
                order(tx, due_at=now() + timedelta(hours=3))
        clock(app).pass_by(minutes=20)
        with reading() as session:
            due = asks(session) + timedelta(minutes=30)
        holds("MINE", due)
        with reading() as session:
            (hold,) = session.scalars(select(SlotHold))
        clock(app).pass_by(minutes=9)
        made = orders("MINE", due)
        with reading() as session:
            begun = [(to_minute(t.planned_start), t.planned_for) for t in tasks(session, made.order_id)]
            assert begun == [(row[3], row[8]) for row in hold.plan]


def test_other_cakes_than_those_held_are_asked_for_anew(app: Flask) -> None:
    with app.app_context():
        with reading() as session:
            due = asks(session)
        holds("MINE", due)
        with pytest.raises(SlotTaken):
            orders("MINE", due, cart(inch=12))
        with pytest.raises(SlotTaken):
            orders("MINE", due, cart(quantity=2, inch=10))
        assert orders("MINE", due).number == "A-001"
