"""``demo reset``: the demo shop anew. ``demo play``: a day that plays by itself. ``demo clock``: real time again."""

import argparse
import sys
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete

from shop.core.clock import Clock
from shop.ledger import guards
from shop.payments import guards as tills
from shop.people.shops import only_shop
from shop.tables import Base
from shop.upkeep.demo.cast import PASSWORD
from shop.upkeep.demo.play import BEGIN, Pace, Play
from web.commands import Command, Refused
from web.database import reading, writing
from web.furnish import furnish_demo
from web.house import house, this_app
from web.upgrade import upgrade

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ORDERED_AHEAD = 0.5
"""Of the customers of a play, how many have ordered before the day."""


def reset_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--yes-delete-everything",
        action="store_true",
        help="also where a real shop is open: every order, payment and person is lost",
    )
    parser.add_argument("--days", type=int, default=90, help="days of history (default: 90)")


def reset(options: argparse.Namespace) -> dict[str, Any]:
    """Empty every table and furnish the demo shop again."""
    upgrade(this_app())
    refuse_in_a_real_shop("demo reset", unless=options.yes_delete_everything)
    house().clock.set(None)
    with writing() as tx, guards.lifted(tx), tills.lifted(tx):
        for table in reversed(Base.metadata.sorted_tables):
            tx.execute(delete(table))
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


def play_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--speed", type=float, default=60.0, help="shop seconds in a real second (default: 60; "
                        "0: as fast as it goes)")  # fmt: skip
    parser.add_argument(
        "--day", default="saturday", help="monday ... sunday, today, or a date (default: saturday)"
    )
    parser.add_argument("--orders", type=int, default=48, help="new customers in that day (default: 48)")
    parser.add_argument(
        "--trouble",
        action="store_true",
        help="an oven fails for 40 minutes, a baker goes home at noon, a courier's phone dies",
    )
    parser.add_argument(
        "--moves", action="store_true", help="with --trouble: the manager does what the alarms suggest"
    )
    parser.add_argument("--seed", type=int, default=7, help="equal seeds play equal days (default: 7)")
    parser.add_argument("--minutes", type=int, help="stop after so many shop minutes")


def play(options: argparse.Namespace) -> dict[str, Any]:
    """Let the demo kitchen work through a day by itself, so that every screen moves."""
    refuse_in_a_real_shop("demo play")
    if options.speed < 0 or options.orders < 0:
        raise Refused("--speed and --orders must not be negative.")
    clock = house().clock
    show = Play(writing, reading, house().keys, Pace(options.speed, clock.set), say, seed=options.seed)
    now, shop = clock.now(), show.shop
    day = day_to_play(options.day, shop.local(now))
    start = max(now, shop.moment(day, BEGIN)).replace(second=0, microsecond=0)
    if day < shop.business_date(now):
        raise Refused(f"{day} is over in the demo shop. Start afresh with: bin/shop demo reset")
    show.moment = now
    if options.trouble:
        show.expect_trouble(day, seed=options.seed, acting=options.moves)
    try:
        evening = shop.moment(day - timedelta(days=1), "20:30")
        if evening > now:
            show.catch_up(now, evening)
            show.order_ahead(day, evening, round(options.orders * ORDERED_AHEAD))
        show.catch_up(max(now, evening), start)
        say(f"The demo shop's clock stands at {shop.local(start):%A %Y-%m-%d %H:%M}.")
        return show.run(day, start, orders=options.orders, minutes=options.minutes)
    except KeyboardInterrupt:
        return show.summary(day)
    finally:
        clock.set(show.moment, 1.0)  # goes on from here at the pace of real time
        say("The demo shop's clock goes on from there. Back to real time: bin/shop demo clock real")


def say(line: str) -> None:
    """Tell whoever watches, apart from what the command prints."""
    print(line, file=sys.stderr, flush=True)


def day_to_play(name: str, now: datetime) -> date:
    """Return the day meant by a weekday's name (today until ten), ``today``, or a date; raises `Refused`."""
    name = name.lower()
    if name == "today":
        return now.date()
    if name in WEEKDAYS:
        ahead = (WEEKDAYS.index(name) - now.weekday()) % 7
        return now.date() + timedelta(days=ahead or (0 if now.hour < 10 else 7))
    try:
        return date.fromisoformat(name)
    except ValueError:
        raise Refused(f"--day {name}: say monday ... sunday, today, or a date such as 2026-11-21") from None


COMMANDS = [
    Command("demo play", "let the demo kitchen work through a day by itself", play, play_options),
    Command("demo reset", "make the demo shop anew, with ninety days of history", reset, reset_options),
    Command("demo clock", "let the demo shop run on real time again", clock, clock_options),
]
