"""The gateway's post and the real server: notifies over sockets, with every fault that the gateway can make."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shop.payments.providers import ONLINE
from shop.upkeep.demo.gateway import post
from tests.api.callbacks import attempt, kept
from tests.conftest import served
from tests.gateway import beside, paid
from tests.patience import PATIENCE

FAULTS: dict[str, dict[str, Any]] = {
    "repeated": {"repeat": 5}, "shuffled": {"shuffle": 0.2, "repeat": 2}, "delayed": {"delay": 0.1},
    "forged": {"forge": "other_key"}, "cut": {"forge": "truncated"},
}  # fmt: skip


def wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_the_gateways_post_reaches_a_real_server(
    founded: Path, tmp_path: Path, gateway_keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over real sockets, with every fault of the gateway: each payment is noticed once, forgeries are refused.

    Each pays an order of its own: a second payment of one order goes back at once, and its notify says something new.
    """
    monkeypatch.setattr(post, "TIMEOUT", PATIENCE)  # or a letter that nobody has answered yet counts as sent
    with served(founded, tmp_path / "shop") as (server, app), beside(gateway_keys, app) as gateway:
        for what, faults in FAULTS.items():
            gateway.control.set(faults)
            for method in sorted(ONLINE):
                number = attempt(app, method, notify_url=f"{server.base}/pay/{method}/notify")
                before = kept(app)[0]
                paid(gateway, method, number)
                letters = faults.get("repeat", 1) + ("forge" in faults)
                wait_until(
                    lambda n=number, m=letters: sum(s["attempt"] == n for s in list(gateway.post.sent)) == m
                )
                assert kept(app)[0] == before + 1, what
        outcomes = {(sent["forge"] == "", sent["status"], sent["ack"]) for sent in gateway.post.sent}
        assert outcomes == {(True, 200, True), (False, 422, False)}
        gateway.control.set({"drop": True})
        number = attempt(app, "alipay", notify_url=f"{server.base}/pay/alipay/notify")
        paid(gateway, "alipay", number)
        assert gateway.post.sent[-1] == {"method": "alipay", "attempt": number, "dropped": True}
