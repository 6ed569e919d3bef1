"""Devices: kiosks, kitchen displays and printers; paired by a short code, removed at once."""

from flask import Response, request, url_for
from flask_babel import gettext
from sqlalchemy import select

from admin import entries
from admin.around import page
from admin.secrets_once import go_on, keep, show_once
from shop.core.errors import N_, Invalid
from shop.core.permissions import Permission
from shop.menu.tables import Station
from shop.people.devices import (
    DeviceKind,
    add_device,
    change_device,
    find_device,
    new_pairing_code,
    revoke,
    roster,
)
from shop.people.staff import Device
from web import demo_doors
from web.access import Door, Made, Once, Session, actor, staff
from web.database import reader
from web.house import house, keys, now, this_shop
from web.stood import as_it_stood


def devices() -> Response:
    """Every device with its state."""
    found = roster(reader(), this_shop())
    return page(
        "admin/devices.html",
        devices=found,
        stations=stations(),
        kinds=kind_words(),
        at=now(),
        printers=printers(),
        demo=demo_doors.screens_pair_themselves(),
    )


def stations() -> list[Station]:
    """Return the stations a display may stand at."""
    query = select(Station).where(Station.shop_id == this_shop().id, Station.active).order_by(Station.sort)
    return list(reader().scalars(query))


def printers() -> list[Device]:
    """Return the printers a kiosk may print on."""
    return [each for each in roster(reader(), this_shop()) if each.kind == DeviceKind.PRINTER]


def kind_words() -> dict[str, str]:
    """Return the kinds of device in the words of this request."""
    return {
        DeviceKind.KIOSK: gettext("Kiosk"),
        DeviceKind.KITCHEN: gettext("Kitchen display"),
        DeviceKind.PRINTER: gettext("Printer"),
    }


def typed_settings(kind: str) -> dict[str, str]:
    """Read what this kind of device can be told."""
    if kind == DeviceKind.PRINTER:
        return {"host": entries.text("host", 100), "port": entries.text("port", 5)}
    return {"printer": entries.text("printer", 12)} if kind == DeviceKind.KIOSK else {}


def create_device(tx: Session) -> Made:
    """Add a device; a screen gets a pairing code, a printer an address."""
    kind = request.form.get("kind", "")
    if kind not in list(DeviceKind):
        raise Invalid(N_("Please choose what kind of device this is."), field="kind")
    device, code = add_device(
        tx, this_shop(), DeviceKind(kind), entries.text("name", 60), by=actor(), at=now()
    )
    change_device(
        tx, device, device.name, entries.text("station", 40), typed_settings(kind), by=actor(), at=now()
    )
    shown = "" if kind == DeviceKind.PRINTER else code
    return {"name": device.name, "box": keep(keys(), "pairing", shown)}


def show_code(made: Made, device_id: int = 0) -> Response:
    """Show the pairing code; a printer needs none."""
    back = url_for("admin.devices")
    if not made["box"]:
        return go_on(back, gettext("%(name)s is set up.", name=made["name"]))
    address = house().settings.public_url.removeprefix("http://") + "/pair"
    return show_once("pairing", made["box"], back=back, name=made["name"], at=address)


def save_device(tx: Session, device_id: int) -> Made:
    """Change a device's name, station, printer or address."""
    device = find_device(tx, this_shop(), device_id)
    station, settings = entries.text("station", 40), typed_settings(device.kind)
    change_device(tx, device, entries.text("name", 60), station, settings, by=actor(), at=now())
    return entries.done(url_for("admin.devices"))


def renew_code(tx: Session, device_id: int) -> Made:
    """Make a new pairing code for a screen."""
    device = find_device(tx, this_shop(), device_id)
    code = new_pairing_code(tx, device, by=actor(), at=now())
    return {"name": device.name, "box": keep(keys(), "pairing", code)}


def remove_device(tx: Session, device_id: int) -> Made:
    """Shut a device out at once."""
    device = find_device(tx, this_shop(), device_id)
    revoke(tx, device, by=actor(), at=now())
    return entries.done(url_for("admin.devices"), gettext("%(name)s is shut out.", name=device.name))


MANAGE, KEY = staff(Permission.DEVICE_MANAGE), Once.KEY
DOORS = [
    Door("GET", "/devices/", devices, MANAGE),
    Door("POST", "/devices/", create_device, MANAGE, once=KEY, show=show_code, form=devices),
    Door("POST", "/devices/<int:device_id>", save_device, MANAGE, once=KEY, form=devices, guard=as_it_stood),
    Door("POST", "/devices/<int:device_id>/code", renew_code, MANAGE, once=KEY, show=show_code, form=devices),
    Door("POST", "/devices/<int:device_id>/remove", remove_device, MANAGE, once=KEY, form=devices),
]
