"""Process death (trust.md T1): kill -9 of the whole server again and again, no order lost, none made twice.

The short form prints the size it ran; ``FAIRSLICE_LONG=1`` runs 10,000 orders through 200 kills.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from shop.orders.tables import Order
from shop.upkeep.invariants import breaches
from tests import cast
from tests.conftest import build, close
from tests.live_server import ShopServer
from tests.visitor import Kiosk
from web.database import reading

LONG = bool(os.environ.get("FAIRSLICE_LONG"))
ORDERS, KILLS, CUSTOMERS = (10_000, 200, 8) if LONG else (1_000, 20, 8)


def customer(base: str, orders: Callable[[], int | None], acknowledged: list[str], wrong: list[str]) -> None:
    """Order at one kiosk until the counter runs out; write down the number of every order that was answered."""
    kiosk = Kiosk(base, again_for=30)
    kiosk.open()
    while (n := orders()) is not None:
        try:
            kiosk.next_customer()
            kiosk.choose("cheesecake", 6)
            day = (cast.SATURDAY + timedelta(days=3 + n % 50)).replace(hour=2 + n % 11, minute=0)
            if not kiosk.take_time(day):
                wrong.append("no room")
                continue
            answer = kiosk.place()
            if answer.status_code in (200, 303):
                acknowledged.append(kiosk.number)
            else:
                wrong.append(f"{answer.status_code} {answer.text[:200]}")
        except Exception as error:
            wrong.append(repr(error))


@pytest.mark.fault
def test_no_order_is_lost_or_doubled_when_the_server_dies(big_kitchen: Path) -> None:
    numbers = iter(range(ORDERS))
    lock = threading.Lock()

    def next_order() -> int | None:
        with lock:
            return next(numbers, None)

    acknowledged: list[str] = []
    wrong: list[str] = []
    recoveries: list[float] = []
    chance = random.Random(7)
    with ShopServer(big_kitchen) as server:
        arguments = (server.base, next_order, acknowledged, wrong)
        people = [threading.Thread(target=customer, args=arguments) for _ in range(CUSTOMERS)]
        for person in people:
            person.start()
        for kill in range(1, KILLS + 1):
            share = ORDERS * kill // (KILLS + 2)
            while len(acknowledged) + len(wrong) < share and any(p.is_alive() for p in people):
                time.sleep(0.005)  # until this kill's turn has come
            time.sleep(chance.random() * 0.05)  # a moment of its own inside somebody's request
            server.kill()
            begun = time.monotonic()
            server.start()
            recoveries.append(time.monotonic() - begun)
        for person in people:
            person.join(300)
    app = build(big_kitchen)
    with app.app_context(), reading() as session:
        made = Counter(session.scalars(select(Order.external_id)))
        assert wrong == []
        assert len(acknowledged) == ORDERS
        assert {number for number, times in made.items() if times > 1} == set()
        assert set(acknowledged) - set(made) == set(), "an acknowledged order is gone"
        assert len(made) == ORDERS, "an order was made that nobody asked for"
        assert breaches(session) == []
        assert session.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    close(app)
    recoveries.sort()
    print(
        f"\n{ORDERS} orders, {KILLS} kills: 0 lost, 0 doubled; "
        f"back after {recoveries[len(recoveries) // 2]:.2f} s (median), {recoveries[-1]:.2f} s (worst)"
    )
