"""Money by simple counting, beside the shop's own books: who holds what, which order was paid how, what is owed.

No table, no ledger and no rule of the shop is asked: this is what the books must agree with, account by account.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.shop.payments.owing import Debt, Paid

WAITING = ("placed", "confirmed", "in_production", "ready", "no_show")
"""States of an order that takes money."""


def share(amount: int, percent: int) -> int:
    """Return a percentage, half up."""
    whole, rest = divmod(amount * percent, 100)
    return whole + (rest >= 50)


@dataclass(frozen=True)
class Off:
    """What comes off: a percentage of each line it is for, or an amount; not more than ``most``."""

    percent: int = 0
    fixed: int = 0
    most: int = 0
    products: tuple[str, ...] = ()

    def of(self, cakes: Sequence[tuple[str, int]]) -> int:
        mine = [price for product, price in cakes if not self.products or product in self.products]
        taken = sum(share(price, self.percent) for price in mine) if self.percent else self.fixed
        return min(taken, sum(mine), self.most or taken)


@dataclass(eq=False)
class Discount:
    """What somebody takes off an order: ``asked``, ``given`` or ``dead``; a coupon's has no ``by``."""

    id: int
    off: Off
    amount: int
    state: str
    by: str = ""
    made_at: datetime | None = None
    coupon: Coupon | None = None

    def most(self, cakes: int) -> int:
        """How much may come off cakes of this price: a coupon's limits hold while its order changes."""
        if self.coupon is None or not self.coupon.budget:
            return 0 if self.coupon is not None and cakes < self.coupon.least else cakes
        left = self.coupon.budget - self.coupon.used()[1] + self.amount
        return max(self.amount, left) if cakes >= self.coupon.least else 0


@dataclass(frozen=True)
class Surprise:
    """Cash for a cake: it was taken at a till, while that was open as this shift."""

    amount: int
    till: int
    shift: int


@dataclass(eq=False)
class Sale:
    """An order: the price of each line, what came off, what is paid, and the terms it was placed under.

    ``ahead`` is how it is paid ahead, ``percent`` or ``fixed``, all of it where it says nothing; ``there`` is what a
    platform was paid for it. ``surprises`` are the cash for its cakes, by cake, piece by piece with where it was taken;
    ``boxed`` the cakes whose envelope is in, ``reopened`` the one whose box was opened last. Whoever ordered it
    fetches it, unless they never ``come``.
    """

    id: int
    cakes: list[tuple[str, int]]
    fee: int
    due_at: datetime
    terms: tuple[tuple[tuple[int, int], ...], int]
    comes: bool = True
    deposit: int = 0
    state: str = "placed"
    paid: int = 0
    there: int = 0
    alone: int = 0
    surprises: dict[int, list[Surprise]] = field(default_factory=dict)
    boxed: set[int] = field(default_factory=set)
    reopened: int | None = None
    payments: list[Paid] = field(default_factory=list)
    discounts: list[Discount] = field(default_factory=list)
    ahead: dict[str, int] = field(default_factory=dict)
    total: int = 0

    def __post_init__(self) -> None:
        self.reprice()

    @property
    def hidden(self) -> int:
        """The cash in its cakes."""
        return sum(each.amount for pieces in self.surprises.values() for each in pieces)

    @property
    def loose(self) -> int:
        """What of that is in no envelope yet."""
        cakes = [pieces for cake, pieces in self.surprises.items() if cake not in self.boxed]
        return sum(each.amount for pieces in cakes for each in pieces)

    @property
    def price(self) -> int:
        """What its cakes cost before anything comes off."""
        return sum(price for _, price in self.cakes)

    @property
    def discount(self) -> int:
        return sum(each.amount for each in self.discounts if each.state == "given")

    @property
    def balance(self) -> int:
        return self.total - self.paid

    def _off(self, cakes: Sequence[tuple[str, int]]) -> tuple[int, list[tuple[Discount, int]]]:
        """What is left of the price of cakes, and what each discount that is given takes off it."""
        whole = left = sum(price for _, price in cakes)
        taken = []
        for each in self.discounts:
            if each.state == "given":
                taken.append((each, min(left, each.off.of(cakes), each.most(whole))))
                left -= taken[-1][1]
        return left, taken

    def costs(self, cakes: Sequence[tuple[str, int]]) -> int:
        """What it would cost with these cakes."""
        return self._off(cakes)[0] + self.fee

    def reprice(self) -> None:
        """Take off what is given, in the order in which it was asked for, and never more than is left.

        While it waits for its money, what is paid ahead of it follows.
        """
        left, taken = self._off(self.cakes)
        for each, amount in taken:
            each.amount = amount
        for each in self.discounts:
            if each.state == "asked":
                each.amount = min(left, each.off.of(self.cakes))
        self.total = left + self.fee
        if self.state == "placed":
            part = self.ahead.get("fixed") or share(self.total, self.ahead.get("percent", 100))
            self.deposit = min(self.total, max(1, part))

    def back(self, at: datetime) -> int:
        """How much goes back if it is cancelled or given up now: a percentage, half up."""
        steps, started = self.terms
        percent = started
        if self.state in ("placed", "confirmed"):
            hours = (self.due_at - at) / timedelta(hours=1)
            percent = next((percent for least, percent in sorted(steps, reverse=True) if hours >= least), 0)
        return share(self.paid, percent)


@dataclass(eq=False)
class Coupon:
    """A code, what it takes off, and its limits (0: none); ``sales`` are the orders that used it."""

    code: str
    off: Off
    least: int = 0
    uses: int = 0
    budget: int = 0
    sales: list[Sale] = field(default_factory=list)

    def used(self) -> tuple[int, int]:
        """How often it is used, and what it has given: an order that came to nothing is no use."""
        given = [
            sale.discounts[0].amount for sale in self.sales if sale.state not in ("cancelled", "expired")
        ]
        return len(given), sum(given)

    def worth(self, cakes: Sequence[tuple[str, int]]) -> int:
        """What it takes off an order now; 0 where it is refused."""
        amount, (times, given) = self.off.of(cakes), self.used()
        over = (self.uses and times >= self.uses) or (self.budget and given + amount > self.budget)
        return 0 if over or sum(price for _, price in cakes) < self.least else amount


@dataclass(eq=False)
class Attempt:
    """Somebody tries to pay by phone. ``until`` is how long a customer's own code (``by_code``) may be agreed to."""

    sale: Sale
    method: str
    amount: int
    by_code: bool
    until: datetime

    def same(self, method: str, amount: int, at: datetime) -> bool:
        """Whether somebody scans a code for what another code is being charged for."""
        return self.by_code and self.until > at and (self.method, self.amount) == (method, amount)


class World:
    """Where all money is, by account; debit above zero."""

    def __init__(self) -> None:
        self.accounts: Counter[str] = Counter()
        self.sales: dict[int, Sale] = {}
        self.going: list[Sale] = []
        self.debts: dict[int, Debt] = {}
        self.live: dict[int, Attempt] = {}

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

    def given_up(self, sale: Sale, state: str, at: datetime) -> list[tuple[Paid, int]]:
        """An order is cancelled, or nobody fetched it; returns what goes back of each payment, the newest first."""
        missing, given = sale.back(at), []
        for paid in reversed(sale.payments):
            for case in paid.cases:  # the customer has that from the bank, or will have
                if case.state != "won":
                    theirs = min(missing, case.amount)
                    missing -= theirs
                    case.owed = theirs if case.state == "held" else 0
            amount = min(missing, paid.left)
            if amount > 0:
                given.append((paid, amount))
                paid.left -= amount
                missing -= amount
        back, there = sum(amount for _, amount in given), min(missing, sale.there)
        self.move("deposits", "refunds-due", back)
        self.move("deposits", "receivable:meituan", there)  # the platform pays its customer back
        self.move("deposits", "forfeit", sale.paid - back - there)
        self.over(sale, state)
        return given

    def handed_over(self, sale: Sale, slug: str) -> None:
        """The cake is given away: what was owed for it is earned."""
        for product, amount in sale.cakes:
            self.move("deposits", f"revenue:{slug}:{product}", amount)
        self.move("deposits", f"revenue:{slug}:delivery", sale.fee)
        self.move("discount", "deposits", sale.discount)
        self.over(sale, "handed_over")

    def newest(self, sale: Sale) -> tuple[int, Attempt] | None:
        """The last attempt to pay an order by phone whose end is not known."""
        return max(((n, tried) for n, tried in self.live.items() if tried.sale is sale), default=None,
                   key=lambda found: found[0])  # fmt: skip

    def over(self, sale: Sale, state: str) -> None:
        """Nobody works on it any more."""
        sale.state = state
        self.going.remove(sale)

    def given_back(self, debt: Debt, account: str) -> None:
        """Money that was owed has gone."""
        self.move("refunds-due", account, debt.amount)
        debt.state = "gone"
