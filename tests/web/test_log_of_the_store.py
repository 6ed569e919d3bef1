"""SQLite's log begins anew while requests come and go: none keeps its beginning in it while it writes."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from tests.admin.office import post
from tests.shop.payments import counting
from web.database import writing
from web.house import house


def test_one_request_after_the_other_leaves_a_short_log(
    app: Flask, client: FlaskClient, sign_in: Callable[..., FlaskClient]
) -> None:
    """SQLite copies the log into the database every 1,000 pages of 4 kB, and begins it anew where nobody needs it."""
    with app.app_context():
        with writing() as tx:
            counting.opened(tx)
        log = house().settings.data / "shop.db-wal"
    sign_in(client, "xu")
    for _ in range(100):
        assert post(client, "/admin/tills/1/cash", kind="paid_in", amount="1", reason="x").status_code == 303
    assert log.stat().st_size < 6 << 20
