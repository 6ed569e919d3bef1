"""Moves: each is found, tried out, applied, refused, undone, and not undone once the work has moved on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.errors import Conflict, Denied, Missing
from shop.core.types import to_minute
from shop.menu.tables import Station
from shop.orders.tables import Order
from shop.people.staff import ShiftChange
from shop.production import alarms, work
from shop.production.foresight import scene_of, seen_in
from shop.production.moves import MOVES
from shop.production.moves.applying import apply, lately, undo
from shop.production.moves.contract import Option, View
from shop.production.moves.suggesting import _suggestion, suggest
from shop.production.moves.tell_customer import told
from shop.production.tables import Alarm, MoveDone, Task
from shop.production.warnings import Warning_
from tests import cast, counter
from tests.counter import clock, order, shop_and_card, task, tasks
from tests.shop.production.test_alarms import events, of, tick
from web.database import reading, writing
from web.house import now

Args = Mapping[str, Any]


def placed(app: Flask, *, spare: int = 0, until: str = "", product: str = "strawberry-cream") -> int:
    """Order a cake with so many minutes to spare, made up to a stage; returns its order."""
    with app.app_context(), writing() as tx:
        first = order(tx, counter.cart(product))
        for each in tasks(tx, first.order_id):
            each.due_at += timedelta(minutes=spare)
            each.latest_start += timedelta(minutes=spare)
    if until:
        with app.app_context(), writing() as tx:
            counter.make(tx, first.order_id, until)
    return first.order_id


def view(session: Session, order_id: int, kind: str = "predicted_late", **more: Any) -> View:
    """Look at a cake in trouble."""
    shop = shop_and_card(session)[0]
    scene = scene_of(session, shop, at=now())
    assert scene is not None
    cake = tasks(session, order_id)[0].cake_id
    facts = {"order_id": order_id, "cake_id": cake, "subject": f"cake:{cake}", "chance": 60} | more
    about = Warning_(kind, "look", 9, **facts)
    return View(session, shop, scene, seen_in(scene), about, now())


def options(app: Flask, key: str, order_id: int, **more: Any) -> list[Option]:
    with app.app_context(), reading() as session:
        return list(MOVES[key].options(view(session, order_id, **more)))


def suggested(app: Flask, key: str, order_id: int, option: Option) -> tuple[int, str]:
    """Let an alarm about this cake suggest the move; returns the alarm and the suggestion."""
    with app.app_context(), writing() as tx:
        shop = shop_and_card(tx)[0]
        cake = tasks(tx, order_id)[0].cake_id
        known = tx.scalars(select(Alarm).where(Alarm.cake_id == cake, Alarm.ended_at.is_(None))).first()
        row = known or Alarm(
            shop_id=shop.id, kind="predicted_late", subject=f"cake:{cake}", stage="", person=""
        )
        row.names, row.chance, row.minutes, row.cake_id, row.order_id = {}, 62, 9, cake, order_id
        row.raised_at = row.repeated_at = now()
        row.moves = [_suggestion(key, option, 62, 11)]
        tx.add(row)
        tx.flush()
        return row.id, row.moves[0]["id"]


def do(app: Flask, alarm: tuple[int, str], login: str = "xu") -> int:
    with app.app_context(), writing() as tx:
        return apply(tx, shop_and_card(tx)[0], *alarm, by=cast.by(tx, login), at=now()).id


def take_back(app: Flask, done: int, login: str = "xu") -> None:
    with app.app_context(), writing() as tx:
        undo(tx, shop_and_card(tx)[0], done, by=cast.by(tx, login), at=now())


def plan(app: Flask, *orders: int) -> list[tuple[int, int, int | None]]:
    with app.app_context(), reading() as session:
        return [
            (to_minute(t.planned_start), t.unit, t.planned_for) for o in orders for t in tasks(session, o)
        ]


def begin(app: Flask, order_id: int, kind: str) -> None:
    with app.app_context(), writing() as tx:
        one = task(tx, order_id, kind)
        work.start(tx, shop_and_card(tx)[0], one.id, one.version, by=cast.by(tx, "zhang"), at=now())


def test_start_now_is_done_by_who_is_free_and_taken_back(app: Flask) -> None:
    one = placed(app, until="cool")
    option = options(app, "start_now", one)[0]
    done = do(app, suggested(app, "start_now", one, option))
    with app.app_context(), reading() as session:
        build = task(session, one, "build")
        assert (build.state, build.started_by) == ("in_progress", option.args["person"])
        assert [m.id for m in lately(session, shop_and_card(session)[0], at=now())] == [done]
    line = events(app, "move_applied")[0]
    assert line.order_id == one and line.data["before"] == 62 and line.data["after"] == 11
    take_back(app, done)
    with app.app_context(), reading() as session:
        assert task(session, one, "build").state == "ready_to_start"
    assert [line.order_id for line in events(app, "move_undone")] == [one]


def test_start_now_is_not_taken_back_once_the_stage_is_done(app: Flask) -> None:
    one = placed(app, until="cool")
    done = do(app, suggested(app, "start_now", one, options(app, "start_now", one)[0]))
    with app.app_context(), writing() as tx:
        build = task(tx, one, "build")
        work.finish(tx, shop_and_card(tx)[0], build.id, build.version, by=cast.by(tx, "li"), at=now())
    with pytest.raises(Conflict, match="moved on"):
        take_back(app, done)
    with app.app_context(), reading() as session:
        assert session.get_one(MoveDone, done).undone_at is None


def test_what_runs_already_is_not_started_again(app: Flask) -> None:
    one = placed(app, until="cool")
    option = options(app, "start_now", one)[0]
    begin(app, one, "build")
    assert options(app, "start_now", one) == []
    with pytest.raises(Conflict):
        do(app, suggested(app, "start_now", one, option))


def test_the_next_stage_is_given_to_somebody(app_both: Flask) -> None:
    one = placed(app_both, until="cool")
    before = plan(app_both, one)
    option = options(app_both, "reassign", one)[0]
    done = do(app_both, suggested(app_both, "reassign", one, option))
    with app_both.app_context(), reading() as session:
        assert task(session, one, "build").planned_for == option.args["person"]
    take_back(app_both, done)
    assert plan(app_both, one) == before
    with pytest.raises(Conflict, match="already"):
        take_back(app_both, done)


def test_a_reassigned_stage_that_began_stays(app: Flask) -> None:
    one = placed(app, until="cool")
    done = do(app, suggested(app, "reassign", one, options(app, "reassign", one)[0]))
    begin(app, one, "build")
    with pytest.raises(Conflict, match="moved on"):
        take_back(app, done)


def test_nobody_is_given_what_they_cannot_do(app: Flask) -> None:
    one = placed(app)
    option = options(app, "reassign", one)[0]
    with app.app_context(), writing() as tx:
        cast.person(tx, "li").skills = []
        cast.person(tx, "zhang").skills = []
    with pytest.raises(Exception, match="cannot do this stage"):
        do(app, suggested(app, "reassign", one, option))


def two_in_turn(app: Flask) -> tuple[int, int]:
    """Two cakes wait for the bench, the one with more time first; returns (in trouble, the other)."""
    late, easy = placed(app, until="cool"), placed(app, spare=120, until="cool")
    with app.app_context(), writing() as tx:
        for which, by in ((late, 40), (easy, 0)):
            for each in tasks(tx, which):
                if each.state in ("waiting", "ready_to_start"):
                    each.planned_start = now() + timedelta(minutes=by + 10 * each.sort)
                    each.planned_end = each.planned_start + timedelta(minutes=each.minutes)
    return late, easy


def test_two_cakes_change_places_and_both_orders_hear_of_it(app_both: Flask) -> None:
    late, easy = two_in_turn(app_both)
    before = plan(app_both, late, easy)
    with app_both.app_context(), reading() as session:
        starts = [to_minute(task(session, o, "build").planned_start) for o in (late, easy)]
    done = do(app_both, suggested(app_both, "swap", late, options(app_both, "swap", late)[0]))
    with app_both.app_context(), reading() as session:
        assert [to_minute(task(session, o, "build").planned_start) for o in (easy, late)] == starts
    assert [line.order_id for line in events(app_both, "move_applied")] == [late]
    assert [line.order_id for line in events(app_both, "order_made_way")] == [easy]
    take_back(app_both, done)
    assert plan(app_both, late, easy) == before
    assert {line.order_id for line in events(app_both, "order_made_way")} == {easy}


def test_a_swap_is_refused_and_not_undone_when_the_other_cake_has_begun(app: Flask) -> None:
    late, easy = two_in_turn(app)
    option = options(app, "swap", late)[0]
    done = do(app, suggested(app, "swap", late, option))
    begin(app, easy, "build")
    with pytest.raises(Conflict, match="moved on"):
        take_back(app, done)
    with pytest.raises(Conflict):
        do(app, suggested(app, "swap", late, option))


def test_a_later_cake_waits_but_never_past_its_own_time(app: Flask) -> None:
    late, easy = two_in_turn(app)
    before = plan(app, easy)
    option = options(app, "let_wait", late)[0]
    assert option.facts["order"] == easy
    done = do(app, suggested(app, "let_wait", late, option))
    with app.app_context(), reading() as session:
        box = task(session, easy, "box")
        assert box.planned_end <= box.due_at
        assert to_minute(task(session, easy, "build").planned_start) - before[2][0] == option.args["by"]
    take_back(app, done)
    assert plan(app, easy) == before
    too_long = Option({**option.args, "by": 600, "version": version(app, easy, "build")})
    with pytest.raises(Conflict, match="no time left"):
        do(app, suggested(app, "let_wait", late, too_long))
    assert plan(app, easy) == before, "what was refused has changed nothing"


def version(app: Flask, order_id: int, kind: str) -> int:
    with app.app_context(), reading() as session:
        return task(session, order_id, kind).version


def test_waiting_is_not_taken_back_when_the_cake_was_planned_anew(app: Flask) -> None:
    late, easy = two_in_turn(app)
    done = do(app, suggested(app, "let_wait", late, options(app, "let_wait", late)[0]))
    with app.app_context(), writing() as tx:
        task(tx, easy, "box").planned_start += timedelta(minutes=5)
    with pytest.raises(Conflict, match="moved on"):
        take_back(app, done)


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
    alarm = next(each for each in crowd(app) if any("task" in m["args"] for m in each.moves))
    move = next(m for m in alarm.moves if "task" in m["args"])
    with app.app_context(), writing() as tx:
        tx.get_one(Task, move["args"]["task"]).version += 1
    tick(app)
    tick(app)
    again = next(each for each in of(app, "predicted_late") if each.id == alarm.id)
    assert [m["id"] for m in again.moves] != [m["id"] for m in alarm.moves], "its versions are those of now"
