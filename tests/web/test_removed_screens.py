"""What screens are called, and how one that was removed learns it."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from shop.core.actors import SYSTEM
from shop.people.devices import DeviceKind, revoke
from shop.people.shops import only_shop
from shop.people.staff import Device
from tests import cast
from web.database import reading, writing

HERE = "http://127.0.0.1:8000"


def test_a_removed_kiosk_is_told_when_it_asks(app: Flask, client: FlaskClient) -> None:
    cast.pair_client(app, client, DeviceKind.KIOSK)
    assert client.get("/kiosk/here").status_code == 204
    with app.app_context(), writing() as tx:
        revoke(
            tx,
            tx.scalars(select(Device).where(Device.secret_hash.is_not(None))).one(),
            by=SYSTEM,
            at=cast.SATURDAY,
        )
    assert client.get("/kiosk/here").status_code == 303


@pytest.mark.parametrize(("language", "name"), [("zh_Hans", "演示厨房屏"), ("en", "Demo kitchen display")])
def test_a_demo_screen_is_called_so_in_the_shops_language(
    app: Flask, client: FlaskClient, language: str, name: str
) -> None:
    with app.app_context(), writing() as tx:
        shop = only_shop(tx)
        assert shop
        shop.language = language
    client.get("/kitchen/", base_url=HERE)
    with app.app_context(), reading() as session:
        assert session.scalars(select(Device.name).order_by(Device.id.desc())).first() == name
