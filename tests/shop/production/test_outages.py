"""Out of order and gone home: what promises and warnings make of it, who may say it, and how it ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.core.errors import Conflict, Invalid, Missing
from shop.core.events import Event
from shop.menu.card import cached_card
from shop.menu.tables import Station
from shop.orders.cart import Cart, CartLine, price_cart
from shop.orders.promise import quote
from shop.people.devices import DeviceKind
from shop.people.hours import spans_on
from shop.people.shops import Shop, only_shop, renew
from shop.people.staff import ShiftChange
from shop.production import alarms, leaving
from shop.production.foresight import foresee
from shop.production.outages import (
    Down,
    back_in_order,
    history,
    shut_jobs,
    stop_unit,
    touched,
    units_down,
)
from shop.production.tables import Outage, Task
from tests import cast
from web.database import reading, writing

AT = cast.SATURDAY
HOUR = timedelta(hours=1)


@pytest.fixture
def two_ovens(app: Flask) -> Flask:
    """The shop with two small ovens, of two trays each."""
    with doing(app) as (tx, shop):
        tx.execute(update(Station).where(Station.slug == "oven").values(places=4, units=2))
        renew(tx, shop.id)
    return app


@contextmanager
def doing(app: Flask) -> Iterator[tuple[Session, Shop]]:
    with app.app_context(), writing() as tx:
        shop = only_shop(tx)
        assert shop is not None
        yield tx, shop


@contextmanager
def looking(app: Flask) -> Iterator[tuple[Session, Shop]]:
    with app.app_context(), reading() as session:
        shop = only_shop(session)
        assert shop is not None
        yield session, shop


def oven(tx: Session) -> int:
    return tx.scalars(select(Station.id).where(Station.slug == "oven")).one()


def stop(app: Flask, *units: int, until: timedelta = HOUR) -> None:
    """Take parts of the oven out of order."""
    with doing(app) as (tx, shop):
        for unit in units:
            stop_unit(tx, shop, oven(tx), unit, AT + until, by=cast.by(tx, "li"), at=AT)


def earliest(app: Flask, cakes: int = 1, at: datetime = AT, inch: int = 8) -> datetime:
    """Return the time that is promised."""
    with looking(app) as (session, shop):
        card = cached_card(session, shop)
        lines = price_cart(card, Cart(lines=[CartLine("strawberry-cream", inch, cakes)])).lines
        found = quote(session, shop, card, lines, at=at).earliest
        assert found is not None
        return found


def test_a_stopped_oven_is_not_promised(two_ovens: Flask) -> None:
    one, many = earliest(two_ovens), earliest(two_ovens, 4, inch=12)
    stop(two_ovens, 0)
    assert earliest(two_ovens) == one, "the other oven bakes"
    assert earliest(two_ovens, 4, inch=12) > many, "but not four large ones at once"
    stop(two_ovens, 1, until=2 * HOUR)
    assert earliest(two_ovens) >= one + HOUR - timedelta(minutes=10)
    with doing(two_ovens) as (tx, shop):
        for down in units_down(tx, shop, AT, AT + HOUR):
            back_in_order(tx, shop, down.outage_id, by=cast.by(tx, "li"), at=AT)
    assert (earliest(two_ovens), earliest(two_ovens, 4, inch=12)) == (one, many), "all as before"


def test_stopping_what_is_stopped_moves_its_end(two_ovens: Flask) -> None:
    stop(two_ovens, 1)
    stop(two_ovens, 1, until=3 * HOUR)
    with looking(two_ovens) as (session, shop):
        (down,) = units_down(session, shop, AT, AT + HOUR)
        assert (down.unit, down.ends, down.places) == (1, AT + 3 * HOUR, 2)
        assert down.words["en"] == "Oven 2" and down.words["zh_Hans"].endswith(" 2")
        assert units_down(session, shop, AT + 3 * HOUR, AT + 9 * HOUR) == []
        (job,) = shut_jobs([down])
        assert (job.locked, job.steps[0].amount, job.laid[0].unit) == (1, 2, 1)
        told = session.scalars(select(Event).where(Event.kind == "unit_stopped").order_by(Event.seq)).all()
        assert [line.data["changed"] for line in told] == [False, True]
        assert told[0].actor_id == cast.person(session, "li").id


def test_what_cannot_be_stopped(two_ovens: Flask) -> None:
    with doing(two_ovens) as (tx, shop):
        li, here = cast.by(tx, "li"), oven(tx)
        for unit, until, field in ((2, AT + HOUR, "unit"), (-1, AT + HOUR, "unit"), (0, AT, "until"),
                                   (0, AT + timedelta(days=31), "until")):  # fmt: skip
            with pytest.raises(Invalid) as refusal:
                stop_unit(tx, shop, here, unit, until, by=li, at=AT)
            assert refusal.value.field == field
        with pytest.raises(Invalid):
            stop_unit(tx, shop, here, 0, AT + HOUR, by=li, at=AT, reason="x" * 121)
        with pytest.raises(Missing):
            stop_unit(tx, shop, 999, 0, AT + HOUR, by=li, at=AT)
        row = stop_unit(tx, shop, here, 0, AT + HOUR, by=li, at=AT, reason="fuse")
        back_in_order(tx, shop, row.id, by=li, at=AT + HOUR / 2)
        with pytest.raises(Conflict):
            back_in_order(tx, shop, row.id, by=li, at=AT + HOUR / 2)
        with pytest.raises(Missing):
            back_in_order(tx, shop, 999, by=li, at=AT)
        assert history(tx, shop, at=AT) == [], "it was not over then"
        ((past, words),) = history(tx, shop, at=AT + HOUR)
        assert (past.reason, past.ended_at, words["en"]) == ("fuse", AT + HOUR / 2, "Oven 1")


def test_what_stops_later_counts_only_then(two_ovens: Flask) -> None:
    before = earliest(two_ovens)
    with doing(two_ovens) as (tx, shop):
        for unit in (0, 1):
            stop_unit(
                tx, shop, oven(tx), unit, AT + 9 * HOUR, by=cast.by(tx, "xu"), at=AT, since=AT + 8 * HOUR
            )
    assert earliest(two_ovens) == before
    assert earliest(two_ovens, at=AT + 8 * HOUR) > AT + 9 * HOUR


def test_lateness_is_foreseen_and_said_with_the_orders(two_ovens: Flask) -> None:
    cast.place_order(two_ovens)
    with looking(two_ovens) as (session, shop):
        (calm,) = foresee(session, shop, at=AT).values()
    stop(two_ovens, 0, 1, until=3 * HOUR)
    with looking(two_ovens) as (session, shop):
        (warned,) = foresee(session, shop, at=AT).values()
        assert calm.chance < 0.3 < 0.9 < warned.chance
        changes = alarms.watch(session, shop, cached_card(session, shop), at=AT)
    mine = [trouble for trouble in changes.raised if trouble.kind == "unit_down"]
    assert len(mine) == 2 and all(trouble.minutes == 180 for trouble in mine)
    assert sorted(trouble.names["en"] for trouble in mine if trouble.names) == ["Oven 1: A-001", "Oven 2"]
    with doing(two_ovens) as (tx, shop):
        alarms.keep(tx, shop, changes, at=AT)
        tx.execute(update(Outage).values(ended_at=AT + HOUR))
    with looking(two_ovens) as (session, shop):
        after = alarms.watch(session, shop, cached_card(session, shop), at=AT + HOUR)
        assert len(after.ended) >= 2, "the alarm ends with its cause"


def test_only_work_in_the_stopped_part_is_touched(two_ovens: Flask) -> None:
    placed = cast.place_order(two_ovens)
    with doing(two_ovens) as (tx, shop):
        task = tx.scalars(select(Task).where(Task.order_id == placed.order_id, Task.kind == "bake")).one()

        def hits(unit: int, begins: datetime, ends: datetime) -> bool:
            down = Down(1, task.station_id or 0, unit, 6, begins, ends, {})
            return bool(touched(tx, shop, down))

        start, end = task.planned_start, task.planned_end
        assert hits(task.unit, AT, end) and hits(task.unit, start, start + HOUR)
        assert not hits(1 - task.unit, AT, end)
        assert not hits(task.unit, end, end + HOUR) and not hits(task.unit, AT - HOUR, start)


def spans(app: Flask, login: str) -> list[tuple[str, str]]:
    with looking(app) as (session, shop):
        found = sorted(spans_on(session, shop, [shop.business_date(AT)]), key=lambda span: span[0])
        return [(f"{shop.local(a):%H:%M}", f"{shop.local(b):%H:%M}") for a, b, p in found if p.login == login]


def test_going_home_ends_the_shift_now_and_can_be_taken_back(app: Flask) -> None:
    usual = spans(app, "li")
    with doing(app) as (tx, shop):
        leaving.go_home(tx, shop, cast.person(tx, "li").id, by=cast.by(tx, "xu"), at=AT)
        assert "li" not in [person.login for person, _ in leaving.at_work(tx, shop, at=AT)]
        with pytest.raises(Conflict):
            leaving.go_home(tx, shop, cast.person(tx, "li").id, by=cast.by(tx, "xu"), at=AT)
    assert spans(app, "li") == [(usual[0][0], "09:30")]
    with doing(app) as (tx, shop):
        li, xu = cast.person(tx, "li").id, cast.by(tx, "xu")
        with pytest.raises(Conflict):
            leaving.stay_after_all(tx, shop, li, by=xu, at=AT + timedelta(minutes=11))
        leaving.stay_after_all(tx, shop, li, by=xu, at=AT + timedelta(minutes=9))
    with doing(app) as (tx, shop), pytest.raises(Missing):
        leaving.go_home(tx, shop, 999, by=xu, at=AT)
    with doing(app) as (tx, shop), pytest.raises(Conflict):
        leaving.stay_after_all(tx, shop, li, by=xu, at=AT + timedelta(minutes=9))
    assert spans(app, "li") == usual


def test_taking_back_keeps_what_others_have_set(app: Flask) -> None:
    with doing(app) as (tx, shop):
        li, xu = cast.person(tx, "li").id, cast.by(tx, "xu")
        day = shop.business_date(AT)
        tx.add(ShiftChange(shop_id=shop.id, staff_id=li, day=day, starts="09:00", ends="12:00"))
        tx.flush()
        leaving.go_home(tx, shop, li, by=xu, at=AT)
    with doing(app) as (tx, shop):
        leaving.stay_after_all(tx, shop, li, by=xu, at=AT)
    assert spans(app, "li") == [("09:00", "12:00")]
    with doing(app) as (tx, shop):
        leaving.go_home(tx, shop, li, by=xu, at=AT)
    with doing(app) as (tx, shop):
        tx.execute(update(ShiftChange).values(ends="11:00"))
        with pytest.raises(Conflict):
            leaving.stay_after_all(tx, shop, li, by=xu, at=AT)


def test_a_manager_says_it_in_the_office(two_ovens: Flask) -> None:
    client = cast.sign_in(two_ovens.test_client(), "xu")
    with looking(two_ovens) as (session, _):
        form = {
            "csrf_token": cast.token_of(client),
            "part": f"{oven(session)}.1",
            "minutes": "60",
            "reason": "fuse",
        }
        li = cast.person(session, "li").id
    answer = client.post("/admin/kitchen/outages", data={**form, "key": "stop-the-oven"})
    assert answer.status_code == 303
    shown = client.get("/admin/kitchen?lang=en").text
    assert "Oven 2" in shown and "fuse" in shown and "Works again" in shown
    wrong = client.post("/admin/kitchen/outages", data={**form, "part": "x", "key": "something-else"})
    assert wrong.status_code == 422
    mend = {"csrf_token": form["csrf_token"], "key": "mend-the-oven"}
    assert client.post("/admin/kitchen/outages/1/end", data=mend).status_code == 303
    assert "Everything works." in client.get("/admin/kitchen?lang=en").text
    home = {"csrf_token": form["csrf_token"], "key": "li-goes-home"}
    assert client.post(f"/admin/shifts/{li}/home", data=home).status_code == 303
    assert "Stays after all" in client.get("/admin/shifts?lang=en").text
    stay = {"csrf_token": form["csrf_token"], "key": "li-stays-here"}
    assert client.post(f"/admin/shifts/{li}/stay", data=stay).status_code == 303
    assert "Stays after all" not in client.get("/admin/shifts?lang=en").text


def test_a_baker_says_it_at_the_oven(two_ovens: Flask) -> None:
    client = two_ovens.test_client()
    cast.pair_client(two_ovens, client, DeviceKind.KITCHEN, "oven")
    with looking(two_ovens) as (session, _):
        li, mei = cast.person(session, "li").id, cast.person(session, "mei").id
    assert 'value="1.60"' in client.get("/kitchen/oven/more").text
    tap = {"csrf_token": cast.token_of(client), "key": "oven-two-is-down", "stop": "1.60"}
    assert client.post("/kitchen/oven/stop", data={**tap, "person": mei}).status_code == 422, "not a clerk"
    assert client.post("/kitchen/oven/stop", data={**tap, "person": li, "stop": "1.7"}).status_code == 422
    assert client.post("/kitchen/oven/stop", data={**tap, "person": li}).status_code == 303
    assert "out of order until 10:30" in client.get("/kitchen/oven?lang=en").text
    assert "out of order" not in client.get("/kitchen/bench?lang=en").text
    mend = {"csrf_token": tap["csrf_token"], "key": "it-works-again", "outage": "1", "person": li}
    assert client.post("/kitchen/oven/mended", data=mend).status_code == 303
    assert "out of order" not in client.get("/kitchen/oven?lang=en").text
