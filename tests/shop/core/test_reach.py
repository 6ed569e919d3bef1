"""Whether a phone on the way home can open what a code leads to: one rule for slip, screens and doctor."""

import pytest

from shop.core.reach import only_in_the_shop
from web.config import Settings


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("http://127.0.0.1:8000", True), ("http://192.168.3.4", True), ("https://shop.local", True),
        ("http://cakebox", True), ("http://[::1]:8000", True), ("https://8.8.8.8", False),
        ("https://cake.example.com", False), ("http://nas.home.arpa:8000", True), ("http://10.1.2.3", True),
    ],
)  # fmt: skip
def test_the_shop_knows_when_a_phone_outside_cannot_reach_it(address: str, local: bool) -> None:
    assert only_in_the_shop(address) is local


@pytest.mark.parametrize("address", ["", "http://192.168.1.20:8000", "https://shop.local"])
def test_settings_and_slip_go_by_the_same_rule(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("PUBLIC_URL", address)
    assert Settings().public_is_local
