"""Which cake is meant: its order's number, what it is, and which of how many."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from shop.core.types import Words
from shop.orders.tables import Cake, Line, Order

_Other = aliased(Cake)
OF: Any = select(func.count(_Other.id)).where(_Other.order_id == Order.id).scalar_subquery()
"""How many cakes an order has, beside a row of it."""


@dataclass(frozen=True)
class Named:
    """A cake, the ``nth`` ``of`` those of its order."""

    order_id: int
    number: str
    names: Words
    inch: int
    nth: int = 1
    of: int = 1


def named_of(row: Any) -> Named:
    """Read a row with the order's letter and counter, the line's names and size, the cake's place and how many."""
    return Named(row.order_id, f"{row.letter}-{row.counter:03d}", row.names, row.inch, row.nth, row.of)


NAMED: tuple[Any, ...] = (
    Order.id.label("order_id"), Order.letter, Order.counter, Line.names, Line.inch, Cake.sort.label("nth"),
    OF.label("of"),
)  # fmt: skip


def named(session: Session, cakes: Collection[int]) -> dict[int, Named]:
    """Return these cakes by id."""
    query = (
        select(Cake.id, *NAMED)
        .join(Order, Order.id == Cake.order_id)
        .join(Line, Line.id == Cake.line_id)
        .where(Cake.id.in_(cakes))
    )
    return {row.id: named_of(row) for row in session.execute(query)}
