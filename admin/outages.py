"""Out of order: which oven cannot be used until when. And who goes home early."""

from datetime import datetime, timedelta

from flask import url_for
from flask_babel import gettext

from admin import entries, kitchen
from shop.core.errors import Invalid
from shop.core.permissions import Permission
from shop.production import leaving
from shop.production.outages import back_in_order, stop_unit
from web.access import Door, Made, Once, Session, actor, staff
from web.house import now, this_shop
from web.i18n import clock

KITCHEN, SHIFTS = staff(Permission.STATION_EDIT), staff(Permission.SHIFT_EDIT)
CLOSE = 0
"""Chosen in the place of minutes: until the shop closes."""


def until_chosen(minutes: int) -> datetime:
    """Return the end that a number of minutes means; `CLOSE` is until the shop closes."""
    if minutes == CLOSE:
        shop = this_shop()
        opens, closes = shop.open_on(shop.business_date(now()))
        return closes if closes > now() else opens + timedelta(days=1)
    return now() + timedelta(minutes=minutes)


def stop(tx: Session) -> Made:
    """Take a part of a station out of order until a time."""
    station, _, unit = entries.text("part", 30).partition(".")
    if not (station.isdecimal() and unit.isdecimal()):
        raise Invalid(field="part")
    row = stop_unit(
        tx, this_shop(), int(station), int(unit), until_chosen(entries.number("minutes")), by=actor(), at=now(),
        reason=entries.text("reason", 120),
    )  # fmt: skip
    return entries.done(
        url_for("admin.kitchen"), gettext("Out of order until %(time)s.", time=clock(row.until))
    )


def mended(tx: Session, outage_id: int) -> Made:
    """It works again."""
    back_in_order(tx, this_shop(), outage_id, by=actor(), at=now())
    return entries.done(url_for("admin.kitchen"), gettext("Back in order."))


def go_home(tx: Session, staff_id: int) -> Made:
    """Somebody's shift ends now."""
    leaving.go_home(tx, this_shop(), staff_id, by=actor(), at=now())
    return entries.done(
        url_for("admin.shifts"), gettext("The shift has ended. Promises no longer count on it.")
    )


def stay(tx: Session, staff_id: int) -> Made:
    """Take back that somebody went home."""
    leaving.stay_after_all(tx, this_shop(), staff_id, by=actor(), at=now())
    return entries.done(url_for("admin.shifts"), gettext("The shift goes on as before."))


DOORS = [
    Door("POST", "/kitchen/outages", stop, KITCHEN, Once.KEY, form=kitchen.kitchen, name="stop_unit"),
    Door("POST", "/kitchen/outages/<int:outage_id>/end", mended, KITCHEN, Once.KEY, form=kitchen.kitchen,
         name="unit_mended"),
    Door("POST", "/shifts/<int:staff_id>/home", go_home, SHIFTS, Once.KEY, form=kitchen.shifts),
    Door("POST", "/shifts/<int:staff_id>/stay", stay, SHIFTS, Once.KEY, form=kitchen.shifts),
]  # fmt: skip
