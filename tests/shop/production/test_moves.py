"""Moves of work: found, applied, refused, undone, and not undone once the work has moved on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from shop.core.errors import Conflict
from shop.core.types import to_minute
from shop.production import work
from shop.production.moves.applying import lately
from shop.production.moves.contract import Option
from shop.production.tables import MoveDone
from tests import cast
from tests.counter import shop_and_card, task, tasks
from tests.shop.production.test_alarms import events
from tests.shop.production.trouble import begin, do, options, placed, plan, suggested, take_back
from web.database import reading, writing
from web.house import now


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
    assert [line.order_id for line in events(app_both, "order_postponed")] == [easy]
    take_back(app_both, done)
    assert plan(app_both, late, easy) == before
    assert {line.order_id for line in events(app_both, "order_postponed")} == {easy}


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
