"""What ends a day at random: tills counted and checked, the day closed, the bills; in the end all is settled."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM
from shop.payments import count, day, reconciliation, till
from shop.payments.bill_tables import OPEN, BilledLine, Source
from shop.payments.bills import bring_in
from shop.payments.contract import BillLine
from shop.payments.tables import Payment, Refund
from shop.payments.till_tables import TillShift
from shop.payments.yuan import BEIJING
from shop.people.shops import Shop
from tests.shop.payments.disputing import Disputing
from tests.shop.payments.forgetting import Forgetting
from tests.shop.payments.surprising import Surprising
from tests.shop.payments.wavering import Wavering
from web.database import reading
from web.house import house, now


class RandomShop(Wavering, Surprising, Forgetting, Disputing):
    """The whole shop: ``run`` does so many things at random, and then settles up."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.seen: set[int] = set()
        self.begun = now().astimezone(BEIJING).date()

    def run(self, steps: int, every: int = 250) -> None:
        """Do so many things, then settle up until nothing is owed or open."""
        acts, weights = zip(*self.acts, strict=True)
        today = now().date()
        for n in range(steps):
            self.chance.choices(acts, weights)[0]()
            if n % every == every - 1:
                self.compare()
                self.sign()
            if n % 10_000 == 9_999:
                print(f"{n + 1} steps, {self.did.total()} went through", flush=True)
            if now().date() != today:
                today = now().date()
                self.evening()
        self.settle_up()

    def evening(self) -> None:
        """All tills are counted and looked at, the days that are over are closed, the bills come."""
        for number, shift in self.tills.items():
            if shift is not None:
                self.count(number, self.chance.choice((0, 0, 0, -30_00, 1_00)))
        for shift in self.counted:
            self.look_at_count(shift)
        self.checked, self.counted = self.checked + self.counted, []
        with reading() as session:
            days = day.to_close(session, session.get_one(Shop, 1), at=now())
        for each in days[:-1]:
            self.close_day(each)
        self.bills()
        self.explain()
        self.compare()

    def look_at_count(self, shift: int) -> None:
        """Somebody else looks at a count; a large difference needs a reason first."""

        def do(tx: Session, shop: Shop) -> bool:
            count.check(tx, shop, shift, by=self.who["xu"], at=now())
            return True

        with reading() as session:
            needs = count.needs_reason(session.get_one(Shop, 1), session.get_one(TillShift, shift))
        if self.tries("check count", not needs, do) is None:
            with reading() as session:
                assert abs(session.get_one(TillShift, shift).difference or 0) > count.OVER_SHORT
            self.goes("explain count", lambda tx, shop: [
                count.explain(tx, shop, shift, "a wrong note", by=self.who["mei"], at=now())])  # fmt: skip
            self.goes("check count", do)

    def bills(self) -> None:
        """Each provider's bill of each day that is over; in some a line is missing, wrong or nobody's."""
        today = now().astimezone(BEIJING).date()
        for method, bank in self.banks.items():
            each = self.begun
            while each < today:
                if (method, each) not in self.billed:
                    self.billed.add((method, each))
                    file, lines = bank.bill(each)
                    self.bill(method, each, file, self.spoilt(lines))
                each += timedelta(days=1)
        with reading() as session:
            matched = select(BilledLine).where(
                BilledLine.standing == "matched",
                BilledLine.dispute_id.is_(None),
                BilledLine.id.not_in(self.seen),
            )
            for line in session.scalars(matched):
                self.seen.add(line.id)
                self.settled(line)

    def bill(self, method: str, each: date, file: bytes, lines: list[BillLine]) -> None:
        account = self.banks[method].account
        self.goes("bill", lambda tx, shop: bring_in(
            tx, shop, method, account, each, file, lines, source=Source.FETCHED, by=SYSTEM, at=now()))  # fmt: skip

    def spoilt(self, lines: list[BillLine]) -> list[BillLine]:
        """Return a bill as it might come."""
        found = []
        for line in lines:
            luck = self.chance.random()
            if luck < 0.01:
                found.append(replace(line, amount=line.amount + 1))
            elif luck < 0.02:
                found.append(replace(line, attempt="nobody's"))
            elif luck > 0.01:
                found.append(line)
        return found if self.chance.random() < 0.9 else found[1:]

    def settled(self, line: BilledLine) -> None:
        """What is matched lies in the bank now, less the fee."""
        trade = self.banks[line.method].trades[line.attempt]
        sign = 1 if line.kind == "payment" else -1
        came = trade.charge.amount if line.kind == "payment" else trade.back[line.refund][0]
        fee = sign * (came * 6 // 1000)
        assert (line.amount, line.fee, line.gap) == (came, fee, 0)
        account = f"psp:{line.method}:{line.account}"
        self.world.move("bank", account, sign * came)
        self.world.move(f"fee:{line.method}", "bank", fee)

    def explain(self) -> None:
        """Somebody who had none of the money says why a line fits nothing."""
        waits = select(BilledLine).where(
            BilledLine.standing.in_(OPEN), BilledLine.explained_at.is_(None),
            BilledLine.seen_at <= now() - timedelta(days=2),
        )  # fmt: skip
        with reading() as session:
            lines = list(session.scalars(waits))
        for line in lines:
            if not self.attach(line):
                self.explain_line(line.id)

    def close_day(self, each: date) -> None:
        self.goes("close day", lambda tx, shop: day.close_day(
            tx, shop, each, terminal=0, reason="the terminal was off", seal=house().seal, by=self.who["chen"],
            at=now()))  # fmt: skip

    def explain_line(self, number: int) -> None:
        self.goes("explain line", lambda tx, shop: reconciliation.explain(
            tx, shop, number, "asked the provider", by=self.who["zheng"], at=now()))  # fmt: skip

    def settle_up(self) -> None:
        """Nobody orders any more: every attempt ends, every debt is paid, every day is closed."""
        for bank in self.banks.values():
            bank.away = 0.0
        self.end_all()
        rounds = 0
        while self.world.live or any(d.state == "due" and d.paid.online for d in self.world.debts.values()):
            rounds += 1
            assert rounds < 3000, "attempts or refunds never end"
            self.pass_by(minutes=5)
            self.look()
            self.retry()
        self.pass_by(hours=25)
        self.wait()
        due = self.due_by_hand()
        number = next(iter(self.tills))
        if self.tills[number] is None:
            self.open_a_till(number)
        for debt in due:
            if debt.paid.method == "cash":
                self.enough_in(number, debt.amount)
            self.pay_back(debt, number)
        self.all_given_back(number)
        self.evening()
        for _ in range(3):
            self.pass_by(hours=25)
            self.evening()
        assert not [debt for debt in self.world.debts.values() if debt.state in ("asked", "due")]
        self.providers_agree()

    def open_a_till(self, number: int) -> None:
        """Open it without a float."""
        self.tills[number] = self.goes("open till", lambda tx, shop: till.open_till(
            tx, shop, number, floated=0, by=self.who["mei"], at=now()).id)  # fmt: skip

    def providers_agree(self) -> None:
        """Every cent that customers' phones paid stands in the books, and every cent that went back."""
        for method, bank in self.banks.items():
            paid = sum(trade.charge.amount for trade in bank.trades.values() if trade.state == "paid")
            back = sum(amount for trade in bank.trades.values() for amount, _ in trade.back.values())
            with reading() as session:
                mine = select(Payment).where(Payment.method == method, Payment.txid.is_not(None))
                sent = select(Refund).join(Payment, Payment.id == Refund.payment_id).where(
                    Payment.method == method, Refund.state == "refunded"
                )  # fmt: skip
                assert sum(payment.amount for payment in session.scalars(mine)) == paid
                assert sum(refund.amount for refund in session.scalars(sent)) == back
