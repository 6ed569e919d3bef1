"""``demo reset``: the demo shop anew. ``demo clock``: what time it is in the demo shop."""

import argparse
from typing import Any

from flask import current_app
from sqlalchemy import text

from shop.core.clock import Clock
from shop.people.shops import only_shop
from shop.tables import Base
from shop.upkeep.demo.cast import PASSWORD
from web.commands import Command, Refused
from web.database import reading, writing
from web.furnish import furnish_demo
from web.house import house
from web.upgrade import upgrade


def reset_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--yes-delete-everything",
        action="store_true",
        help="also where a real shop is open: every order, payment and person is lost",
    )
    parser.add_argument("--days", type=int, default=90, help="days of history (default: 90)")


def reset(options: argparse.Namespace) -> dict[str, Any]:
    """Empty every table and furnish the demo shop again."""
    upgrade(current_app._get_current_object())  # type: ignore[attr-defined]
    refuse_in_a_real_shop("demo reset", unless=options.yes_delete_everything)
    house().clock.set(None)
    with writing() as tx:
        for table in reversed(Base.metadata.sorted_tables):
            tx.execute(text(f"DELETE FROM {table.name}"))
    made = furnish_demo(days=options.days)
    return {**made, "password": PASSWORD}


def refuse_in_a_real_shop(what: str, unless: bool = False) -> None:
    """Raise `Refused` where a real shop is open."""
    with reading() as session:
        shop = only_shop(session)
        if shop is not None and not shop.is_demo and not unless:
            raise Refused(f"this is a real shop; {what} works only in the demo shop. Nothing was changed.")


def clock_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("to", choices=["real"], help="real: the demo shop runs on this machine's time again")


def clock(options: argparse.Namespace) -> dict[str, Any]:
    """Set the demo shop's clock back to real time."""
    refuse_in_a_real_shop("demo clock")
    house().clock.set(None)
    return {"time": Clock().now().isoformat(timespec="seconds"), "speed": 1}


COMMANDS = [
    Command("demo reset", "make the demo shop anew, with ninety days of history", reset, reset_options),
    Command("demo clock", "let the demo shop run on real time again", clock, clock_options),
]
