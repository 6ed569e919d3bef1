"""Furnish the demo shop: its world, its history, and a clock on real time."""

import time
from datetime import timedelta
from typing import Any

from shop.core.events import seal
from shop.people.shops import only_shop
from shop.upkeep.demo.history import make_history
from shop.upkeep.demo.world import furnish
from web.database import reading, writing
from web.house import house, now


def is_new() -> bool:
    """Whether no shop has been founded here yet."""
    with reading() as session:
        return only_shop(session) is None


def furnish_demo(days: int = 90) -> dict[str, Any]:
    """Make the demo shop in one transaction; returns what there is now."""
    started = time.monotonic()
    with writing() as tx:
        shop = furnish(tx, at=now() - timedelta(days=days + 7))
        seal(tx)  # the founding stands before everything else in the diary
        orders = make_history(tx, house().keys, shop, at=now(), days=days)
    return {"shop": "糖间 Tangjian", "orders": orders, "seconds": round(time.monotonic() - started, 1)}
