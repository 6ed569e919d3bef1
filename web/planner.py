"""The leader's planner: when something has changed, a child process thinks, and a better plan is written down.

The child may be killed or hang: then its thought is lost, the plan stays as it is, and it is asked anew.
"""

import time
from datetime import datetime, timedelta

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
from web.child import PATIENCE, Child
from web.database import reading, writing
from web.house import House

PAUSE = 20.0
"""Real seconds between two thoughts at least."""
LONGEST = 8
"""A thought that came to nothing makes the next pause twice as long, up to so many times as long."""
THINKS = 5.0
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
        self.app, self.pause, self.thinks = app, pause, thinks
        self.house: House = app.extensions["fairslice"]
        self.child = Child("planner", patience=patience, module=module)
        self.done: dict[str, int] = {}
        self._seq: int | None = None
        self._late: frozenset[int] = frozenset()
        self._why: set[str] = set()
        self._thought = float("-inf")
        self._longer = 1

    def look(self) -> str:
        """Think if something has changed; says what came of it: nothing, soon, kept, changed, stale or failed."""
        self.child.let_go()
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
        said = self.child.ask(ask(picture.floor, picture.jobs, self.thinks, hurry), self.thinks)
        if said is None:
            return None
        try:
            return understood(said)
        except (ValueError, KeyError, TypeError) as trouble:
            self.child.lose(trouble)
            return None

    def stop(self) -> None:
        """End the child, whatever it is doing."""
        self.child.stop()


def late_work(session: Session, shop: Shop, at: datetime) -> frozenset[int]:
    """Return the tasks that should have begun or ended some minutes ago."""
    waiting = and_(Task.state == TaskState.READY, Task.planned_start <= at - LATE)
    running = and_(Task.state == TaskState.RUNNING, Task.planned_end <= at - LATE)
    return frozenset(session.scalars(choose(Task.id).where(Task.shop_id == shop.id, or_(waiting, running))))
