"""The open work of a shop, kept in memory and brought up to date by the diary.

Every change of a task writes an event that names its order, in the same transaction, under the shop's next
number. So the work of one number never changes, and the next number's differs only in the orders that the
lines between them name. What a transaction has changed itself and not yet written is not in here.
"""

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import Integer, bindparam, select, type_coerce
from sqlalchemy.orm import Session

from shop.core.events import Event
from shop.core.types import to_minute
from shop.orders.floorplan import Floorplan
from shop.orders.planned import SPARE_MINUTES, stage
from shop.orders.standing import Settled, as_it_stands, as_written
from shop.people.shops import Shop
from shop.planning.reservations.book import Book
from shop.planning.reservations.floor import Job, Laid
from shop.production.tables import OPEN, Task, TaskState

KEPT_VERSIONS = 6
"""A reader may look at the shop as it was some lines ago."""
MOST_LINES = 400
"""With more news than this everything is read again."""

_T: Any = Task.__table__.c
_OPEN_TASKS = (
    select(
        _T.order_id, _T.cake_id, _T.id, _T.version, _T.state, _T.kind, _T.station_id, _T.minutes, _T.amount,
        _T.needs_person, type_coerce(_T.planned_start, Integer), type_coerce(_T.planned_end, Integer), _T.unit,
        _T.planned_for, _T.celsius, _T.keeps, _T.gate, _T.due_at, _T.started_at, _T.started_by, _T.claimed_by,
    )
    .where(_T.shop_id == bindparam("shop"), _T.state.in_(OPEN))
    .order_by(_T.cake_id, _T.sort)
)  # fmt: skip
_OF_ORDERS = _OPEN_TASKS.where(_T.order_id.in_(bindparam("orders", expanding=True)))
_HEAD = select(Shop.event_seq).where(Shop.id == bindparam("shop"))
_CHANGED = (
    select(Event.order_id)
    .where(
        Event.shop_id == bindparam("shop"), Event.seq > bindparam("since"), Event.seq <= bindparam("until")
    )
    .where(Event.order_id.is_not(None))
    .distinct()
)


@dataclass(slots=True)
class OpenCake(Job):
    """One cake's open tasks as a job; ``tasks`` is (id, version) of each. It is never changed.

    The steps at work (``locked``) stand from when they were begun, by whoever began them. What somebody has
    ``claimed`` is not moved for others.
    """

    tasks: tuple[tuple[int, int], ...] = ()
    claimed: bool = False


Orders = Mapping[int, Sequence[OpenCake]]


class OpenWork:
    """The open cakes of each order as they stood at line ``seq``; it never changes, but remembers books."""

    def __init__(self, seq: int, orders: Orders) -> None:
        self.seq = seq
        self.orders = orders
        self._settled: dict[Hashable, Settled] = {}
        self._books: dict[tuple[int, Hashable], Book] = {}

    def book(self, plan: Floorplan, now: int) -> Book:
        """Return the book of all work as it really stands at the minute ``now``; not to be changed."""
        book = self._books.get((now, plan.key))
        if book is None:
            if len(self._books) > 8:
                self._books.clear()
            book = self._books[now, plan.key] = as_it_stands(self._settle(plan), now)
        return book

    def written(self, plan: Floorplan, now: int) -> Book:
        """Return a book of what stands where it is planned and of what is at work, to be changed."""
        return as_written(self._settle(plan), now)

    def _settle(self, plan: Floorplan) -> Settled:
        settled = self._settled.get(plan.key)
        if settled is None:
            settled = self._settled[plan.key] = Settled.of(plan.idle, self._cakes())
        return settled

    def _cakes(self) -> Iterator[OpenCake]:
        for cakes in self.orders.values():
            yield from cakes

    def later(self, seq: int, changed: Collection[int], cakes: Orders) -> Self:
        """Return the work at a later line, given the open cakes of all orders that have ``changed`` since."""
        orders = {key: rows for key, rows in self.orders.items() if key not in changed}
        work = type(self)(seq, {**orders, **cakes})
        for key, settled in list(self._settled.items())[-1:]:
            gone = [cake for order in changed for cake in self.orders.get(order, ())]
            new = [cake for order in changed for cake in cakes.get(order, ())]
            after = settled.changed(gone, new)
            if after is not None:
                work._settled[key] = after
        return work


_known: dict[tuple[str, int], tuple[OpenWork, ...]] = {}


def open_work(session: Session, shop: Shop) -> OpenWork:
    """Return the work as this session sees it; it must not have changed any task itself."""
    key = (str(session.get_bind().engine.url.database), shop.id)
    connection = session.connection()
    seq: int = connection.execute(_HEAD, {"shop": shop.id}).scalar_one()
    known = next((work for work in _known.get(key, ()) if work.seq <= seq), None)
    if known is not None and known.seq == seq:
        return known
    if known is None or seq - known.seq > MOST_LINES:
        work = OpenWork(seq, _cakes(session, {"shop": shop.id}))
    else:
        where = {"shop": shop.id, "since": known.seq, "until": seq}
        changed = {order for (order,) in connection.execute(_CHANGED, where) if order is not None}
        cakes = _cakes(session, {"shop": shop.id, "orders": list(changed)}) if changed else {}
        work = known.later(seq, changed, cakes)
    kept = {each.seq: each for each in (*_known.get(key, ()), work)}
    _known[key] = tuple(kept[n] for n in sorted(kept, reverse=True)[:KEPT_VERSIONS])
    return work


def work_of_its_own(session: Session, shop: Shop) -> OpenWork:
    """Return the work read from the tables, with what this transaction has changed."""
    return OpenWork(0, _cakes(session, {"shop": shop.id}))


def forget() -> None:
    """Read everything again: for tests that change tasks without the diary."""
    _known.clear()


def _cakes(session: Session, where: dict[str, Any]) -> dict[int, list[OpenCake]]:
    found: dict[int, list[OpenCake]] = {}
    query = _OF_ORDERS if "orders" in where else _OPEN_TASKS
    rows: list[Any] = []
    for row in session.connection().execute(query, where):
        if rows and rows[-1].cake_id != row.cake_id:
            found.setdefault(rows[0].order_id, []).append(_cake(rows))
            rows = []
        rows.append(row)
    if rows:
        found.setdefault(rows[0].order_id, []).append(_cake(rows))
    return found


def _cake(rows: Sequence[Any]) -> OpenCake:
    steps, laid, tasks, locked, claimed = [], [], [], 0, False
    for (
        _, _, id_, version, state, kind, station_id, minutes, amount, person, start, end, unit, hand, celsius,
        keeps, gate, _, started_at, started_by, claimed_by,
    ) in rows:  # fmt: skip
        steps.append(stage(kind, station_id, minutes, amount, celsius, person, keeps, gate))
        if state == TaskState.RUNNING:
            start = to_minute(started_at) if started_at is not None else start
            end, hand = start + minutes, started_by if person else None
            locked = len(steps)
        laid.append(Laid(start, end, unit, hand))
        tasks.append((id_, version))
        claimed = claimed or claimed_by is not None
    first = rows[0]
    due = max(to_minute(first.due_at) - SPARE_MINUTES, laid[-1].end)
    return OpenCake(
        first.cake_id, first.order_id, due, 0, tuple(steps), laid, locked, tasks=tuple(tasks), claimed=claimed
    )
