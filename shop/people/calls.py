"""A customer at a kiosk asks for a person."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.events import Event, record
from shop.people.shops import Shop
from shop.people.staff import Device

SOON = timedelta(minutes=1)
LATELY = timedelta(minutes=10)


def call_staff(tx: Session, shop: Shop, device: Device, *, by: Actor, at: datetime) -> bool:
    """Call somebody to this screen; False where they were called within the last minute already."""
    before = select(Event.id).where(
        Event.shop_id == shop.id,
        Event.kind == "staff_called",
        Event.device_id == device.id,
        Event.at > at - SOON,
    )
    if tx.execute(before.limit(1)).first() is not None:
        return False
    record(tx, shop.id, "staff_called", by=by, at=at, topics=("orders", "devices"), device=device.id)
    return True


def calls_lately(session: Session, shop: Shop, *, at: datetime) -> list[tuple[str, datetime]]:
    """Return which screens called during the last ten minutes, with the moment, latest first."""
    query = (
        select(Device.name, func.max(Event.at).label("called"))
        .join(Event, Event.device_id == Device.id)
        .where(Event.shop_id == shop.id, Event.kind == "staff_called", Event.at > at - LATELY, Event.at <= at)
        .group_by(Device.name)
    )
    found: list[tuple[str, datetime]] = [(row[0], row[1]) for row in session.execute(query)]
    return sorted(found, key=lambda pair: pair[1], reverse=True)
