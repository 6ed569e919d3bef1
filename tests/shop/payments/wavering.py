"""Orders that change at random, to dearer cakes and to cheaper ones, whatever was paid for them and to whom."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.menu.card import cached_card
from shop.orders.changing import change_line
from shop.orders.tables import Line, Order
from shop.people.shops import Shop
from tests.shop.payments.bargaining import Bargaining
from tests.shop.payments.ordering import CAKES
from web.house import now

SWEET = {"standard": 0, "less": 0, "no-sucrose": 20_00}
"""What a cake costs more that is as sweet as this."""
PRICES = {product: price for (product, _), price in CAKES.items()}


class Wavering(Bargaining):
    """Customers who want it another way."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.sweet: dict[tuple[int, int], str] = {}
        self.acts += [(self.change, 10), (self.make_dearer, 8)]

    def make_dearer(self) -> None:
        """A cake that a platform was paid for costs more; the difference is paid here."""
        self.change(there=True)

    def change(self, *, there: bool = False) -> None:
        """Some cakes shall be less sweet, or sweet again: while nobody is paying, and not below what is paid."""
        sale = self.some_sale(
            lambda sale: sale.state in ("placed", "confirmed") and (sale.there == sale.paid > 0 or not there)
        )
        if sale is None:
            return
        wish = "no-sucrose" if there else self.chance.choice(list(SWEET))
        n = self.chance.randrange(len(sale.cakes))
        before = self.sweet.get((sale.id, n), "standard")
        if wish == before:
            return
        product, price = sale.cakes[n]
        many = price // (PRICES[product] + SWEET[before])
        cakes = list(sale.cakes)
        cakes[n] = (product, (PRICES[product] + SWEET[wish]) * many)
        total = sale.costs(cakes)
        free = total == sale.total or self.world.newest(sale) is None
        allowed = sale.state in ("placed", "confirmed") and free and total >= sale.paid

        def do(tx: Session, shop: Shop) -> bool:
            lines = tx.scalars(select(Line).where(Line.order_id == sale.id).order_by(Line.sort)).all()
            change_line(tx, shop, cached_card(tx, shop), tx.get_one(Order, sale.id), lines[n].id,
                        options={**lines[n].options, "sweetness": wish}, by=self.who["mei"], at=now())  # fmt: skip
            return True

        name = "change" if total == sale.total else "make dearer" if total > sale.total else "make cheaper"
        if self.tries(name, allowed, do):
            self.sweet[sale.id, n] = wish
            sale.cakes = cakes
            self.another_price(sale)
