"""A question is answered at once; who asks again hears what was found meanwhile, if it still holds."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import CUSTOMER
from shop.core.events import Event
from shop.core.types import to_minute
from shop.orders import afterthought, promise
from shop.orders.cart import price_cart
from shop.orders.tables import SlotHold
from shop.production import work
from tests import cast
from tests.counter import cart, clock, order, shop_and_card, task, tasks
from tests.kitchenbook import broken
from tests.thoughts import full
from web.database import reading, writing
from web.house import now
from web.thinker import Thinker


def asks(session: Session) -> datetime:
    shop, card = shop_and_card(session)
    earliest = promise.quote(session, shop, card, price_cart(card, cart()).lines, at=now()).earliest
    assert earliest is not None
    return earliest


def told() -> datetime:
    with reading() as session:
        return asks(session)


def holds(due: datetime) -> SlotHold:
    with writing() as tx:
        shop, card = shop_and_card(tx)
        promise.hold(tx, shop, card, "FIRST", price_cart(card, cart()).lines, due, by=CUSTOMER, at=now())
    with reading() as session:
        return session.scalars(select(SlotHold)).one()


def test_who_asks_again_hears_a_sooner_time_and_can_have_it(
    app_both: Flask, asked: list[str], thinker: Thinker
) -> None:
    with app_both.app_context():
        full()
        first = told()
        assert asked and told() == first, "nobody has thought yet"
        assert thinker.look() == "sooner" and thinker.look() == "nothing"
        sooner = told()
        assert sooner < first
        with reading() as session:
            assert not session.scalars(select(Event).where(Event.kind == "plan_changed")).all(), (
                "only a thought"
            )
        kept = holds(sooner)
        assert to_minute(kept.due_at) == to_minute(sooner)
        with reading() as session:
            shop, _ = shop_and_card(session)
            assert session.scalars(select(Event).where(Event.kind == "plan_changed")).all(), (
                "now they have moved"
            )
            assert broken(session, shop) == []


def test_the_times_of_the_day_know_it_too(app: Flask, asked: list[str], thinker: Thinker) -> None:
    with app.app_context():
        full()
        first = told()
        thinker.look()
        with reading() as session:
            shop, card = shop_and_card(session)
            lines = price_cart(card, cart()).lines
            slots = promise.times_on(session, shop, card, lines, shop.business_date(now()), at=now())
        assert min(slot.at for slot in slots if slot.free) < first


def test_a_thought_that_holds_no_longer_is_not_told(app: Flask, asked: list[str], thinker: Thinker) -> None:
    with app.app_context():
        full()
        first = told()
        thinker.look()
        assert told() < first
        clock(app).pass_by(minutes=6)
        assert told() >= first, "it began some minutes after it was asked for"
        assert thinker.look() == "sooner", "so it is thought over anew"


def test_a_thought_outlives_what_others_do_elsewhere(app: Flask, asked: list[str], thinker: Thinker) -> None:
    with app.app_context():
        full()
        first = told()
        thinker.look()
        sooner = told()
        with writing() as tx:
            placed = order(tx, due_at=now() + timedelta(days=1))
            bake = task(tx, placed.order_id, "bake")
            work.start(tx, shop_and_card(tx)[0], bake.id, bake.version, by=cast.by(tx, "li"), at=now())
        assert tasks(tx, placed.order_id) and told() == sooner < first


def test_where_nobody_thinks_nothing_is_kept(app: Flask) -> None:
    with app.app_context():
        full()
        told()
        assert afterthought.next_question() is None


def test_only_the_last_questions_wait(app: Flask, asked: list[str]) -> None:
    with app.app_context():
        full()
        for inch in (6, 8, 10, 12):
            for count in (1, 2, 3):
                with reading() as session:
                    shop, card = shop_and_card(session)
                    lines = price_cart(card, cart(inch=inch, quantity=count)).lines
                    promise.quote(session, shop, card, lines, at=now())
        waiting = 0
        while afterthought.next_question() is not None:
            waiting += 1
        assert waiting == afterthought.MOST
