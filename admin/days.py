"""Business days: which are still open, what a closed one says, on screen and on paper."""

from datetime import date

from flask import Response, url_for
from flask_babel import gettext

from admin import entries, till_words
from admin.around import me
from admin.tills import MANAGE, names
from shop.core.errors import Missing
from shop.core.permissions import Permission
from shop.payments import day as days_of
from shop.payments.count import is_own
from shop.payments.dayreport import open_shifts
from shop.payments.tape import standing
from shop.payments.till_tables import TillDay
from web.access import Door, Made, Once, Session, actor, staff
from web.database import reader
from web.house import house, now, this_shop
from web.i18n import language
from web.pages import page

SEE = staff(Permission.DAY_SEE)


def days() -> Response:
    """The days that are to be closed, and the closed ones."""
    shop = this_shop()
    return page(
        "admin/days.html", waiting=days_of.to_close(reader(), shop, at=now()),
        overdue=days_of.overdue(reader(), shop, at=now()), closed=days_of.closed_days(reader(), shop), names=names(),
        today=shop.business_date(now()), **till_words.WORDS,
    )  # fmt: skip


def the_day(day: str) -> date:
    """Return the day of an address; raises `Missing`."""
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise Missing() from None


def closed_day(day: str) -> TillDay:
    """Return a closed day; raises `Missing`."""
    found = days_of.find_day(reader(), this_shop(), the_day(day))
    if found is None:
        raise Missing()
    return found


def business_day(day: str) -> Response:
    """A closed day's report; of an open day what its closing still needs, and nothing of what is in the tills."""
    shop, when = this_shop(), the_day(day)
    found = days_of.find_day(reader(), shop, when)
    if found is not None:
        code = days_of.signed_code(reader(), found)
        return page("admin/day.html", row=found, said=found.report, code=code, **_words())
    waiting = days_of.to_close(reader(), shop, at=now())
    if when not in waiting:
        raise Missing()
    shifts = open_shifts(reader(), shop, when)
    own = any(is_own(shift, me().id) for shift in shifts)
    ready = all(shift.checked_at for shift in shifts)
    return page("admin/day_open.html", day=when, shifts=shifts, first=waiting[0], own=own, ready=ready,
                today=shop.business_date(now()), **_words())  # fmt: skip


def _words() -> dict[str, object]:
    tills = {each.till.id: each.till.name for each in standing(reader(), this_shop(), put_away=True)}
    return {
        "names": names(),
        "till_names": tills,
        "kinds": till_words.KINDS,
        **till_words.WORDS,
    }


def day_paper(day: str) -> Response:
    """A closed day's report to print and to keep: its code proves it."""
    row = closed_day(day)
    code = days_of.signed_code(reader(), row)
    return page("admin/day_paper.html", slip={"language": language()}, row=row, said=row.report, code=code,
                **_words())  # fmt: skip


def close_business_day(tx: Session, day: str) -> Made:
    """Close a day for good."""
    when = the_day(day)
    terminal = entries.amount("terminal", gettext("Total of the card terminal"))
    days_of.close_day(tx, this_shop(), when, terminal=terminal, reason=entries.text("reason"), seal=house().seal,
                      by=actor(), at=now())  # fmt: skip
    return entries.done(url_for("admin.business_day", day=day), gettext("The day is closed."))


DOORS = [
    Door("GET", "/days", days, SEE),
    Door("GET", "/days/<day>", business_day, SEE),
    Door("POST", "/days/<day>", close_business_day, MANAGE, Once.KEY, form=business_day),
    Door("GET", "/days/<day>/paper", day_paper, SEE),
]
