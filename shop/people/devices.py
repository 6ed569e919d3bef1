"""Devices: a kiosk, a kitchen display or a printer is paired by a short code and revoked at once."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM, Actor
from shop.core.belonging import found_in
from shop.core.errors import N_, Invalid, Missing
from shop.core.events import record
from shop.core.keys import Keys, digest, new_code
from shop.core.types import say
from shop.people.shops import Shop
from shop.people.staff import Device

CODE_MINUTES = 15
WRONG_CODE = N_("This code is wrong or too old. Ask a manager for a new one.")


class DeviceKind(StrEnum):
    KIOSK = "kiosk"
    KITCHEN = "kitchen"
    PRINTER = "printer"


DEMO_NAMES = {
    DeviceKind.KIOSK: {"en": "Demo kiosk", "zh_Hans": "演示点单屏", "zh_Hant": "示範點單螢幕"},
    DeviceKind.KITCHEN: {"en": "Demo kitchen display", "zh_Hans": "演示厨房屏", "zh_Hant": "示範廚房螢幕"},
    DeviceKind.PRINTER: {"en": "Demo printer", "zh_Hans": "演示打印机", "zh_Hant": "示範印表機"},
}


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


def pair(
    tx: Session, shop: Shop, code: str, *, at: datetime, kinds: Sequence[DeviceKind] = tuple(DeviceKind)
) -> tuple[Device, str]:
    """Pair the device that typed ``code``; returns it and the secret for its cookie.

    Raises `Missing` for a wrong, used or old code, or one of a device of another kind.
    """
    code = code.strip().upper().replace("O", "0").replace("I", "1").replace("L", "1")
    query = (
        select(Device).where(Device.shop_id == shop.id, Device.code_hash == digest(code)).with_for_update()
    )
    device = tx.scalars(query).first()
    if device is None or device.revoked_at or device.kind not in kinds:
        raise Missing(WRONG_CODE, field="code")
    if device.code_until is None or device.code_until < at:
        raise Missing(WRONG_CODE, field="code")
    secret = secrets.token_urlsafe(32)
    device.secret_hash, device.code_hash, device.paired_at = digest(secret), None, at
    record(tx, shop.id, "device_paired", by=SYSTEM, at=at, topics=("devices",), device=device.id)
    return device, secret


def roster(session: Session, shop: Shop) -> list[Device]:
    """Return every device that was not removed, kiosks first."""
    query = select(Device).where(Device.shop_id == shop.id, Device.revoked_at.is_(None))
    order = list(DeviceKind)
    return sorted(session.scalars(query), key=lambda each: (order.index(DeviceKind(each.kind)), each.id))


def find_device(session: Session, shop: Shop, device_id: int) -> Device:
    """Return a device of this shop; raises `Missing`."""
    device = found_in(session, shop.id, Device, device_id)
    if device.revoked_at:
        raise Missing()
    return device


def change_device(
    tx: Session, device: Device, name: str, station: str, settings: dict[str, str], *, by: Actor, at: datetime
) -> None:
    """Name a device, give a display its station, a kiosk its printer, a printer its address.

    ``settings`` replaces what is set. Raises `Invalid` (fields ``name``, ``port``).
    """
    if not 1 <= len(name.strip()) <= 60:
        raise Invalid(N_("Please give this device a name, such as the place where it stands."), field="name")
    port = settings.get("port", "")
    if port and not (port.isdecimal() and 0 < int(port) < 65536):
        raise Invalid(N_("A port is a number from 1 to 65535; printers use 9100."), field="port")
    was = {"name": device.name, "station_name": device.station, **(device.settings or {})}
    device.name, device.station = name.strip(), station
    device.settings = {key: value for key, value in settings.items() if value}
    is_now = {"name": device.name, "station_name": device.station, **device.settings}
    changes = [
        {"field": key, "was": was.get(key), "now": is_now.get(key)}
        for key in {**was, **is_now}
        if was.get(key) != is_now.get(key)
    ]
    if changes:
        record(tx, device.shop_id, "device_changed", by=by, at=at, topics=("devices",), device=device.id,
               changes=changes)  # fmt: skip


def new_pairing_code(tx: Session, device: Device, *, by: Actor, at: datetime) -> str:
    """Return a new code for a device, to pair it again; its former secret works until the new one is used."""
    code = new_code(6)
    device.code_hash, device.code_until = digest(code), at + timedelta(minutes=CODE_MINUTES)
    record(tx, device.shop_id, "device_code_made", by=by, at=at, topics=("devices",), device=device.id)
    return code


def revoke(tx: Session, device: Device, *, by: Actor, at: datetime) -> None:
    """Shut a device out, from its next request or socket message on."""
    device.revoked_at, device.code_hash = at, None
    record(tx, device.shop_id, "device_revoked", by=by, at=at, topics=("devices",), device=device.id)


def demo_device(tx: Session, keys: Keys, shop: Shop, kind: DeviceKind, *, at: datetime) -> tuple[Device, str]:
    """Return the demo shop's own screen of this kind, made at its first use, and the secret for its cookie.

    Revoked, it is followed by another one with another secret, so that the old cookie stays shut out.
    """
    tx.scalars(select(Shop.id).where(Shop.id == shop.id).with_for_update()).one()  # two tabs are one screen
    shut_out = select(func.count()).where(
        Device.shop_id == shop.id, Device.kind == kind, Device.revoked_at.is_not(None)
    )
    secret = keys.token("demo-device", kind.value, tx.scalar(shut_out))
    device = device_by_secret(tx, shop, secret)
    if device is None:
        waiting = select(Device).where(
            Device.shop_id == shop.id, Device.kind == kind, Device.station == "", Device.revoked_at.is_(None)
        )
        device = tx.scalars(waiting.where(Device.secret_hash.is_(None)).order_by(Device.id)).first()
        device = device or Device(shop_id=shop.id, kind=kind, name=say(DEMO_NAMES[kind], shop.language))
        device.secret_hash, device.paired_at, device.code_hash = digest(secret), at, None
        tx.add(device)
        tx.flush()
        record(tx, shop.id, "device_paired", by=SYSTEM, at=at, topics=("devices",), device=device.id)
    return device, secret


def somebody_was_shut_out(session: Session, shop: Shop, kind: DeviceKind) -> bool:
    """Whether a screen of this kind was removed before."""
    query = select(Device.id).where(
        Device.shop_id == shop.id, Device.kind == kind, Device.revoked_at.is_not(None)
    )
    return session.scalar(query.limit(1)) is not None


def was_revoked(session: Session, shop: Shop, secret: str) -> bool:
    """Whether this secret belonged to a screen that was shut out."""
    query = select(Device.revoked_at).where(Device.secret_hash == digest(secret), Device.shop_id == shop.id)
    return any(session.scalars(query))


_BY_SECRET = select(Device).where(
    Device.secret_hash == bindparam("secret"),
    Device.shop_id == bindparam("shop"),
    Device.revoked_at.is_(None),
)


def device_by_secret(tx: Session, shop: Shop, secret: str) -> Device | None:
    """Return the paired, unrevoked device that holds this secret, or None."""
    return tx.scalars(_BY_SECRET, {"secret": digest(secret), "shop": shop.id}).first()
