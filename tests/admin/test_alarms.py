"""The page of alarms: what is wrong, who looks after it, and how right the warnings were."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from shop.production.tables import Alarm
from tests import cast
from tests.admin.office import english, made, post
from tests.counter import shop_and_card, task
from web.database import reading, writing
from web.house import now


def alarm(app: Flask, **more: object) -> int:
    placed = made(app)
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        cake = task(tx, placed.order_id, "bake").cake_id
        facts = {"shop_id": shop.id, "kind": "predicted_late", "subject": f"cake:{cake}", "cake_id": cake,
                 "order_id": placed.order_id, "stage": "", "person": "", "names": {"en": "Strawberry cream"},
                 "chance": 62, "minutes": 9, "raised_at": now(), "repeated_at": now()}  # fmt: skip
        row = Alarm(**(facts | more))
        tx.add(row)
        tx.flush()
        return row.id


def test_an_alarm_says_what_is_wrong_and_somebody_looks_after_it(app: Flask, client: FlaskClient) -> None:
    key = alarm(app)
    xu = cast.sign_in(english(client), "xu")
    page = xu.get("/admin/alarms").get_data(as_text=True)
    assert (
        "62% likely to be late" in page
        and "Strawberry cream" in page
        and "Nothing has been judged yet" in page
    )
    assert post(xu, f"/admin/alarms/{key}").status_code == 303
    with app.app_context(), reading() as session:
        row = session.scalars(select(Alarm)).one()
        assert row.acknowledged_by == cast.person(session, "xu").id and row.ended_at is None
    assert "looks after it" in xu.get("/admin/alarms/part").get_data(as_text=True)


def test_the_second_who_takes_it_is_told(app: Flask, client: FlaskClient) -> None:
    key = alarm(app, acknowledged_at=cast.SATURDAY, acknowledged_by=1)
    xu = cast.sign_in(english(client), "xu")
    assert post(xu, f"/admin/alarms/{key}").status_code == 409
    assert post(xu, "/admin/alarms/999").status_code == 404


def test_the_page_counts_how_right_they_were(app: Flask, client: FlaskClient) -> None:
    for n, verdict in enumerate(("late", "late", "acted", "false")):
        alarm(app, ended_at=cast.SATURDAY, verdict=verdict, subject=f"cake:{n}")
    page = cast.sign_in(english(client), "xu").get("/admin/alarms").get_data(as_text=True)
    assert "75 %" in page and "Nothing is wrong." in page


def test_a_partner_does_not_see_the_kitchens_alarms(app: Flask, client: FlaskClient) -> None:
    assert cast.sign_in(english(client), "lin").get("/admin/alarms").status_code == 403
