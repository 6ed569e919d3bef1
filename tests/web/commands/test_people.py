"""``bin/shop user`` and ``device``: accounts and devices from the command line."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from shop.core.errors import ShopError
from tests import cast
from web.cli import build_parser, commands
from web.commands import Refused

Run = Callable[..., Any]


@pytest.fixture
def run(app: Flask) -> Run:
    """Run a command in the shop of the tests and return what it prints."""

    def command(*words: str) -> Any:
        options = build_parser(commands()).parse_args(words)
        with app.app_context():
            return options.command.run(options)

    return command


def test_a_person_is_added_and_signs_in(app: Flask, run: Run) -> None:
    made = run("user", "add", "dora", "--name", "Dora", "--role", "clerk", "--password", "honig-und-mohn")
    assert made == {"login": "dora", "name": "Dora", "role": "clerk"}
    cast.sign_in(app.test_client(), "dora", "honig-und-mohn")
    assert {"login": "dora", "name": "Dora", "role": "clerk", "active": True} in run("user", "list")


def test_an_owner_gets_a_code_that_opens(app: Flask, run: Run) -> None:
    made = run("user", "add", "dora", "--role", "owner", "--password", "honig-und-mohn")
    cast.sign_in(app.test_client(), "dora", made["recovery_code"])
    renewed = run("user", "recovery", "dora")
    assert renewed["recovery_code"] != made["recovery_code"]
    cast.sign_in(app.test_client(), "dora", renewed["recovery_code"])


def test_a_new_password_ends_the_sessions(app: Flask, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    mei = cast.sign_in(app.test_client(), "mei")
    monkeypatch.setattr("sys.stdin", io.StringIO("honig-und-mohn\n"))
    assert run("user", "password", "mei", "--password", "-") == {"login": "mei", "changed": True}
    assert mei.get("/admin/").status_code == 303
    cast.sign_in(app.test_client(), "mei", "honig-und-mohn")


@pytest.mark.parametrize(
    "words",
    [
        ("user", "password", "nobody", "--password", "honig-und-mohn"),
        ("user", "add", "mei", "--password", "honig-und-mohn"),
        ("user", "add", "dora", "--password", "short"),
        ("user", "recovery", "mei"),
    ],
)
def test_what_cannot_be_done_is_said(run: Run, words: tuple[str, ...]) -> None:
    with pytest.raises((Refused, ShopError)):
        run(*words)


def test_a_screen_is_paired_by_the_code_that_was_printed(app: Flask, run: Run) -> None:
    made = run("device", "pair", "kitchen", "--station", "oven")
    assert json.dumps(made) and made["open"].endswith("/pair")
    client = app.test_client()
    answer = client.post("/pair", data={"code": made["code"], "csrf_token": cast.token_of(client)})
    assert answer.location == "/kitchen/"


def test_a_printer_needs_no_code(run: Run) -> None:
    assert "code" not in run("device", "pair", "printer")
