"""Bringing into the books what was paid before there were any: each payment, hand-over and refund, oldest first."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM
from shop.ledger import post
from shop.orders.tables import GIVEN, GIVEN_UP, Order
from shop.payments import books
from shop.payments.owed import HELD
from shop.payments.tables import Payment, Refund, RefundState
from shop.people.shops import Shop

R = RefundState
FETCHABLE = timedelta(days=1)
"""So long a cake of the past waited that nobody fetched."""
Happening = tuple[datetime, int, Callable[[], object]]


def bring_forward(tx: Session, shop: Shop) -> int:
    """Post everything that stands in no entry yet, each at its own time; returns how much that was.

    The time of the books never runs back, so this comes before anything else is posted: after an upgrade from a
    version without books, and after a demo shop's past was invented.
    """
    missing = select(Payment).where(
        Payment.shop_id == shop.id, Payment.state.in_(HELD), Payment.txid.is_(None)
    )
    payments = {payment.id: payment for payment in tx.scalars(missing)}
    ids = {payment.order_id for payment in payments.values()}
    paid = select(Order).where(Order.shop_id == shop.id, Order.paid > 0)
    orders = {o.id: o for o in tx.scalars(paid) if o.id in ids or _prepaid(o)}
    here = Counter[int]()
    happenings: list[Happening] = []
    for payment in payments.values():
        payment.account = payment.account or _account(payment)
        order = orders[payment.order_id]
        here[order.id] += payment.amount
        at = payment.captured_at or payment.made_at
        happenings.append((at, 0, partial(books.captured, tx, order, payment, by=SYSTEM, at=at)))
    for order in orders.values():
        happenings += _of(tx, shop, order, order.paid - here[order.id] if _prepaid(order) else 0)
    refunds = tx.scalars(select(Refund).where(Refund.shop_id == shop.id, Refund.txid_due.is_(None)))
    for refund in refunds:
        if refund.payment_id in payments:
            refund.account = payments[refund.payment_id].account
            happenings += _back(tx, orders[refund.order_id], refund)
    for _, _, write in sorted(happenings, key=lambda happening: happening[:2]):
        write()
    if happenings:
        post(tx, shop.id, "history_brought_forward", [], currency=shop.currency, by=SYSTEM,
             at=max(happening[0] for happening in happenings), entries=len(happenings))  # fmt: skip
    return len(happenings)


def _prepaid(order: Order) -> bool:
    return order.letter == "D"


def _account(payment: Payment) -> str:
    """Cash from before there were tills counts as put into the safe."""
    return "safe" if payment.method == "cash" else f"{payment.method}:counter"


def _of(tx: Session, shop: Shop, order: Order, there: int) -> list[Happening]:
    """Return what happened to an order's money beside its payments here; ``there`` is what a platform was paid."""
    found: list[Happening] = []
    if there > 0:
        at = order.confirmed_at or order.placed_at
        write = partial(books.prepaid, tx, shop, order.ref or "", order.channel, there, by=SYSTEM, at=at)
        found.append((at, 0, write))
    if order.state in GIVEN and order.handed_over_at is not None and order.paid >= order.total:
        at = order.handed_over_at
        found.append((at, 1, partial(books.handed_over, tx, shop, order, by=SYSTEM, at=at)))
    if order.state in GIVEN_UP:
        at = order.due_at + FETCHABLE
        give_up = partial(
            books.cancelled, tx, order, [], kept=order.paid, kind="order_forfeited", by=SYSTEM, at=at
        )
        found.append((at, 1, give_up))
    return found


def _back(tx: Session, order: Order, refund: Refund) -> list[Happening]:
    due = partial(
        books.cancelled, tx, order, [refund], kept=0, kind="order_cancelled", by=SYSTEM, at=refund.made_at
    )
    found: list[Happening] = [(refund.made_at, 2, due)]
    if refund.state == R.REFUNDED and refund.ended_at is not None:
        at = refund.ended_at
        found.append((at, 3, partial(books.paid_back, tx, order, refund, by=SYSTEM, at=at)))
    return found
