"""The board: late first, slack gives the state, the future stays hidden, counts add up."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.core.errors import Missing
from shop.core.events import Event
from shop.orders import progress
from shop.orders.changing import change_line
from shop.orders.tables import Cake, Line, Order
from shop.people.staff import Device
from shop.production import work
from shop.production.board import Board, CardState, board, state_of
from shop.production.slack import slack_of
from shop.production.tables import Task
from shop.production.warnings import warnings
from tests import cast
from tests.counter import cart, clock, delivered, make, order, shop_and_card, task, tasks
from web.database import reading, writing
from web.house import now


def look(session: Session, station: str, **more: Any) -> Board:
    shop, card = shop_and_card(session)
    return board(session, shop, card, station, at=now(), **more)


@pytest.mark.parametrize(
    ("slack", "running", "state"),
    [
        (-1, False, CardState.LATE), (-1, True, CardState.LATE), (0, False, CardState.RISK),
        (10, True, CardState.RISK), (11, False, CardState.NOW), (30, False, CardState.NOW),
        (31, False, CardState.NOT_YET), (31, True, CardState.NOW),
    ],
)  # fmt: skip
def test_slack_gives_the_state(slack: int, running: bool, state: CardState) -> None:
    assert state_of(slack, running) == state


def test_the_minutes_of_started_work_never_go_to_and_fro() -> None:
    """Both the minutes spent and the minutes left were rounded once: the card changed its mind twice a minute."""
    begun = cast.SATURDAY + timedelta(seconds=37)
    work_ = Task(state="in_progress", started_at=begun, minutes=20, after_minutes=8, latest_start=begun,
                 due_at=cast.SATURDAY + timedelta(minutes=39))  # fmt: skip
    slacks = [slack_of(work_, begun + timedelta(seconds=s)) for s in range(0, 40 * 60, 7)]
    assert slacks == sorted(slacks, reverse=True)
    assert set(slacks[: 20 * 60 // 7]) == {10} and slacks[-1] == -10


def test_a_change_names_the_cake_it_is_about(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, card = shop_and_card(tx)
        two = cart("taro", 6, inscription="生日快乐")
        two.lines.append(replace(two.lines[0], product="oreo", inch=8))
        two.allergies = ["nuts"]
        placed = order(tx, two)
        made = tx.get_one(Order, placed.order_id)
        second = tx.scalars(select(Line).where(Line.order_id == made.id, Line.product == "oreo")).one()
        change_line(tx, shop, card, made, second.id, by=cast.by(tx, "xu"), at=now(), inscription="Hello")
        (notice,) = look(tx, "oven").notices
        assert [(c.names["en"], c.inch, c.first, c.last, c.of) for c in notice.cakes] == [
            (second.names["en"], 8, 2, 2, 2)
        ]
        assert [a["en"] for a in notice.allergies] == [card.allergens["nuts"]["en"]]
        progress.cancel(tx, shop, made, by=cast.by(tx, "xu"), at=now(), reason="no")
        gone = look(tx, "oven").notices[1]
        assert gone.kind == "cancelled" and [c.first for c in gone.cakes] == [1, 2]


def test_a_change_is_told_only_where_that_cake_still_comes(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, card = shop_and_card(tx)
        two = cart("taro", 6, inscription="生日快乐")
        two.lines.append(replace(two.lines[0], inch=8))
        placed = order(tx, two)
        first, bake = next((t.cake_id, t) for t in tasks(tx, placed.order_id) if t.kind == "bake")
        work.start(tx, shop, bake.id, bake.version, by=cast.by(tx, "li"), at=now())
        work.finish(tx, shop, bake.id, bake.version, by=cast.by(tx, "li"), at=now())
        line = tx.get_one(Cake, first).line_id
        made = tx.get_one(Order, placed.order_id)
        change_line(tx, shop, card, made, line, by=cast.by(tx, "xu"), at=now(), inscription="Hello")
        assert look(tx, "oven").notices == [], "the other cake's baking is not concerned"
        assert len(look(tx, "decorating").notices) == 1


def test_an_event_names_the_stations_it_rings_at(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            shop, card = shop_and_card(tx)
            placed = order(tx)
            make(tx, placed.order_id, until="build")
            made = tx.get_one(Order, placed.order_id, populate_existing=True)
            progress.rush(tx, shop, made, by=cast.by(tx, "xu"), at=now())
            at = {slug: row.id for slug, row in card.stations_by_slug.items()}
        with reading() as session:
            rings = {
                e.kind: e.data["stations"] for e in session.scalars(select(Event)) if e.data.get("sound")
            }
            assert rings["order_confirmed"] == [at["oven"]]
            assert rings["order_rushed"] == [at["decorating"]]


def test_a_confirmed_cake_appears_at_the_oven_and_moves_on(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        placed = order(tx, cart(inscription="生日快乐"), paid=False)
        assert look(tx, "oven").cards == []  # not paid: the kitchen does not know it
    with app.app_context(), writing() as tx:
        placed = order(tx, cart(inscription="生日快乐"))
        oven = look(tx, "oven")
        assert [(c.number, c.kind, c.inscription) for c in oven.cards] == [
            (placed.number, "bake", "生日快乐")
        ]
        assert [step for _, step in oven.cards[0].stages] == ["todo"] * 6
        make(tx, placed.order_id, until="bake")
        assert look(tx, "oven").cards == []
        cooling = look(tx, "bench").cards[0]
        assert cooling.cooling_until == now() + timedelta(minutes=40) and cooling.before == "cool"
        make(tx, placed.order_id, until="build")
        piping = look(tx, "decorating").cards[0]
        assert piping.needs_tick and not piping.written
        assert [step for _, step in piping.stages] == ["done"] * 3 + ["todo"] * 3
        make(tx, placed.order_id, until="decorate")
        assert len(look(tx, "packing").cards) == 1  # check and box are one card, the stage at hand


def test_an_unknown_station_is_missing(app: Flask) -> None:
    with app.app_context(), reading() as session, pytest.raises(Missing):
        look(session, "garage")


def test_late_cards_come_first_then_rush_then_by_latest_start(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            shop, _ = shop_and_card(tx)
            later = order(tx, due_at=now() + timedelta(hours=6))
            soon = order(tx, due_at=now() + timedelta(hours=3))
            rushed = order(tx, due_at=now() + timedelta(hours=7))
            progress.rush(tx, shop, tx.get_one(Order, rushed.order_id), by=cast.by(tx, "xu"), at=now())
        with reading() as session:
            assert [c.number for c in look(session, "oven").cards] == [
                rushed.number,
                soon.number,
                later.number,
            ]
        clock(app).pass_by(hours=2)
        with reading() as session:
            cards = look(session, "oven").cards
            assert [c.number for c in cards] == [soon.number, rushed.number, later.number]
            assert cards[0].state == CardState.LATE and cards[0].slack < 0


def test_work_that_the_plan_lays_in_early_comes_first(app: Flask) -> None:
    """On a full day the plan uses the morning; by latest start alone it would be left for the evening."""
    with app.app_context(), writing() as tx:
        soon = order(tx, due_at=now() + timedelta(hours=6))
        later = order(tx, due_at=now() + timedelta(hours=12))
        early = {"planned_start": now(), "planned_end": now() + timedelta(minutes=30)}
        tx.execute(update(Task).where(Task.order_id == later.order_id, Task.sort == 0).values(early))
        assert [c.number for c in look(tx, "oven").cards] == [later.number, soon.number]


def test_future_orders_are_held_back_and_counted(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        tomorrow = order(tx, due_at=now() + timedelta(hours=26))
        for n in range(10):
            order(tx, cart("oreo" if n % 2 else "fruit"), due_at=now() + timedelta(hours=5 + n * 0.5))
        oven = look(tx, "oven")
        assert len(oven.cards) == 8 and oven.more == 2 and oven.more_due is not None
        assert tomorrow.number not in [c.number for c in oven.cards]
        assert (oven.left_today, oven.total) == (10, 11)
        assert {count.n for count in oven.counts} == {5}
        assert [c.state for c in look(tx, "oven", room=2).cards] == [CardState.NOT_YET] * 2


def test_what_can_be_worked_on_stands_before_all_that_waits(app: Flask) -> None:
    """The packing table had eight cakes that still cool, and the two that could be packed were "2 more"."""
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        ready = {order(tx, due_at=now() + timedelta(hours=8)).number for _ in range(2)}
        for mine in tx.scalars(select(Order)).all():
            make(tx, mine.id, until="decorate")
        waiting = [order(tx, due_at=now() + timedelta(hours=9, minutes=n)) for n in range(10)]
        soon = {"planned_start": now(), "latest_start": now() + timedelta(minutes=5)}
        tx.execute(update(Task).where(Task.order_id.in_([w.order_id for w in waiting])).values(soon))
        packing = look(tx, "packing", room=8)
        assert {c.number for c in packing.cards[:2]} == ready
        assert [c.task_state for c in packing.cards] == ["ready_to_start"] * 2 + ["waiting"] * 6
        hidden = {w.number for w in waiting} - {c.number for c in packing.cards}
        assert (packing.more, len(hidden)) == (4, 4)
        first = min(task(tx, w.order_id, "box").due_at for w in waiting if w.number in hidden)
        assert packing.more_due == first
        running = task(tx, waiting[9].order_id, "bake")
        work.start(tx, shop, running.id, running.version, by=cast.by(tx, "li"), at=now())
        assert look(tx, "oven", room=1).cards[0].task_state == "in_progress"


def test_work_over_its_time_is_never_calm(app: Flask) -> None:
    """The warning said that it takes longer, and the card went on with "35 min left"."""
    with app.app_context(), writing() as tx:
        shop, card = shop_and_card(tx)
        bake = task(tx, order(tx, due_at=now() + timedelta(hours=8)).order_id, "bake")
        work.start(tx, shop, bake.id, bake.version, by=cast.by(tx, "li"), at=now())
        most = bake.minutes * 125 // 100 + 3
        clock(app).pass_by(minutes=most)
        (calm,) = look(tx, "oven").cards
        assert (calm.state, calm.over, warnings(tx, shop, card, at=now())) == (CardState.NOW, 0, [])
        clock(app).pass_by(minutes=1)
        (over,) = look(tx, "oven").cards
        (warning,) = warnings(tx, shop, card, at=now())
        assert over.over == warning.minutes == most + 1 - bake.minutes
        assert over.state == CardState.RISK and over.slack > 30 and over.over_at == now()
        clock(app).pass_by(hours=8)
        assert look(tx, "oven").cards[0].state == CardState.LATE, "late is worse"


def test_people_on_shift_with_the_skill_are_the_chips(app: Flask) -> None:
    with app.app_context(), reading() as session:
        names = {name for _, name in look(session, "decorating").people}
        assert names and names <= {cast.person(session, n).name for n in ("li", "zhang", "zhao", "sun")}


def test_warnings_in_their_first_form(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            shop, card = shop_and_card(tx)
            mine = order(tx)
            other = order(tx)
            assert warnings(tx, shop, card, at=now()) == []
            bake = task(tx, other.order_id, "bake")
            work.start(tx, shop, bake.id, bake.version, by=cast.by(tx, "li"), at=now())
            screen = tx.query(Device).filter_by(kind="kitchen").first()
            screen.seen_at = now()
        clock(app).pass_by(minutes=45)
        with reading() as session:
            found = {w.kind: w for w in warnings(session, shop, card, at=now())}
            assert set(found) == {"missed_start", "over_time", "silent_display"}
            assert (found["missed_start"].number, found["missed_start"].move) == (mine.number, "start_now")
            assert (found["over_time"].minutes, found["over_time"].person) == (15, "李 Li")
            here = warnings(session, shop, card, at=now(), station_id=card.stations_by_slug["bench"].id)
            assert [w.kind for w in here] == ["silent_display"]


def test_a_delivery_says_when_the_courier_must_go(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            brought, fetched = order(tx, delivered("xuhui")), order(tx, cart())
        with reading() as session:
            row = session.get_one(Order, brought.order_id)
            cards = {card.order_id: card for card in look(session, "oven").cards}
            assert cards[row.id].leave_by == row.due_at - timedelta(minutes=16)
            assert cards[row.id].due_at == row.ready_by, "what the kitchen works towards"
            assert cards[fetched.order_id].leave_by is None
