"""An owner who is locked out, or has lost the password, gets in by the recovery code and out of trouble alone."""

from __future__ import annotations

from flask import Flask

from shop.people import signing_in
from tests import cast
from tests.admin.office import english, post
from web.database import writing
from web.house import now


def new_code(app: Flask) -> str:
    with app.app_context(), writing() as tx:
        return signing_in.renew_recovery(tx, cast.person(tx, "chen"), by=cast.by(tx, "chen"), at=now())


def test_a_locked_out_owner_comes_back_and_chooses_a_new_password(app: Flask) -> None:
    code, client = new_code(app), english(app.test_client())
    for _ in range(15):
        wrong = {"login": "chen", "password": "wrong one", "csrf_token": cast.token_of(client)}
        client.post("/sign-in", data=wrong)
    right = {"login": "chen", "password": "tangjian", "csrf_token": cast.token_of(client)}
    assert client.post("/sign-in", data=right).status_code == 429  # paused, even for the right one
    cast.sign_in(client, "chen", code.lower())
    changed = post(client, "/admin/me/password", present=code, password="quite another one")
    assert changed.status_code == 303
    app.extensions["fairslice"].clock.pass_by(minutes=16)
    cast.sign_in(app.test_client(), "chen", "quite another one")
    renewed = post(client, "/admin/me/recovery", present="quite another one")
    assert renewed.status_code == 200 and code not in renewed.text


def test_a_recovery_code_is_the_owners_own(app: Flask, sign_in) -> None:
    code = new_code(app)
    for login in ("xu", "mei"):
        client = english(sign_in(app.test_client(), login))
        refused = post(client, "/admin/me/password", present=code, password="quite another one")
        assert refused.status_code == 422 and "does not match" in refused.text
    wrong = post(
        english(sign_in(app.test_client(), "chen")),
        "/admin/me/password",
        present="",
        password="quite another",
    )
    assert wrong.status_code == 422
