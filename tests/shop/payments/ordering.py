"""Orders at random: placed, made, cancelled, handed over. What they cost is known beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from shop.core.actors import CUSTOMER
from shop.menu.card import cached_card
from shop.menu.tables import ProductSize
from shop.orders import progress
from shop.orders.cart import Cart, CartLine
from shop.orders.placing import place
from shop.orders.tables import Order
from shop.people.shops import Shop
from shop.production.tables import Task
from tests.shop.payments.owing import Debt
from tests.shop.payments.play import Play
from tests.shop.payments.world import Sale
from web.database import reading, writing
from web.house import keys, now

ODD = 37
"""So many minor units every cake costs more than in the demo: percentages come out even nowhere."""
CAKES = {("strawberry-cream", 8): 268_37, ("cheesecake", 6): 178_37, ("durian-mille", 10): 468_37,
         ("fruit", 8): 278_37, ("oreo", 12): 498_37}  # fmt: skip
MOST_GOING = 120
"""Orders that are on their way at once."""


class Ordering(Play):
    """Customers who order cakes and fetch them."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        with writing() as tx:
            tx.execute(update(ProductSize).values(price=ProductSize.price + ODD))
            tx.execute(update(Shop).values(menu_version=Shop.menu_version + 1))

    def coupon_for(self, cakes: Sequence[tuple[str, int]]) -> tuple[str, int]:
        """Return a code that is typed with the order, and what it takes off; 0 where it is refused."""
        return "", 0

    def redeemed(self, code: str, sale: Sale, amount: int) -> None:
        """An order has used a coupon."""

    def boxed(self, sale: Sale) -> None:
        """All that must be done before an order can be boxed."""

    def _due(self, at: datetime) -> datetime:
        day = at + timedelta(days=2 + self.chance.randrange(40))
        return day.replace(hour=self.chance.randrange(2, 12), minute=0, second=0, microsecond=0)

    def _soon(self, at: datetime) -> datetime:
        """The same day where that is possible: nobody will fetch it, and that is to be seen."""
        due = (at + timedelta(hours=7)).replace(minute=0, second=0, microsecond=0)
        return due if 4 <= due.hour < 12 else due.replace(hour=4) + timedelta(days=due.hour >= 12)

    def place(self) -> None:
        """Somebody orders, at the kiosk or on a platform that has taken the money."""
        if len(self.world.going) >= MOST_GOING:
            return self.cancel()
        at, prepaid, comes = now(), self.chance.random() < 0.15, self.chance.random() < 0.88
        chosen = [
            (self.chance.choice(list(CAKES)), self.chance.randrange(1, 3))
            for _ in range(self.chance.choice((1, 1, 2)))
        ]
        cakes = [(cake[0], CAKES[cake] * many) for cake, many in chosen]
        due = self._due(at) if comes else self._soon(at)
        coupon, less = ("", 0) if prepaid else self.coupon_for(cakes)
        cart = Cart(lines=[CartLine(*cake, many) for cake, many in chosen], due_at=due, coupon=coupon)

        def do(tx: Session, shop: Shop) -> Sale:
            channel = "meituan" if prepaid else self.chance.choice(("kiosk", "counter", "phone"))
            made = place(tx, keys(), shop, cached_card(tx, shop), cart, channel=channel, by=CUSTOMER, at=at,
                         prepaid=prepaid)  # fmt: skip
            order = tx.get_one(Order, made.order_id)
            sale = Sale(order.id, cakes, order.fee, due, self.terms, comes)
            if less:
                self.redeemed(coupon, sale, less)
            assert order.total == sale.total, "an order costs something else than in the world"
            sale.ahead = self.ahead(sale.total)
            sale.reprice()
            return sale

        sale = self.tries("place with a coupon" if coupon else "place", bool(less) or not coupon, do)
        if sale is None:
            return None
        self.world.sales[sale.id] = sale
        self.world.going.append(sale)
        if prepaid:
            self.world.move("receivable:meituan", "deposits", sale.total)
            sale.state, sale.paid, sale.there = "confirmed", sale.total, sale.total
        return None

    def bake(self) -> None:
        """The kitchen goes on with an order; how it does that is no matter of money."""
        sale = self.some_sale(lambda sale: sale.state in ("confirmed", "in_production"))
        if sale is None or sale.state not in ("confirmed", "in_production"):
            return
        if sale.state == "in_production":
            self.boxed(sale)
        sale.state = "in_production" if sale.state == "confirmed" else "ready"
        with writing() as tx:
            tx.execute(update(Order).where(Order.id == sale.id).values(state=sale.state))
            if sale.state == "ready":
                tx.execute(update(Task).where(Task.order_id == sale.id).values(state="done"))

    def cancel(self) -> None:
        """An order is cancelled, by two people once the kitchen has started."""
        both = (
            self.chance.random() < 0.5
        )  # a platform was paid for it and the shop too: that is rare by itself
        sale = self.some_sale(
            lambda sale: sale.state != "ready" and (bool(sale.there and sale.payments) or not both)
        )
        if sale is None:
            return
        allowed = sale.state in ("placed", "confirmed", "in_production")
        second = self.who["xu"] if sale.state == "in_production" else None

        def do(tx: Session, shop: Shop) -> bool:
            order = tx.get_one(Order, sale.id)
            progress.cancel(tx, shop, order, by=self.who["mei"], at=now(), reason="customer", second=second)
            return True

        if self.tries("cancel", allowed, do):
            given = self.world.given_up(sale, "cancelled", now())
            with reading() as session:
                self.owe([Debt(0, sale, paid, amount, "due") for paid, amount in given], session)

    def hand_over(self) -> None:
        """A customer gets the cake, and the cash in it; some come late."""
        sale = self.some_sale(lambda sale: not sale.balance and (
            (sale.state == "ready" and sale.comes) or (sale.state == "no_show" and sale.id % 3 == 0)))  # fmt: skip
        if sale is None or (sale.state == "ready" and not sale.comes):
            return

        def do(tx: Session, shop: Shop) -> bool:
            order = tx.get_one(Order, sale.id)
            progress.hand_over(tx, shop, order, by=self.who["xu"], at=now(), pin_needed=False)
            return True

        late = sale.state == "no_show"
        filled = not sale.loose
        if self.tries("hand over", sale.state in ("ready", "no_show") and not sale.balance and filled, do):
            self.world.move("hidden-cash", "envelopes", sale.hidden)
            sale.surprises, sale.boxed = {}, set()
            self.world.handed_over(sale, self.slug)
            self.did["hand over late"] += late
