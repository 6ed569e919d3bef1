"""Money by simple counting, beside the shop's own books: who holds what, which order was paid how, what is owed.

No table, no ledger and no rule of the shop is asked: this is what the books must agree with, account by account.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from shop.payments.contract import Answer, Back, BackSaid, BillLine, Charge, Notice, ProviderAway, Said
from shop.payments.yuan import BEIJING

WAITING = ("placed", "confirmed", "in_production", "ready")
"""States of an order that takes money."""


@dataclass
class Paid:
    """One payment that came; ``left`` of it has not been given or promised back."""

    id: int
    method: str
    account: str
    amount: int
    left: int

    @property
    def online(self) -> bool:
        return self.account.startswith("psp:")


@dataclass
class Debt:
    """Money that goes back: ``asked``, ``due``, ``gone`` or ``dead``. ``by`` is who asked."""

    id: int
    sale: Sale
    paid: Paid
    amount: int
    state: str
    by: str = ""
    made_at: datetime | None = None


@dataclass
class Sale:
    """An order: its price by product, what is paid, and the terms it was placed under."""

    id: int
    total: int
    lines: Counter[str]
    fee: int
    deposit: int
    due_at: datetime
    terms: tuple[tuple[tuple[int, int], ...], int]
    state: str = "placed"
    paid: int = 0
    alone: int = 0
    payments: list[Paid] = field(default_factory=list)

    @property
    def balance(self) -> int:
        return self.total - self.paid

    def back(self, at: datetime) -> int:
        """How much goes back if it is cancelled now: a percentage, half up."""
        steps, started = self.terms
        percent = started
        if self.state != "in_production":
            hours = (self.due_at - at) / timedelta(hours=1)
            percent = next((percent for least, percent in sorted(steps, reverse=True) if hours >= least), 0)
        whole, rest = divmod(self.paid * percent, 100)
        return whole + (rest >= 50)


@dataclass
class Trade:
    """What a provider knows of an attempt."""

    charge: Charge
    number: str
    state: str = "open"
    paid_at: datetime | None = None
    back: dict[str, tuple[int, datetime]] = field(default_factory=dict)


class Provider:
    """A provider that is sometimes away, before it has done what it was asked to or after."""

    def __init__(self, method: str, chance: random.Random) -> None:
        self.method, self.account, self.chance = method, f"{method}-1", chance
        self.trades: dict[str, Trade] = {}
        self.open: list[Trade] = []
        self.at = datetime.min
        self.away = 0.05

    def _perhaps_away(self) -> None:
        if self.chance.random() < self.away:
            raise ProviderAway("by chance")

    def create(self, charge: Charge) -> Answer:
        self._perhaps_away()
        if charge.attempt not in self.trades:
            trade = Trade(charge, f"T{len(self.trades):08}")
            self.trades[charge.attempt] = trade
            self.open.append(trade)
        self._perhaps_away()
        return Answer(Said.WAITING, qr="a code")

    def query(self, attempt: str) -> Answer:
        self._perhaps_away()
        trade = self.trades.get(attempt)
        if trade is None:
            return Answer(Said.NOT_FOUND)
        if trade.state != "paid":
            return Answer(Said.CLOSED if trade.state == "closed" else Said.WAITING)
        asked = trade.charge
        return Answer(Said.PAID, trade.number, asked.amount, asked.currency, trade.paid_at)

    def close(self, attempt: str) -> Answer:
        self._perhaps_away()
        trade = self.trades.get(attempt)
        if trade is not None and trade.state == "open":
            trade.state = "closed"
            self.open.remove(trade)
        self._perhaps_away()
        return self.query(attempt)

    def pay(self, trade: Trade) -> None:
        """The customer pays."""
        trade.state, trade.paid_at = "paid", self.at
        self.open.remove(trade)

    def refund(self, back: Back) -> BackSaid:
        self._perhaps_away()
        trade = self.trades[back.attempt]
        if back.refund not in trade.back and self.chance.random() < 0.03:
            return BackSaid(Said.FAILED)
        trade.back.setdefault(back.refund, (back.amount, self.at))
        assert trade.back[back.refund][0] == back.amount, "the same number for another amount"
        assert sum(amount for amount, _ in trade.back.values()) <= trade.charge.amount, "more back than came"
        self._perhaps_away()
        return BackSaid(Said.PAID)

    def query_refund(self, back: Back) -> BackSaid:
        self._perhaps_away()
        return BackSaid(Said.PAID if back.refund in self.trades[back.attempt].back else Said.NOT_FOUND)

    def notice(self, headers: Mapping[str, str], body: bytes, at: datetime) -> Notice:
        raise ProviderAway("nobody is told, the shop asks")

    def thanks(self) -> tuple[int, str, bytes]:
        raise ProviderAway("nobody is told, the shop asks")

    def bill(self, day: date) -> tuple[bytes, list[BillLine]]:
        """What it says of a day: every payment and refund, with a fee of 6 per mille."""
        lines = []
        for trade in self.trades.values():
            asked = trade.charge
            common = (trade.number, asked.attempt)
            if trade.paid_at is not None and trade.paid_at.astimezone(BEIJING).date() == day:
                fee = asked.amount * 6 // 1000
                lines.append(
                    BillLine(*common, "", "payment", asked.amount, fee, asked.currency, trade.paid_at)
                )
            for ref, (amount, at) in trade.back.items():
                if at.astimezone(BEIJING).date() == day:
                    fee = -(amount * 6 // 1000)
                    lines.append(BillLine(*common, ref, "refund", amount, fee, asked.currency, at))
        return repr((self.method, day, lines)).encode(), lines


class World:
    """Where all money is, by account; debit above zero."""

    def __init__(self) -> None:
        self.accounts: Counter[str] = Counter()
        self.sales: dict[int, Sale] = {}
        self.going: list[Sale] = []
        self.debts: dict[int, Debt] = {}
        self.live: dict[int, Sale] = {}

    def move(self, to: str, out_of: str, amount: int) -> None:
        """So much money goes from one account to another."""
        self.accounts[to] += amount
        self.accounts[out_of] -= amount

    def came(self, sale: Sale, paid: Paid) -> None:
        """A payment for an order that waits for it."""
        self.move(paid.account, "deposits", paid.amount)
        sale.payments.append(paid)
        sale.paid += paid.amount
        if sale.state == "placed" and sale.paid >= sale.deposit:
            sale.state = "confirmed"

    def came_too_late(self, sale: Sale, paid: Paid) -> Debt:
        """A payment that nobody waits for: all of it goes back."""
        self.move(paid.account, "refunds-due", paid.amount)
        paid.left = 0
        sale.payments.append(paid)
        return Debt(0, sale, paid, paid.amount, "due")

    def cancelled(self, sale: Sale, at: datetime) -> list[tuple[Paid, int]]:
        """An order is cancelled; returns what goes back of each payment, the newest first."""
        missing, given = sale.back(at), []
        for paid in reversed(sale.payments):
            amount = min(missing, paid.left)
            if amount > 0:
                given.append((paid, amount))
                paid.left -= amount
                missing -= amount
        back, there = sum(amount for _, amount in given), 0 if sale.payments else missing
        self.move("deposits", "refunds-due", back)
        self.move("deposits", "receivable:meituan", there)  # the platform pays its customer back
        self.move("deposits", "forfeit", sale.paid - back - there)
        self.over(sale, "cancelled")
        return given

    def handed_over(self, sale: Sale, slug: str) -> None:
        """The cake is given away: what was owed for it is earned."""
        for product, amount in sale.lines.items():
            self.move("deposits", f"revenue:{slug}:{product}", amount)
        self.move("deposits", f"revenue:{slug}:delivery", sale.fee)
        self.over(sale, "handed_over")

    def over(self, sale: Sale, state: str) -> None:
        """Nobody works on it any more."""
        sale.state = state
        self.going.remove(sale)

    def given_back(self, debt: Debt, account: str) -> None:
        """Money that was owed has gone."""
        self.move("refunds-due", account, debt.amount)
        debt.state = "gone"
