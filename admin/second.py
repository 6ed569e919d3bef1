"""A second person signs with their own password on the screen of the first one, ahead of what needs both."""

from flask import request

from shop.core.actors import Actor
from shop.core.errors import N_
from shop.core.permissions import Permission
from shop.orders import finding, unfetched
from web.database import reader
from web.house import now, this_shop
from web.limits import address
from web.signin import sign_here


def second_person(order_id: int) -> Actor:
    """Let a second person sign, ahead of the cancellation of an order."""
    login, password = request.form.get("login", ""), request.form.get("password", "")
    second = sign_here(login, password, Permission.ORDER_CANCEL_STARTED, origin=address(),
                       refusal=N_("The second person must be a manager or the owner."))  # fmt: skip
    return Actor.staff(second.id)


def second_if_much(order_id: int) -> Actor | None:
    """Let a second person sign where giving a cake up pays back more than one person may; else nobody has to."""
    order = finding.by_id(reader(), this_shop(), order_id)
    return second_person(order_id) if unfetched.needs_second(this_shop(), order, at=now()) else None
