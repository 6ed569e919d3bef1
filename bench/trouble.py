"""A day on which things go wrong, played twice: nobody looks at the alarms, and the manager does what they suggest.
Beside them stands the same day on which nothing goes wrong.

An oven fails for 40 minutes, a baker goes home at noon, a courier's phone dies. Every order is taken on the evening
before, once for each seed, so that the days have the same orders with the same promises. Late minutes are those of all
late orders together.
"""

import argparse
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bench.figures import Figure, middle
from bench.servers import a_shop, folder
from shop.orders.tables import Order
from shop.upkeep.demo.play import BEGIN, Pace, Play
from web.config import Settings
from web.database import db, reading, writing
from web.house import house
from wsgi import create_app

Promises = Mapping[int, datetime]

ORDERS = 44
LOOK = timedelta(minutes=8)
SATURDAY = 5
CALM, ALONE, ACTING = WAYS = ("calm", "alone", "acting")


def run(options: argparse.Namespace) -> Iterator[Figure]:
    """Play each seed's day three times, from the same evening before."""
    seeds = range(1, 2 if options.quick else 6 if options.long else 4)
    orders = 16 if options.quick else ORDERS
    with folder() as base:
        a_shop(base / "shop", days=0 if options.quick else 14, endless=False)
        days = []
        for seed in seeds:
            taken = evening(base, seed, orders)
            days.append([play_once(base, seed, way) for way in WAYS])
            same = all(day["promises"] == taken for day in days[-1])
            assert same, "the days did not take the same orders at the same times"
            shutil.rmtree(base / f"{seed}")
    yield from figures(*zip(*days, strict=True))


def evening(base: Path, seed: int, orders: int) -> Promises:
    """Take all orders of the next Saturday on the evening before; returns them with their times."""
    shutil.copytree(base / "shop", base / f"{seed}")
    with a_play(base / f"{seed}", seed) as (show, day, start):
        now = house().clock.now()
        before = max(now, show.shop.moment(day - timedelta(days=1), "20:30"))
        show.catch_up(now, before)
        show.order_ahead(day, before, orders)
        show.catch_up(before, start)
        return promises(show, day)


def play_once(base: Path, seed: int, way: str) -> dict[str, Any]:
    """Play the day in a copy of its evening before; nobody orders any more. Returns the account of its trouble."""
    data = base / f"{seed}-{way}"
    shutil.copytree(base / f"{seed}", data)
    with a_play(data, seed) as (show, day, start):
        show.expect_trouble(day, seed=seed, acting=way == ACTING, look=LOOK)
        assert show.trouble is not None
        if way == CALM:
            show.trouble.to_come.clear()
        facts = show.run(day, start, orders=0)
        taken = promises(show, day)
    shutil.rmtree(data)
    return {**facts["trouble"], "orders": facts["orders"], "all_handed_over": facts["all_handed_over"],
            "promises": taken}  # fmt: skip


@contextmanager
def a_play(data: Path, seed: int) -> Iterator[tuple[Play, date, datetime]]:
    """Open a shop to be played as fast as it goes: the play, the next Saturday, and when it begins."""
    app = create_app(Settings.model_validate({"FAIRSLICE_DATA": data, "FAIRSLICE_RATE_LIMITS": False}))
    with app.app_context():
        pace = Pace(0, lambda at, speed: None)
        show = Play(writing, reading, house().keys, pace, lambda line: None, seed=seed)
        today = show.shop.business_date(house().clock.now())
        day = today + timedelta(days=(SATURDAY - today.weekday()) % 7 or 7)
        yield show, day, show.shop.moment(day, BEGIN)
        for engine in db.engines.values():
            engine.dispose()


def promises(show: Play, day: date) -> Promises:
    """Return the orders of a day and when each was promised."""
    with reading() as session:
        query = select(Order.id, Order.due_at).where(Order.shop_id == show.shop.id, Order.due_date == day)
        return {row.id: row.due_at for row in session.execute(query)}


def figures(
    calm: Sequence[dict[str, Any]], alone: Sequence[dict[str, Any]], acting: Sequence[dict[str, Any]]
) -> Iterator[Figure]:
    """Sum up the days without trouble, with it, and with the moves that were suggested."""
    without, n = alone, sum(day["orders"] for day in alone)
    for name, unit in (("late_orders", "orders"), ("late_minutes", "min")):
        quiet, plain, helped = (float(sum(day[name] for day in days)) for days in (calm, alone, acting))
        days = [(a[name], b[name]) for a, b in zip(alone, acting, strict=True)]
        note = f"beside nobody acting; by days {days}; on calm days {quiet:.0f}"
        yield Figure(f"trouble.{name}", helped, unit, plain or None, n, note, "below the day without")
    late = sum(day["late_orders"] for day in without)
    warned = sum(day["warned_before_due"] for day in without)
    ahead = [day["warned_minutes_ahead"] for day in without if day["warned_minutes_ahead"] is not None]
    yield Figure("trouble.warned_share", warned / late if late else 1.0, "share", None, late, "late orders that were "
                 "warned of before their time, nobody acting", ">= 0.85")  # fmt: skip
    yield Figure(
        "trouble.warned_ahead", middle(ahead) if ahead else 0.0, "min", None, warned, "median by days"
    )
    said = [one["first_alarm_after_minutes"] for day in without for one in day["troubles"]]
    kinds = {one["kind"] for day in without for one in day["troubles"]}
    first = {kind: [one["first_alarm_after_minutes"] for day in without for one in day["troubles"]
                    if one["kind"] == kind] for kind in sorted(kinds)}  # fmt: skip
    yield Figure("trouble.troubles", len(said), "mishaps", None, len(alone),
                 f"minutes until an alarm said so, by days: {first}")  # fmt: skip
    moves: dict[str, int] = {}
    for day in acting:
        for key, many in day["moves"].items():
            moves[key] = moves.get(key, 0) + many
    yield Figure("trouble.moves", sum(moves.values()), "moves", None, len(alone), f"{moves}")
    left = sum(not day["all_handed_over"] for day in (*alone, *acting))
    yield Figure("trouble.days_left_open", left, "days", None, 2 * len(alone))
