"""A shop at random: every verb that moves money, in any order, each time first by simple counting (`world`).

What the counting says must be allowed has to go through, what it says is not must be refused, and the accounts of
the books are compared to the cent again and again.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.core.errors import ShopError
from shop.ledger.checkpoints import sign_due
from shop.ledger.tables import Posting
from shop.payments import rules, till
from shop.payments.asking import Office
from shop.payments.tables import Refund
from shop.payments.till import account_of
from shop.people.shops import Shop, only_shop
from tests import cast
from tests.shop.payments.bank import Provider
from tests.shop.payments.owing import Debt
from tests.shop.payments.world import Sale, World
from web.database import reading, writing
from web.house import house, now

T = TypeVar("T")
CAPS = {"clerk": 10, "manager": 40}


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
        self.caps = dict(CAPS)
        with writing() as tx:
            self.who = {login: cast.by(tx, login) for login in cast.LOGINS.values()}
            shop = tx.get_one(Shop, 1)
            self.slug = shop.slug
            made = [
                till.make_till(tx, shop, name, by=self.who["xu"], at=now()).id for name in ("Ä", "乙", "C")
            ]
        self.tills: dict[int, int | None] = dict.fromkeys(made)
        self.acts: list[tuple[Callable[[], None], int]] = []

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

    def some_till(self) -> int:
        return self.chance.choice(list(self.tills))

    def drawer(self, number: int) -> int:
        return self.world.accounts[account_of(number)]

    def ahead(self, total: int) -> dict[str, int]:
        """How a new order is paid ahead, by the rule that holds now."""
        if self.rule is None or total <= self.rule["above"]:
            return {}
        return {way: amount for way, amount in self.rule.items() if way != "above"}

    def pass_by(self, **time: float) -> None:
        cast.pass_by(**time)
        for bank in self.banks.values():
            bank.at = now()

    def owe(self, debts: list[Debt], session: Session) -> None:
        """Find what the shop has written down of money that is owed, in the order in which it was owed."""
        for debt in debts:
            refund = session.scalars(
                select(Refund).where(Refund.payment_id == debt.paid.id).order_by(Refund.id.desc()).limit(1)
            ).one_or_none()
            owed = refund.amount if refund is not None and refund.id not in self.world.debts else 0
            assert refund is not None and owed == debt.amount, (
                f"another amount is owed back than in the world: {owed}, not {debt.amount}"
            )
            debt.id = refund.id
            self.world.debts[refund.id] = debt

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
