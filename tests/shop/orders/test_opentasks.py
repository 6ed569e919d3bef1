"""The kitchen kept in memory is the kitchen in the tables, whatever happens in between (both databases)."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.core.actors import CUSTOMER
from shop.core.errors import ShopError
from shop.core.events import Event, record
from shop.orders import load, opentasks, progress, promise
from shop.orders.cart import price_cart
from shop.orders.changing import change_line
from shop.orders.tables import Cake, Line, Order
from shop.planning.reservations.book import Book
from shop.production import work
from shop.production.tables import Task, TaskState
from tests import cast
from tests.counter import cart, clock, order, shop_and_card
from web.database import reading, writing
from web.house import now

Levels = list[object]


def levels(book: Book) -> Levels:
    """Return who stands where, and what is left of each person and in each room when."""
    jobs = sorted((job.id, job.locked, job.due, job.steps, tuple(job.laid)) for job in book.jobs.values())
    hands = [(key, lane.starts, lane.ends) for key, lane in sorted(book.lanes.items())]
    rooms = []
    for key, units in sorted(book.rooms.items()):
        for room in units:
            pairs = zip(room.times, room.room, room.used, strict=True)
            rows = [(minute, there - used) for minute, there, used in pairs]
            rooms.append([(key, *row) for i, row in enumerate(rows) if not i or rows[i - 1][1] != row[1]])
    return [jobs, hands, rooms]


def kitchen(session: Session, at: datetime) -> Levels:
    shop, card = shop_and_card(session)
    return levels(load.load_kitchen(session, shop, card, at=at).book)


def from_the_tables(session: Session, at: datetime, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    with monkeypatch.context() as patch:
        patch.setattr(load, "open_work", opentasks.work_of_its_own)
        return [kitchen(session, at)]


def something_happens(tx: Session, chance: random.Random) -> None:
    """One thing of a baker's, a clerk's or a customer's day; it may be refused."""
    shop, card = shop_and_card(tx)
    baker, at = cast.by(tx, "li"), now()
    orders = tx.scalars(select(Order).order_by(Order.id)).all()
    begun = Task.state.in_((TaskState.READY, TaskState.RUNNING))
    open_tasks = tx.scalars(select(Task).where(begun).order_by(Task.id)).all()
    what = chance.choice(
        ("order", "order", "start", "start", "finish", "recall", "cancel", "expire", "change", "remake")
    )
    if what == "order" or not orders or not open_tasks:
        order(tx, cart(*chance.choice((("fruit", 12), ("cheesecake", 6)))), paid=chance.random() < 0.7)
        return
    one, task = chance.choice(orders), chance.choice(open_tasks)
    if what == "start":
        work.start(tx, shop, task.id, task.version, by=baker, at=at)
    elif what == "finish":
        work.finish(tx, shop, task.id, task.version, by=baker, at=at)
    elif what == "recall":
        work.recall(tx, shop, task.id, task.version, by=baker, at=at)
    elif what == "cancel":
        progress.cancel(tx, shop, one, by=cast.by(tx, "xu"), at=at, reason="rain", second=cast.by(tx, "he"))
    elif what == "expire":
        progress.expire_unpaid(tx, shop, at=at + timedelta(minutes=20))
    elif what == "change":
        line = tx.scalars(select(Line).where(Line.order_id == one.id)).one()
        change_line(
            tx, shop, card, one, line.id, by=baker, at=at, options={"tiers": chance.choice(("one", "two"))}
        )
    else:
        cake = tx.scalars(select(Cake.id).where(Cake.order_id == task.order_id).order_by(Cake.id)).first()
        more = {"from_kind": task.kind, "fault_kind": task.kind, "reason": "broken"}
        work.remake(tx, shop, card, cake or 0, **more, by=baker, at=at)


@pytest.mark.parametrize("seed", (0, 2))
def test_memory_and_tables_agree_after_everything_that_can_happen(
    app_both: Flask, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance, done = random.Random(seed), 0
    with app_both.app_context():
        for _ in range(50):
            try:
                with writing() as tx:
                    something_happens(tx, chance)
                done += 1
            except ShopError:
                pass
            clock(app_both).pass_by(minutes=chance.choice((0, 0, 0, 1, 7)))
            with reading() as session:
                assert [kitchen(session, now())] == from_the_tables(session, now(), monkeypatch)
            if chance.random() < 0.3:  # a while in which nobody asks
                with writing() as tx:
                    order(tx)
        with reading() as session:
            kinds = set(session.scalars(select(Event.kind)))
        assert done > 20 and {"order_confirmed", "order_cancelled", "task_started"} <= kinds


def test_a_change_that_the_diary_does_not_tell_is_not_seen(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Teeth: the comparison above can fail."""
    with app.app_context():
        with writing() as tx:
            shop, _ = shop_and_card(tx)
            order(tx)
        with reading() as session:
            kitchen(session, now())
        with writing() as tx:
            tx.execute(update(Task).values(state=TaskState.VOID))
            record(tx, shop.id, "order_rushed", by=cast.by(tx, "xu"), at=now(), topics=("orders",))
        with reading() as session:
            assert [kitchen(session, now())] != from_the_tables(session, now(), monkeypatch)


def test_a_transaction_sees_its_own_changes_and_what_it_undoes_leaves_nothing(app_both: Flask) -> None:
    with app_both.app_context():
        with writing() as tx:
            shop, card = shop_and_card(tx)
            placed = order(tx)
        with reading() as session:
            before = kitchen(session, now())
        with pytest.raises(ZeroDivisionError), writing() as tx:
            assert kitchen(tx, now()) == before
            tx.execute(update(Task).where(Task.order_id == placed.order_id).values(state=TaskState.VOID))
            assert kitchen(tx, now()) != before
            order(tx)
            lines = price_cart(card, cart()).lines
            due = now() + timedelta(hours=4)
            promise.hold(tx, shop, card, "MINE", lines, due, by=CUSTOMER, at=now())
            raise ZeroDivisionError
        with reading() as session:
            assert kitchen(session, now()) == before


def test_a_reader_that_looks_at_an_older_moment_sees_that_moment(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context(), reading() as early:
        then = kitchen(early, now())
        for _ in range(8):
            with writing() as tx:
                order(tx)
            with reading() as late:
                assert kitchen(late, now()) != then
        assert kitchen(early, now()) == then
