"""What may be done at this board, and by whom."""

from dataclasses import dataclass

from flask import g, request
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import N_, Invalid
from shop.core.permissions import Permission
from shop.people.rights import grants_of, may
from shop.people.staff import Staff
from web.database import reader
from web.live import presence


@dataclass(frozen=True)
class Rights:
    """``advance`` starts and finishes, ``remake`` makes again, ``stop`` says that something is out of order. A paired
    display may all, but each tap ``names`` a person there; who has signed in is named already."""

    advance: bool = True
    remake: bool = True
    names: bool = True
    stop: bool = True


def rights() -> Rights:
    """Return what may be done at the board of this request."""
    if g.get("staff") is None:
        presence.note(g.device.id)
        return Rights()
    granted = grants_of(reader(), g.staff.shop_id, g.staff.role)
    return Rights(
        Permission.TASK_ADVANCE in granted, Permission.TASK_REMAKE in granted, names=False,
        stop=Permission.STATION_STOP in granted,
    )  # fmt: skip


def tapper(tx: Session) -> Actor:
    """Return who taps: the person signed in, or the one whose name is chosen on a display.

    Raises `Invalid` (field ``person``) when nobody is named, or somebody who may not.
    """
    if g.get("staff") is not None:
        return Actor.staff(g.staff.id)
    presence.note(g.device.id)
    number = request.form.get("person", "")
    person = tx.get(Staff, int(number)) if number.isdecimal() and len(number) < 10 else None
    if (
        person is None
        or person.shop_id != g.device.shop_id
        or not may(tx, person, g.door.who.permission or Permission.TASK_ADVANCE)
    ):
        raise Invalid(N_("Please tap your name first, then the cake."), field="person")
    return Actor.staff(person.id, g.device.id)
