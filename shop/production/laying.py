"""Work that nobody has begun is laid elsewhere in the plan: the one place that writes where a task stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import Conflict
from shop.core.events import record
from shop.core.types import from_minute
from shop.people.shops import Shop
from shop.planning.reservations.floor import Laid
from shop.production.tables import NOT_BEGUN, Task

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


@dataclass(frozen=True)
class Moved:
    """One stage that stands elsewhere now; ``version`` is the task's as it was read."""

    task_id: int
    version: int
    order_id: int
    was: Laid
    now: Laid


def lay(tx: Session, task_id: int, version: int, to: Laid) -> None:
    """Write where a task stands; raises `Conflict` where somebody has begun or changed it meanwhile."""
    values = {
        "task": task_id, "was": version, "starts": from_minute(to.start), "ends": from_minute(to.end),
        "room": to.unit, "hand": known(to.hand),
    }  # fmt: skip
    if not tx.connection().execute(_MOVE, values).rowcount:
        raise Conflict()


def write_moves(tx: Session, shop: Shop, moves: Sequence[Moved], *, by: Actor, at: datetime) -> None:
    """Write moved stages down, and into the diary of their orders; raises `Conflict` as `lay` does."""
    orders: dict[int, list[Moved]] = {}
    for move in sorted(moves, key=lambda move: move.task_id):
        lay(tx, move.task_id, move.version, move.now)
        orders.setdefault(move.order_id, []).append(move)
    if moves:
        tx.expire_all()
    for order_id, mine in sorted(orders.items()):
        minutes = max(abs(move.now.start - move.was.start) for move in mine)
        numbers = {"stages": len(mine), "minutes": minutes}
        record(tx, shop.id, "plan_changed", by=by, at=at, topics=TOPICS, order_id=order_id, **numbers)


def known(hand: int | None) -> int | None:
    """Return the person of a hand; a shop without shifts plans with hands that nobody has."""
    return hand if hand is not None and hand > 0 else None
