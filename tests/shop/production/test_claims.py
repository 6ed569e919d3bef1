"""Who takes work: fifty at once and one wins, offers go round, claims end, a person may decide, a start is a yes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.core.errors import Conflict, Invalid
from shop.core.events import Event
from shop.people.offers import Answer, Offer
from shop.people.shops import Shop
from shop.production import claims, work
from shop.production.offers import AHEAD, KEEP_MINUTES, offer_due, offered_to, unanswered
from shop.production.tables import Task, TaskState
from tests import cast, counter
from tests.shop.orders.test_races import all_at_once
from web.database import reading, writing
from web.house import now

BAKERS = ("li", "zhang", "zhao", "sun")


def decorating(tx: Session) -> Task:
    """Return the decorating of a cake whose stages before are done."""
    placed = counter.order(tx)
    counter.make(tx, placed.order_id, "build")
    return counter.task(tx, placed.order_id, "decorate")


def kinds(session: Session, task_id: int) -> list[str]:
    """Return what the diary says of a task, without its start and end."""
    rows = session.scalars(select(Event).where(Event.task_id == task_id).order_by(Event.seq))
    return [e.kind for e in rows if e.kind not in ("task_started", "task_finished")]


def answers(session: Session, task_id: int) -> list[tuple[int | None, str]]:
    rows = session.scalars(select(Offer).where(Offer.subject == f"task:{task_id}").order_by(Offer.id))
    return [(row.staff_id, row.answer) for row in rows]


def asked_now(tx: Session, shop: Shop, task_id: int) -> int | None:
    offer = offered_to(tx, shop).get(task_id)
    return offer.staff_id if offer else None


def winners(app: Flask) -> int:
    """Let fifty taps claim one task at once; returns how many were told that it is theirs."""
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        task = decorating(tx)
        seen, version, people = task.id, task.version, [cast.by(tx, login) for login in BAKERS]
    won: list[int] = []

    def take(n: int) -> None:
        with writing() as tx:
            claims.claim(tx, shop, seen, version, by=people[n % len(people)], at=now())
        won.append(n)

    lost = all_at_once(app, take)
    assert all(isinstance(error, Conflict) for error in lost), lost[:3]
    assert len(won) + len(lost) == 50
    with app.app_context(), reading() as session:
        told = select(func.count()).where(Event.kind == "task_claimed", Event.task_id == seen)
        assert session.scalar(told) == len(won)
    return len(won)


def test_of_fifty_one_wins(app_both: Flask) -> None:
    assert [winners(app_both) for _ in range(2)] == [1, 1]


def test_the_race_has_teeth(app_both: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the compare-and-set several are told that it is theirs."""
    monkeypatch.setattr(claims, "guard", lambda version: ())
    assert winners(app_both) > 1


def test_an_offer_goes_to_the_best_then_to_the_next_then_nobody_takes_it(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            shop, _ = counter.shop_and_card(tx)
            task = decorating(tx)
            cast.clock_of(app).at = max(now(), task.planned_start)
            here = {cast.person(tx, login).id: cast.by(tx, login) for login in BAKERS}
            assert offer_due(tx, shop, at=now()) == 1
            assert offer_due(tx, shop, at=now()) == 0, "asked once"
            turn, first = [], asked_now(tx, shop, task.id)
            assert first is not None
            turn.append(first)
            other = next(actor for staff_id, actor in here.items() if staff_id != first)
            with pytest.raises(Conflict, match="offered to somebody else"):
                claims.claim(tx, shop, task.id, task.version, by=other, at=now())
            with pytest.raises(Conflict, match="no longer offered"):
                claims.accept(tx, shop, task.id, by=other, at=now())
            claims.decline(tx, shop, task.id, by=here[first], at=now())
            while offer_due(tx, shop, at=now()):
                person = asked_now(tx, shop, task.id)
                assert person is not None and person not in turn, "nobody is asked twice"
                turn.append(person)
                cast.clock_of(app).pass_by(minutes=2)
            assert len(turn) > 1 and [t.id for t, _ in unanswered(tx, shop)] == [task.id]
            assert offer_due(tx, shop, at=now()) == 0
            claims.claim(tx, shop, task.id, task.version, by=here[turn[0]], at=now())
            assert unanswered(tx, shop) == [] and task.claimed_by == turn[0]
            task_id = task.id
        with reading() as session:
            said = ["task_offered", "offer_declined", *["task_offered", "offer_lapsed"] * (len(turn) - 1)]
            assert kinds(session, task_id) == [*said, "offer_unanswered", "task_claimed"]
            assert answers(session, task_id) == [
                (turn[0], Answer.DECLINED), *[(person, Answer.LAPSED) for person in turn[1:]],
                (None, Answer.ENDED), (turn[0], Answer.TAKEN),
            ]  # fmt: skip
            alarm = session.scalars(select(Event).where(Event.kind == "offer_unanswered")).one()
            assert alarm.data["stage"] == "decorate" and alarm.order_id is not None


def test_an_accepted_offer_is_a_claim(app_both: Flask) -> None:
    with app_both.app_context():
        with writing() as tx:
            shop, _ = counter.shop_and_card(tx)
            task = decorating(tx)
            cast.clock_of(app_both).at = max(now(), task.planned_start)
            offer_due(tx, shop, at=now())
            person = asked_now(tx, shop, task.id)
            by = next(cast.by(tx, login) for login in BAKERS if cast.person(tx, login).id == person)
            claims.accept(tx, shop, task.id, by=by, at=now())
            assert (task.claimed_by, task.claimed_at) == (person, now())
            assert offer_due(tx, shop, at=now()) == 0
            with pytest.raises(Conflict, match="no longer offered"):
                claims.accept(tx, shop, task.id, by=by, at=now())
            claims.release(tx, shop, task.id, task.version, by=by, at=now(), reason="my hand hurts")
            assert offer_due(tx, shop, at=now()) == 1 and asked_now(tx, shop, task.id) != person
            task_id = task.id
        with reading() as session:
            assert kinds(session, task_id) == [
                "task_offered",
                "task_claimed",
                "task_released",
                "task_offered",
            ]


def test_what_begins_later_is_not_offered_and_a_shop_may_do_without(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        at = decorating(tx).planned_start
        assert offer_due(tx, shop, at=at - AHEAD - timedelta(minutes=1)) == 0
        shop.settings = {**shop.settings, "offers": False}
        assert offer_due(tx, shop, at=at) == 0
        shop.settings = {**shop.settings, "offers": True}
        assert offer_due(tx, shop, at=at) > 0


def test_only_the_able_may_claim_and_only_mine_is_given_back(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        task = decorating(tx)
        li, sun, mei = (cast.by(tx, login) for login in ("li", "sun", "mei"))
        with pytest.raises(Invalid) as unable:
            claims.claim(tx, shop, task.id, task.version, by=mei, at=now())
        assert unable.value.field == "person"
        claims.claim(tx, shop, task.id, task.version, by=li, at=now())
        with pytest.raises(Conflict, match="has taken this already") as lost:
            claims.claim(tx, shop, task.id, task.version, by=sun, at=now())
        assert "李 Li" in str(lost.value.params)
        with pytest.raises(Conflict, match="not yours"):
            claims.release(tx, shop, task.id, task.version, by=sun, at=now())
        bake = counter.task(tx, task.order_id, "cool")
        with pytest.raises(Conflict, match="Nobody is needed"):
            cast.person(tx, "li").skills = ["cool", "decorate"]
            claims.claim(tx, shop, bake.id, bake.version, by=li, at=now())
        cast.person(tx, "li").skills = ["bake", "decorate"]
        work.start(tx, shop, task.id, task.version, by=li, at=now())
        with pytest.raises(Conflict, match="begun"):
            claims.release(tx, shop, task.id, task.version, by=li, at=now())


def test_a_start_asks_for_a_takeover_and_answers_the_offer(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            shop, _ = counter.shop_and_card(tx)
            task = decorating(tx)
            li, sun = cast.by(tx, "li"), cast.by(tx, "sun")
            claims.claim(tx, shop, task.id, task.version, by=li, at=now())
            with pytest.raises(Conflict) as asked:
                work.start(tx, shop, task.id, task.version, by=sun, at=now())
            assert asked.value.field == "takeover" and task.state == TaskState.READY
            work.start(tx, shop, task.id, task.version, by=sun, at=now(), takeover=True)
            assert (task.started_by, task.claimed_by) == (sun.id, sun.id)
            other = decorating(tx)
            cast.clock_of(app).at = max(now(), other.planned_start)
            offer_due(tx, shop, at=now())
            person = asked_now(tx, shop, other.id)
            by = next(cast.by(tx, login) for login in BAKERS if cast.person(tx, login).id == person)
            work.start(tx, shop, other.id, other.version, by=by, at=now())
            ids = task.id, other.id
        with reading() as session:
            assert kinds(session, ids[0]) == ["task_claimed", "task_taken_over"]
            assert answers(session, ids[1]) == [(person, Answer.ACCEPTED)], "beginning it is a yes"


def test_a_claim_ends_when_nothing_begins_and_with_the_shift(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            shop, _ = counter.shop_and_card(tx)
            first, second = decorating(tx), decorating(tx)
            li, goes = cast.by(tx, "li"), shop.moment(shop.business_date(now()), "16:30")
            second.planned_start = goes + timedelta(hours=1)
            tx.flush()
            claims.claim(tx, shop, first.id, first.version, by=li, at=now())
            could = max(
                now(), first.planned_start, counter.task(tx, first.order_id, "build").finished_at or now()
            )
            at = could + timedelta(minutes=KEEP_MINUTES)
            offer_due(tx, shop, at=at - timedelta(seconds=1))
            assert first.claimed_by == li.id
            offer_due(tx, shop, at=at)
            assert first.claimed_by is None and asked_now(tx, shop, first.id) != li.id
            cast.clock_of(app).at = goes - timedelta(minutes=1)
            claims.claim(tx, shop, second.id, second.version, by=li, at=now())
            offer_due(tx, shop, at=now())
            assert second.claimed_by == li.id
            offer_due(tx, shop, at=goes)
            assert second.claimed_by is None
            ids = first.id, second.id
        with reading() as session:
            why = select(Event.data["why"].as_string()).where(Event.kind == "claim_ended")
            assert [session.scalar(why.where(Event.task_id == each)) for each in ids] == ["idle", "shift"]


def test_a_manager_decides_with_a_reason(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            shop, _ = counter.shop_and_card(tx)
            task = decorating(tx)
            xu, sun, mei = cast.by(tx, "xu"), cast.person(tx, "sun").id, cast.person(tx, "mei").id
            for staff_id, reason, field in ((sun, " ", "reason"), (mei, "x", "staff"), (0, "x", "staff")):
                with pytest.raises(Invalid) as wrong:
                    claims.assign(tx, shop, task.id, staff_id, task.version, by=xu, at=now(), reason=reason)
                assert wrong.value.field == field
            with pytest.raises(Conflict):
                claims.assign(tx, shop, task.id, sun, task.version - 1, by=xu, at=now(), reason="late")
            claims.claim(tx, shop, task.id, task.version, by=cast.by(tx, "li"), at=now())
            claims.assign(tx, shop, task.id, sun, task.version, by=xu, at=now(), reason="Li goes home")
            assert task.claimed_by == sun
            task_id, li = task.id, cast.person(tx, "li").id
        with reading() as session:
            told = session.scalars(select(Event).where(Event.kind == "task_assigned")).one()
            assert (told.data["to"], told.data["before"], told.data["reason"]) == (sun, li, "Li goes home")
            assert answers(session, task_id) == [(li, Answer.TAKEN), (sun, Answer.ASSIGNED)]


def test_an_offer_of_cancelled_work_is_over(app: Flask) -> None:
    from shop.orders import progress

    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        task = decorating(tx)
        cast.clock_of(app).at = max(now(), task.planned_start)
        offer_due(tx, shop, at=now())
        order = progress.lock_order(tx, task.order_id)
        progress.cancel(tx, shop, order, by=cast.by(tx, "xu"), at=now(), reason="x", second=cast.by(tx, "he"))
        assert offer_due(tx, shop, at=now()) == 0 and asked_now(tx, shop, task.id) is None
        assert [answer for _, answer in answers(tx, task.id)] == [Answer.ENDED]
