"""The gateway beside a test's shop, and every online method in turn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from shop.payments.providers import ONLINE
from shop.upkeep.demo.gateway.door import Gateway
from tests.gateway import beside


@pytest.fixture
def gateway(gateway_keys: Path, app_both: Flask) -> Iterator[Gateway]:
    with beside(gateway_keys, app_both) as gateway:
        yield gateway


@pytest.fixture(params=sorted(ONLINE))
def method(request: pytest.FixtureRequest) -> str:
    key: str = request.param
    return key
