"""A kitchen in which second thoughts are worth having, and somebody who has them when a test says so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from shop.orders import afterthought, promise
from tests.counter import order
from tests.patience import PATIENCE
from web.database import writing
from web.house import now
from web.thinker import Thinker


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Somebody listens, and the search at once gives up so soon that it never moves anything."""
    monkeypatch.setattr(promise, "MOVES", 1)
    heard: list[str] = []
    afterthought.listen(lambda: heard.append("asked"))
    yield heard
    afterthought.listen(None)


@pytest.fixture
def thinker() -> Iterator[Thinker]:
    thinker = Thinker(thinks=PATIENCE)
    yield thinker
    thinker.stop()


def full() -> None:
    """Fill the early afternoon with work that is due later."""
    with writing() as tx:
        for _ in range(10):
            order(tx, due_at=now() + timedelta(hours=4))
