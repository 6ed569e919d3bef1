"""Tell the customer: an honest new time stands on the page of their slip, with the reason in plain words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import N_, Conflict, Missing
from shop.core.permissions import Permission
from shop.core.types import Words, from_minute, to_minute
from shop.orders.progress import lock_order
from shop.orders.tables import Order, OrderState
from shop.orders.words import STATE_WORDS
from shop.people.shops import Shop
from shop.production.moves.contract import MOVED_ON, Done, Move, Option, View
from shop.production.tables import MoveDone

OPEN = (OrderState.CONFIRMED, OrderState.IN_PRODUCTION, OrderState.READY, OrderState.OUT_FOR_DELIVERY)
NOTES: dict[str, Words] = {
    "kitchen": {
        "en": "Your cake needs a little longer than we thought. We are sorry, and we are on it.",
        "zh_Hans": "您的蛋糕比预计的要多花一点时间。很抱歉，我们正在赶。",
        "zh_Hant": "您的蛋糕比預計的要多花一點時間。很抱歉，我們正在趕。",
    },
    "way": {
        "en": "The way to you takes longer than we thought. We are sorry, the courier is on it.",
        "zh_Hans": "送到您那里的路上比预计的慢。很抱歉，配送员正在赶。",
        "zh_Hant": "送到您那裡的路上比預計的慢。很抱歉，配送員正在趕。",
    },
}
ROUND = 10
STARTS_AT = 30
"""A new time is worth telling from this chance (percent) on."""


@dataclass(frozen=True)
class Told:
    """What the customer was told: the new time and why."""

    until: datetime
    note: Words
    at: datetime


def options(view: View) -> Iterator[Option]:
    """The time by which it is done in four of five runs, where that is later than what the page says."""
    order = view.session.get(Order, view.about.order_id) if view.about.order_id else None
    if order is None or order.state not in OPEN:
        return
    if view.about.kind in WAY_KINDS:
        late = int(view.about.minutes) if view.about.kind == "delivery_late" else 2 * ROUND
        until = max(to_minute(order.due_at), to_minute(view.at)) + max(late, ROUND)
        note = "way"
    else:
        cakes = [seen for seen in view.seen.values() if seen.order_id == order.id]
        if not cakes or max(seen.chance for seen in cakes) * 100 < STARTS_AT:
            return
        until = max(seen.likely_end for seen in cakes) + order.way_minutes
        note = "kitchen"
    until = -(-until // ROUND) * ROUND
    known = told(view.session, order.id)
    if until <= to_minute(order.due_at) or (known and known.until >= from_minute(until)):
        return
    moment = from_minute(until)
    args = {"order": order.id, "until": until, "note": note}
    yield Option(args, facts={"time": moment.isoformat(), "order": order.id}, always=True)


WAY_KINDS = ("delivery_late", "drop_unanswered", "courier_idle", "courier_silent")


def apply(tx: Session, shop: Shop, args: Mapping[str, Any], by: Actor, at: datetime) -> Done:
    """Put it on the page; the promise itself stays what it was."""
    if tx.scalar(select(Order.id).where(Order.id == args["order"], Order.shop_id == shop.id)) is None:
        raise Missing(field="order")
    order = lock_order(tx, args["order"])
    if order.state not in OPEN:
        raise Conflict(N_("This order is %(state)s by now."), state=STATE_WORDS[order.state])
    if from_minute(args["until"]) <= at:
        raise Conflict(N_("This time is over by now. Please tell a later one."))
    known = told(tx, order.id)
    was = {"until": to_minute(known.until)} if known else {}
    return Done(
        was,
        {"until": args["until"], "note": args["note"], "state": order.state, "order": order.id},
        [order.id],
    )


def undo(
    tx: Session, shop: Shop, was: Mapping[str, Any], now: Mapping[str, Any], by: Actor, at: datetime
) -> None:
    """Take the word back, while the order stands as it stood: `told` no longer finds it."""
    state = tx.scalar(select(Order.state).where(Order.id == now["order"]))
    if state != now["state"]:
        raise Conflict(MOVED_ON)


def told(session: Session, order_id: int) -> Told | None:
    """Return the newest word to the customer that still stands."""
    query = select(MoveDone).where(
        MoveDone.order_id == order_id, MoveDone.key == "tell_customer", MoveDone.undone_at.is_(None)
    )
    row = session.scalars(query.order_by(MoveDone.id.desc()).limit(1)).first()
    if row is None:
        return None
    return Told(from_minute(row.now["until"]), NOTES[row.now["note"]], row.at)


MOVE = Move("tell_customer", Permission.ORDER_CHANGE, options, apply, undo)
