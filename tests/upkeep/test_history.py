"""Ninety days of history hold together as if every line had been lived through."""

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from shop.core.events import Event, seal
from shop.menu.tables import StageKind
from shop.orders.finding import by_token, token_of
from shop.orders.tables import CALLED, Cake, Order, OrderState
from shop.payments.tables import Payment
from shop.people.persons import find_persons, reveal
from shop.people.staff import Person
from shop.production.tables import Remake, Task, TaskState
from shop.upkeep.demo.guests import NASTY_NAMES
from shop.upkeep.demo.history import make_history
from shop.upkeep.demo.world import furnish
from tests import cast
from tests.conftest import build_empty, close
from web.database import reading, writing
from web.house import house

pytestmark = pytest.mark.xdist_group("history")  # one past for all of it
DAYS = 12
HAD = (OrderState.CLOSED, OrderState.HANDED_OVER, OrderState.NO_SHOW, OrderState.DISPOSED)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A demo shop with some days behind it."""
    app = build_empty(tmp_path_factory.mktemp("history"))
    with app.app_context(), writing() as tx:
        shop = furnish(tx, at=cast.SATURDAY - timedelta(days=DAYS + 7))
        seal(tx)
        make_history(tx, house().keys, shop, at=cast.SATURDAY, days=DAYS)
    yield app
    close(app)


@pytest.fixture
def session(lived: Flask) -> Iterator[Session]:
    with lived.app_context(), reading() as session:
        yield session


def test_the_diary_has_no_gap_and_runs_forward(session: Session) -> None:
    rows = session.execute(select(Event.seq, Event.at).order_by(Event.seq)).all()
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert all(a.at <= b.at for a, b in pairwise(rows))
    assert session.scalar(text("SELECT event_seq FROM shop")) == len(rows)
    assert rows[-1].at <= cast.SATURDAY


def test_money_adds_up(session: Session) -> None:
    paid = (
        select(Payment.order_id, func.sum(Payment.amount).label("sum")).group_by(Payment.order_id).subquery()
    )
    query = select(Order.state, Order.paid, Order.total, func.coalesce(paid.c.sum, 0))
    for state, booked, total, captured in session.execute(query.outerjoin(paid, paid.c.order_id == Order.id)):
        assert booked == captured <= total
        assert booked == total or state in (OrderState.PLACED, OrderState.EXPIRED)
    lines = "SELECT o.total, sum(l.total) FROM orders o JOIN order_line l ON l.order_id = o.id GROUP BY o.id"
    assert all(a == b for a, b in session.execute(text(lines)))


def test_one_code_for_each_cake(session: Session) -> None:
    codes = session.scalars(select(Cake.code)).all()
    assert len(codes) == len(set(codes)) > 20 * DAYS
    wanted = session.scalar(text("SELECT sum(quantity) FROM order_line"))
    assert len(codes) == wanted


def test_stages_follow_each_other(session: Session) -> None:
    query = select(Task).where(Task.started_at.is_not(None)).order_by(Task.cake_id, Task.remake, Task.sort)
    before: Task | None = None
    for task in session.scalars(query):
        if before is not None and before.cake_id == task.cake_id and before.remake == task.remake:
            assert before.finished_at is not None and task.started_at is not None
            assert before.finished_at <= task.started_at
        before = task


def test_states_of_orders_and_tasks_agree(session: Session) -> None:
    for order in session.scalars(select(Order)):
        tasks = session.scalars(select(Task).where(Task.order_id == order.id)).all()
        states = {task.state for task in tasks}
        if order.state in (*HAD, OrderState.READY):
            assert states <= {TaskState.DONE, TaskState.VOID} and TaskState.DONE in states
            assert order.ready_at is not None
        elif order.state == OrderState.IN_PRODUCTION:
            assert states & {TaskState.RUNNING, TaskState.READY, TaskState.WAITING}
        elif order.state in (OrderState.CANCELLED, OrderState.EXPIRED):
            assert states == {TaskState.VOID}
        elif order.state == OrderState.PLACED:
            assert states == {TaskState.HELD}


def test_every_screen_has_something_to_show(session: Session) -> None:
    for kind in StageKind:
        states = (TaskState.RUNNING, TaskState.READY)
        now = select(func.count()).where(Task.kind == kind, Task.state.in_(states))
        assert session.scalar(now), f"no cake is at {kind}"
    assert session.scalar(select(func.count()).where(Order.state == OrderState.READY))
    unpaid = session.scalars(select(Order).where(Order.state == OrderState.PLACED)).one()
    assert unpaid.counter_code and unpaid.pay_until and unpaid.pay_until > cast.SATURDAY
    tomorrow = (cast.SATURDAY + timedelta(days=1, hours=8)).date()
    assert session.scalar(select(func.count()).where(Order.due_date == tomorrow))
    assert session.scalar(select(func.count()).select_from(Remake))


def test_slips_of_the_past_open(session: Session, lived: Flask) -> None:
    order = session.scalars(select(Order).where(Order.state == OrderState.CLOSED).limit(1)).one()
    assert by_token(session, token_of(house().keys, order)).id == order.id


def test_nobody_can_be_read_from_the_file(lived: Flask, session: Session) -> None:
    people = session.scalars(select(Person)).all()
    contacts = [reveal(house().keys, person) for person in people]
    assert {name.strip() for name in NASTY_NAMES} <= {contact.name for contact in contacts}
    shop = cast.the_shop(lived)
    assert find_persons(session, house().keys, shop, contacts[40].phone)
    folder: Path = house().settings.data
    raw = b"".join(path.read_bytes() for path in folder.glob("shop.db*"))
    assert not re.search(rb"\+861[3-9]\d{9}", raw), "a phone number lies open in the database"
    for contact in contacts[12:60]:
        assert len(contact.name) < 3 or contact.name.encode() not in raw


def test_the_same_seed_gives_the_same_past(tmp_path: Path) -> None:
    books = []
    for name in ("one", "two"):
        app = build_empty(tmp_path / name)
        with app.app_context():
            with writing() as tx:
                shop = furnish(tx, at=cast.SATURDAY)
                make_history(tx, house().keys, shop, at=cast.SATURDAY, days=2)
            with reading() as session:
                rows = session.execute(
                    select(Order.letter, Order.counter, Order.due_at, Order.total, Order.state)
                )
                books.append([tuple(row) for row in rows])
        close(app)
    assert books[0] == books[1] and len(books[0]) > 30


@pytest.mark.postgres
def test_history_on_postgresql_leaves_its_numbering_right(app_postgres: Flask) -> None:
    with app_postgres.app_context():
        with writing() as tx:
            shop = cast.the_shop(app_postgres)
            make_history(tx, house().keys, tx.merge(shop), at=cast.SATURDAY, days=2)
        with writing() as tx:
            biggest = tx.scalar(select(func.max(Task.id)))
            assert tx.scalar(text("SELECT nextval(pg_get_serial_sequence('task', 'id'))")) == biggest + 1


def test_no_two_open_orders_are_called_by_the_same_number(session: Session) -> None:
    numbers = [o.number for o in session.scalars(select(Order).where(Order.state.in_(CALLED)))]
    assert len(numbers) > 10 and len(set(numbers)) == len(numbers)
