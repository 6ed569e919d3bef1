"""What a person may do: the grants of the role, changed by the shop's own rows."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM, Actor
from shop.core.errors import N_, Denied
from shop.core.events import record
from shop.core.permissions import GRANTS, Permission, Role
from shop.people.shops import Shop
from shop.people.staff import RoleGrant, Staff

KEPT_BY_OWNER = frozenset(
    {Permission.ADMIN_SEE, Permission.STAFF_MANAGE, Permission.ROLE_MANAGE, Permission.AUDIT_SEE}
)
"""What no shop can take from its owners, or nobody could give it back."""
ONLY_OWNER = frozenset({Permission.ROLE_MANAGE})
"""What can be given to nobody else."""


def grants_of(tx: Session, shop_id: int, role: str) -> frozenset[Permission]:
    """Return what a role may do in this shop."""
    granted = set(GRANTS[Role(role)])
    query = select(RoleGrant).where(RoleGrant.shop_id == shop_id, RoleGrant.role == role)
    for row in tx.scalars(query):
        change = granted.add if row.allowed else granted.discard
        change(Permission(row.permission))
    return frozenset(granted)


def roles_that_may(tx: Session, shop_id: int, permission: Permission) -> list[Role]:
    """Return the roles that have this permission in this shop."""
    query = select(RoleGrant).where(RoleGrant.shop_id == shop_id, RoleGrant.permission == permission)
    changed = {row.role: row.allowed for row in tx.scalars(query)}
    return [role for role in Role if changed.get(role, permission in GRANTS[role])]


def may(tx: Session, person: Staff, permission: Permission) -> bool:
    """Whether this person, here and now, may do this. Changes take effect with the next request."""
    return person.active and permission in grants_of(tx, person.shop_id, person.role)


def changeable(role: Role, permission: Permission) -> bool:
    """Whether a shop may change this grant."""
    if permission in ONLY_OWNER:
        return False
    return not (role == Role.OWNER and permission in KEPT_BY_OWNER)


def grant(
    tx: Session, shop: Shop, role: Role, permission: Permission, allowed: bool, *, by: Actor, at: datetime
) -> None:
    """Give a role a permission or take it away; raises `Denied` for the few that are fixed."""
    if not changeable(role, permission):
        raise Denied(N_("This right is fixed, so that no shop can lock itself out."))
    if (permission in grants_of(tx, shop.id, role)) == allowed:
        return
    tx.execute(
        delete(RoleGrant).where(
            RoleGrant.shop_id == shop.id, RoleGrant.role == role, RoleGrant.permission == permission
        )
    )
    if allowed != (permission in GRANTS[role]):
        tx.add(RoleGrant(shop_id=shop.id, role=role, permission=permission, allowed=allowed))
    record(
        tx,
        shop.id,
        "grant_changed",
        by=by,
        at=at,
        topics=("staff",),
        role=role.value,
        permission=permission.value,
        allowed=allowed,
    )


def note_denied(
    tx: Session, shop: Shop, person: Staff | None, actor: Actor | None, *, door: str, at: datetime
) -> None:
    """Write a denied try into the diary."""
    who = Actor.staff(person.id) if person else (actor or SYSTEM)
    record(tx, shop.id, "access_denied", by=who, at=at, topics=("staff",), door=door)
