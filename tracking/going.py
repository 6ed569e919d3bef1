"""The way of a delivery as its customer may see it: three stages and a window, never an address or a name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shop.core.types import Words
from shop.delivery.tables import Drop, DropState
from shop.orders.tables import ARRIVAL, Fulfilment, Order, OrderState

WAY: dict[str, Words] = {
    "left": {"en": "On the way", "zh_Hans": "配送中", "zh_Hant": "外送中"},
    "door": {"en": "At the door", "zh_Hans": "到门口了", "zh_Hant": "到門口了"},
    "given": {"en": "Delivered", "zh_Hans": "已送达", "zh_Hant": "已送達"},
}


@dataclass(frozen=True)
class Leg:
    """One stage of the way: ``state`` is done, now or todo; ``at`` when it was reached."""

    words: Words
    state: str
    at: datetime | None


@dataclass(frozen=True)
class Going:
    """``expected`` is when it will be there as far as is known now, None once it is (or never will be).

    Of a hand-over that ``failed``: whether the cake was ``damaged``, and until when the courier waits at the door.
    """

    legs: Sequence[Leg] = ()
    expected: datetime | None = None
    at_door: bool = False
    failed: bool = False
    damaged: bool = False
    waits_until: datetime | None = None


NOWHERE = Going()


def going(order: Order, drop: Drop | None, end: datetime | None, *, at: datetime) -> Going:
    """Return how far a delivery is; ``end`` is when the kitchen will be done, None once it is."""
    if order.fulfilment != Fulfilment.DELIVERY:
        return NOWHERE
    on_way = order.state == OrderState.OUT_FOR_DELIVERY
    given = order.handed_over_at
    left = drop.picked_up_at if drop else None
    door = drop.arrived_at if drop else None
    reached = (
        ("left", on_way or given is not None, left),
        ("door", (on_way and door is not None) or given is not None, door),
        ("given", given is not None, given),
    )
    last = max((n for n, (_, there, _) in enumerate(reached) if there), default=-1)
    legs = [
        Leg(WAY[key], "now" if n == last and given is None else "done" if there else "todo", when)
        for n, (key, there, when) in enumerate(reached)
    ]
    failed = on_way and drop is not None and drop.state in (DropState.FAILED, DropState.RETURNED)
    at_door = on_way and door is not None and not failed
    expected = None if failed or at_door else _expected(order, left, end, at)
    if drop is None or not failed:
        return Going(legs, expected, at_door)
    waits = drop.wait_until if drop.state == DropState.FAILED and drop.next_step == "wait" else None
    return Going(legs, None, failed=True, damaged=drop.reason == "damaged",
                 waits_until=waits if waits and at < waits else None)  # fmt: skip


def _expected(order: Order, left: datetime | None, end: datetime | None, at: datetime) -> datetime | None:
    if end is not None:
        return end + timedelta(minutes=order.way_minutes)
    if order.state == OrderState.READY:
        return at + timedelta(minutes=order.way_minutes)
    if order.state == OrderState.OUT_FOR_DELIVERY:
        return max(at, (left or at) + timedelta(minutes=order.travel_minutes if left else 0))
    return None


def arrival(expected: datetime, due_at: datetime) -> tuple[datetime, datetime]:
    """Return the promised window while it can be kept, else an honest new one; ``expected`` is on the fives."""
    last = due_at if expected <= due_at else expected + ARRIVAL
    return last - ARRIVAL, last
