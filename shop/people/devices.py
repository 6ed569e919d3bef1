"""Devices: a kiosk, a kitchen display or a printer is paired by a short code and revoked at once."""

import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM, Actor
from shop.core.errors import Missing, N_
from shop.core.events import record
from shop.core.keys import digest, new_code
from shop.people.shops import Shop
from shop.people.staff import Device

CODE_MINUTES = 15


class DeviceKind(StrEnum):
    KIOSK = "kiosk"
    KITCHEN = "kitchen"
    PRINTER = "printer"


def add_device(
    tx: Session, shop: Shop, kind: DeviceKind, name: str, *, by: Actor, at: datetime, station: str = ""
) -> tuple[Device, str]:
    """Add a device and return it with its pairing code (6 characters, good for 15 minutes, shown once)."""
    code = new_code(6)
    device = Device(shop_id=shop.id, kind=kind, name=name, station=station, code_hash=digest(code))
    device.code_until = at + timedelta(minutes=CODE_MINUTES)
    tx.add(device)
    tx.flush()
    record(tx, shop.id, "device_added", by=by, at=at, topics=("devices",), device=device.id, of=kind.value)
    return device, code


def pair(tx: Session, shop: Shop, code: str, *, at: datetime) -> tuple[Device, str]:
    """Pair the screen that typed ``code``; returns the device and the secret for its cookie.

    Raises `Missing` for a wrong, used or old code.
    """
    code = code.strip().upper().replace("O", "0").replace("I", "1").replace("L", "1")
    query = select(Device).where(Device.shop_id == shop.id, Device.code_hash == digest(code)).with_for_update()
    device = tx.scalars(query).first()
    if device is None or device.code_until is None or device.code_until < at or device.revoked_at:
        raise Missing(N_("This code is wrong or too old. Ask a manager for a new one."), field="code")
    secret = secrets.token_urlsafe(32)
    device.secret_hash, device.code_hash, device.paired_at = digest(secret), None, at
    record(tx, shop.id, "device_paired", by=SYSTEM, at=at, topics=("devices",), device=device.id)
    return device, secret


def revoke(tx: Session, device: Device, *, by: Actor, at: datetime) -> None:
    """Shut a device out, from its next request or socket message on."""
    device.revoked_at, device.secret_hash, device.code_hash = at, None, None
    record(tx, device.shop_id, "device_revoked", by=by, at=at, topics=("devices",), device=device.id)


def device_by_secret(tx: Session, shop: Shop, secret: str) -> Device | None:
    """Return the paired, unrevoked device that holds this secret, or None."""
    query = select(Device).where(Device.secret_hash == digest(secret), Device.shop_id == shop.id)
    device = tx.scalars(query).first()
    return device if device is not None and device.revoked_at is None else None
