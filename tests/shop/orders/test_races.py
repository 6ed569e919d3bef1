"""Fifty customers at once (trust.md T4): what is scarce is never sold twice, on both databases.

Twenty rounds here; the long form (``FAIRSLICE_LONG=1``) runs two hundred. The teeth test switches the check
inside the transaction off and must oversell.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from shop.core.actors import CUSTOMER
from shop.core.errors import Conflict, SlotTaken
from shop.core.events import Event
from shop.menu.card import MenuCard
from shop.menu.tables import Station
from shop.orders import opentasks, placing, promise
from shop.orders.cart import Cart, PricedLine, price_cart
from shop.orders.load import load_kitchen
from shop.orders.numbers import next_number
from shop.orders.placing import place
from shop.orders.tables import Cake, Line, Order, OrderCounter, SlotHold
from shop.people.shops import Shop
from shop.production import work
from shop.production.tables import Task, TaskState
from tests import cast
from tests.counter import cart, delivered, order, shop_and_card, task
from tests.kitchenbook import broken
from tests.shop.orders.test_delivery import TO_XUHUI
from web.database import reading, writing
from web.house import keys, now

pytestmark = pytest.mark.xdist_group("alone")
CUSTOMERS = 50
ROUNDS = 200 if os.environ.get("FAIRSLICE_LONG") else 20


def all_at_once(app: Flask, what: Callable[[int], None], people: int = CUSTOMERS) -> list[BaseException]:
    """Let ``people`` do something behind one barrier; returns what went wrong."""
    barrier, wrong = threading.Barrier(people), []

    def one(n: int) -> None:
        with app.app_context():
            try:
                barrier.wait(60)
                what(n)
            except BaseException as error:
                wrong.append(error)

    threads = [threading.Thread(target=one, args=(n,)) for n in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return wrong


def buy(shop: Shop, card: MenuCard, due: datetime, n: int, what: Callable[[], Cart] = cart) -> None:
    """Be the ``n``th customer who wants ``what`` at a time; by default a strawberry cake."""
    wanted = replace(what(), due_at=due)
    with writing() as tx:
        place(tx, keys(), shop, card, wanted, channel="kiosk", by=CUSTOMER, at=now())


def forget_orders(tx: Session) -> None:
    for table in (SlotHold, Task, Cake, Line, Order):
        tx.execute(delete(table))
    opentasks.forget()  # no line of the diary tells of this


def test_the_last_slot_is_sold_to_those_it_holds_and_no_more(app_both: Flask) -> None:
    with app_both.app_context():
        sold = []
        for _ in range(ROUNDS):
            with writing() as tx:
                forget_orders(tx)
                shop, card = shop_and_card(tx)
            due = now() + timedelta(hours=2, minutes=30)

            wrong = all_at_once(app_both, partial(buy, shop, card, due))
            assert all(isinstance(error, SlotTaken) for error in wrong), wrong
            with reading() as session:
                orders = session.scalars(select(Order.id)).all()
                assert len(orders) == CUSTOMERS - len(wrong) > 0
                assert broken(session, shop) == []
            sold.append(len(orders))
        assert len(set(sold)) == 1, "the same kitchen takes the same number every time"
        with reading() as session:
            seqs = session.scalars(select(Event.seq).order_by(Event.seq)).all()
            assert list(seqs) == list(range(1, len(seqs) + 1))


def test_without_the_check_inside_the_transaction_the_kitchen_is_oversold(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Teeth: let every customer believe what the kitchen looked like before the rush."""
    with app.app_context():
        with reading() as session:
            shop, card = shop_and_card(session)
            before = load_kitchen(session, shop, card, at=now())
        monkeypatch.setattr(promise, "load_kitchen", lambda *args, **kwargs: before)

        def buy(n: int) -> None:
            what = cart()
            what.due_at = now() + timedelta(hours=2, minutes=30)
            with writing() as tx:
                place(tx, keys(), shop, card, what, channel="kiosk", by=CUSTOMER, at=now())

        assert all_at_once(app, buy) == []
        with reading() as session:
            assert broken(session, shop)


def test_no_two_open_orders_are_called_by_the_same_number(app_both: Flask) -> None:
    """Fifty draw one at once while every second number of the day is still carried by an order of yesterday."""
    with app_both.app_context():
        with writing() as tx:
            shop, _ = shop_and_card(tx)
            old = [order(tx).order_id for _ in range(10)]
            for nth, one in enumerate(old):
                number = {
                    "counter": 2 * nth + 2,
                    "business_date": shop.business_date(now()) - timedelta(days=1),
                }
                tx.execute(update(Order).where(Order.id == one).values(number))
            tx.execute(delete(OrderCounter))

        numbers: list[int] = []

        def draw(n: int) -> None:
            with writing() as tx:
                promise.lock_kitchen(tx, shop)
                numbers.append(next_number(tx, shop, shop.business_date(now()), "A"))

        assert all_at_once(app_both, draw) == []
        carried = set(range(2, 22, 2))
        expected = [number for number in range(1, CUSTOMERS + 11) if number not in carried]
        assert sorted(numbers) == expected, "each once, and only those left out that are carried"


def test_a_held_time_cannot_be_had_twice(app_both: Flask) -> None:
    with app_both.app_context():
        with reading() as session:
            shop, card = shop_and_card(session)
        due = now() + timedelta(hours=2, minutes=30)
        for _ in range(max(2, ROUNDS // 5)):
            with writing() as tx:
                forget_orders(tx)

            def keep(n: int) -> None:
                with writing() as tx:
                    lines = promise_lines(card)
                    promise.hold(tx, shop, card, f"D{n}", lines, due, by=CUSTOMER, at=now())

            wrong = all_at_once(app_both, keep)
            assert all(isinstance(error, SlotTaken) for error in wrong), wrong
            with reading() as session:
                assert len(session.scalars(select(SlotHold)).all()) == CUSTOMERS - len(wrong) > 0
                assert broken(session, shop) == []


def buy_or_order_home(shop: Shop, card: MenuCard, ready_by: datetime, n: int) -> None:
    brought = n % 2
    due = ready_by + timedelta(minutes=TO_XUHUI if brought else 0)
    buy(shop, card, due, n, delivered if brought else cart)


def test_the_last_room_of_the_kitchen_goes_to_a_door_or_to_the_counter_never_to_both(app_both: Flask) -> None:
    """Half of the customers want it brought at a time, half fetch it when the courier would leave."""
    with app_both.app_context():
        sold = []
        for _ in range(3):
            with writing() as tx:
                forget_orders(tx)
                shop, card = shop_and_card(tx)
            ready_by = now() + timedelta(hours=2, minutes=30)

            wrong = all_at_once(app_both, partial(buy_or_order_home, shop, card, ready_by), 30)
            assert all(isinstance(error, SlotTaken) for error in wrong), wrong
            with reading() as session:
                sold.append(len(session.scalars(select(Order.id)).all()))
                assert sold[-1] == 30 - len(wrong) > 0
                assert broken(session, shop) == []
        assert len(set(sold)) == 1


def promise_lines(card: MenuCard) -> list[PricedLine]:
    return price_cart(card, cart()).lines


def test_the_last_oven_trays_are_taken_once(app_both: Flask) -> None:
    """With one tray, the oven decides."""
    with app_both.app_context():
        for _ in range(max(2, ROUNDS // 4)):
            with writing() as tx:
                forget_orders(tx)
                tx.execute(update(Station).where(Station.slug == "oven").values(places=1, units=1))
                tx.flush()
                shop, card = shop_and_card(tx)
            due, what = now() + timedelta(hours=3), partial(cart, "cheesecake", 6)
            wrong = all_at_once(app_both, partial(buy, shop, card, due, what=what), 20)
            assert all(isinstance(error, SlotTaken) for error in wrong), wrong
            with reading() as session:
                assert broken(session, shop) == []
                assert session.scalars(select(Order.id)).all()


def test_one_of_twenty_bakers_starts_the_cake(app_both: Flask) -> None:
    with app_both.app_context():
        with writing() as tx:
            shop, _ = shop_and_card(tx)
            bake = task(tx, order(tx).order_id, "bake")
            bakers = [cast.by(tx, login) for login in ("li", "zhang", "zhao", "sun")]

        def tap(n: int) -> None:
            with writing() as tx:
                work.start(tx, shop, bake.id, bake.version, by=bakers[n % 4], at=now())

        wrong = all_at_once(app_both, tap, 20)
        assert len(wrong) == 19 and all(isinstance(error, Conflict) for error in wrong), wrong
        with reading() as session:
            started = session.scalars(select(Event).where(Event.kind == "task_started")).all()
            assert len(started) == 1
            assert session.get_one(Task, bake.id).state == TaskState.RUNNING


def test_without_the_version_two_bakers_start_the_same_cake(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Teeth: a change that does not compare lets everybody win."""

    def careless(tx: Session, each: Task, version: int, was: TaskState, to: TaskState, **values: Any) -> None:
        each.state = to
        each.version += 1
        tx.flush()

    with app.app_context():
        with writing() as tx:
            shop, _ = shop_and_card(tx)
            bake = task(tx, order(tx).order_id, "bake")
            li = cast.by(tx, "li")
        monkeypatch.setattr(work, "_change", careless)

        def tap(n: int) -> None:
            with writing() as tx:
                work.start(tx, shop, bake.id, bake.version, by=li, at=now())

        assert all_at_once(app, tap, 5) == []


@pytest.mark.postgres
def test_without_the_lock_postgres_oversells(app_postgres: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Teeth: several writers at once need the lock on the stations."""
    for where in (promise, placing):
        monkeypatch.setattr(where, "lock_kitchen", lambda tx, shop: None)
    with app_postgres.app_context():
        for _ in range(20):
            with writing() as tx:
                forget_orders(tx)
                shop, card = shop_and_card(tx)
            all_at_once(app_postgres, partial(buy, shop, card, now() + timedelta(hours=2, minutes=30)))
            with reading() as session:
                if broken(session, shop):
                    return
        pytest.fail("twenty rounds without the lock oversold nothing: the guard guards nothing")
