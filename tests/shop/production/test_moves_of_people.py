"""Moves of ovens, people and customers, and the rules that all moves keep."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from shop.core.errors import Conflict, Denied, Missing
from shop.menu.tables import Station
from shop.orders.tables import Order
from shop.people.staff import ShiftChange
from shop.production import alarms
from shop.production.foresight import scene_of
from shop.production.moves.suggesting import suggest
from shop.production.moves.tell_customer import told
from shop.production.tables import Alarm, Task
from shop.production.warnings import Warning_
from tests import cast, counter
from tests.counter import clock, shop_and_card, task
from tests.shop.production.test_alarms import of, tick
from tests.shop.production.trouble import begin, do, options, placed, plan, suggested, take_back
from web.database import reading, writing
from web.house import now


def ovens(app: Flask, order_id: int) -> int:
    """Let the oven be two, with the cake planned for the first; returns its station."""
    with app.app_context(), writing() as tx:
        oven = tx.scalars(select(Station).where(Station.slug == "oven")).one()
        oven.units = 2
        task(tx, order_id, "bake").unit = 0
        return oven.id


def test_a_tray_goes_into_the_other_oven_and_back(app: Flask) -> None:
    one = placed(app)
    station = ovens(app, one)
    more = {"kind": "over_capacity", "station_id": station, "subject": f"unit:{station}.0"}
    option = options(app, "other_oven", one, **more)[0]
    assert options(app, "other_oven", one) == [], "only where a room is over its places"
    done = do(app, suggested(app, "other_oven", one, option))
    assert plan(app, one)[0][1] == 1
    take_back(app, done)
    assert plan(app, one)[0][1] == 0
    again = do(app, suggested(app, "other_oven", one, options(app, "other_oven", one, **more)[0]))
    begin(app, one, "bake")
    with pytest.raises(Conflict, match="moved on"):
        take_back(app, again)


def test_no_tray_goes_into_an_oven_that_is_gone(app: Flask) -> None:
    one = placed(app)
    station = ovens(app, one)
    more = {"kind": "over_capacity", "station_id": station, "subject": f"unit:{station}.0"}
    option = options(app, "other_oven", one, **more)[0]
    with app.app_context(), writing() as tx:
        tx.get_one(Station, station).units = 1
    with pytest.raises(Conflict, match="no longer there"):
        do(app, suggested(app, "other_oven", one, option))


def changes(app: Flask) -> list[tuple[str, str]]:
    with app.app_context(), reading() as session:
        return [(row.starts, row.ends) for row in session.scalars(select(ShiftChange))]


def test_somebody_comes_in_earlier_for_today(app: Flask) -> None:
    """At half past nine two are there; the others come at half past eleven."""
    one = placed(app)
    option = options(app, "add_person", one)[0]
    done = do(app, suggested(app, "add_person", one, option))
    assert changes(app) == [("10:00", "21:30")]
    take_back(app, done)
    assert changes(app) == []


def test_hours_that_changed_again_or_were_worked_are_not_taken_back(app: Flask) -> None:
    one = placed(app)
    option = options(app, "add_person", one)[0]
    done = do(app, suggested(app, "add_person", one, option))
    with app.app_context(), writing() as tx:
        row = tx.scalars(select(ShiftChange)).one()
        row.ends = "20:00"
    with pytest.raises(Conflict, match="moved on"):
        take_back(app, done)


def test_only_who_may_change_shifts_adds_somebody(app: Flask) -> None:
    one = placed(app)
    alarm = suggested(app, "add_person", one, options(app, "add_person", one)[0])
    with pytest.raises(Denied):
        do(app, alarm, "mei")
    with pytest.raises(Denied):
        do(app, alarm, "li")
    assert changes(app) == []
    do(app, alarm, "chen")


def test_the_customer_reads_a_new_time_until_it_is_taken_back(app: Flask) -> None:
    one = placed(app)
    clock(app).pass_by(minutes=75)
    option = options(app, "tell_customer", one)[0]
    done = do(app, suggested(app, "tell_customer", one, option), "mei")
    with app.app_context(), reading() as session:
        said = told(session, one)
        row = session.get_one(Order, one)
        assert said is not None and said.until > row.due_at and said.until.minute % 10 == 0
    assert options(app, "tell_customer", one) == [], "told already"
    take_back(app, done, "mei")
    with app.app_context(), reading() as session:
        assert told(session, one) is None


def test_a_customer_is_told_no_time_that_is_over_and_nothing_of_a_cake_that_is_gone(app: Flask) -> None:
    one = placed(app)
    clock(app).pass_by(minutes=75)
    option = options(app, "tell_customer", one)[0]
    done = do(app, suggested(app, "tell_customer", one, option))
    with app.app_context(), writing() as tx:
        counter.make(tx, one)
    with pytest.raises(Conflict, match="moved on"):
        take_back(app, done)
    clock(app).pass_by(hours=8)
    with pytest.raises(Conflict, match="over by now"):
        do(app, suggested(app, "tell_customer", one, option))


def test_after_ten_minutes_nothing_is_taken_back(app: Flask) -> None:
    one = placed(app, until="cool")
    done = do(app, suggested(app, "reassign", one, options(app, "reassign", one)[0]))
    clock(app).pass_by(minutes=10, seconds=1)
    with pytest.raises(Conflict, match="ten minutes"):
        take_back(app, done)


def test_what_is_no_longer_suggested_is_not_done(app: Flask) -> None:
    one = placed(app, until="cool")
    alarm, _ = suggested(app, "reassign", one, options(app, "reassign", one)[0])
    with pytest.raises(Conflict, match="no longer there"):
        do(app, (alarm, "00"))
    with pytest.raises(Missing):
        do(app, (999, "00"))
    with pytest.raises(Missing):
        take_back(app, 999)
    with app.app_context(), writing() as tx:
        tx.get_one(Alarm, alarm).ended_at = now()
    with pytest.raises(Conflict, match="over"):
        do(app, (alarm, "00"))


def crowd(app: Flask) -> list[Alarm]:
    """Six cakes want two pairs of hands and nobody begins; returns what is raised about them."""
    for _ in range(6):
        placed(app, until="cool")
    while not of(app, "predicted_late"):
        tick(app, 10)
        assert clock(app).at < cast.SATURDAY + timedelta(hours=3)
    return of(app, "predicted_late")


def test_a_late_cake_is_raised_with_moves_whose_gain_was_lived_through(app: Flask) -> None:
    """With a third pair of hands the chance falls, by the same seed every time."""
    found = [alarm for alarm in crowd(app) if alarm.moves]
    assert found, "somebody is in trouble"
    best = found[0].moves[0]
    assert best["after"] <= best["before"] - 5 or best["key"] == "tell_customer"
    assert len(found[0].moves) <= 3
    with app.app_context(), reading() as session:
        shop, card = shop_and_card(session)
        scene = scene_of(session, shop, at=now())
        cake = found[0].cake_id
        about = Warning_(
            "predicted_late", "look", 9, order_id=found[0].order_id, cake_id=cake, subject=f"cake:{cake}"
        )
        assert suggest(session, shop, scene, about, at=now()) == suggest(
            session, shop, scene, about, at=now()
        )
        changes = alarms.watch(session, shop, card, at=now())
        assert (found[0].kind, found[0].subject) not in changes.moves, "not thought over at every look"


def test_moves_are_thought_over_when_the_work_has_changed(app: Flask) -> None:
    found = crowd(app)
    for _ in range(5):
        if any("task" in m["args"] for each in found for m in each.moves):
            break
        tick(app, 5)
        found = of(app, "predicted_late")
    alarm = next(each for each in found if any("task" in m["args"] for m in each.moves))
    move = next(m for m in alarm.moves if "task" in m["args"])
    with app.app_context(), writing() as tx:
        tx.get_one(Task, move["args"]["task"]).version += 1
    tick(app)
    tick(app)
    again = next(each for each in of(app, "predicted_late") if each.id == alarm.id)
    assert [m["id"] for m in again.moves] != [m["id"] for m in alarm.moves], "its versions are those of now"
