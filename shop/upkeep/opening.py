"""Opening a real shop: its name, its owner, and a menu and kitchen to start from and change in admin."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM
from shop.core.errors import N_, Conflict, Invalid
from shop.core.events import Event, record
from shop.core.permissions import Role
from shop.core.types import Words
from shop.orders.tables import Order
from shop.people.shops import Shop, only_shop
from shop.people.staff import Device, Shift, Staff
from shop.people.team import StaffForm, make_staff
from shop.upkeep.demo.world import set_up_stations, write_menu


class AlreadyOpen(Conflict):
    """One installation serves one shop."""

    message = N_("A shop is already open here.")


def open_shop(
    tx: Session, *, names: Words, timezone: str, currency: str, language: str, phone: str,
    owner: str, login: str, password: str, at: datetime,
) -> tuple[Shop, str]:  # fmt: skip
    """Open a shop; returns it with the owner's recovery code, which is shown once.

    It starts with four stations, four ways through the kitchen and twelve cakes, all of them rows to edit. Raises
    `AlreadyOpen`, and `Invalid` naming ``name``, ``login`` or ``password``.
    """
    if only_shop(tx) is not None:
        raise AlreadyOpen()
    if not any(names.values()):
        raise Invalid(N_("Please write the name in at least one language."), field="name")
    shop = Shop(
        slug="shop", names=names, timezone=timezone, currency=currency, language=language, phone=phone
    )
    tx.add(shop)
    tx.flush()
    write_menu(tx, shop, set_up_stations(tx, shop))
    form = StaffForm(owner or login, Role.OWNER)
    _, code = make_staff(tx, shop, form, login=login, password=password, by=SYSTEM, at=at)
    record(tx, shop.id, "shop_founded", by=SYSTEM, at=at, topics=("menu", "staff"), demo=False)
    return shop, code


def steps_done(session: Session, shop: Shop) -> dict[str, bool]:
    """Return which first steps of a new shop are done: shop, menu, team, shifts, screens, order."""
    edited = select(Event.id).where(Event.shop_id == shop.id, Event.kind == "menu_changed").limit(1)
    team = select(func.count()).where(Staff.shop_id == shop.id, Staff.active)
    paired = select(Device.id).where(
        Device.shop_id == shop.id, Device.paired_at.is_not(None), Device.revoked_at.is_(None)
    )
    return {
        "shop": bool(shop.phone and shop.address),
        "menu": session.scalar(edited) is not None,
        "team": (session.scalar(team) or 0) > 1,
        "shifts": session.scalar(select(Shift.id).where(Shift.shop_id == shop.id).limit(1)) is not None,
        "screens": session.scalar(paired.limit(1)) is not None,
        "order": session.scalar(select(Order.id).where(Order.shop_id == shop.id).limit(1)) is not None,
    }
