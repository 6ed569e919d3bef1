"""Reading what was typed into a form of the back office; a wrong entry names its field."""

from datetime import date, datetime

from flask import flash, request, session
from flask_babel import gettext

from shop.core import money
from shop.core.errors import N_, Invalid
from shop.core.types import LOCALES, Words
from web.house import now, this_shop

TOASTS = 3
"""Sentences that wait for the next page at most; the last ones."""


def text(name: str, longest: int = 200) -> str:
    """Return one line of text, trimmed; raises `Invalid` where it is too long."""
    value = request.form.get(name, "").strip()
    if len(value) > longest:
        raise Invalid(N_("Please keep this under %(n)s characters."), field=name, n=longest)
    return value


def words(name: str) -> Words:
    """Return the three languages of a catalogue word from ``name.en`` and so on."""
    return {key: request.form.get(f"{name}.{key}", "") for key in LOCALES}


def number(name: str, otherwise: int | None = None) -> int:
    """Return a whole number; an empty field is ``otherwise`` where that is given."""
    value = request.form.get(name, "").strip()
    if not value and otherwise is not None:
        return otherwise
    if not value.removeprefix("-").isdecimal() or len(value) > 9:
        raise Invalid(N_("Please enter a whole number."), field=name)
    return int(value)


def ticked(name: str) -> bool:
    """Return whether a box is ticked."""
    return request.form.get(name, "") in ("1", "on", "yes")


def amount(name: str, what: str, most: int = money.MOST) -> int | None:
    """Return an amount up to ``most`` in minor units, None for an empty field; ``what`` names it for people."""
    return money.read(request.form.get(name, ""), this_shop().currency, field=name, what=what, most=most)


def day(name: str) -> date:
    """Return a calendar day of this century."""
    try:
        chosen = date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        chosen = date.min
    if not 2000 <= chosen.year < 2100:
        raise Invalid(N_("Please choose a day."), field=name)
    return chosen


def moment(day_name: str, clock_name: str) -> datetime | None:
    """Return the shop's moment of a day and a clock time, None where no time was chosen."""
    clock = request.form.get(clock_name, "").strip()
    if not clock:
        return None
    when = day(day_name) if request.form.get(day_name) else this_shop().business_date(now())
    try:
        datetime.strptime(clock, "%H:%M")
    except ValueError:
        raise Invalid(N_("Please choose a time."), field=clock_name) from None
    return this_shop().moment(when, clock)


def done(go: str, sentence: str = "") -> dict[str, object]:
    """Return what a write made: where to go next; what happened is said there as a toast."""
    say(sentence or gettext("Saved."))
    return {"go": go}


def say(sentence: str) -> None:
    """Say something on the next page. It waits in the cookie, which must not grow where nobody opens a page."""
    flash(sentence)
    session["_flashes"] = session["_flashes"][-TOASTS:]
