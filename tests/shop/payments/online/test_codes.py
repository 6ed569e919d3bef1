"""The code on a customer's phone at both providers, really signed: paid at once, agreed to, refused, reversed."""

from __future__ import annotations

import re

import pytest

from shop.payments.contract import Provider, Said, TakesCodes
from shop.payments.providers import ONLINE
from shop.upkeep.demo.gateway.door import Gateway
from tests.cast import StoppedClock
from tests.gateway import charge


@pytest.fixture
def taking(provider: Provider) -> TakesCodes:
    assert isinstance(provider, TakesCodes)
    return provider


def test_a_code_is_charged_at_once_and_works_once(
    provider: Provider, taking: TakesCodes, gateway: Gateway, clock: StoppedClock, method: str
) -> None:
    code, wanted = gateway.trades.show_code(method, False), charge(clock.now())
    said = taking.charge_code(wanted, code)
    assert (said.said, said.amount, said.currency) == (Said.PAID, 26800, "CNY") and said.trade_no
    assert taking.charge_code(charge(clock.now()), code).said == Said.FAILED
    assert taking.charge_code(wanted, code).said == Said.PAID, "the same attempt again is the same payment"
    assert provider.query(wanted.attempt).said == Said.PAID
    assert len([trade for trade in gateway.trades.all() if trade.state == "paid"]) == 1


def test_the_customer_agrees_on_the_phone(
    provider: Provider, taking: TakesCodes, gateway: Gateway, clock: StoppedClock, method: str
) -> None:
    wanted = charge(clock.now())
    assert taking.charge_code(wanted, gateway.trades.show_code(method, True)).said == Said.WAITING
    assert provider.query(wanted.attempt).said == Said.WAITING
    trade = gateway.trades.by_attempt(method, wanted.attempt)
    assert trade is not None
    gateway.pay(trade)
    assert provider.query(wanted.attempt).said == Said.PAID


def test_a_code_that_nobody_shows_or_that_is_old_is_refused(
    taking: TakesCodes, gateway: Gateway, clock: StoppedClock, method: str
) -> None:
    strange = gateway.trades.show_code(method, False)[:-1] + "x"
    assert taking.charge_code(charge(clock.now()), strange).said == Said.FAILED
    code = gateway.trades.show_code(method, False)
    clock.pass_by(minutes=2)
    assert taking.charge_code(charge(clock.now()), code).said == Said.FAILED


def test_what_is_reversed_is_over_and_what_was_paid_goes_back(
    provider: Provider, taking: TakesCodes, gateway: Gateway, clock: StoppedClock, method: str
) -> None:
    open_, paid = charge(clock.now()), charge(clock.now())
    taking.charge_code(open_, gateway.trades.show_code(method, True))
    taking.charge_code(paid, gateway.trades.show_code(method, False))
    for wanted in (open_, paid, open_, paid):
        assert taking.reverse(wanted.attempt).said == Said.CLOSED
    assert provider.query(open_.attempt).said == Said.CLOSED
    trade = gateway.trades.by_attempt(method, paid.attempt)
    assert trade is not None and gateway.trades.sent_back(trade) == 26800
    assert taking.reverse("0" * 24).said == Said.CLOSED, "nobody knows of it"


def test_a_code_says_whose_it_is() -> None:
    codes = {"alipay": ("2512345678901234", "301234567890123456789012"), "wechat": ("101234567890123456",)}
    none = (
        "",
        "123",
        "241234567890123456",
        "161234567890123456",
        "28123456789012345678901234",
        "28x2345678901234",
    )
    for key, known in codes.items():
        for code in known:
            assert [way.key for way in ONLINE.values() if way.codes and way.codes.fullmatch(code)] == [key]
    assert not any(way.codes.fullmatch(code) for way in ONLINE.values() if way.codes for code in none)
    assert not re.fullmatch(ONLINE["alipay"].codes or "", "２８１２３４５６７８９０１２３４５６")
