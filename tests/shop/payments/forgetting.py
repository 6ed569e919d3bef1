"""Cakes that nobody fetches, at random: marked, fetched late, or given up, and what the shop keeps then."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from shop.orders import unfetched
from shop.orders.tables import Order
from shop.people.shops import Shop
from tests.shop.payments.keeping import Keeping
from tests.shop.payments.owing import Debt
from web.database import reading
from web.house import now

GRACE = timedelta(hours=2)
"""How long after its time a cake is kept before it counts as not fetched."""


class Forgetting(Keeping):
    """Customers who do not come."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.acts += [(self.mark, 6), (self.unmark, 1), (self.give_up, 6)]

    def mark(self) -> None:
        """Nobody came."""
        sale = self.some_sale(lambda sale: sale.state == "ready" and now() >= sale.due_at + GRACE)
        if sale is None:
            return
        allowed = sale.state == "ready" and now() >= sale.due_at + GRACE
        marked = self.tries("mark as not fetched", allowed, lambda tx, shop: [
            unfetched.mark(tx, shop, tx.get_one(Order, sale.id), by=self.who["xu"], at=now())])  # fmt: skip
        if marked is not None:
            sale.state = "no_show"

    def unmark(self) -> None:
        """Somebody had only not looked properly."""
        sale = self.some_sale(lambda sale: sale.state == "no_show")
        if sale is None:
            return
        ready = self.tries("not fetched after all", sale.state == "no_show", lambda tx, shop: [
            unfetched.unmark(tx, shop, tx.get_one(Order, sale.id), by=self.who["xu"], at=now())])  # fmt: skip
        if ready is not None:
            sale.state = "ready"

    def give_up(self) -> None:
        """The cake is sold to somebody else or disposed of; the terms say what goes back; much needs two people."""
        sale = self.some_sale(lambda sale: sale.state == "no_show")
        if sale is None:
            return
        how = self.chance.choice(("resold", "resold", "disposed", "disposed", "eaten"))
        reason = self.chance.choice(("stale",) * 5 + (" ",))
        back, second = sale.back(now()), self.chance.choice((None, "xu", "chen", "chen", "chen"))

        def do(tx: Session, shop: Shop) -> int:
            order = tx.get_one(Order, sale.id)
            return unfetched.give_up(tx, shop, order, how, reason, second=self.who[second] if second else None,
                                     by=self.who["xu"], at=now())  # fmt: skip

        signed = back <= self.limit or second == "chen"
        allowed = sale.state == "no_show" and how != "eaten" and bool(reason.strip()) and signed
        said = self.tries("give a cake up", allowed, do)
        if said is not None:
            assert said == back, f"another amount is owed back than in the world: {said}, not {back}"
            self.did[how] += 1
            given = self.world.given_up(sale, how, now())
            with reading() as session:
                self.owe([Debt(0, sale, paid, amount, "due") for paid, amount in given], session)
