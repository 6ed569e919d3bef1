"""Changing an order after it was placed: the writing until the decorator starts, the options until baking."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import N_, Conflict, Missing
from shop.core.events import record
from shop.core.keys import Keys, digest
from shop.menu.card import MenuCard
from shop.menu.tables import StageKind
from shop.orders.cart import CartLine, PricedLine, price_line
from shop.orders.placing import task_rows
from shop.orders.progress import NOT_STARTED, confirm_covered, lock_order, topics_of
from shop.orders.promise import lock_kitchen, plan_for
from shop.orders.tables import Cake, Line, Order, OrderState
from shop.payments.discounts import pieces_of, reprice, worth
from shop.payments.off import Piece
from shop.payments.online import check_nobody_pays
from shop.people.shops import Shop
from shop.production.notices import notify_stations
from shop.production.tables import Task, TaskState


def writing_is_open(session: Session, line_id: int) -> bool:
    """Whether no decorator has started on any cake of this line."""
    begun = (TaskState.RUNNING, TaskState.DONE)
    query = (
        select(Task.id)
        .join(Cake, Cake.id == Task.cake_id)
        .where(Cake.line_id == line_id, Task.kind == StageKind.DECORATE, Task.state.in_(begun))
        .limit(1)
    )
    return session.scalar(query) is None


def change_line(
    tx: Session, shop: Shop, card: MenuCard, order: Order, line_id: int, *, by: Actor, at: datetime,
    inscription: str | None = None, candles: int | None = None, options: dict[str, str] | None = None,
) -> int:  # fmt: skip
    """Change a line; the price is made anew from the menu, and the stations see old and new.

    Returns what the order cost before, minor units: the diary tells it where it costs another amount now.

    The deposit of an order that waits for it follows the price; one that is covered by that goes to the kitchen.
    Raises `Conflict` when the work has begun, somebody is paying the old price, or more than the new one is paid;
    `Invalid` as `price_line` does.
    """
    lock_kitchen(tx, shop)
    order = lock_order(tx, order.id)
    line = _open_line(tx, order, line_id)
    old = CartLine(line.product, line.inch, line.quantity, dict(line.options), line.inscription, line.candles)
    new = replace(
        old,
        inscription=old.inscription if inscription is None else inscription,
        candles=old.candles if candles is None else candles,
        options=old.options if options is None else options,
    )
    if new.options != old.options and order.state not in NOT_STARTED:
        raise Conflict(N_("The kitchen has already started: only the writing and candles can change."))
    priced = price_line(card, new)
    before = order.total
    if priced.line == old:
        return before
    was, now = _difference(old, priced.line)
    if new.options != old.options:
        _choose(tx, order, line, priced)
    line.inscription, line.candles, line.options = priced.line.inscription, new.candles, priced.line.options
    if _works(priced) != _works_of(tx, line.id):
        _plan_again(tx, shop, card, order, line, priced, at)
    tx.execute(update(Cake).where(Cake.line_id == line.id).values(written_at=None, written_by=None))
    stations = _tell(tx, shop, order, line, was, now, at) if order.state != OrderState.PLACED else []
    if order.total != before:  # the kitchen need not know
        was, now = {**was, "price": before}, {**now, "price": order.total}
    record(tx, shop.id, "order_changed", by=by, at=at, topics=topics_of(order), order_id=order.id,
           sound="changed", stations=stations, line=line.id, was=was, now=now)  # fmt: skip
    confirm_covered(tx, shop, order, by=by, at=at)
    return before


def _open_line(tx: Session, order: Order, line_id: int) -> Line:
    """Return a line of the order whose writing is still open; raises `Missing` and `Conflict`."""
    line = tx.scalars(select(Line).where(Line.id == line_id, Line.order_id == order.id)).first()
    if line is None:
        raise Missing(field="line")
    if order.state not in (*NOT_STARTED, OrderState.IN_PRODUCTION) or not writing_is_open(tx, line.id):
        raise Conflict(N_("The decorator has already started. Please talk to the kitchen."))
    return line


def _choose(tx: Session, order: Order, line: Line, priced: PricedLine) -> None:
    """Write down other options with what they cost; raises `Conflict` where the price cannot be another one."""
    changed = priced.total != line.total
    if changed:
        _check_price(tx, order, pieces_of(tx, order, {line.id: priced.total}))
    line.unit_price, line.total, line.parts = priced.unit_price, priced.total, list(priced.parts)
    line.option_words = [c.names for _, c in priced.choices if not c.is_default]
    line.look, line.tiers, line.allergens = dict(priced.look.base or {}), priced.tiers, list(priced.allergens)
    if changed:
        reprice(tx, order)


def _check_price(tx: Session, order: Order, pieces: Sequence[Piece]) -> None:
    total = sum(piece.total for piece in pieces) + order.fee - sum(worth(tx, order, pieces).values())
    if total != order.total:
        check_nobody_pays(tx, order)
    if total < order.paid:
        raise Conflict(N_("This would cost less than what is already paid. Please cancel and order again."))


def _tell(
    tx: Session, shop: Shop, order: Order, line: Line, was: dict[str, object], now: dict[str, object], at: datetime
) -> list[int]:  # fmt: skip
    """Show the stations that have it old and new; returns which those are."""
    kinds = (StageKind.BAKE, StageKind.BUILD, StageKind.DECORATE)
    cakes = tx.scalars(select(Cake.id).where(Cake.line_id == line.id).order_by(Cake.sort)).all()
    return notify_stations(tx, shop, order.id, "changed", was=was, now=now, at=at, cakes=cakes, kinds=kinds)


def _works(priced: PricedLine) -> list[tuple[str, int]]:
    return [(work.kind.value, work.minutes) for work in priced.stages]


def _works_of(tx: Session, line_id: int) -> list[tuple[str, int]]:
    """Return the stages and minutes of the line's first cake as they are planned now."""
    cake = select(Cake.id).where(Cake.line_id == line_id).order_by(Cake.id).limit(1).scalar_subquery()
    query = select(Task.kind, Task.minutes).where(Task.cake_id == cake, Task.state != TaskState.VOID)
    return [(kind, minutes) for kind, minutes in tx.execute(query.order_by(Task.sort))]


def _plan_again(
    tx: Session, shop: Shop, card: MenuCard, order: Order, line: Line, priced: PricedLine, at: datetime
) -> None:
    """Lay the line's cakes in anew, because the choice takes other minutes; raises `SlotTaken` if they do not fit."""
    cakes = list(tx.scalars(select(Cake.id).where(Cake.line_id == line.id).order_by(Cake.id)))
    old = update(Task).where(Task.cake_id.in_(cakes), Task.state != TaskState.VOID)
    tx.execute(old.values(state=TaskState.VOID, version=Task.version + 1))
    plans = plan_for(tx, shop, card, [priced], order.due_at, at=at, way=order.way_minutes)
    confirmed = order.state != OrderState.PLACED
    for cake_id, plan in zip(cakes, plans, strict=True):
        tx.execute(
            insert(Task), task_rows(shop.id, order.id, cake_id, plan, order.ready_by, confirmed=confirmed)
        )


def _difference(old: CartLine, new: CartLine) -> tuple[dict[str, object], dict[str, object]]:
    was: dict[str, object] = {}
    now: dict[str, object] = {}
    for name in ("inscription", "candles", "options"):
        if getattr(old, name) != getattr(new, name):
            was[name], now[name] = getattr(old, name), getattr(new, name)
    return was, now


def renew_token(tx: Session, keys: Keys, shop: Shop, order: Order, *, by: Actor, at: datetime) -> str:
    """Slip lost: make a new token, so that the old slip opens nothing any more; returns the new one."""
    order = lock_order(tx, order.id)
    order.token_version += 1
    token = keys.token("order", order.id, order.token_version)
    order.token_hash = digest(token)
    record(tx, shop.id, "token_renewed", by=by, at=at, topics=(f"order:{order.id}",), order_id=order.id)
    return token
