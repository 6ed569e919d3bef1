"""Payments that are held back at random: written down, won or lost, and found in the provider's bill."""

from __future__ import annotations

from sqlalchemy.orm import Session

from shop.orders.tables import Order
from shop.payments import disputes, reconciliation
from shop.payments.bill_tables import BilledLine
from shop.payments.dispute_tables import Dispute
from shop.payments.tables import Payment
from shop.people.shops import Shop
from tests.shop.payments.keeping import Keeping
from tests.shop.payments.owing import Case, Debt
from web.database import reading
from web.house import now

CHEN = "chen"


class Disputing(Keeping):
    """Customers who ask their bank."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.cases: dict[int, Case] = {}
        self.acts += [(self.hold_back, 6), (self.end_dispute, 3)]

    def hold_back(self) -> None:
        """A letter comes: some of a payment is held back, of an order that is open, over or cancelled."""
        sales = [sale for sale in list(self.world.sales.values())[-300:] if sale.payments]
        open_ones = [sale for sale in self.world.going if any(paid.online for paid in sale.payments)]
        if not sales:
            return
        sale = self.chance.choice(open_ones if open_ones and self.chance.random() < 0.6 else sales)
        paid, login = self.chance.choice(sale.payments), self.chance.choice(("xu", "lin", CHEN))
        amount = self.chance.choice((paid.left, paid.left, paid.left // 2, paid.left + 1, 0))
        lies_there = not paid.account.startswith(("till:", "courier-cash:"))
        number = self.tries("hold back", lies_there and 0 < amount <= paid.left, lambda tx, shop: disputes.open_dispute(
            tx, shop, paid.id, amount, "never came", by=self.who[login], at=now()).id)  # fmt: skip
        if number is None:
            return
        paid.left -= amount
        case = Case(number, sale, paid, amount, login)
        self.cases[number] = case
        paid.cases.append(case)
        self.world.move("disputed", paid.account, amount)
        if paid.online:
            self.banks[paid.method].hold(number, amount)

    def end_dispute(self) -> None:
        """The bank has decided; a loss is written down by somebody else than who wrote the letter down."""
        held = [case for case in self.cases.values() if case.state == "held"]
        if held:
            case = self.chance.choice(held)
            login = self.chance.choice(("xu", "lin", CHEN))
            self.end(case, self.chance.choice(("won", "lost")), login, self.chance.random() < 0.9)

    def end(self, case: Case, how: str, login: str, seen: bool) -> None:
        by = self.who[login]

        def do(tx: Session, shop: Shop) -> bool:
            row = tx.get_one(Dispute, case.id)
            if how == "won":
                disputes.win(tx, shop, case.id, by=by, at=now())
                return True
            shown = disputes.content(
                row, tx.get_one(Payment, row.payment_id), tx.get_one(Order, row.order_id)
            )
            disputes.lose(tx, shop, case.id, shown if seen else "0" * 64, by=by, at=now())
            return True

        if not self.tries(f"dispute {how}", how == "won" or (seen and login != case.by), do):
            return
        case.state, paid = how, case.paid
        if how == "lost":
            self.world.move("forfeit", "disputed", case.owed)
            self.world.move("expense:disputes", "disputed", case.amount - case.owed)
            return
        self.world.move(paid.account, "disputed", case.amount)
        self.world.move("forfeit", "refunds-due", case.owed)
        paid.left += case.amount - case.owed
        if paid.online:
            self.banks[paid.method].give_back(case.id, case.amount)
        if case.owed:
            with reading() as session:
                self.owe([Debt(0, case.sale, paid, case.owed, "due")], session)

    def end_all(self) -> None:
        """Every bank has decided."""
        for case in [case for case in self.cases.values() if case.state == "held"]:
            self.end(case, self.chance.choice(("won", "lost")), "lin" if case.by != "lin" else CHEN, True)

    def attach(self, line: BilledLine) -> bool:
        """Say which dispute a line of a bill is about, where it could be about one."""
        with reading() as session:
            could = [
                row.id
                for row in reconciliation.disputes_it_could_be(session, session.get_one(BilledLine, line.id))
            ]
        if not could:
            return False
        case = self.chance.choice(could)
        self.goes("line of a dispute", lambda tx, shop: reconciliation.attach_dispute(
            tx, shop, line.id, case, "the bank's case", by=self.who["zheng"], at=now()))  # fmt: skip
        sign = 1 if line.kind == "payment" else -1
        self.world.move("bank", f"psp:{line.method}:{line.account}", sign * line.amount)
        self.world.move(f"fee:{line.method}", "bank", line.fee)  # a line that came spoilt may have one
        return True
