"""From the shop's counter to the customer's door: pick up, arrive, hand over, or not, and the way back.

The server's time rules; ``tapped`` is when the phone says it was tapped, kept in the diary as a claim.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import N_, Conflict, Invalid
from shop.core.reasons import reason_given
from shop.delivery.claims import mine, release
from shop.delivery.drops import D, change, expect, locked, note
from shop.delivery.tables import Drop
from shop.delivery.where import open_address
from shop.delivery.words import FAIL_REASONS, NEXT_STEPS, ONLY_BACK
from shop.orders.pins import try_pin
from shop.orders.progress import hand_over, move
from shop.orders.tables import Cake, Order, OrderState
from shop.orders.words import STATE_WORDS
from shop.payments.counter import take
from shop.people.shops import Shop

UNDO_WITHIN = timedelta(seconds=60)
WAIT = timedelta(minutes=10)


def _mine(tx: Session, shop: Shop, drop_id: int, by: Actor) -> tuple[Drop, Order]:
    drop, order = locked(tx, shop, drop_id)
    return mine(tx, shop, drop.id, by), order


def _said(at: datetime, tapped: datetime | None) -> dict[str, Any]:
    """Return what the phone says about the time of the tap, beside the server's."""
    if tapped is None:
        return {}
    return {"tapped": tapped.isoformat(timespec="seconds"), "behind": round((at - tapped).total_seconds())}


def plain_code(typed: str) -> str:
    """Return a cake's code from what was typed or scanned: the label's code holds a whole address."""
    return re.sub(r"[^0-9A-Z]", "", typed.strip().rstrip("/").rsplit("/", 1)[-1].upper())


def pick_up(
    tx: Session, shop: Shop, drop_id: int, codes: Sequence[str], *, by: Actor, at: datetime,
    tapped: datetime | None = None,
) -> None:  # fmt: skip
    """Take the cakes out of the shop: every one of the order is scanned. The address opens to the courier now.

    Raises `Invalid` (field ``code``) for a wrong or missing cake, `Conflict` while the order is not ready.
    """
    drop, order = _mine(tx, shop, drop_id, by)
    expect(drop, D.CLAIMED)
    if order.state != OrderState.READY:
        raise Conflict(N_("The kitchen is not done with this order yet: it is %(state)s."),
                       state=STATE_WORDS[order.state])  # fmt: skip
    _check_codes(list(tx.scalars(select(Cake.code).where(Cake.order_id == order.id))), codes)
    change(tx, drop, D.PICKED_UP, at=at, picked_up_at=at, out_of_cold_since=at, cash_due=order.balance)
    move(tx, order, OrderState.OUT_FOR_DELIVERY)
    note(tx, drop, "drop_collected", by=by, at=at, cash_due=drop.cash_due, **_said(at, tapped))
    open_address(tx, drop, order, by=by, at=at)


def _check_codes(cakes: Sequence[str], codes: Sequence[str]) -> None:
    scanned = {plain_code(code) for code in codes} - {""}
    wanted = {plain_code(code) for code in cakes}
    if scanned - wanted:
        raise Invalid(N_("This cake belongs to another order. Please look at the label again."), field="code")
    if wanted - scanned:
        raise Invalid(N_("Please scan every cake of this order: %(n)s still missing."),
                      field="code", n=len(wanted - scanned))  # fmt: skip


def arrive(
    tx: Session, shop: Shop, drop_id: int, *, by: Actor, at: datetime, tapped: datetime | None = None
) -> None:
    """Stand at the door; also once more after a hand-over that did not work."""
    drop, _ = _mine(tx, shop, drop_id, by)
    expect(drop, D.PICKED_UP, D.FAILED)
    change(tx, drop, D.ARRIVED, at=at, arrived_at=at, wait_until=None)
    note(tx, drop, "drop_arrived", by=by, at=at, **_said(at, tapped))


def deliver(
    tx: Session, shop: Shop, drop_id: int, *, by: Actor, at: datetime, pin: str = "", photo: str = "",
    tendered: int | None = None, tapped: datetime | None = None,
) -> bool:  # fmt: skip
    """Give the cakes to the customer, proved by the PIN of their slip or by a photo; cash due is taken here.

    Answers False for a wrong PIN, which is counted. Raises `TooMany` after five, `Invalid` (field ``pin``) without
    proof or (field ``tendered``) with too little cash.
    """
    drop, order = _mine(tx, shop, drop_id, by)
    expect(drop, D.ARRIVED, D.FAILED)
    if not pin.strip() and not photo:
        raise Invalid(N_("Please ask the customer for the PIN on the slip, or take a photo."), field="pin")
    if pin.strip() and not try_pin(tx, order, pin, by=by, at=at):
        return False
    if order.balance:
        due = order.balance
        take(
            tx,
            shop,
            order,
            "cash",
            amount=due,
            tendered=tendered,
            by=by,
            at=at,
            account=f"courier-cash:{by.id}",
        )
        order = locked(tx, shop, drop.id)[1]
        drop.cash_taken = due
        tx.flush()
    proof = photo or "pin"
    change(tx, drop, D.DELIVERED, at=at, ended_at=at, out_of_cold_since=None, proof=proof, wait_until=None)
    hand_over(tx, shop, order, by=by, at=at, pin=pin or None, pin_needed=False)
    note(tx, drop, "drop_delivered", by=by, at=at, proof="photo" if photo else "pin", cash=drop.cash_taken,
         **_said(at, tapped))  # fmt: skip
    return True


def deliver_for(tx: Session, shop: Shop, drop_id: int, *, by: Actor, at: datetime, reason: str) -> None:
    """Write a hand-over down for a courier whose phone is dead: a person of the shop answers for it, with a reason.

    Money at the door is taken at the till first; raises `Conflict` while any is due.
    """
    reason = reason_given(reason, "told")
    drop, order = locked(tx, shop, drop_id)
    expect(drop, D.PICKED_UP, D.ARRIVED, D.FAILED)
    change(tx, drop, D.DELIVERED, at=at, ended_at=at, out_of_cold_since=None, proof="shop", wait_until=None)
    hand_over(tx, shop, order, by=by, at=at, pin_needed=False)
    note(tx, drop, "drop_delivered", by=by, at=at, proof="shop", cash=0, reason=reason)


def fail(
    tx: Session, shop: Shop, drop_id: int, *, reason: str, next_step: str, by: Actor, at: datetime,
    tapped: datetime | None = None,
) -> None:  # fmt: skip
    """Say that the hand-over did not work, why, and what happens now. Raises `Invalid` naming the field."""
    drop, _ = _mine(tx, shop, drop_id, by)
    if reason not in FAIL_REASONS:
        raise Invalid(N_("Please say why it did not work."), field="reason")
    if next_step not in NEXT_STEPS:
        raise Invalid(N_("Please choose what happens now."), field="next_step")
    if reason in ONLY_BACK and next_step != "back":
        raise Invalid(N_("Then the cake comes back to the shop."), field="next_step")
    expect(drop, D.PICKED_UP, D.ARRIVED, D.FAILED)
    wait = at + WAIT if next_step == "wait" else None
    change(tx, drop, D.FAILED, at=at, reason=reason, next_step=next_step, wait_until=wait)
    note(tx, drop, "drop_failed", by=by, at=at, reason=reason, next=next_step, **_said(at, tapped))


def bring_back(
    tx: Session, shop: Shop, drop_id: int, *, by: Actor, at: datetime, tapped: datetime | None = None
) -> None:
    """Put the cakes back into the shop's fridge: the order is ready there again, and the address closes."""
    drop, order = _mine(tx, shop, drop_id, by)
    out = round((at - drop.out_of_cold_since).total_seconds() / 60) if drop.out_of_cold_since else 0
    change(tx, drop, D.RETURNED, at=at, ended_at=at, out_of_cold_since=None, wait_until=None)
    move(tx, order, OrderState.READY)
    note(tx, drop, "drop_returned", by=by, at=at, minutes_out=out, **_said(at, tapped))


def can_undo(drop: Drop, *, at: datetime) -> bool:
    """Whether the last step may still be taken back: nothing has reached the customer, and no money has moved."""
    steps = {(D.CLAIMED, D.OPEN), (D.CLAIMED, D.OFFERED), (D.PICKED_UP, D.CLAIMED), (D.ARRIVED, D.PICKED_UP),
             (D.FAILED, D.ARRIVED), (D.FAILED, D.PICKED_UP)}  # fmt: skip
    return (drop.state, drop.was) in steps and at - drop.moved_at <= UNDO_WITHIN


def undo(tx: Session, shop: Shop, drop_id: int, *, by: Actor, at: datetime) -> None:
    """Take the last step back, within a minute. A hand-over stands; raises `Conflict`."""
    drop, order = _mine(tx, shop, drop_id, by)
    if not can_undo(drop, at=at):
        raise Conflict(N_("This can no longer be taken back."))
    if drop.state == D.CLAIMED:
        release(tx, shop, drop_id, by=by, at=at)
        return
    if drop.state == D.PICKED_UP:
        move(tx, order, OrderState.READY)
        change(tx, drop, D.CLAIMED, at=at, picked_up_at=None, out_of_cold_since=None)
    elif drop.state == D.ARRIVED:
        change(tx, drop, D.PICKED_UP, at=at, arrived_at=None)
    else:
        change(tx, drop, D(drop.was), at=at, reason="", next_step="", wait_until=None)
    note(tx, drop, "drop_recalled", by=by, at=at, state=drop.state)
