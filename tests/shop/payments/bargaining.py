"""What comes off a price at random: discounts, alone or by two people, and coupons until they are used up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.orm import Session

from shop.orders.tables import Order
from shop.payments import coupons, discounts
from shop.payments.coupons import Limits
from shop.payments.discount_tables import Discount as Row
from shop.people.four_eyes import VALID
from shop.people.shops import Shop
from tests.shop.payments import couponing
from tests.shop.payments.keeping import Keeping
from tests.shop.payments.world import WAITING, Coupon, Discount, Off, Sale, share
from web.database import reading, writing
from web.house import now

ROLES = {"mei": "clerk", "xu": "manager"}
"""Who may take something off alone; everybody else needs a second person for the smallest discount."""


class Bargaining(Keeping):
    """Staff who give discounts, and customers with coupons."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.coupons = {each.code: each for each in (
            Coupon("BIRTHDAY", Off(percent=15, most=60_00), uses=12),
            Coupon("NUTTY-33", Off(fixed=33_33, products=("oreo", "fruit")), uses=5),
            Coupon("SUMMER", Off(percent=33), least=300_00, budget=800_00),
        )}  # fmt: skip
        self.asked: list[tuple[Sale, Discount]] = []
        with writing() as tx:
            self.coupon_ids = {
                code: couponing.make(
                    tx, code=code, percent=each.off.percent, fixed=each.off.fixed, most=each.off.most,
                    products=each.off.products, least=each.least, uses=each.uses, budget=each.budget,
                ).id
                for code, each in self.coupons.items()
            }  # fmt: skip
        self.acts += [
            (self.take_off, 8), (self.answer, 14), (self.take_back, 2), (self.more_coupons, 1),
        ]  # fmt: skip

    def coupon_for(self, cakes: Sequence[tuple[str, int]]) -> tuple[str, int]:
        if self.chance.random() > 0.3:
            return "", 0
        code = self.chance.choice((*self.coupons, "NOBODYS"))
        return code, self.coupons[code].worth(cakes) if code in self.coupons else 0

    def redeemed(self, code: str, sale: Sale, amount: int) -> None:
        coupon = self.coupons[code]
        sale.discounts.append(Discount(0, coupon.off, amount, "given", coupon=coupon))
        sale.reprice()
        coupon.sales.append(sale)

    def more_coupons(self) -> None:
        """The budget of a coupon is raised, or there may be more uses of it."""
        coupon = self.chance.choice(list(self.coupons.values()))
        times, given = coupon.used()
        uses = times + self.chance.choice((0, 4, 12)) if coupon.uses else 0
        budget = given + self.chance.choice((0, 150_01, 800_00)) if coupon.budget else 0
        limits = Limits(uses=uses or bool(coupon.uses), budget=budget or bool(coupon.budget))
        self.goes("change coupon", lambda tx, shop: [coupons.change(
            tx, shop, self.coupon_ids[coupon.code], names={"zh_Hans": "生日月"}, limits=limits, by=self.who["xu"],
            at=now())])  # fmt: skip
        coupon.uses, coupon.budget = limits.uses, limits.budget

    def open_for(self, sale: Sale, amount: int) -> bool:
        """Whether so much can come off: the order takes money, nobody is paying, and less was paid so far."""
        return sale.state in WAITING and self.world.newest(sale) is None and sale.total - amount >= sale.paid

    def take_off(self) -> None:
        """Somebody takes something off; above what they may alone it waits for a second person."""
        sale = self.some_sale(lambda sale: sale.balance and self.world.newest(sale) is None)
        if sale is None:
            return
        login, left = self.chance.choice(("mei", "mei", "xu", "xu", "chen")), sale.total - sale.fee
        off = self.chance.choice((
            Off(percent=3), Off(percent=7), Off(percent=9), Off(percent=20), Off(percent=33), Off(percent=100),
            Off(fixed=1), Off(fixed=10_01), Off(fixed=77_77), Off(fixed=left + 1), Off(percent=101), Off(),
        ))  # fmt: skip
        amount = min(off.of(sale.cakes), left)
        allowed = off.percent <= 100 and amount > 0 and off.fixed <= left and self.open_for(sale, amount)
        mine = sum(each.amount for each in sale.discounts if each.state == "given" and each.id)
        free = amount <= max(0, share(sale.price, self.caps.get(ROLES.get(login, ""), 0)) - mine)

        def do(tx: Session, shop: Shop) -> int:
            order = tx.get_one(Order, sale.id)
            row = discounts.give(tx, shop, order, percent=off.percent, fixed=off.fixed, reason="regular",
                                 by=self.who[login], at=now())  # fmt: skip
            assert (row.state, row.amount) == ("given" if free else "requested", amount), "another discount"
            return row.id

        name = "discount" if free else "discount above the cap"
        number = self.tries(name, allowed, do)
        if number is not None:
            given = Discount(number, off, amount, "asked", login, now())
            sale.discounts.append(given)
            if free:
                self._counts(sale, given)
            else:
                self.asked.append((sale, given))

    def _counts(self, sale: Sale, given: Discount) -> None:
        """A discount counts from now on."""
        given.state = "given"
        self.another_price(sale)

    def another_price(self, sale: Sale) -> None:
        """An order costs something else from now on, and may be paid by that."""
        sale.reprice()
        if sale.state == "placed" and sale.paid >= sale.deposit:
            sale.state = "confirmed"
        self._same_price(sale)

    def _same_price(self, sale: Sale) -> None:
        with reading() as session:
            order = session.get_one(Order, sale.id)
            there = (order.total, order.discount, order.deposit, order.state)
        here = (sale.total, sale.discount, sale.deposit, sale.state)
        assert there == here, f"an order costs something else than in the world: {there}, not {here}"

    def answer(self) -> None:
        """A second person looks at a discount; the one who asked may only take it back."""
        if not self.asked:
            return
        fitting = [(sale, each) for sale, each in self.asked if self.open_for(sale, each.amount)]
        sale, asked = self.chance.choice(fitting if fitting and self.chance.random() < 0.8 else self.asked)
        login, agreed = self.chance.choice(("mei", "xu", "lin", "chen")), self.chance.random() < 0.7
        seen = self.chance.random() < 0.9
        in_time = asked.made_at is not None and now() < asked.made_at + timedelta(hours=24)
        if agreed:
            allowed = login != asked.by and seen and in_time and self.open_for(sale, asked.amount)
        else:
            allowed = login in (asked.by, "xu", "chen")

        def do(tx: Session, shop: Shop) -> bool:
            row, order = tx.get_one(Row, asked.id), tx.get_one(Order, sale.id)
            shown = discounts.content(row, order) if seen else "0" * 64
            if agreed:
                discounts.approve(tx, shop, row.id, shown, by=self.who[login], at=now())
            else:
                discounts.reject(tx, shop, row.id, by=self.who[login], at=now())
            return True

        if self.tries("agree to a discount" if agreed else "refuse a discount", allowed, do):
            self.asked.remove((sale, asked))
            if agreed:
                self._counts(sale, asked)
            else:
                asked.state = "dead"

    def take_back(self) -> None:
        """A discount was a mistake; it stays where the lower price is paid already."""
        sale = self.some_sale(lambda sale: any(each.id and each.state == "given" for each in sale.discounts))
        mine = [each for each in sale.discounts if each.id] if sale is not None else []
        if sale is None or not mine:
            return
        given = self.chance.choice(mine)
        allowed = given.state == "given" and sale.balance and self.open_for(sale, 0)
        if self.tries("take a discount back", bool(allowed), lambda tx, shop: discounts.take_back(
            tx, shop, given.id, by=self.who["xu"], at=now()).id):  # fmt: skip
            given.state = "dead"
            sale.reprice()
            self._same_price(sale)

    def wait(self) -> None:
        super().wait()
        with writing() as tx:
            lapsed = discounts.lapse_due(tx, tx.get_one(Shop, 1), at=now())
        old = [(sale, each) for sale, each in self.asked if each.made_at and now() >= each.made_at + VALID]
        assert lapsed == len(old)
        for pair in old:
            pair[1].state = "dead"
            self.asked.remove(pair)
