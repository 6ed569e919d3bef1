"""The demo's payment gateway beside a test's shop, with the shop's own clock; its keys are made once for a run."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask

from shop.core.keys import new_code
from shop.payments.contract import Charge, Provider
from shop.payments.providers import Providers
from shop.upkeep.demo.gateway.door import Gateway
from shop.upkeep.demo.gateway.keyring import keyring, open_accounts
from shop.upkeep.demo.gateway.serving import serve
from web.house import House

NOBODY = "http://127.0.0.1:9/pay"
"""A shop that never hears a notify."""


def keys_once(folder: Path) -> Path:
    """Make the keys of both sides in a folder; four of them take a second."""
    keyring(folder)
    return folder


@contextmanager
def running(made: Path, data: Path, now: Callable[[], datetime]) -> Iterator[Gateway]:
    """Run the gateway for the shop in ``data``, with the keys in ``made``, on a free port of this machine."""
    (data / "gateway").mkdir(parents=True, exist_ok=True)
    shutil.copy(made / "gateway" / "keys.json", data / "gateway" / "keys.json")
    server, gateway = serve(data, "127.0.0.1", 0, now=now)
    open_accounts(data, f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        gateway.stop()


@contextmanager
def beside(made: Path, app: Flask) -> Iterator[Gateway]:
    """Run the gateway beside an app of this process."""
    installed: House = app.extensions["fairslice"]
    with running(made, installed.settings.data, lambda: installed.clock.now()) as gateway:
        yield gateway


def provider_at(data: Path, method: str, now: Callable[[], datetime]) -> Any:
    """Return the provider of the shop in ``data``; a test may look inside."""
    provider = Providers(data / "payments", now).get(method)
    assert provider is not None
    return provider


def charge(now: datetime, amount: int = 26800, notify_url: str = NOBODY) -> Charge:
    """Return what a customer is asked for: a cake, within a quarter of an hour."""
    return Charge(new_code(24), amount, "CNY", "草莓奶油 8″ & more", now + timedelta(minutes=15), notify_url)


def asked(provider: Provider, now: datetime, amount: int = 26800, notify_url: str = NOBODY) -> Charge:
    """Ask for money; returns what was asked."""
    wanted = charge(now, amount, notify_url)
    assert provider.create(wanted).qr
    return wanted


def paid(gateway: Gateway, method: str, attempt: str) -> None:
    """The customer scans and pays."""
    trade = gateway.trades.by_attempt(method, attempt)
    assert trade is not None
    gateway.pay(trade)
