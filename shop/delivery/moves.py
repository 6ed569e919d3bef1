"""Moves that help a delivery, beside those of the kitchen: another courier takes it, or the courier was reached."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import N_, Conflict
from shop.core.permissions import Permission
from shop.delivery.claims import assign
from shop.delivery.drops import WAITING, D, change, find, note
from shop.delivery.matching import matches
from shop.delivery.riders import heard
from shop.delivery.tables import Drop, Rider
from shop.orders.tables import Order
from shop.people.shops import Shop
from shop.production.moves import MOVES as KITCHEN
from shop.production.moves.contract import MOVED_ON, Done, Move, Option, View
from shop.production.tables import Alarm

WHY: Mapping[str, str] = {
    "courier_silent": N_("The courier’s phone is silent"),
    "courier_idle": N_("Ready, and not picked up"),
    "drop_unanswered": N_("No courier took it"),
    "delivery_late": N_("It would arrive late"),
}
"""Why it is given on, by the kind of alarm: stands in the diary."""
WORTH = 5
"""Minutes that another courier must be there sooner."""


def options(view: View) -> Iterator[Option]:
    """Another courier for what the one in trouble has not fetched yet: who suits the first of it best."""
    rows = _not_fetched(view)
    if view.about.kind not in WHY or not rows:
        return
    drop, order = rows[0]
    fits = [m for m in matches(view.session, view.shop, drop, order, at=view.at) if not m.never]
    best = next((m.staff_id for m in fits if m.staff_id != drop.courier_id), None)
    if best is None or (view.about.kind == "delivery_late" and not _sooner(view, best, drop, order)):
        return
    args = {"drops": [[row.id, row.version] for row, _ in rows], "courier": best, "why": view.about.kind}
    yield Option(args, facts={"person": best, "n": len(rows), "order": order.id}, always=True)


def _not_fetched(view: View) -> list[tuple[Drop, Order]]:
    """The alarm's drop; of a silent courier all that still stands in the shop."""
    kind, _, key = view.about.subject.partition(":")
    if kind == "courier":
        where = (Drop.courier_id == int(key), Drop.state == D.CLAIMED)
    elif kind == "drop":
        where = (Drop.id == int(key), Drop.state.in_((*WAITING, D.CLAIMED)))
    else:
        return []
    query = (
        select(Drop, Order).join(Order, Order.id == Drop.order_id).where(Drop.shop_id == view.shop.id, *where)
    )
    return [(drop, order) for drop, order in view.session.execute(query.order_by(Order.ready_by, Drop.id))]


def _sooner(view: View, courier_id: int, drop: Drop, order: Order) -> bool:
    """Whether a courier with nothing in hand would be there minutes earlier than it looks now.

    Nobody is, while it is the kitchen that is late.
    """
    baking = select(Alarm.id).where(
        Alarm.order_id == order.id, Alarm.kind == "predicted_late", Alarm.ended_at.is_(None)
    )
    if view.session.scalar(baking.limit(1)) is not None:
        return False
    busy = select(Drop.id).where(
        Drop.courier_id == courier_id, Drop.state.in_((D.CLAIMED, D.PICKED_UP, D.ARRIVED))
    )
    if view.session.scalar(busy.limit(1)) is not None:
        return False
    there = max(view.at, order.ready_by) + timedelta(minutes=drop.minutes)
    return there + timedelta(minutes=WORTH) <= order.due_at + timedelta(minutes=view.about.minutes)


def apply(tx: Session, shop: Shop, args: Mapping[str, Any], by: Actor, at: datetime) -> Done:
    """Give them all to the other courier; raises `Conflict` where one has been taken or fetched since."""
    was, now = {}, {}
    for key, version in args["drops"]:
        drop = find(tx, shop, key)
        if drop.version != version or drop.state not in (*WAITING, D.CLAIMED):
            raise Conflict()
        had = None if drop.state in WAITING else drop.courier_id
        assign(tx, shop, key, args["courier"], version, by=by, at=at, reason=WHY[args["why"]])
        drop = find(tx, shop, key)
        was[f"drop:{key}"], now[f"drop:{key}"] = had, drop.version
    return Done(was, now)


def undo(
    tx: Session, shop: Shop, was: Mapping[str, Any], now: Mapping[str, Any], by: Actor, at: datetime
) -> None:
    """Give them back to whoever had them, or to nobody, while none has left the shop."""
    for key, version in now.items():
        drop = find(tx, shop, int(key.partition(":")[2]))
        if drop.version != version or drop.state != D.CLAIMED:
            raise Conflict(MOVED_ON)
        had = was[key]
        to, since = (D.CLAIMED, at) if had else (D.OPEN, None)
        change(tx, drop, to, at=at, courier_id=had, claimed_at=since, stop=0)
        note(tx, drop, "drop_assigned" if had else "drop_reopened", by=by, at=at, courier=had)


GIVE_ON = Move("give_on", Permission.DELIVERY_DISPATCH, options, apply, undo)


def reached_options(view: View) -> Iterator[Option]:
    """Somebody has called the silent courier, and they answered."""
    kind, _, key = view.about.subject.partition(":")
    if kind == "courier" and view.about.kind == "courier_silent":
        yield Option({"courier": int(key)}, facts={"person": int(key)}, always=True)


def reached(tx: Session, shop: Shop, args: Mapping[str, Any], by: Actor, at: datetime) -> Done:
    """They are heard of now: the alarm is over, and comes again if the phone stays silent."""
    rider = tx.get(Rider, args["courier"])
    was = rider.seen_at.isoformat() if rider is not None else ""
    heard(tx, shop, args["courier"], at=at)
    return Done({"courier": args["courier"], "seen": was}, {"seen": at.isoformat()})


def not_reached(
    tx: Session, shop: Shop, was: Mapping[str, Any], now: Mapping[str, Any], by: Actor, at: datetime
) -> None:
    """Forget the call, unless the phone itself was heard since."""
    mine = (Rider.staff_id == was["courier"], Rider.seen_at == datetime.fromisoformat(now["seen"]))
    before = datetime.fromisoformat(was["seen"]) if was["seen"] else at
    back = update(Rider).where(*mine).values(seen_at=before).execution_options(synchronize_session="fetch")
    if not tx.connection().execute(back).rowcount:
        raise Conflict(MOVED_ON)


REACHED = Move("reached", Permission.DELIVERY_DISPATCH, reached_options, reached, not_reached)
MOVES: Mapping[str, Move] = {**KITCHEN, **{move.key: move for move in (GIVE_ON, REACHED)}}
"""Every move there is; a new one for deliveries is a `Move` here and its words in `admin/move_words.py`."""
