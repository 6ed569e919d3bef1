"""Who takes a drop: everybody may claim an open one, the best is asked first, a person may decide otherwise."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM, Actor
from shop.core.errors import N_, Conflict, Denied, Invalid
from shop.core.permissions import Role
from shop.core.reasons import reason_given
from shop.delivery.drops import UNDERWAY, D, change, expect, find, note
from shop.delivery.matching import best_courier
from shop.delivery.tables import Drop
from shop.orders.tables import Order
from shop.people.offers import ANSWER_WITHIN, Answer, answer, ask, note_claim, subject_of
from shop.people.shops import Shop
from shop.people.staff import Staff

AHEAD = timedelta(minutes=40)
"""An offer is made at most this long before the cake must leave."""


def claim(tx: Session, shop: Shop, drop_id: int, version: int, *, by: Actor, at: datetime) -> None:
    """Take an open drop, or one that was offered to me. One of many at once wins; the others get `Conflict`."""
    drop = find(tx, shop, drop_id)
    if drop.version != version:
        raise Conflict(N_("Somebody else was faster. Here is what is still open."))
    if drop.state == D.OFFERED and drop.offered_to != by.id:
        raise Conflict(N_("This delivery is being offered to somebody else right now."))
    change(tx, drop, D.CLAIMED, at=at, courier_id=by.id, claimed_at=at, offered_to=None, offered_until=None)
    note_claim(tx, shop, subject_of("drop", drop.id), drop.order_id, by.id, at=at)
    note(tx, drop, "drop_claimed", by=by, at=at, seconds=round((at - drop.made_at).total_seconds()))


def decline(tx: Session, shop: Shop, drop_id: int, *, by: Actor, at: datetime) -> None:
    """Say no to an offer: it goes to the next one."""
    drop = find(tx, shop, drop_id)
    if drop.state != D.OFFERED or drop.offered_to != by.id:
        raise Conflict(N_("This is no longer offered to you."))
    _withdraw(tx, drop, at=at)
    answer(tx, shop, subject_of("drop", drop.id), Answer.DECLINED, at=at)
    note(tx, drop, "drop_declined", by=by, at=at)


def release(tx: Session, shop: Shop, drop_id: int, *, by: Actor, at: datetime, reason: str = "") -> None:
    """Give a claimed drop back before the cake is picked up."""
    drop = mine(tx, shop, drop_id, by)
    expect(drop, D.CLAIMED)
    declined = sorted({*drop.declined, by.id or 0})
    change(tx, drop, D.OPEN, at=at, courier_id=None, claimed_at=None, stop=0, declined=declined)
    note(tx, drop, "drop_released", by=by, at=at, reason=reason.strip()[:200])


def assign(
    tx: Session,
    shop: Shop,
    drop_id: int,
    courier_id: int,
    version: int,
    *,
    by: Actor,
    at: datetime,
    reason: str,
) -> None:
    """Give a drop to a courier by hand, also one that somebody else has; the reason stands in the diary."""
    reason = reason_given(reason)
    courier = tx.get(Staff, courier_id)
    if courier is None or courier.shop_id != shop.id or courier.role != Role.COURIER or not courier.active:
        raise Invalid(N_("Please choose a courier."), field="courier")
    drop = find(tx, shop, drop_id)
    if drop.version != version:
        raise Conflict()
    before, state = drop.courier_id, D(drop.state)
    to = state if state in (D.PICKED_UP, D.ARRIVED) else D.FAILED if state == D.FAILED else D.CLAIMED
    kept = {} if state in UNDERWAY else {"claimed_at": at, "ended_at": None}
    change(tx, drop, to, at=at, courier_id=courier_id, stop=0, offered_to=None, offered_until=None, **kept)
    note_claim(tx, shop, subject_of("drop", drop.id), drop.order_id, courier_id, at=at, how=Answer.ASSIGNED)
    note(
        tx,
        drop,
        "drop_assigned",
        by=by,
        at=at,
        courier=courier_id,
        before=before,
        reason=reason,
    )


def open_again(tx: Session, shop: Shop, drop_id: int, *, by: Actor, at: datetime) -> None:
    """Let a cake that came back go out once more."""
    drop = find(tx, shop, drop_id)
    if drop.state != D.RETURNED:
        raise Conflict(N_("This delivery is not back in the shop."))
    change(tx, drop, D.OPEN, at=at, courier_id=None, claimed_at=None, picked_up_at=None, arrived_at=None,
           ended_at=None, wait_until=None, reason="", next_step="", stop=0, declined=[], alarmed_at=None)  # fmt: skip
    note(tx, drop, "drop_reopened", by=by, at=at)


def mine(tx: Session, shop: Shop, drop_id: int, by: Actor) -> Drop:
    """Return a drop that this courier has; raises `Denied` for anybody else's."""
    drop = find(tx, shop, drop_id)
    if drop.courier_id is None or drop.courier_id != by.id:
        raise Denied(N_("This delivery is not yours (any more)."))
    return drop


def offer_due(tx: Session, shop: Shop, *, at: datetime) -> int:
    """Offer what must leave soon to the best courier for two minutes, then to the next; returns how many offers."""
    offered = 0
    soon = (
        select(Drop, Order)
        .join(Order, Order.id == Drop.order_id)
        .where(Drop.shop_id == shop.id, Drop.state.in_((D.OPEN, D.OFFERED)), Order.ready_by <= at + AHEAD)
        .order_by(Order.ready_by, Drop.id)
    )
    for drop, order in tx.execute(soon).all():
        if drop.state == D.OFFERED:
            if drop.offered_until is None or drop.offered_until > at:
                continue
            silent = drop.offered_to
            _withdraw(tx, drop, at=at)
            answer(tx, shop, subject_of("drop", drop.id), Answer.LAPSED, at=at)
            note(tx, drop, "drop_lapsed", by=SYSTEM, at=at, courier=silent)
        offered += _offer(tx, shop, drop, order, at)
    return offered


def _offer(tx: Session, shop: Shop, drop: Drop, order: Order, at: datetime) -> bool:
    match = best_courier(tx, shop, drop, order, at=at)
    if match is None:
        if drop.alarmed_at is None:
            drop.alarmed_at = at
            ask(tx, shop, subject_of("drop", drop.id), drop.order_id, None, at=at)
            note(tx, drop, "drop_unanswered", by=SYSTEM, at=at, sound="risk")
        return False
    change(tx, drop, D.OFFERED, at=at, offered_to=match.staff_id, offered_until=at + ANSWER_WITHIN)
    answer(tx, shop, subject_of("drop", drop.id), Answer.ENDED, at=at)  # nobody took it, until now
    ask(tx, shop, subject_of("drop", drop.id), drop.order_id, match, at=at)
    note(tx, drop, "drop_offered", by=SYSTEM, at=at, courier=match.staff_id, points=match.points)
    return True


def _withdraw(tx: Session, drop: Drop, *, at: datetime) -> None:
    declined = sorted({*drop.declined, drop.offered_to or 0})
    change(tx, drop, D.OPEN, at=at, offered_to=None, offered_until=None, declined=declined)
