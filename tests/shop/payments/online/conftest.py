"""The gateway and every online method in turn, with the shop's clock stopped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shop.payments.contract import Provider
from shop.payments.providers import ONLINE
from shop.upkeep.demo.gateway.door import Gateway
from tests.cast import StoppedClock
from tests.gateway import provider_at, running


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def gateway(gateway_keys: Path, tmp_path: Path, clock: StoppedClock) -> Iterator[Gateway]:
    with running(gateway_keys, tmp_path, clock.now) as gateway:
        yield gateway


@pytest.fixture(params=sorted(ONLINE))
def method(request: pytest.FixtureRequest) -> str:
    key: str = request.param
    return key


@pytest.fixture
def provider(gateway: Gateway, tmp_path: Path, clock: StoppedClock, method: str) -> Provider:
    found: Provider = provider_at(tmp_path, method, clock.now)
    return found
