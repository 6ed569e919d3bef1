"""``open``: a real shop in an empty installation."""

import argparse
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shop.core.money import SYMBOLS
from shop.core.types import LOCALES
from shop.upkeep.opening import open_shop
from web.commands import Command, Refused
from web.commands.people import password_from
from web.database import writing
from web.house import now, this_app
from web.upgrade import upgrade


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="the shop's name, as customers know it")
    parser.add_argument("--english", default="", help="its name in English")
    parser.add_argument("--owner", default="", help="what the team calls the owner")
    parser.add_argument("--login", default="owner", help="the owner's sign-in name (default: owner)")
    parser.add_argument("--password", help="asked for when left out; '-' reads one line from standard input")
    parser.add_argument("--timezone", default="Asia/Shanghai")
    parser.add_argument("--currency", choices=sorted(SYMBOLS), default="CNY")
    parser.add_argument("--language", choices=LOCALES, default="zh_Hans")
    parser.add_argument("--phone", default="", help="the number that customers call")


def run(given: argparse.Namespace) -> dict[str, Any]:
    """Open the shop; prints the owner's recovery code, once."""
    try:
        ZoneInfo(given.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise Refused(f"{given.timezone} is no time zone; it looks like Asia/Shanghai") from None
    password = password_from(given)
    upgrade(this_app())
    names = {given.language: given.name} | ({"en": given.english} if given.english else {})
    with writing() as tx:
        shop, code = open_shop(
            tx, names=names, timezone=given.timezone, currency=given.currency, language=given.language,
            phone=given.phone, owner=given.owner, login=given.login, password=password, at=now(),
        )  # fmt: skip
    return {"shop": given.name, "id": shop.id, "login": given.login, "recovery_code": code,
            "next": "bin/serve, then sign in and edit the menu, stations and team"}  # fmt: skip


COMMANDS = [Command("open", "open a real shop, with its owner and a menu to start from", run, options)]
