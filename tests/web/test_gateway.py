"""The gateway beside the server, and its accounts: only a demo shop has them, and nothing of it outlives the shop."""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from flask import Flask

from shop.payments.providers import Providers
from shop.people.shops import only_shop
from shop.upkeep.demo.gateway.keyring import close_accounts, open_accounts, port_before
from tests.cast import StoppedClock
from tests.live_server import free_port
from tests.patience import PATIENCE
from web.commands import Refused
from web.commands.gateway import gateway
from web.config import ROOT
from web.database import writing
from web.gateway import Beside, bound, choose_port

PARENT = """
import sys, time
from pathlib import Path
from web.gateway import Beside
Beside(Path(sys.argv[1]), int(sys.argv[2]))
time.sleep(600)
"""


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/control?as=json", timeout=PATIENCE).ok
    except requests.ConnectionError:
        return False


def opened(data: Path) -> int:
    """Open the accounts at a free port; returns it. Not one that the system gives to whoever connects somewhere."""
    port = 0
    while not port:
        with contextlib.suppress(OSError):
            port = bound(random.randint(20000, 30000))
    assert open_accounts(data, f"http://127.0.0.1:{port}") == ["alipay", "wechat"]
    return port


def test_it_runs_beside_the_shop_and_stops_with_it(tmp_path: Path) -> None:
    port = opened(tmp_path)
    beside = Beside(tmp_path, port)
    until(lambda: answers(port))
    beside.stop()
    assert not answers(port)
    assert choose_port(tmp_path, 8000) == port, "the next time it is where it was"


def test_it_ends_with_a_shop_that_was_killed(tmp_path: Path) -> None:
    port = opened(tmp_path)
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path), str(port)], cwd=ROOT)
    until(lambda: answers(port))
    parent.send_signal(signal.SIGKILL)
    parent.wait(PATIENCE)
    until(lambda: not answers(port))


def test_without_accounts_there_it_does_not_run(tmp_path: Path) -> None:
    port = free_port()
    beside = Beside(tmp_path, port)
    assert beside._child is None and not answers(port)
    beside.stop()


def test_a_port_in_use_is_not_chosen(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert choose_port(tmp_path, port - 10) != port
        with pytest.raises(OSError):
            bound(port)
    assert 1024 <= choose_port(tmp_path, 65530) <= 65535, "there are no ports beyond"


def test_a_real_shop_has_no_gateway(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    with app.app_context():
        with writing() as tx:
            shop = only_shop(tx)
            assert shop is not None
            shop.is_demo = False
        with pytest.raises(Refused, match="demo shop alone"):
            gateway(argparse.Namespace(port=0, host="127.0.0.1"))
    assert not (app.extensions["fairslice"].settings.data / "payments").exists()


def test_the_gateways_accounts_go_and_real_ones_stay(tmp_path: Path) -> None:
    opened(tmp_path)
    real = tmp_path / "payments" / "alipay.json"
    account = json.loads(real.read_text())
    del account["demo"]
    real.write_text(json.dumps(account))
    assert open_accounts(tmp_path, "http://127.0.0.1:1") == ["wechat"], "a real account is never replaced"
    assert port_before(tmp_path) == 1
    close_accounts(tmp_path)
    providers = Providers(tmp_path / "payments", StoppedClock().now)
    assert [method.key for method in providers.offered("CNY")] == ["alipay"]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda f: (f / "wechat.json").chmod(0o644), "chmod 600 wechat.json"),
        (lambda f: (f / "wechat-gateway-ours.pem").chmod(0o640), "chmod 600 wechat-gateway-ours.pem"),
        (lambda f: (f / "wechat-gateway-ours.pem").unlink(), "wechat-gateway-ours.pem cannot be read"),
        (lambda f: (f / "wechat.json").write_text("{"), "wechat.json cannot be read"),
        (lambda f: (f / "wechat.json").write_text("[]"), "one JSON object of strings"),
        (lambda f: (f / "wechat.json").write_text('{"app_id": "1"}'), "lacks merchant_id"),
        (lambda f: rename(f, "private_key", "../../etc/passwd"), "must name a file beside it"),
    ],
)
def test_an_account_that_cannot_be_used_says_why(
    tmp_path: Path, spoil: Callable[[Path], None], says: str
) -> None:
    opened(tmp_path)
    folder = tmp_path / "payments"
    providers = Providers(folder, StoppedClock().now)
    assert [method.key for method in providers.offered("CNY")] == ["alipay", "wechat"]
    assert providers.offered("USD") == []
    spoil(folder)
    again = Providers(folder, StoppedClock().now)
    with pytest.raises(ValueError, match=says):
        again.get("wechat")
    assert [method.key for method in again.offered("CNY")] == ["alipay"], "the other one is still offered"
    assert again.get("nobody") is None


def rename(folder: Path, name: str, to: str) -> None:
    file = folder / "wechat.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {name: to}))
