"""Roles: what each may do in this shop. The roles and rights are fixed, their grants are the owner's to change."""

from flask import Response, request, url_for

from admin import entries
from admin.around import page
from admin.right_words import areas
from shop.core.errors import Missing
from shop.core.permissions import GRANTS, Permission, Role
from shop.people.rights import changeable, grant, grants_of
from web.access import Door, Made, Once, Session, actor, staff
from web.database import reader
from web.house import now, this_shop
from web.stood import as_it_stood


def roles(role: str = "") -> Response:
    """One role with its rights; the others are a tap away."""
    chosen = role or request.args.get("role", Role.MANAGER)
    if chosen not in list(Role):
        raise Missing()
    shown = Role(chosen)
    return page(
        "admin/roles.html",
        roles=list(Role),
        role=shown,
        granted=grants_of(reader(), this_shop().id, shown),
        usual=GRANTS[shown],
        changeable=lambda permission: changeable(shown, permission),
        areas=areas(),
    )


def change_role(tx: Session, role: str) -> Made:
    """Set which rights a role has in this shop."""
    if role not in list(Role):
        raise Missing()
    chosen = set(request.form.getlist("granted"))
    for permission in Permission:
        if changeable(Role(role), permission):
            allowed = permission.value in chosen
            grant(tx, this_shop(), Role(role), permission, allowed, by=actor(), at=now())
    return entries.done(url_for("admin.roles", role=role))


MANAGE = staff(Permission.ROLE_MANAGE)
DOORS = [
    Door("GET", "/roles/", roles, MANAGE),
    Door("POST", "/roles/<role>", change_role, MANAGE, once=Once.KEY, form=roles, guard=as_it_stood),
]
