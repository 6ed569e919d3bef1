"""``user add``, ``user password``, ``user recovery``, ``user list``: accounts. ``device pair``: a pairing code."""

import argparse
import getpass
import sys
from typing import Any

from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM
from shop.core.permissions import Role
from shop.people import signing_in, team
from shop.people.devices import DeviceKind, add_device
from shop.people.shops import Shop, only_shop
from shop.people.staff import Staff
from web.commands import Command, Refused
from web.database import reading, writing
from web.house import house, now


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("login", help="sign-in name: small letters, digits, dots, dashes")
    parser.add_argument(
        "--name", default="", help="what the team calls this person (default: the sign-in name)"
    )
    parser.add_argument("--role", choices=[role.value for role in Role], default=Role.CLERK.value)
    parser.add_argument("--password", help="asked for when left out; '-' reads one line from standard input")


def add(options: argparse.Namespace) -> dict[str, Any]:
    """Add a person to the team; prints a new owner's recovery code, once."""
    password = password_from(options)
    with writing() as tx:
        form = team.StaffForm(options.name or options.login, Role(options.role))
        person, code = team.make_staff(
            tx, shop_of(tx), form, login=options.login, password=password, by=SYSTEM, at=now()
        )
    made = {"login": person.login, "name": person.name, "role": person.role}
    return {**made, "recovery_code": code} if code else made


def password_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("login")
    parser.add_argument("--password", help="asked for when left out; '-' reads one line from standard input")


def password(options: argparse.Namespace) -> dict[str, Any]:
    """Give somebody a new password; their sessions end."""
    chosen = password_from(options)
    with writing() as tx:
        person = known(tx, options.login)
        signing_in.set_password(tx, shop_of(tx), person, chosen, by=SYSTEM, at=now())
    return {"login": person.login, "changed": True}


def recovery_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("login", help="an owner")


def recovery(options: argparse.Namespace) -> dict[str, Any]:
    """Make an owner's recovery code anew; the former one ends."""
    with writing() as tx:
        person = known(tx, options.login)
        code = signing_in.renew_recovery(tx, person, by=SYSTEM, at=now())
    return {"login": person.login, "recovery_code": code}


def listing(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Print everybody of the team."""
    with reading() as session:
        people = team.roster(session, shop_of(session))
        return [
            {"login": each.login, "name": each.name, "role": each.role, "active": each.active}
            for each in people
        ]


def pair_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", choices=[kind.value for kind in DeviceKind])
    parser.add_argument("--name", default="", help="where it stands")
    parser.add_argument("--station", default="", help="the station of a kitchen display, such as decorating")


def pair_device(options: argparse.Namespace) -> dict[str, Any]:
    """Add a device and print the code to type on its screen."""
    with writing() as tx:
        name = options.name or f"{options.kind} {options.station}".strip()
        kind = DeviceKind(options.kind)
        device, code = add_device(tx, shop_of(tx), kind, name, by=SYSTEM, at=now(), station=options.station)
    made = {"device": device.id, "kind": device.kind, "name": device.name}
    if kind == DeviceKind.PRINTER:
        return {**made, "next": "set its network address in the back office under Devices"}
    return {**made, "code": code, "open": f"{house().settings.public_url}/pair", "minutes": 15}


def shop_of(session: Session) -> Shop:
    """Return the shop of this installation; raises `Refused` before one is founded."""
    shop = only_shop(session)
    if shop is None:
        raise Refused("no shop has been set up here yet; run bin/serve once")
    return shop


def known(tx: Session, login: str) -> Staff:
    """Return the person with this sign-in name; raises `Refused` for nobody."""
    person = signing_in.find_staff(tx, shop_of(tx), login)
    if person is None:
        raise Refused(f"nobody signs in as {login!r}; bin/shop user list shows everybody")
    return person


def password_from(options: argparse.Namespace) -> str:
    """Return the password given, read or asked for; what is typed is not shown."""
    if options.password == "-":
        return sys.stdin.readline().rstrip("\n")
    if not options.password and not sys.stdin.isatty():
        raise Refused("--password is missing; '--password -' reads it from standard input")
    return options.password or getpass.getpass("Password: ")


COMMANDS = [
    Command("user add", "add a person to the team", add, add_options),
    Command("user password", "give a person a new password", password, password_options),
    Command("user recovery", "make an owner's recovery code anew", recovery, recovery_options),
    Command("user list", "print everybody of the team", listing),
    Command("device pair", "add a device and print its pairing code", pair_device, pair_options),
]
