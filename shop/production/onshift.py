"""Who is here now, and can work at a station."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.permissions import Role
from shop.menu.card import MenuCard
from shop.people.hours import at_work
from shop.people.shops import Shop
from shop.people.staff import Staff

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
    here = [p for p in at_work(session, shop, at=at) if asked.intersection(p.skills)]
    if not here:
        staff = select(Staff).where(Staff.shop_id == shop.id, Staff.active, Staff.role.in_(HANDS))
        here = [p for p in session.scalars(staff.order_by(Staff.id)) if asked.intersection(p.skills)]
    return [(p.id, p.name) for p in here]
