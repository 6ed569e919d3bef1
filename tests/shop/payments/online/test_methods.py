"""What every online method must do, each tried against the gateway: real protocols, signatures and sockets."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pytest

from shop.core.keys import new_code
from shop.payments.contract import Back, BackSaid, Provider, ProviderAway, Said
from shop.payments.yuan import BEIJING
from shop.upkeep.demo.gateway.door import Gateway
from shop.upkeep.demo.gateway.trades import Refusal
from tests.cast import SATURDAY, StoppedClock
from tests.gateway import asked, charge, paid, provider_at, running
from tests.patience import PATIENCE


def back(attempt: str, amount: int, paid: int = 26800) -> Back:
    return Back(new_code(24), attempt, "", amount, paid, "CNY", "退款 / refund")


# -- paying


def test_a_code_is_shown_and_paid(gateway: Gateway, provider: Provider, method: str) -> None:
    wanted = charge(SATURDAY)
    first = provider.create(wanted)
    assert (first.said, first.qr.rsplit("/", 1)[0][-7:]) == (Said.WAITING, f"/{method}")
    assert provider.create(wanted) == first, "asked again it is the same code"
    assert provider.query(wanted.attempt).said is Said.WAITING
    with urllib.request.urlopen(first.qr, timeout=PATIENCE) as page:
        assert "¥268.00" in page.read().decode()
    assert provider.query(wanted.attempt).said is Said.WAITING, "scanned is not paid"
    with urllib.request.urlopen(f"{first.qr}/pay", b"", timeout=PATIENCE) as page:
        assert 'role="status"' in page.read().decode()
    told = provider.query(wanted.attempt)
    assert (told.said, told.amount, told.currency, told.paid_at) == (Said.PAID, 26800, "CNY", SATURDAY)
    assert len(told.trade_no) > 20
    assert provider.create(wanted).said is Said.PAID, "nobody can be asked twice"
    assert provider.close(wanted.attempt) == told, "what is paid is not closed"


def test_a_payment_that_was_never_asked_for_is_not_paid(provider: Provider) -> None:
    assert provider.query(new_code(24)).said in (Said.WAITING, Said.NOT_FOUND)
    assert provider.close(new_code(24)).said is Said.CLOSED


@pytest.mark.parametrize("scanned", [False, True])
def test_a_closed_code_cannot_be_paid(
    gateway: Gateway, provider: Provider, method: str, scanned: bool
) -> None:
    wanted = asked(provider, SATURDAY)
    trade = gateway.trades.by_attempt(method, wanted.attempt)
    assert trade is not None
    if scanned:
        gateway.trades.scan(trade)
    assert provider.close(wanted.attempt).said is Said.CLOSED
    assert provider.close(wanted.attempt).said is Said.CLOSED
    with pytest.raises(Refusal):
        gateway.pay(trade)
    assert provider.query(wanted.attempt).said is not Said.PAID


def test_a_code_runs_out(gateway: Gateway, provider: Provider, method: str, clock: StoppedClock) -> None:
    wanted = asked(provider, SATURDAY)
    trade = gateway.trades.by_attempt(method, wanted.attempt)
    assert trade is not None
    gateway.trades.scan(trade)
    clock.pass_by(minutes=15)
    with pytest.raises(Refusal):
        gateway.pay(trade)
    assert provider.query(wanted.attempt).said is Said.CLOSED


def test_another_currency_is_refused(provider: Provider) -> None:
    assert provider.create(replace(charge(SATURDAY), currency="USD")).said is Said.FAILED


# -- sending back


def test_money_goes_back_once_for_each_number(gateway: Gateway, provider: Provider, method: str) -> None:
    wanted = asked(provider, SATURDAY)
    paid(gateway, method, wanted.attempt)
    part = back(wanted.attempt, 10001)
    assert provider.query_refund(part) == BackSaid(Said.NOT_FOUND)
    for _ in range(3):
        assert provider.refund(part) == BackSaid(Said.PAID)
    assert provider.query_refund(part) == BackSaid(Said.PAID)
    assert provider.refund(back(wanted.attempt, 16800)) == BackSaid(Said.FAILED), "more than was paid"
    rest = back(wanted.attempt, 16799)
    assert provider.refund(rest) == BackSaid(Said.PAID)
    trade = gateway.trades.by_attempt(method, wanted.attempt)
    assert trade is not None and gateway.trades.sent_back(trade) == 26800


def test_a_refund_whose_answer_was_lost_is_found(gateway: Gateway, provider: Provider, method: str) -> None:
    wanted = asked(provider, SATURDAY)
    paid(gateway, method, wanted.attempt)
    whole = back(wanted.attempt, 26800)
    gateway.control.set({"away": "after"})
    with pytest.raises(ProviderAway):
        provider.refund(whole)
    gateway.control.set({})
    assert provider.query_refund(whole) == BackSaid(Said.PAID)
    assert provider.refund(whole) == BackSaid(Said.PAID)
    trade = gateway.trades.by_attempt(method, wanted.attempt)
    assert trade is not None and gateway.trades.sent_back(trade) == 26800


def test_nothing_is_sent_back_of_what_nobody_paid(gateway: Gateway, provider: Provider, method: str) -> None:
    wanted = asked(provider, SATURDAY)
    assert provider.refund(back(wanted.attempt, 1)) == BackSaid(Said.FAILED)
    assert provider.query_refund(back(wanted.attempt, 1)) == BackSaid(Said.NOT_FOUND)
    assert provider.refund(back(new_code(24), 1)) == BackSaid(Said.FAILED)


# -- nobody answers


def each_call(provider: Provider) -> Iterator[str]:
    """Make every call; yields the name of each that said that nobody knows what happened."""
    wanted = charge(SATURDAY)
    one = back(wanted.attempt, 1)
    calls = {
        "create": lambda: provider.create(wanted), "query": lambda: provider.query(wanted.attempt),
        "close": lambda: provider.close(wanted.attempt), "refund": lambda: provider.refund(one),
        "query_refund": lambda: provider.query_refund(one), "bill": lambda: provider.bill(SATURDAY.date()),
    }  # fmt: skip
    for name, call in calls.items():
        with pytest.raises(ProviderAway):
            call()
        yield name


@pytest.mark.parametrize("how", ["busy", "after", "silent"])
def test_a_provider_that_is_away_proves_nothing(
    gateway: Gateway, provider: Provider, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if how == "silent":
        for module in ("alipay", "wechat"):
            monkeypatch.setattr(f"shop.payments.{module}.TIMEOUT", 0.2)
    gateway.control.set({"away": how})
    assert len(list(each_call(provider))) == 6
    gateway.control.set({})


def test_a_provider_that_cannot_be_reached_proves_nothing(
    gateway_keys: Path, tmp_path: Path, clock: StoppedClock, method: str
) -> None:
    with running(gateway_keys, tmp_path, clock.now):
        provider = provider_at(tmp_path, method, clock.now)
    assert len(list(each_call(provider))) == 6


def test_an_answer_that_somebody_else_signed_proves_nothing(
    gateway: Gateway, provider: Provider, method: str
) -> None:
    desk = {"alipay": gateway.alipay, "wechat": gateway.wechat}[method]
    wanted = asked(provider, SATURDAY)
    paid(gateway, method, wanted.attempt)
    genuine = desk.keys
    desk.keys = replace(genuine, alipay=gateway.letters.stranger, wechat=gateway.letters.stranger)
    with pytest.raises(ProviderAway):
        provider.query(wanted.attempt)
    with pytest.raises(ProviderAway):
        provider.refund(back(wanted.attempt, 1))
    desk.keys = genuine
    assert provider.query(wanted.attempt).said is Said.PAID


# -- the bill


def test_the_bill_of_a_day_has_every_line(
    gateway: Gateway, provider: Provider, method: str, clock: StoppedClock
) -> None:
    today = SATURDAY.astimezone(BEIJING).date()
    assert provider.bill(today) == (b"", [])
    sold = [asked(provider, clock.now(), amount) for amount in (1, 26800, 99999999)]
    for each in sold:
        paid(gateway, method, each.attempt)
    asked(provider, clock.now(), 500)  # nobody pays it
    went = back(sold[1].attempt, 10000)
    provider.refund(went)
    file, lines = provider.bill(today)
    assert file and len(lines) == 4
    payments = {line.attempt: line for line in lines if line.kind == "payment"}
    told = [(payments[each.attempt].amount, payments[each.attempt].fee) for each in sold]
    assert told == [(1, 0), (26800, 161), (99999999, 600000)]
    (refund,) = (line for line in lines if line.kind == "refund")
    assert (refund.refund, refund.attempt, refund.amount, refund.fee) == (
        went.refund,
        went.attempt,
        10000,
        -60,
    )
    for line in lines:
        assert line.trade_no == provider.query(line.attempt).trade_no and line.currency == "CNY"
        assert line.at == SATURDAY.replace(microsecond=0) and line.at.tzinfo is UTC
    clock.pass_by(days=1)
    assert provider.bill(clock.now().astimezone(BEIJING).date()) == (b"", [])


def test_a_restart_keeps_every_trade(
    gateway_keys: Path, tmp_path: Path, clock: StoppedClock, method: str
) -> None:
    with running(gateway_keys, tmp_path, clock.now) as first:
        provider = provider_at(tmp_path, method, clock.now)
        wanted = asked(provider, SATURDAY)
        paid(first, method, wanted.attempt)
        whole = back(wanted.attempt, 26800)
        provider.refund(whole)
    with running(gateway_keys, tmp_path, clock.now):
        provider = provider_at(tmp_path, method, clock.now)
        assert provider.query_refund(whole) == BackSaid(Said.PAID)
