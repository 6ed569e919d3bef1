"""Notifies at /pay/<method>/notify (trust.md T11): nothing is booked by one, whatever comes, in whatever order."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from shop.payments import notices
from shop.payments.providers import ONLINE
from shop.payments.tables import Payment, PaymentState, ProviderEvent
from shop.upkeep.demo.gateway.door import Gateway
from shop.upkeep.demo.gateway.faults import FORGED
from shop.upkeep.demo.gateway.letters import Letter
from tests import cast
from tests.api.callbacks import ACKS, KINDS, ask_and_capture, attempt, kept, letter_of, send
from tests.gateway import asked, beside, paid
from tests.patience import PATIENCE
from web.database import reading, writing
from web.house import house


def test_a_notify_has_the_provider_asked_at_once(app_both: Flask, gateway: Gateway, method: str) -> None:
    number = attempt(app_both, method)
    paid(gateway, method, number)
    letter = letter_of(gateway, method, number)
    answer = send(app_both.test_client(), method, letter)
    assert (answer.status_code, answer.data) == (200, ACKS[method])
    with app_both.app_context(), reading() as session:
        row = session.scalars(select(Payment).where(Payment.attempt == number)).one()
        assert (row.state, row.ask_at) == (PaymentState.PENDING, house().clock.now()), (
            "booked only after asking"
        )
        event = session.scalars(select(ProviderEvent)).one()
        assert notices.read(house().keys, event) == letter.body.decode()
        assert number.encode() not in event.box and letter.body[:20] not in event.box, "kept encrypted"


def test_a_hundred_times_is_once(app_both: Flask, gateway: Gateway, method: str) -> None:
    number = attempt(app_both, method)
    paid(gateway, method, number)
    client = app_both.test_client()
    for round_ in range(100):
        answer = send(client, method, letter_of(gateway, method, number))
        assert (answer.status_code, answer.data) == (200, ACKS[method])
        if round_ in (0, 50, 99):
            ask_and_capture(app_both, method, number)
    assert kept(app_both) == (1, 1, 1, {PaymentState.CAPTURED})


def test_twenty_at_the_same_moment_are_one(app_both: Flask, gateway: Gateway, method: str) -> None:
    number = attempt(app_both, method)
    paid(gateway, method, number)
    letters = [letter_of(gateway, method, number) for _ in range(20)]
    barrier = threading.Barrier(20)

    def post(letter: Letter) -> tuple[int, bytes]:
        barrier.wait(PATIENCE)
        answer = send(app_both.test_client(), method, letter)
        return answer.status_code, answer.data

    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(post, letters)) == {(200, ACKS[method])}
    assert kept(app_both)[:2] == (1, 1)


def test_in_any_order_and_all_at_once_every_payment_is_booked_once(app_both: Flask, gateway: Gateway) -> None:
    order = random.Random(11)
    numbers = [(method, attempt(app_both, method)) for method in sorted(ONLINE) for _ in range(4)]
    for method, number in numbers:
        paid(gateway, method, number)
    post = [(m, letter_of(gateway, m, n)) for m, n in numbers for _ in range(5)]
    post += [(m, letter_of(gateway, m, n, forge)) for m, n in numbers for forge in FORGED]
    order.shuffle(post)

    def one(what: tuple[str, Letter]) -> int:
        return send(app_both.test_client(), *what).status_code

    with ThreadPoolExecutor(20) as pool:
        codes = list(pool.map(one, post))
    assert (codes.count(200), codes.count(422)) == (5 * len(numbers), len(FORGED) * len(numbers))
    for method, number in numbers * 2:
        ask_and_capture(app_both, method, number)
    assert kept(app_both) == (len(numbers), len(numbers), len(numbers), {PaymentState.CAPTURED})


def test_a_forged_one_changes_nothing(app_both: Flask, gateway: Gateway, method: str) -> None:
    number = attempt(app_both, method)
    paid(gateway, method, number)
    client = app_both.test_client()
    for forge in FORGED:
        answer = send(client, method, letter_of(gateway, method, number, forge))
        assert (answer.status_code, answer.mimetype) == (422, "application/problem+json"), forge
        assert ACKS[method] not in answer.data and number.encode() not in answer.data
    assert kept(app_both) == (0, 0, 0, {PaymentState.PENDING})
    with app_both.app_context(), reading() as session:
        assert session.scalars(select(Payment.ask_at)).one() is None


def test_the_check_has_teeth(
    app_both: Flask, gateway: Gateway, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the library's check of the signature off, a forged notify goes through: the check is what stops it."""
    number = attempt(app_both, method)
    paid(gateway, method, number)
    forged = letter_of(gateway, method, number, "other_key")
    with app_both.app_context():
        provider: Any = house().providers.get(method)
    if method == "alipay":
        monkeypatch.setattr(provider._sdk, "_verify", lambda text, signature: True)
    else:
        monkeypatch.setattr(provider._sdk._core, "_verify_signature", lambda headers, body: True)
    assert send(app_both.test_client(), method, forged).status_code == 200
    assert kept(app_both)[0] == 1


def test_a_late_one_is_asked_about(app_both: Flask, gateway: Gateway, method: str) -> None:
    """The attempt was given up, then its notify comes: the provider is asked, and the money found."""
    number = attempt(app_both, method, PaymentState.EXPIRED)
    paid(gateway, method, number)
    assert send(app_both.test_client(), method, letter_of(gateway, method, number)).status_code == 200
    with app_both.app_context(), reading() as session:
        assert session.scalars(select(Payment.ask_at)).one() == house().clock.now()


def test_one_about_a_booked_payment_asks_nobody(app_both: Flask, gateway: Gateway, method: str) -> None:
    number = attempt(app_both, method)
    paid(gateway, method, number)
    ask_and_capture(app_both, method, number)
    assert send(app_both.test_client(), method, letter_of(gateway, method, number)).status_code == 200
    with app_both.app_context(), reading() as session:
        assert session.scalars(select(Payment.ask_at)).one() is None


def test_one_about_somebody_elses_payment_is_refused(app_both: Flask, gateway: Gateway, method: str) -> None:
    """Genuine, but of a payment that this shop never asked for; or asked for by the other method."""
    with app_both.app_context():
        provider = house().providers.get(method)
        assert provider is not None
        foreign = asked(provider, house().clock.now())
    paid(gateway, method, foreign.attempt)
    assert (
        send(app_both.test_client(), method, letter_of(gateway, method, foreign.attempt)).status_code == 422
    )
    other = next(key for key in ONLINE if key != method)
    number = attempt(app_both, method)
    paid(gateway, method, number)
    assert send(app_both.test_client(), other, letter_of(gateway, method, number)).status_code == 422
    assert kept(app_both)[0] == 0


def test_what_is_no_notify_at_all(app: Flask, gateway_keys: Path) -> None:
    with beside(gateway_keys, app):
        client = app.test_client()
        for method, kind in KINDS.items():
            address = f"/pay/{method}/notify"
            assert client.get(address).status_code == 405
            assert client.put(address).status_code == 405
            assert client.post(address).status_code == 422
            assert client.post(address, data=b"x" * 10_000_000, content_type=kind).status_code == 413
            for body in (b"\xff\xfe\x00", b"sign=%00", b"[" * 5000, b"a=1&" * 5000, b'{"id":1}'):
                assert client.post(address, data=body, content_type=kind).status_code == 422
            assert (
                client.post(address, data={"file": "x" * 100}, content_type="multipart/form-data").status_code
                == 422
            )
        assert client.post("/pay/nobody/notify", data=b"x").status_code == 404
    assert kept(app)[:3] == (0, 0, 0)


def test_a_method_without_an_account_is_not_there(app: Flask) -> None:
    assert app.test_client().post("/pay/alipay/notify", data=b"x").status_code == 404


def test_an_ack_comes_only_after_the_commit(
    app: Flask, gateway_keys: Path, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk refuses: the provider hears no ack, so it comes again, and then it is kept."""
    with beside(gateway_keys, app) as gateway:
        number = attempt(app, method)
        paid(gateway, method, number)
        letter = letter_of(gateway, method, number)

        def full(*arguments: object, **more: object) -> bool:
            raise OperationalError("INSERT", {}, Exception("database or disk is full"))

        with monkeypatch.context() as broken:
            broken.setattr(notices, "_keep", full)
            answer = send(app.test_client(), method, letter)
            assert answer.status_code == 503 and ACKS[method] not in answer.data
        assert kept(app)[0] == 0
        assert send(app.test_client(), method, letter).data == ACKS[method]
        assert kept(app)[0] == 1


def test_notifies_are_forgotten_after_ninety_days(app_both: Flask, gateway: Gateway, method: str) -> None:
    number = attempt(app_both, method)
    paid(gateway, method, number)
    send(app_both.test_client(), method, letter_of(gateway, method, number))
    clock = cast.clock_of(app_both)
    for days, gone in ((90, 0), (1, 1), (1, 0)):
        clock.pass_by(days=days)
        with app_both.app_context(), writing() as tx:
            assert notices.forget(tx, at=clock.now()) == gone
