"""Discounts that staff give: up to what their role may alone, above it with a second person.

A discount belongs to its order and is worked out anew whenever the order changes. It takes from the cakes only, and
never more than they cost; what is earned is posted in full at the hand-over, the discount beside it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM, Actor, ActorKind
from shop.core.belonging import found_in
from shop.core.errors import N_, Conflict, Invalid
from shop.core.events import record
from shop.core.permissions import Permission
from shop.core.reasons import reason_given
from shop.ledger import post
from shop.orders.progress import confirm_covered, lock_order, topics_of
from shop.orders.tables import Line, Order, OrderState
from shop.orders.words import STATE_WORDS
from shop.payments import coupons
from shop.payments.discount_tables import Coupon, Discount, DiscountState
from shop.payments.machine import WAITING
from shop.payments.off import WHOLE, Off, Piece
from shop.payments.online import check_nobody_pays
from shop.payments.rules import deposit_of, discount_caps, share
from shop.people.four_eyes import VALID, check_refusal, has_lapsed, is_second, seal, second
from shop.people.shops import Shop
from shop.people.staff import Staff

D = DiscountState


def pieces_of(session: Session, order: Order, other: Mapping[int, int] | None = None) -> list[Piece]:
    """Return the order's lines as prices; ``other`` gives lines (by id) another total than they have."""
    rows = session.execute(
        select(Line.id, Line.product, Line.inch, Line.total)
        .where(Line.order_id == order.id)
        .order_by(Line.sort)
    )
    return [Piece(product, inch, (other or {}).get(id, total)) for id, product, inch, total in rows]


def discounts_of(session: Session, order: Order) -> list[Discount]:
    """Return the discounts of an order, oldest first, whatever became of them."""
    return list(session.scalars(select(Discount).where(Discount.order_id == order.id).order_by(Discount.id)))


def worth(session: Session, order: Order, pieces: Sequence[Piece]) -> dict[int, int]:
    """Return what each given discount takes off these lines, minor units by its id: never more than is left."""
    cakes = left = sum(piece.total for piece in pieces)
    found = {}
    for discount in discounts_of(session, order):
        if discount.state == D.GIVEN:
            found[discount.id] = min(
                left, _off(session, discount).of(pieces), _allowed(session, discount, cakes)
            )
            left -= found[discount.id]
    return found


def _allowed(session: Session, discount: Discount, cakes: int) -> int:
    """Return what a coupon may give to this order: nothing below its least price, at most what its budget has left."""
    coupon = session.get(Coupon, discount.coupon_id) if discount.coupon_id else None
    if coupon is not None and cakes < coupon.least:
        return 0
    if coupon is None or not coupon.budget:
        return cakes
    return max(discount.amount, coupon.budget - coupons.used(session, coupon).given + discount.amount)


def _off(session: Session, discount: Discount) -> Off:
    coupon = session.get(Coupon, discount.coupon_id) if discount.coupon_id else None
    return coupon.off if coupon else Off(discount.percent, discount.fixed)


def reprice(tx: Session, order: Order) -> None:
    """Work out anew what comes off an order, what it costs, and what of that is paid ahead while it waits for it.

    Also the discounts that are asked for, whose seals break by that. Whoever calls this lets the kitchen have an order
    that is paid by it (`confirm_covered`).
    """
    tx.flush()
    coupons.hold(tx, order.id)
    pieces = pieces_of(tx, order)
    now = worth(tx, order, pieces)
    order.discount = sum(now.values())
    left = sum(piece.total for piece in pieces) - order.discount
    for discount in discounts_of(tx, order):
        if discount.state == D.REQUESTED:
            discount.amount = min(left, _off(tx, discount).of(pieces))
        discount.amount = now.get(discount.id, discount.amount)
    total = sum(piece.total for piece in pieces) + order.fee - order.discount
    if order.state == OrderState.PLACED:
        order.deposit = deposit_of(order, total)
    order.total = total
    tx.flush()


def by_id(session: Session, shop: Shop, discount_id: int) -> Discount:
    """Return a discount of this shop; raises `Missing`."""
    return found_in(session, shop.id, Discount, discount_id)


def alone(session: Session, shop: Shop, order: Order, by: Actor) -> int:
    """Return how much one person may still take off an order alone, minor units: by their role, all of it together."""
    person = session.get(Staff, by.id) if by.kind is ActorKind.STAFF else None
    cap = discount_caps(shop).get(person.role, 0) if person else 0
    cakes = sum(piece.total for piece in pieces_of(session, order))
    mine = sum(d.amount for d in discounts_of(session, order) if d.state == D.GIVEN and not d.coupon_id)
    return max(0, share(cakes, cap) - mine)


def give(
    tx: Session, shop: Shop, order: Order, *, percent: int = 0, fixed: int = 0, reason: str, by: Actor, at: datetime
) -> Discount:  # fmt: skip
    """Take ``percent``, or ``fixed`` minor units, off an open order; above the person's cap a second one agrees first.

    Raises `Invalid` naming ``percent``, ``fixed`` or ``reason``, and `Conflict` for an order that takes no discount.
    """
    order = lock_order(tx, order.id)
    _still_open(tx, order)
    if not 0 <= percent <= WHOLE:
        raise Invalid(N_("Please write a percentage from 1 to 100."), field="percent")
    if percent and fixed > 0:
        raise Invalid(N_("Please write a percentage or an amount, not both."), field="fixed")
    if not percent and fixed <= 0:
        raise Invalid(N_("Please write an amount or a percentage."), field="fixed")
    reason = reason_given(reason)
    pieces = pieces_of(tx, order)
    left = sum(piece.total for piece in pieces) - order.discount
    amount = min(Off(percent, fixed).of(pieces), left)
    if fixed > left or amount <= 0:
        raise Invalid(N_("That is more than the cakes cost."), field="fixed")
    _check_paid(order, amount)
    free = amount <= alone(tx, shop, order, by)
    row = Discount(
        shop_id=shop.id, order_id=order.id, percent=percent, fixed=fixed, amount=amount, reason=reason,
        state=D.REQUESTED, made_at=at, requested_by=by.id if by.kind is ActorKind.STAFF else None,
    )  # fmt: skip
    tx.add(row)
    if not free:
        _note(tx, order, row, "discount_requested", by, at)
        return row
    return _agree(tx, shop, order, row, by=by, at=at)


def _still_open(tx: Session, order: Order) -> None:
    if order.state not in WAITING:
        raise Conflict(N_("This order is %(state)s by now."), state=STATE_WORDS[order.state])
    check_nobody_pays(tx, order)


def _check_paid(order: Order, amount: int) -> None:
    if order.total - amount < order.paid:
        raise Conflict(
            N_(
                "More is paid already than it would cost then. Some of it can be paid back after the hand-over."
            )
        )


def content(row: Discount, order: Order) -> str:
    """Return the seal of what a second person agrees to: the order and its price, the discount and its reason."""
    return seal("discount", order.ref, order.total, order.currency, row.id, row.percent, row.fixed, row.amount,
                row.reason, salt=row.salt)  # fmt: skip


def waits(row: Discount, at: datetime) -> bool:
    """Whether it still waits for a second person."""
    return row.state == D.REQUESTED and not has_lapsed(row.made_at, at)


def may_decide(row: Discount, *, by: Actor, at: datetime) -> bool:
    """Whether this person may agree to it now, as far as who asked for it goes; the door asks for the right."""
    return waits(row, at) and is_second([row.requested_by], by=by)


def may_take_back(session: Session, row: Discount, order: Order) -> bool:
    """Whether a discount that was given can still be taken back; its verb says why not."""
    try:
        _check_take_back(session, row, order)
    except Conflict:
        return False
    return True


def _check_take_back(session: Session, row: Discount, order: Order) -> None:
    if row.state != D.GIVEN or row.coupon_id:
        raise Conflict(N_("This discount cannot be taken back."))
    _still_open(session, order)
    if not order.balance:
        raise Conflict(N_("The lower price is paid already: this discount stays."))


def _locked(tx: Session, shop: Shop, discount_id: int) -> tuple[Order, Discount]:
    order = lock_order(tx, by_id(tx, shop, discount_id).order_id)
    return order, tx.get_one(Discount, discount_id, populate_existing=True)


def approve(tx: Session, shop: Shop, discount_id: int, shown: str, *, by: Actor, at: datetime) -> Discount:
    """Agree as the second person to exactly what ``shown`` is the seal of. Raises `Denied` and `Conflict`."""
    order, row = _locked(tx, shop, discount_id)
    if not waits(row, at):
        raise Conflict(N_("Nobody waits for an answer to this discount any more."))
    shared = second(tx, shop, [row.requested_by], by=by, at=at, order_id=order.id, discount=row.id,
                    refusal=N_("Somebody else has to agree to your discount."))  # fmt: skip
    if shown != content(row, order):
        raise Conflict(N_("This discount is not what you saw. Please look at it once more."))
    _still_open(tx, order)
    _check_paid(order, row.amount)
    row.signed = shown
    row.txid = post(tx, shop.id, "discount_approved", [], currency=order.currency, by=by, at=at, order=order.ref,
                    amount=row.amount, asked_by=row.requested_by, signed=shown, same_browser=shared)  # fmt: skip
    return _agree(tx, shop, order, row, by=by, at=at)


def _agree(tx: Session, shop: Shop, order: Order, row: Discount, *, by: Actor, at: datetime) -> Discount:
    """Let a discount count; an order whose deposit is paid by that goes to the kitchen."""
    row.state, row.decided_by, row.decided_at = D.GIVEN, by.id, at
    reprice(tx, order)
    _note(tx, order, row, "order_discounted", by, at)
    confirm_covered(tx, shop, order, by=by, at=at)
    return row


def reject(tx: Session, shop: Shop, discount_id: int, *, by: Actor, at: datetime) -> Discount:
    """Say no to a discount as who may agree to it, or take one's own request back. Raises `Denied` and `Conflict`."""
    order, row = _locked(tx, shop, discount_id)
    check_refusal(tx, row.requested_by, Permission.DISCOUNT_APPROVE, by=by)
    if row.state != D.REQUESTED:
        raise Conflict(N_("Nobody waits for an answer to this discount any more."))
    row.state, row.decided_by, row.decided_at = D.REJECTED, by.id, at
    _note(tx, order, row, "discount_rejected", by, at)
    return row


def take_back(tx: Session, shop: Shop, discount_id: int, *, by: Actor, at: datetime) -> Discount:
    """Take a discount back that was given by mistake, while nobody has paid the lower price.

    Raises `Conflict` for one that is not given, of a coupon, or paid already.
    """
    order, row = _locked(tx, shop, discount_id)
    _check_take_back(tx, row, order)
    row.state = D.TAKEN_BACK
    reprice(tx, order)
    _note(tx, order, row, "discount_removed", by, at)
    return row


def lapse_due(tx: Session, shop: Shop, *, at: datetime) -> int:
    """End the requests that nobody has answered for a day; returns how many."""
    old = select(Discount).where(
        Discount.shop_id == shop.id, Discount.state == D.REQUESTED, Discount.made_at <= at - VALID
    )
    found = list(tx.scalars(old.order_by(Discount.id).with_for_update(skip_locked=True)))
    for row in found:
        row.state = D.LAPSED
        _note(tx, tx.get_one(Order, row.order_id), row, "discount_lapsed", SYSTEM, at)
    return len(found)


def waiting(session: Session, shop: Shop) -> list[tuple[Discount, Order]]:
    """Return the discounts that wait for a second person, with their orders, oldest first."""
    query = select(Discount, Order).join(Order, Order.id == Discount.order_id)
    query = query.where(Discount.shop_id == shop.id, Discount.state == D.REQUESTED)
    return [(row[0], row[1]) for row in session.execute(query.order_by(Discount.id))]


def _note(tx: Session, order: Order, row: Discount, kind: str, by: Actor, at: datetime) -> None:
    tx.flush()
    record(tx, order.shop_id, kind, by=by, at=at, topics=(*topics_of(order), "money"), order_id=order.id,
           discount=row.id, amount=row.amount, reason=row.reason)  # fmt: skip


__all__ = [
    "alone", "approve", "by_id", "content", "discounts_of", "give", "lapse_due", "reject", "reprice",
    "take_back", "waiting",
]  # fmt: skip
