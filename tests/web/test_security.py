"""Writes only from our own pages, strict headers on every answer, sockets refused before their upgrade (T27)."""

from __future__ import annotations

import re
import socket
import sys
import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.serving import make_server

from shop.people.devices import DeviceKind
from tests import cast
from tests.conftest import AppWith
from tests.patience import PATIENCE
from tests.web import doors
from tests.web.doors import ADDRESS, visitor
from tests.web.test_idempotency import everybody_needed
from web import front, security
from web.access import DOORS

FOREIGN = "https://evil.test"


def csp(header: str) -> dict[str, list[str]]:
    """Read a policy: what each directive allows."""
    parts = [part.split() for part in header.split(";") if part.strip()]
    return {name: allowed for name, *allowed in parts}


def test_a_write_without_its_token_is_refused_everywhere(app: Flask) -> None:
    who_for = everybody_needed(app)
    with doors.opened():
        for rule in doors.form_writes(app):
            form = {"key": "0123456789abcdef"}
            answer = who_for(rule).client.post(doors.fill(app, rule), base_url=ADDRESS, data=form)
            assert answer.status_code == 403, rule.endpoint


def test_programs_that_bring_no_token_are_few_and_known(app: Flask) -> None:
    """A provider signs its notify; nothing else may be written without a token."""
    programs = {rule.endpoint for rule in doors.writes(app)} - {
        rule.endpoint for rule in doors.form_writes(app)
    }
    assert programs == {"pay.notify"}


FROM_ELSEWHERE = (
    {"Origin": FOREIGN},
    {"Origin": "null"},
    {"Origin": "http://shop.test.evil.test"},
    {"Origin": "https://shop.test:8443"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": ADDRESS, "Sec-Fetch-Site": "cross-site"},
)


def test_a_write_from_another_site_is_refused_everywhere(app: Flask) -> None:
    """Even with the right cookies and the right token."""
    who_for = everybody_needed(app)
    with doors.opened():
        for rule in doors.form_writes(app):
            visit, address = who_for(rule), doors.fill(app, rule)
            form = {"csrf_token": visit.csrf, "key": "0123456789abcdef"}
            for headers in FROM_ELSEWHERE:
                answer = visit.client.post(address, base_url=ADDRESS, data=form, headers=headers)
                assert answer.status_code == 403, (rule.endpoint, headers)


def test_a_page_that_sends_no_referrer_may_still_write(app: Flask) -> None:
    """Browsers then say ``Origin: null``, and where the request comes from in a header no page can set."""
    visit = visitor(app, "manager")
    form = {"csrf_token": visit.csrf, "language": "en"}
    ours = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    answer = visit.client.post("/language", base_url=ADDRESS, data=form, headers=ours)
    assert answer.status_code == 303


def test_a_token_of_another_session_is_refused(app: Flask) -> None:
    mei, mallory = visitor(app, "clerk"), visitor(app, "nobody")
    form = {"csrf_token": mallory.csrf, "key": "0123456789abcdef"}
    assert mei.client.post("/admin/me/password", base_url=ADDRESS, data=form).status_code == 403


def test_the_guards_have_teeth(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the guards off, another site's form goes through with the victim's cookies."""
    monkeypatch.setattr(security, "from_here", lambda **how: True)
    monkeypatch.setattr(security.csrf, "protect", lambda: None)
    mei = visitor(app, "manager")
    form = {"key": "0123456789abcdef", "kind": "kiosk", "name": "planted"}
    attack = mei.client.post("/admin/devices/", base_url=ADDRESS, data=form, headers={"Origin": FOREIGN})
    assert attack.status_code == 200


INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style\b|\sstyle=|\son[a-z]+\s*=\s*[\"']|javascript:", re.I)


FORM = re.compile(r"<form\b[^>]*method=[\"']?post.*?</form>", re.I | re.S)
FORMS = {"nobody": 2, "owner": 20, "manager": 20, "kiosk": 5, "display": 2}
"""More forms than this everybody is shown."""


@pytest.mark.parametrize("who", FORMS)
def test_every_answer_carries_the_policy_nothing_inline_and_tokens_in_its_forms(app: Flask, who: str) -> None:
    """Pages, fragments, refusals, things that do not exist, whoever asks; forms also without a script."""
    placed = cast.place_order(app, words="生日快乐")
    visit = visitor(app, who)
    seen = 0
    some = {"token": placed.token, "order_id": placed.order_id, "slug": "strawberry-cream"}
    for rule in doors.rules(app):
        if "GET" not in doors.methods(rule) or rule.websocket:
            continue
        answer = visit.client.get(doors.fill(app, rule, **some), base_url=ADDRESS)
        assert answer.status_code < 500 or rule.endpoint == "readyz", (rule.endpoint, who)
        for name, value in front.HEADERS.items():
            if name == "Referrer-Policy" and answer.headers.get(name) == "no-referrer":
                continue  # a stricter room: the address of a slip is a secret
            assert answer.headers.get(name) == value, (rule.endpoint, name)
        if not answer.mimetype.startswith("text/html"):
            continue
        found = INLINE.search(answer.text)
        assert found is None, (rule.endpoint, found and found.group())
        forms = FORM.findall(answer.text)
        assert all('name="csrf_token"' in form for form in forms), (rule.endpoint, forms)
        seen += len(forms)
    assert seen > FORMS[who]


def test_the_policy_allows_nothing_inline() -> None:
    policy = csp(front.POLICY)
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == policy["style-src"] == ["'self'"]
    assert policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
    assert policy["form-action"] == ["'self'"]
    assert "unsafe" not in front.POLICY and "*" not in front.POLICY


def test_pages_of_the_team_are_stored_nowhere(app: Flask) -> None:
    owner = visitor(app, "owner")
    for address in ("/admin/", "/admin/people/", "/admin/me", "/sign-in", "/pair"):
        assert owner.client.get(address, base_url=ADDRESS).headers["Cache-Control"] == "no-store"


def test_too_large_a_body_is_refused(app: Flask) -> None:
    nobody = visitor(app, "nobody")
    form = {"csrf_token": nobody.csrf, "login": "x" * (security.MAX_BODY + 1), "password": "x"}
    assert nobody.client.post("/sign-in", base_url=ADDRESS, data=form).status_code == 413


@pytest.mark.parametrize("public", ["https://shop.test", "http://shop.test"])
def test_cookies_are_for_the_server_only(app_with: AppWith, public: str) -> None:
    app = app_with(PUBLIC_URL=public)
    client = app.test_client()
    token = cast.token_of(client, public)
    form = {"csrf_token": token, "login": "chen", "password": cast.DEMO_PASSWORD}
    answer = client.post("/sign-in", base_url=public, data=form, headers={"Origin": public})
    session = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith("fs_session="))
    assert "HttpOnly" in session and "SameSite=Lax" in session
    assert ("Secure" in session) == public.startswith("https")
    answer = app.test_client().get("/kiosk/", base_url=public.replace("shop.test", "127.0.0.1"))
    screen = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith("fs_kiosk="))
    assert "HttpOnly" in screen and "SameSite=Strict" in screen
    assert ("Secure" in screen) == public.startswith("https")


def test_staff_may_sign_in_by_http_while_customers_come_by_https(app_with: AppWith) -> None:
    app = app_with(PUBLIC_URL="https://cakes.test")
    cast.sign_in(app.test_client(), "mei", address="http://192.168.1.5")
    proxied = app.test_client().get("/pair", base_url="http://cakes.test")
    assert "Secure" in proxied.headers["Set-Cookie"], "a proxy that does not say so is known by its name"


def test_https_is_remembered(app: Flask) -> None:
    secure = app.test_client().get("/sign-in", base_url="https://shop.test")
    assert "max-age" in secure.headers["Strict-Transport-Security"]


def test_a_proxy_is_believed_only_where_it_is_announced(app_with: AppWith) -> None:
    told = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
    plain = app_with().test_client().get("/sign-in", headers=told)
    assert "Strict-Transport-Security" not in plain.headers
    behind = app_with(FAIRSLICE_PROXIES=1).test_client().get("/sign-in", headers=told)
    assert "Strict-Transport-Security" in behind.headers


# --- Sockets ------------------------------------------------------------------------------------------------


@pytest.fixture
def served(app: Flask) -> Iterator[int]:
    """The shop on a real port, because an upgrade needs a real connection."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()


def first_line(port: int, address: str, cookie: str, origin: str | None) -> str:
    """Ask for an upgrade and return the first line of the answer."""
    lines = [
        f"GET {address} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
    ]
    lines += ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", f"Cookie: {cookie}"]
    if origin is not None:
        lines.append(f"Origin: {origin}")
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        return connection.recv(200).decode(errors="replace").split("\r\n", 1)[0]


def sockets(app: Flask, port: int) -> list[tuple[str, str, str]]:
    """Return each socket's endpoint, its address, and the cookie that may open it."""
    placed = cast.place_order(app)
    display, manager, courier = app.test_client(), app.test_client(), app.test_client()
    cast.pair_client(app, display, DeviceKind.KITCHEN)
    cast.sign_in(manager, "xu")
    cast.sign_in(courier, "gao")
    kitchen = display.get_cookie("fs_kitchen")
    session, rides = manager.get_cookie("fs_session"), courier.get_cookie("fs_session")
    assert kitchen and session and rides
    found = []
    for rule in doors.rules(app):
        if rule.websocket:
            address = doors.fill(app, rule, token=placed.token, order_id=placed.order_id)
            of_kitchen = DOORS[rule.endpoint].who.device is not None
            person = rides if rule.endpoint.startswith("courier.") else session
            cookie = f"fs_kitchen={kitchen.value}" if of_kitchen else f"fs_session={person.value}"
            found.append((rule.endpoint, address, cookie))
    return found


def test_a_socket_of_another_site_is_refused_before_its_upgrade(app: Flask, served: int) -> None:
    there = sockets(app, served)
    assert len(there) >= 3
    for endpoint, address, cookie in there:
        for origin in (FOREIGN, None, "null", f"http://127.0.0.1:{served + 1}"):
            line = first_line(served, address, cookie, origin)
            assert " 403 " in line, (endpoint, origin, line)
        line = first_line(served, address, cookie, f"http://127.0.0.1:{served}")
        assert " 101 " in line, (endpoint, line)


def test_a_socket_without_its_cookie_is_refused_before_its_upgrade(app: Flask, served: int) -> None:
    for endpoint, address, _ in sockets(app, served):
        if endpoint != "tracking.live":  # its token stands in the address
            line = first_line(served, address, "", f"http://127.0.0.1:{served}")
            assert " 401 " in line, (endpoint, line)


def test_the_sockets_guard_has_teeth(app: Flask, served: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["web.live.install"], "from_here", lambda **how: True)
    _, address, cookie = sockets(app, served)[0]
    assert " 101 " in first_line(served, address, cookie, FOREIGN)
