"""A shop at random: every verb that moves money, in any order, each time first by simple counting (`world`).

What the counting says must be allowed has to go through, what it says is not must be refused, and the accounts of
the books are compared to the cent again and again.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, TypeVar

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shop.core.actors import CUSTOMER, Actor
from shop.core.errors import ShopError
from shop.ledger.checkpoints import sign_due
from shop.ledger.tables import Entry, Posting
from shop.menu.card import cached_card
from shop.orders import progress
from shop.orders.cart import Cart, CartLine
from shop.orders.placing import place
from shop.orders.tables import Line, Order
from shop.payments import rules
from shop.payments.asking import Office, ask_due
from shop.payments.counter import take
from shop.payments.online import begin
from shop.payments.tables import Payment, Refund
from shop.people.shops import Shop, only_shop
from shop.production.tables import Task
from tests import cast
from tests.shop.payments.world import WAITING, Debt, Paid, Provider, Sale, World
from web.database import reading, writing
from web.house import house, keys, now

T = TypeVar("T")
CAKES = (("strawberry-cream", 8), ("cheesecake", 6), ("durian-mille", 10), ("fruit", 8), ("oreo", 12))
MOST_GOING = 120
"""Orders that are on their way at once."""


class Play:
    """One shop and its world. ``step`` does one thing at random."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.world = World()
        self.banks = {method: Provider(method, random.Random(seed + 1)) for method in ("alipay", "wechat")}
        self.office = Office(writing, self.banks.get, "", now)
        self.did: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.billed: set[tuple[str, date]] = set()
        self.rule: dict[str, int] | None = None
        self.terms: tuple[tuple[tuple[int, int], ...], int] = (((0, 100),), 100)
        self.limit = rules.REFUND_LIMIT
        with reading() as session:
            self.who = {login: cast.by(session, login) for login in cast.LOGINS.values()}
            shop = only_shop(session)
            assert shop is not None
            self.slug = shop.slug

    @property
    def purse(self) -> str:
        """The account of what the courier carries."""
        return f"courier-cash:{self.who['gao'].id}"

    def tries(self, name: str, allowed: bool, verb: Callable[[Session, Shop], T]) -> T | None:
        """Run a verb in a transaction of its own; it must be refused exactly where it is not allowed."""
        try:
            with writing() as tx:
                shop = only_shop(tx)
                assert shop is not None
                made = verb(tx, shop)
                tx.flush()
        except ShopError as refusal:
            assert not allowed, f"{name} was refused: {refusal!r}"
            self.refused[name] += 1
            return None
        assert allowed, f"{name} went through"
        self.did[name] += 1
        return made

    def goes(self, name: str, verb: Callable[[Session, Shop], T]) -> T:
        """Run a verb that must go through."""
        made = self.tries(name, True, verb)
        assert made is not None
        return made

    def some_sale(self, fits: Callable[[Sale], object]) -> Sale | None:
        """Return an order that is on its way, mostly one that fits."""
        fitting = [sale for sale in self.world.going if fits(sale)]
        some = fitting if fitting and self.chance.random() < 0.85 else self.world.going
        return self.chance.choice(some) if some else None

    def pass_by(self, **time: float) -> None:
        house().clock.pass_by(**time)  # type: ignore[attr-defined]
        for bank in self.banks.values():
            bank.at = now()

    def place(self) -> None:
        """Somebody orders, at the kiosk or on a platform that has taken the money."""
        if len(self.world.going) >= MOST_GOING:
            return self.cancel()
        at, prepaid = now(), self.chance.random() < 0.1
        due = (at + timedelta(days=2 + self.chance.randrange(40))).replace(
            hour=self.chance.randrange(2, 12), minute=0, second=0, microsecond=0
        )
        cart = Cart(lines=[CartLine(*self.chance.choice(CAKES), self.chance.randrange(1, 3))], due_at=due)

        def do(tx: Session, shop: Shop) -> Sale:
            channel = "meituan" if prepaid else self.chance.choice(("kiosk", "counter", "phone"))
            made = place(tx, keys(), shop, cached_card(tx, shop), cart, channel=channel, by=CUSTOMER, at=at,
                         prepaid=prepaid)  # fmt: skip
            order = tx.get_one(Order, made.order_id)
            lines: Counter[str] = Counter()
            for product, total in tx.execute(
                select(Line.product, Line.total).where(Line.order_id == order.id)
            ):
                lines[product] += total
            assert order.total == lines.total() + order.fee
            return Sale(order.id, order.total, lines, order.fee, self._deposit(order.total), due, self.terms)

        sale = self.goes("place", do)
        self.world.sales[sale.id] = sale
        self.world.going.append(sale)
        if prepaid:
            self.world.move("receivable:meituan", "deposits", sale.total)
            sale.state, sale.paid = "confirmed", sale.total
        return None

    def _deposit(self, total: int) -> int:
        if self.rule is None or total <= self.rule["above"]:
            return total
        if "fixed" in self.rule:
            return min(total, self.rule["fixed"])
        whole, rest = divmod(total * self.rule["percent"], 100)
        return whole + (rest >= 50)

    def amount_for(self, sale: Sale) -> int:
        """Some or all of what is to be paid, now and then too much or nothing."""
        return self.chance.choice(
            (sale.balance,) * 4 + (sale.deposit, sale.balance // 3, sale.balance + 1, 0)
        )

    def begin_online(self) -> None:
        """A customer asks for a code; they may pay it later, or never."""
        sale = self.some_sale(lambda sale: sale.balance)
        if sale is None:
            return
        method, amount = self.chance.choice(("alipay", "wechat")), self.amount_for(sale)
        allowed = sale.state in WAITING and 0 < amount <= sale.balance and sale.paid + amount >= sale.deposit

        def do(tx: Session, shop: Shop) -> int:
            order, account = tx.get_one(Order, sale.id), self.banks[method].account
            return begin(tx, shop, order, method, amount, account=account, by=CUSTOMER, at=now()).id

        made = self.tries("begin online", allowed, do)
        if made is not None:
            self.world.live[made] = sale

    def phone_pays(self) -> None:
        """A customer pays a code that stands on a screen, whatever has become of the order."""
        bank = self.chance.choice(list(self.banks.values()))
        if bank.open:
            bank.pay(self.chance.choice(bank.open))
            self.did["phone pays"] += 1

    def look(self) -> None:
        """The worker asks the providers; then the world hears what the shop has made of the answers."""
        self.pass_by(seconds=self.chance.choice((1, 4, 11, 40, 200, 1000)))
        ask_due(self.office)
        self.hear()

    def hear(self) -> None:
        world = self.world
        with reading() as session:
            booked = select(Payment).join(Entry, Entry.txid == Payment.txid).where(Payment.id.in_(world.live))
            for payment in session.scalars(booked.order_by(Entry.seq)):
                sale = world.live.pop(payment.id)
                trade = self.banks[payment.method].trades[payment.attempt or ""]
                assert trade.state == "paid" and trade.charge.amount == payment.amount
                paid = Paid(payment.id, payment.method, payment.account, payment.amount, payment.amount)
                if sale.state in WAITING and payment.amount <= sale.balance:
                    assert payment.state == "captured", f"{payment.id} was wanted"
                    world.came(sale, paid)
                else:
                    assert payment.state == "captured_late", f"{payment.id} was not wanted any more"
                    self._owe([world.came_too_late(sale, paid)], session)
                self.did["online " + payment.state] += 1
            over = select(Payment.id, Payment.method, Payment.attempt).where(
                Payment.id.in_(world.live), Payment.state == "expired"
            )
            for number, method, attempt in session.execute(over):
                trade_there = self.banks[method].trades.get(attempt or "")
                assert trade_there is None or trade_there.state == "closed", f"{number} can still be paid"
                del world.live[number]
            due = [debt.id for debt in world.debts.values() if debt.state == "due" and debt.paid.online]
            gone = select(Refund.id).where(Refund.id.in_(due), Refund.state == "refunded")
            for number in session.scalars(gone):
                debt = world.debts[number]
                world.given_back(debt, debt.paid.account)
                self.did["online refund"] += 1

    def _owe(self, debts: list[Debt], session: Session) -> None:
        """Find what the shop has written down of money that is owed, in the order in which it was owed."""
        for debt in debts:
            refund = session.scalars(
                select(Refund).where(Refund.payment_id == debt.paid.id).order_by(Refund.id.desc()).limit(1)
            ).one()
            same = refund.amount == debt.amount and refund.id not in self.world.debts
            assert same, f"another amount is owed back than in the world: {refund.amount}, not {debt.amount}"
            debt.id = refund.id
            self.world.debts[refund.id] = debt

    def at_the_counter(self, account: str, method: str, till: int | None, by: Actor) -> None:
        """Money is given to a person: into a till, through the terminal, or to a courier."""
        sale = self.some_sale(lambda sale: sale.balance)
        if sale is None:
            return
        amount = self.amount_for(sale)
        allowed = sale.state in WAITING and 0 < amount <= sale.balance and account != ""

        def do(tx: Session, shop: Shop) -> int:
            order, where = tx.get_one(Order, sale.id), "" if till is not None else account
            return take(tx, shop, order, method, amount=amount, tendered=amount + 500, reference="SLIP-7",
                        till=till, account=where, by=by, at=now()).id  # fmt: skip

        number = self.tries(f"take {method} {account.partition(':')[0]}", allowed, do)
        if number is not None:
            self.world.came(sale, Paid(number, method, account, amount, amount))

    def bake(self) -> None:
        """The kitchen goes on with an order; how it does that is no matter of money."""
        sale = self.some_sale(lambda sale: sale.state in ("confirmed", "in_production"))
        if sale is None or sale.state not in ("confirmed", "in_production"):
            return
        sale.state = "in_production" if sale.state == "confirmed" else "ready"
        with writing() as tx:
            tx.execute(update(Order).where(Order.id == sale.id).values(state=sale.state))
            if sale.state == "ready":
                tx.execute(update(Task).where(Task.order_id == sale.id).values(state="done"))

    def cancel(self) -> None:
        """An order is cancelled, by two people once the kitchen has started."""
        sale = self.some_sale(lambda sale: sale.state != "ready")
        if sale is None:
            return
        allowed = sale.state in ("placed", "confirmed", "in_production")
        second = self.who["xu"] if sale.state == "in_production" else None

        def do(tx: Session, shop: Shop) -> bool:
            order = tx.get_one(Order, sale.id)
            progress.cancel(tx, shop, order, by=self.who["mei"], at=now(), reason="customer", second=second)
            return True

        if self.tries("cancel", allowed, do):
            given = self.world.cancelled(sale, now())
            with reading() as session:
                self._owe([Debt(0, sale, paid, amount, "due") for paid, amount in given], session)

    def hand_over(self) -> None:
        """A customer gets the cake."""
        sale = self.some_sale(lambda sale: sale.state == "ready" and not sale.balance)
        if sale is None:
            return

        def do(tx: Session, shop: Shop) -> bool:
            order = tx.get_one(Order, sale.id)
            progress.hand_over(tx, shop, order, by=self.who["xu"], at=now(), pin_needed=False)
            return True

        if self.tries("hand over", sale.state == "ready" and not sale.balance, do):
            self.world.handed_over(sale, self.slug)

    def books(self) -> dict[str, int]:
        """Return what the shop's books say of each account."""
        with reading() as session:
            query = select(Posting.account, func.sum(Posting.amount)).group_by(Posting.account)
            return {account: int(amount) for account, amount in session.execute(query) if amount}

    def compare(self) -> None:
        """Hold the books against the world, account by account."""
        mine = {account: amount for account, amount in self.world.accounts.items() if amount}
        books = self.books()
        off: dict[str, Any] = {
            account: (mine.get(account, 0), books.get(account, 0))
            for account in mine.keys() | books.keys() if mine.get(account, 0) != books.get(account, 0)
        }  # fmt: skip
        assert off == {}, f"in the world and in the books: {off}"

    def sign(self) -> None:
        """The books are signed where it is time."""
        with writing() as tx:
            sign_due(tx, 1, house().seal, at=now())
