"""Work at the stations: one baker wins, cooling runs by itself, recall and remake keep the books straight."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.errors import Conflict, Invalid, Missing
from shop.orders.tables import Order, OrderState
from shop.production import work
from shop.production.tables import Notice, Remake, Task, TaskState
from tests import cast
from tests.counter import cart, clock, make, order, shop_and_card, task, tasks
from web.database import writing
from web.house import now


def state_of(tx: Session, order_id: int) -> str:
    return str(tx.get_one(Order, order_id, populate_existing=True).state)


def test_a_cake_goes_through_its_six_stages(app_both: Flask) -> None:
    with app_both.app_context(), writing() as tx:
        mine = order(tx, cart(inscription="生日快乐")).order_id
        assert state_of(tx, mine) == OrderState.CONFIRMED
        make(tx, mine, until="bake")
        assert state_of(tx, mine) == OrderState.IN_PRODUCTION
        cooling = task(tx, mine, "cool")
        assert cooling.state == TaskState.RUNNING and cooling.started_by is None
        make(tx, mine)
        assert state_of(tx, mine) == OrderState.READY
        assert [t.state for t in tasks(tx, mine)] == [TaskState.DONE] * 6


def test_cooling_ends_by_itself_when_its_minutes_are_over(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            shop, _ = shop_and_card(tx)
            mine = order(tx).order_id
            make(tx, mine, until="bake")
            assert work.finish_cooling(tx, shop, at=now() + timedelta(minutes=39)) == 0
        clock(app).pass_by(minutes=50)
        with writing() as tx:
            assert work.finish_cooling(tx, shop, at=now()) == 1
            cooled = task(tx, mine, "cool")
            assert cooled.finished_at == cooled.started_at + timedelta(minutes=40)
            assert task(tx, mine, "build").state == TaskState.READY


def test_of_two_bakers_who_tap_at_once_one_wins(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        mine = order(tx).order_id
        bake = task(tx, mine, "bake")
        version = bake.version
        work.start(tx, shop, bake.id, version, by=cast.by(tx, "li"), at=now())
        with pytest.raises(Conflict):
            work.start(tx, shop, bake.id, version, by=cast.by(tx, "zhang"), at=now())
        assert task(tx, mine, "bake").started_by == cast.person(tx, "li").id


def test_a_stage_waits_for_the_one_before(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        mine = order(tx).order_id
        build = task(tx, mine, "build")
        with pytest.raises(Conflict):
            work.start(tx, shop, build.id, build.version, by=cast.by(tx, "li"), at=now())
        with pytest.raises(Conflict):
            work.finish(tx, shop, build.id, build.version, by=cast.by(tx, "li"), at=now())
        with pytest.raises(Missing):
            work.start(tx, shop, 999_999, 1, by=cast.by(tx, "li"), at=now())


def test_an_unpaid_order_is_not_started(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        mine = order(tx, paid=False).order_id
        bake = task(tx, mine, "bake")
        with pytest.raises(Conflict):
            work.start(tx, shop, bake.id, bake.version, by=cast.by(tx, "li"), at=now())


def test_the_decorator_ticks_as_written_before_finishing(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        li = cast.by(tx, "li")
        mine = order(tx, cart(inscription="福如东海")).order_id
        make(tx, mine, until="build")
        piping = task(tx, mine, "decorate")
        work.start(tx, shop, piping.id, piping.version, by=li, at=now())
        piping = task(tx, mine, "decorate")
        with pytest.raises(Invalid) as refused:
            work.finish(tx, shop, piping.id, piping.version, by=li, at=now())
        assert refused.value.field == "written"
        work.tick_written(tx, shop, piping.cake_id, by=li, at=now())
        work.finish(tx, shop, piping.id, piping.version, by=li, at=now())
        plain = order(tx).order_id
        with pytest.raises(Conflict):
            work.tick_written(tx, shop, task(tx, plain, "bake").cake_id, by=li, at=now())


def test_recall_takes_back_the_last_move_until_the_next_stage_has_started(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        li = cast.by(tx, "li")
        mine = order(tx).order_id
        bake = task(tx, mine, "bake")
        with pytest.raises(Conflict):
            work.recall(tx, shop, bake.id, bake.version, by=li, at=now())
        work.start(tx, shop, bake.id, bake.version, by=li, at=now())
        bake = task(tx, mine, "bake")
        work.recall(tx, shop, bake.id, bake.version, by=li, at=now())
        assert task(tx, mine, "bake").state == TaskState.READY
        assert state_of(tx, mine) == OrderState.CONFIRMED  # nothing has begun any more
        make(tx, mine, until="bake")
        bake = task(tx, mine, "bake")
        work.recall(tx, shop, bake.id, bake.version, by=li, at=now())
        assert [t.state for t in tasks(tx, mine)][:2] == [TaskState.RUNNING, TaskState.WAITING]
        make(tx, mine, until="build")
        cooled = task(tx, mine, "cool")
        with pytest.raises(Conflict):
            work.recall(tx, shop, cooled.id, cooled.version, by=li, at=now())


def test_recalling_the_last_stage_takes_the_order_back_from_ready(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        mine = order(tx).order_id
        make(tx, mine)
        box = task(tx, mine, "box")
        work.recall(tx, shop, box.id, box.version, by=cast.by(tx, "li"), at=now())
        assert state_of(tx, mine) == OrderState.IN_PRODUCTION
        make(tx, mine)
        assert state_of(tx, mine) == OrderState.READY


def test_a_remake_starts_again_and_says_whose_stage_it_was(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, card = shop_and_card(tx)
        li = cast.by(tx, "li")
        mine = order(tx, cart(inscription="早日康复")).order_id
        make(tx, mine)
        cake = task(tx, mine, "box").cake_id

        def again(**more: str) -> None:
            given = {"from_kind": "build", "fault_kind": "decorate", "reason": "wrong_writing"} | more
            work.remake(tx, shop, card, cake, by=li, at=now(), **given)

        for wrong in ({"reason": ""}, {"from_kind": "fly"}, {"fault_kind": ""}):
            with pytest.raises(Invalid):
                again(**wrong)
        again()
        assert state_of(tx, mine) == OrderState.IN_PRODUCTION
        live = tasks(tx, mine)
        assert [t.state for t in live] == ["done", "done", "ready_to_start", "waiting", "waiting", "waiting"]
        assert {t.remake for t in live} == {0, 1}
        kept = tx.scalars(select(Remake)).one()
        assert (kept.reason, kept.fault_kind, kept.from_kind) == ("wrong_writing", "decorate", "build")
        assert tx.scalars(select(Notice.kind)).all() == ["remake"]
        with pytest.raises(Conflict):
            again()  # nothing was done again yet
        make(tx, mine)  # the writing must be ticked anew, which make() does
        assert state_of(tx, mine) == OrderState.READY
        old = tx.scalars(select(Task).where(Task.order_id == mine, Task.state == TaskState.VOID)).all()
        assert len(old) == 4 and all(t.finished_at for t in old)


def test_an_order_with_two_cakes_is_ready_with_the_last_one(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        mine = order(tx, cart(quantity=2)).order_id
        first, second = tasks(tx, mine)[:6], tasks(tx, mine)[6:]
        finish_cake(tx, first)
        assert state_of(tx, mine) == OrderState.IN_PRODUCTION
        finish_cake(tx, second)
        assert state_of(tx, mine) == OrderState.READY


def finish_cake(tx: Session, stages: list[Task]) -> None:
    shop, _ = shop_and_card(tx)
    li = cast.by(tx, "li")
    for each in stages:
        for step in (work.start, work.finish):
            fresh = tx.get_one(Task, each.id, populate_existing=True)
            if not (step is work.start and fresh.state == TaskState.RUNNING):
                step(tx, shop, fresh.id, fresh.version, by=li, at=now())


def test_a_notice_is_acknowledged_once(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, card = shop_and_card(tx)
        mine = order(tx).order_id
        make(tx, mine)
        cake = task(tx, mine, "box").cake_id
        li = cast.by(tx, "li")
        work.remake(
            tx, shop, card, cake, from_kind="bake", fault_kind="bake", reason="burnt", by=li, at=now()
        )
        notice = tx.scalars(select(Notice)).one()
        work.acknowledge(tx, shop, notice.id, by=li, at=now())
        with pytest.raises(Conflict):
            work.acknowledge(tx, shop, notice.id, by=li, at=now())
