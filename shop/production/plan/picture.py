"""A picture of the kitchen at one line of the diary: its open work as the engine's jobs, its stations, its people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, bindparam, select, type_coerce
from sqlalchemy.orm import Session

from shop.core.types import from_minute, to_minute
from shop.orders.load import held_stages
from shop.orders.planned import FRESH_MINUTES, SPARE_MINUTES, steps_of
from shop.orders.tables import Order, SlotHold
from shop.people.shops import Shop
from shop.planning.reservations.floor import Floor, Job, Laid
from shop.production.foresight import floor_of, with_whom_works
from shop.production.outages import shut_jobs, units_down
from shop.production.tables import OPEN, Task, TaskState

DAYS = 2
"""Work that begins today or tomorrow is planned; what begins later stays as it was promised."""
URGENT = 3
"""A minute late weighs so much more in a hurry."""

_T: Any = Task.__table__.c
_O: Any = Order.__table__.c
_ROWS = (
    select(
        _T.id, _T.version, _T.cake_id, _T.order_id, _T.kind, _T.station_id, _T.state, _T.minutes, _T.amount,
        _T.needs_person, type_coerce(_T.planned_start, Integer).label("start"),
        type_coerce(_T.planned_end, Integer).label("end"), _T.started_at, _T.started_by, _T.unit, _T.planned_for,
        _T.celsius, _T.keeps, _T.gate, _O.ready_by, _O.urgent, _O.letter, _O.counter,
    )
    .join_from(Task.__table__, Order.__table__, _O.id == _T.order_id)
    .where(_T.shop_id == bindparam("shop"), _T.state.in_(OPEN))
    .order_by(_T.cake_id, _T.sort)
)  # fmt: skip


@dataclass(frozen=True)
class Piece:
    """One open task: what a plan may move, and how it is told apart from what it was meanwhile."""

    task_id: int
    version: int
    order_id: int
    kind: str
    station_id: int | None


@dataclass(frozen=True)
class Picture:
    """``jobs`` are cakes by id (what is held for a draft has a negative one); ``promised`` the minute by order."""

    seq: int
    menu_version: int
    now: int
    floor: Floor
    jobs: Sequence[Job]
    pieces: Mapping[int, Sequence[Piece]]
    promised: Mapping[int, int]
    numbers: Mapping[int, str]
    urgent: frozenset[int]
    until: datetime | None = None

    def keeps(self, job: Job, laid: Sequence[Laid]) -> bool:
        """Whether the order's promise holds with its cake laid so."""
        return laid[-1].end <= self.promised.get(job.order, laid[-1].end)


def take(session: Session, shop: Shop, *, at: datetime, until: datetime | None = None) -> Picture:
    """Look at the open work that begins today or tomorrow, or up to the day of ``until``."""
    now, tomorrow = to_minute(at), shop.business_date(at) + timedelta(days=DAYS - 1)
    last = max(tomorrow, shop.business_date(until or at))
    horizon = to_minute(shop.day_bounds(last)[1])
    cakes: dict[int, list[Any]] = {}
    for row in session.connection().execute(_ROWS, {"shop": shop.id}):
        cakes.setdefault(row.cake_id, []).append(row)
    cakes = {key: rows for key, rows in cakes.items() if min(row.start for row in rows) < horizon}
    jobs = [job_of(rows, now) for rows in cakes.values()]
    furthest = max([to_minute(until or at), *(job.due for job in jobs)])
    days = max(1, (shop.business_date(from_minute(furthest)) - shop.business_date(at)).days)
    floor = with_whom_works(floor_of(session, shop, at=at, days=days), jobs, now)
    return Picture(
        seq=shop.event_seq, menu_version=shop.menu_version, now=now, floor=floor,
        jobs=[*jobs, *_held(session, shop, at), *shut_jobs(units_down(session, shop, at, from_minute(horizon)))],
        pieces={
            key: [Piece(r.id, r.version, r.order_id, r.kind, r.station_id) for r in rows] for key, rows in cakes.items()
        },
        promised={rows[0].order_id: to_minute(rows[0].ready_by) for rows in cakes.values()},
        numbers={r[0].order_id: f"{r[0].letter}-{r[0].counter:03d}" for r in cakes.values()},
        urgent=frozenset(rows[0].order_id for rows in cakes.values() if rows[0].urgent), until=until,
    )  # fmt: skip


def job_of(rows: Sequence[Any], now: int) -> Job:
    """Return one cake's open tasks as a job; what is started is locked where it is."""
    laid = [Laid(row.start, row.end, row.unit, row.planned_for) for row in rows]
    first, last, locked = rows[0], rows[-1], 0
    if first.state == TaskState.RUNNING:
        started = min(now, to_minute(first.started_at or from_minute(first.start)))
        ends = max(now + 1, started + first.minutes)
        by = first.started_by if first.needs_person else None  # an oven bakes without whoever has filled it
        laid[0], locked = Laid(started, ends, first.unit, by), 1
    promised = to_minute(first.ready_by)
    kept = last.end <= promised
    due = max(min(last.end, promised), promised - SPARE_MINUTES) if kept else promised
    since = max(now, min(due - FRESH_MINUTES, laid[0].start))
    return Job(
        first.cake_id, first.order_id, due, since, steps_of(rows), laid, locked, URGENT if first.urgent else 1
    )


def _held(session: Session, shop: Shop, at: datetime) -> list[Job]:
    """Return what is held for drafts as work that stays: room is kept until it is placed or let go."""
    query = select(SlotHold.id, SlotHold.plan).where(SlotHold.shop_id == shop.id, SlotHold.until > at)
    found: list[Job] = []
    for hold_id, plan in session.execute(query):
        stages = [stage for cake in held_stages(plan).values() for stage in cake]
        for n, (step, at_work) in enumerate(stages):
            number = -(hold_id * 1000 + n)
            found.append(Job(number, 0, at_work.end, at_work.start, (step,), [at_work], 1))
    return found
