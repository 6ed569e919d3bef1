"""Roles: what each may do in this shop. The roles and rights are fixed, their grants are the owner's to change."""

from flask import Response, request, url_for
from flask_babel import gettext

from admin import entries
from admin.around import page
from shop.core.errors import Missing
from shop.core.permissions import GRANTS, Permission, Role
from shop.people.rights import changeable, grant, grants_of
from web.access import Door, Made, Once, Session, actor, staff
from web.database import reader
from web.house import now, this_shop

P = Permission


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


def areas() -> list[tuple[str, list[tuple[Permission, str]]]]:
    """Return every right in words, by area. The tests see to it that none is left out."""
    return [
        (gettext("Orders"), [
            (P.ORDER_SEE, gettext("See orders")),
            (P.ORDER_PLACE, gettext("Enter orders at the desk")),
            (P.ORDER_COMMENT, gettext("Read and write comments on orders")),
            (P.ORDER_CHANGE, gettext("Change orders")),
            (P.ORDER_CANCEL, gettext("Cancel before production")),
            (P.ORDER_CANCEL_STARTED, gettext("Cancel after production has started")),
            (P.ORDER_HAND_OVER, gettext("Hand cakes over")),
            (P.ORDER_OVERBOOK, gettext("Promise more than the kitchen can, with a reason")),
            (P.PAYMENT_TAKE, gettext("Take payments")),
            (P.PERSON_SEE, gettext("See a customer's name and phone")),
        ]),
        (gettext("Kitchen"), [
            (P.KITCHEN_SEE, gettext("See the kitchen boards")),
            (P.TASK_ADVANCE, gettext("Start and finish work")),
            (P.TASK_REMAKE, gettext("Have a cake made again")),
        ]),
        (gettext("Setting up"), [
            (P.MENU_SEE, gettext("See cakes and prices")),
            (P.MENU_EDIT, gettext("Change cakes and prices")),
            (P.STATION_EDIT, gettext("Change stations and the shop")),
            (P.SHIFT_EDIT, gettext("Change shifts")),
        ]),
        (gettext("Running the shop"), [
            (P.ADMIN_SEE, gettext("Enter the back office")),
            (P.REVENUE_SEE, gettext("See revenue")),
            (P.AUDIT_SEE, gettext("Read the diary")),
            (P.STAFF_MANAGE, gettext("Look after clerks, bakers and couriers")),
            (P.DEVICE_MANAGE, gettext("Pair and remove devices")),
            (P.ROLE_MANAGE, gettext("Change roles and look after everybody")),
        ]),
    ]  # fmt: skip


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
    Door("POST", "/roles/<role>", change_role, MANAGE, once=Once.KEY, form=roles),
]
