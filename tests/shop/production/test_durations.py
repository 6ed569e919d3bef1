"""How long stages really take: counted once a day from what was finished, and only from what is plausible."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from shop.planning.simulation.spread import log_normal, minutes_at
from shop.production import durations
from shop.production.tables import StagePast, Task, TaskState
from tests.counter import order, shop_and_card
from web.database import reading, writing
from web.house import now


def finished(app: Flask, many: int, share: float, **more: object) -> None:
    """Let so many decorating stages be finished an hour ago, each in ``share`` of its time."""
    with app.app_context(), writing() as tx:
        placed = order(tx)
        task = tx.scalars(select(Task).where(Task.order_id == placed.order_id, Task.kind == "decorate")).one()
        facts = {c.name: getattr(task, c.name) for c in Task.__table__.c if c.name != "id"}
        facts |= {"state": TaskState.DONE, "started_at": now() - timedelta(hours=1), "planned_end": now()}
        facts["finished_at"] = facts["started_at"] + timedelta(minutes=task.minutes * share)
        for _ in range(many):
            tx.add(Task(**(facts | more)))


def count(app: Flask) -> int:
    with app.app_context(), writing() as tx:
        return durations.count_durations(tx, shop_and_card(tx)[0], at=now())


def test_what_was_finished_is_counted_once_a_day(app_both: Flask) -> None:
    finished(app_both, 20, 1.5)
    assert count(app_both) == 3, "this cake, this product, this stage"
    assert count(app_both) == 0, "today it is done"
    with app_both.app_context(), reading() as session:
        past = durations.past_of(session, shop_and_card(session)[0])
        assert minutes_at(past.spread("decorate", "strawberry-cream", 8, 20), 0.5) == pytest.approx(30)
        assert past.share("decorate", "taro", 6) == past.shares["decorate", "", 0]
        assert past.share("bake", "taro", 6) == log_normal()
    app_both.extensions["fairslice"].clock.pass_by(days=1)
    finished(app_both, 30, 1.0)
    assert count(app_both) == 3
    with app_both.app_context(), reading() as session:
        shop = shop_and_card(session)[0]
        assert session.scalar(select(func.count()).select_from(StagePast)) == 3
        assert durations.past_of(session, shop).on == shop.business_date(now())


@pytest.mark.parametrize("share", [0.01, 9.0])
def test_a_tap_forgotten_or_given_at_once_says_nothing_about_work(app: Flask, share: float) -> None:
    finished(app, 40, share)
    assert count(app) == 0


def test_few_or_old_stages_are_no_past(app: Flask) -> None:
    finished(app, 19, 1.2)
    assert count(app) == 0
    finished(app, 5, 1.2)
    with app.app_context(), writing() as tx:
        tx.execute(update(Task).values(planned_end=now() - timedelta(days=91)))
    assert count(app) == 0


def test_a_slow_morning_is_noticed(app: Flask) -> None:
    with app.app_context(), reading() as session:
        shop = shop_and_card(session)[0]
        past = durations.past_of(session, shop)
        assert durations.pace_today(session, shop, past, at=now()) == 1.0
    finished(app, 30, 1.4)
    with app.app_context(), reading() as session:
        assert 1.2 < durations.pace_today(session, shop, past, at=now()) < 1.4
