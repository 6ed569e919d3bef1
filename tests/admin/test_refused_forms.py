"""Every form of the back office that is refused comes back as it was sent, with the words beside its field."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from admin.routes import DOORS
from shop.menu.tables import Option, OptionGroup, Product, Route, Size, Station
from shop.people.staff import Device, Staff
from tests.admin.office import english, fields, line, made, post
from tests.admin.test_desk import CAKE
from web.access import Once
from web.database import reading
from web.refill import refill


def test_every_write_says_where_its_form_stands() -> None:
    assert [d.path for d in DOORS if d.once is Once.KEY and d.form is None] == []


def first(app: Flask, table: Any) -> int:
    with app.app_context(), reading() as session:
        return int(session.scalars(select(table.id).order_by(table.id)).first() or 0)


def beside(answer: TestResponse, name: str) -> str:
    """Return the words that stand directly behind the field, or behind the group it is a tick of."""
    found = re.search(
        rf'<(?:input|select|textarea)[^>]*name="{re.escape(name)}"[^>]*aria-invalid="true"', answer.text
    )
    assert found, f"{name} is not marked: " + answer.text[-3000:]
    words = re.search(
        r'<p class="error" id="why">(?:<svg.*?</svg>)?([^<]+)', answer.text[found.start() :], re.S
    )
    assert words, "no words"
    return words.group(1)


CASES: list[tuple[str, str, str, dict[str, Any], str, str]] = [
    # who, which form, its field, what is sent, what must still be there, a part of the words
    ("chen", "/admin/people/new", "login", fields(name="Anna", login="mei", password="abcdefgh1", role="clerk",
     skills="check"), 'value="Anna"', "already has this sign-in name"),
    ("chen", "/admin/people/new", "login", fields(name="Anna", login="A B", password="abcdefgh1", role="baker"),
     'value="baker" selected', "2 to 32 small letters"),
    ("chen", "/admin/people/new", "login", fields(name="Anna", login="a" * 100, password="abcdefgh1", role="baker"),
     "a" * 100, "2 to 32 small letters"),
    ("chen", "/admin/people/new", "login", fields(name="Anna", login="a_b", password="abcdefgh1", role="baker"),
     'value="Anna"', "2 to 32 small letters"),
    ("chen", "/admin/people/new", "password", fields(name="Anna", login="anna", password="short", role="clerk"),
     'value="anna"', ""),
    ("chen", "/admin/people/new", "name", fields(name="", login="anna", password="abcdefgh1", role="clerk"),
     'value="anna"', "Please write the name"),
    ("xu", "/admin/menu", "slug", fields(names__en="Lemon", slug="Lemon Tart!", route="{route}"), 'value="Lemon"',
     "small letters"),
    ("xu", "/admin/menu", "slug", fields(names__en="Lemon", slug="fruit", route="{route}"), "dialog", "already used"),
    ("xu", "/admin/menu/{cake}", "names.en", fields(names__en="x" * 41, price__6="1", price__8="300",
     price__10="3", price__12="4", sort="5", route="{route}"),
     'value="300"', "40 characters"),
    ("xu", "/admin/menu/choices/0", "slug", fields(names__en="Ribbon", slug="sweetness", active="1"),
     'value="Ribbon"',
     "already used"),
    ("xu", "/admin/menu/choices/{group}", "sort", fields(names__en="Sweet?", sort="1000"), 'value="Sweet?"',
     "0 to 999"),
    ("xu", "/admin/menu/choices/{group}/{option}", "surcharge", fields(names__en="None", surcharge="1e3", active="1"),
     'value="1e3"', "Surcharge: please write a plain amount"),
    ("xu", "/admin/menu/choices/{group}/0", "slug", fields(names__en="Honey", slug="less", surcharge="5"),
     'value="Honey"', "already used"),
    ("xu", "/admin/menu/sizes/0", "inch", fields(inch="8", pounds="3", minutes_percent="100", trays="1"),
     'value="3"', "already on the list"),
    ("xu", "/admin/menu/sizes/{size}", "trays", fields(pounds="1", serves="2", minutes_percent="90", trays="99"),
     'value="99"', "1 to 12"),
    ("xu", "/admin/menu/allergens/0", "slug", fields(names__en="Sesame", slug="milk"), 'value="Sesame"',
     "already used"),
    ("xu", "/admin/menu/ways/0", "minutes.bake", {"slug": "quick", "names.en": "Quick", "stage.bake": "1",
     "minutes.bake": "0"}, 'value="quick"', "1 to 1440"),
    ("xu", "/admin/kitchen/0", "places", fields(slug="bench-2", names__en="Bench", places="many"), 'value="bench-2"',
     "whole number"),
    ("xu", "/admin/kitchen/{station}", "names.zh_Hans", fields(names__en="", names__zh_Hans="",
     names__zh_Hant="", active="1", places="3", sort="7"), 'value="7"', "one language"),
    ("xu", "/admin/shifts/{mei}", "starts.0.0", {"starts.0.0": "18:00", "ends.0.0": "09:00", "starts.1.0": "10:11",
     "ends.1.0": "12:00"}, 'value="10:11"', "after the start"),
    ("xu", "/admin/shifts/days", "starts", fields(staff="{mei}", day="2026-11-30", starts="", ends="12:34"),
     'value="12:34"', "both times"),
    ("chen", "/admin/shop", "closes", fields(names__en="Sugar", opens="09:00", closes="08:00", kitchen_opens="07:00",
     language="en", target_confirm="5", target_start="10"), 'value="Sugar"', "after the start"),
    ("chen", "/admin/devices/", "name", fields(kind="printer", name=""), 'value="printer" selected', "a name"),
    ("chen", "/admin/devices/{printer}", "port", fields(name="Slips", host="10.0.0.9", port="99999"),
     'value="10.0.0.9"', "1 to 65535"),
    ("mei", "/admin/me/password", "present", fields(present="wrong", password="abcdefgh1"), "Password",
     "does not match"),
    ("chen", "/admin/me/recovery", "present", fields(present="wrong"), "Recovery code", "does not match"),
    ("chen", "/admin/people/{mei_person}", "name", fields(name=" ", role="baker", active="1"),
     'value="baker" selected',
     "Please write the name"),
    ("chen", "/admin/people/{mei_person}/password", "password", fields(password="short"), "Mei", ""),
    ("mei", "/admin/orders/{unpaid}/payment", "tendered", fields(method="cash", tendered="1e3"), 'value="1e3"',
     "Cash received: please write a plain amount"),
    ("mei", "/admin/orders/{unpaid}/payment", "tendered", fields(method="cash", tendered=""), "tendered",
     "enter how much cash"),
    ("mei", "/admin/orders/{unpaid}/payment", "tendered", fields(method="cash", tendered="1" + "0" * 18), "tendered",
     "Cash received: 1,000,000 is the most"),
    ("mei", "/admin/orders/{unpaid}/payment", "reference", fields(method="card", reference="A" * 33), "A" * 33,
     "4 to 32 letters"),
    ("xu", "/admin/orders/{unpaid}/lines/{line}", "inscription", fields(inscription="长" * 13, candles="2"), "长" * 13,
     "oo long for the cake"),
    ("xu", "/admin/orders/{unpaid}/cancellation", "reason", fields(reason=" "), "dialog", ""),
    ("mei", "/admin/desk", "phone", {**CAKE, "phone": "123", "clock": "asap", "next": "read-back"}, 'value="王小明"',
     "phone number cannot be right"),
    ("mei", "/admin/desk", "line.0.candles", {**CAKE, "line.0.candles": "x", "next": "read-back"}, "生日快乐",
     "whole number"),
]  # fmt: skip


@pytest.mark.parametrize(("who", "path", "field", "form", "kept", "words"), CASES)
def test_a_refused_form_keeps_what_was_typed(
    app: Flask, sign_in, who, path, field, form, kept, words
) -> None:
    unpaid = made(app, paid=False)
    with app.app_context(), reading() as session:
        group = session.scalars(select(OptionGroup).where(OptionGroup.slug == "sweetness")).one()
        option = session.scalars(select(Option.id).where(Option.group_id == group.id)).first()
        printer = session.scalars(select(Device.id).where(Device.kind == "printer")).first()
        mei = session.scalars(select(Staff.id).where(Staff.login == "mei")).one()
    places = {
        "route": first(app, Route), "cake": first(app, Product), "group": group.id, "option": option,
        "size": first(app, Size), "station": first(app, Station), "mei": mei, "mei_person": mei,
        "printer": printer, "unpaid": unpaid.order_id, "line": line(app, unpaid.order_id).id,
    }  # fmt: skip
    sent = {name: value.format(**places) if isinstance(value, str) else value for name, value in form.items()}
    answer = post(english(sign_in(app.test_client(), who)), path.format(**places), **sent)
    assert answer.status_code in (403, 422), answer.status_code
    assert words in beside(answer, field)
    assert kept in answer.text


def test_what_no_field_is_to_blame_for_is_said_above(app: Flask, sign_in) -> None:
    client, placed = english(sign_in(app.test_client(), "mei")), made(app)  # paid already
    answer = post(client, f"/admin/orders/{placed.order_id}/payment", method="cash", tendered="300")
    assert answer.status_code == 409 and "already paid" in answer.text and placed.number in answer.text


def test_who_may_not_pass_sees_no_form(app: Flask, sign_in) -> None:
    client = english(sign_in(app.test_client(), "mei"))
    answer = post(client, "/admin/people/new", name="Anna", login="anna", password="abcdefgh1", role="owner")
    assert answer.status_code == 403 and "First password" not in answer.text


PAGE = """<div id="trouble" hidden></div><form action="/other"><input name="a" value="1"></form>
<dialog><form action="/x"><input type="hidden" name="way" value="1"><input name="a" value="old"></form></dialog>
<dialog><form action="/x"><input type="hidden" name="way" value="2"><input name="a" value="old" autofocus>
<input type="password" name="secret"><textarea name="t">was</textarea>
<select name="s"><option value="1" selected>one</option><option value="2">two</option></select>
<fieldset><input type="checkbox" name="c" value="1" checked><input type="checkbox" name="c" value="2"></fieldset>
</form></dialog>"""


def test_only_the_form_that_was_sent_is_filled(app: Flask) -> None:
    sent = MultiDict(
        [("way", "2"), ("a", '"><script>'), ("secret", "s"), ("t", "<b>"), ("s", "2"), ("c", "2")]
    )
    with app.test_request_context():
        html = refill(PAGE, "/x", sent, "c", "Not <this> one")
    assert html.count('value="old"') == 1 and 'name="a" value="1"' in html
    assert (
        "<script>" not in html
        and "&#34;&gt;&lt;script&gt;" in html
        and '<textarea name="t">&lt;b&gt;' in html
    )
    assert 'value="s"' not in html  # a password is never written into a page
    assert 'value="2" selected' in html and 'value="1" selected' not in html
    assert 'value="1" checked' not in html and re.search(r'name="c" value="2" checked', html)
    assert html.count("<dialog open>") == 1 and "Not &lt;this&gt; one" in html.split("</fieldset>", 1)[1]
