"""Which notifies a provider's code believes: genuine ones, for five minutes, and no others."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shop.payments.contract import BadNotice, Notice, Provider
from shop.upkeep.demo.gateway.door import Gateway
from shop.upkeep.demo.gateway.faults import FORGED
from tests.cast import SATURDAY
from tests.gateway import asked, paid

CAUGHT_LATER = {"amount", "currency"}
"""Forgeries that a provider's code cannot know: what was asked stands in the shop's own tables."""


def test_a_notify_says_what_was_paid(gateway: Gateway, provider: Provider, method: str) -> None:
    wanted = asked(provider, SATURDAY)
    paid(gateway, method, wanted.attempt)
    trade = gateway.trades.by_attempt(method, wanted.attempt)
    assert trade is not None
    letters = [gateway.letters.write(trade) for _ in range(3)]
    told = {provider.notice(letter.headers, letter.body, SATURDAY) for letter in letters}
    assert len(told) == 1, "a repeat has the same key"
    one = told.pop()
    assert one == Notice(one.key, wanted.attempt, 26800, "CNY") and one.key


@pytest.mark.parametrize("forge", [*FORGED, "serial"])
def test_a_forged_notify_is_not_believed(
    gateway: Gateway, provider: Provider, method: str, forge: str
) -> None:
    wanted = asked(provider, SATURDAY)
    paid(gateway, method, wanted.attempt)
    trade = gateway.trades.by_attempt(method, wanted.attempt)
    assert trade is not None
    letter = gateway.letters.write(trade, "other_key" if forge == "serial" else forge)
    headers = letter.headers | ({"Wechatpay-Serial": "PUB_KEY_ID_0"} if forge == "serial" else {})
    if forge in CAUGHT_LATER:
        told = provider.notice(headers, letter.body, SATURDAY)
        assert (told.amount, told.currency) != (26800, "CNY")
        return
    with pytest.raises(BadNotice) as refused:
        provider.notice(headers, letter.body, SATURDAY)
    reasons = {"seller": "seller", "app": "app", "old": "time"}
    reasons |= {"serial": "serial"} if method == "wechat" else {}
    assert refused.value.reason == reasons.get(forge, "signature")


@pytest.mark.parametrize(
    ("minutes", "believed"), [(-4, True), (4, True), (-6, False), (6, False), (-1440, False)]
)
def test_a_notify_is_believed_for_five_minutes(
    gateway: Gateway, provider: Provider, method: str, minutes: int, believed: bool
) -> None:
    wanted = asked(provider, SATURDAY)
    paid(gateway, method, wanted.attempt)
    trade = gateway.trades.by_attempt(method, wanted.attempt)
    assert trade is not None
    letter, later = gateway.letters.write(trade), SATURDAY + timedelta(minutes=minutes)
    if believed:
        assert provider.notice(letter.headers, letter.body, later).attempt == wanted.attempt
    else:
        with pytest.raises(BadNotice, match="time"):
            provider.notice(letter.headers, letter.body, later)


def test_no_changed_byte_of_a_notify_is_believed(gateway: Gateway, provider: Provider, method: str) -> None:
    wanted = asked(provider, SATURDAY)
    paid(gateway, method, wanted.attempt)
    trade = gateway.trades.by_attempt(method, wanted.attempt)
    assert trade is not None
    letter = gateway.letters.write(trade)
    for place in range(0, len(letter.body), max(1, len(letter.body) // 150)):
        for bit in (1, 32, 128):
            body = bytearray(letter.body)
            body[place] ^= bit
            try:
                told = provider.notice(letter.headers, bytes(body), SATURDAY)
            except BadNotice:
                continue
            assert told == provider.notice(letter.headers, letter.body, SATURDAY), "only how it is written"
    for body in (b"", b"{}", b"\xff\xfe", b"a=1&a=2", b"null", letter.body * 2, letter.body + b"&x=1"):
        with pytest.raises(BadNotice):
            provider.notice(letter.headers, body, SATURDAY)
