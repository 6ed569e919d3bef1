"""Today, the kitchen's stations and shifts, the diary and the settings."""

import pytest
from flask import Flask
from sqlalchemy import select

from shop.menu.tables import Station
from shop.people.staff import Shift, ShiftChange
from tests import cast
from tests.admin.office import english, events, fields, made, post
from web.database import reading


def test_today_counts_and_hides_revenue_from_those_without_the_right(app: Flask, sign_in) -> None:
    made(app), made(app, paid=False), made(app, until="box")
    manager = english(sign_in(app.test_client(), "xu")).get("/admin/")
    clerk = english(sign_in(app.test_client(), "mei")).get("/admin/")
    assert "Taken today" in manager.text and "¥536" in manager.text
    assert clerk.status_code == 200 and "Taken today" not in clerk.text
    part = english(sign_in(app.test_client(), "mei")).get("/admin/today")
    assert 'id="today"' in part.text and "Taken today" not in part.text


def test_today_says_as_you_have_it_when_nothing_changed(app: Flask, sign_in) -> None:
    client = sign_in(app.test_client(), "mei")
    first = client.get("/admin/today")
    again = client.get("/admin/today", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    made(app)
    assert client.get("/admin/today", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_today_knows_what_is_late_and_who_is_here(app: Flask, sign_in) -> None:
    placed = made(app)
    app.extensions["fairslice"].clock.pass_by(hours=9)
    page = english(sign_in(app.test_client(), "mei")).get("/admin/").text
    assert placed.number in page and "should have started" in page and "小美 Mei" in page


def test_response_times_are_medians_against_the_target(app: Flask, sign_in) -> None:
    from shop.production.today import answers
    from web.house import now

    clock = app.extensions["fairslice"].clock
    placed = made(app, paid=False)
    client = sign_in(app.test_client(), "mei")
    clock.pass_by(minutes=6)
    post(client, f"/admin/orders/{placed.order_id}/payment", method="card", reference="T12345")
    with app.app_context(), reading() as session:
        last = answers(session, cast.the_shop(app), at=now())[-1]
    assert (last.orders, last.confirm, last.start) == (1, 6.0, None)


def test_today_hears_a_customer_calling(app: Flask, sign_in) -> None:
    from shop.core.actors import Actor
    from shop.people.calls import call_staff
    from shop.people.staff import Device
    from tests import counter
    from web.database import writing
    from web.house import now

    with app.app_context(), writing() as tx:
        kiosk = tx.scalars(select(Device).where(Device.kind == "kiosk")).first()
        assert kiosk is not None
        call_staff(tx, counter.shop_and_card(tx)[0], kiosk, by=Actor.device(kiosk.id), at=now())
        name = kiosk.name
    client = english(sign_in(app.test_client(), "mei"))
    page = client.get("/admin/today").text
    assert "A customer asks for help" in page and name in page
    app.extensions["fairslice"].clock.pass_by(minutes=11)
    made(app)
    assert "A customer asks for help" not in client.get("/admin/today").text


def test_a_baker_has_no_office(app: Flask, sign_in) -> None:
    client = sign_in(app.test_client(), "li")
    for path in ("/admin/", "/admin/orders", "/admin/desk", "/admin/menu", "/admin/diary", "/admin/till"):
        assert client.get(path).status_code == 403, path


def test_nobody_is_led_to_sign_in(app: Flask, client) -> None:
    answer = client.get("/admin/orders")
    assert answer.status_code == 303 and answer.location.startswith("/sign-in")


def test_stations_change_what_can_be_promised(app: Flask, sign_in) -> None:
    client = sign_in(app.test_client(), "xu")
    with app.app_context(), reading() as session:
        oven = session.scalars(select(Station).where(Station.slug == "oven")).one()
    form = fields(names__en="Oven", names__zh_Hans="烤箱", places="6", sort="0", active="1")
    assert post(client, f"/admin/kitchen/{oven.id}", **form).status_code == 303
    with app.app_context(), reading() as session:
        assert session.get_one(Station, oven.id).places == 6
    assert post(client, f"/admin/kitchen/{oven.id}", **{**form, "places": "0"}).status_code == 422
    closed = {k: v for k, v in form.items() if k != "active"}
    assert post(client, f"/admin/kitchen/{oven.id}", **closed).status_code == 422  # cakes still go through it
    new = fields(slug="fridge", names__zh_Hans="冷藏", places="20", active="1")
    assert post(client, "/admin/kitchen/0", **new).status_code == 303


def test_a_week_is_set_anew_and_checked(app: Flask, sign_in) -> None:
    client = sign_in(app.test_client(), "xu")
    with app.app_context(), reading() as session:
        li = cast.person(session, "li").id
    week = fields(starts__0__0="09:00", ends__0__0="13:00", starts__0__1="14:00", ends__0__1="18:00")
    assert post(client, f"/admin/shifts/{li}", **week).status_code == 303
    with app.app_context(), reading() as session:
        rows = session.scalars(select(Shift).where(Shift.staff_id == li).order_by(Shift.starts)).all()
        assert [(r.weekday, r.starts, r.ends) for r in rows] == [(0, "09:00", "13:00"), (0, "14:00", "18:00")]
    for wrong in (
        fields(starts__0__0="09:00", ends__0__0=""),
        fields(starts__0__0="18:00", ends__0__0="09:00"),
        fields(starts__0__0="09:00", ends__0__0="13:00", starts__0__1="12:00", ends__0__1="18:00"),
    ):
        assert post(client, f"/admin/shifts/{li}", **wrong).status_code == 422
    assert len(events(app, "shift_changed")) == 1


def test_a_day_off_and_back_again(app: Flask, sign_in) -> None:
    client = sign_in(app.test_client(), "xu")
    with app.app_context(), reading() as session:
        li = cast.person(session, "li").id
    assert post(client, "/admin/shifts/days", staff=li, day="2026-11-25", off="1").status_code == 303
    assert post(client, "/admin/shifts/days", staff=li, day="2026-11-20", off="1").status_code == 422  # over
    assert post(client, f"/admin/shifts/{li}/2026-11-25/end").status_code == 303
    with app.app_context(), reading() as session:
        assert session.scalars(select(ShiftChange).where(ShiftChange.staff_id == li)).all() == []


def test_the_diary_shows_refused_tries_with_their_door(app: Flask, sign_in) -> None:
    sign_in(app.test_client(), "mei").get("/admin/diary")
    auditor = sign_in(app.test_client(), "zheng")
    page = auditor.get("/admin/diary?kind=denied").text
    assert "/admin/diary" in page and "小美 Mei" in page
    assert auditor.get("/admin/diary?kind=nonsense&who=x&before=y").status_code == 200


SHOP = fields(
    names__zh_Hans="糖间", names__en="Tangjian", phone="021-5555 0000", opens="09:00", closes="21:00",
    kitchen_opens="06:30", language="zh_Hans", target_confirm="5", target_start="30",
)  # fmt: skip


def test_settings_change_hours_and_targets(app: Flask, sign_in) -> None:
    client = sign_in(app.test_client(), "chen")
    assert post(client, "/admin/shop", **SHOP).status_code == 303
    shop = cast.the_shop(app)
    assert (shop.opens, shop.settings["response_minutes"]) == ("09:00", {"confirm": 5, "start": 30})
    assert "09:00" in str(events(app, "shop_changed")[0].data)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"opens": "22:00"}, 422), ({"opens": "9"}, 422), ({"kitchen_opens": "12:00"}, 422),
        ({"language": "fr"}, 422), ({"phone": "<b>"}, 422), ({"target_start": "0"}, 422),
        ({"timezone": "Mars/Olympus"}, 422),
    ],
)  # fmt: skip
def test_settings_refuse_nonsense(app: Flask, sign_in, change, status) -> None:
    client = sign_in(app.test_client(), "chen")
    assert post(client, "/admin/shop", **{**SHOP, **change}).status_code == status


def test_currency_and_zone_are_fixed_by_the_first_order(app: Flask, sign_in) -> None:
    client = sign_in(app.test_client(), "chen")
    assert post(client, "/admin/shop", **SHOP, currency="EUR").status_code == 303
    made(app)
    assert post(client, "/admin/shop", **SHOP, currency="USD").status_code == 409


def test_every_page_says_each_language(app: Flask, sign_in) -> None:
    client = sign_in(app.test_client(), "xu")
    for path in ("/admin/", "/admin/orders", "/admin/desk", "/admin/menu", "/admin/shifts", "/admin/shop"):
        for tag in ("zh-CN", "zh-TW", "en"):
            assert client.get(path, query_string={"lang": tag}).status_code == 200
