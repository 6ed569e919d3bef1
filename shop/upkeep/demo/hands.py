"""The bakers of a play: each takes the next card of the boards, works for as long as such a stage takes, and taps."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from math import exp
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.menu.card import cached_card
from shop.menu.tables import StageKind, Station
from shop.orders.tables import Cake, Line, Order, OrderState
from shop.people.shops import Shop
from shop.people.staff import Staff
from shop.production.outages import units_down
from shop.production.tables import Notice, Task, TaskState
from shop.production.work import acknowledge, finish, finish_cooling, remake, start, tick_written
from shop.upkeep.demo.profile import REMADE, SPREAD
from shop.upkeep.demo.stage import Stage, the_shop

AHEAD = timedelta(minutes=75)
"""A card is taken up at most this long before its planned start: cakes are wanted fresh."""
OPEN_ORDERS = (OrderState.CONFIRMED, OrderState.IN_PRODUCTION)


@dataclass
class Work:
    """A stage in somebody's hands, or in the oven; ``ends`` is when it will be done."""

    task_id: int
    version: int
    kind: str
    station: str
    cake_id: int
    staff_id: int
    ends: datetime
    by_hand: bool


class Hands:
    """Everybody who bakes today. ``works`` is what they have begun, ``seconds`` the work of their hands."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.works: list[Work] = []
        self.cooling: list[datetime] = []
        self.seconds = 0.0
        self.remade = 0
        self.again: set[int] = set()

    def adopt(self, at: datetime) -> None:
        """Go on with what is already begun in the kitchen, also by somebody else than these hands."""
        known = {work.task_id for work in self.works}
        with self.stage.reading() as session:
            running = select(Task, Station.slug).outerjoin(Station, Station.id == Task.station_id)
            for task, slug in session.execute(running.where(Task.state == TaskState.RUNNING)):
                ends = max(
                    at + timedelta(minutes=1), (task.started_at or at) + timedelta(minutes=task.minutes)
                )
                if slug is None:
                    self.cooling.append(ends)
                    continue
                if task.id in known:
                    continue
                work = Work(
                    task.id, task.version, task.kind, slug, task.cake_id, task.started_by or 0, ends, True
                )
                work.by_hand = task.needs_person
                self.works.append(work)

    def go_on(self, at: datetime, here: list[Staff]) -> None:
        """One glance at the clock: finish what is done, then let everybody free take the next card."""
        for work in [w for w in self.works if w.ends <= at]:
            self.works.remove(work)
            self._finish(work, at)
        if self.cooling and min(self.cooling) <= at:
            self.cooling = [moment for moment in self.cooling if moment > at]
            self.stage.attempt(partial(finish_cooling, at=at))
        if here:
            self._take_up(at, here)

    def _take_up(self, at: datetime, here: list[Staff]) -> None:
        busy = {work.staff_id for work in self.works if work.by_hand}
        free = [person for person in here if person.id not in busy]
        with self.stage.reading() as session:
            shop = the_shop(session)
            cards = _cards(session, shop, at)
            room = _room(session, shop, at)
        for card in cards:
            if room.get(card.slug, 0) < card.amount:
                continue
            hands = free if card.needs_person else here
            able = [p for p in hands if card.kind in p.skills]
            if card.claimed_by in busy and card.latest_start > at:
                continue  # whoever has it comes to it in time
            wanted = card.claimed_by or card.planned_for
            person = next((p for p in able if p.id == wanted), able[0] if able else None)
            if person is not None and self._start(card, person, at):
                room[card.slug] -= card.amount
                free = [p for p in free if p is not person or not card.needs_person]

    def _start(self, card: Row[Any], person: Staff, at: datetime) -> bool:
        by = self.stage.tap(person.id, card.slug)
        begun = self.stage.attempt(partial(_begin, card=card, by=by, at=at))
        if begun:
            spread = SPREAD.get(card.kind, 0.1)
            seconds = (
                card.minutes * 60 * exp(self.stage.luck(card.cake_id, card.kind).gauss(-spread / 4, spread))
            )
            work = Work(card.id, card.version + 1, card.kind, card.slug, card.cake_id, person.id, at, True)
            work.ends, work.by_hand = at + timedelta(seconds=round(seconds)), card.needs_person
            self.seconds += seconds if card.needs_person else 0
            self.works.append(work)
        return begun

    def _finish(self, work: Work, at: datetime) -> None:
        by = self.stage.tap(work.staff_id, work.station)

        def done(tx: Session, shop: Shop) -> None:
            if work.kind == StageKind.DECORATE and _has_writing(tx, work.cake_id):
                tick_written(tx, shop, work.cake_id, by=by, at=at)
            finish(tx, shop, work.task_id, work.version, by=by, at=at)

        if not self.stage.attempt(done):
            return
        if work.kind == StageKind.BAKE:
            self.cooling.append(at + timedelta(minutes=self._cooling_minutes(work.cake_id)))
        elif (
            work.kind == StageKind.CHECK
            and work.cake_id not in self.again
            and self.stage.luck(work.cake_id, "remade").random() < REMADE
        ):
            self._again(work, at)

    def _cooling_minutes(self, cake_id: int) -> int:
        with self.stage.reading() as session:
            query = select(func.max(Task.minutes)).where(Task.cake_id == cake_id, Task.station_id.is_(None))
            return int(session.scalar(query) or 0)

    def _again(self, work: Work, at: datetime) -> None:
        """The check has found a mistake in the writing."""
        by = self.stage.tap(work.staff_id, work.station)
        self.again.add(work.cake_id)
        why = {"from_kind": StageKind.BUILD, "fault_kind": StageKind.DECORATE, "reason": "wrong_writing"}

        def begin_again(tx: Session, shop: Shop) -> None:
            remake(tx, shop, cached_card(tx, shop), work.cake_id, **why, by=by, at=at)

        self.remade += self.stage.attempt(begin_again)

    def acknowledge(self, at: datetime, here: list[Staff]) -> None:
        """Take down what has hung at a board for two minutes."""
        with self.stage.reading() as session:
            old = (Notice.acknowledged_at.is_(None), Notice.at < at - timedelta(minutes=2))
            notices = session.scalars(select(Notice.id).where(*old)).all()
        for notice in notices if here else ():
            by = self.stage.tap(self.stage.rng.choice(here).id, "bench")
            self.stage.attempt(partial(acknowledge, notice_id=notice, by=by, at=at))


def _begin(tx: Session, shop: Shop, *, card: Row[Any], by: Actor, at: datetime) -> None:
    start(tx, shop, card.id, card.version, by=by, at=at, takeover=True)


def _has_writing(tx: Session, cake_id: int) -> bool:
    query = select(Line.inscription).join(Cake, Cake.line_id == Line.id)
    return bool(tx.scalar(query.where(Cake.id == cake_id, Cake.written_at.is_(None))))


def _cards(session: Session, shop: Shop, at: datetime) -> list[Row[Any]]:
    """Return what can be started, in the order of the boards: late first, then rush, then by its start.

    By the plan, where a day is full and it has laid work much earlier; by the latest start, where a late cake made
    again found its next free place tomorrow.
    """
    query = (
        select(
            Task.id, Task.version, Task.kind, Task.minutes, Task.amount, Task.needs_person, Task.cake_id,
            Task.latest_start, Task.planned_start, Task.planned_for, Task.claimed_by, Order.urgent, Station.slug,
        )
        .join(Order, Order.id == Task.order_id)
        .join(Station, Station.id == Task.station_id)
        .where(Task.shop_id == shop.id, Task.state == TaskState.READY, Order.state.in_(OPEN_ORDERS))
    )  # fmt: skip
    rows: list[Any] = [
        row for row in session.execute(query) if min(row.planned_start, row.latest_start) <= at + AHEAD
    ]
    return sorted(
        rows, key=lambda r: (r.latest_start >= at, not r.urgent, min(r.planned_start, r.latest_start), r.id)
    )


def _room(session: Session, shop: Shop, at: datetime) -> dict[str, int]:
    """Return how many places are free at each station; what is out of order has none."""
    taken = select(Task.station_id, func.sum(Task.amount)).where(Task.state == TaskState.RUNNING)
    used: dict[int | None, int] = {row[0]: row[1] for row in session.execute(taken.group_by(Task.station_id))}
    stations = session.scalars(select(Station).where(Station.shop_id == shop.id))
    for down in units_down(session, shop, at, at + timedelta(minutes=1)):
        used[down.station_id] = used.get(down.station_id, 0) + down.places
    return {s.slug: s.places - used.get(s.id, 0) for s in stations}
