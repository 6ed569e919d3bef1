"""Reading the kitchen's real load: what is planned, what runs late, what is held for whom."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, case, func, select
from sqlalchemy.orm import Session

from shop.core.store import looks_only
from shop.core.types import from_minute, to_minute
from shop.menu.card import MenuCard
from shop.orders.floorplan import Floorplan, floorplan
from shop.orders.opentasks import OpenCake, OpenWork, open_work, work_of_its_own
from shop.orders.planned import Planned
from shop.orders.standing import copied, put_first
from shop.orders.tables import Order, OrderState, SlotHold
from shop.people.shops import Shop
from shop.planning.reservations.book import Book
from shop.planning.reservations.floor import Job, Laid, Step
from shop.production.tables import OPEN, Task, TaskState

_H: Any = SlotHold.__table__.c
_HOLDS = select(_H.draft_code, _H.due_at, _H.plan).where(
    _H.shop_id == bindparam("shop"), _H.until > bindparam("now")
)
ROW = 9
"""So many values tell where one stage of a hold stands."""
OVERDUE_MINUTES = 60
"""So long from now a finished cake is thought to wait whose time is over already."""
_T: Any = Task.__table__.c
_FINISHED = (
    select(func.max(_T.due_at))
    .join(Order, Order.id == _T.order_id)
    .where(_T.shop_id == bindparam("shop"), Order.state.in_((OrderState.IN_PRODUCTION, OrderState.READY)))
    .group_by(_T.cake_id)
    .having(func.max(case((_T.state.in_(OPEN), 1), else_=0)) == 0)
    .having(func.max(case((_T.state == TaskState.DONE, 1), else_=0)) == 1)
)


@dataclass(frozen=True)
class Kitchen:
    """The ``book`` of all promised and held work at the minute ``now``, not to be changed, and the ``idle`` one.

    ``mine`` is the asking draft's own hold, a job for each cake, and ``work`` what the tables say of the ``plan``.
    """

    book: Book
    plan: Floorplan
    now: int
    work: OpenWork
    mine: list[Job] = field(default_factory=list)

    @property
    def idle(self) -> Book:
        """Return the book without any work, not to be changed."""
        return self.plan.idle

    def written(self) -> Book:
        """Return a book of what stands where the tables have it and of what is at work, to be changed.

        What is late, and what the ``book`` has elsewhere because of that, is not in it.
        """
        return self.work.written(self.plan, self.now)

    def cakes(self) -> list[OpenCake]:
        """Return every open cake where the tables have it."""
        return [cake for cakes in self.work.orders.values() for cake in cakes]

    @property
    def has_names(self) -> bool:
        """Whether the shop keeps shifts, so that work is done by somebody."""
        return any(hand > 0 for hand in self.idle.lanes)


def load_kitchen(
    session: Session,
    shop: Shop,
    card: MenuCard,
    *,
    at: datetime,
    draft_code: str = "",
    untouched: bool = False,
) -> Kitchen:
    """Return the kitchen as it stands at ``at``, without the hold of ``draft_code``.

    A session that only looks, or a transaction that has changed no task yet (``untouched``), shares what is in
    memory of the diary's last number; any other transaction reads the tasks for itself. Holds are always read.
    """
    now, plan = to_minute(at), floorplan(session, shop, card, at=at)
    shared = looks_only(session) or (untouched and not session.info.get("diary"))
    work = open_work(session, shop) if shared else work_of_its_own(session, shop)
    book = work.book(plan, now)
    mine: list[Job] = []
    holds: list[Job] = []
    where = {"shop": shop.id, "now": from_minute(now)}
    for code, due_at, rows in session.connection().execute(_HOLDS, where):
        due, cakes = to_minute(due_at), held_stages(rows)
        for stages in cakes.values():
            steps, laid = tuple(step for step, _ in stages), [at for _, at in stages]
            (mine if code == draft_code else holds).append(Job(0, 0, due, now, steps, laid))
    finished = _finished(session, shop, now) if plan.idle.floor.shelves else []
    if holds or finished:
        book = copied(book)
        for due in finished:
            book.stand(now, due)
        for job in holds:
            put_first(book, job)
    return Kitchen(book, plan, now, work, mine)


def _finished(session: Session, shop: Shop, now: int) -> list[int]:
    """Return until when each cake that is made stands on a shelf; who is late is awaited for an hour."""
    rows = session.connection().execute(_FINISHED, {"shop": shop.id}).scalars()
    return [due if due > now else now + OVERDUE_MINUTES for due in map(to_minute, rows)]


def held_stages(rows: Sequence[Sequence[Any]]) -> dict[int, list[tuple[Step, Laid]]]:
    """Return what a hold keeps by the number of its cake, as `held_row` stored it."""
    cakes: dict[int, list[tuple[Step, Laid]]] = {}
    for row in rows:
        if len(row) == ROW:
            cake, kind, station, start, end, amount, celsius, unit, hand = row
            step = Step(kind, station, end - start, amount, celsius)
            cakes.setdefault(cake, []).append((step, Laid(start, end, unit, hand)))
    return cakes


def held_row(cake: int, p: Planned) -> list[Any]:
    """Return one stage of a hold as it is stored."""
    return [cake, p.kind.value, p.station_id, p.start, p.end, p.amount, p.celsius, p.unit, p.hand]
