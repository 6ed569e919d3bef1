"""The kitchen's stations, and who is there when."""

from datetime import date

from flask import Response, request, url_for
from flask_babel import gettext
from sqlalchemy import select

from admin import entries
from admin.changes import weekday_words
from admin.down import here_shown, outages_shown
from shop.core.errors import Missing
from shop.menu.editing import sheets
from shop.people.staff import Staff
from shop.production.stations import Gate, change_day, changed_days, keep_station, set_week, undo_day, weeks
from web.access import Made, Session, actor
from web.database import reader
from web.house import now, this_shop
from web.pages import page

MOST_GATES = 6


def kitchen() -> Response:
    """All stations."""
    return page(
        "admin/kitchen.html",
        stations=sheets.stations(reader(), this_shop()),
        allergens=sheets.allergens(reader(), this_shop()),
        **outages_shown(),
    )


def save_station(tx: Session, station_id: int) -> Made:
    """Change a station; station 0 is a new one."""
    keep_station(
        tx, this_shop(), station_id or None, slug=entries.text("slug"), names=entries.words("names"),
        places=entries.number("places"), sort=entries.number("sort", 0), active=entries.ticked("active"),
        units=entries.number("units") if "units" in request.form else None, gates=gates_typed(), by=actor(), at=now(),
    )  # fmt: skip
    return entries.done(url_for("admin.kitchen"))


def gates_typed() -> list[Gate] | None:
    """Read the hours kept for an allergen; a row without one is none. None: the form does not ask."""
    if "gate.0.name" not in request.form:
        return None
    rows = [
        [entries.text(f"gate.{n}.{part}", 20) for part in ("name", "starts", "ends")]
        for n in range(MOST_GATES)
    ]
    return [(name, starts, ends) for name, starts, ends in rows if name]


def shifts() -> Response:
    """Everybody's week, the days that differ, and who is here now."""
    shop, session = this_shop(), reader()
    people = {s.id: s for s in session.scalars(select(Staff).filter_by(shop_id=shop.id, active=True))}
    return page(
        "admin/shifts.html",
        people=people,
        weeks=weeks(session, shop),
        days=changed_days(session, shop, at=now()),
        weekdays=weekday_words(),
        today=shop.business_date(now()),
        **here_shown(),
    )


def save_week(tx: Session, staff_id: int) -> Made:
    """Set somebody's week anew: up to two spans a day."""
    week = {}
    for weekday in range(7):
        spans = [
            (entries.text(f"starts.{weekday}.{n}", 5), entries.text(f"ends.{weekday}.{n}", 5)) for n in (0, 1)
        ]
        week[weekday] = [span for span in spans if any(span)]
    set_week(tx, this_shop(), staff_id, week, by=actor(), at=now())
    return entries.done(url_for("admin.shifts"))


def save_day(tx: Session) -> Made:
    """Let one day of somebody differ from the week."""
    off = entries.ticked("off")
    change_day(
        tx, this_shop(), entries.number("staff"), entries.day("day"),
        starts="" if off else entries.text("starts", 5), ends="" if off else entries.text("ends", 5),
        by=actor(), at=now(),
    )  # fmt: skip
    return entries.done(url_for("admin.shifts"))


def drop_day(tx: Session, staff_id: int, day: str) -> Made:
    """Let a day follow the week again."""
    try:
        when = date.fromisoformat(day)
    except ValueError:
        raise Missing() from None
    undo_day(tx, this_shop(), staff_id, when, by=actor(), at=now())
    return entries.done(url_for("admin.shifts"), gettext("The day follows the week again."))
