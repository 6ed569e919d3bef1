"""What a person sees and does about the bills: how each day stands, and explaining what nobody could match.

Nothing that was written is changed: an explanation is an entry of its own. Who took the money explains nothing of it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Integer, case, cast, exists, func, select
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.belonging import found_in, held_in
from shop.core.errors import N_, Conflict, Invalid
from shop.core.events import record
from shop.core.keys import new_salt
from shop.ledger import post
from shop.payments.bill_tables import OPEN, Bill, BilledLine, Standing
from shop.payments.bills import READY, days_due
from shop.payments.dispute_tables import Dispute, DisputeState
from shop.payments.matching import booked, is_matched, pair, settle
from shop.payments.owed import HELD
from shop.payments.tables import Payment, Refund
from shop.people.four_eyes import second
from shop.people.shops import Shop

LONG = timedelta(hours=24)
"""After this, what nobody has matched or explained is a reminder."""


@dataclass(frozen=True)
class Stand:
    """How a bill stands: lines matched, lines that wait for somebody, and what is unexplained (minor units)."""

    bill: Bill
    matched: int
    waiting: int
    unexplained: int


def find_bill(session: Session, shop: Shop, bill_id: int) -> Bill:
    """Return a bill of this shop; raises `Missing`."""
    return found_in(session, shop.id, Bill, bill_id)


def stands(session: Session, shop: Shop, *, limit: int = 60) -> list[Stand]:
    """Return how the bills stand, the newest day first."""
    bills = select(Bill).where(Bill.shop_id == shop.id).order_by(Bill.day.desc(), Bill.method, Bill.id.desc())
    return stand_of(session, list(session.scalars(bills.limit(limit))))


def stand_of(session: Session, bills: Sequence[Bill]) -> list[Stand]:
    """Return how these bills stand."""
    waits = BilledLine.standing.in_(OPEN) & BilledLine.explained_at.is_(None)
    query = select(
        BilledLine.bill_id, func.sum(cast(BilledLine.standing == Standing.MATCHED, Integer)),
        func.sum(cast(waits, Integer)), func.sum(case((waits, BilledLine.gap), else_=0)),
    )  # fmt: skip
    query = query.where(BilledLine.bill_id.in_([bill.id for bill in bills])).group_by(BilledLine.bill_id)
    found = {row[0]: (int(row[1]), int(row[2]), int(row[3])) for row in session.execute(query)}
    return [Stand(bill, *found.get(bill.id, (0, 0, 0))) for bill in bills]


def unexplained(session: Session, shop: Shop) -> int:
    """Return the money in all bills that nobody has matched or explained, minor units: the goal is 0."""
    waits = select(func.coalesce(func.sum(BilledLine.gap), 0)).where(
        BilledLine.shop_id == shop.id, BilledLine.standing.in_(OPEN), BilledLine.explained_at.is_(None)
    )
    return int(session.scalar(waits) or 0)


def lines_of(session: Session, bill: Bill) -> list[BilledLine]:
    """Return a bill's lines: what waits for somebody first, then as they happened."""
    rows = session.scalars(select(BilledLine).where(BilledLine.bill_id == bill.id))
    return sorted(rows, key=lambda line: (not waits_for_somebody(line), line.at, line.id))


def waits_for_somebody(line: BilledLine) -> bool:
    """Whether a line is neither matched nor explained."""
    return line.standing in OPEN and line.explained_at is None


def other_amounts(session: Session, lines: Sequence[BilledLine]) -> dict[int, tuple[int, str]]:
    """Return what the shop's books say, by line, of those that say another amount: minor units and currency."""
    found = {}
    for line in lines:
        refund = session.get(Refund, line.refund_id) if line.refund_id else None
        payment = session.get(Payment, line.payment_id) if line.payment_id else None
        if line.standing == Standing.AMOUNT_DIFFERS and payment is not None and booked(payment, refund):
            ours = refund or payment
            found[line.id] = ours.amount, ours.currency
    return found


def waiting_long(session: Session, shop: Shop, *, at: datetime) -> list[tuple[Bill, int]]:
    """Return the bills with lines that nobody has matched or explained for more than a day, and how many those are."""
    old = select(Bill, func.count()).join(BilledLine, BilledLine.bill_id == Bill.id).where(
        BilledLine.shop_id == shop.id, BilledLine.standing.in_(OPEN), BilledLine.explained_at.is_(None),
        BilledLine.seen_at <= at - LONG,
    )  # fmt: skip
    return [(bill, int(many)) for bill, many in session.execute(old.group_by(Bill.id).order_by(Bill.id))]


def bills_missing(session: Session, shop: Shop, *, at: datetime) -> list[tuple[str, date]]:
    """Return methods and days whose bill is not here a day after it should be, neither fetched nor uploaded."""
    accounts = (
        select(Payment.account).where(Payment.shop_id == shop.id, Payment.attempt.is_not(None)).distinct()
    )
    found = []
    for account in sorted(session.scalars(accounts)):
        _, method, name = account.split(":", 2)
        here = set(session.scalars(select(Bill.day).where(
            Bill.shop_id == shop.id, Bill.method == method, Bill.account == name
        )))  # fmt: skip
        for day in days_due(session, shop, method, name, at=at):
            if day not in here and at >= shop.moment(day + timedelta(days=1), READY) + LONG:
                found.append((method, day))
    return sorted(found, key=lambda one: (one[1], one[0]))


def explain(tx: Session, shop: Shop, line_id: int, note: str, *, by: Actor, at: datetime) -> BilledLine:
    """Say why a line has no counterpart. Raises `Missing`, `Conflict`, `Denied`, and `Invalid` (field ``note``)."""
    line = _waiting(tx, shop, line_id, note, by=by, at=at)
    _explained(tx, shop, line, "bill_line_explained", note, by=by, at=at)
    return line


def attach(
    tx: Session, shop: Shop, line_id: int, payment_id: int, note: str, *, by: Actor, at: datetime
) -> BilledLine:
    """Say which payment a line stands for that carries another number; it is settled by that.

    Raises as `explain` does, and `Invalid` (field ``payment``) for a payment that it cannot be.
    """
    line = _waiting(tx, shop, line_id, note, by=by, at=at)
    if payment_id not in {payment.id for payment in could_be(tx, line)}:
        raise Invalid(N_("This payment has another amount, or stands in a bill already."), field="payment")
    payment = tx.get_one(Payment, payment_id)
    _not_mine(tx, shop, line, payment, None, by=by, at=at)
    _explained(tx, shop, line, "bill_line_attached", note, by=by, at=at, payment=payment.attempt)
    pair(tx, line, payment)
    settle(tx, shop, [line], by=by, at=at)
    return line


def could_be(session: Session, line: BilledLine) -> list[Payment]:
    """Return the payments that a line unknown to us could stand for: same account and amount, in no bill."""
    if line.kind != "payment" or line.standing != Standing.UNKNOWN_TO_US:
        return []
    same = select(Payment).where(
        Payment.shop_id == line.shop_id, Payment.account == f"psp:{line.method}:{line.account}",
        Payment.amount == line.amount, Payment.currency == line.currency, Payment.state.in_(HELD),
        Payment.captured_at > line.at - LONG, Payment.captured_at < line.at + LONG,
    )  # fmt: skip
    return [
        payment for payment in session.scalars(same.order_by(Payment.id)) if not is_matched(session, payment)
    ]


def attach_dispute(
    tx: Session, shop: Shop, line_id: int, dispute_id: int, note: str, *, by: Actor, at: datetime
) -> BilledLine:
    """Say which dispute a line is about: its money was held back, or came back; it is settled by that.

    Raises as `explain` does, and `Invalid` (field ``dispute``) for a dispute that it cannot be about.
    """
    line = _waiting(tx, shop, line_id, note, by=by, at=at)
    if dispute_id not in {dispute.id for dispute in disputes_it_could_be(tx, line)}:
        raise Invalid(
            N_("This dispute is about another amount, or stands in a bill already."), field="dispute"
        )
    dispute = tx.get_one(Dispute, dispute_id)
    _not_mine(tx, shop, line, tx.get_one(Payment, dispute.payment_id), None, by=by, at=at)
    _explained(tx, shop, line, "bill_line_attached", note, by=by, at=at, dispute=dispute.ref)
    line.standing, line.gap, line.dispute_id = Standing.MATCHED, 0, dispute.id
    line.payment_id = line.refund_id = None  # those have lines of their own
    tx.flush()
    settle(tx, shop, [line], by=by, at=at)
    return line


def disputes_it_could_be(session: Session, line: BilledLine) -> list[Dispute]:
    """Return the disputes that a line unknown to us could be about: what went out, or what came back of a won one."""
    if line.standing != Standing.UNKNOWN_TO_US:
        return []
    stands = exists().where(
        BilledLine.dispute_id == Dispute.id,
        BilledLine.kind == line.kind,
        BilledLine.standing == Standing.MATCHED,
    )
    same = select(Dispute).where(
        Dispute.shop_id == line.shop_id, Dispute.account == f"psp:{line.method}:{line.account}",
        Dispute.amount == line.amount, Dispute.currency == line.currency, ~stands,
    )  # fmt: skip
    if line.kind == "payment":
        same = same.where(Dispute.state == DisputeState.WON)
    return list(session.scalars(same.order_by(Dispute.id)))


def _waiting(tx: Session, shop: Shop, line_id: int, note: str, *, by: Actor, at: datetime) -> BilledLine:
    line = held_in(tx, shop.id, BilledLine, line_id)
    if not waits_for_somebody(line):
        raise Conflict(N_("This line is matched or explained already."))
    if not 3 <= len(note.strip()) <= 200:
        raise Invalid(N_("Please say why, in 3 to 200 characters."), field="note")
    if line.payment_id is not None:
        refund = tx.get(Refund, line.refund_id) if line.refund_id else None
        _not_mine(tx, shop, line, tx.get_one(Payment, line.payment_id), refund, by=by, at=at)
    return line


def _not_mine(
    tx: Session, shop: Shop, line: BilledLine, payment: Payment, refund: Refund | None, *, by: Actor, at: datetime
) -> None:  # fmt: skip
    hands = (payment.taken_by, *((refund.requested_by, refund.decided_by) if refund is not None else ()))
    second(tx, shop, hands, by=by, at=at, order_id=payment.order_id, bill=line.bill_id,
           refusal=N_("You had this money in hand: somebody else has to explain it."))  # fmt: skip


def _explained(
    tx: Session,
    shop: Shop,
    line: BilledLine,
    kind: str,
    note: str,
    *,
    by: Actor,
    at: datetime,
    **data: str | None,
) -> None:
    """Write an explanation: the books hold its hash, so that its words can be erased but not exchanged."""
    line.note, line.salt, line.explained_at, line.explained_by = (
        note.strip(),
        new_salt(),
        at,
        by.id,
    )
    doc = hashlib.sha256((line.salt + line.note).encode()).hexdigest()
    said = {"method": line.method, "attempt": line.attempt, "refund": line.refund, "trade_no": line.trade_no}
    post(tx, shop.id, kind, [], currency=line.currency, by=by, at=at, document=doc, of=line.standing,
         amount=line.gap, **said, **data)  # fmt: skip
    record(tx, shop.id, kind, by=by, at=at, topics=("money",), bill=line.bill_id, method=line.method,
           amount=line.gap)  # fmt: skip
