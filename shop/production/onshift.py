"""Who is here now, and can work at a station."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.permissions import Role
from shop.core.store import looks_only
from shop.menu.card import MenuCard
from shop.people.hours import spans_on
from shop.people.shops import Shop
from shop.people.staff import Staff

HANDS = (Role.BAKER, Role.CLERK, Role.MANAGER)


@dataclass(frozen=True)
class Hand:
    """Somebody who can work in the kitchen."""

    id: int
    name: str
    skills: frozenset[str]


@dataclass(frozen=True)
class Team:
    """All hands, and (from, to, who) of each shift of a day and the night before it."""

    hands: Sequence[Hand]
    shifts: Sequence[tuple[datetime, datetime, Hand]]


_teams: dict[tuple[Any, ...], Team] = {}


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
    team = _team(session, shop, shop.business_date(at))
    on_shift = {hand.id: hand for begins, over, hand in team.shifts if begins <= at < over}
    here = [on_shift[key] for key in sorted(on_shift) if asked & on_shift[key].skills]
    return [(hand.id, hand.name) for hand in here or team.hands if asked & hand.skills]


def _team(session: Session, shop: Shop, day: date) -> Team:
    """Return the team of a day, kept in memory until `shop.people.shops.renew` says that it has changed."""
    if not looks_only(session):
        return _read(session, shop, day)
    key = (str(session.get_bind().engine.url.database), shop.id, shop.menu_version, day)
    team = _teams.get(key)
    if team is None:
        if len(_teams) > 50:
            _teams.clear()
        team = _teams[key] = _read(session, shop, day)
    return team


def _read(session: Session, shop: Shop, day: date) -> Team:
    staff = select(Staff).where(Staff.shop_id == shop.id, Staff.active, Staff.role.in_(HANDS))
    spans = spans_on(session, shop, [day - timedelta(days=1), day])
    return Team(
        [_hand(person) for person in session.scalars(staff.order_by(Staff.id))],
        [(begins, over, _hand(person)) for begins, over, person in spans],
    )


def _hand(person: Staff) -> Hand:
    return Hand(person.id, person.name, frozenset(person.skills))
