"""Who works when: the weekly shifts of everybody, with the days that differ."""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.people.shops import Shop
from shop.people.staff import Shift, ShiftChange, Staff

Span = tuple[datetime, datetime, Staff]


def anybody_has_hours(session: Session, shop: Shop) -> bool:
    """Whether this shop keeps shifts at all: one that does not is not a shop where nobody works."""
    for table in (Shift, ShiftChange):
        if session.scalar(select(table.id).where(table.shop_id == shop.id).limit(1)) is not None:
            return True
    return False


def spans_on(session: Session, shop: Shop, days: list[date]) -> list[Span]:
    """Return (from, to, person) of everybody at work on these days; one person may come twice a day."""
    staff = {s.id: s for s in session.scalars(select(Staff).where(Staff.shop_id == shop.id, Staff.active))}
    weekly = list(session.scalars(select(Shift).where(Shift.shop_id == shop.id)))
    changes = select(ShiftChange).where(ShiftChange.shop_id == shop.id, ShiftChange.day.in_(days))
    changed = {(c.staff_id, c.day): c for c in session.scalars(changes)}
    found = []
    for day in days:
        for row in weekly:
            if row.weekday == day.weekday() and (row.staff_id, day) not in changed and row.staff_id in staff:
                found.append(_span(shop, day, row.starts, row.ends, staff[row.staff_id]))
        for (staff_id, on), change in changed.items():
            if on == day and change.starts and staff_id in staff:
                found.append(_span(shop, day, change.starts, change.ends, staff[staff_id]))
    return found


def _span(shop: Shop, day: date, starts: str, ends: str, person: Staff) -> Span:
    begins, over = shop.moment(day, starts), shop.moment(day, ends)
    return begins, over if over > begins else shop.moment(day + timedelta(days=1), ends), person
