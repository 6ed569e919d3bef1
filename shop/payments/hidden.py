"""Cash that a customer has hidden in a cake as a surprise: taken at the till, owed until it is in their hands.

It is nobody's revenue and no part of the price. It follows its drawer: while it waits it lies in the till where it was
taken (or in the safe, once that was counted); in the envelope in the box it lies in ``envelopes``; opened again, it
goes back to where it came from. It is given once: with the cake, or back in full, whatever the terms of the order.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.core import money
from shop.core.actors import Actor
from shop.core.errors import N_, Conflict, Invalid
from shop.core.events import record
from shop.ledger import post
from shop.menu.tables import StageKind
from shop.orders.tables import Cake, Order, OrderState
from shop.orders.words import STATE_WORDS
from shop.payments.till import HOW, lock, ring
from shop.payments.till_tables import LineKind, TillLine
from shop.people.shops import Shop
from shop.production.notices import notify_boxes, take_down
from shop.production.tables import Task, TaskState

K = LineKind
OPEN = (OrderState.CONFIRMED, OrderState.IN_PRODUCTION)
"""Orders into whose cakes something can still be hidden: paid for, and not yet ready."""
GIVEN = (OrderState.HANDED_OVER, OrderState.CLOSED)
"""Orders whose cakes the customer has, with all that is in them."""
ENVELOPES, OWED, SAFE = "envelopes", "hidden-cash", "safe"


def owed(session: Session, order: Order) -> int:
    """Return the hidden cash that the shop still holds for an order, minor units."""
    return sum(cake.hidden for cake in _filled(session, order))


def to_put_in(session: Session, order: Order) -> int:
    """Return how much of it is in no envelope yet, minor units: only that is given back out of a drawer."""
    return sum(cake.hidden for cake in _filled(session, order) if cake.enveloped_at is None)


def _filled(session: Session, order: Order) -> list[Cake]:
    """Return the cakes for which the shop holds cash."""
    if order.state in GIVEN:
        return []
    query = select(Cake).where(Cake.order_id == order.id, Cake.hidden > 0).order_by(Cake.sort)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def cakes_open(session: Session, order: Order) -> Sequence[Cake]:
    """Return the cakes of an order that are not boxed yet."""
    if order.state not in OPEN:
        return []
    boxed = select(Task.cake_id).where(
        Task.order_id == order.id, Task.kind == StageKind.BOX, Task.state == TaskState.DONE
    )
    query = select(Cake).where(Cake.order_id == order.id, Cake.id.not_in(boxed))
    return list(session.scalars(query.order_by(Cake.sort)))


def take(
    tx: Session, shop: Shop, order: Order, cake_id: int, amount: int, *, till: int | None = None, by: Actor,
    at: datetime,
) -> None:  # fmt: skip
    """Take ``amount`` (minor units) in cash to be put into a cake; ``order`` is locked by the caller.

    What is in its envelope already is put in once more, with the rest. Raises `Invalid` naming ``hidden`` or ``cake``,
    `Conflict` for an order that is not in the making, `NoOpenTill`.
    """
    if order.state not in OPEN:
        raise Conflict(N_("This order is %(state)s by now."), state=STATE_WORDS[order.state])
    if not 0 < amount <= money.MOST:
        raise Invalid(N_("Please enter an amount."), field="hidden")
    cake = next((cake for cake in cakes_open(tx, order) if cake.id == cake_id), None)
    if cake is None:
        raise Invalid(N_("This cake is boxed already."), field="cake")
    take_out(tx, shop, order, [cake.id], by=by, at=at)
    cake.hidden += amount
    ring(
        tx, shop, K.HIDDEN_TAKEN, amount, till=till, order=order.id, ref=order.ref, cake=cake.id, by=by, at=at
    )
    _note(tx, order, "hidden_cash_received", by, at, amount=amount)


def put_in(tx: Session, shop: Shop, order: Order, cake: Cake, *, by: Actor, at: datetime) -> None:
    """Put a cake's cash into the envelope in its box: it leaves the drawer, or the safe where that was counted.

    ``order`` is locked by the caller. The kitchen is no longer told to bring an envelope of this cake. Does nothing
    where it is in already.
    """
    if not cake.hidden or cake.enveloped_at is not None:
        return
    cake.enveloped_at, cake.enveloped_by = at, by.id
    _move(tx, shop, order, cake, K.HIDDEN_GIVEN, by, at)
    take_down(tx, "envelope_out", cake.id, by=by, at=at)
    _note(tx, order, "cash_enveloped", by, at, cake_id=cake.id)


def take_out(
    tx: Session, shop: Shop, order: Order, cakes: Sequence[int], *, by: Actor, at: datetime
) -> None:  # fmt: skip
    """Take the envelopes out of the boxes of these cakes (by id): the cash goes back to where it came from.

    The kitchen is told to bring them.
    """
    for cake in _filled(tx, order):
        if cake.id in cakes and cake.enveloped_at is not None:
            cake.enveloped_at = cake.enveloped_by = None
            _move(tx, shop, order, cake, K.HIDDEN_OUT, by, at)
            told = notify_boxes(tx, shop, order, "envelope_out", [cake.id], at=at)
            _note(tx, order, "envelope_removed", by, at, cake_id=cake.id, sound="changed", stations=told)


def _move(tx: Session, shop: Shop, order: Order, cake: Cake, kind: LineKind, by: Actor, at: datetime) -> None:
    """Move a cake's cash between its envelope and the tills where it was taken; a counted till's is in the safe."""
    rest = cake.hidden
    for till, amount in _drawers(tx, shop, cake):
        ring(tx, shop, kind, amount, till=till, order=order.id, ref=order.ref, cake=cake.id, by=by, at=at)
        rest -= amount
    if rest:
        signed, how = HOW[kind].sign * rest, HOW[kind]
        post(tx, shop.id, how.entry, [(SAFE, signed), (how.against, -signed)], currency=shop.currency, by=by, at=at,
             order=order.ref)  # fmt: skip


def _drawers(tx: Session, shop: Shop, cake: Cake) -> list[tuple[int, int]]:
    """Return the tills that have not been counted since a cake's cash was taken, held, and how much that was.

    What was given back before the last of it was taken is no matter: the newest lines are what it holds.
    """
    taken = select(TillLine.till_id, TillLine.shift_id, TillLine.amount).where(
        TillLine.cake_id == cake.id, TillLine.kind == K.HIDDEN_TAKEN
    )
    rest, found = cake.hidden, Counter[tuple[int, int]]()
    for till_id, shift_id, amount in tx.execute(taken.order_by(TillLine.id.desc())).all():
        found[till_id, shift_id] += min(amount, rest)
        rest -= min(amount, rest)
    return [
        (till_id, amount)
        for (till_id, shift_id), amount in sorted(found.items())
        if amount and lock(tx, shop, till_id).shift_id == shift_id
    ]


def give(tx: Session, shop: Shop, order: Order, *, by: Actor, at: datetime) -> None:
    """Give the customer what is in the cakes, with the cakes; raises `Conflict` while some is not in yet."""
    amount = owed(tx, order)
    if not amount:
        return
    if to_put_in(tx, order):
        raise Conflict(N_("The cash has not been put into the cake yet. Please look after it first."))
    post(tx, shop.id, "hidden_cash_given", [(OWED, amount), (ENVELOPES, -amount)], currency=shop.currency, by=by,
         at=at, order=order.ref)  # fmt: skip


def give_back(
    tx: Session, shop: Shop, order: Order, *, till: int | None = None, by: Actor, at: datetime
) -> int:
    """Give all of it back over the counter; ``order`` is locked by the caller. Returns the amount, minor units.

    What is in an envelope comes out of its box, and the kitchen is told; the rest comes out of the ``till``. Raises
    `Conflict` where nothing is hidden, or the cakes are on their way to somebody.
    """
    if order.state == OrderState.OUT_FOR_DELIVERY:
        raise Conflict(N_("The cash is in the cake, and the cake is on its way."))
    cakes = _filled(tx, order)
    if not cakes:
        raise Conflict(N_("Nothing is hidden in this order."))
    amount, waiting = owed(tx, order), to_put_in(tx, order)
    boxed = [cake.id for cake in cakes if cake.enveloped_at is not None]
    if boxed:
        post(tx, shop.id, "hidden_cash_returned", [(OWED, amount - waiting), (ENVELOPES, waiting - amount)],
             currency=shop.currency, by=by, at=at, order=order.ref)  # fmt: skip
    for cake in cakes:
        if cake.enveloped_at is None:
            ring(tx, shop, K.HIDDEN_BACK, cake.hidden, till=till, order=order.id, ref=order.ref, cake=cake.id, by=by,
                 at=at)  # fmt: skip
        cake.hidden, cake.enveloped_at, cake.enveloped_by = 0, None, None
    told = notify_boxes(tx, shop, order, "envelope_out", boxed, at=at)
    _note(
        tx,
        order,
        "hidden_cash_returned",
        by,
        at,
        amount=amount,
        sound="changed" if told else "",
        stations=told,
    )
    return amount


def to_give_back(session: Session, shop: Shop, *, most: int = 20) -> list[tuple[Order, int]]:
    """Return the orders that are over while the shop still holds their hidden cash, with the amounts."""
    held = func.sum(Cake.hidden)
    over = (OrderState.CANCELLED, OrderState.NO_SHOW, OrderState.DISPOSED, OrderState.RESOLD)
    query = select(Order, held).join(Cake, Cake.order_id == Order.id).where(
        Order.shop_id == shop.id, Order.state.in_(over), Cake.hidden > 0
    )  # fmt: skip
    rows = session.execute(query.group_by(Order.id).order_by(Order.id).limit(most))
    return [(row[0], int(row[1])) for row in rows]


def _note(tx: Session, order: Order, kind: str, by: Actor, at: datetime, **data: Any) -> None:
    tx.flush()
    topics = ("kitchen", "orders", "money", f"order:{order.id}")
    record(tx, order.shop_id, kind, by=by, at=at, topics=topics, order_id=order.id, **data)
