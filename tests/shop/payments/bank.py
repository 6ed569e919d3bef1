"""The providers of online payments at random: what they know of each attempt, and when they are away."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from shop.payments.contract import Answer, Back, BackSaid, BillLine, Charge, Notice, ProviderAway, Said
from shop.payments.yuan import BEIJING


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
        self.cases: list[tuple[int, Literal["payment", "refund"], int, datetime]] = []
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

    def charge_code(self, charge: Charge, code: str) -> Answer:
        """Charge the customer whose code was scanned: at once, after they have agreed (``asks``), or not at all."""
        self._perhaps_away()
        trade = self.trades[charge.attempt] = Trade(charge, f"T{len(self.trades):08}")
        self.open.append(trade)
        if code == "pays":
            self.pay(trade)
        elif code == "poor":
            trade.state = "closed"
            self.open.remove(trade)
        self._perhaps_away()
        return Answer(Said.FAILED) if code == "poor" else self.query(charge.attempt)

    def reverse(self, attempt: str) -> Answer:
        """End a payment by such a code for good."""
        self._perhaps_away()
        trade = self.trades.get(attempt)
        assert trade is None or trade.state != "paid", "a payment is taken back that was seen to be made"
        if trade is not None and trade.state == "open":
            trade.state = "closed"
            self.open.remove(trade)
        self._perhaps_away()
        return Answer(Said.CLOSED)

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

    def hold(self, case: int, amount: int) -> None:
        """Hold some money back."""
        self.cases.append((case, "refund", amount, self.at))

    def give_back(self, case: int, amount: int) -> None:
        """Give the shop what was held back."""
        self.cases.append((case, "payment", amount, self.at))

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
        for case, kind, amount, at in self.cases:
            if at.astimezone(BEIJING).date() == day:
                name = f"CASE-{case}"
                about = name if kind == "refund" else ""
                lines.append(BillLine(name, name, about, kind, amount, 0, "CNY", at))
        return repr((self.method, day, lines)).encode(), lines
