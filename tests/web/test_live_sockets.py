"""Sockets against the real server: who gets in, what is replayed, and how they end."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from sqlalchemy import func, select
from websockets.exceptions import ConnectionClosed, InvalidStatus

from shop.core.actors import SYSTEM
from shop.core.clock import Clock
from shop.core.events import Event, record
from shop.people.devices import revoke
from shop.people.shops import only_shop
from shop.people.staff import Device
from tests.cast import SATURDAY, place_order
from tests.conftest import build, close, found, served
from tests.live_server import ShopServer, next_message
from tests.patience import PATIENCE
from tests.postgres import Postgres
from web.database import reading, writing

BOARD = "/kitchen/oven/live"


@pytest.fixture(scope="module")
def shop(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ShopServer, Flask]]:
    """A server with at most six sockets, and the same shop in this process; one for all tests here."""
    with served(founded, tmp_path_factory.mktemp("live") / "shop", FAIRSLICE_SOCKETS="6") as both:
        yield both


def note(app: Flask, times: int = 1, **data: object) -> int:
    """Write lines into the diary, each in a transaction of its own; returns the last number."""
    head = 0
    for n in range(times):
        with app.app_context():
            with writing() as tx:
                record(tx, 1, "tested", by=SYSTEM, at=SATURDAY, topics=("kitchen",), n=n, **data)
            with reading() as session:
                found = only_shop(session)
                assert found is not None
                head = found.event_seq
    return head


def noted(app: Flask, after: int) -> list[int]:
    """Return the numbers of such lines after one; the shop's own work may have written others between them."""
    with app.app_context(), reading() as session:
        lines = select(Event.seq).where(Event.kind == "tested", Event.seq > after)
        return list(session.scalars(lines.order_by(Event.seq)))


def heard(message: dict[str, Any]) -> list[int]:
    """Return the numbers of such lines that a message tells."""
    return [event["seq"] for event in message["events"] if event["kind"] == "tested"]


def test_who_may_not_is_refused_before_the_upgrade(shop: tuple[ShopServer, Flask]) -> None:
    server, _ = shop
    browser = server.display()
    for origin, who, status in (
        (None, browser, 403),
        ("https://evil.example", browser, 403),
        ("null", browser, 403),
        (server.base, None, 401),
    ):
        with pytest.raises(InvalidStatus) as refused:
            server.socket(BOARD, who, origin)
        assert refused.value.response.status_code == status, (origin, who)
    with server.socket(BOARD, browser) as screen:
        assert next_message(screen)["gap"]


def test_a_plain_request_is_no_socket(shop: tuple[ShopServer, Flask]) -> None:
    server, _ = shop
    assert server.display().get(server.base + BOARD, timeout=PATIENCE).status_code in (400, 404)


def test_a_change_arrives_with_its_region_and_its_sound(shop: tuple[ShopServer, Flask]) -> None:
    server, app = shop
    with server.socket(BOARD, server.display()) as screen:
        first = next_message(screen)
        assert first["html"].lstrip().startswith("<div")
        placed = place_order(app)
        message = next_message(screen)
        assert message["count"] == first["count"] + 1 and placed.number in message["html"]
        assert "new" in [event.get("sound") for event in message["events"]]
        beat: dict[str, Any] = {}
        while "beat" not in beat:  # the board may come anew before it, by time alone
            message, beat = (beat or message), json.loads(screen.recv(timeout=PATIENCE))
        assert (beat["beat"], beat["count"], beat["hash"]) == (
            message["seq"], message["count"], message["hash"],
        )  # fmt: skip


def test_what_was_missed_is_replayed_once_and_in_order(shop: tuple[ShopServer, Flask]) -> None:
    server, app = shop
    browser = server.display()
    start = note(app)
    head = note(app, 40)
    with server.socket(f"{BOARD}?after={start}", browser) as screen:
        message = next_message(screen)
        assert heard(message) == noted(app, start) and len(heard(message)) == 40
        assert message["seq"] >= head and "gap" not in message
        later = note(app, 5)
        seen: list[int] = []
        while not seen or seen[-1] < later:
            seen += heard(next_message(screen))
        assert seen == noted(app, head)


def test_too_much_to_replay_is_a_gap_and_a_whole_region(shop: tuple[ShopServer, Flask]) -> None:
    server, app = shop
    browser = server.display()
    start = note(app)
    with app.app_context(), writing() as tx:
        for n in range(1001):
            record(tx, 1, "tested", by=SYSTEM, at=SATURDAY, topics=("kitchen",), n=n)
    for after in (start, start + 5000, -3):  # far behind; from another diary; nonsense
        with server.socket(f"{BOARD}?after={after}", browser) as screen:
            message = next_message(screen)
            assert message["gap"] and message["html"] and message["events"] == []
            assert message["seq"] >= start + 1001


def test_a_region_already_shown_is_not_sent_again(shop: tuple[ShopServer, Flask]) -> None:
    server, _ = shop
    browser = server.display()
    with server.socket(BOARD, browser) as screen:
        first = next_message(screen)
    with server.socket(f"{BOARD}?after={first['seq']}&have={first['hash']}", browser) as screen:
        again = next_message(screen)
        assert "html" not in again and again["hash"] == first["hash"]


def test_a_revoked_display_is_shut_out_at_once(shop: tuple[ShopServer, Flask]) -> None:
    server, app = shop
    browser = server.display()
    with server.socket(BOARD, browser) as screen:
        next_message(screen)
        with app.app_context(), writing() as tx:
            for device in tx.scalars(select(Device).where(Device.secret_hash.is_not(None))):
                revoke(tx, device, by=SYSTEM, at=SATURDAY)
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                screen.recv(timeout=PATIENCE)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1008
    with pytest.raises(InvalidStatus):
        server.socket(BOARD, browser)


def test_above_the_cap_a_screen_is_sent_to_poll(shop: tuple[ShopServer, Flask]) -> None:
    server, _ = shop
    browser = server.display()
    screens = []
    for _ in range(6):
        screens.append(server.socket(BOARD, browser))
        next_message(screens[-1])  # it has its place before the next one asks
    with pytest.raises(InvalidStatus) as refused:
        server.socket(BOARD, browser, full=True)
    assert refused.value.response.status_code == 503
    region = browser.get(f"{server.base}/kitchen/oven/region", timeout=PATIENCE)
    assert region.ok
    unchanged = {"If-None-Match": region.headers["ETag"]}
    assert (
        browser.get(f"{server.base}/kitchen/oven/region", headers=unchanged, timeout=PATIENCE).status_code
        == 304
    )
    screens.pop().close()
    screens.append(server.socket(BOARD, browser))  # the freed place is given again
    assert next_message(screens[-1])
    for screen in screens:
        screen.close()


def test_packing_each_message_is_refused(shop: tuple[ShopServer, Flask]) -> None:
    server, _ = shop
    with server.socket(BOARD, server.display(), compression="deflate") as screen:
        assert screen.response is not None
        assert "Sec-WebSocket-Extensions" not in screen.response.headers


def test_a_screen_that_talks_nonsense_harms_nobody(shop: tuple[ShopServer, Flask]) -> None:
    server, app = shop
    browser = server.display()
    with server.socket(BOARD, browser) as quiet, server.socket(BOARD, browser) as loud:
        next_message(quiet)
        loud.send("x" * 300_000)
        loud.send(b"\x00" * 70_000)
        loud.socket.sendall(b"\xff\xff\xff\xff not a frame")
        note(app)
        assert next_message(quiet)["events"]
    assert requests.get(f"{server.base}/healthz", timeout=PATIENCE).ok


def test_a_stop_says_come_back_and_takes_no_time(founded: Path, tmp_path: Path) -> None:
    with served(founded, tmp_path / "shop") as (server, _):
        browser = server.display()
        screens = [server.socket(BOARD, browser) for _ in range(50)]
        for screen in screens:
            next_message(screen)
        took = server.stop()
    print(f"stop with {len(screens)} sockets: {took:.2f} s")
    for screen in screens:
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                screen.recv(timeout=PATIENCE)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1012


@pytest.mark.postgres
def test_two_workers_on_postgres_wake_each_others_screens(postgres_server: Postgres, tmp_path: Path) -> None:
    url = postgres_server.create(postgres_server.template("founded", found))
    with ShopServer(tmp_path / "shop", url, workers=2, FAIRSLICE_SOCKETS="20") as server:
        app = build(tmp_path / "shop", url)
        browser = server.display()
        screens = [server.socket(BOARD, browser) for _ in range(10)]
        for screen in screens:
            next_message(screen)
        figures = [requests.get(f"{server.base}/metrics", timeout=PATIENCE).text for _ in range(20)]
        spread = {
            next(n for n in text.splitlines() if n.startswith("fairslice_sockets ")) for text in figures
        }
        waits = []
        for _ in range(10):
            begun = time.monotonic()
            head = note(app)
            for screen in screens:
                assert next_message(screen)["seq"] == head
            waits.append(time.monotonic() - begun)
        for screen in screens:
            screen.close()
        close(app)
    waits.sort()
    print(f"sockets by worker: {sorted(spread)}; commit to 10 screens: median {waits[5] * 1000:.0f} ms")
    postgres_server.drop(url)


def test_a_connected_display_is_never_called_silent(shop: tuple[ShopServer, Flask]) -> None:
    """Also in a demo that runs sixty times faster, where a minute passes between two heartbeats."""
    server, app = shop
    with server.socket(BOARD, server.display()) as screen:
        next_message(screen)
        Clock(server.data / "pace.json").set(SATURDAY, speed=60)
        heard: list[datetime] = []
        until = time.monotonic() + PATIENCE
        try:
            while not any(two - one < timedelta(minutes=1) for one, two in pairwise(heard)):
                assert time.monotonic() < until, heard
                time.sleep(0.05)
                with app.app_context(), reading() as session:
                    newest = session.scalar(select(func.max(Device.seen_at)))
                if newest and newest > SATURDAY and newest not in heard:
                    heard.append(newest)
        finally:
            Clock(server.data / "pace.json").set(SATURDAY)
