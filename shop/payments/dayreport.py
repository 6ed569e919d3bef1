"""What a day's report says: every till with its numbers and its count, every way of paying, and what the books say.

Tills stand in it by shift, everything else by the entries of the books between the report before and this one, so
that nothing is missed and nothing stands in two reports.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.ledger.tables import Entry, Posting
from shop.payments.tables import Payment, Refund
from shop.payments.till_tables import (
    CorrectionState,
    LineKind,
    Till,
    TillCorrection,
    TillDay,
    TillLine,
    TillShift,
)
from shop.people.shops import Shop

K = LineKind
CARD = (K.CARD_SALE, K.CARD_REFUND)


@dataclass(frozen=True)
class Span:
    """From the last report's end to this one's: two moments, and the entries of the books (none: last < first)."""

    from_at: datetime
    until_at: datetime
    from_seq: int
    to_seq: int


def last_day(session: Session, shop: Shop) -> TillDay | None:
    """Return the last closed day, None before the first."""
    query = select(TillDay).where(TillDay.shop_id == shop.id).order_by(TillDay.day.desc()).limit(1)
    return session.scalars(query).first()


def open_shifts(session: Session, shop: Shop, until: date) -> list[TillShift]:
    """Return the shifts up to a day that stand in no report yet, oldest first."""
    query = select(TillShift).where(
        TillShift.shop_id == shop.id, TillShift.day_id.is_(None), TillShift.business_date <= until
    )
    return list(session.scalars(query.order_by(TillShift.id)))


def span_of(session: Session, shop: Shop, day: date, *, at: datetime) -> Span:
    """Return what a report of ``day`` made at a moment covers beside the tills."""
    before = last_day(session, shop)
    begin, end = shop.day_bounds(day)
    from_at, until_at = (before.until_at if before else begin), min(at, end)
    entries = select(func.max(Entry.seq)).where(Entry.shop_id == shop.id)
    first = before.to_seq + 1 if before else 1 + (session.scalar(entries.where(Entry.at < from_at)) or 0)
    last = session.scalar(entries.where(Entry.at < until_at if until_at == end else Entry.at <= until_at))
    return Span(from_at, until_at, first, max(last or 0, first - 1))


def till_sums(session: Session, shift: TillShift) -> dict[str, int]:
    """Return what a shift rang, minor units and numbers of lines, by kind."""
    query = select(TillLine.kind, func.sum(TillLine.amount), func.count()).where(
        TillLine.shift_id == shift.id
    )
    found: dict[str, int] = {}
    for kind, amount, lines in session.execute(query.group_by(TillLine.kind)):
        found[kind], found[f"{kind}_lines"] = int(amount), int(lines)
    return found


def _till(session: Session, shift: TillShift, names: dict[int, str]) -> dict[str, Any]:
    return {
        "till": shift.till_id, "name": names[shift.till_id], "shift": shift.id, "first": shift.first_number,
        "last": shift.last_number, "float": shift.float_amount, "expected": shift.expected, "counted": shift.counted,
        "difference": shift.difference, "reason": shift.reason, "opened_by": shift.opened_by,
        "counted_by": shift.counted_by, "checked_by": shift.checked_by, "sums": till_sums(session, shift),
    }  # fmt: skip


def _elsewhere(session: Session, shop: Shop, span: Span) -> list[dict[str, Any]]:
    """Return what was taken and given back away from the tills, by method: at the door, and through providers."""
    within = (Entry.shop_id == shop.id, Entry.seq >= span.from_seq, Entry.seq <= span.to_seq)
    rung = select(TillLine.payment_id).where(TillLine.payment_id.is_not(None), TillLine.amount > 0)
    taken = select(Payment.method, func.count(), func.sum(Payment.amount)).join(
        Entry, Entry.txid == Payment.txid
    )
    taken = taken.where(*within, Payment.id.not_in(rung)).group_by(Payment.method)
    found: dict[str, dict[str, Any]] = {}
    for method, n, amount in session.execute(taken):
        found[method] = {"method": method, "count": int(n), "taken": int(amount), "back": 0}
    back = select(Payment.method, func.sum(Refund.amount)).join(Payment, Payment.id == Refund.payment_id)
    back = back.join(Entry, Entry.txid == Refund.txid_paid).where(*within, Payment.attempt.is_not(None))
    for method, amount in session.execute(back.group_by(Payment.method)):
        row = found.setdefault(method, {"method": method, "count": 0, "taken": 0, "back": 0})
        row["back"] = int(amount)
    return [found[method] for method in sorted(found)]


def _books(session: Session, shop: Shop, span: Span) -> dict[str, int]:
    """Return what the day earned and owes, minor units: sales, deposits taken and used, and so on."""
    query = select(Entry.kind, Posting.account, Posting.amount).join(Posting, Posting.seq == Entry.seq)
    query = query.where(Entry.shop_id == shop.id, Entry.seq >= span.from_seq, Entry.seq <= span.to_seq)
    said = dict.fromkeys(
        (
            "sales",
            "discounts",
            "kept",
            "fees",
            "deposits_taken",
            "deposits_used",
            "back_owed",
            "back_paid",
            "hidden_taken",
            "hidden_given",
        ),
        0,
    )
    for _, account, amount in session.execute(query):
        word = account.partition(":")[0]
        if word == "deposits":
            said["deposits_taken" if amount < 0 else "deposits_used"] += abs(amount)
        elif word == "refunds-due":
            said["back_owed" if amount < 0 else "back_paid"] += abs(amount)
        elif word == "hidden-cash":
            said["hidden_taken" if amount < 0 else "hidden_given"] += abs(amount)
        elif word in ("revenue", "forfeit"):
            said["sales" if word == "revenue" else "kept"] -= amount
        elif word in ("discount", "fee"):
            said["discounts" if word == "discount" else "fees"] += amount
    return said


def _corrections(session: Session, shop: Shop, span: Span) -> list[dict[str, Any]]:
    query = select(TillCorrection).join(Entry, Entry.txid == TillCorrection.txid).where(
        TillCorrection.shop_id == shop.id, TillCorrection.state == CorrectionState.APPROVED,
        Entry.seq >= span.from_seq, Entry.seq <= span.to_seq,
    )  # fmt: skip
    rows = session.scalars(query.order_by(TillCorrection.id))
    return [{"shift": c.shift_id, "amount": c.amount, "reason": c.reason} for c in rows]


def report(
    session: Session, shop: Shop, day: date, shifts: Sequence[TillShift], span: Span
) -> dict[str, Any]:
    """Return the report of a day: JSON of whole numbers and words, with no personal data."""
    names = {till.id: till.name for till in session.scalars(select(Till).where(Till.shop_id == shop.id))}
    tills = [_till(session, shift, names) for shift in shifts]
    return {
        "day": day.isoformat(), "currency": shop.currency, "tills": tills,
        "cash": sum(till["sums"].get(kind, 0) for till in tills for kind in (K.CASH_SALE, K.CASH_REFUND)),
        "card": sum(till["sums"].get(kind, 0) for till in tills for kind in CARD),
        "card_lines": sum(till["sums"].get(f"{kind}_lines", 0) for till in tills for kind in CARD),
        "difference": sum(till["difference"] or 0 for till in tills),
        "elsewhere": _elsewhere(session, shop, span), "books": _books(session, shop, span),
        "corrections": _corrections(session, shop, span),
    }  # fmt: skip
