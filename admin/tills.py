"""Tills: which are open, their tape, cash put in and taken out, couriers' cash."""

from collections.abc import Callable
from typing import Any

from flask import Response, request, session, url_for
from flask_babel import gettext
from sqlalchemy import select

from admin import entries, till_words
from admin.around import allowed, fragment
from admin.living import part, watch
from admin.my_till import CHOSEN, my_till, till_here
from shop.core.errors import Invalid
from shop.core.permissions import Permission
from shop.payments import till as at_till
from shop.payments.count import change_limit, limit_of, waiting
from shop.payments.couriers import carried, take_in
from shop.payments.tape import lines_of, shifts_of, standing
from shop.payments.till_tables import LineKind, TillShift
from shop.people.staff import Staff
from web.access import Door, Made, Once, Session, actor, staff
from web.database import reader
from web.house import now, this_shop
from web.i18n import money
from web.live import Region, region
from web.pages import page

SEE, WORK = staff(Permission.TILL_SEE), staff(Permission.TILL_OPEN)
MANAGE = staff(Permission.DAY_CLOSE)
TOPICS = ("tills", "money")


def names() -> dict[int, str]:
    """Return the team's names by number."""
    rows = reader().execute(select(Staff.id, Staff.name).where(Staff.shop_id == this_shop().id))
    return {row[0]: row[1] for row in rows}


def tills() -> Response:
    """Every till and how it stands, counts that wait for a second person, cash with couriers."""
    shop = this_shop()
    there = standing(reader(), shop, put_away=allowed("day:close"))
    return page(
        "admin/tills.html", tills=there, names=names(), here=till_here(), carried=carried(reader(), shop),
        waiting=waiting(reader(), shop, at=now()), limit=limit_of(shop),
        till_names={each.till.id: each.till.name for each in there},
        **till_words.WORDS,
    )  # fmt: skip


def add_till(tx: Session) -> Made:
    """Put up another till."""
    made = at_till.make_till(tx, this_shop(), entries.text("name"), by=actor(), at=now())
    return entries.done(url_for("admin.tills"), gettext("Till %(name)s is there.", name=made.name))


def save_till_rules(tx: Session) -> Made:
    """Change from which difference on a count needs a reason."""
    limit = entries.amount("over_short", gettext("Limit"))
    change_limit(tx, this_shop(), 0 if limit is None else limit, by=actor(), at=now())
    return entries.done(url_for("admin.tills"))


def save_till(tx: Session, till_id: int) -> Made:
    """Rename a till, or put it away."""
    name, active = entries.text("name"), entries.ticked("active")
    at_till.change_till(tx, this_shop(), till_id, name=name, active=active, by=actor(), at=now())
    return entries.done(url_for("admin.tills"))


def open_drawer(tx: Session, till_id: int) -> Made:
    """Open a till with a float; it is this person's till now."""
    floated = entries.amount("float", gettext("Float from the safe")) or 0
    at_till.open_till(tx, this_shop(), till_id, floated=floated, by=actor(), at=now())
    session[CHOSEN] = till_id
    name = at_till.find(tx, this_shop(), till_id).name
    return entries.done(
        url_for("admin.drawer", till_id=till_id), gettext("Till %(name)s is open.", name=name)
    )


def choose_till(tx: Session, till_id: int) -> Made:
    """Stand at a till from now on, in this browser."""
    found = at_till.find(tx, this_shop(), till_id)
    session[CHOSEN] = found.id
    return entries.done(url_for("admin.tills"), gettext("Your till is %(name)s.", name=found.name))


def take_courier_cash(tx: Session, staff_id: int) -> Made:
    """Put the cash that a courier brings into this person's till."""
    amount = entries.amount("amount", gettext("Amount")) or 0
    line = take_in(tx, this_shop(), staff_id, amount, till=my_till(tx), by=actor(), at=now())
    return entries.done(url_for("admin.tills"), gettext("%(amount)s taken in, number %(n)s.",
                        amount=money(line.amount), n=line.number))  # fmt: skip


def drawer(till_id: int) -> Response:
    """One till: its lines, live, and what can be done with its cash. What should be in it is not said."""
    row = at_till.find(reader(), this_shop(), till_id)
    return page(
        "admin/drawer.html", till=row, shift=_shift(row.shift_id), here=till_here(), names=names(),
        region=region(*_seen(till_id)), moves=till_words.moves(),
        past=shifts_of(reader(), row), **till_words.WORDS,
    )  # fmt: skip


def _shift(shift_id: int | None) -> TillShift | None:
    return reader().get(TillShift, shift_id) if shift_id else None


def drawer_part(till_id: int) -> Response:
    """The lines alone, for the poll that heals."""
    at_till.find(reader(), this_shop(), till_id)
    return part(region(*_seen(till_id)))


def drawer_live(ws: Any, till_id: int) -> None:
    """The socket of the lines."""
    at_till.find(reader(), this_shop(), till_id)
    key, draw = _seen(till_id)
    watch(ws, key=key, topics=TOPICS, render=draw)


def _seen(till_id: int) -> tuple[tuple[str, ...], Callable[[], Region]]:
    """Return the live part that this person sees: who may count would only have to add up the amounts."""
    blind = allowed(Permission.TILL_COUNT)

    def draw() -> Region:
        shift = _shift(at_till.find(reader(), this_shop(), till_id).shift_id)
        lines = lines_of(reader(), shift) if shift else []
        return Region(fragment("admin/_drawer.html", lines=lines, shift=shift, names=names(), blind=blind,
                               **till_words.WORDS))  # fmt: skip

    return ("admin-till", str(till_id), "blind" if blind else ""), draw


def move_till_cash(tx: Session, till_id: int) -> Made:
    """Put cash in or take it out, with a reason."""
    chosen = request.form.get("kind", "")
    if chosen not in [kind.value for kind in at_till.BY_HAND]:
        raise Invalid(field="kind")
    amount = entries.amount("amount", gettext("Amount")) or 0
    line = at_till.move_cash(
        tx, this_shop(), till_id, LineKind(chosen), amount, entries.text("reason"), by=actor(), at=now()
    )
    said = gettext("Number %(n)s: %(what)s.", n=line.number, what=till_words.line_words(line.kind))
    return entries.done(url_for("admin.drawer", till_id=till_id), said)


KEY = Once.KEY
DOORS = [
    Door("GET", "/tills", tills, SEE),
    Door("POST", "/tills", add_till, MANAGE, KEY, form=tills),
    Door("POST", "/tills/couriers/<int:staff_id>", take_courier_cash, WORK, KEY, form=tills),
    Door("GET", "/tills/<int:till_id>", drawer, SEE),
    Door("GET", "/tills/<int:till_id>/part", drawer_part, SEE),
    Door("POST", "/tills/<int:till_id>/choice", choose_till, WORK, KEY, form=tills),
    Door("POST", "/tills/<int:till_id>/opening", open_drawer, WORK, KEY, form=tills),
    Door("POST", "/tills/<int:till_id>/cash", move_till_cash, WORK, KEY, form=drawer),
]
"""The doors of settings, which need a guard, stand in admin/routes.py."""
