"""A day on which things go wrong, played twice: nobody looks at the alarms, and the manager does what they suggest.
Beside them stands the same day on which nothing goes wrong.

An oven fails for 40 minutes, a baker goes home at noon, a courier's phone dies. Equal seeds play equal days, so the
second day is the peer of the first. Late minutes are those of all late orders together.
"""

import argparse
import shutil
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.figures import Figure, middle
from bench.servers import a_shop, folder

ORDERS, AHEAD = 44, 0.6
LOOK = timedelta(minutes=8)
SATURDAY = 5
CALM, ALONE, ACTING = WAYS = ("calm", "alone", "acting")


def run(options: argparse.Namespace) -> Iterator[Figure]:
    """Play each seed's day twice, from the same shop."""
    seeds = range(1, 2 if options.quick else 6 if options.long else 3)
    orders = 16 if options.quick else ORDERS
    with folder() as base:
        a_shop(base / "shop", days=0 if options.quick else 14, endless=False)
        days = [[play_once(base, seed, way, orders) for way in WAYS] for seed in seeds]
    yield from figures(*zip(*days, strict=True))


def play_once(base: Path, seed: int, way: str, orders: int) -> dict[str, Any]:
    """Play the next Saturday in a copy of the shop; returns the account of its trouble."""
    from shop.upkeep.demo.play import BEGIN, Pace, Play
    from web.config import Settings
    from web.database import db, reading, writing
    from web.house import house
    from wsgi import create_app

    data = base / f"{seed}-{way}"
    shutil.copytree(base / "shop", data)
    app = create_app(Settings.model_validate({"FAIRSLICE_DATA": data, "FAIRSLICE_RATE_LIMITS": False}))
    with app.app_context():
        show = Play(
            writing, reading, house().keys, Pace(0, lambda at, speed: None), lambda line: None, seed=seed
        )
        now = house().clock.now()
        today = show.shop.business_date(now)
        day = today + timedelta(days=(SATURDAY - today.weekday()) % 7 or 7)
        evening, start = show.shop.moment(day - timedelta(days=1), "20:30"), show.shop.moment(day, BEGIN)
        show.catch_up(now, max(now, evening))
        show.order_ahead(day, max(now, evening), round(orders * AHEAD))
        show.catch_up(max(now, evening), start)
        show.expect_trouble(day, seed=seed, acting=way == ACTING, look=LOOK)
        assert show.trouble is not None
        if way == CALM:
            show.trouble.to_come.clear()
        facts = show.run(day, start, orders=orders)
        for engine in db.engines.values():
            engine.dispose()
    shutil.rmtree(data)
    return {**facts["trouble"], "orders": facts["orders"], "all_handed_over": facts["all_handed_over"]}


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
    yield Figure("trouble.troubles", len(said), "mishaps", None, len(alone),
                 f"{sum(minutes is not None for minutes in said)} followed by an alarm")  # fmt: skip
    moves: dict[str, int] = {}
    for day in acting:
        for key, many in day["moves"].items():
            moves[key] = moves.get(key, 0) + many
    given = sum(day["deliveries_given_on"] for day in acting)
    yield Figure("trouble.moves", sum(moves.values()), "moves", None, len(alone),
                 f"{moves}, deliveries given on {given}")  # fmt: skip
    left = sum(not day["all_handed_over"] for day in (*alone, *acting))
    yield Figure("trouble.days_left_open", left, "days", None, 2 * len(alone))
