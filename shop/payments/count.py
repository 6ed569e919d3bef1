"""Counting a till: blind, once, looked at by somebody else, and put right only by entries of its own.

Whoever counts does not know what should be there: no page and no refusal tells it before the count is in.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, insert, or_, select
from sqlalchemy.orm import Session

from shop.core import money
from shop.core.actors import Actor, ActorKind
from shop.core.belonging import held_in
from shop.core.errors import N_, Conflict, Invalid
from shop.core.events import record
from shop.core.reasons import reason_in_full
from shop.ledger import post
from shop.payments.pieces import worth_of, worths
from shop.payments.till import TOPICS, account_of, lock
from shop.payments.till_tables import CorrectionState, LineKind, TillCorrection, TillLine, TillShift
from shop.people.four_eyes import VALID, has_lapsed, is_second, seal, second
from shop.people.shops import Shop

OVER_SHORT = 10_00
"""A difference above this, in minor units, needs a reason, unless the shop says otherwise."""
C = CorrectionState


def limit_of(shop: Shop) -> int:
    """Return the difference, minor units, above which a count needs a reason."""
    return int(shop.settings.get("till", {}).get("over_short", OVER_SHORT))


def change_limit(tx: Session, shop: Shop, limit: int, *, by: Actor, at: datetime) -> None:
    """Change from which difference on a count needs a reason; raises `Invalid` (field ``over_short``)."""
    if not 0 <= limit <= 1_000_00:
        raise Invalid(
            N_("Please choose an amount up to %(most)s."), field="over_short", most=money.written(1_000_00)
        )
    row = tx.get_one(Shop, shop.id, with_for_update=True)
    was = limit_of(row)
    if was != limit:
        row.settings = {**row.settings, "till": {**row.settings.get("till", {}), "over_short": limit}}
        changes = [{"field": "over_short", "was": was, "now": limit}]
        record(tx, shop.id, "shop_changed", by=by, at=at, topics=TOPICS, changes=changes)


def count(
    tx: Session, shop: Shop, till_id: int, pieces: Mapping[int, int], *, by: Actor, at: datetime
) -> TillShift:  # fmt: skip
    """Close a till's shift by what lies in its drawer (number of pieces by worth); all of it goes into the safe.

    The difference to what should be there is posted at once, and nothing of it can be changed afterwards. Raises
    `Invalid` (field ``piece.<worth>``), also where not one piece was written down, and `Conflict` where the till has
    been counted already.
    """
    counted = worth_of(pieces, shop.currency)
    till = lock(tx, shop, till_id)
    if till.shift_id is None:
        raise Conflict(N_("This till has been counted already."))
    if not pieces:
        raise Invalid(N_("Nothing is written down yet. For an empty drawer please write a 0."),
                      field=f"piece.{worths(shop.currency)[0]}")  # fmt: skip
    shift = tx.get_one(TillShift, till.shift_id, populate_existing=True)
    in_drawer = select(func.coalesce(func.sum(TillLine.amount), 0)).where(
        TillLine.shift_id == shift.id, TillLine.cash
    )
    expected = int(tx.scalar(in_drawer) or 0)
    difference = counted - expected
    till.last_number, till.shift_id = till.last_number + 1, None
    lines = [("safe", counted), ("over-short", -difference), (account_of(till.id), -expected)]
    shift.txid = post(
        tx, shop.id, "till_counted", lines, currency=shop.currency, by=by, at=at, till=till.id, shift=shift.id,
        number=till.last_number, difference=difference,
    )  # fmt: skip
    shift.pieces = {str(worth): number for worth, number in pieces.items() if number}
    shift.counted_at, shift.counted_by, shift.last_number = at, _person(by), till.last_number
    shift.counted, shift.expected, shift.difference = counted, expected, difference
    values = {
        "shop_id": shop.id, "till_id": till.id, "shift_id": shift.id, "number": till.last_number,
        "kind": LineKind.COUNTED.value, "amount": -expected, "cash": True, "note": "", "at": at,
        "by_staff": _person(by), "txid": shift.txid,
    }  # fmt: skip
    tx.flush()
    tx.execute(insert(TillLine), values)
    record(tx, shop.id, "till_counted", by=by, at=at, topics=TOPICS, till=till.id, shift=shift.id)
    return shift


def _person(by: Actor) -> int | None:
    return by.id if by.kind is ActorKind.STAFF else None


def needs_reason(shop: Shop, shift: TillShift) -> bool:
    """Whether somebody must still say why so much is over or short."""
    return bool(abs(shift.difference or 0) > limit_of(shop) and not shift.reason)


def explain(tx: Session, shop: Shop, shift_id: int, reason: str, *, by: Actor, at: datetime) -> None:
    """Say why so much is over or short, once. Raises `Invalid` (field ``reason``) and `Conflict`."""
    shift = _counted(tx, shop, shift_id)
    if shift.reason:
        raise Conflict(N_("A reason stands there already."))
    shift.reason = reason_in_full(reason)
    record(
        tx, shop.id, "difference_explained", by=by, at=at, topics=TOPICS, shift=shift.id, till=shift.till_id
    )


def _counted(tx: Session, shop: Shop, shift_id: int) -> TillShift:
    """Return a shift that was counted, held until the end of the transaction."""
    shift = held_in(tx, shop.id, TillShift, shift_id)
    if shift.counted_at is None:
        raise Conflict(N_("This till has not been counted yet."))
    return shift


def is_own(shift: TillShift, staff_id: int | None) -> bool:
    """Whether it is this person's own till: opened or counted by them.

    Who only helped out at it for an hour may look at the count: in a shop with two managers nobody else could.
    """
    return staff_id is None or staff_id in (shift.opened_by, shift.counted_by)


def check(tx: Session, shop: Shop, shift_id: int, *, by: Actor, at: datetime) -> None:
    """Look at a count as the second person. Raises `Denied` for one's own till, and `Conflict`."""
    shift = _counted(tx, shop, shift_id)
    if shift.checked_at is not None:
        raise Conflict(N_("This count has been checked already."))
    second(tx, shop, (shift.opened_by, shift.counted_by), by=by, at=at, shift=shift.id, till=shift.till_id,
           refusal=N_("Your own till is checked by somebody else."))  # fmt: skip
    if needs_reason(shop, shift):
        raise Conflict(N_("Somebody must first say why so much is over or short."))
    shift.checked_at, shift.checked_by = at, _person(by)
    record(tx, shop.id, "till_checked", by=by, at=at, topics=TOPICS, shift=shift.id, till=shift.till_id)


def most_wrong(shift: TillShift) -> int:
    """Return by how much a count can have been wrong, minor units: never less than what it was off."""
    return max(money.MOST, abs(shift.difference or 0))


def ask_correction(
    tx: Session, shop: Shop, shift_id: int, amount: int, reason: str, *, by: Actor, at: datetime
) -> TillCorrection:  # fmt: skip
    """Say that a count was wrong by ``amount`` (minor units, above zero: there was more); somebody else decides.

    Raises `Invalid` naming ``amount`` or ``reason``, and `Conflict`.
    """
    shift = _counted(tx, shop, shift_id)
    if not 0 < abs(amount) <= most_wrong(shift):
        raise Invalid(N_("Please enter by how much the count was wrong."), field="amount")
    reason = reason_in_full(reason)
    row = TillCorrection(
        shop_id=shop.id, shift_id=shift.id, amount=amount, reason=reason, asked_at=at, asked_by=_person(by)
    )  # fmt: skip
    tx.add(row)
    tx.flush()
    record(tx, shop.id, "correction_asked", by=by, at=at, topics=TOPICS, shift=shift.id, till=shift.till_id,
           correction=row.id, amount=amount)  # fmt: skip
    return row


def seal_of(row: TillCorrection) -> str:
    """Return what a second person agrees to: the SHA-256 of shift, amount and reason."""
    return seal("till-correction", row.id, row.shift_id, row.amount, row.reason, salt=row.salt)


def waits(row: TillCorrection, at: datetime) -> bool:
    """Whether it still waits for a second person."""
    return row.state == C.ASKED and not has_lapsed(row.asked_at, at)


def may_decide(row: TillCorrection, shift: TillShift, *, by: Actor, at: datetime) -> bool:
    """Whether this person may decide it now: who neither asked for it nor had this till. The right is the door's."""
    return waits(row, at) and is_second(_hands(row, shift), by=by)


def _hands(row: TillCorrection, shift: TillShift) -> tuple[int | None, ...]:
    return row.asked_by, shift.opened_by, shift.counted_by


def decide(
    tx: Session, shop: Shop, correction_id: int, *, agreed: bool, seen: str, by: Actor, at: datetime
) -> TillCorrection:  # fmt: skip
    """Approve or decline a correction as the second person, who has seen exactly this amount (``seen``: its seal).

    Raises `Denied` for who asked or for one's own till, and `Conflict` where it is over or not what was seen.
    """
    row = held_in(tx, shop.id, TillCorrection, correction_id)
    shift = _counted(tx, shop, row.shift_id)
    if not waits(row, at):
        raise Conflict(N_("This correction is over: it was decided, or nobody decided within a day."))
    if seen != seal_of(row):
        raise Conflict(N_("This correction is not the one that was shown. Please look at it again."))
    shared = second(tx, shop, _hands(row, shift), by=by, at=at, shift=shift.id, till=shift.till_id, correction=row.id,
                    refusal=N_("A second person decides, who neither asked for it nor had this till."))  # fmt: skip
    row.state, row.answered_at, row.answered_by = (C.APPROVED if agreed else C.DECLINED), at, _person(by)
    if agreed:
        row.txid = post(
            tx, shop.id, "corrected", [("safe", row.amount), ("over-short", -row.amount)], currency=shop.currency,
            by=by, at=at, of=shift.txid, shift=shift.id, asked_by=row.asked_by, signed=seen,
            same_browser=shared,
        )  # fmt: skip
    kind = "correction_approved" if agreed else "correction_declined"
    record(tx, shop.id, kind, by=by, at=at, topics=TOPICS, shift=shift.id, till=shift.till_id, correction=row.id,
           amount=row.amount)  # fmt: skip
    return row


def corrections_of(session: Session, shop: Shop, shift_id: int) -> list[TillCorrection]:
    """Return the corrections of a shift, oldest first."""
    query = select(TillCorrection).where(
        TillCorrection.shop_id == shop.id, TillCorrection.shift_id == shift_id
    )
    return list(session.scalars(query.order_by(TillCorrection.id)))


def waiting(session: Session, shop: Shop, *, at: datetime) -> list[TillShift]:
    """Return the counted shifts that wait for a second look, or for a correction to be decided; oldest first."""
    asked = select(TillCorrection.shift_id).where(
        TillCorrection.state == C.ASKED, TillCorrection.asked_at > at - VALID
    )
    query = select(TillShift).where(
        TillShift.shop_id == shop.id, TillShift.counted_at.is_not(None),
        or_(TillShift.checked_at.is_(None), TillShift.id.in_(asked)),
    )  # fmt: skip
    return list(session.scalars(query.order_by(TillShift.id)))
