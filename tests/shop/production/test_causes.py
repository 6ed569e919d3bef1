"""One cause is one warning: it is looked after once, sounds once, and hides nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from shop.core.errors import Conflict
from shop.core.events import Event
from shop.production import alarms
from shop.production.causes import Cause, causes_of, open_alarms, unseen
from shop.production.tables import Alarm, Task, TaskState
from tests import cast, counter
from tests.counter import order, shop_and_card
from tests.shop.production.test_alarms import tick
from web.database import reading, writing
from web.house import now

AT = datetime.fromisoformat("2026-11-21T10:00:00+00:00")


def alarm(key: int, kind: str, **more: Any) -> Alarm:
    facts = {"id": key, "kind": kind, "subject": f"x:{key}", "chance": 0, "person": "", "order_id": None,
             "cake_id": None, "station_id": None, "acknowledged_at": None, "raised_at": AT}  # fmt: skip
    return Alarm(**(facts | more))


def kinds(cause: Cause) -> list[str]:
    return [each.kind for each in cause.alarms]


def test_a_station_is_one_cause_and_what_brings_it_about_speaks_for_it() -> None:
    late = [alarm(n, "predicted_late", cake_id=n, order_id=n, station_id=3, chance=n) for n in (1, 2)]
    found = causes_of([*late, alarm(5, "unit_down", station_id=3), alarm(6, "missed_start", station_id=4)])
    assert [kinds(cause) for cause in found] == [
        ["unit_down", "predicted_late", "predicted_late"], ["missed_start"],
    ]  # fmt: skip
    assert found[0].head.id == 5 and found[0].alarms[1].id == 2, "the worst stands first"


def test_a_delivery_that_waits_for_its_cake_is_the_kitchens_cause_and_a_silent_phone_is_its_own() -> None:
    cake = alarm(1, "predicted_late", cake_id=9, order_id=7, station_id=3)
    way = alarm(2, "delivery_late", order_id=7, person="Gao")
    silent = alarm(3, "courier_silent", order_id=8, person="Gao")
    assert [len(cause.alarms) for cause in causes_of([cake, way])] == [2]
    assert [kinds(cause) for cause in causes_of([cake, way, silent])] == [
        ["predicted_late"], ["courier_silent", "delivery_late"],
    ]  # fmt: skip
    other = alarm(4, "delivery_late", order_id=11, person="Wu")
    assert len(causes_of([way, other])) == 2


def test_who_looks_after_a_cause_is_not_rung_for_an_hour_and_then_again_for_what_is_new() -> None:
    seen = alarm(1, "missed_start", station_id=3, acknowledged_at=AT)
    cause = Cause(
        "station:3", [seen, alarm(2, "missed_start", station_id=3, raised_at=AT + timedelta(minutes=1))]
    )
    assert not cause.rings(AT + timedelta(minutes=59)) and cause.rings(AT + timedelta(minutes=60))
    assert not Cause("station:3", [seen]).rings(AT + timedelta(hours=5))
    beside = alarm(2, "missed_start", station_id=3, raised_at=AT - timedelta(minutes=1))
    assert Cause("station:3", [seen, beside]).rings(AT), "a move for one cake helps no other"


def test_a_kitchen_in_which_nobody_taps_is_one_alarm_that_sounds_once_and_is_taken_once(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        for _ in range(2):
            counter.make(tx, order(tx).order_id, "decorate")
        order(tx)
        late = tx.scalars(select(Task).where(Task.state == TaskState.READY)).all()
        for row in late:
            row.latest_start = now() - timedelta(minutes=40)
    tick(app, 31)
    with app.app_context(), reading() as session:
        found = causes_of(open_alarms(session, shop_and_card(session)[0]))
        assert [cause.key for cause in found if cause.head.kind == "quiet_kitchen"] == ["kitchen"]
        assert len(found[0].alarms) > 3 and unseen(session, shop_and_card(session)[0], at=now()) == len(found)
        raised = session.scalars(select(Event).where(Event.kind == "alarm_raised")).all()
        assert [e.data["about"] for e in raised if e.data.get("sound")] == ["quiet_kitchen"]
        first = found[0].head.id
    tick(app, 5)
    with app.app_context(), writing() as tx:
        shop, by = shop_and_card(tx)[0], cast.by(tx, "xu")
        assert len(tx.scalars(select(Event).where(Event.kind == "alarm_repeated")).all()) == 1
        assert alarms.acknowledge_cause(tx, shop, first, by=by, at=now()) > 3
        assert unseen(tx, shop, at=now()) == 0
        with pytest.raises(Conflict):
            alarms.acknowledge_cause(tx, shop, first, by=by, at=now())
