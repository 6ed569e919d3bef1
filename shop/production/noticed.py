"""The notices a station has still to see: which cakes of which order, and what changed about them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.types import Words
from shop.menu.card import MenuCard
from shop.orders.tables import Cake, Line, Order
from shop.people.shops import Shop
from shop.production.tables import Notice

MOST = 20


@dataclass(frozen=True)
class Concerned:
    """The cakes of a line that a notice is about: the first and last of the order's ``of`` cakes."""

    names: Words
    inch: int
    first: int
    last: int
    of: int


@dataclass(frozen=True)
class NoticeCard:
    """A notice to acknowledge: ``was`` and ``now`` hold what changed, ``cakes`` which of the order's cakes."""

    id: int
    kind: str
    number: str
    due_at: datetime
    cakes: Sequence[Concerned]
    allergies: Sequence[Words]
    was: dict[str, Any]
    now: dict[str, Any]
    at: datetime


def notices_at(session: Session, shop: Shop, card: MenuCard, station_id: int) -> list[NoticeCard]:
    """Return the notices nobody has acknowledged at this station, oldest first."""
    query = (
        select(Notice, Order)
        .join(Order, Order.id == Notice.order_id)
        .where(Notice.shop_id == shop.id, Notice.acknowledged_at.is_(None), Notice.station_id == station_id)
        .order_by(Notice.id)
        .limit(MOST)
    )
    found = [(notice, order) for notice, order in session.execute(query)]
    if not found:
        return []
    lines = _lines(session, {order.id for _, order in found})
    return [
        NoticeCard(
            notice.id, notice.kind, order.number, order.due_at, _concerned(notice, lines[order.id]),
            [card.allergens.get(key, {"en": key}) for key in order.allergies], notice.was, notice.now, notice.at,
        )
        for notice, order in found
    ]  # fmt: skip


def _lines(session: Session, orders: set[int]) -> dict[int, list[Any]]:
    query = (
        select(Line.order_id, Line.names, Line.inch, Cake.id, Cake.sort, Cake.line_id)
        .join(Cake, Cake.line_id == Line.id)
        .where(Line.order_id.in_(orders))
        .order_by(Line.order_id, Cake.sort)
    )
    lines: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(query):
        lines[row.order_id].append(row)
    return lines


def _concerned(notice: Notice, cakes: list[Any]) -> list[Concerned]:
    """The cake itself when it is made again, the whole line when that was changed, else every cake."""
    named = next((row for row in cakes if row.id == notice.cake_id), None)
    if named is not None and notice.kind == "remake":
        about = [named]
    elif named is not None:
        about = [row for row in cakes if row.line_id == named.line_id]
    else:
        about = cakes
    groups: dict[int, list[Any]] = defaultdict(list)
    for row in about:
        groups[row.line_id].append(row)
    return [
        Concerned(rows[0].names, rows[0].inch, rows[0].sort, rows[-1].sort, len(cakes))
        for rows in groups.values()
    ]
