"""Few tries, the same words for every mistake, and an owner who always gets in (T26)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from shop.core.actors import SYSTEM
from shop.core.errors import Denied, Invalid, ShopError, TooMany
from shop.core.events import Event
from shop.people import passwords, signing_in
from shop.people.shops import only_shop
from shop.people.staff import SignInTry, Staff
from tests.cast import SATURDAY, by, person
from web.database import reading, writing
from web.house import keys

RIGHT = passwords.DEMO_PASSWORD


def attempt(
    app: Flask, login: str, password: str, at: datetime, origin: str = "10.0.0.9"
) -> Staff | ShopError:
    """Try to sign in as a door does: compare, then decide in one transaction."""
    with app.app_context():
        with reading() as session:
            shop = only_shop(session)
            assert shop
            examined = signing_in.examine(session, keys(), shop, login, password, origin=origin, at=at)
        with writing() as tx:
            return signing_in.admit(tx, shop, examined, at=at)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare without Argon2, where a test guesses thousands of times."""
    monkeypatch.setattr(passwords, "fits", lambda stored, typed: bool(stored) and typed == RIGHT)


def test_the_right_password_lets_in_and_is_written_down(app: Flask) -> None:
    someone = attempt(app, " Mei ", RIGHT, SATURDAY)
    assert isinstance(someone, Staff) and someone.login == "mei"
    with app.app_context(), reading() as session:
        kinds = session.scalars(select(Event.kind)).all()
        assert "signed_in" in kinds
        assert person(session, "mei").signed_in_at == SATURDAY


def test_a_wrong_name_and_a_wrong_password_sound_the_same(app: Flask) -> None:
    wrong, unknown = attempt(app, "mei", "tangjiaN", SATURDAY), attempt(app, "nobody", RIGHT, SATURDAY)
    assert isinstance(wrong, signing_in.WrongPassword) and isinstance(unknown, signing_in.WrongPassword)
    assert str(wrong) == str(unknown)


def test_an_unknown_name_costs_the_same_hash(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def watch(stored: str, typed: str) -> bool:
        seen.append(stored or passwords.nobodys_hash())
        return False

    with app.app_context(), writing() as tx:
        person(tx, "mei").password_hash = passwords.hash_password("tangjian")
    monkeypatch.setattr(passwords, "fits", watch)
    attempt(app, "nobody", "x", SATURDAY)
    attempt(app, "mei", "x", SATURDAY)
    assert len(seen) == 2 and all(hashed.startswith("$argon2id$") for hashed in seen)
    assert seen[0].split("$")[3] == seen[1].split("$")[3], "the same work for both"


def test_a_refused_try_is_kept(app: Flask) -> None:
    attempt(app, "mei", "wrong", SATURDAY)
    with app.app_context(), reading() as session:
        row = session.scalars(select(SignInTry)).one()
        assert not row.ok and "mei" not in row.account and "10.0.0.9" not in row.origin


@pytest.mark.usefixtures("quick")
def test_ten_failures_shut_the_account_for_a_while(app: Flask) -> None:
    at = SATURDAY
    tried = 0
    while tried < signing_in.FAILS_BY_ACCOUNT:
        at += timedelta(seconds=40)
        outcome = attempt(app, "mei", f"guess {tried}", at)
        assert isinstance(outcome, signing_in.WrongPassword)
        tried += 1
    locked = attempt(app, "mei", RIGHT, at + timedelta(minutes=1))
    assert isinstance(locked, TooMany) and 0 < locked.params["seconds"] <= 900
    assert isinstance(attempt(app, "mei", RIGHT, at + timedelta(minutes=16)), Staff)
    with app.app_context(), reading() as session:
        assert session.scalar(select(func.count()).where(Event.kind == "sign_in_locked")) == 1


@pytest.mark.usefixtures("quick")
def test_waiting_grows_after_some_failures(app: Flask) -> None:
    at = SATURDAY
    for n in range(signing_in.FREE_FAILS + 2):
        at += timedelta(seconds=5)
        attempt(app, "mei", f"guess {n}", at)
    assert isinstance(attempt(app, "mei", RIGHT, at), TooMany)
    assert isinstance(attempt(app, "mei", RIGHT, at + timedelta(seconds=3)), Staff)


@pytest.mark.usefixtures("quick")
def test_hammering_does_not_keep_an_account_shut(app: Flask) -> None:
    at = SATURDAY
    for n in range(40):
        attempt(app, "mei", f"guess {n}", at + timedelta(seconds=30 * n))
    last = at + timedelta(seconds=30 * 39)
    seconds = attempt(app, "mei", RIGHT, last)
    assert isinstance(seconds, TooMany)
    assert isinstance(attempt(app, "mei", RIGHT, last + timedelta(seconds=901)), Staff)


@pytest.mark.usefixtures("quick")
def test_one_address_cannot_try_everybody(app: Flask) -> None:
    for n in range(signing_in.FAILS_BY_ADDRESS):
        attempt(app, f"name{n}", "guess", SATURDAY + timedelta(seconds=n))
    at = SATURDAY + timedelta(minutes=1)
    assert isinstance(attempt(app, "mei", RIGHT, at), TooMany)
    assert isinstance(attempt(app, "mei", RIGHT, at, origin="10.0.0.10"), Staff)


@pytest.mark.usefixtures("quick")
def test_ten_thousand_guesses_never_get_in(app: Flask) -> None:
    """Ten a second from a hundred addresses; guesses 4,000 to 6,000 are even right, but come too soon."""
    with app.app_context(), reading() as session:
        shop = only_shop(session)
        assert shop
        n = evaluated = probes = 0
        while n < 10_000:
            at = SATURDAY + timedelta(seconds=n / 10)
            origin, word = f"10.1.0.{n % 100}", RIGHT if 4_000 <= n < 6_000 else f"guess {n}"
            examined = signing_in.examine(session, keys(), shop, "chen", word, origin=origin, at=at)
            with writing() as tx:
                outcome = signing_in.admit(tx, shop, examined, at=at)
            session.rollback()
            assert not isinstance(outcome, Staff)
            evaluated += isinstance(outcome, signing_in.WrongPassword)
            probes += 1
            # While the door says wait, every guess is refused alike: ten of them stand for all in between.
            n += max(1, outcome.params.get("seconds", 0))
        assert probes > 30
        assert evaluated <= 2 * signing_in.FAILS_BY_ACCOUNT


@pytest.mark.usefixtures("quick")
def test_guesses_at_the_same_moment_are_counted_one_by_one(app: Flask) -> None:
    """Fifty comparisons before any is written down: the count inside the transaction refuses the rest."""
    with app.app_context(), reading() as session:
        shop = only_shop(session)
        assert shop
        words = [f"guess {n}" for n in range(30)] + [RIGHT]
        examined = [
            signing_in.examine(session, keys(), shop, "mei", word, origin="10.0.0.9", at=SATURDAY)
            for word in words
        ]
        assert examined[-1].right
        outcomes = []
        for one in examined:
            with writing() as tx:
                outcomes.append(signing_in.admit(tx, shop, one, at=SATURDAY))
        assert not any(isinstance(outcome, Staff) for outcome in outcomes)


@pytest.mark.usefixtures("quick")
def test_the_guard_has_teeth(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the counting off, the guess that the tests above refuse gets in."""
    monkeypatch.setattr(signing_in, "wait", lambda *args, **more: 0)
    for n in range(20):
        attempt(app, "mei", f"guess {n}", SATURDAY)
    assert isinstance(attempt(app, "mei", RIGHT, SATURDAY), Staff)


@pytest.mark.usefixtures("quick")
def test_the_recovery_code_opens_a_locked_account(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        chen = person(tx, "chen")
        code = signing_in.renew_recovery(tx, chen, by=by(tx, "chen"), at=SATURDAY)
    for n in range(60):
        attempt(app, "chen", f"guess {n}", SATURDAY + timedelta(seconds=n))
    at = SATURDAY + timedelta(minutes=2)
    assert isinstance(attempt(app, "chen", RIGHT, at), TooMany)
    nearly = code[:-1] + ("0" if code[-1] != "0" else "1")
    assert isinstance(attempt(app, "chen", nearly, at), TooMany)
    assert isinstance(attempt(app, "chen", code.lower().replace("-", " "), at), Staff)


def test_only_owners_have_a_recovery_code(app: Flask) -> None:
    with app.app_context(), writing() as tx, pytest.raises(Denied):
        signing_in.renew_recovery(tx, person(tx, "xu"), by=SYSTEM, at=SATURDAY)


def test_somebody_who_left_does_not_get_in(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        person(tx, "mei").active = False
    assert isinstance(attempt(app, "mei", RIGHT, SATURDAY), signing_in.WrongPassword)


def test_the_demo_password_opens_no_real_shop(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop = only_shop(tx)
        assert shop
        shop.is_demo = False
    assert isinstance(attempt(app, "mei", RIGHT, SATURDAY), signing_in.WrongPassword)
    with app.app_context(), writing() as tx, pytest.raises(Invalid):
        shop = only_shop(tx)
        assert shop
        signing_in.set_password(tx, shop, person(tx, "mei"), RIGHT, by=SYSTEM, at=SATURDAY)


@pytest.mark.parametrize("choice", ["short", "mei", "password", "aaaaaaaaaa", "12345678"])
def test_easy_passwords_are_refused(app: Flask, choice: str) -> None:
    with app.app_context(), writing() as tx, pytest.raises(Invalid) as refused:
        shop = only_shop(tx)
        assert shop
        signing_in.set_password(tx, shop, person(tx, "mei"), choice, by=SYSTEM, at=SATURDAY)
    assert refused.value.field == "password"
