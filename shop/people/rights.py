"""What a person may do: the grants of the role, changed by the shop's own rows."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM, Actor
from shop.core.events import record
from shop.core.permissions import GRANTS, Permission, Role
from shop.people.shops import Shop
from shop.people.staff import RoleGrant, Staff


def grants_of(tx: Session, shop_id: int, role: str) -> frozenset[Permission]:
    """Return what a role may do in this shop."""
    granted = set(GRANTS[Role(role)])
    query = select(RoleGrant).where(RoleGrant.shop_id == shop_id, RoleGrant.role == role)
    for row in tx.scalars(query):
        change = granted.add if row.allowed else granted.discard
        change(Permission(row.permission))
    return frozenset(granted)


def may(tx: Session, person: Staff, permission: Permission) -> bool:
    """Whether this person, here and now, may do this. Changes take effect with the next request."""
    return person.active and permission in grants_of(tx, person.shop_id, person.role)


def note_denied(
    tx: Session, shop: Shop, person: Staff | None, actor: Actor | None, *, door: str, at: datetime
) -> None:
    """Write a denied try into the diary."""
    who = Actor.staff(person.id) if person else (actor or SYSTEM)
    record(tx, shop.id, "access_denied", by=who, at=at, topics=("staff",), door=door)
