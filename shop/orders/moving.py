"""Moving work that nobody has begun to another place of the plan."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import Conflict
from shop.core.events import record
from shop.core.types import from_minute
from shop.orders.opentasks import OpenCake
from shop.orders.tables import Order
from shop.people.shops import Shop
from shop.planning.reservations.floor import Laid
from shop.production.tables import Task, TaskState

NOT_BEGUN = (TaskState.HELD, TaskState.WAITING, TaskState.READY)
TOPICS = ("kitchen", "plan")

_T: Any = Task.__table__
_MOVE = (
    update(_T)
    .where(_T.c.id == bindparam("task"), _T.c.version == bindparam("was"), _T.c.state.in_(NOT_BEGUN))
    .values(
        planned_start=bindparam("starts"), planned_end=bindparam("ends"), unit=bindparam("room"),
        planned_for=bindparam("hand"), version=_T.c.version + 1,
    )
)  # fmt: skip


def write_moves(
    tx: Session, shop: Shop, cakes: Sequence[OpenCake], places: Mapping[int, Sequence[Laid]], *,
    by: Actor, at: datetime,
) -> int:  # fmt: skip
    """Write new ``places`` of some ``cakes`` as the tables have them; returns how many stages have moved.

    Stages at work stay. Raises `Conflict` where somebody has begun or changed one of them meanwhile.
    """
    connection, moved = tx.connection(), dict[int, int]()
    for cake in sorted(cakes, key=lambda cake: cake.id):
        rows = zip(cake.tasks, cake.laid, places[cake.id], strict=True)
        for (task, version), was, now in list(rows)[cake.locked :]:
            if was == now:
                continue
            values = {
                "task": task, "was": version, "starts": from_minute(now.start), "ends": from_minute(now.end),
                "room": now.unit, "hand": now.hand if now.hand is not None and now.hand > 0 else None,
            }  # fmt: skip
            if not connection.execute(_MOVE, values).rowcount:
                raise Conflict()
            moved[cake.order] = moved.get(cake.order, 0) + 1
    if moved:
        tx.expire_all()
    for order, stages in sorted(moved.items()):
        record(tx, shop.id, "plan_changed", by=by, at=at, topics=TOPICS, order_id=order, stages=stages)
    return sum(moved.values())


def locked_as_they_were(tx: Session, cakes: Sequence[OpenCake]) -> bool:
    """Lock the orders of these cakes until the end of the transaction; says if their tasks are still as they were."""
    orders = sorted({cake.order for cake in cakes})
    tx.execute(select(Order.id).where(Order.id.in_(orders)).order_by(Order.id).with_for_update())
    was = {task: version for cake in cakes for task, version in cake.tasks}
    query = select(_T.c.id, _T.c.version).where(_T.c.id.in_(was))
    return {id_: version for id_, version in tx.connection().execute(query)} == was
