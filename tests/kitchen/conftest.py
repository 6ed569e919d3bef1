"""A served shop whose boards tests open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import served
from tests.live_server import ShopServer


@pytest.fixture(scope="module")
def shop(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ShopServer, Flask]]:
    with served(founded, tmp_path_factory.mktemp("board") / "shop", FAIRSLICE_SOCKETS="8") as both:
        yield both
