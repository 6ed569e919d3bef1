"""Shortages of people, places and takers: each is raised once, repeats, ends by itself and is judged."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import select, update

from shop.core.types import to_minute
from shop.menu.tables import Station
from shop.people.offers import Offer
from shop.people.staff import Shift, Staff
from shop.production.moves.other_oven import MOVE
from shop.production.tables import Task
from tests.counter import clock, order, shop_and_card, task, tasks
from tests.shop.production.test_alarms import finish_all, of, tick
from tests.shop.production.trouble import do, options, placed, suggested
from web.database import reading, writing
from web.house import now


def once(app: Flask, kind: str) -> None:
    """It is raised once, with a row of its own, and repeats after five minutes."""
    tick(app)
    tick(app, 1)
    tick(app, 5)
    assert [(a.repeats, a.ended_at) for a in of(app, kind)] == [(1, None)]


def test_nobody_on_shift_can_do_what_comes_due(app: Flask) -> None:
    order_id = placed(app, until="cool")
    with app.app_context(), writing() as tx:
        for person in tx.scalars(select(Staff)):
            person.skills = [skill for skill in person.skills if skill != "build"]
        build = task(tx, order_id, "build")
        build.latest_start = now() + timedelta(minutes=20)
    once(app, "nobody_there")
    alarm = of(app, "nobody_there")[0]
    assert (alarm.stage, alarm.subject) == ("build", "skill:build")
    with app.app_context(), writing() as tx:
        for person in tx.scalars(select(Staff).where(Staff.login == "li")):
            person.skills = [*person.skills, "build"]
    tick(app)
    assert of(app, "nobody_there")[0].ended_at is not None
    tick(app)
    assert of(app, "nobody_there")[0].verdict == "false", "nothing began too late"


def test_work_that_began_late_proves_that_nobody_was_there(app: Flask) -> None:
    order_id = placed(app, until="cool")
    with app.app_context(), writing() as tx:
        tx.execute(update(Staff).values(skills=[]))
        task(tx, order_id, "build").latest_start = now() + timedelta(minutes=5)
    tick(app)
    finish_all(app, order_id, clock(app).at + timedelta(minutes=15))
    tick(app, 20)
    tick(app)
    assert {a.verdict for a in of(app, "nobody_there") if a.stage == "build"} == {"late"}


def test_a_shop_that_keeps_no_shifts_is_not_one_where_nobody_works(app: Flask) -> None:
    placed(app, until="cool")
    with app.app_context(), writing() as tx:
        for row in tx.scalars(select(Shift)):
            tx.delete(row)
        tx.execute(update(Task).values(latest_start=now()))
    tick(app)
    assert of(app, "nobody_there") == []


def full(app: Flask) -> tuple[int, int]:
    """Two ovens of one tray each, and two cakes planned for the first; returns (oven, the later order)."""
    first, second = placed(app), placed(app, spare=30)
    with app.app_context(), writing() as tx:
        oven = tx.scalars(select(Station).where(Station.slug == "oven")).one()
        oven.places, oven.units = 2, 2
        start = now() + timedelta(minutes=60)
        for order_id in (first, second):
            bake = task(tx, order_id, "bake")
            bake.planned_start, bake.planned_end, bake.unit = start, start + timedelta(minutes=30), 0
        return oven.id, second


def test_an_oven_over_its_places_is_told_and_ends_with_the_move_to_the_other(app: Flask) -> None:
    oven, later = full(app)
    once(app, "over_capacity")
    alarm = of(app, "over_capacity")[0]
    assert (alarm.minutes, alarm.subject) == (1, f"unit:{oven}.0") and alarm.moves[0]["key"] == MOVE.key
    about = {"kind": "over_capacity", "station_id": oven, "subject": alarm.subject}
    do(app, suggested(app, MOVE.key, later, options(app, MOVE.key, later, **about)[0]))
    tick(app)
    assert of(app, "over_capacity")[0].ended_at is not None
    tick(app)
    assert of(app, "over_capacity")[0].verdict in ("acted", "false")


def test_two_heats_in_one_oven_are_too_many(app: Flask) -> None:
    full(app)
    with app.app_context(), writing() as tx:
        tx.scalars(select(Station).where(Station.slug == "oven")).one().places = 8
    tick(app)
    assert of(app, "over_capacity") == []
    with app.app_context(), writing() as tx:
        for n, bake in enumerate(tx.scalars(select(Task).where(Task.kind == "bake")).all()):
            bake.celsius = 160 + 20 * n
    tick(app)
    assert [a.minutes for a in of(app, "over_capacity")] == [1]


def test_work_that_nobody_takes(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop = shop_and_card(tx)[0]
        order_id = order(tx).order_id
        one = tasks(tx, order_id)[0]
        tx.add(Offer(shop_id=shop.id, subject=f"task:{one.id}", order_id=order_id, made_at=now()))
        key = one.id
    once(app, "offer_unanswered")
    assert of(app, "offer_unanswered")[0].order_id == order_id
    with app.app_context(), writing() as tx:
        tx.get_one(Task, key).claimed_by = tx.scalars(select(Staff.id).where(Staff.login == "li")).one()
    tick(app)
    assert of(app, "offer_unanswered")[0].ended_at is not None
    with app.app_context(), reading() as session:
        due = task(session, order_id, "box").due_at
    finish_all(app, order_id, due)
    tick(app)
    assert of(app, "offer_unanswered")[0].verdict == "false"
    assert to_minute(due) > to_minute(clock(app).at)
