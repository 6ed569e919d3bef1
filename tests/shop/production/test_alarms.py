"""Alarms: each watcher raises, repeats, is acknowledged, ends and is judged; cards follow; the shop learns."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from shop.core.errors import Conflict, Missing
from shop.core.events import Event
from shop.people.staff import Device
from shop.planning.reservations.floor import Floor, Hand, Job, Laid, Step
from shop.planning.simulation.calibration import Sight
from shop.production import alarms, learning, verdicts, work
from shop.production.board import CardState, board
from shop.production.foresight import foresee, with_whom_works
from shop.production.tables import Alarm, Foresight, Task
from shop.production.warnings import warnings
from tests import cast
from tests.counter import clock, order, shop_and_card, task
from web.database import reading, writing
from web.house import now


def tick(app: Flask, minutes: float = 0) -> None:
    """Let time pass, and the watchers look once."""
    clock(app).pass_by(minutes=minutes)
    with app.app_context():
        with reading() as session:
            shop, card = shop_and_card(session)
            changes = alarms.watch(session, shop, card, at=now())
        if changes:
            with writing() as tx:
                alarms.keep(tx, shop_and_card(tx)[0], changes, at=now())


def placed(app: Flask, *, spare: int = 60) -> int:
    """Order a cake whose time is ``spare`` minutes after the earliest that could be kept."""
    with app.app_context(), writing() as tx:
        first = order(tx)
        if spare:
            for each in tx.scalars(select(Task).where(Task.order_id == first.order_id)):
                each.due_at += timedelta(minutes=spare)
                each.latest_start += timedelta(minutes=spare)
        return first.order_id


def of(app: Flask, kind: str = "") -> list[Alarm]:
    with app.app_context(), reading() as session:
        found = list(session.scalars(select(Alarm).order_by(Alarm.id)))
        return [alarm for alarm in found if not kind or alarm.kind == kind]


def events(app: Flask, kind: str) -> list[Event]:
    with app.app_context(), reading() as session:
        return list(session.scalars(select(Event).where(Event.kind == kind).order_by(Event.seq)))


def begin(app: Flask, order_id: int, kind: str = "bake") -> None:
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        one = task(tx, order_id, kind)
        work.start(tx, shop, one.id, one.version, by=cast.by(tx, "li"), at=now())


def finish_all(app: Flask, order_id: int, at: datetime) -> None:
    with app.app_context(), writing() as tx:
        tx.execute(
            update(Task).where(Task.order_id == order_id).values(state="done", started_at=at, finished_at=at)
        )


def test_a_cake_with_time_to_spare_raises_nothing(app_both: Flask) -> None:
    placed(app_both)
    tick(app_both)
    assert of(app_both) == []
    with app_both.app_context(), reading() as session:
        seen = foresee(session, shop_and_card(session)[0], at=now())
        assert [round(each.chance, 1) for each in seen.values()] == [0.0]


def test_a_cake_that_will_be_late_is_warned_before_and_once(app_both: Flask) -> None:
    """Nobody starts it: long before its time is over the chance says so."""
    order_id = placed(app_both, spare=30)
    while not of(app_both, "predicted_late"):
        tick(app_both, 5)
        assert clock(app_both).at < cast.SATURDAY + timedelta(hours=3)
    alarm = of(app_both, "predicted_late")[0]
    assert alarm.chance >= 30 and alarm.order_id == order_id and alarm.station_id
    with app_both.app_context(), reading() as session:
        due = task(session, order_id, "box").due_at
    assert due - alarm.raised_at > timedelta(minutes=60), "early enough to act"
    tick(app_both)
    assert len(of(app_both, "predicted_late")) == 1
    raised = events(app_both, "alarm_raised")
    assert raised[0].order_id == order_id and raised[0].data["sound"] == "risk"


def test_a_likely_late_cake_is_at_risk_on_the_board_and_in_the_rail(app: Flask) -> None:
    order_id = placed(app, spare=120)
    with app.app_context(), writing() as tx:
        shop, card = shop_and_card(tx)
        before = board(tx, shop, card, "oven", at=now()).cards
        assert [c.state for c in before] != [CardState.RISK]
        cake = task(tx, order_id, "bake").cake_id
        tx.add(Alarm(shop_id=shop.id, kind="predicted_late", subject=f"cake:{cake}", cake_id=cake, order_id=order_id,
                     stage="", person="", names={}, chance=62, minutes=9, raised_at=now(),
                     repeated_at=now()))  # fmt: skip
        tx.flush()
        shown = board(tx, shop, card, "oven", at=now())
        assert [(c.state, c.chance) for c in shown.cards] == [(CardState.RISK, 62)]
        assert [(w.kind, w.chance) for w in shown.warnings] == [("predicted_late", 62)]
        waiting = board(tx, shop, card, "decorating", at=now())
        assert [c.chance for c in waiting.cards] == [0] and waiting.warnings == []
        tx.execute(update(Alarm).values(chance=25))
        assert [c.chance for c in board(tx, shop, card, "oven", at=now()).cards] == [0]


def test_it_repeats_until_somebody_has_seen_it(app: Flask) -> None:
    placed(app, spare=0)
    tick(app, 45)
    first = of(app, "missed_start")[0]
    tick(app, 4)
    assert of(app, "missed_start")[0].repeats == 0
    tick(app, 1)
    tick(app, 5)
    assert of(app, "missed_start")[0].repeats == 2
    assert events(app, "alarm_repeated")[-1].data["sound"] == "risk"
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        alarms.acknowledge(tx, shop, first.id, by=cast.by(tx, "li"), at=now())
    tick(app, 30)
    assert of(app, "missed_start")[0].repeats == 2
    with app.app_context(), reading() as session:
        assert events(app, "alarm_acknowledged")[0].actor_id == cast.person(session, "li").id


def test_two_who_have_seen_it_the_first_looks_after_it(app_both: Flask) -> None:
    placed(app_both, spare=0)
    tick(app_both, 45)
    alarm = of(app_both, "missed_start")[0]
    with app_both.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        alarms.acknowledge(tx, shop, alarm.id, by=cast.by(tx, "li"), at=now())
        with pytest.raises(Conflict):
            alarms.acknowledge(tx, shop, alarm.id, by=cast.by(tx, "xu"), at=now())
        with pytest.raises(Missing):
            alarms.acknowledge(tx, shop, 999, by=cast.by(tx, "xu"), at=now())


def test_a_missed_start_ends_when_somebody_starts_and_is_judged_by_the_cake(app: Flask) -> None:
    order_id = placed(app, spare=0)
    tick(app, 45)
    begin(app, order_id)
    tick(app, 1)
    alarm = of(app, "missed_start")[0]
    assert alarm.ended_at is not None and alarm.verdict == "", "the cake may still be in time"
    with app.app_context(), reading() as session:
        due = task(session, order_id, "box").due_at
    finish_all(app, order_id, due + timedelta(minutes=5))
    tick(app)
    assert of(app, "missed_start")[0].verdict == "late"


@pytest.mark.parametrize(("seen", "verdict"), [(True, "acted"), (False, "false")])
def test_a_cake_in_time_after_all(app: Flask, seen: bool, verdict: str) -> None:
    order_id = placed(app, spare=0)
    tick(app, 45)
    alarm = of(app, "missed_start")[0]
    if seen:
        with app.app_context(), writing() as tx:
            alarms.acknowledge(tx, shop_and_card(tx)[0], alarm.id, by=cast.by(tx, "li"), at=now())
    finish_all(app, order_id, clock(app).at)
    tick(app, 1)
    tick(app, 1)
    assert {a.verdict for a in of(app, "missed_start")} == {verdict}
    with app.app_context(), reading() as session:
        found = verdicts.record_of(session, shop_and_card(session)[0], at=now())
        assert found["missed_start"] == {verdict: 1}


def test_a_stage_over_its_time_names_who_does_it(app: Flask) -> None:
    order_id = placed(app)
    begin(app, order_id)
    tick(app, 30)
    assert of(app, "over_time") == []
    tick(app, 15)
    alarm = of(app, "over_time")[0]
    assert alarm.person == "李 Li" and alarm.stage == "bake"
    with app.app_context(), writing() as tx:
        one = task(tx, order_id, "bake")
        work.finish(tx, shop_and_card(tx)[0], one.id, one.version, by=cast.by(tx, "li"), at=now())
    tick(app)
    assert of(app, "over_time")[0].ended_at is not None


def test_a_silent_display_is_one_alarm_until_it_answers(app: Flask) -> None:
    def seen() -> None:
        with app.app_context(), writing() as tx:
            tx.scalars(select(Device).where(Device.kind == "kitchen")).first().seen_at = now()

    seen()
    tick(app, 2)
    tick(app, 1)
    assert [a.ended_at for a in of(app, "silent_display")] == [None]
    seen()
    tick(app)
    tick(app)
    assert of(app, "silent_display")[0].verdict == "false"
    tick(app, 2)
    assert len(of(app, "silent_display")) == 2, "it fell silent again: a new alarm"


def test_two_that_look_at_the_same_moment_remember_a_cake_once(app_both: Flask) -> None:
    """The shop's own look and a demo that plays beside it: the second one finds it remembered, and goes on."""
    placed(app_both, spare=0)
    clock(app_both).pass_by(minutes=120)
    with app_both.app_context():
        with reading() as session:
            shop, card = shop_and_card(session)
            looks = [alarms.watch(session, shop, card, at=now()) for _ in range(2)]
        for changes in looks:
            assert changes and changes.fresh
            with writing() as tx:
                alarms.keep(tx, shop_and_card(tx)[0], changes, at=now())
        with reading() as session:
            assert len(list(session.scalars(select(Foresight)))) == 1


def test_each_cake_is_remembered_once_and_judged(app: Flask) -> None:
    late, good = placed(app, spare=0), placed(app, spare=60)
    for _ in range(12):
        tick(app, 10)
    with app.app_context(), reading() as session:
        due = task(session, late, "box").due_at
        rows = list(session.scalars(select(Foresight)))
        assert len(rows) == 2 and all(row.due_at - row.at <= learning.ASKED for row in rows)
    finish_all(app, good, due)
    tick(app, 120)
    tick(app, 1)
    with app.app_context(), reading() as session:
        judged = dict(session.execute(select(Task.order_id, Foresight.late).join(
            Foresight, Foresight.cake_id == Task.cake_id).distinct()).all())  # fmt: skip
        assert judged == {late: True, good: False}


def test_the_shop_learns_from_two_hundred_cakes_and_not_from_fewer(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        assert learning.learn(tx, shop, at=now()) == 0
        placed_one = order(tx)
        row = tx.scalars(select(Task).where(Task.order_id == placed_one.order_id)).first()
        assert row is not None
        rows = [Foresight(shop_id=shop.id, cake_id=row.cake_id, due_at=now(), at=now(), chance=50, said=50, margin=0,
                          apart=10, slack=5, queue=2, late=n % 4 == 0) for n in range(200)]  # fmt: skip
        weights = learning.fitted(rows)
        assert weights[0] < -0.1, "one of four was late where half was said"
        tx.add(rows[0])
        assert learning.learn(tx, shop, at=now()) == 0 and "foresight" not in shop.settings


def test_what_was_learnt_is_used(app: Flask) -> None:
    placed(app, spare=0)
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        raw = next(iter(foresee(tx, shop, at=now()).values()))
        assert raw.chance == raw.sight.chance
        shop.settings = {**shop.settings, "foresight": {"weights": [3.0, 1.0, 0.0], "n": 200}}
        said = next(iter(foresee(tx, shop, at=now()).values()))
        assert said.chance > raw.chance and said.sight == raw.sight
        assert isinstance(said.sight, Sight)
        shop.settings = {**shop.settings, "foresight": {"weights": [3.0, 1.0, 0.0, 0.0, 0.0], "n": 200}}
        former = next(iter(foresee(tx, shop, at=now()).values()))
        assert former.chance == raw.chance, "what was learnt of former features says nothing of these"


def test_the_look_writes_nothing_when_there_is_nothing_new(app: Flask) -> None:
    placed(app)
    tick(app)
    with app.app_context(), reading() as session:
        shop, card = shop_and_card(session)
        assert not alarms.watch(session, shop, card, at=now())
        assert session.scalar(select(func.count()).select_from(Alarm)) == 0
        assert warnings(session, shop, card, at=now()) == []


def test_who_is_at_work_before_the_shift_is_here() -> None:
    step = Step("build", None, 20, skill="build")
    job = Job(1, 1, 200, 0, (step,), [Laid(90, 110, hand=2)], 1)
    hands = [
        Hand(n, frozenset({"build"}), hours)
        for n, hours in ((1, [(130, 300)]), (2, [(130, 300)]), (3, [(0, 80)]))
    ]
    found = with_whom_works(Floor([], hands), [job], 100)
    assert [hand.hours for hand in found.hands] == [[(130, 300)], [(100, 300), (130, 300)], []]
    job.laid[0] = Laid(90, 110, hand=3)
    stays = with_whom_works(Floor([], hands), [job], 100).hands[2]
    assert stays.hours == [(100, 130)]
