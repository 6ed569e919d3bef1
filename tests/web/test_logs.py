"""Logs say which door and how long, and nothing about anybody (T33)."""

from __future__ import annotations

import json
import logging

import pytest
import structlog
from flask import Flask

from shop.people.devices import DeviceKind
from tests import cast
from web import logs

PHONE, NAME, WORDS = "13912345678", "欧阳金丝雀", "CANARY-INSCRIPTION"
PASSWORD, GUESS = cast.DEMO_PASSWORD, "canary-guess-9"


def lines(text: str) -> list[dict[str, object]]:
    """Read what was logged."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def a_busy_minute(app: Flask) -> list[str]:
    """Let the shop handle secrets of every sort; returns what must not be read anywhere."""
    placed = cast.place_order(app, name=NAME, phone=PHONE, words=WORDS, prepaid=False)
    nobody, mei, kiosk = app.test_client(), app.test_client(), app.test_client()
    cast.sign_in(mei, "mei", PASSWORD)
    cast.pair_client(app, kiosk, DeviceKind.KIOSK)
    nobody.post("/sign-in", data={"csrf_token": cast.token_of(nobody), "login": "mei", "password": GUESS})
    nobody.get(f"/t/{placed.token}?phone={PHONE}")
    nobody.get(f"/t/{placed.token}/qr.svg")
    nobody.get(f"/c/{placed.counter_code}")
    mei.get(f"/admin/orders?text={PHONE}&name={NAME}")
    mei.get(f"/admin/orders/{placed.order_id}")
    kiosk.get("/kiosk/menu")
    nobody.get(f"/nowhere/{placed.token}")
    nobody.post(f"/t/{placed.token}/cancel", data={"pin": "1234"})
    cookie, session = kiosk.get_cookie("fs_kiosk"), mei.get_cookie("fs_session")
    assert cookie and session
    return [
        placed.token,
        placed.counter_code,
        PHONE,
        NAME,
        WORDS,
        PASSWORD,
        GUESS,
        cookie.value,
        session.value,
    ]


def test_nothing_personal_is_logged(app: Flask, capfd: pytest.CaptureFixture[str]) -> None:
    canaries = a_busy_minute(app)
    out, err = capfd.readouterr()
    assert len(lines(out)) > 10
    for canary in canaries:
        assert canary not in out and canary not in err, canary[:6]


def test_a_fault_is_logged_without_what_was_typed(
    app: Flask, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*args: object, **more: object) -> None:
        raise RuntimeError(f"cannot handle {PHONE} for /t/{'Q' * 22} and +86 139 1234 5678, a@example.com")

    monkeypatch.setattr("web.doorway.examine", breaks)
    client = app.test_client()
    form = {"csrf_token": cast.token_of(client), "login": "mei", "password": GUESS}
    assert client.post("/sign-in", data=form).status_code == 500
    out, _ = capfd.readouterr()
    fault = next(line for line in lines(out) if line["event"] == "broken")
    assert "RuntimeError" in str(fault["exception"]) and fault["door"] == "doorway.sign_in"
    for canary in (PHONE, "Q" * 22, "1234 5678", "a@example.com", GUESS):
        assert canary not in out


def test_a_request_is_one_line_by_its_door(app: Flask, capfd: pytest.CaptureFixture[str]) -> None:
    app.test_client().get("/sign-in?next=/admin/")
    out, _ = capfd.readouterr()
    (line,) = lines(out)
    assert set(line) == {"door", "method", "status", "milliseconds", "event", "level", "timestamp"}
    assert (line["door"], line["status"]) == ("doorway.sign_in_page", 200)


@pytest.mark.parametrize(
    "text",
    [
        "call 13912345678 now",
        "+86 139 1234 5678",
        "GET /t/Hk3x0_9aBcDeFgHiJkLmNo HTTP/1.1",
        "cookie=fs_kiosk=" + "aB3_" * 10 + "xyz",
        "chen@example.com",
        "(psycopg.errors.X) oops\n[SQL: INSERT]\n[parameters: ('secret name', 5)]",
    ],
)
def test_the_strainer_strikes_out(text: str) -> None:
    assert logs.STRUCK in logs.clean(text)


@pytest.mark.parametrize(
    "text",
    [
        "A-042 is late by 12 minutes",
        "2026-11-21T22:00:04.865276Z",
        "station oven, task 1234567",
        "doorway.sign_in_page",
    ],
)
def test_the_strainer_leaves_the_rest(text: str) -> None:
    assert logs.clean(text) == text


def test_libraries_go_through_the_same_strainer(app: Flask, capfd: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("some.library").warning("calling %s", PHONE)
    out, err = capfd.readouterr()
    assert PHONE not in out + err and logs.STRUCK in out


def test_the_strainer_has_teeth(
    app: Flask, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it the same words would stand in the log."""
    monkeypatch.setattr(logs, "PATTERNS", ())
    structlog.get_logger("shop").info("x", note=f"call {PHONE}")
    assert PHONE in capfd.readouterr().out
