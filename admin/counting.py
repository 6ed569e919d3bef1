"""Counting a till without knowing what should be there, the report of a shift, the second look, corrections."""

from flask import Response, request, url_for
from flask_babel import gettext

from admin import entries, till_words
from admin.around import me
from admin.tills import MANAGE, SEE, names
from shop.core.errors import Conflict
from shop.core.permissions import Permission
from shop.payments import count as counts
from shop.payments.dayreport import till_sums
from shop.payments.pieces import worths
from shop.payments.tape import lines_of
from shop.payments.till import NoOpenTill, find, find_shift
from shop.payments.till_tables import LineKind, TillDay
from web.access import Door, Made, Once, Session, actor, go, staff
from web.database import reader
from web.house import now, this_shop
from web.pages import page

COUNT = staff(Permission.TILL_COUNT)


def count_form(till_id: int) -> Response:
    """What lies in the drawer, piece by piece. Nothing here tells what should."""
    row = find(reader(), this_shop(), till_id)
    if row.shift_id is None and request.method == "GET":
        return go(url_for("admin.drawer", till_id=till_id))
    if row.shift_id is None:
        raise NoOpenTill()
    return page("admin/count.html", till=row, worths=worths(this_shop().currency))


def count_till(tx: Session, till_id: int) -> Made:
    """Take the count; it cannot be changed afterwards."""
    written = [worth for worth in worths(this_shop().currency) if entries.text(f"piece.{worth}")]
    pieces = {worth: entries.number(f"piece.{worth}") for worth in written}
    shift = counts.count(tx, this_shop(), till_id, pieces, by=actor(), at=now())
    return entries.done(url_for("admin.till_shift", shift_id=shift.id), gettext("Counted."))


def till_shift(shift_id: int) -> Response:
    """The report of a shift, once its count is in."""
    shop, shift = this_shop(), find_shift(reader(), this_shop(), shift_id)
    if shift.counted_at is None:
        return go(url_for("admin.drawer", till_id=shift.till_id))
    corrections = [
        (
            row,
            counts.seal_of(row),
            counts.waits(row, now()),
            counts.may_decide(row, shift, by=actor(), at=now()),
        )
        for row in counts.corrections_of(reader(), shop, shift.id)
    ]
    return page(
        "admin/till_shift.html", shift=shift, till=find(reader(), shop, shift.till_id), names=names(),
        sums=till_sums(reader(), shift), kinds=[kind.value for kind in LineKind], lines=lines_of(reader(), shift),
        needs_reason=counts.needs_reason(shop, shift), own=counts.is_own(shift, me().id),
        pieces=sorted(((int(worth), n) for worth, n in (shift.pieces or {}).items()), reverse=True),
        corrections=corrections, mine=me().id, day=reader().get(TillDay, shift.day_id) if shift.day_id else None,
        **till_words.WORDS,
    )  # fmt: skip


def report_of(shift_id: int) -> str:
    """Return the address of a shift's report."""
    return url_for("admin.till_shift", shift_id=shift_id)


def explain_count(tx: Session, shift_id: int) -> Made:
    """Say why so much is over or short."""
    counts.explain(tx, this_shop(), shift_id, entries.text("reason"), by=actor(), at=now())
    return entries.done(report_of(shift_id))


def check_count(tx: Session, shift_id: int) -> Made:
    """Look at a count as the second person."""
    counts.check(tx, this_shop(), shift_id, by=actor(), at=now())
    return entries.done(report_of(shift_id), gettext("Checked."))


def correct_count(tx: Session, shift_id: int) -> Made:
    """Say that a count was wrong; a second person decides."""
    most = counts.most_wrong(find_shift(tx, this_shop(), shift_id))
    amount = entries.amount("amount", gettext("By how much"), most) or 0
    signed = -amount if request.form.get("way") == "less" else amount
    reason = entries.text("correction_reason")
    counts.ask_correction(tx, this_shop(), shift_id, signed, reason, by=actor(), at=now())
    return entries.done(report_of(shift_id), gettext("Asked. A second person decides within a day."))


def decide_correction(tx: Session, shift_id: int, correction_id: int) -> Made:
    """Approve or decline a correction, having seen exactly this amount."""
    agreed, seen = request.form.get("agreed") == "1", entries.text("seen")
    row = counts.decide(tx, this_shop(), correction_id, agreed=agreed, seen=seen, by=actor(), at=now())
    if row.shift_id != shift_id:
        raise Conflict()
    return entries.done(report_of(shift_id), gettext("Corrected.") if agreed else gettext("Declined."))


KEY = Once.KEY
DOORS = [
    Door("GET", "/tills/<int:till_id>/count", count_form, COUNT),
    Door("POST", "/tills/<int:till_id>/count", count_till, COUNT, KEY, form=count_form),
    Door("GET", "/tills/shifts/<int:shift_id>", till_shift, SEE),
    Door("POST", "/tills/shifts/<int:shift_id>/reason", explain_count, COUNT, KEY, form=till_shift),
    Door("POST", "/tills/shifts/<int:shift_id>/check", check_count, MANAGE, KEY, form=till_shift),
    Door("POST", "/tills/shifts/<int:shift_id>/corrections", correct_count, COUNT, KEY, form=till_shift),
    Door("POST", "/tills/shifts/<int:shift_id>/corrections/<int:correction_id>", decide_correction, MANAGE, KEY,
         form=till_shift),
]  # fmt: skip
