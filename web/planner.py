"""The leader's planner: when something has changed, a child process thinks, and a better plan is written down.

The child may be killed or hang: then its thought is lost, the plan stays as it is, and it is asked anew.
"""

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from datetime import datetime, timedelta
from typing import Any

import structlog
from flask import Flask
from sqlalchemy import and_, or_
from sqlalchemy import select as choose
from sqlalchemy.orm import Session

from shop.core.events import Event
from shop.people.shops import Shop, only_shop
from shop.planning.kitchen.talk import Improved, ask, understood
from shop.production.plan.applying import Breaks, Stale, apply, moves_of
from shop.production.plan.picture import Picture, take
from shop.production.tables import Task, TaskState
from web.config import ROOT
from web.database import reading, writing
from web.house import House

log = structlog.get_logger()
PAUSE = 20.0
"""Real seconds between two thoughts at least."""
LONGEST = 8
"""A thought that came to nothing makes the next pause twice as long, up to so many times as long."""
THINKS = 5.0
PATIENCE = 15.0
"""A child that has not answered so many seconds after its thinking time is ended."""
BETTER = (
    "order_confirmed", "order_changed", "order_cancelled", "order_expired", "order_rejected", "order_rush_ended",
    "menu_changed", "staff_changed",
)  # fmt: skip
"""The plan holds, but perhaps there is a better one now."""
AT_ONCE = (
    "order_rushed", "order_overbooked", "cake_remade", "task_recalled", "shift_changed", "shift_ended",
    "shift_end_recalled", "unit_stopped", "unit_mended",
)  # fmt: skip
"""Somebody is in a hurry, or the plan does not fit any more: no longer pause is made."""
TRIGGERS = BETTER + AT_ONCE
LATE = timedelta(minutes=5)
"""Work that should have begun or ended so long ago is a reason to think again."""


class Planner:
    """One shop's planner, in the process that leads. ``done`` counts what its looks came to."""

    def __init__(
        self, app: Flask, *, pause: float = PAUSE, thinks: float = THINKS, patience: float = PATIENCE, module: str = ""
    ) -> None:  # fmt: skip
        self.app, self.pause, self.thinks, self.patience = app, pause, thinks, patience
        self.house: House = app.extensions["fairslice"]
        self.command = [sys.executable, "-m", module or "shop.planning.child"]
        self.child: subprocess.Popen[bytes] | None = None
        self.done: dict[str, int] = {}
        self._seq: int | None = None
        self._late: frozenset[int] = frozenset()
        self._why: set[str] = set()
        self._thought = float("-inf")
        self._longer = 1

    def look(self) -> str:
        """Think if something has changed; says what came of it: nothing, soon, kept, changed, stale or failed."""
        if self.child is not None and self.child.poll() is not None:
            self.stop()  # it has ended by itself
        came = self._look()
        self.done[came] = self.done.get(came, 0) + 1
        return came

    def _look(self) -> str:
        with reading() as session:
            shop = only_shop(session)
            if shop is None:
                return "nothing"
            at = self.house.clock.now()
            self._why |= self._news(session, shop, at)
            if not self._why:
                return "nothing"
            longer = self._longer if self._why <= set(BETTER) else 1
            if time.monotonic() - self._thought < self.pause * longer:
                return "soon"
            picture = take(session, shop, at=at)
        self._thought = time.monotonic()
        if not picture.pieces:
            self._why.clear()
            return "nothing"
        found = self.think(picture)
        came = "failed" if found is None else self._write_down(shop, picture, found)
        self._longer = min(LONGEST, 2 * self._longer) if came == "kept" else 1
        return came

    def _news(self, session: Session, shop: Shop, at: datetime) -> set[str]:
        """Return the kinds of events since the last look that ask for a new plan."""
        since, self._seq = self._seq, shop.event_seq
        known, self._late = self._late, late_work(session, shop, at)
        news = {"work_late"} if self._late - known else set[str]()
        if since is None:
            return news | {"start"}
        if since < shop.event_seq:
            kinds = choose(Event.kind).distinct().where(Event.shop_id == shop.id, Event.seq > since)
            news |= set(session.scalars(kinds.where(Event.kind.in_(TRIGGERS))))
        return news

    def _write_down(self, shop: Shop, picture: Picture, found: Improved) -> str:
        reason = " ".join(sorted(self._why))
        try:
            with writing() as tx:
                apply(tx, tx.get_one(Shop, shop.id), picture, found, at=self.house.clock.now(), reason=reason)
        except Stale:
            return "stale"  # the reasons stay: it is asked anew
        except Breaks:
            self._why.clear()
            return "kept"
        self._why.clear()
        return "changed" if moves_of(picture, found.laid) else "kept"

    # -- the child

    def think(self, picture: Picture) -> Improved | None:
        """Ask the child; None if it died or took too long: then it is ended, and the next question starts another."""
        hurry = [job.id for job in picture.jobs if job.order in picture.urgent]
        words = json.dumps(ask(picture.floor, picture.jobs, self.thinks, hurry)).encode() + b"\n"
        try:
            return understood(self._talk(words, time.monotonic() + self.thinks + self.patience))
        except (OSError, ValueError, KeyError, TypeError) as trouble:
            log.warning("planner_lost", trouble=str(trouble) or type(trouble).__name__)
            self.stop()
            return None

    def _talk(self, words: bytes, until: float) -> dict[str, Any]:
        if self.child is None or self.child.poll() is not None:
            self.stop()
            self.child = subprocess.Popen(
                self.command,
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        assert self.child.stdin and self.child.stdout
        into, out = self.child.stdin.fileno(), self.child.stdout.fileno()
        os.set_blocking(into, False)
        turns, answer = select.poll(), b""
        turns.register(out, select.POLLIN)
        turns.register(into, select.POLLOUT)
        while not answer.endswith(b"\n"):
            left = until - time.monotonic()
            heard = dict(turns.poll(1000 * max(0.0, left)))
            if left <= 0:
                raise TimeoutError("no answer in time")
            if into in heard:
                words = words[os.write(into, words[:65536]) :]
                if not words:
                    turns.unregister(into)
            if out in heard:
                piece = os.read(out, 1 << 20)
                if not piece:
                    raise OSError("it has ended")
                answer += piece
        found: dict[str, Any] = json.loads(answer)
        return found

    def stop(self) -> None:
        """End the child, whatever it is doing."""
        child, self.child = self.child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def late_work(session: Session, shop: Shop, at: datetime) -> frozenset[int]:
    """Return the tasks that should have begun or ended some minutes ago."""
    waiting = and_(Task.state == TaskState.READY, Task.planned_start <= at - LATE)
    running = and_(Task.state == TaskState.RUNNING, Task.planned_end <= at - LATE)
    return frozenset(session.scalars(choose(Task.id).where(Task.shop_id == shop.id, or_(waiting, running))))
