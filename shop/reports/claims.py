"""Offers and claims by person: how often asked, how quickly answered, how much taken, how much done in time.

Bakers and couriers alike. Every figure is a count of rows: `shop.people.offers.Offer`, finished tasks, delivered drops.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.delivery.tables import Drop, DropState
from shop.orders.tables import Order
from shop.people.offers import Answer, Offer, between
from shop.people.shops import Shop
from shop.people.staff import Staff
from shop.production.slack import OVER_MINUTES, OVER_PERCENT
from shop.production.tables import Task, TaskState

ASKED = (Answer.ACCEPTED, Answer.DECLINED, Answer.LAPSED)
"""Offers that were for somebody to answer: one that somebody else ended is nobody's."""


@dataclass
class Counts:
    """What was counted of one person, or of all. ``waits`` are the minutes until each answer."""

    accepted: int = 0
    taken: int = 0
    assigned: int = 0
    declined: int = 0
    lapsed: int = 0
    waits: list[float] = field(default_factory=list)
    done: int = 0
    in_time: int = 0

    @property
    def offered(self) -> int:
        """How many times asked."""
        return self.accepted + self.declined + self.lapsed

    @property
    def claimed(self) -> int:
        """How many times taken, asked or not."""
        return self.accepted + self.taken

    @property
    def wait(self) -> float | None:
        """The median minutes until an answer."""
        return round(median(self.waits), 1) if self.waits else None

    @property
    def answered(self) -> int | None:
        """The percentage of offers that were answered."""
        return round(100 * (self.accepted + self.declined) / self.offered) if self.offered else None

    @property
    def on_time(self) -> int | None:
        """The percentage of finished work that was in time."""
        return round(100 * self.in_time / self.done) if self.done else None


@dataclass(frozen=True)
class Person:
    """One line of the board, with the same figures of the time before."""

    staff_id: int
    name: str
    role: str
    now: Counts
    before: Counts


@dataclass(frozen=True)
class Board:
    """Everybody who was asked, has claimed or finished something; ``whole`` is all of them together."""

    people: Sequence[Person]
    whole: Counts
    whole_before: Counts


def claims_board(session: Session, shop: Shop, *, at: datetime, days: int) -> Board:
    """Return the figures of the last ``days`` days of the shop, today included, beside the days before those."""
    until = shop.day_bounds(shop.business_date(at))[1]
    since = shop.day_bounds(shop.business_date(at) - timedelta(days=days - 1))[0]
    now = counts_between(session, shop, since, until)
    before = counts_between(session, shop, since - timedelta(days=days), since)
    staff = session.scalars(select(Staff).where(Staff.shop_id == shop.id).order_by(Staff.id))
    people = [
        Person(s.id, s.name, s.role, now.get(s.id, Counts()), before.get(s.id, Counts()))
        for s in staff
        if s.id in now
    ]
    people.sort(key=lambda person: (-person.now.claimed, -person.now.done, person.staff_id))
    return Board(people, together(now.values()), together(before.values()))


def counts_between(session: Session, shop: Shop, since: datetime, until: datetime) -> dict[int, Counts]:
    """Return what was counted of each person in a time."""
    found: dict[int, Counts] = {}
    for offer in between(session, shop, since, until):
        if offer.staff_id is not None and offer.answer not in (Answer.OPEN, Answer.ENDED):
            _count(found.setdefault(offer.staff_id, Counts()), offer)
    for staff_id, in_time in (*_tasks(session, shop, since, until), *_drops(session, shop, since, until)):
        counts = found.setdefault(staff_id, Counts())
        counts.done += 1
        counts.in_time += in_time
    return found


def together(parts: Iterable[Counts]) -> Counts:
    """Return the sum of several people's counts."""
    whole = Counts()
    for part in parts:
        for name in ("accepted", "taken", "assigned", "declined", "lapsed", "done", "in_time"):
            setattr(whole, name, getattr(whole, name) + getattr(part, name))
        whole.waits += part.waits
    return whole


def _count(counts: Counts, offer: Offer) -> None:
    setattr(counts, offer.answer, getattr(counts, offer.answer) + 1)
    if offer.answer in (Answer.ACCEPTED, Answer.DECLINED) and offer.answered_at is not None:
        counts.waits.append((offer.answered_at - offer.made_at).total_seconds() / 60)


def _tasks(session: Session, shop: Shop, since: datetime, until: datetime) -> list[tuple[int, bool]]:
    """Return (who, in time) of finished work. What came late is in time when it took no longer than usual."""
    query = select(
        Task.finished_by, Task.finished_at, Task.started_at, Task.minutes, Task.due_at, Task.after_minutes
    )
    query = query.where(
        Task.shop_id == shop.id, Task.state == TaskState.DONE, Task.finished_at >= since, Task.finished_at < until,
        Task.planned_end >= since - timedelta(days=2), Task.needs_person, Task.finished_by.is_not(None),
    )  # fmt: skip
    found = []
    for staff_id, ended, begun, minutes, due_at, after in session.execute(query):
        if staff_id is None or ended is None:
            continue
        own = begun is not None and ended - begun <= timedelta(
            minutes=minutes * OVER_PERCENT // 100 + OVER_MINUTES
        )
        found.append((staff_id, own or ended <= due_at - timedelta(minutes=after)))
    return found


def _drops(session: Session, shop: Shop, since: datetime, until: datetime) -> list[tuple[int, bool]]:
    delivered = (Drop.shop_id == shop.id, Drop.state == DropState.DELIVERED)
    query = (
        select(Drop.courier_id, Drop.ended_at, Order.due_at)
        .join(Order, Order.id == Drop.order_id)
        .where(*delivered, Drop.ended_at >= since, Drop.ended_at < until)
    )  # fmt: skip
    return [
        (c, ended <= due_at)
        for c, ended, due_at in session.execute(query)
        if c is not None and ended is not None
    ]
