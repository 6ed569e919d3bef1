"""What each request reads of its shop and its screen is kept, and never older than the table."""

import os
import subprocess
import sys

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, make_url, text

from shop.core import store
from shop.people.devices import DeviceKind
from tests import cast
from web.config import ROOT
from web.database import reader
from web.house import house, this_shop

ELSEWHERE = """
import sys
module, address, sql = sys.argv[1:]
if module == "psycopg":
    from psycopg import connect
else:
    from pysqlite3.dbapi2 import connect
connection = connect(address)
connection.execute(sql)
connection.commit()
connection.close()
"""


def change(app: Flask, sql: str) -> None:
    """Change the database from another process, which tells nobody."""
    url = make_url(app.extensions["fairslice"].settings.database_url)
    lite = url.get_backend_name() == "sqlite"
    where = (
        ["sqlite", str(url.database)]
        if lite
        else ["psycopg", url.set(drivername="postgresql").render_as_string(False)]
    )
    subprocess.run([sys.executable, "-c", ELSEWHERE, *where, sql], cwd=ROOT, env=dict(os.environ), check=True)


def test_a_change_by_another_process_shows_with_the_next_request(app_both: Flask) -> None:
    client = app_both.test_client()
    cast.pair_client(app_both, client, DeviceKind.KIOSK)
    first = client.get("/kiosk/menu").get_data(as_text=True)
    assert "Moved Away" not in first and "¥" in first
    change(app_both, """UPDATE shop SET names = '{"zh_Hans": "Moved Away"}', currency = 'EUR'""")
    second = client.get("/kiosk/menu").get_data(as_text=True)
    assert "Moved Away" in second
    assert "€" in client.get("/kiosk/cake/oreo").get_data(as_text=True)


def test_a_price_that_another_process_changes_is_asked_for_at_once(app_both: Flask) -> None:
    client = app_both.test_client()
    cast.pair_client(app_both, client, DeviceKind.KIOSK)
    first = client.get("/kiosk/cake/oreo").get_data(as_text=True)
    assert "¥9,988" not in first
    assert client.get("/kiosk/cake/oreo").get_data(as_text=True).count("¥") == first.count("¥")
    change(app_both, "UPDATE product_size SET price = 998800")
    change(app_both, "UPDATE shop SET menu_version = menu_version + 1")
    assert "¥9,988" in client.get("/kiosk/cake/oreo").get_data(as_text=True)


def test_a_screen_that_another_process_shuts_out_stays_outside_at_once(app_both: Flask) -> None:
    client = app_both.test_client()
    cast.pair_client(app_both, client, DeviceKind.KIOSK)
    assert client.get("/kiosk/menu").status_code == 200
    change(app_both, "UPDATE device SET revoked_at = '2026-11-21 01:30:00'")
    assert client.get("/kiosk/menu", base_url="http://shop.example").status_code == 303
    change(app_both, "UPDATE device SET revoked_at = NULL")
    assert client.get("/kiosk/menu").status_code == 200


def test_a_screen_with_a_new_secret_is_not_known_by_the_old_one(
    app: Flask, kiosk_client: FlaskClient
) -> None:
    assert kiosk_client.get("/kiosk/menu").status_code == 200
    change(app, "UPDATE device SET secret_hash = 'another'")
    assert kiosk_client.get("/kiosk/menu", base_url="http://shop.example").status_code == 303


def test_what_has_not_changed_is_the_same_object(app_both: Flask) -> None:
    with app_both.test_request_context("/"):
        first = this_shop()
    with app_both.test_request_context("/"):
        assert this_shop() is first
        assert house().shops.find(reader()) is first
    url = app_both.extensions["fairslice"].settings.database_url
    engine = create_engine(url, **store.engine_options(url))
    with engine.begin() as connection:
        connection.execute(text("UPDATE shop SET event_seq = event_seq + 1"))
    engine.dispose()
    with app_both.test_request_context("/"):
        assert this_shop() is not first and this_shop().event_seq == first.event_seq + 1
        assert this_shop().names == first.names and this_shop().settings == first.settings
