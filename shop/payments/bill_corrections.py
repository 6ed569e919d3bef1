"""Putting right what was written about a line of a bill: by an entry of its own, after two people have agreed.

Nothing in the books is changed: a fee is corrected by its difference, a line that was attached wrongly by the reverse
of what settled it. The second person signs exactly what they saw, and had neither the money nor the mistake in hand.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.belonging import held_in
from shop.core.errors import N_, Conflict, Invalid
from shop.core.events import record
from shop.core.reasons import reason_in_full
from shop.ledger import post
from shop.payments.bill_tables import BillCorrection, BilledLine, Standing
from shop.payments.dispute_tables import Dispute
from shop.payments.matching import unpair
from shop.payments.tables import Payment, Refund
from shop.payments.till_tables import CorrectionState
from shop.people.four_eyes import has_lapsed, is_second, seal, second
from shop.people.shops import Shop

C = CorrectionState


class Kind(StrEnum):
    FEE = "fee"
    REOPENED = "reopened"


def fee_of(line: BilledLine, corrections: Sequence[BillCorrection]) -> int:
    """Return the fee of a matched line as the books have it by now, minor units, with all ``corrections`` there are."""
    this = (line.id, Kind.FEE, C.APPROVED, line.txid or "")
    mine = (row for row in corrections if (row.line_id, row.kind, row.state, row.settled_by) == this)
    return line.fee + sum(row.amount for row in mine)


def ask_fee(
    tx: Session, shop: Shop, line_id: int, fee: int, reason: str, *, by: Actor, at: datetime
) -> BillCorrection:
    """Say that a matched line was settled with a wrong fee; ``fee`` is the right one, minor units.

    Raises `Missing`, `Conflict` and `Invalid` (fields ``fee``, ``reason``).
    """
    line = held_in(tx, shop.id, BilledLine, line_id)
    if line.standing != Standing.MATCHED:
        raise Conflict(N_("Only a line that is settled has a fee to be corrected."))
    off = fee - fee_of(line, corrections_of(tx, [line.id]))
    if not off or abs(fee) > line.amount:
        raise Invalid(N_("Please enter the fee as it really was."), field="fee")
    return _ask(tx, shop, line, Kind.FEE, off, reason, by=by, at=at)


def ask_reopen(
    tx: Session, shop: Shop, line_id: int, reason: str, *, by: Actor, at: datetime
) -> BillCorrection:
    """Say that a line was explained, or attached to a payment, wrongly; raises as `ask_fee` does."""
    line = held_in(tx, shop.id, BilledLine, line_id)
    if line.explained_at is None:
        raise Conflict(N_("Nobody has explained this line."))
    return _ask(tx, shop, line, Kind.REOPENED, 0, reason, by=by, at=at)


def _ask(
    tx: Session, shop: Shop, line: BilledLine, kind: Kind, amount: int, reason: str, *, by: Actor, at: datetime
) -> BillCorrection:  # fmt: skip
    reason = reason_in_full(reason)
    if any(waits(row, line, at) for row in corrections_of(tx, [line.id])):
        raise Conflict(N_("A correction of this line waits for its second person already."))
    row = BillCorrection(
        shop_id=shop.id, line_id=line.id, kind=kind, amount=amount, reason=reason, asked_at=at, asked_by=by.id,
        state=C.ASKED, settled_by=line.txid or "", was={},
    )  # fmt: skip
    tx.add(row)
    tx.flush()
    _note(tx, row, line, "bill_correction_asked", by, at)
    return row


def corrections_of(session: Session, lines: list[int]) -> list[BillCorrection]:
    """Return the corrections of these lines, oldest first."""
    query = select(BillCorrection).where(BillCorrection.line_id.in_(lines))
    return list(session.scalars(query.order_by(BillCorrection.id)))


def waits(row: BillCorrection, line: BilledLine, at: datetime) -> bool:
    """Whether it still waits for a second person, and the line is still settled as it was then."""
    return row.state == C.ASKED and not has_lapsed(row.asked_at, at) and row.settled_by == (line.txid or "")


def may_decide(session: Session, row: BillCorrection, line: BilledLine, *, by: Actor, at: datetime) -> bool:
    """Whether this person may decide it now: who had neither the money nor the mistake in hand."""
    return waits(row, line, at) and is_second(_hands(session, row, line), by=by)


def _hands(session: Session, row: BillCorrection, line: BilledLine) -> list[int | None]:
    dispute = session.get(Dispute, line.dispute_id) if line.dispute_id is not None else None
    payment_id = line.payment_id if dispute is None else dispute.payment_id
    payment = session.get(Payment, payment_id) if payment_id is not None else None
    refund = session.get(Refund, line.refund_id) if line.refund_id is not None else None
    hands = [row.asked_by, line.explained_by, payment.taken_by if payment is not None else None]
    return hands + ([refund.requested_by, refund.decided_by] if refund is not None else [])


def seal_of(row: BillCorrection) -> str:
    """Return what a second person agrees to: the SHA-256 of line, kind, amount and reason."""
    return seal("bill-correction", row.id, row.line_id, row.kind, row.amount, row.reason, row.settled_by,
                salt=row.salt)  # fmt: skip


def decide(
    tx: Session, shop: Shop, correction_id: int, *, agreed: bool, seen: str, by: Actor, at: datetime
) -> BillCorrection:
    """Agree to a correction as the second person, who has seen exactly this (``seen``: its seal), or decline it.

    Raises `Missing`, `Denied` for who had a hand in it, and `Conflict` where it is over or not what was seen.
    """
    row = held_in(tx, shop.id, BillCorrection, correction_id)
    line = held_in(tx, shop.id, BilledLine, row.line_id)
    if not waits(row, line, at):
        raise Conflict(N_("This correction is over: it was decided, or nobody decided within a day."))
    if seen != seal_of(row):
        raise Conflict(N_("This correction is not the one that was shown. Please look at it again."))
    payment = tx.get(Payment, line.payment_id) if line.payment_id is not None else None
    hands = _hands(tx, row, line)
    no = N_("Somebody decides who had neither this money nor the mistake in hand.")
    order_id = payment.order_id if payment is not None else None
    shared = second(
        tx, shop, hands, by=by, at=at, refusal=no, order_id=order_id, bill=line.bill_id, correction=row.id
    )
    row.state, row.answered_at, row.answered_by = (C.APPROVED if agreed else C.DECLINED), at, by.id
    if agreed:
        lines = _reverse(tx, line) if row.kind == Kind.REOPENED else [
            (f"fee:{line.method}", row.amount), ("bank", -row.amount)
        ]  # fmt: skip
        row.txid = post(
            tx, shop.id, "corrected", lines, currency=line.currency, by=by, at=at, of=row.settled_by, what=row.kind,
            method=line.method, trade_no=line.trade_no, asked_by=row.asked_by, signed=seen, same_browser=shared,
        )  # fmt: skip
        if row.kind == Kind.REOPENED:
            _reopen(tx, line, row)
    _note(tx, row, line, "bill_correction_approved" if agreed else "bill_correction_declined", by, at)
    return row


def _reverse(tx: Session, line: BilledLine) -> list[tuple[str, int]]:
    """Return the reverse of what settled a line; nothing where it was only explained."""
    if line.standing != Standing.MATCHED:
        return []
    whole = line.amount if line.kind == "payment" else -line.amount
    fees = fee_of(line, corrections_of(tx, [line.id]))
    return [
        ("bank", fees - whole),
        (f"fee:{line.method}", -fees),
        (f"psp:{line.method}:{line.account}", whole),
    ]


def _reopen(tx: Session, line: BilledLine, row: BillCorrection) -> None:
    """Let a line wait for somebody again; what explained it is kept beside the correction."""
    row.was = {
        "note": line.note, "salt": line.salt, "by": line.explained_by, "standing": line.standing,
        "payment": line.payment_id, "refund": line.refund_id, "dispute": line.dispute_id,
    }  # fmt: skip
    line.explained_at, line.explained_by, line.note, line.salt = None, None, "", ""
    if line.standing == Standing.MATCHED:
        unpair(tx, line)


def _note(tx: Session, row: BillCorrection, line: BilledLine, kind: str, by: Actor, at: datetime) -> None:
    record(tx, row.shop_id, kind, by=by, at=at, topics=("money",), bill=line.bill_id, method=line.method,
           correction=row.id, amount=row.amount)  # fmt: skip
