"""The leader's looks: it rests while nothing happens, looks at news, and lives through the day now and then."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import Flask

from shop.core.actors import SYSTEM
from shop.core.events import record
from shop.core.types import from_minute
from shop.production import alarms
from shop.production.shortages import _too_many
from shop.production.tables import Task
from shop.production.warnings import Warning_
from shop.production.watchers import Look
from tests.counter import order, shop_and_card
from web.database import reading, writing
from web.house import now


class Leader:
    """Whoever looks again and again, with one memory; ``looks`` are what its watcher was shown."""

    def __init__(self, app: Flask) -> None:
        self.app, self.memory, self.looks = app, alarms.Memory(), list[Look]()

    def look(self, seconds: int) -> bool:
        """Look so many seconds from now; returns whether the watchers were asked."""
        before = len(self.looks)
        with self.app.app_context(), reading() as session:
            shop, card = shop_and_card(session)
            at = now() + timedelta(seconds=seconds)
            alarms.watch(session, shop, card, at=at, watchers=[self.watcher], memory=self.memory)
        return len(self.looks) > before

    def watcher(self, look: Look) -> list[Warning_]:
        self.looks.append(look)
        return []

    def happens(self, kind: str) -> None:
        with self.app.app_context(), writing() as tx:
            record(tx, shop_and_card(tx)[0].id, kind, by=SYSTEM, at=now(), topics=("kitchen",))


def test_it_rests_until_something_happens_or_a_minute_has_passed(app: Flask) -> None:
    leader = Leader(app)
    assert [leader.look(s) for s in (0, 15, 45, 60, 75)] == [True, False, False, True, False]
    leader.happens("alarm_repeated")
    assert not leader.look(80), "what looking itself has written is no news"
    leader.happens("task_started")
    assert leader.look(85) and not leader.look(90)
    assert leader.look(-300), "a clock that was set back stops nothing"


def test_the_day_is_lived_through_once_a_minute_and_at_once_when_an_oven_fails(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        order(tx)
    leader = Leader(app)
    leader.look(0)
    leader.happens("task_started")
    leader.look(15)
    first, kept = (look.seen for look in leader.looks)
    assert first and kept == first and kept[1].sight is first[1].sight
    leader.happens("unit_stopped")
    leader.look(30)
    leader.look(95)
    assert leader.looks[2].seen[1] is not first[1] and leader.looks[3].seen[1] is not leader.looks[2].seen[1]


def test_a_cake_that_is_done_is_no_longer_foreseen(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        made = order(tx).order_id
        other = order(tx).order_id
    leader = Leader(app)
    leader.look(0)
    with app.app_context(), writing() as tx:
        for task in tx.query(Task).where(Task.order_id == made):
            task.state = "done"
    leader.happens("task_finished")
    leader.look(15)
    assert {seen.order_id for seen in leader.looks[1].seen.values()} == {other}


@pytest.mark.parametrize(
    ("rows", "too_many"),
    [
        ([(0, 30, 4, 160), (30, 60, 4, 180)], 0),
        ([(0, 30, 4, 160), (20, 60, 4, 160)], 2),
        ([(0, 30, 2, 160), (20, 60, 2, 180)], 1),
        ([(0, 90, 3, 0), (10, 20, 3, 0), (30, 40, 4, 0)], 1),
        ([(0, 30, 7, 0), (0, 30, 1, 0)], 2),
    ],
)
def test_too_many_at_once(rows: list[tuple[int, int, int, int]], too_many: int) -> None:
    found = [
        SimpleNamespace(planned_start=from_minute(a), planned_end=from_minute(b), amount=n, celsius=heat)
        for a, b, n, heat in rows
    ]
    assert _too_many(found, 6) == too_many
