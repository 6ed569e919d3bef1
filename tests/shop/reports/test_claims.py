"""The figures of the Claims page are counts of rows: each is worked out here once more by hand."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from shop.core.permissions import Role
from shop.delivery import claims as rides
from shop.people.offers import Answer, Offer
from shop.production import claims, work
from shop.production.offers import offer_due, offered_to
from shop.production.tables import Task
from shop.reports.claims import claims_board
from tests import cast, counter
from tests.admin.office import english, post
from tests.shop.delivery import rounds
from tests.shop.production.test_claims import BAKERS, decorating
from web.database import reading, writing
from web.house import now


def a_busy_hour(app: Flask) -> None:
    """Ask, say yes and no, let lapse, take, give by hand; a courier rides, too."""
    clock = cast.clock_of(app)
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        actors = {cast.person(tx, login).id: cast.by(tx, login) for login in BAKERS}
        task, other, third = decorating(tx), decorating(tx), decorating(tx)
        clock.at = max(now(), task.planned_start, other.planned_start)
        claims.claim(tx, shop, third.id, third.version, by=cast.by(tx, "li"), at=now())
        offer_due(tx, shop, at=now())
        clock.pass_by(seconds=30)
        first = offered_to(tx, shop)[task.id].staff_id
        claims.decline(tx, shop, task.id, by=actors[first or 0], at=now())
        offer_due(tx, shop, at=now())
        clock.pass_by(seconds=90)
        second = offered_to(tx, shop)[task.id].staff_id
        claims.accept(tx, shop, task.id, by=actors[second or 0], at=now())
        clock.pass_by(minutes=3)
        offer_due(tx, shop, at=now())  # the other one's offer has lapsed by now
        work.start(tx, shop, task.id, task.version, by=actors[second or 0], at=now())
        clock.pass_by(minutes=task.minutes)
        work.finish(tx, shop, task.id, task.version, by=actors[second or 0], at=now())
        claims.assign(tx, shop, third.id, cast.person(tx, "sun").id, third.version, by=cast.by(tx, "xu"), at=now(),
                      reason="Li is busy")  # fmt: skip
        rounds.at_work(tx, "gao")
        drop = rounds.drop(tx)
        rides.claim(tx, shop, drop.id, drop.version, by=cast.by(tx, "gao"), at=now())


def test_the_board_agrees_with_the_rows(app_both: Flask) -> None:
    a_busy_hour(app_both)
    with app_both.app_context(), reading() as session:
        shop, _ = counter.shop_and_card(session)
        board = claims_board(session, shop, at=now(), days=1)
        people = {person.staff_id: person.now for person in board.people}
        per = select(Offer.answer, func.count()).group_by(Offer.answer)
        for staff_id, counts in people.items():
            rows = {answer: n for answer, n in session.execute(per.where(Offer.staff_id == staff_id))}
            assert (counts.accepted, counts.taken, counts.assigned, counts.declined, counts.lapsed) == tuple(
                rows.get(a, 0)
                for a in (Answer.ACCEPTED, Answer.TAKEN, Answer.ASSIGNED, Answer.DECLINED, Answer.LAPSED)
            )
            done = select(func.count()).where(Task.finished_by == staff_id, Task.needs_person)
            assert counts.done == session.scalar(done)
        whole = board.whole
        assert (whole.accepted, whole.taken, whole.assigned, whole.declined) == (1, 2, 1, 1)
        assert whole.lapsed >= 1 and whole.offered == 2 + whole.lapsed and whole.claimed == 3
        assert sorted(whole.waits) == [0.5, 1.5] and whole.wait == 1.0
        assert whole.answered == round(100 * 2 / whole.offered)
        gao = next(person for person in board.people if person.role == Role.COURIER)
        assert (gao.now.claimed, gao.now.offered) == (1, 0), "a courier's claims count, too"
        assert claims_board(session, shop, at=now() + timedelta(days=1), days=1).whole_before.claimed == 3
        assert claims_board(session, shop, at=now() + timedelta(days=1), days=1).people == []


def test_late_work_that_came_late_is_in_time(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        quick, slow = decorating(tx), decorating(tx)
        cast.clock_of(app).at = max(quick.due_at, slow.due_at) + timedelta(hours=1)
        li = cast.by(tx, "li")
        for task, minutes in ((quick, quick.minutes), (slow, slow.minutes * 2)):
            work.start(tx, shop, task.id, task.version, by=li, at=now())
            work.finish(tx, shop, task.id, task.version, by=li, at=now() + timedelta(minutes=minutes))
        before = {p.staff_id: p.now for p in claims_board(tx, shop, at=now(), days=1).people}[li.id or 0]
        assert before.done - before.in_time == 1, "only the one that took twice its minutes"


def test_the_page_and_giving_work_by_hand(app: Flask) -> None:
    a_busy_hour(app)
    xu = english(cast.sign_in(app.test_client(), "xu"))
    for days in ("1", "7", "28", "x"):
        page = xu.get(f"/admin/claims?days={days}").get_data(as_text=True)
        assert "Who takes work, and how quickly" in page and "李 Li" in page and "老高 Gao" in page
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        task = decorating(tx)
        cast.clock_of(app).at = max(now(), task.planned_start)
        offer_due(tx, shop, at=now())
        task_id, version, zhang = task.id, task.version, cast.person(tx, "zhang").id
    assert "asking" in xu.get("/admin/claims/part").get_data(as_text=True)
    page = xu.get(f"/admin/claims/tasks/{task_id}").get_data(as_text=True)
    assert "fits best" in page and "/5" in page and "min free" in page
    answer = post(xu, f"/admin/claims/tasks/{task_id}", staff=zhang, version=version, reason="")
    assert answer.status_code == 422 and "Please give a reason" in answer.get_data(as_text=True)
    answer = post(xu, f"/admin/claims/tasks/{task_id}", staff=zhang, version=version, reason="his day")
    assert answer.status_code == 303, answer.get_data(as_text=True)
    assert "张 Zhang" in xu.get("/admin/claims/part").get_data(as_text=True)
    assert post(xu, "/admin/claims/offers").status_code == 303
    with app.app_context(), reading() as session:
        assert counter.shop_and_card(session)[0].settings["offers"] is False
        assert session.get_one(Task, task_id).claimed_by == zhang
