"""The gateway beside a test's shop, and every online method in turn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from shop.payments.providers import ONLINE
from shop.upkeep.demo.gateway.door import Gateway
from tests.api.callbacks import beside
from tests.gateway import keys_once


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return keys_once(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def gateway(made: Path, app_both: Flask) -> Iterator[Gateway]:
    with beside(made, app_both) as gateway:
        yield gateway


@pytest.fixture(params=sorted(ONLINE))
def method(request: pytest.FixtureRequest) -> str:
    key: str = request.param
    return key
