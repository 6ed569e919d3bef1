"""The customers of a play: they order at the kiosk, pay at the counter, and fetch their cakes with the PIN."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import SlotTaken
from shop.menu.card import cached_card
from shop.orders.cart import Cart, price_cart
from shop.orders.destination import way_of
from shop.orders.placing import place
from shop.orders.progress import expire_unpaid, hand_over
from shop.orders.promise import quote
from shop.orders.tables import Fulfilment, Order, OrderState
from shop.payments.counter import take
from shop.people.shops import Shop
from shop.upkeep.demo.areas import EVERY, bring
from shop.upkeep.demo.guests import invent_guest
from shop.upkeep.demo.profile import (
    EXPIRED,
    HOURS_OF_A_WEEKDAY,
    HOURS_OF_A_WEEKEND,
    LANGUAGES,
    PICK_UP_LATER_HOURS,
)
from shop.upkeep.demo.rota import Rota
from shop.upkeep.demo.stage import Later, Stage, the_shop
from shop.upkeep.demo.wishes import invent_line, pick

LAST_ORDER_HOUR = 17


@dataclass
class Served:
    """What has happened at the counter."""

    placed: int = 0
    sent_away: int = 0


class Crowd:
    """Everybody who comes in today. ``arrivals`` are the moments of new orders."""

    def __init__(self, stage: Stage, shop: Shop, rota: Rota, day: date, orders: int) -> None:
        self.stage, self.rota, self.day = stage, rota, day
        self.arrivals = self._arrivals(shop, orders)
        self.paying: list[Later] = []
        self.leaving: dict[int, datetime] = {}
        self.served = Served()

    def _arrivals(self, shop: Shop, orders: int) -> list[datetime]:
        hours = HOURS_OF_A_WEEKEND if self.day.weekday() >= 5 else HOURS_OF_A_WEEKDAY
        hours = {hour: share for hour, share in hours.items() if hour <= LAST_ORDER_HOUR}
        rng = self.stage.rng
        moments = [
            shop.moment(self.day, f"{pick(rng, hours):02d}:{rng.randrange(60):02d}") for _ in range(orders)
        ]
        return sorted(moment + timedelta(seconds=rng.randrange(60)) for moment in moments)

    def come_and_go(self, at: datetime) -> None:
        """Let everybody do what they came for by now."""
        while self.arrivals and self.arrivals[0] <= at:
            self.arrivals.pop(0)
            self._come_in(at)
        for payment in [p for p in self.paying if p.at <= at]:
            self.paying.remove(payment)
            self._pay(payment.order_id, at)
        if at.minute % 5 == 0 and self._unpaid(at):
            self.stage.attempt(partial(expire_unpaid, at=at))
        self._fetch(at)

    def _unpaid(self, at: datetime) -> bool:
        with self.stage.reading() as session:
            late = select(Order.id).where(Order.state == OrderState.PLACED, Order.pay_until <= at)
            return session.scalar(late.limit(1)) is not None

    def order_ahead(self, at: datetime, orders: int) -> None:
        """Let some people order and pay before the day, for all of its hours."""
        hours = HOURS_OF_A_WEEKEND if self.day.weekday() >= 5 else HOURS_OF_A_WEEKDAY
        for _ in range(orders):
            hour = pick(self.stage.rng, hours) + PICK_UP_LATER_HOURS
            wanted = self.rota.shop.moment(self.day, f"{min(hour, 20):02d}:{self.stage.rng.randrange(6)}0")
            order_id = self._order(at, wanted)
            if order_id is not None:
                self._pay(order_id, at)

    def _order(self, at: datetime, wanted: datetime) -> int | None:
        """Order one cake for ``wanted`` or the nearest time the shop can promise that day."""
        rng, made = self.stage.rng, []
        guest = invent_guest(rng, rng.randrange(12, 10_000))
        cart = Cart(
            language=pick(rng, LANGUAGES), name=guest["name"], phone=guest["phone"], note=guest["note"]
        )

        def order(tx: Session, shop: Shop) -> None:
            card = cached_card(tx, shop)
            cart.lines = [invent_line(card, rng)]
            if self.served.placed % EVERY == EVERY - 1:
                bring(tx, shop, cart, self.served.placed // EVERY)
            way = way_of(tx, shop, cart)
            lines = price_cart(card, cart, way=way).lines
            earliest = quote(tx, shop, card, lines, at=at, way=way.minutes).earliest
            if earliest is None or shop.business_date(earliest) > self.day:
                raise SlotTaken(earliest=earliest)
            cart.due_at = min(max(earliest, wanted), shop.open_on(self.day)[1])
            by = Actor.device(self.stage.devices.get("", 0))
            try:
                placed = place(tx, self.stage.keys, shop, card, cart, channel="kiosk", by=by, at=at)
            except SlotTaken as full:
                cart.due_at = full.params.get("earliest")  # what the kiosk would offer instead
                if cart.due_at is None or shop.business_date(cart.due_at) != self.day:
                    raise
                placed = place(tx, self.stage.keys, shop, card, cart, channel="kiosk", by=by, at=at)
            made.append(placed.order_id)

        if not self.stage.attempt(order):
            self.served.sent_away += 1
            return None
        self.served.placed += 1
        return made[-1]

    def _come_in(self, at: datetime) -> None:
        rng = self.stage.rng
        wanted = (at + timedelta(minutes=rng.randrange(120, 400))).replace(second=0, microsecond=0)
        order_id = self._order(at, wanted - timedelta(minutes=wanted.minute % 10))
        if order_id is None:
            return
        if rng.random() >= EXPIRED:  # a few never come to the counter
            self.paying.append(Later(at + timedelta(seconds=rng.randrange(60, 420)), order_id))

    def _pay(self, order_id: int, at: datetime) -> None:
        by, rng = Actor.staff(self.rota.clerk(at).id), self.stage.rng

        def pay(tx: Session, shop: Shop) -> None:
            order = tx.get_one(Order, order_id)
            if rng.random() < 0.4:
                note = -(-order.balance // 10_000) * 10_000
                take(tx, shop, order, "cash", amount=order.balance, tendered=note, by=by, at=at)
            else:
                reference = f"T{rng.randrange(10**8):08d}"
                take(tx, shop, order, "card", amount=order.balance, reference=reference, by=by, at=at)

        self.stage.attempt(pay)

    def _fetch(self, at: datetime) -> None:
        """Customers come around their time; whoever finds the cake not ready yet waits for it."""
        by = Actor.staff(self.rota.clerk(at).id)
        with self.stage.reading() as session:
            shop = the_shop(session)
            ready = select(Order.id, Order.pin, Order.due_at, Order.ready_at).where(
                Order.shop_id == shop.id,
                Order.state == OrderState.READY,
                Order.paid >= Order.total,
                Order.fulfilment == Fulfilment.PICKUP,
            )
            rows = session.execute(ready).all()
        for row in rows:
            if row.id not in self.leaving:
                moment = row.due_at + timedelta(minutes=max(-20.0, self.stage.rng.gauss(2, 10)))
                self.leaving[row.id] = max(moment, row.ready_at + timedelta(minutes=1))
            if self.leaving[row.id] <= at:
                self.stage.attempt(partial(_hand_over, order_id=row.id, pin=row.pin, by=by, at=at))


def _hand_over(tx: Session, shop: Shop, *, order_id: int, pin: str, by: Actor, at: datetime) -> None:
    hand_over(tx, shop, tx.get_one(Order, order_id), by=by, at=at, pin=pin)
