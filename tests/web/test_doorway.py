"""The doorway: ways in and out, and what the demo shop does by itself on its own machine."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from shop.core.actors import SYSTEM
from shop.core.events import Event
from shop.people.devices import DeviceKind, add_device, revoke
from shop.people.shops import only_shop
from shop.people.staff import Device
from tests import cast
from web.database import reading, writing
from web.doorway import inside

HERE = "http://127.0.0.1:8000"


def make_real(app: Flask) -> None:
    """Turn the demo shop into a real one."""
    with app.app_context(), writing() as tx:
        shop = only_shop(tx)
        assert shop
        shop.is_demo = False


def new_code(app: Flask, kind: DeviceKind) -> str:
    """Add a device and return its pairing code."""
    with app.app_context(), writing() as tx:
        shop = only_shop(tx)
        assert shop
        return add_device(tx, shop, kind, "by the door", by=SYSTEM, at=cast.SATURDAY)[1]


def devices(app: Flask) -> int:
    """Count the paired screens."""
    with app.app_context(), reading() as session:
        return session.scalar(select(func.count()).where(Device.secret_hash.is_not(None))) or 0


def test_the_signpost_shows_every_screen_and_everybody(client: FlaskClient, app: Flask) -> None:
    placed = cast.place_order(app)
    page = client.get("/", headers={"Accept-Language": "en"}).get_data(as_text=True)
    for way in ("/kiosk/", "/kitchen/", "/courier/", "/admin/", "/sign-in?login=chen", f"/t/{placed.token}"):
        assert f'href="{way}"' in page


def test_a_real_shop_opens_at_its_kiosk(client: FlaskClient, app: Flask) -> None:
    make_real(app)
    assert client.get("/").location == "/kiosk/"
    page = client.get("/sign-in?login=mei").get_data(as_text=True)
    assert cast.DEMO_PASSWORD not in page


@pytest.mark.parametrize(
    ("login", "home"),
    [
        ("chen", "/admin/"),
        ("mei", "/admin/"),
        ("li", "/kitchen/"),
        ("gao", "/courier/"),
        ("zheng", "/admin/"),
    ],
)
def test_everybody_starts_at_their_own_room(client: FlaskClient, login: str, home: str) -> None:
    form = {"login": login, "password": cast.DEMO_PASSWORD, "csrf_token": cast.token_of(client)}
    assert client.post("/sign-in", data=form).location == home
    assert client.get("/sign-in").status_code == 200


def test_signing_in_leads_back_to_where_one_wanted_to_go(client: FlaskClient) -> None:
    away = client.get("/admin/devices/?kind=kiosk")
    assert away.location == "/sign-in?next=/admin/devices/?kind%3Dkiosk"
    page = client.get(away.location).get_data(as_text=True)
    assert 'name="next" value="/admin/devices/?kind=kiosk"' in page
    form = {"login": "chen", "password": cast.DEMO_PASSWORD, "next": "/admin/devices/?kind=kiosk"}
    answer = client.post("/sign-in", data={**form, "csrf_token": cast.token_of(client)})
    assert answer.location == "/admin/devices/?kind=kiosk"


@pytest.mark.parametrize(
    "address",
    ["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:alert(1)", "/\t/evil.test", "evil", "", None,
     "/x\r\nSet-Cookie: a=b", "\\\\evil.test", "/..//evil.test\\"],
)  # fmt: skip
def test_no_address_leads_out_of_the_house(address: str | None) -> None:
    assert inside(address) == ""


def test_addresses_of_the_house_are_kept() -> None:
    assert inside("/admin/orders?text=%E7%8E%8B&page=2") == "/admin/orders?text=%E7%8E%8B&page=2"


def test_a_wrong_password_says_so_and_keeps_the_name(client: FlaskClient) -> None:
    form = {"login": "mei", "password": "wrong-one", "csrf_token": cast.token_of(client)}
    answer = client.post("/sign-in", data=form, headers={"Accept-Language": "en"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 403
    assert "do not match" in page and 'value="mei"' in page and "wrong-one" not in page
    assert client.get("/admin/").location == "/sign-in?next=/admin/"


def test_too_many_failures_are_answered_429(client: FlaskClient) -> None:
    token = cast.token_of(client)
    for n in range(6):
        form = {"login": "mei", "password": f"wrong-{n}", "csrf_token": token}
        answer = client.post("/sign-in", data=form)
    assert answer.status_code == 429


def test_signing_in_starts_a_new_session(client: FlaskClient) -> None:
    """What somebody planted in the browser before does not live on."""
    with client.session_transaction() as session:
        session["planted"] = "yes"
    cast.sign_in(client, "mei")
    with client.session_transaction() as session:
        assert "planted" not in session and session["_user_id"]


def test_a_session_ends_with_the_working_day(client: FlaskClient) -> None:
    cast.sign_in(client, "mei")
    assert client.get("/admin/").status_code == 200
    with client.session_transaction() as session:
        session["since"] -= 17 * 3600
    assert client.get("/admin/").location == "/sign-in?next=/admin/"


def test_signing_out(client: FlaskClient) -> None:
    cast.sign_in(client, "mei")
    answer = client.post("/sign-out", data={"csrf_token": cast.token_of(client)})
    assert answer.location == "/sign-in"
    assert client.get("/admin/").location == "/sign-in?next=/admin/"


@pytest.mark.parametrize(("kind", "room"), [(DeviceKind.KIOSK, "/kiosk/"), (DeviceKind.KITCHEN, "/kitchen/")])
def test_a_screen_is_paired_by_its_code(app: Flask, client: FlaskClient, kind: DeviceKind, room: str) -> None:
    make_real(app)
    assert client.get(room).location == f"/pair?next={room}"
    code = new_code(app, kind).lower()
    answer = client.post("/pair", data={"code": f" {code} ", "csrf_token": cast.token_of(client)})
    assert answer.location == room
    assert client.get(room).status_code == 200
    again = app.test_client()
    used = again.post("/pair", data={"code": code, "csrf_token": cast.token_of(again)})
    assert used.status_code == 404, "a code works once"


def test_a_code_is_too_old_after_a_quarter_of_an_hour(app: Flask, client: FlaskClient) -> None:
    code, token = new_code(app, DeviceKind.KIOSK), cast.token_of(client)
    cast.clock_of(app).pass_by(minutes=16)
    assert client.post("/pair", data={"code": code, "csrf_token": token}).status_code == 404


def test_a_printers_code_pairs_no_screen(app: Flask, client: FlaskClient) -> None:
    code = new_code(app, DeviceKind.PRINTER)
    assert client.post("/pair", data={"code": code, "csrf_token": cast.token_of(client)}).status_code == 404


def test_the_secret_of_a_screen_is_stored_hashed(app: Flask, client: FlaskClient) -> None:
    code = new_code(app, DeviceKind.KIOSK)
    client.post("/pair", data={"code": code, "csrf_token": cast.token_of(client)})
    cookie = client.get_cookie("fs_kiosk")
    assert cookie and len(cookie.value) >= 43
    folder = app.extensions["fairslice"].settings.data
    raw = b"".join(path.read_bytes() for path in folder.iterdir() if path.name.startswith("shop.db"))
    assert cookie.value.encode() not in raw and code.encode() not in raw


# --- The demo shop pairs its own screens --------------------------------------------------------------------


def test_on_its_own_machine_a_demo_screen_pairs_itself(app: Flask, client: FlaskClient) -> None:
    answer = client.get("/kiosk/?lang=en", base_url=HERE)
    assert answer.status_code == 303 and answer.location == "/kiosk/?lang=en"
    assert client.get("/kiosk/", base_url=HERE).status_code == 200
    assert client.get("/kitchen/", base_url=HERE).location == "/kitchen/"
    assert client.get("/kitchen/", base_url=HERE).status_code == 200
    other = app.test_client()
    other.get("/kiosk/", base_url=HERE)
    assert devices(app) == 2, "a second browser is the same screen"


@pytest.mark.parametrize(
    ("environ", "headers", "base"),
    [
        ({"REMOTE_ADDR": "192.168.1.20"}, {}, HERE),
        ({}, {}, "http://192.168.1.5:8000"),
        ({}, {}, "http://evil.test"),
        ({}, {"X-Forwarded-For": "203.0.113.9"}, HERE),
        ({}, {"Forwarded": "for=203.0.113.9"}, HERE),
        ({}, {"HX-Request": "true"}, HERE),
    ],
)
def test_from_anywhere_else_it_does_not(
    app: Flask, client: FlaskClient, environ: dict[str, str], headers: dict[str, str], base: str
) -> None:
    answer = client.get("/kiosk/", base_url=base, headers=headers, environ_base=environ)
    assert answer.status_code in (303, 401) and "Set-Cookie" not in str(answer.headers.get("Set-Cookie", ""))
    assert devices(app) == 0


def test_a_real_shops_screens_do_not_pair_themselves(app: Flask, client: FlaskClient) -> None:
    make_real(app)
    assert client.get("/kiosk/", base_url=HERE).location == "/pair?next=/kiosk/"


def test_a_removed_demo_screen_stays_out_and_is_told(app: Flask, client: FlaskClient) -> None:
    client.get("/kiosk/", base_url=HERE)
    with app.app_context(), writing() as tx:
        screen = tx.scalars(select(Device).where(Device.secret_hash.is_not(None))).one()
        revoke(tx, screen, by=SYSTEM, at=cast.SATURDAY)
    answer = client.get("/kiosk/", base_url=HERE, headers={"Accept-Language": "en"})
    assert answer.location == "/pair?next=/kiosk/"
    page = client.get("/pair", base_url=HERE, headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert "This screen has been removed" in page and "Ask the shop to pair it again." in page
    before, _, fold = page.partition("For the shop")
    assert "cookie" not in before and "cookie" in fold and 'name="code"' in fold
    fresh = app.test_client()
    led = fresh.get("/kiosk/", base_url=HERE, headers={"Accept-Language": "en"})
    assert led.location == "/pair?again=1&next=/kiosk/"
    said = fresh.get(led.location, base_url=HERE, headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert "Demo: screens on this machine pair themselves again" in said and 'href="/kiosk/"' in said
    assert fresh.get("/kiosk/", base_url=HERE).status_code == 200
    assert client.get("/kiosk/", base_url=HERE).status_code == 303, "the old cookie stays shut out"


def test_the_list_of_devices_says_that_the_demo_lets_screens_in_again(
    app: Flask, client: FlaskClient
) -> None:
    chen = cast.sign_in(client, "chen")
    chen.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    said = "Demo: screens on this machine pair themselves again"
    assert said in chen.get("/admin/devices/").get_data(as_text=True)
    assert said not in chen.get("/pair?again=1", base_url="http://192.168.1.5:8000").get_data(as_text=True)
    make_real(app)
    assert said not in chen.get("/admin/devices/").get_data(as_text=True)
    assert said not in chen.get("/pair?again=1").get_data(as_text=True)


def test_a_link_from_elsewhere_shows_the_signpost(client: FlaskClient) -> None:
    """Its strict cookie would not come back with a redirect, and the browser would go in circles."""
    answer = client.get("/kiosk/", base_url=HERE, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.location == "/"


def test_somebody_without_the_right_is_refused_where_no_screen_may_pair(
    app: Flask, client: FlaskClient
) -> None:
    make_real(app)
    with client.session_transaction() as session, app.app_context(), reading() as looking:
        session["_user_id"], session["since"] = cast.person(looking, "lin").session_id(), 4_000_000_000
    assert client.get("/kitchen/").status_code == 403
    with app.app_context(), reading() as looking:
        assert looking.scalar(select(func.count()).where(Event.kind == "access_denied")) == 1


# --- Language -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "html"), [("zh_Hant", "zh-Hant"), ("zh_Hans", "zh-Hans"), ("en", "en")])
def test_the_language_is_one_tap(client: FlaskClient, code: str, html: str) -> None:
    form = {"language": code, "next": "/pair", "csrf_token": cast.token_of(client)}
    assert client.post("/language", data=form).location == "/pair"
    assert f'<html lang="{html}">' in client.get("/pair").get_data(as_text=True)


def test_everybody_has_their_own_language(app: Flask, client: FlaskClient) -> None:
    with app.app_context(), writing() as tx:
        cast.person(tx, "mei").language = "zh_Hant"
    cast.sign_in(client, "mei")
    assert '<html lang="zh-Hant">' in client.get("/sign-in").get_data(as_text=True)


def test_an_unknown_language_changes_nothing(client: FlaskClient) -> None:
    form = {"language": "xx", "next": "https://evil.test", "csrf_token": cast.token_of(client)}
    answer = client.post("/language", data=form)
    assert answer.location == "/" and "fs_language" not in str(answer.headers)


# --- Trouble ------------------------------------------------------------------------------------------------


def test_trouble_is_told_in_the_callers_own_form(client: FlaskClient) -> None:
    page = client.get("/nowhere", headers={"Accept-Language": "en"})
    assert page.status_code == 404 and "Nothing here" in page.get_data(as_text=True)
    program = client.get("/nowhere", headers={"Accept": "application/json"})
    assert program.mimetype == "application/problem+json"
    assert program.get_json()["status"] == 404
    part = client.get("/nowhere", headers={"HX-Request": "true"})
    assert part.headers["HX-Retarget"] == "#trouble" and 'id="trouble"' in part.get_data(as_text=True)


def test_htmx_is_led_to_the_sign_in(client: FlaskClient) -> None:
    answer = client.get("/admin/", headers={"HX-Request": "true"})
    assert answer.status_code == 401 and answer.headers["HX-Redirect"] == "/sign-in?next=/admin/"
