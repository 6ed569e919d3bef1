"""What comes due by itself: one process leads, one failing verb stops no other, a clock set back harms nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from shop.orders.tables import Order, OrderState
from shop.people.devices import DeviceKind
from shop.people.staff import Device
from shop.production.tables import TaskState
from tests import cast, counter
from tests.cast import clock_of
from tests.live_server import process_beside
from tests.patience import PATIENCE
from web import jobs, observe
from web.database import reading, writing
from web.jobs import Clockwork

HOLDER = """
import wsgi
import sys
from web.config import Settings
from web.baton import baton_for
baton = baton_for(Settings())
print(baton.hold(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def clockwork(app_both: Flask) -> Iterator[Clockwork]:
    """The ticks of an app, not running: a test ticks by hand."""
    clockwork = Clockwork(app_both)
    yield clockwork
    clockwork.stop()


def eventually(what: Callable[[], bool], timeout: float = PATIENCE) -> bool:
    until = time.monotonic() + timeout
    while not what() and time.monotonic() < until:
        time.sleep(0.05)
    return what()


def test_only_one_process_leads_and_another_follows_when_it_dies(clockwork: Clockwork) -> None:
    holder = process_beside(clockwork.app, HOLDER)
    clockwork.tick()
    assert clockwork.leads is False
    holder.kill()
    holder.wait(PATIENCE)
    assert eventually(lambda: clockwork.tick() is None and bool(clockwork.leads))


def test_due_work_is_done_and_only_by_the_leader(
    clockwork: Clockwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = clockwork.app
    with app.app_context(), writing() as tx:
        unpaid = counter.order(tx, paid=False).order_id
        cooling = counter.order(tx).order_id
        counter.make(tx, cooling, until="bake")
    clock_of(app).pass_by(minutes=25)
    clockwork.tick()
    with app.app_context(), reading() as session:
        assert session.get_one(Order, unpaid).state == OrderState.EXPIRED
        assert counter.task(session, cooling, "cool").state == TaskState.RUNNING
    clock_of(app).pass_by(minutes=20)
    other = Clockwork(app)
    monkeypatch.setattr(other.baton, "hold", lambda: False)
    other.tick()
    with app.app_context(), reading() as session:
        assert counter.task(session, cooling, "cool").state == TaskState.RUNNING
    clockwork.tick()
    with app.app_context(), reading() as session:
        done = counter.task(session, cooling, "cool")
        assert done.state == TaskState.DONE and done.finished_at is not None and done.started_at is not None
        assert done.finished_at - done.started_at == timedelta(minutes=done.minutes), (
            "when it was over, not now"
        )


def test_a_verb_that_fails_stops_no_other(clockwork: Clockwork, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def broken(tx: object, shop: object, at: object) -> None:
        raise RuntimeError("a bug")

    work = (("first", broken), ("second", lambda tx, shop, at: done.append(shop.slug)))
    monkeypatch.setattr(jobs, "DUE", work)
    clockwork.tick()
    assert done == ["tangjian"] and clockwork.failures == {"first": 1}


def test_only_the_leader_fetches_the_daily_bills(
    clockwork: Clockwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders: list[str] = []
    monkeypatch.setattr(
        "web.jobs.bills.fetch_due", lambda office, reading, folder: folders.append(folder.name)
    )
    clockwork.leads = False
    clockwork.fetch_bills()
    assert folders == []
    clockwork.tick()
    clockwork.fetch_bills()
    assert folders == ["bills"]


def test_a_clock_set_back_stops_nothing(clockwork: Clockwork, monkeypatch: pytest.MonkeyPatch) -> None:
    """APScheduler alone would sleep three hours; the guard wakes it."""
    monkeypatch.setattr(clockwork, "every", lambda: 0.3)
    with time_machine.travel(datetime.now(UTC), tick=True) as traveller:
        clockwork.start()
        assert eventually(lambda: clockwork.ticks >= 3)
        traveller.shift(timedelta(hours=-3))
        before = clockwork.ticks
        begun = time.monotonic()
        assert eventually(lambda: clockwork.ticks >= before + 4)
        print(f"went on {time.monotonic() - begun:.1f} s after the clock was set back by three hours")


def test_a_fast_demo_clock_ticks_faster(app: Flask) -> None:
    clockwork = Clockwork(app)
    assert clockwork.every() == 15.0
    app.extensions["fairslice"].clock.pace = lambda: type("Pace", (), {"speed": 60.0})()
    assert clockwork.every() == 0.25


def test_a_display_that_is_heard_is_written_down(app: Flask) -> None:
    client = app.test_client()
    device = cast.pair_client(app, client, DeviceKind.KITCHEN)
    assert client.get("/kitchen/oven").status_code == 200
    clockwork = Clockwork(app)
    clockwork.tick()
    clockwork.stop()
    with app.app_context(), reading() as session:
        assert session.get_one(Device, device.id).seen_at == cast.SATURDAY
    clock_of(app).pass_by(minutes=3)
    staffed = app.test_client()
    cast.sign_in(staffed, "xu")
    assert device.name in staffed.get("/kitchen/oven/region").get_data(as_text=True), (
        "silent for over a minute"
    )


def test_operators_see_alive_ready_and_figures(app: Flask, client: FlaskClient) -> None:
    assert client.get("/healthz").get_data(as_text=True) == "ok\n"
    not_yet = client.get("/readyz")
    assert not_yet.status_code == 503 and not_yet.json is not None
    assert not_yet.json["database"] and not_yet.json["leader"] == "unknown", "nobody does what comes due yet"
    clockwork = Clockwork(app)
    app.extensions["clockwork"] = clockwork
    clockwork.tick()
    assert client.get("/readyz").json == {
        "ready": True,
        "database": True,
        "migrations": True,
        "leader": "this",
    }
    template, observe.TRY_EVERY = app.jinja_env.globals.pop("form_key"), 0.0
    try:
        broken = client.get("/readyz")
        assert broken.status_code == 503 and broken.json is not None and not broken.json["ready"]
        assert "sign-in page" in broken.json["reason"] and client.get("/healthz").status_code == 200
        app.jinja_env.globals["form_key"] = template
        assert client.get("/readyz").status_code == 200
    finally:
        observe.TRY_EVERY = 10.0
    app.jinja_env.globals.pop("form_key")
    assert client.get("/readyz").status_code == 200, "tried every 10 seconds only"
    app.jinja_env.globals["form_key"] = template
    clockwork.stop()
    cast.place_order(app)
    figures = client.get("/metrics").get_data(as_text=True)
    assert 'fairslice_open_orders{shop="tangjian",state="confirmed"} 1.0' in figures
    assert "fairslice_sockets 0.0" in figures and "/t/" not in figures
    away = {"REMOTE_ADDR": "192.168.1.9"}
    assert client.get("/metrics", environ_overrides=away).status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404
    with app.app_context(), reading() as session:
        assert session.scalars(select(Order)).one().state == OrderState.CONFIRMED
