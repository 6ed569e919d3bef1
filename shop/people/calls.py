"""A customer at a kiosk asks for a person."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.events import Event, record
from shop.people.shops import Shop
from shop.people.staff import Device

SOON = timedelta(minutes=1)


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
