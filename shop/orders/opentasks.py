"""The open work of a shop, kept in memory and brought up to date by the diary.

Every change of a task writes an event that names its order, in the same transaction, under the shop's next
number. So the work of one number never changes, and the next number's differs only in the orders that the
lines between them name. What a transaction has changed itself and not yet written is not in here.
"""

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from typing import Any, Self

from sqlalchemy import Integer, bindparam, select, type_coerce
from sqlalchemy.orm import Session

from shop.core.events import Event
from shop.core.types import from_minute, to_minute
from shop.orders.capacity import Kitchen, Taken
from shop.people.shops import Shop
from shop.production.tables import OPEN, Task, TaskState

KEPT_VERSIONS = 6
"""A reader may look at the shop as it was some lines ago."""
MOST_LINES = 400
"""With more news than this everything is read again."""

_T: Any = Task.__table__.c
_OPEN_TASKS = (
    select(
        _T.order_id, _T.cake_id, _T.station_id, type_coerce(_T.planned_start, Integer),
        type_coerce(_T.planned_end, Integer), _T.amount, _T.needs_person, _T.state, _T.minutes, _T.started_at,
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

Rows = Sequence[tuple[Any, ...]]


class OpenWork:
    """The open tasks of each order as they stood at line ``seq``; it never changes, but remembers kitchens."""

    def __init__(self, seq: int, orders: Mapping[int, Rows]) -> None:
        self.seq = seq
        self.orders = orders
        self._kitchens: dict[tuple[int, Hashable], Kitchen] = {}

    def kitchen(self, now: int, idle: Kitchen, key: Hashable) -> Kitchen:
        """Return what is free from the minute ``now`` on in the ``idle`` kitchen of this ``key``; not to be changed."""
        kitchen = self._kitchens.get((now, key))
        if kitchen is None:
            kitchen = idle.loaded(
                now, (taken for rows in self.orders.values() for taken in taken_by(rows, now))
            )
            if len(self._kitchens) > 8:
                self._kitchens.clear()
            self._kitchens[now, key] = kitchen
        return kitchen

    def later(self, seq: int, changed: Collection[int], tasks: Mapping[int, Rows]) -> Self:
        """Return the work at a later line, given the tasks of all orders that have ``changed`` since."""
        orders = {key: rows for key, rows in self.orders.items() if key not in changed}
        work = type(self)(seq, {**orders, **tasks})
        kitchens = list(self._kitchens.items())
        newest = max((now for (now, _), _ in kitchens), default=0)
        for (now, key), kitchen in kitchens:
            if now == newest:
                kitchen = kitchen.copy()
                for order in changed:
                    kitchen.occupy(taken_by(self.orders.get(order, ()), now), -1)
                    kitchen.occupy(taken_by(tasks.get(order, ()), now))
                work._kitchens[now, key] = kitchen
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
        work = OpenWork(seq, _tasks(session, {"shop": shop.id}))
    else:
        where = {"shop": shop.id, "since": known.seq, "until": seq}
        changed = {order for (order,) in connection.execute(_CHANGED, where) if order is not None}
        tasks = _tasks(session, {"shop": shop.id, "orders": list(changed)}) if changed else {}
        work = known.later(seq, changed, tasks)
    kept = {each.seq: each for each in (*_known.get(key, ()), work)}
    _known[key] = tuple(kept[n] for n in sorted(kept, reverse=True)[:KEPT_VERSIONS])
    return work


def work_of_its_own(session: Session, shop: Shop) -> OpenWork:
    """Return the work read from the tables, with what this transaction has changed."""
    return OpenWork(0, _tasks(session, {"shop": shop.id}))


def forget() -> None:
    """Read everything again: for tests that change tasks without the diary."""
    _known.clear()


def _tasks(session: Session, where: dict[str, Any]) -> dict[int, Rows]:
    tasks: dict[int, list[tuple[Any, ...]]] = {}
    query = _OF_ORDERS if "orders" in where else _OPEN_TASKS
    for order_id, *rest in session.connection().execute(query, where):
        tasks.setdefault(order_id, []).append(tuple(rest))
    return dict(tasks)


def taken_by(rows: Rows, now: int) -> Iterator[Taken]:
    """Return what these tasks take from ``now`` on.

    Late work is counted where it really is: a task that should have been done takes the minutes from
    now on, and pushes the later stages of its cake.
    """
    cake, ready = None, now
    for cake_id, station_id, start, end, amount, person, state, minutes, started_at in rows:
        if cake_id != cake:
            cake, ready = cake_id, now
        if state == TaskState.RUNNING:
            start, end = now, max(now + 1, to_minute(started_at or from_minute(start)) + minutes)
        elif start < ready:
            start, end = ready, ready + minutes
        ready = end
        yield station_id, start, end, amount, person
