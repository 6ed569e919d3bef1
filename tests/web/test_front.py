"""What is spared on each request takes nothing away: sessions end, tokens belong to one browser, all is dressed."""

import pytest
from flask import Flask, session
from flask.testing import FlaskClient

from admin.entries import TOASTS
from tests import cast
from tests.admin.office import post
from tests.conftest import AppWith
from tests.shop.payments import counting
from web import front, signin
from web.database import writing


def session_cookie(client: FlaskClient) -> str:
    """Return the session cookie of this browser."""
    cookie = client.get_cookie("fs_session")
    assert cookie is not None
    return cookie.value


def test_a_cookie_read_before_is_not_believed_after_a_change_of_it(app: Flask, client: FlaskClient) -> None:
    cast.sign_in(client, "mei")
    for _ in range(2):
        assert client.get("/admin/orders").status_code == 200
    good = session_cookie(client)
    stranger = app.test_client()
    text, _, signature = good.rpartition(".")
    for bad in (
        # Its first letter: the last one also carries two bits that mean nothing, so another may be the same.
        text + "." + ("A" if signature[0] != "A" else "B") + signature[1:],
        "x" + good,
        text,
        good + " ",
    ):
        stranger.set_cookie("fs_session", bad)
        assert stranger.get("/admin/orders").status_code == 303
    stranger.set_cookie("fs_session", good)
    assert stranger.get("/admin/orders").status_code == 200


def test_a_session_that_was_ended_is_over_though_its_cookie_was_read_before(
    app: Flask, client: FlaskClient
) -> None:
    cast.sign_in(client, "mei")
    assert client.get("/admin/orders").status_code == 200
    with app.app_context(), writing() as tx:
        cast.person(tx, "mei").session_version += 1
    assert client.get("/admin/orders").status_code == 303


def test_what_a_request_does_to_its_session_stays_out_of_what_is_kept(
    app: Flask, client: FlaskClient
) -> None:
    cast.token_of(client)
    cookies = app.session_interface
    assert isinstance(cookies, signin.Cookies)
    for _ in range(2):
        with app.test_request_context("/", headers={"Cookie": f"fs_session={session_cookie(client)}"}):
            assert "extra" not in session
            session["extra"] = "1"


def test_the_token_of_one_browser_is_no_good_in_another(app: Flask) -> None:
    one, other = app.test_client(), app.test_client()
    mine, theirs = cast.token_of(one), cast.token_of(other)
    assert mine == cast.token_of(one) and mine != theirs
    form = {"login": "mei", "password": cast.DEMO_PASSWORD}
    assert one.post("/sign-in", data={**form, "csrf_token": theirs}).status_code == 403
    assert one.post("/sign-in", data={**form, "csrf_token": mine}).status_code == 303


def test_answers_differ_by_cookie_and_by_who_asks(client: FlaskClient) -> None:
    vary = {part.strip() for part in client.get("/pair").headers["Vary"].split(",")}
    assert vary >= {"Cookie", "HX-Request"}


def test_who_never_opens_a_page_has_a_small_cookie_all_the_same(app: Flask, client: FlaskClient) -> None:
    """A cookie of more than 4 kB is thrown away by the browser, one of 8 kB is refused by the server."""
    with app.app_context(), writing() as tx:
        counting.opened(tx)
    cast.sign_in(client, "xu")
    for _ in range(6):
        assert post(client, "/admin/tills/1/cash", kind="paid_in", amount="1", reason="x").status_code == 303
    with client.session_transaction() as kept:
        assert len(kept["_flashes"]) == TOASTS
    assert client.get("/admin/tills/1").text.count("data-toast") == TOASTS


def test_what_is_no_page_is_dressed_too(app_with: AppWith) -> None:
    client = app_with().test_client()
    for path in ("/healthz", "/nowhere", "/static/none.css", "/assets/none.js"):
        answer = client.get(path, base_url="https://localhost")
        for name, value in front.HEADERS.items():
            assert answer.headers.getlist(name) == [value], (path, name)
        assert answer.headers["Strict-Transport-Security"]
    assert "Strict-Transport-Security" not in client.get("/healthz").headers


@pytest.mark.parametrize("query", ["next=%00", "next=a%00b&lang=en"])
def test_a_character_that_cannot_be_written_is_refused_in_an_address(client: FlaskClient, query: str) -> None:
    assert client.get(f"/sign-in?{query}").status_code == 422
    assert client.get("/sign-in?next=%2500").status_code == 200, "this is a percent sign and two noughts"


@pytest.mark.parametrize(("cookie", "status"), [(r'"a\000b"', 422), ("a%00b", 200), (r'"a\001b"', 200)])
def test_a_character_that_cannot_be_written_is_refused_in_a_cookie(
    app: Flask, cookie: str, status: int
) -> None:
    client = app.test_client(use_cookies=False)
    assert client.get("/sign-in", headers={"Cookie": f"fs_look={cookie}"}).status_code == status
