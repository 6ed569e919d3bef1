"""The slip's code is a capability (T25): not to be guessed, not to be stored, and it opens no person."""

import re
import secrets
import statistics
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from shop.core.actors import SYSTEM
from shop.core.errors import Missing
from shop.core.keys import digest
from shop.orders.changing import renew_token
from shop.orders.finding import by_token
from shop.orders.tables import Order
from tests.cast import clock_of, sign_in
from tests.slips import canaries_in, order, the_shop
from tests.tracking.states import STATES, order_in
from web.database import reading, writing
from web.house import keys, now

LANGUAGES = ("en", "zh_Hans", "zh_Hant")


def text_of(html: str) -> str:
    """What a person can read or a screen reader says, without the drawing's numbers."""
    return re.sub(r"<[^>]*>", " ", re.sub(r"<svg.*?</svg>", " ", html, flags=re.S))


def test_the_token_has_128_bits_and_is_stored_only_as_its_digest(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            tokens = [order(tx).token for _ in range(3)]
        assert len(set(tokens)) == 3 and all(re.fullmatch(r"[\w-]{22}", token) for token in tokens)
        with reading() as session:
            kept = set(session.scalars(select(Order.token_hash)))
        assert kept == {digest(token) for token in tokens}
        folder = app.extensions["fairslice"].settings.data
        everything = b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())
        assert len(everything) > 100_000 and not any(token.encode() in everything for token in tokens)


def test_a_million_guesses_find_nothing(app: Flask) -> None:
    """Two thousand go through the look-up itself; the rest are compared with what it looks at.

    The look-up is one equality on ``token_hash``, so a guess that is not among the digests cannot be found.
    """
    with app.app_context():
        with writing() as tx:
            token = order(tx).token
        with reading() as session:
            assert by_token(session, token)
            hits = 0
            for _ in range(2_000):
                try:
                    by_token(session, secrets.token_urlsafe(16))
                    hits += 1
                except Missing:
                    pass
            kept = set(session.scalars(select(Order.token_hash)))
            hits += sum(digest(secrets.token_urlsafe(16)) in kept for _ in range(998_000))
        assert hits == 0


@pytest.mark.parametrize("state", STATES)
def test_no_page_of_a_slip_says_who_ordered(app: Flask, client: FlaskClient, state: str) -> None:
    placed = order_in(app, state)
    with app.app_context(), reading() as session:
        held = session.get_one(Order, placed.order_id)
        code = held.pin
    for language in LANGUAGES:
        for page in ("", "/region", "/cancel", "/qr.svg"):
            answer = client.get(f"/t/{placed.token}{page}?lang={language}")
            assert answer.status_code in (200, 303), page
            body = answer.get_data(as_text=True)
            assert canaries_in(body) == [], (state, language, page)
            assert not re.search(rf"\b{code}\b", text_of(body)), "the PIN is on the paper only"


@pytest.mark.parametrize("page", ["", "/region", "/qr.svg"])
def test_nothing_of_it_is_kept_or_indexed(app: Flask, client: FlaskClient, page: str) -> None:
    placed = order_in(app, "placed")
    for token in (placed.token, "wrong"):
        answer = client.get(f"/t/{token}{page}")
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
    html = client.get(f"/t/{placed.token}").get_data(as_text=True)
    assert '<meta name="robots" content="noindex, nofollow">' in html
    assert "Set-Cookie" not in client.get(f"/t/{placed.token}").headers, "a follower is not marked"


def lost(app: Flask) -> str:
    """The token of a slip that was lost and given anew."""
    placed = order_in(app, "placed")
    with app.app_context(), writing() as tx:
        held = tx.get_one(Order, placed.order_id)
        assert renew_token(tx, keys(), the_shop(tx), held, by=SYSTEM, at=now()) != placed.token
    return placed.token


def test_wrong_and_lost_slips_look_exactly_alike(app: Flask, client: FlaskClient) -> None:
    old = lost(app)
    addresses = [old, old[:-1], "x" * 22, secrets.token_urlsafe(16), "%00", "a" * 300, "糖"]
    for page in ("", "/region", "/cancel", "/qr.svg"):
        answers = [client.get(f"/t/{token}{page}", headers={"Accept-Language": "en"}) for token in addresses]
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.get_data() for answer in answers}) == 1, page
        assert len({tuple(sorted(a.headers.items())) for a in answers}) == 1, page
    assert len({client.get(f"/c/{code}").get_data() for code in ("X", "000000000000", "%20")}) == 1


def test_wrong_and_lost_slips_take_the_same_time(app: Flask, client: FlaskClient) -> None:
    """A real difference shows in every round; a neighbour's noise does not."""
    addresses = [f"/t/{lost(app)}", f"/t/{secrets.token_urlsafe(16)}"]
    rounds = []
    for _ in range(4):
        times: list[list[float]] = [[], []]
        for _ in range(60):
            for address, seconds in zip(addresses, times, strict=True):
                start = time.perf_counter()
                client.get(address)
                seconds.append(time.perf_counter() - start)
        fast, slow = sorted(statistics.median(seconds) for seconds in times)
        rounds.append(slow / fast)
        if rounds[-1] < 1.25:
            return
    raise AssertionError(rounds)


@pytest.mark.parametrize("page", ["/t/{}", "/t/{}/region", "/t/{}/live", "/t/{}/qr.svg", "/c/{}"])
def test_thirty_wrong_ones_in_a_minute_are_enough(app_with: Callable[..., Flask], page: str) -> None:
    app = app_with(FAIRSLICE_RATE_LIMITS=True)
    placed = order_in(app, "placed")
    client = app.test_client()
    headers = (
        {"Upgrade": "websocket", "Connection": "Upgrade", "Origin": "http://localhost"}
        if "live" in page
        else {}
    )
    for _ in range(40):
        assert client.get(f"/t/{placed.token}").status_code == 200, "right ones do not count"
    answers = [
        client.get(page.format(secrets.token_urlsafe(9)), headers=headers).status_code for _ in range(33)
    ]
    assert answers == [404] * 30 + [429] * 3
    other = client.get(f"/t/{placed.token}", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert other.status_code == 200, "somebody else is not held up"


def test_a_day_after_the_hand_over_little_is_left(app: Flask, client: FlaskClient) -> None:
    placed = order_in(app, "handed_over")
    address = f"/t/{placed.token}?lang=en"
    assert "¥496" in client.get(address).get_data(as_text=True)
    clock_of(app).at += timedelta(hours=24)
    short = client.get(address).get_data(as_text=True)
    assert "Thank you" in short
    assert not any(word in short for word in ("¥", "Strawberry", "生日快乐", "15:30"))


def test_the_slip_with_its_pin_is_for_the_team_only(app: Flask) -> None:
    placed = order_in(app, "placed")
    address = f"/t/{placed.token}/slip"
    assert app.test_client().get(address).headers["Location"].startswith("/sign-in")
    assert sign_in(app.test_client(), "li").get(address).status_code == 403, "bakers do not see orders"
    answer = sign_in(app.test_client(), "mei").get(address)
    assert answer.status_code == 200 and "取货密码" in answer.get_data(as_text=True)
    assert sign_in(app.test_client(), "mei").get("/t/wrong/slip").status_code == 404
