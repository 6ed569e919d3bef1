"""What the tests of faults share: a shop that no number of orders fills."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update

from shop.menu.tables import RouteStage, Station
from shop.people.shops import Shop
from tests import cast
from tests.conftest import build, close
from web.database import writing
from web.upgrade import upgrade


@pytest.fixture
def big_kitchen(tmp_path: Path) -> Path:
    """A shop that can take every order of a test, so that only what breaks decides."""
    app = build(tmp_path)
    upgrade(app)
    with app.app_context(), writing() as tx:
        cast.found(tx)
        tx.flush()
        tx.execute(update(Station).values(places=1_000_000))
        tx.execute(update(RouteStage).values(needs_person=False))
        tx.execute(update(Shop).values(menu_version=Shop.menu_version + 1))
    close(app)
    return tmp_path
