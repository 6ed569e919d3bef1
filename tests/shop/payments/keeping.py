"""The rest of a shop's money at random: tills and days, refunds by hand, couriers' cash, bills, new rules."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.orders import progress
from shop.orders.tables import Order
from shop.payments import count, couriers, refunds, rules, till
from shop.payments.pieces import YUAN
from shop.payments.tables import Payment, Refund
from shop.payments.till import CARD, account_of
from shop.payments.till_tables import LineKind
from shop.people.four_eyes import VALID
from shop.people.shops import Shop
from tests.shop.payments.ordering import Ordering
from tests.shop.payments.owing import Debt
from tests.shop.payments.paying import Paying
from tests.shop.payments.play import CAPS
from web.database import reading, writing
from web.house import now

K = LineKind
BY_HAND = {K.PAID_IN: (1, "safe"), K.PAID_OUT: (-1, "safe"), K.SPENT: (-1, "expense:petty")}


class Keeping(Ordering, Paying):
    """Three tills beside the customers."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.counted: list[int] = []
        self.checked: list[int] = []
        self.acts = [
            (self.place, 22), (self.begin_online, 12), (self.phone_pays, 6), (self.by_phone, 8), (self.look, 9),
            (self.cash, 26),
            (self.card, 8), (self.courier, 4), (self.bake, 48), (self.hand_over, 26), (self.cancel, 4),
            (self.goodwill, 4), (self.decide, 3), (self.pay_out, 6), (self.open_till, 5), (self.move_cash, 5),
            (self.count_till, 1), (self.take_in, 2), (self.correct, 1), (self.retry, 1), (self.wait, 4),
            (self.new_rules, 1), (self.scan, 8), (self.stop_paying, 1),
        ]  # fmt: skip

    def cash(self) -> None:
        number = self.some_till()
        where = account_of(number) if self.tills[number] else ""
        self.at_the_counter(where, "cash", number, self.who["mei"])

    def card(self) -> None:
        number = self.some_till()
        self.at_the_counter(CARD if self.tills[number] else "", "card", number, self.who["mei"])

    def by_phone(self) -> None:
        """A customer asks for a code and pays it at once."""
        self.begin_online()
        self.look()
        for bank in self.banks.values():
            if bank.open:
                bank.pay(bank.open[-1])
        self.look()

    def courier(self) -> None:
        self.at_the_counter(self.purse, "cash", None, self.who["gao"])

    def goodwill(self) -> None:
        """Somebody is not content; a manager gives something back, above the limit a second person agrees."""
        over = [s for s in self.world.sales.values() if s.state in ("handed_over", "closed") and s.payments]
        if not over:
            return
        sale = self.chance.choice(over[-200:])
        paid = self.chance.choice(sale.payments)
        amount = self.chance.choice((paid.left, paid.left // 2, 500, paid.left + 1, 0))
        free = amount + sale.alone <= self.limit

        def do(tx: Session, shop: Shop) -> int:
            order = tx.get_one(Order, sale.id)
            asked = refunds.request(tx, shop, order, paid.id, amount, "too sweet", alone=True, by=self.who["xu"],
                                    at=now())  # fmt: skip
            assert asked.state == ("approved" if free else "requested")
            return asked.id

        number = self.tries("goodwill", 0 < amount <= paid.left, do)
        if number is not None:
            paid.left -= amount
            debt = Debt(number, sale, paid, amount, "asked", "xu", now())
            self.world.debts[number] = debt
            if free:
                sale.alone += amount
                self._agreed(debt)

    def _agreed(self, debt: Debt) -> None:
        self.world.move(f"revenue:{self.slug}:goodwill", "refunds-due", debt.amount)
        debt.state = "due"

    def decide(self) -> None:
        """A second person looks at a refund; the one who asked may not."""
        asked = [debt for debt in self.world.debts.values() if debt.state == "asked"]
        if not asked:
            return
        debt, login = self.chance.choice(asked), self.chance.choice(("xu", "lin", "lin", "chen"))
        agreed, seen = self.chance.random() < 0.7, self.chance.random() < 0.9
        in_time = debt.made_at is not None and now() < debt.made_at + timedelta(hours=24)
        allowed = not agreed or (login != debt.by and seen and in_time)

        def do(tx: Session, shop: Shop) -> bool:
            refund = tx.get_one(Refund, debt.id)
            payment, order = tx.get_one(Payment, refund.payment_id), tx.get_one(Order, refund.order_id)
            shown = refunds.content(refund, payment, order) if seen else "0" * 64
            if agreed:
                refunds.approve(tx, shop, debt.id, shown, by=self.who[login], at=now())
            else:
                refunds.reject(tx, shop, debt.id, by=self.who[login], at=now())
            return True

        if self.tries("approve" if agreed else "reject", allowed, do):
            if agreed:
                self._agreed(debt)
            else:
                debt.state, debt.paid.left = "dead", debt.paid.left + debt.amount

    def due_by_hand(self) -> list[Debt]:
        return [d for d in self.world.debts.values() if d.state in ("due", "asked") and not d.paid.online]

    def pay_out(self) -> None:
        """Money goes back over the counter."""
        due = self.due_by_hand()
        number = self.some_till()
        if due:
            self.pay_back(self.chance.choice(due), number)

    def pay_back(self, debt: Debt, number: int) -> None:
        """Give money back at a till, where there is enough of it."""
        cash = debt.paid.method == "cash"
        if cash and self.drawer(number) < debt.amount:
            return
        allowed = debt.state == "due" and self.tills[number] is not None
        paid = self.tries("pay out", allowed, lambda tx, shop: refunds.pay_out(
            tx, shop, debt.id, reference="SLIP-8", till=number, by=self.who["mei"], at=now()))  # fmt: skip
        if paid is not None:
            self.world.given_back(debt, account_of(number) if cash else CARD)

    def retry(self) -> None:
        """A refund that the provider refused is sent once more."""
        with reading() as session:
            failed = list(session.scalars(select(Refund.id).where(Refund.state == "failed")))
        for number in failed:
            self.send_again(number)

    def send_again(self, number: int) -> None:
        self.goes("retry", lambda tx, shop: refunds.try_again(tx, shop, number, by=self.who["xu"], at=now()))

    def open_till(self) -> None:
        number, floated = self.some_till(), self.chance.choice((0, 300_00, 500_00))
        shift = self.tries("open till", self.tills[number] is None, lambda tx, shop: till.open_till(
            tx, shop, number, floated=floated, by=self.who["mei"], at=now()).id)  # fmt: skip
        if shift is not None:
            self.tills[number] = shift
            self.world.move(account_of(number), "safe", floated)

    def move_cash(self) -> None:
        """Cash by hand."""
        number, kind = self.some_till(), self.chance.choice(list(BY_HAND))
        sign, other = BY_HAND[kind]
        amount = self.chance.randrange(0, 200_00)
        if sign < 0 and amount > self.drawer(number):
            return
        allowed = self.tills[number] is not None and amount > 0
        if self.tries(kind.value, allowed, lambda tx, shop: till.move_cash(
            tx, shop, number, kind, amount, "flour", by=self.who["mei"], at=now()).id):  # fmt: skip
            self.world.move(account_of(number), other, sign * amount)

    def enough_in(self, number: int, amount: int) -> None:
        """Fetch from the safe what a drawer lacks."""
        short = amount - self.drawer(number)
        if short > 0:
            self.goes("paid_in", lambda tx, shop: till.move_cash(
                tx, shop, number, K.PAID_IN, short, "for refunds", by=self.who["mei"], at=now()).id)  # fmt: skip
            self.world.move(account_of(number), "safe", short)

    def count_till(self) -> None:
        """A drawer is counted blind; now and then some is missing, or too much."""
        self.count(self.some_till(), self.chance.choice((0, 0, 0, -20_00, 5_00, -50)))

    def count(self, number: int, off: int) -> None:
        there, left, pieces = self.drawer(number), max(0, self.drawer(number) + off), {}
        for worth in YUAN:
            pieces[worth], left = divmod(left, worth)
        found = sum(worth * n for worth, n in pieces.items())
        shift = self.tries("count", self.tills[number] is not None, lambda tx, shop: count.count(
            tx, shop, number, pieces, by=self.who["mei"], at=now()))  # fmt: skip
        if shift is not None:
            said = (shift.expected, shift.counted, shift.difference)
            assert said == (there, found, found - there), (
                f"a drawer holds {there} in the world, not {said[0]}"
            )
            self.tills[number] = None
            self.counted.append(shift.id)
            self.world.move("safe", account_of(number), there)
            self.world.move("safe", "over-short", found - there)

    def take_in(self) -> None:
        """The courier's cash is taken in, by somebody else."""
        number, owed = self.some_till(), self.world.accounts[self.purse]
        amount, login = (
            self.chance.choice((owed, owed // 2, owed + 1, 0)),
            self.chance.choice(("mei", "mei", "gao")),
        )
        allowed = 0 < amount <= owed and login != "gao" and self.tills[number] is not None
        courier = self.who["gao"].id or 0
        if self.tries("take in", allowed, lambda tx, shop: couriers.take_in(
            tx, shop, courier, amount, till=number, by=self.who[login], at=now()).id):  # fmt: skip
            self.world.move(account_of(number), self.purse, amount)

    def correct(self) -> None:
        """A count was wrong: one says so, another agrees or not."""
        if not self.checked:
            return
        shift, amount = self.chance.choice(self.checked[-20:]), self.chance.choice((100, -100, 0))
        row = self.tries("ask correction", amount != 0, lambda tx, shop: count.ask_correction(
            tx, shop, shift, amount, "found it", by=self.who["mei"], at=now()))  # fmt: skip
        if row is None:
            return
        login, agreed = self.chance.choice(("mei", "lin", "lin")), self.chance.random() < 0.7
        done = self.tries("decide correction", login != "mei", lambda tx, shop: count.decide(
            tx, shop, row.id, agreed=agreed, seen=count.seal_of(row), by=self.who[login], at=now()))  # fmt: skip
        if done is not None and agreed:
            self.world.move("safe", "over-short", amount)

    def new_rules(self) -> None:
        """The owner decides anew what is paid ahead, what cancelling costs, who may give how much."""
        rule = self.chance.choice(
            (None, {"above": 200_00, "percent": 33}, {"above": 250_00, "fixed": 100_01})
        )
        steps, started = self.chance.choice(((((0, 100),), 100), (((480, 90), (72, 55), (0, 20)), 7)))
        limit = self.chance.choice((0, 50_00, rules.REFUND_LIMIT))
        caps = self.chance.choice((CAPS, {"clerk": 0, "manager": 25}))
        terms = rules.Terms(tuple(rules.Step(*step) for step in steps), started)

        def do(tx: Session, shop: Shop) -> bool:
            rules.change_rules(tx, shop, deposit=rule, terms=terms, limit=limit, caps=caps, by=self.who["chen"],
                               at=now())  # fmt: skip
            return True

        self.goes("new rules", do)
        self.rule, self.terms, self.limit, self.caps = rule, (steps, started), limit, caps

    def wait(self) -> None:
        """Time passes, and what comes due by itself is done."""
        self.pass_by(minutes=self.chance.choice((5, 30, 90)))
        with writing() as tx:
            shop = tx.get_one(Shop, 1)
            progress.expire_unpaid(tx, shop, at=now())
            progress.close_finished(tx, shop, at=now())
            refunds.lapse_due(tx, shop, at=now())
        with reading() as session:
            gone = select(Order.id).where(
                Order.state == "expired", Order.id.in_([s.id for s in self.world.going])
            )
            for number in list(session.scalars(gone)):
                sale = self.world.sales[number]
                assert sale.state == "placed" and not sale.paid and self.world.newest(sale) is None
                self.world.over(sale, "expired")
        for debt in self.world.debts.values():
            if debt.state == "asked" and debt.made_at and now() >= debt.made_at + VALID:
                debt.state, debt.paid.left = "dead", debt.paid.left + debt.amount
