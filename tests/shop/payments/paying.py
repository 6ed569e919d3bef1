"""Payments at random: by phone at a provider that is sometimes away, and at the counter."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import CUSTOMER, Actor
from shop.ledger.tables import Entry
from shop.orders.tables import Order
from shop.payments.asking import ask_due, charge_code
from shop.payments.counter import take
from shop.payments.online import begin, drop
from shop.payments.tables import Payment, Refund
from shop.people.shops import Shop
from tests.shop.payments.owing import Paid
from tests.shop.payments.play import Play
from tests.shop.payments.world import WAITING, Attempt, Sale
from web.database import reading
from web.house import now


class Paying(Play):
    """Customers who pay."""

    def amount_for(self, sale: Sale) -> int:
        """Some or all of what is to be paid, now and then too much or nothing."""
        return self.chance.choice(
            (sale.balance,) * 4 + (sale.deposit, sale.balance // 3, sale.balance + 1, 0)
        )

    def begin_online(self) -> None:
        """A customer asks for a code; they may pay it later, or never."""
        self._try_online(by_code=False)

    def scan(self) -> None:
        """A customer's phone shows a code at the till; it is charged at once, unless the till dies before that."""
        made = self._try_online(by_code=True)
        if made is not None and self.chance.random() < 0.95:
            charge_code(self.office, made, self.chance.choice(("pays", "pays", "asks", "poor")))
            self.hear()

    def _try_online(self, *, by_code: bool) -> int | None:
        """Begin to pay; the shop's code ends an older attempt, a customer's waits until there is none."""
        sale = self.some_sale(lambda sale: sale.balance)
        if sale is None:
            return None
        method, amount = self.chance.choice(("alipay", "wechat")), self.amount_for(sale)
        before = self.world.newest(sale)
        free = before is None or not by_code or before[1].same(method, amount, now())
        allowed = sale.state in WAITING and 0 < amount <= sale.balance and sale.paid + amount >= sale.deposit

        def do(tx: Session, shop: Shop) -> int:
            order, account = tx.get_one(Order, sale.id), self.banks[method].account
            return begin(tx, shop, order, method, amount, account=account, by_code=by_code,
                         by=self.who["mei"] if by_code else CUSTOMER, at=now()).id  # fmt: skip

        made = self.tries("scan a code" if by_code else "begin online", allowed and free, do)
        if made is not None and made not in self.world.live:
            self.world.live[made] = Attempt(sale, method, amount, by_code, now() + timedelta(seconds=90))
            if before is not None:
                before[1].until = now()
        return made

    def stop_paying(self) -> None:
        """The attempt that is open is ended: somebody wants to pay in another way."""
        live = [attempt.sale for attempt in self.world.live.values()]
        sale = self.chance.choice(live) if live else self.some_sale(lambda sale: True)
        if sale is None:
            return
        number, before = sale.id, self.world.newest(sale)
        stopped = self.goes("stop paying", lambda tx, shop: [
            drop(tx, shop, tx.get_one(Order, number), by=CUSTOMER, at=now())])  # fmt: skip
        assert stopped == [before is not None]
        if before is not None:
            before[1].until = now()

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
                attempt = world.live.pop(payment.id)
                sale = attempt.sale
                trade = self.banks[payment.method].trades[payment.attempt or ""]
                assert trade.state == "paid" and trade.charge.amount == payment.amount
                paid = Paid(payment.id, payment.method, payment.account, payment.amount, payment.amount)
                if sale.state in WAITING and payment.amount <= sale.balance:
                    assert payment.state == "captured", f"{payment.id} was wanted"
                    world.came(sale, paid)
                else:
                    assert payment.state == "captured_late", f"{payment.id} was not wanted any more"
                    self.owe([world.came_too_late(sale, paid)], session)
                self.did[("code " if attempt.by_code else "online ") + payment.state] += 1
            over = select(Payment.id, Payment.method, Payment.attempt).where(
                Payment.id.in_(world.live), Payment.state.in_(("expired", "failed"))
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
