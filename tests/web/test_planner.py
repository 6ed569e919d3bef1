"""The planner thinks in a child of its own: only when something has changed, and whatever happens to the child."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select, update

from shop.core.events import record
from shop.orders import opentasks, progress
from shop.orders.tables import Order
from shop.production.plan.tables import PlanRun
from shop.production.tables import Task
from tests import cast, counter
from tests.counter import shop_and_card
from tests.patience import PATIENCE
from web.config import ROOT
from web.database import reading, writing
from web.house import now
from web.jobs import Clockwork
from web.planner import Planner


def eventually(what: Callable[[], bool], timeout: float = PATIENCE) -> bool:
    until = time.monotonic() + timeout
    while not what() and time.monotonic() < until:
        time.sleep(0.01)
    return what()


@pytest.fixture
def planner(app: Flask) -> Iterator[Planner]:
    """A planner that need not wait between two thoughts, in a shop with three cakes that nobody is planned for."""
    with app.app_context():
        for _ in range(3):
            with writing() as tx:
                counter.order(tx)
        with writing() as tx:
            tx.execute(update(Task).values(planned_for=None, unit=0))
    opentasks.forget()
    planner = Planner(app, pause=0.0, thinks=0.0, patience=PATIENCE)
    with app.app_context():
        yield planner
    planner.stop()


def rush(n: int = 0) -> None:
    with writing() as tx:
        shop, _ = shop_and_card(tx)
        order = tx.scalars(select(Order).order_by(Order.id)).all()[n]
        progress.rush(tx, shop, order, by=cast.by(tx, "mei"), at=now())


def hands() -> list[int | None]:
    with reading() as session:
        return list(session.scalars(select(Task.planned_for).where(Task.needs_person)))


def test_it_thinks_only_when_something_has_changed(planner: Planner) -> None:
    assert None in hands()
    assert planner.look() == "changed" and None not in hands()
    assert [planner.look() for _ in range(2)] == ["nothing", "nothing"]
    child = planner.child.process
    rush()
    assert planner.look() in ("kept", "changed") and planner.look() == "nothing"
    assert planner.child.process is child, "the same process is asked again"
    planner.pause = 60.0
    rush(1)
    assert planner.look() == "soon"
    with reading() as session:
        assert [run.reason for run in session.scalars(select(PlanRun).order_by(PlanRun.id))] == [
            "start",
            "order_rushed",
        ]


def test_thoughts_that_come_to_nothing_come_less_often_but_a_hurry_is_looked_at_at_once(
    planner: Planner,
) -> None:
    planner.look()
    with writing() as tx:
        counter.order(tx)
    assert planner.look() in ("kept", "changed")
    for _ in range(3):
        with writing() as tx:
            shop, _ = shop_and_card(tx)
            record(tx, shop.id, "menu_changed", by=cast.by(tx, "xu"), at=now(), topics=("menu",))
        came = planner.look()
    assert came == "kept", "nothing is left to be made better"
    with writing() as tx:
        counter.order(tx)
    planner.pause = 100.0
    planner._thought = time.monotonic() - 150
    assert planner.look() == "soon"
    rush()
    assert planner.look() in ("kept", "changed")


def test_work_that_is_late_is_a_reason_once(planner: Planner) -> None:
    planner.look()
    cast.clock_of(planner.app).pass_by(hours=3)
    assert planner.look() in ("kept", "changed", "stale")
    planner._why.clear()
    assert planner.look() == "nothing"


def test_a_child_that_hangs_is_ended_and_nothing_changes(planner: Planner) -> None:
    planner.child.command[-1], planner.child.patience = "tests.web.deaf", 0.5
    before = hands()
    assert planner.look() == "failed" and hands() == before and planner.child.process is None
    planner.child.command[-1], planner.child.patience = "shop.planning.child", PATIENCE
    assert planner.look() == "changed", "the reason was not forgotten"


def test_a_child_that_is_killed_while_it_thinks_harms_nobody(planner: Planner) -> None:
    planner.thinks = 30.0
    rush()
    planner.child.command = [sys.executable, "-m", "tests.web.deaf"]
    said: list[str] = []
    app = planner.app

    def look() -> None:
        with app.app_context():
            said.append(planner.look())

    thinking = threading.Thread(target=look)
    thinking.start()
    assert eventually(lambda: planner.child.process is not None)
    assert planner.child.process is not None
    planner.child.process.kill()
    thinking.join(PATIENCE)
    assert said == ["failed"] and None in hands()


def gone(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_a_child_ends_with_its_parent_and_when_nobody_asks() -> None:
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-m', 'shop.planning.child'], stdin=subprocess.PIPE)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    idle = subprocess.Popen(
        [sys.executable, "-m", "shop.planning.child", "0.1"], cwd=ROOT, stdin=subprocess.PIPE
    )
    assert parent.stdout is not None and idle.stdin is not None
    pid = int(parent.stdout.readline())
    assert not gone(pid)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait(PATIENCE)
    parent.stdout.close()
    assert eventually(lambda: gone(pid))
    assert idle.wait(PATIENCE) == 0
    idle.stdin.close()


def test_a_child_that_has_ended_by_itself_is_let_go_of(planner: Planner) -> None:
    planner.child.command = [*planner.child.command, "0.5"]
    assert eventually(  # on a busy machine one may give up before it has read the question
        lambda: planner.child.process is not None or planner.look() == "changed"
    ), planner.done
    child = planner.child.process
    assert child is not None and child.stdin is not None
    assert eventually(lambda: planner.look() == "nothing" and planner.child.process is None)
    assert child.returncode == 0 and child.stdin.closed


def test_only_the_leader_plans(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    clockwork = Clockwork(app)
    looked: list[str] = []
    monkeypatch.setattr(clockwork.planner, "look", lambda: looked.append("look"))
    clockwork.plan()
    clockwork.leads = False
    clockwork.plan()
    assert looked == []
    clockwork.leads = True
    clockwork.plan()
    assert looked == ["look"]
