"""What a station has just finished: what a baker may still take back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from shop.core.types import Words
from shop.orders.tables import Cake, Line, Order, OrderState
from shop.people.shops import Shop
from shop.people.staff import Staff
from shop.production.tables import TO_BEGIN, Task, TaskState

LOOK_BACK = timedelta(hours=3)


@dataclass(frozen=True)
class DoneCard:
    """A finished stage; ``recallable`` until the next one has started."""

    task_id: int
    version: int
    number: str
    names: Words
    inch: int
    finished_at: datetime
    person: str
    recallable: bool


def done_lately(
    session: Session, shop: Shop, station_id: int, *, at: datetime, most: int = 8
) -> list[DoneCard]:
    """Return what was finished here during the last three hours, latest first."""
    following, who = aliased(Task), aliased(Staff)
    query = (
        select(
            Task.id, Task.version, Task.finished_at, Order.letter, Order.counter, Order.state, Line.names,
            Line.inch, who.name.label("person"), following.state.label("next_state"), following.station_id,
        )
        .join(Order, Order.id == Task.order_id)
        .join(Cake, Cake.id == Task.cake_id)
        .join(Line, Line.id == Cake.line_id)
        .outerjoin(who, who.id == Task.finished_by)
        .outerjoin(following, (following.cake_id == Task.cake_id) & (following.sort == Task.sort + 1)
                   & (following.state != TaskState.VOID))
        .where(Task.shop_id == shop.id, Task.station_id == station_id, Task.state == TaskState.DONE,
               Task.finished_at > at - LOOK_BACK)
        .order_by(Task.finished_at.desc())
        .limit(most)
    )  # fmt: skip
    open_orders = (OrderState.CONFIRMED, OrderState.IN_PRODUCTION, OrderState.READY)
    return [
        DoneCard(
            row.id, row.version, f"{row.letter}-{row.counter:03d}", row.names, row.inch, row.finished_at,
            row.person or "", row.state in open_orders and _not_begun(row.next_state, row.station_id),
        )
        for row in session.execute(query)
    ]  # fmt: skip


def _not_begun(next_state: str | None, station_id: int | None) -> bool:
    cools = next_state == TaskState.RUNNING and station_id is None
    return next_state in (None, *TO_BEGIN) or cools
