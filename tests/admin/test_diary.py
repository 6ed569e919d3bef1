"""The diary says who, which person, which right, and old and new."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from admin.right_words import areas, right_words
from shop.core.permissions import Permission
from shop.menu.tables import Product, Route
from shop.people.staff import Device, Staff
from tests import cast
from tests.admin.office import english, events, fields, post
from web.database import reading


def newest(client: FlaskClient, kind: str) -> str:
    """Return the newest line of the diary's page as people read it."""
    html = client.get("/admin/diary", query_string={"kind": kind}).text
    row = html.split("<tbody>", 1)[1].split("</tr>", 1)[0]
    row = row.replace("<del", "<i> from </i><del").replace("<ins", "<i> to </i><ins")
    return " ".join(re.sub(r"<[^>]+>", " ", row).split())


def number_of(app: Flask, login: str) -> int:
    with app.app_context(), reading() as session:
        return session.scalars(select(Staff.id).where(Staff.login == login)).one()


def test_a_changed_right_names_the_role_and_the_right(app: Flask, sign_in) -> None:
    client = english(sign_in(app.test_client(), "chen"))
    page = client.get("/admin/roles/?role=clerk").text
    granted = re.findall(r'name="granted" value="([\w:]+)" checked', page)
    post(client, "/admin/roles/clerk", granted=[g for g in granted if g != "order:change"])
    line = newest(client, "people")
    assert "Rights changed Clerk Change orders from yes to no" in line and "陈姐 Chen" in line


def test_every_right_has_its_words(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert {right for _, rights in areas() for right, _ in rights} == set(Permission)
        assert all(right_words(right) != right for right in Permission)


def test_a_changed_person_shows_old_and_new(app: Flask, sign_in) -> None:
    client, mei = english(sign_in(app.test_client(), "chen")), number_of(app, "mei")
    post(
        client,
        f"/admin/people/{mei}",
        name="Mei Li",
        role="baker",
        skills=["bake", "box"],
        active="1",
        language="en",
    )
    line = newest(client, "people")
    assert "Person changed Mei Li" in line  # whom
    assert "Role from Clerk to Baker" in line and "Name from 小美 Mei to Mei Li" in line
    assert (
        "Can do in the kitchen from" in line and "Language from – to English" in line and "陈姐 Chen" in line
    )
    before = len(events(app, "staff_changed"))
    post(
        client,
        f"/admin/people/{mei}",
        name="Mei Li",
        role="baker",
        skills=["bake", "box"],
        active="1",
        language="en",
    )
    assert len(events(app, "staff_changed")) == before  # saved as it was
    post(client, f"/admin/people/{mei}", name="Mei Li", role="baker", skills=["bake", "box"], language="en")
    assert "Works here and may sign in from yes to no" in newest(client, "people")


def test_a_new_person_is_named_with_the_role(app: Flask, sign_in) -> None:
    client = english(sign_in(app.test_client(), "chen"))
    post(client, "/admin/people/new", name="Anna", login="anna", password="correct horse", role="courier")
    assert "Person added Anna Courier" in newest(client, "people")


def test_ways_and_stations_are_named_not_numbered(app: Flask, sign_in) -> None:
    client = english(sign_in(app.test_client(), "xu"))
    with app.app_context(), reading() as session:
        cake = session.scalars(select(Product).where(Product.slug == "fruit")).one()
        other = session.scalars(select(Route).where(Route.id != cake.route_id)).first()
        assert other is not None
        number, route, words = cake.id, other.id, dict(other.names)
        names, old = dict(cake.names), session.get_one(Route, cake.route_id).names["en"]
    prices = {"price.6": "198", "price.8": "278", "price.10": "378", "price.12": "508"}
    same = {f"names.{k}": v for k, v in names.items()} | {"names.en": "Fresh fruit"}
    answer = post(client, f"/admin/menu/{number}", **same, **prices, route=route, sort="5", active="1")
    assert answer.status_code == 303
    line = newest(client, "menu")
    assert f"Way through the kitchen from {old} to {words['en']}" in line
    assert (
        f"Its name from English: {names['en']} to English: Fresh fruit" in line
    )  # only the language that changed


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"name": "Slips", "host": "10.0.0.9", "port": "9100"}, "Network address from"),
        ({"name": "Till printer", "host": "10.0.0.7", "port": "9100"}, "to Till printer"),
    ],
)
def test_a_changed_device_is_named_with_old_and_new(app: Flask, sign_in, form, words) -> None:
    client = english(sign_in(app.test_client(), "chen"))
    with app.app_context(), reading() as session:
        device = session.scalars(select(Device.id).where(Device.kind == "printer")).first()
    post(client, f"/admin/devices/{device}", **form)
    line = newest(client, "devices")
    assert f"Device changed {form['name']}" in line and words in line


def test_a_week_and_a_day_off_are_read_as_hours(app: Flask, sign_in) -> None:
    client, mei = english(sign_in(app.test_client(), "xu")), number_of(app, "mei")
    post(client, f"/admin/shifts/{mei}", **{"starts.0.0": "09:00", "ends.0.0": "18:00"})
    assert "to Mon 09:00–18:00" in newest(client, "menu")
    post(client, "/admin/shifts/days", **fields(staff=str(mei), day="2026-11-30", off="1"))
    assert "2026-11-30 from – to day off" in newest(client, "menu")


def test_somebody_refused_again_and_again_stands_on_one_quiet_line(app: Flask, sign_in) -> None:
    clock = cast.clock_of(app)
    mei, chen = (english(sign_in(app.test_client(), login)) for login in ("mei", "chen"))
    for path in ("/admin/people/", "/admin/people/new", "/admin/devices/", "/admin/roles/"):
        assert mei.get(path).status_code == 403
        clock.pass_by(minutes=2)
    page = chen.get("/admin/diary?kind=denied").text
    assert page.count("is-denied") == 1 and "4 times, since 09:30" in page
    assert "Roles · Devices · Team" in page and "/admin/people/new" not in page.partition("<tbody>")[2]
    clock.pass_by(minutes=30)
    mei.get("/admin/roles/")
    assert chen.get("/admin/diary").text.count("is-denied") == 2
