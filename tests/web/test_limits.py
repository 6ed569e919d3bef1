"""How often somebody may knock (T25, T26): by address and by kind of request."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shop.people import signing_in
from tests import cast
from tests.conftest import AppWith

ELSEWHERE = {"REMOTE_ADDR": "203.0.113.77"}


@pytest.fixture
def limited(app_with: AppWith) -> Flask:
    """The shop with its limits on."""
    return app_with(FAIRSLICE_RATE_LIMITS=True)


def guess_slips(client: FlaskClient, n: int, **more: Any) -> list[int]:
    """Ask for ``n`` slips that do not exist."""
    return [client.get(f"/t/{'A' * 18}{i:04d}", **more).status_code for i in range(n)]


def test_thirty_wrong_slips_a_minute_and_no_more(limited: Flask) -> None:
    client = limited.test_client()
    assert guess_slips(client, 30) == [404] * 30
    assert guess_slips(client, 3) == [429] * 3
    stopped = client.get("/t/" + "A" * 22)
    assert stopped.headers["Retry-After"] == "60"
    assert (
        "Too many tries" in stopped.get_data(as_text=True) or stopped.headers.get("Content-Language") is None
    )
    assert guess_slips(client, 2, environ_base=ELSEWHERE) == [404] * 2, "others are not stopped"


def test_a_right_slip_is_not_counted(limited: Flask) -> None:
    placed = cast.place_order(limited)
    client = limited.test_client()
    assert {client.get(f"/t/{placed.token}").status_code for _ in range(60)} == {200}


def test_guessing_while_stopped_finds_nothing(limited: Flask) -> None:
    """The limit stops the guesser also when the next guess would be right."""
    placed = cast.place_order(limited)
    client = limited.test_client()
    guess_slips(client, 31)
    assert client.get(f"/t/{placed.token}").status_code == 429


def test_the_limit_has_teeth(app: Flask) -> None:
    assert guess_slips(app.test_client(), 40) == [404] * 40


def test_wrong_pairing_codes_are_limited(limited: Flask) -> None:
    client = limited.test_client()
    form = {"csrf_token": cast.token_of(client), "code": "ABCDEF"}
    codes = [client.post("/pair", data=form).status_code for _ in range(32)]
    assert codes == [404] * 30 + [429] * 2


def test_sign_ins_are_limited(limited: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing_in.passwords, "fits", lambda stored, typed: False)
    client = limited.test_client()
    token = cast.token_of(client)
    codes = [
        client.post(
            "/sign-in", data={"csrf_token": token, "login": f"name{n}", "password": "guess"}
        ).status_code
        for n in range(42)
    ]
    assert codes == [403] * 40 + [429] * 2


def test_an_address_behind_an_unknown_proxy_cannot_choose_its_name(limited: Flask) -> None:
    """Without ``FAIRSLICE_PROXIES`` the header is not believed, so it cannot be used to start anew."""
    client = limited.test_client()
    guess_slips(client, 30)
    forged = client.get("/t/" + "B" * 22, headers={"X-Forwarded-For": "198.51.100.1"})
    assert forged.status_code == 429


def test_looking_is_not_limited(limited: Flask) -> None:
    client = limited.test_client()
    assert {client.get("/sign-in").status_code for _ in range(100)} == {200}
