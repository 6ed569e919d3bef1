"""What each happening between customer and shop means in the books: one function for each line of the table.

Until a cake is handed over, all money for it is owed: ``deposits``. What goes back stands in ``refunds-due`` until
it has gone. docs/decisions/0014 says why.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.ledger import post
from shop.orders.tables import Line, Order
from shop.payments.dispute_tables import Dispute
from shop.payments.tables import Payment, Refund
from shop.people.shops import Shop

DEPOSITS, DUE, FORFEIT, DISCOUNT = "deposits", "refunds-due", "forfeit", "discount"
DISPUTED, LOST = "disputed", "expense:disputes"


def revenue(shop: Shop, group: str) -> str:
    """Return the account of what is earned with one product, or by delivering."""
    return f"revenue:{shop.slug}:{group}"


def captured(
    tx: Session, order: Order, payment: Payment, *, to: str = DEPOSITS, by: Actor, at: datetime, **data: Any
) -> None:
    """Money has come for an order: owed to the customer as a cake, or (``to``) as money."""
    payment.txid = post(
        tx, order.shop_id, "payment_captured", [(payment.account, payment.amount), (to, -payment.amount)],
        currency=payment.currency, by=by, at=at, order=order.ref, method=payment.method,
        reference=payment.reference or payment.trade_no, **data,
    )  # fmt: skip


def prepaid(tx: Session, shop: Shop, ref: str, channel: str, total: int, *, by: Actor, at: datetime) -> str:
    """A channel's order came paid: the platform owes it."""
    lines = [(f"receivable:{channel}", total), (DEPOSITS, -total)]
    return post(tx, shop.id, "payment_captured", lines, currency=shop.currency, by=by, at=at, order=ref,
                method="prepaid")  # fmt: skip


def handed_over(tx: Session, shop: Shop, order: Order, *, by: Actor, at: datetime) -> None:
    """What was paid ahead is earned now, by product; a discount stands beside it."""
    lines = tx.execute(
        select(Line.product, Line.total).where(Line.order_id == order.id).order_by(Line.sort)
    ).all()
    earned: dict[str, int] = {}
    for product, total in lines:
        earned[product] = earned.get(product, 0) + total
    postings = [(DEPOSITS, order.total), (DISCOUNT, order.discount)]
    postings += [(revenue(shop, product), -total) for product, total in earned.items()]
    postings.append((revenue(shop, "delivery"), -order.fee))
    post(tx, shop.id, "order_handed_over", postings, currency=order.currency, by=by, at=at, order=order.ref)


def cancelled(
    tx: Session, order: Order, refunds: Sequence[Refund], *, kept: int, kind: str, by: Actor, at: datetime,
    waived: int = 0,
) -> None:  # fmt: skip
    """An order is over: what was paid is owed back, or kept as the terms say. Nothing paid, nothing written.

    ``waived`` is what a platform that was paid need not hand on, because it goes back to the customer there.
    """
    back = sum(refund.amount for refund in refunds)
    if not back + kept + waived:
        return
    lines = [(DEPOSITS, back + kept + waived), (DUE, -back), (FORFEIT, -kept)]
    lines += [(f"receivable:{order.channel}", -waived)] if waived else []
    txid = post(tx, order.shop_id, kind, lines, currency=order.currency, by=by, at=at, order=order.ref)
    for refund in refunds:
        refund.txid_due = txid


def goodwill(tx: Session, shop: Shop, order: Order, refund: Refund, *, by: Actor, at: datetime) -> None:
    """Some of the price goes back after the cake was handed over."""
    lines = [(revenue(shop, "goodwill"), refund.amount), (DUE, -refund.amount)]
    refund.txid_due = post(tx, shop.id, "refund_approved", lines, currency=refund.currency, by=by, at=at,
                           order=order.ref, refund=refund.ref, signed=refund.signed)  # fmt: skip


def paid_back(tx: Session, order: Order, refund: Refund, *, by: Actor, at: datetime, **data: Any) -> None:
    """The money has gone back to the customer."""
    lines = [(DUE, refund.amount), (refund.account, -refund.amount)]
    refund.txid_paid = post(tx, order.shop_id, "refund_paid", lines, currency=refund.currency, by=by, at=at,
                            order=order.ref, refund=refund.ref, reference=refund.reference, **data)  # fmt: skip


def disputed(tx: Session, order: Order, dispute: Dispute, *, by: Actor, at: datetime) -> None:
    """Money that came is held back: it is neither there nor lost."""
    lines = [(DISPUTED, dispute.amount), (dispute.account, -dispute.amount)]
    dispute.txid_open = _of_dispute(tx, order, dispute, "payment_disputed", lines, by=by, at=at)


def dispute_won(tx: Session, order: Order, dispute: Dispute, *, by: Actor, at: datetime) -> None:
    """What was held back is the shop's again; of an order that was cancelled meanwhile some is owed to the customer."""
    lines = [(dispute.account, dispute.amount), (DISPUTED, -dispute.amount)]
    lines += [(FORFEIT, dispute.owed), (DUE, -dispute.owed)] if dispute.owed else []
    dispute.txid_end = _of_dispute(tx, order, dispute, "dispute_won", lines, by=by, at=at)


def dispute_lost(tx: Session, order: Order, dispute: Dispute, *, by: Actor, at: datetime) -> None:
    """What was held back is the customer's; what the terms would have given them anyway costs the shop nothing."""
    lines = [(FORFEIT, dispute.owed), (LOST, dispute.amount - dispute.owed), (DISPUTED, -dispute.amount)]
    dispute.txid_end = _of_dispute(
        tx, order, dispute, "dispute_lost", lines, by=by, at=at, signed=dispute.signed
    )


def _of_dispute(
    tx: Session, order: Order, dispute: Dispute, kind: str, lines: list[tuple[str, int]], *, by: Actor, at: datetime,
    **data: Any,
) -> str:  # fmt: skip
    return post(tx, order.shop_id, kind, lines, currency=dispute.currency, by=by, at=at, order=order.ref,
                dispute=dispute.ref, **data)  # fmt: skip
