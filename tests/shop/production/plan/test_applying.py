"""A better plan is applied whole or not at all: started work stays, promises hold, whoever was faster wins."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from shop.core.events import Event
from shop.core.types import to_minute
from shop.orders import opentasks
from shop.orders.tables import Order
from shop.planning.kitchen.checker import faults
from shop.planning.kitchen.talk import Improved, answer, ask, improve, understood
from shop.planning.reservations.floor import Laid
from shop.production import work
from shop.production.plan.applying import Breaks, Stale, apply, last_run, moves_of
from shop.production.plan.picture import Picture, take
from shop.production.tables import Task
from tests import cast, counter
from tests.counter import shop_and_card
from web.database import reading, writing
from web.house import now


def saturday(app: Flask, cakes: int = 6) -> list[int]:
    """Order some cakes for the afternoon, one more before it for as soon as possible."""
    with app.app_context():
        with writing() as tx:
            orders = [counter.order(tx).order_id]
        for n in range(cakes):
            with writing() as tx:
                due = cast.SATURDAY + timedelta(hours=5, minutes=30 * (n % 3))
                orders.append(counter.order(tx, due_at=due).order_id)
        return orders


def nobody_planned(app: Flask) -> None:
    """Take the people out of the plan, as if nobody had thought of them yet."""
    with app.app_context(), writing() as tx:
        tx.execute(update(Task).values(planned_for=None, unit=0))
    opentasks.forget()


def look(app: Flask, seconds: float = 0.0) -> tuple[Picture, Improved]:
    with app.app_context(), reading() as session:
        picture = take(session, shop_and_card(session)[0], at=now())
    return picture, improve(picture.floor, picture.jobs, seconds)


def put_down(app: Flask, picture: Picture, found: Improved, **more: Any) -> None:
    with app.app_context(), writing() as tx:
        apply(tx, shop_and_card(tx)[0], picture, found, at=now(), reason="test", **more)


def every_task(app: Flask) -> dict[int, tuple[Any, ...]]:
    with app.app_context(), reading() as session:
        return {
            t.id: (t.planned_start, t.planned_end, t.unit, t.planned_for, t.version, t.state)
            for t in session.scalars(select(Task))
        }


def test_a_plan_names_people_and_can_be_kept(app_both: Flask) -> None:
    orders = saturday(app_both)
    nobody_planned(app_both)
    before = every_task(app_both)
    picture, found = look(app_both)
    assert faults(picture.floor, picture.jobs, {job.id: job.laid for job in picture.jobs}), (
        "nobody does it yet"
    )
    put_down(app_both, picture, found)
    after = every_task(app_both)
    assert after != before
    changed = {key for key in after if after[key] != before[key]}
    assert all(after[key][4] == before[key][4] + 1 for key in changed), (
        "a tap with the old version is refused"
    )
    with app_both.app_context(), reading() as session:
        shop, _ = shop_and_card(session)
        fresh = take(session, shop, at=now())
        assert faults(fresh.floor, fresh.jobs, {job.id: job.laid for job in fresh.jobs}) == []
        for order in session.scalars(select(Order)):
            ends = session.scalars(select(Task.planned_end).where(Task.order_id == order.id)).all()
            assert max(ends) <= order.ready_by
        lines = list(session.scalars(select(Event).where(Event.kind == "plan_changed").order_by(Event.seq)))
        assert {line.order_id for line in lines} == set(orders) and "plan" in lines[0].topics.split()
        run = last_run(session, shop)
        assert (
            run is not None
            and run.cakes == len(orders)
            and run.stages == len(changed)
            and run.late_after == 0
        )
        kept = opentasks.open_work(session, shop).orders
        assert kept == opentasks.work_of_its_own(session, shop).orders, "what is in memory follows the diary"


def test_a_good_plan_is_left_alone(app: Flask) -> None:
    saturday(app)
    put_down(app, *look(app, 1.0))
    before = every_task(app)
    picture, found = look(app, 0.3)
    assert moves_of(picture, found.laid) == []
    put_down(app, picture, found)
    assert every_task(app) == before


def begin(app: Flask, order_id: int) -> int:
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        one = counter.task(tx, order_id, "bake")
        work.start(tx, shop, one.id, one.version, by=cast.by(tx, "li"), at=now())
        return one.id


def test_started_work_never_moves(app: Flask) -> None:
    orders = saturday(app)
    nobody_planned(app)
    started = begin(app, orders[0])
    before = every_task(app)[started]
    picture, found = look(app)
    put_down(app, picture, found)
    assert every_task(app)[started] == before
    (baking,) = [job for job in picture.jobs if job.locked]
    assert baking.laid[0].hand is None, "whoever has filled the oven is free for other work"
    cheat = {
        key: [Laid(w.start + 5, w.end + 5, w.unit, w.hand) for w in laid] for key, laid in found.laid.items()
    }
    moved = [move for move in moves_of(picture, cheat) if move.piece.task_id == started]
    assert moved == [], "not even when a plan says so"


def test_a_plan_made_before_somebody_started_is_dropped_whole(app_both: Flask) -> None:
    orders = saturday(app_both)
    nobody_planned(app_both)
    picture, found = look(app_both)
    begin(app_both, orders[-1])
    before = every_task(app_both)
    with pytest.raises(Stale):
        put_down(app_both, picture, found)
    assert every_task(app_both) == before
    put_down(app_both, *look(app_both))
    assert every_task(app_both) != before


def test_no_promise_is_broken_for_a_better_sum(app: Flask) -> None:
    saturday(app)
    picture, found = look(app)
    victim = next(job for job in picture.jobs if job.id in found.laid)
    late = [Laid(w.start + 600, w.end + 600, w.unit, w.hand) for w in victim.laid]
    cheat = found._replace(laid={**found.laid, victim.id: late})
    before = every_task(app)
    with pytest.raises(Breaks):
        put_down(app, picture, cheat)
    assert every_task(app) == before


def test_what_was_ordered_meanwhile_keeps_its_place(app: Flask) -> None:
    """A plan that would put two cakes into one place is dropped; one that leaves room is applied."""
    saturday(app)
    put_down(app, *look(app))
    picture, found = look(app)
    with app.app_context(), writing() as tx:
        newcomer = counter.order(tx, due_at=cast.SATURDAY + timedelta(hours=7)).order_id
        places = {t.kind: t for t in counter.tasks(tx, newcomer)}
        li = cast.person(tx, "li").id
        for task in places.values():
            if task.needs_person:
                task.planned_for = li
    job = next(job for job in picture.jobs if job.id in found.laid and not job.locked)
    n = [step.kind for step in job.steps].index("decorate")
    with app.app_context(), reading() as session:
        taken = counter.task(session, newcomer, "decorate")
        start = to_minute(taken.planned_start)
    onto = list(found.laid[job.id])
    shift = start - onto[n].start
    onto = [replace(w, start=w.start + shift, end=w.end + shift) for w in onto]
    onto[n] = replace(onto[n], hand=li)
    with pytest.raises(Stale):
        put_down(app, picture, found._replace(laid={**found.laid, job.id: onto}), overriding=True)
    before = every_task(app)
    put_down(app, picture, found)
    assert every_task(app) == before, "nothing had to move"


def test_the_question_and_the_answer_survive_the_way_to_a_child(app: Flask) -> None:
    import json

    saturday(app)
    nobody_planned(app)
    picture, here = look(app)
    words = json.loads(json.dumps(ask(picture.floor, picture.jobs, 0.0)))
    there = understood(json.loads(json.dumps(answer(words))))
    assert there._replace(seconds=0) == here._replace(
        seconds=0, laid={k: list(v) for k, v in here.laid.items()}
    )
