"""Every line of a provider's bill against what the shop has written down, to the cent.

A line is matched when our number, the provider's number, amount and currency are the same and the money is in our
books: then the payment is settled, and the books say that it lies in the bank, less the fee. What is refused here
waits for a person (`shop.payments.reconciliation`).
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, select, update
from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM, Actor
from shop.core.events import record
from shop.ledger import post
from shop.payments import machine
from shop.payments.bill_tables import OPEN, Bill, BilledLine, Standing
from shop.payments.owed import HELD
from shop.payments.tables import LIVE, Payment, PaymentState, Refund, RefundState
from shop.payments.yuan import BEIJING
from shop.people.shops import Shop

S = Standing
ASKABLE = (*LIVE, PaymentState.EXPIRED, PaymentState.FAILED)
"""Payments that a bill may know better: the provider is asked about them once more."""
MANY = 400
"""Numbers in one question: SQLite takes a thousand or so."""
Known = dict[tuple[str, str], tuple[Payment, Refund | None]]


def bounds(day: date) -> tuple[datetime, datetime]:
    """Return the first moment of a provider's day and of the next one."""
    begin = datetime(day.year, day.month, day.day, tzinfo=BEIJING)
    return begin, begin + timedelta(days=1)


def match_open(
    tx: Session, shop: Shop, *, fresh: Sequence[int] = (), by: Actor = SYSTEM, at: datetime
) -> int:
    """Try every line that waits for its counterpart; returns how many have found it.

    ``fresh`` are lines that have just come: where one speaks of a payment whose end we do not know, the provider is
    asked. What is matched is posted, one entry for each bill.
    """
    waiting = select(BilledLine).where(
        BilledLine.shop_id == shop.id, BilledLine.standing.in_((S.UNKNOWN_TO_US, S.AMOUNT_DIFFERS)),
        BilledLine.explained_at.is_(None),
    )  # fmt: skip
    lines = list(tx.scalars(waiting.order_by(BilledLine.id).with_for_update()))
    known = _known(tx, shop, lines)
    found: list[BilledLine] = []
    for line in lines:
        payment, refund = known.get((line.attempt, line.refund), (None, None))
        if payment is None:
            continue
        stands = _judge(tx, line, payment, refund)
        if stands is S.MATCHED:
            pair(tx, line, payment, refund)
            found.append(line)
            continue
        ours = refund if refund is not None else payment
        near = stands is S.AMOUNT_DIFFERS and line.currency == ours.currency and booked(payment, refund)
        line.standing, line.payment_id, line.refund_id = stands, payment.id, refund.id if refund else None
        line.gap = abs(line.amount - ours.amount) if near else line.amount
        if line.id in fresh:
            _ask_again(payment, refund, at)
    settle(tx, shop, found, by=by, at=at)
    return len(found)


def _known(tx: Session, shop: Shop, lines: Sequence[BilledLine]) -> Known:
    """Return what our numbers on these lines stand for."""
    found: Known = {}
    payments = select(Payment).where(Payment.shop_id == shop.id)
    refunds = (
        select(Payment, Refund).join(Refund, Refund.payment_id == Payment.id).where(Refund.shop_id == shop.id)
    )
    for some in (lines[n : n + MANY] for n in range(0, len(lines), MANY)):
        paid = payments.where(Payment.attempt.in_([line.attempt for line in some if line.kind == "payment"]))
        found |= {(payment.attempt or "", ""): (payment, None) for payment in tx.scalars(paid)}
        back = refunds.where(Refund.ref.in_([line.refund for line in some if line.kind == "refund"]))
        found |= {(p.attempt or "", r.ref): (p, r) for p, r in tx.execute(back)}
    return found


def _judge(tx: Session, line: BilledLine, payment: Payment, refund: Refund | None) -> Standing:
    if payment.account != f"psp:{line.method}:{line.account}":
        return S.UNKNOWN_TO_US
    ours = refund if refund is not None else payment
    if (line.amount, line.currency) != (ours.amount, ours.currency):
        return S.AMOUNT_DIFFERS
    if not booked(payment, refund) or line.trade_no != payment.trade_no:
        return S.UNKNOWN_TO_US
    return S.UNKNOWN_TO_US if is_matched(tx, payment, refund) else S.MATCHED


def booked(payment: Payment, refund: Refund | None) -> bool:
    """Whether this payment, or this refund of it, stands in the shop's books as money that moved."""
    return payment.state in HELD if refund is None else refund.state == RefundState.REFUNDED


def is_matched(tx: Session, payment: Payment, refund: Refund | None = None) -> bool:
    """Whether a line of some bill stands for this payment, or for this refund of it, already."""
    tx.flush()
    mine = _about(payment, refund)
    return tx.scalar(select(BilledLine.id).where(mine, BilledLine.standing == S.MATCHED).limit(1)) is not None


def _about(payment: Payment, refund: Refund | None) -> ColumnElement[bool]:
    if refund is not None:
        return BilledLine.refund_id == refund.id
    return and_(BilledLine.payment_id == payment.id, BilledLine.kind == "payment")


def pair(tx: Session, line: BilledLine, payment: Payment, refund: Refund | None = None) -> None:
    """Put a line and what it stands for together; money that was missed before has turned up by this."""
    missed = update(BilledLine).where(_about(payment, refund), BilledLine.standing == S.MISSING)
    tx.execute(missed.values(standing=S.FOUND_LATER, gap=0))
    line.standing, line.gap = S.MATCHED, 0
    line.payment_id, line.refund_id = payment.id, refund.id if refund is not None else None
    tx.flush()


def unpair(tx: Session, line: BilledLine) -> None:
    """Take a line and what it was taken for apart again: it is unknown, and what was missed is missed once more."""
    payment = tx.get_one(Payment, line.payment_id) if line.payment_id is not None else None
    refund = tx.get_one(Refund, line.refund_id) if line.refund_id is not None else None
    line.standing, line.gap, line.txid = S.UNKNOWN_TO_US, line.amount, None
    line.payment_id = line.refund_id = line.dispute_id = None
    tx.flush()
    if payment is None:
        return  # money of a dispute: no bill misses it
    found = update(BilledLine).where(_about(payment, refund), BilledLine.standing == S.FOUND_LATER)
    tx.execute(found.values(standing=S.MISSING, gap=BilledLine.amount))
    if refund is None and payment.state == PaymentState.SETTLED:
        machine.move(tx, payment, PaymentState.CAPTURED)


def _ask_again(payment: Payment, refund: Refund | None, at: datetime) -> None:
    """Let the worker ask the provider at once, as after a notice: only its answer books money."""
    if refund is not None and refund.state in (RefundState.SENT, RefundState.UNKNOWN):
        refund.ask_at = at
    elif refund is None and payment.state in ASKABLE and payment.trouble != "amount":
        payment.ask_at = at


def settle(tx: Session, shop: Shop, lines: Sequence[BilledLine], *, by: Actor, at: datetime) -> None:
    """Post what was matched, one entry for each bill: to the bank, less the fee. Payments become ``settled``.

    Money for an order that was over stays ``captured_late``, so that it never counts as paid for that order.
    """
    for bill_id, currency in sorted({(line.bill_id, line.currency) for line in lines}):
        bill = tx.get_one(Bill, bill_id)
        some = [line for line in lines if (line.bill_id, line.currency) == (bill_id, currency)]
        whole = sum(line.amount if line.kind == "payment" else -line.amount for line in some)
        fees = sum(line.fee for line in some)
        txid = post(
            tx, shop.id, "payments_settled",
            [("bank", whole - fees), (f"fee:{bill.method}", fees), (f"psp:{bill.method}:{bill.account}", -whole)],
            currency=currency, by=by, at=at, document=bill.doc_hash, method=bill.method, account=bill.account,
            day=bill.day.isoformat(), lines=len(some),
        )  # fmt: skip
        for line in some:
            line.txid = txid
        ids = sorted(line.payment_id for line in some if line.kind == "payment" and line.payment_id)
        for payment_id in ids:
            payment = tx.get_one(Payment, payment_id)
            if payment.state == PaymentState.CAPTURED:
                machine.move(tx, payment, PaymentState.SETTLED)
        record(tx, shop.id, "payments_settled", by=by, at=at, topics=("money",), method=bill.method,
               day=bill.day.isoformat(), lines=len(some), amount=whole - fees)  # fmt: skip


def ours_of(tx: Session, bill: Bill) -> list[tuple[Payment, Refund | None]]:
    """Return what the shop took and sent back through this account on the bill's day, and no bill has a line of."""
    begin, end = bounds(bill.day)
    mine = (Payment.shop_id == bill.shop_id, Payment.account == f"psp:{bill.method}:{bill.account}")
    billed = exists().where(BilledLine.payment_id == Payment.id, BilledLine.kind == "payment")
    paid = select(Payment).where(
        *mine, Payment.state.in_(HELD), Payment.captured_at >= begin, Payment.captured_at < end, ~billed
    )
    found: list[tuple[Payment, Refund | None]] = [(p, None) for p in tx.scalars(paid.order_by(Payment.id))]
    again = exists().where(BilledLine.refund_id == Refund.id)
    back = select(Payment, Refund).join(Refund, Refund.payment_id == Payment.id).where(
        *mine, Refund.state == RefundState.REFUNDED, Refund.ended_at >= begin, Refund.ended_at < end, ~again
    )  # fmt: skip
    return found + [(p, r) for p, r in tx.execute(back.order_by(Refund.id))]


def note_missing(tx: Session, bill: Bill, *, at: datetime) -> int:
    """Write down what should stand in a bill and does not; returns how much that is."""
    tx.flush()
    missed = ours_of(tx, bill)
    for payment, refund in missed:
        ours = refund if refund is not None else payment
        tx.add(BilledLine(
            shop_id=bill.shop_id, bill_id=bill.id, method=bill.method, account=bill.account,
            key=f"missing:{payment.attempt}:{refund.ref if refund else ''}", kind="refund" if refund else "payment",
            trade_no=payment.trade_no, attempt=payment.attempt or "", refund=refund.ref if refund else "",
            amount=ours.amount, fee=0, gap=ours.amount, currency=ours.currency,
            at=(refund.ended_at if refund else payment.captured_at) or at, seen_at=at, standing=S.MISSING,
            payment_id=payment.id, refund_id=refund.id if refund else None,
        ))  # fmt: skip
    tx.flush()
    return len(missed)


__all__ = [
    "OPEN",
    "bounds",
    "is_matched",
    "match_open",
    "note_missing",
    "ours_of",
    "pair",
    "settle",
    "unpair",
]
