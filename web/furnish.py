"""Furnish the demo shop: its world, its history, and a clock on real time."""

import time
from typing import Any

from sqlalchemy import func, select

from shop.orders.tables import Order
from shop.people.shops import only_shop
from shop.upkeep.demo.world import furnish
from web.database import reading, writing
from web.house import now


def is_new() -> bool:
    """Whether no shop has been founded here yet."""
    with reading() as session:
        return only_shop(session) is None


def furnish_demo(days: int = 90) -> dict[str, Any]:
    """Make the demo shop in one transaction; returns what there is now."""
    started = time.monotonic()
    with writing() as tx:
        furnish(tx, at=now())
        orders = tx.scalar(select(func.count()).select_from(Order)) or 0
    return {"shop": "糖间 Tangjian", "orders": orders, "seconds": round(time.monotonic() - started, 1)}
