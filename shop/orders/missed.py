"""Laying anew what has missed its place: work that should have begun, and work that nobody was found for."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM
from shop.core.types import from_minute, to_minute
from shop.menu.card import MenuCard
from shop.orders.load import Kitchen, load_kitchen
from shop.orders.moving import write_moves
from shop.orders.opentasks import OpenCake
from shop.orders.promise import lock_kitchen
from shop.orders.standing import copied
from shop.people.shops import Shop
from shop.planning.reservations.book import Book
from shop.planning.reservations.floor import Job, Laid
from shop.planning.reservations.quote import by_then, earliest
from shop.production.tables import NOT_BEGUN, Task

LEAD = 5
"""Late work is laid at least so many minutes ahead: it is not moved again with every minute."""
AHEAD = 36 * 60
"""For work that begins later than this somebody is still to be found when it comes nearer."""

_T: Any = Task.__table__
_MISSED = (
    select(_T.c.id)
    .where(_T.c.shop_id == bindparam("shop"), _T.c.state.in_(NOT_BEGUN))
    .where(
        (_T.c.planned_start < bindparam("now", type_=_T.c.planned_start.type))
        | (_T.c.needs_person & _T.c.planned_for.is_(None))
    )
    .limit(1)
)


def lay_missed_anew(tx: Session, shop: Shop, card: MenuCard, *, at: datetime) -> int:
    """Give work whose planned start has passed, or that nobody was found for, a place where it can be done.

    Nothing that has begun moves, and nobody else's work either. Returns how many stages have moved.
    """
    now = from_minute(to_minute(at))
    if tx.connection().execute(_MISSED, {"shop": shop.id, "now": now}).first() is None:
        return 0
    lock_kitchen(tx, shop)
    kitchen = load_kitchen(tx, shop, card, at=at, untouched=True)
    book, places, cakes = copied(kitchen.book), dict[int, list[Laid]](), list[OpenCake]()
    for cake in sorted(kitchen.cakes(), key=lambda cake: (cake.due, cake.id)):
        if not _missed(cake, kitchen):
            continue
        stands = book.jobs[cake.id]
        book.lift(stands, stands.laid, stands.locked)
        del book.jobs[cake.id]
        found = _new_place(kitchen, book, cake, stands)
        if found is None:
            book.jobs[cake.id] = stands
            book.put(stands, stands.laid, stands.locked)
            continue
        stands = replace(stands, laid=found)
        book.jobs[cake.id] = stands
        book.put(stands, found, stands.locked)
        cakes.append(cake)
        places[cake.id] = found
    return write_moves(tx, shop, cakes, places, by=SYSTEM, at=at)


def _missed(cake: OpenCake, kitchen: Kitchen) -> bool:
    """Whether something of this cake should have begun, or somebody is still to be found for it."""
    if cake.claimed:
        return False  # whoever has taken it knows when
    rest = list(zip(cake.steps, cake.laid, strict=True))[cake.locked :]
    if not rest or rest[0][1].start > kitchen.now + AHEAD:
        return False
    late = any(at.start < kitchen.now for _, at in rest)
    return late or any(step.skill and at.hand is None and kitchen.has_names for step, at in rest)


def _new_place(kitchen: Kitchen, book: Book, cake: OpenCake, stands: Job) -> list[Laid] | None:
    """Return where a cake goes: as late as its promise allows if that can be, otherwise as soon as it can."""
    job = replace(stands, due=cake.due, since=kitchen.now + LEAD)
    if cake.laid[cake.locked].start >= kitchen.now:
        kept = by_then(book, [job], budget=0)
        return kept.laid[job.id] if kept is not None else None
    found = earliest(book, [job], budget=0)
    return found.laid[job.id] if found is not None else None
