"""Moving work that nobody has begun to another place of the plan."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.orders.opentasks import OpenCake
from shop.orders.tables import Order
from shop.people.shops import Shop
from shop.planning.reservations.floor import Laid
from shop.production import laying
from shop.production.tables import Task

_T: Any = Task.__table__


def write_moves(
    tx: Session, shop: Shop, cakes: Sequence[OpenCake], places: Mapping[int, Sequence[Laid]], *,
    by: Actor, at: datetime,
) -> int:  # fmt: skip
    """Write new ``places`` of some ``cakes`` as the tables have them; returns how many stages have moved.

    Stages at work stay. Raises `Conflict` where somebody has begun or changed one of them meanwhile.
    """
    moves: list[laying.Moved] = []
    for cake in cakes:
        rows = list(zip(cake.tasks, cake.laid, places[cake.id], strict=True))[cake.locked :]
        moves += [laying.Moved(*task, cake.order, was, now) for task, was, now in rows if was != now]
    laying.write_moves(tx, shop, moves, by=by, at=at)
    return len(moves)


def locked_as_they_were(tx: Session, cakes: Sequence[OpenCake]) -> bool:
    """Lock the orders of these cakes until the end of the transaction; says if their tasks are still as they were."""
    orders = sorted({cake.order for cake in cakes})
    tx.execute(select(Order.id).where(Order.id.in_(orders)).order_by(Order.id).with_for_update())
    was = {task: version for cake in cakes for task, version in cake.tasks}
    query = select(_T.c.id, _T.c.version).where(_T.c.id.in_(was))
    return {id_: version for id_, version in tx.connection().execute(query)} == was
