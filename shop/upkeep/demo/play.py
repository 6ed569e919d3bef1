"""A day that plays by itself: customers order, bakers bake, cakes are fetched, all through the shop's own verbs."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from statistics import median
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.core.keys import Keys
from shop.core.types import EPOCH
from shop.orders.tables import Cake, Order, OrderState
from shop.people.devices import DeviceKind
from shop.people.hours import Span, spans_on
from shop.people.shops import Shop
from shop.people.staff import Device, Staff
from shop.production.tables import TO_DO, Task
from shop.upkeep.demo.claims import Takers
from shop.upkeep.demo.crowd import Crowd
from shop.upkeep.demo.hands import Hands
from shop.upkeep.demo.rides import Riders
from shop.upkeep.demo.rota import Rota
from shop.upkeep.demo.stage import Doors, Stage, the_shop
from shop.upkeep.demo.trouble import LOOK, Trouble

BEGIN = "07:30"
OPEN = (OrderState.PLACED, OrderState.CONFIRMED, OrderState.IN_PRODUCTION, OrderState.READY,
        OrderState.OUT_FOR_DELIVERY)  # fmt: skip
DEAD = (OrderState.CANCELLED, OrderState.EXPIRED, OrderState.REJECTED)
TICK = timedelta(minutes=1)

Tell = Callable[[str], None]


@dataclass
class Pace:
    """``speed`` is shop seconds in a real second; 0 plays as fast as the machine can. ``set`` moves the clock."""

    speed: float
    set: Callable[[datetime, float], None]

    @property
    def tick(self) -> timedelta:
        """How often the play looks around: once in a real second, at most once in a shop minute."""
        return min(TICK, timedelta(seconds=max(5.0, self.speed))) if self.speed else TICK


class Play:
    """One day of the demo shop. Call `run`; `summary` tells how it went."""

    def __init__(
        self, writing: Doors, reading: Doors, keys: Keys, pace: Pace, tell: Tell, seed: int = 7
    ) -> None:
        self.stage = Stage(writing, reading, keys, Random(seed), seed=seed)
        self.street = replace(self.stage, rng=Random(seed + 1))  # who comes in is not the kitchen's luck
        self.pace, self.tell, self.moment = pace, tell, EPOCH
        with reading() as session:
            shop = the_shop(session)
            self.rota = Rota(session, shop)
            session.expunge_all()
            self.shop = shop
            for device in session.scalars(select(Device).where(Device.revoked_at.is_(None))):
                if device.kind != DeviceKind.PRINTER:
                    self.stage.devices.setdefault(device.station, device.id)
        self.hands = Hands(self.stage)
        self.riders, self.takers = Riders(self.stage), Takers(self.stage)
        self.staffed = 0.0
        self.ahead = 0
        self.trouble: Trouble | None = None
        self.shifts: list[Span] = []
        self.asked: object = None

    def expect_trouble(self, day: date, *, seed: int, acting: bool, look: timedelta = LOOK) -> None:
        """Let things go wrong on ``day``; ``acting``: the manager does what the alarms suggest."""
        self.trouble = Trouble(self.stage, self.shop, self.rota, day, seed=seed, acting=acting, look=look)

    def run(self, day: date, start: datetime, *, orders: int, minutes: int | None = None) -> dict[str, Any]:
        """Play ``day`` from ``start`` until its last cake is handed over, or for so many shop minutes."""
        self.moment = start
        end = self.shop.moment(
            day + timedelta(days=1), BEGIN
        )  # a day that goes badly wrong lasts far into the night
        end = min(end, start + timedelta(minutes=minutes)) if minutes else end
        crowd = Crowd(self.street, self.shop, self.rota, day, orders - self.ahead)
        crowd.arrivals = [moment for moment in crowd.arrivals if moment >= start]
        self.hands.adopt(start)
        self.pace.set(start, self.pace.speed or 1.0)
        begun, real = time.monotonic(), time.monotonic()
        told = start
        while self.moment < end and (minutes or crowd.arrivals or crowd.paying or self._open(day)):
            self._look_around(crowd, day)
            self.moment += self.pace.tick
            if self.pace.speed:
                real += self.pace.tick.total_seconds() / self.pace.speed
                time.sleep(max(0.0, real - time.monotonic()))
            if self.moment - told >= timedelta(minutes=30):
                told = self.moment
                self.tell(self.progress(day))
        return {
            **self.summary(day),
            "placed": crowd.served.placed + self.ahead,
            "sent_away": crowd.served.sent_away,
            "real_seconds": round(time.monotonic() - begun, 1),
            **({"trouble": self.trouble.report(self.moment)} if self.trouble else {}),
        }

    def order_ahead(self, day: date, at: datetime, orders: int) -> None:
        """Let customers order ``orders`` cakes for ``day`` at this earlier moment."""
        crowd = Crowd(self.street, self.shop, self.rota, day, 0)
        crowd.order_ahead(at, orders)
        self.ahead += orders

    def catch_up(self, start: datetime, until: datetime) -> None:
        """Let the days before the play pass quickly, so that nothing of them is left over."""
        speed, self.pace.speed = self.pace.speed, 0.0
        self.moment = start
        self.hands.adopt(start)
        while self.moment < until:
            day = self.shop.business_date(self.moment)
            crowd = Crowd(self.street, self.shop, self.rota, day, 0)
            opens = self.shop.moment(day, BEGIN)
            self.moment = max(self.moment, opens)
            close = min(until, self.shop.day_bounds(day)[1])
            while self.moment < close and (self._open(day) or self._planned(close)):
                self._look_around(crowd, day)
                self.moment += 3 * TICK
            self.moment = max(self.moment, close)
        self.pace.speed, self.staffed, self.hands.seconds = speed, 0.0, 0.0

    def _look_around(self, crowd: Crowd, day: date) -> None:
        at = self.moment
        here = self._here(day, at)
        self.staffed += len(here) * self.pace.tick.total_seconds()
        crowd.come_and_go(at)
        if self.trouble:
            self.trouble.go_on(at, self.hands)
        self.takers.answer(at, here)
        self.hands.go_on(at, here)
        self.riders.ride(at, self.trouble.quiet(at) if self.trouble else ())
        if at.minute % 5 == 0:
            self.hands.acknowledge(at, here)

    def _here(self, day: date, at: datetime) -> list[Staff]:
        """Return the bakers at work; the last ones stay until the day's cakes are made."""
        if self.asked != (day, at.minute // 5):  # as it is now: who was sent home is not here
            self.asked = day, at.minute // 5
            with self.stage.reading() as session:
                self.shifts = [span for span in spans_on(session, self.shop, [day]) if span[2].skills]
                session.expunge_all()
        shifts = self.shifts
        last = max((b for _, b, _ in shifts), default=at)
        return [p for a, b, p in shifts if a <= at < b or (b == last and at >= last)]

    def _open(self, day: date) -> int:
        with self.stage.reading() as session:
            query = select(func.count()).where(Order.due_date <= day, Order.state.in_(OPEN))
            return int(session.scalar(query) or 0)

    def _planned(self, until: datetime) -> bool:
        """Whether the plan has any work begin before ``until``."""
        with self.stage.reading() as session:
            left = select(Task.id).where(Task.state.in_(TO_DO), Task.planned_start < until)
            return session.scalar(left.limit(1)) is not None

    def progress(self, day: date) -> str:
        """Return one line on how the day goes."""
        facts = self.summary(day)
        clock = self.shop.local(self.moment).strftime("%a %H:%M")
        busy = sum(1 for work in self.hands.works if work.by_hand)
        done, late = f"{facts['handed_over']} of {facts['orders']} orders handed over", facts["late"]
        return f"{clock}  {done}, {busy} in hand, {late} late so far"

    def summary(self, day: date) -> dict[str, Any]:
        """Return how the day stands: cakes, what was handed over, how late, how busy the bakers were."""
        with self.stage.reading() as session:
            return lateness(session, self.shop, day) | {
                "remade": self.hands.remade,
                "utilisation": round(self.hands.seconds / self.staffed, 3) if self.staffed else 0.0,
            }


def lateness(session: Session, shop: Shop, day: date) -> dict[str, Any]:
    """Return what became of the orders due on ``day``; minutes late count from the promised time to ready."""
    query = select(Order.id, Order.state, Order.due_at, Order.ready_at).where(
        Order.shop_id == shop.id, Order.due_date == day, Order.state.not_in(DEAD)
    )
    orders = session.execute(query).all()
    cakes = session.scalar(select(func.count()).where(Cake.order_id.in_([row.id for row in orders]))) or 0
    over = sum(1 for row in orders if row.state in (OrderState.HANDED_OVER, OrderState.CLOSED))
    minutes = [(row.ready_at - row.due_at).total_seconds() / 60 for row in orders if row.ready_at]
    late = sorted(m for m in minutes if m > 0)
    return {
        "day": day.isoformat(), "orders": len(orders), "cakes": cakes, "handed_over": over,
        "all_handed_over": over == len(orders), "late": len(late),
        "late_share": round(len(late) / len(minutes), 3) if minutes else 0.0,
        "late_minutes_median": round(median(late), 1) if late else 0.0,
        "late_minutes_max": round(late[-1], 1) if late else 0.0,
        "minutes_before_due_median": round(-median(minutes), 1) if minutes else 0.0,
    }  # fmt: skip
