"""Who is here now, and can work at a station."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.permissions import Role
from shop.menu.card import MenuCard
from shop.people.shops import Shop
from shop.people.staff import Shift, ShiftChange, Staff

HANDS = (Role.BAKER, Role.CLERK, Role.MANAGER)


def people_here(
    session: Session, shop: Shop, card: MenuCard, station_id: int | None, *, at: datetime
) -> list[tuple[int, str]]:
    """Return (id, name) of those on shift with a skill of this station; all bakers when nobody is."""
    asked = {
        stage.kind.value
        for dish in card.dishes.values()
        for stage in dish.stages
        if station_id is None or stage.station_id == station_id
    }
    local = shop.local(at)
    day, clock = local.date(), local.strftime("%H:%M")
    staff = (
        select(Staff).where(Staff.shop_id == shop.id, Staff.active, Staff.role.in_(HANDS)).order_by(Staff.id)
    )
    able = [person for person in session.scalars(staff) if asked.intersection(person.skills)]
    hours = {
        row.staff_id: (row.starts, row.ends)
        for row in session.scalars(
            select(Shift).where(Shift.shop_id == shop.id, Shift.weekday == day.weekday())
        )
    }
    changed = select(ShiftChange).where(ShiftChange.shop_id == shop.id, ShiftChange.day == day)
    hours.update({row.staff_id: (row.starts, row.ends) for row in session.scalars(changed)})
    here = [p for p in able if p.id in hours and hours[p.id][0] <= clock < hours[p.id][1]]
    return [(p.id, p.name) for p in here or able]
