"""Alarms on the wall: how many nobody looks after, and one tap to look after those of the station."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from shop.menu.tables import Station
from shop.production.tables import Alarm
from tests import cast, counter
from tests.kitchen.tapping import ordered, person, tap, told
from web.database import reading, writing
from web.house import now


def alarm(app: Flask, subject: str, station: str = "") -> int:
    ordered(app)
    with app.app_context(), writing() as tx:
        shop = counter.shop_and_card(tx)[0]
        where = tx.scalars(select(Station.id).where(Station.slug == station)).first()
        row = Alarm(shop_id=shop.id, kind="missed_start", subject=subject, station_id=where, stage="bake", person="",
                    names={"en": "Cake"}, chance=0, minutes=5, raised_at=now(), repeated_at=now())  # fmt: skip
        tx.add(row)
        tx.flush()
        return row.id


def seen_by(app: Flask) -> dict[str, int | None]:
    with app.app_context(), reading() as session:
        return {row.subject: row.acknowledged_by for row in session.scalars(select(Alarm))}


def test_one_tap_looks_after_the_stations_alarms_and_no_others(
    app: Flask, display_client: FlaskClient
) -> None:
    here, elsewhere, everywhere = alarm(app, "a", "oven"), alarm(app, "b", "packing"), alarm(app, "c")
    page = display_client.get("/kitchen/oven").get_data(as_text=True)
    assert "w-unseen" in page and f'value="{here}.{everywhere}"' in page
    assert "w-unseen" in display_client.get("/kitchen/").get_data(as_text=True)
    nobody = tap(display_client, "oven/alarms", alarms=f"{here}.{everywhere}")
    assert told(nobody)["field"] == "person" and set(seen_by(app).values()) == {None}
    li = person(app, "li")
    done = tap(display_client, "oven/alarms", alarms=f"{here}.{everywhere}", person=li)
    assert done.status_code == 200 and "w-unseen" not in done.get_data(as_text=True)
    assert seen_by(app) == {"a": int(li), "b": None, "c": int(li)} and elsewhere


def test_the_second_who_taps_is_told(app: Flask, display_client: FlaskClient) -> None:
    key = alarm(app, "a", "oven")
    assert tap(display_client, "oven/alarms", alarms=str(key), person=person(app, "li")).status_code == 200
    assert tap(display_client, "oven/alarms", alarms=str(key), person=person(app, "zhang")).status_code == 409
    assert tap(display_client, "oven/alarms", alarms="x", person=person(app, "zhang")).status_code == 409


def test_who_only_looks_has_no_button(app: Flask, client: FlaskClient) -> None:
    key = alarm(app, "a", "oven")
    chen = cast.sign_in(client, "chen")
    assert f'value="{key}"' not in chen.get("/kitchen/oven").get_data(as_text=True)
    assert tap(chen, "oven/alarms", alarms=str(key)).status_code == 403
