"""A day plays by itself and ends with every cake handed over; a real shop never plays."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from shop.core.events import Event
from shop.orders.tables import Order, OrderState
from shop.people.shops import Shop, only_shop
from shop.production.tables import Task, TaskState
from shop.upkeep.demo.hands import _cards
from shop.upkeep.demo.play import Play
from tests import cast
from tests.counter import shop_and_card, task
from tests.upkeep.brisk import Brisk
from web import cli
from web.commands import Refused
from web.commands.demo import COMMANDS, day_to_play, refuse_in_a_real_shop
from web.database import reading, writing
from web.house import house


def play_day(app: Flask, *, orders: int, ahead: int = 0, minutes: int | None = None) -> dict[str, object]:
    """Play the Saturday of the tests as fast as it goes."""
    told: list[str] = []
    clock = cast.clock_of(app)
    with app.app_context():
        pace = Brisk(0, lambda moment, speed: setattr(clock, "at", moment))
        show = Play(writing, reading, house().keys, pace, told.append)
        day = show.shop.business_date(cast.SATURDAY)
        start = show.shop.moment(day, "07:30")
        show.order_ahead(day, start - timedelta(hours=11), ahead)
        return show.run(day, start, orders=orders, minutes=minutes)


def test_a_day_ends_with_every_cake_handed_over(app: Flask) -> None:
    facts = play_day(app, orders=12, ahead=5)
    assert facts["all_handed_over"] and facts["orders"] == facts["handed_over"] >= 9
    assert 0 < facts["utilisation"] < 1
    assert facts["late_share"] <= 0.35
    with app.app_context(), reading() as session:
        left = select(func.count()).where(Task.state.not_in((TaskState.DONE, TaskState.VOID)))
        assert session.scalar(left) == 0
        seqs = session.scalars(select(Event.seq).order_by(Event.seq)).all()
        assert seqs == list(range(1, len(seqs) + 1))
        paid = select(func.count()).where(Order.state == OrderState.HANDED_OVER, Order.paid != Order.total)
        assert session.scalar(paid) == 0


def test_some_minutes_are_enough_to_see_it_move(app_both: Flask) -> None:
    facts = play_day(app_both, orders=6, ahead=6, minutes=240)
    assert not facts["all_handed_over"]
    with app_both.app_context(), reading() as session:
        assert session.scalar(select(func.count()).where(Task.state == TaskState.DONE))


def test_a_late_cake_made_again_is_taken_up_first_wherever_it_was_laid(app: Flask) -> None:
    """On a full day the next free place is tomorrow's: the board shows it by its latest start, before all others."""
    first, second = (cast.place_order(app).order_id for _ in range(2))
    with app.app_context():
        with writing() as tx:
            for order_id, hours in ((first, 0), (second, 20)):
                bake = task(tx, order_id, "bake")
                bake.latest_start = cast.SATURDAY - timedelta(hours=1 + bool(hours))
                bake.planned_start = cast.SATURDAY + timedelta(hours=hours)
        with reading() as session:
            shop = shop_and_card(session)[0]
            cards = _cards(session, shop, cast.SATURDAY)
            assert [card.id for card in cards] == [task(session, o, "bake").id for o in (second, first)]


def test_a_real_shop_is_never_played_or_emptied(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            shop = only_shop(tx)
            assert shop is not None
            shop.is_demo = False
        for what in ("demo play", "demo reset", "demo clock"):
            with pytest.raises(Refused, match="real shop"):
                refuse_in_a_real_shop(what)
            command = next(c for c in COMMANDS if c.name == what)
            words = {"demo clock": ["real"]}.get(what, [])
            options = cli.build_parser(cli.commands()).parse_args([*what.split(), *words])
            with pytest.raises(Refused, match="real shop"):
                command.run(options)
        with reading() as session:
            assert session.scalar(select(func.count()).select_from(Shop)) == 1


@pytest.mark.parametrize(
    ("now", "name", "day"),
    [
        ("2026-11-21T09:00", "saturday", "2026-11-21"),
        ("2026-11-21T15:00", "saturday", "2026-11-28"),
        ("2026-11-21T15:00", "sunday", "2026-11-22"),
        ("2026-11-21T15:00", "today", "2026-11-21"),
        ("2026-11-21T15:00", "2026-12-24", "2026-12-24"),
    ],
)
def test_the_day_to_play(now: str, name: str, day: str) -> None:
    assert day_to_play(name, datetime.fromisoformat(now)).isoformat() == day


def test_a_day_that_is_none_is_refused() -> None:
    with pytest.raises(Refused, match="someday"):
        day_to_play("someday", datetime.fromisoformat("2026-11-21T15:00"))
