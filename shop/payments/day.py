"""The business day: closed once all its tills are counted and checked, then locked and signed.

What comes after the closing belongs to the next day; what was wrong is put right by an entry of its own.
"""

import hashlib
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.core import money
from shop.core.actors import Actor
from shop.core.errors import N_, Conflict, Denied, Invalid, Missing
from shop.core.events import record
from shop.ledger import post
from shop.ledger.canonical import canonical
from shop.ledger.checkpoints import checkpoint
from shop.ledger.signing import Seal, short_code
from shop.ledger.tables import Checkpoint, Entry
from shop.payments.count import is_own
from shop.payments.dayreport import last_day, open_shifts, report, span_of
from shop.payments.till import TOPICS
from shop.payments.till_tables import Till, TillDay, TillShift
from shop.people.shops import Shop


def to_close(session: Session, shop: Shop, *, at: datetime) -> list[date]:
    """Return the days that are still to be closed, oldest first: those with tills in no report, and today."""
    before, today = last_day(session, shop), shop.business_date(at)
    first = before.day + timedelta(days=1) if before else date.min
    days = {max(shift.business_date, first) for shift in open_shifts(session, shop, date.max)}
    if first <= today:
        days.add(today)
    return sorted(days)


def overdue(session: Session, shop: Shop, *, at: datetime) -> list[date]:
    """Return the days that should have been closed by now: those before today, from when the shop opens."""
    today = shop.business_date(at)
    if at < shop.moment(today, shop.opens):
        return []
    return [day for day in to_close(session, shop, at=at) if day < today]


def find_day(session: Session, shop: Shop, day: date) -> TillDay | None:
    """Return a closed day, None where it is not closed."""
    return session.scalars(select(TillDay).where(TillDay.shop_id == shop.id, TillDay.day == day)).first()


def closed_days(session: Session, shop: Shop, *, limit: int = 60) -> list[TillDay]:
    """Return the closed days, newest first."""
    query = select(TillDay).where(TillDay.shop_id == shop.id).order_by(TillDay.day.desc()).limit(limit)
    return list(session.scalars(query))


def close_day(
    tx: Session, shop: Shop, day: date, *, terminal: int | None, reason: str, seal: Seal | None, by: Actor,
    at: datetime,
) -> TillDay:  # fmt: skip
    """Close a day: its report is sealed in the books, which are signed (``seal``), and it is locked.

    ``terminal`` is the card terminal's own total (minor units); where it differs from the lines, ``reason`` says
    why. Raises `Missing` for a day to come, `Conflict`, `Denied` for who had one of the tills, and `Invalid` naming
    ``terminal`` or ``reason``.
    """
    held = select(Till.id).where(Till.shop_id == shop.id).order_by(Till.id).with_for_update()
    tx.scalars(held).all()  # no till opens or is counted meanwhile
    shifts = _may_close(tx, shop, day, by=by, at=at)
    span = span_of(tx, shop, day, at=at)
    said = report(tx, shop, day, shifts, span)
    said |= _compared(said["card"], said["card_lines"], terminal, reason)
    doc = hashlib.sha256(canonical(said)).hexdigest()
    row = TillDay(
        shop_id=shop.id, day=day, from_at=span.from_at, until_at=span.until_at, from_seq=span.from_seq,
        to_seq=span.to_seq, closed_at=at, closed_by=by.id, report=said, doc_hash=doc,
        txid=_sealed(tx, shop, said, doc, span.from_seq, span.to_seq, by=by, at=at),
    )  # fmt: skip
    tx.add(row)
    tx.flush()
    tx.execute(update(TillShift).where(TillShift.id.in_([s.id for s in shifts])).values(day_id=row.id))
    record(tx, shop.id, "day_closed", by=by, at=at, topics=(*TOPICS, "money"), day=day.isoformat())
    if seal is not None:
        checkpoint(tx, shop.id, seal, at=at, reason="day_sealed")
    return row


def _may_close(tx: Session, shop: Shop, day: date, *, by: Actor, at: datetime) -> list[TillShift]:
    """Return the shifts of a day that may be closed now."""
    if find_day(tx, shop, day) is not None:
        raise Conflict(N_("This day is closed already."))
    waiting = to_close(tx, shop, at=at)
    if day not in waiting or day > shop.business_date(at):
        raise Missing()
    if day != waiting[0]:
        raise Conflict(N_("An earlier day is to be closed first."))
    shifts = open_shifts(tx, shop, day)
    if any(shift.counted_at is None for shift in shifts):
        raise Conflict(N_("A till of this day is still open. Please count it first."))
    if any(shift.checked_at is None for shift in shifts):
        raise Conflict(N_("A count of this day waits for a second person."))
    if any(is_own(shift, by.id) for shift in shifts):
        raise Denied(N_("You had a till on this day: somebody else closes it."))
    return shifts


def _compared(card: int, lines: int, terminal: int | None, reason: str) -> dict[str, Any]:
    """Hold the card lines against what the terminal says."""
    if terminal is None and lines:
        raise Invalid(N_("Please type the total of the card terminal's own slip."), field="terminal")
    if terminal is not None and not -money.MOST <= terminal <= money.MOST:
        raise Invalid(N_("Please check the amount."), field="terminal")
    off = 0 if terminal is None else terminal - card
    if off and not 3 <= len(reason.strip()) <= 200:
        raise Invalid(
            N_("The terminal's total is another one than ours. Please say why, or correct it."),
            field="reason",
        )
    return {"terminal": terminal, "terminal_off": off, "terminal_reason": reason.strip()[:200] if off else ""}


def _sealed(
    tx: Session, shop: Shop, said: dict[str, Any], doc: str, first: int, last: int, *, by: Actor, at: datetime
) -> str:
    """Post the day's totals; returns the ``txid`` of the entry."""
    tills = [
        {key: till[key] for key in ("till", "shift", "first", "last", "difference")} for till in said["tills"]
    ]
    return post(
        tx, shop.id, "day_sealed", [], currency=shop.currency, by=by, at=at, document=doc, day=said["day"],
        tills=tills, cash=said["cash"], card=said["card"], terminal=said["terminal"], elsewhere=said["elsewhere"],
        books=said["books"], entries=[first, last],
    )  # fmt: skip


def signed_code(session: Session, row: TillDay) -> str:
    """Return the 12 characters of the signed tree head that covers a day's seal, "" where none does yet."""
    seq = select(Entry.seq).where(Entry.txid == row.txid).scalar_subquery()
    query = select(Checkpoint.note).where(Checkpoint.size >= seq).order_by(Checkpoint.size).limit(1)
    note = session.scalar(query)
    return short_code(note) if note else ""
