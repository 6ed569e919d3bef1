"""A shop with an account at both providers: the demo's gateway, really asked over loopback."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from shop.core.actors import CUSTOMER
from shop.orders.tables import Order
from shop.payments.asking import Office, ask_due
from shop.payments.online import begin
from shop.payments.tables import Payment
from shop.upkeep.demo.gateway.door import Gateway
from shop.upkeep.invariants import breaches
from tests import cast, counter
from tests.gateway import beside
from web.database import reading, writing
from web.house import house, now


@dataclass
class Counter:
    """The shop and the customer's phone, moved by the test: ``look`` lets the shop ask what is due."""

    gateway: Gateway

    def office(self) -> Office:
        return Office(writing, house().providers.get, house().settings.public_url, now)

    def look(self, **time: float) -> int:
        """Let time pass, then ask the providers about everything that is due; returns how much that was."""
        if time:
            cast.pass_by(**time)
        return ask_due(self.office())

    def order(self, *, paid: bool = False) -> int:
        """Order a strawberry cake of 268; returns its id."""
        with writing() as tx:
            return counter.order(tx, paid=paid).order_id

    def begin(self, order_id: int, method: str = "alipay", amount: int = 26800) -> int:
        """Begin to pay online; returns the payment's id. Its code comes with the next look."""
        provider = house().providers.get(method)
        assert provider is not None
        with writing() as tx:
            shop, _ = counter.shop_and_card(tx)
            held = tx.get_one(Order, order_id)
            return begin(tx, shop, held, method, amount, account=provider.account, by=CUSTOMER, at=now()).id

    def shown(self, method: str = "alipay") -> tuple[int, int]:
        """A customer has ordered and sees the provider's code; returns the ids of the order and the payment."""
        order_id = self.order()
        payment_id = self.begin(order_id, method)
        self.look()
        return order_id, payment_id

    def begin_code(self, order_id: int) -> int:
        """Write down that a customer's code is to be charged; whoever was to charge it is killed."""
        with writing() as tx:
            shop, _ = counter.shop_and_card(tx)
            held = tx.get_one(Order, order_id)
            return begin(tx, shop, held, "alipay", held.balance, account="2088101122334455", by_code=True, by=CUSTOMER,
                         at=now()).id  # fmt: skip

    def payment(self, payment_id: int) -> Payment:
        with reading() as session:
            return session.get_one(Payment, payment_id)

    def state(self, order_id: int) -> str:
        with reading() as session:
            return session.get_one(Order, order_id).state

    def phone_pays(self, payment_id: int) -> None:
        """The customer scans the code and taps pay."""
        payment = self.payment(payment_id)
        trade = self.gateway.trades.by_attempt(payment.method, payment.attempt or "")
        assert trade is not None
        self.gateway.pay(self.gateway.trades.scan(trade))

    def sent_back(self, payment_id: int) -> int:
        """Return what the provider has sent back of a payment, minor units."""
        payment = self.payment(payment_id)
        trade = self.gateway.trades.by_attempt(payment.method, payment.attempt or "")
        return self.gateway.trades.sent_back(trade) if trade else 0

    def books(self) -> list[str]:
        """Return what is wrong with the books; nothing, it is hoped."""
        with reading() as session:
            return breaches(session)


@pytest.fixture
def shop_counter(gateway_keys: Path, app_both: Flask) -> Iterator[Counter]:
    """The shop of the tests beside a gateway of its own, on either database."""
    with beside(gateway_keys, app_both) as gateway, app_both.app_context():
        gateway.control.set({"drop": True})  # the shop finds out by asking, unless a test says otherwise
        yield Counter(gateway)


@pytest.fixture
def shop_both(app_both: Flask) -> Iterator[Flask]:
    """The shop on either database; its books are right in the end."""
    with app_both.app_context():
        yield app_both
        with reading() as session:
            assert breaches(session) == []
