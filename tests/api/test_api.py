"""The API as a program meets it: its key, the menu, a promise, problems in JSON, and its own description."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from shop.channels.keys import all_keys, make_key, revoke_key
from shop.channels.tables import ChannelKey
from shop.core.actors import SYSTEM
from shop.core.errors import Conflict, Invalid, Missing
from shop.core.events import Event
from shop.core.keys import digest
from shop.menu.card import cached_card
from shop.menu.tables import Product
from shop.orders.cart import Cart, CartLine, price_cart
from shop.orders.promise import quote
from shop.people.shops import only_shop
from tests import cast
from tests.conftest import AppWith
from web.cli import main
from web.database import reading, writing

CAKE = "product=strawberry-cream&size_inch=8"


@pytest.fixture
def program(app: Flask) -> FlaskClient:
    """A program that shows its channel's key."""
    return holding(app, cast.channel_key(app))


def holding(app: Flask, key: str) -> FlaskClient:
    """Return a program that shows this key."""
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    return client


def ask(program: FlaskClient, query: str) -> dict[str, Any]:
    """Ask for a promise that is given."""
    answer = program.get(f"/api/v1/promise?{query}")
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def problem(answer: TestResponse, status: int) -> dict[str, Any]:
    """Return the problem that a refused program reads."""
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), answer.text
    told = answer.get_json()
    assert told["status"] == status and told["type"].startswith("urn:fairslice:")
    assert told["title"] and told["detail"]
    return told


def test_the_promise_is_the_one_that_the_kitchen_gives(app: Flask, program: FlaskClient) -> None:
    told = ask(program, CAKE + "&quantity=2&fulfilment=pickup")
    with app.app_context(), reading() as session:
        shop = only_shop(session)
        assert shop is not None
        card = cached_card(session, shop)
        lines = price_cart(card, Cart(lines=[CartLine("strawberry-cream", 8, 2)])).lines
        mine = quote(session, shop, card, lines, at=cast.SATURDAY).earliest
    assert datetime.fromisoformat(told["earliest"]) == mine and told["earliest"].endswith("+08:00")
    free = [slot for slot in told["slots"] if slot["free"]]
    assert free[0]["start"] == told["earliest"]
    ends = [slot["end"] for slot in told["slots"]]
    assert [slot["start"] for slot in told["slots"]][1:] == ends[:-1], "no gap, no overlap"
    assert ends[-1] == "2026-11-21T22:00:00+08:00"
    assert {one["size_inch"] for one in told["sooner"]} == {6} and told["fewer"] is None


def test_some_of_many_cakes_can_be_had_earlier(program: FlaskClient) -> None:
    told = ask(program, CAKE + "&quantity=12")
    half = datetime.fromisoformat(told["fewer"]["earliest"])
    assert told["fewer"]["quantity"] == 6
    assert half <= datetime.fromisoformat(told["earliest"]) - timedelta(minutes=30)


def test_a_delivery_takes_its_way(program: FlaskClient) -> None:
    areas = {area["area"]: area for area in program.get("/api/v1/menu").get_json()["areas"]}
    near, far = (pick(areas, key=lambda slug: areas[slug]["minutes"]) for pick in (min, max))
    pickup = ask(program, CAKE)["earliest"]
    there = {
        area: ask(program, f"{CAKE}&fulfilment=delivery&area={area}")["earliest"] for area in (near, far)
    }
    assert pickup < there[near] < there[far]
    assert ask(program, CAKE + "&fulfilment=delivery")["earliest"] == there[far], "no area: holds for all"
    told = problem(program.get(f"/api/v1/promise?{CAKE}&fulfilment=delivery&area=moon"), 422)
    assert [fault["field"] for fault in told["errors"]] == ["area"]


def test_a_day_of_its_own(program: FlaskClient) -> None:
    slots = ask(program, CAKE + "&day=2026-11-23")["slots"]
    assert {slot["start"][:10] for slot in slots} == {"2026-11-23"} and all(slot["free"] for slot in slots)
    for day in ("2026-11-20", "9999-12-31", "2027-02-01"):
        told = problem(program.get(f"/api/v1/promise?{CAKE}&day={day}"), 422)
        assert told["errors"][0]["field"] == "day"


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("", ["product", "size_inch"]),
        ("product=strawberry-cream", ["size_inch"]),
        (CAKE + "&quantity=0", ["quantity"]),
        (CAKE + "&quantity=two&fulfilment=drone", ["quantity", "fulfilment"]),
        (CAKE + "&quantity=21", ["quantity"]),
        ("product=bread&size_inch=8", ["product"]),
        ("product=strawberry-cream&size_inch=7", ["size_inch"]),
        (CAKE + "&day=tomorrow", ["day"]),
    ],
)
def test_what_cannot_be_used_is_named_field_by_field(
    program: FlaskClient, query: str, fields: list[str]
) -> None:
    told = problem(program.get(f"/api/v1/promise?{query}"), 422)
    assert [fault["field"] for fault in told["errors"]] == fields
    assert all(fault["message"] for fault in told["errors"])


def test_a_problem_speaks_the_programs_language(program: FlaskClient) -> None:
    address = f"/api/v1/promise?{CAKE}&quantity=x"
    said = problem(program.get(address, headers={"Accept-Language": "zh-CN"}), 422)["errors"][0]["message"]
    assert said == "这里要填整数。"


def test_what_is_sold_out_cannot_be_promised(app: Flask, program: FlaskClient) -> None:
    with app.app_context(), writing() as tx:
        shop = only_shop(tx)
        assert shop is not None
        row = tx.scalars(select(Product).where(Product.slug == "taro")).one()
        row.off_on, shop.menu_version = shop.business_date(cast.SATURDAY), shop.menu_version + 1
    told = problem(program.get("/api/v1/promise?product=taro&size_inch=8"), 409)
    assert told["type"] == "urn:fairslice:sold_out"
    menu = program.get("/api/v1/menu").get_json()
    assert [p["product"] for p in menu["products"] if not p["available"]] == ["taro"]


def test_the_menu_is_what_the_kiosk_sells(program: FlaskClient) -> None:
    answer = program.get("/api/v1/menu")
    menu = answer.get_json()
    cake = next(p for p in menu["products"] if p["product"] == "strawberry-cream")
    assert {size["size_inch"]: size["price"] for size in cake["sizes"]} == {
        6: 18800, 8: 26800, 10: 36800, 12: 49800
    }  # fmt: skip
    assert cake["names"]["zh_Hans"] == "草莓奶油" and menu["currency"] == "CNY"
    assert {option["option"] for option in cake["options"]} >= {"sweetness"}
    have = {"If-None-Match": answer.headers["ETag"]}
    assert program.get("/api/v1/menu", headers=have).status_code == 304


def test_without_a_key_there_is_nothing(app: Flask, client: FlaskClient) -> None:
    for header in (
        "",
        "Bearer",
        "Bearer ",
        "Bearer fs_wrong-key-wrong",
        "Basic Zm9vOmJhcg==",
        "Bearer \u00e9",
    ):
        answer = client.get("/api/v1/menu", headers={"Authorization": header} if header else {})
        problem(answer, 401)
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    cast.sign_in(client, "chen")
    assert client.get("/api/v1/menu").status_code == 401, "nor for the owner's browser"


def test_a_key_is_kept_hashed_and_ends_at_once(app: Flask) -> None:
    key = cast.channel_key(app)
    mine, other = holding(app, key), holding(app, cast.channel_key(app))
    assert mine.get("/api/v1/menu").status_code == 200
    with app.app_context(), writing() as tx:
        shop = only_shop(tx)
        assert shop is not None
        row = tx.scalars(select(ChannelKey).where(ChannelKey.secret_hash == digest(key))).one()
        assert key not in str(tx.execute(select(ChannelKey.__table__)).all()) and key.startswith(row.hint)
        revoke_key(tx, shop, row.id, by=SYSTEM, at=cast.SATURDAY)
        with pytest.raises(Conflict):
            revoke_key(tx, shop, row.id, by=SYSTEM, at=cast.SATURDAY)
        with pytest.raises(Missing):
            revoke_key(tx, shop, 999, by=SYSTEM, at=cast.SATURDAY)
    assert mine.get("/api/v1/menu").status_code == 401
    assert other.get("/api/v1/menu").status_code == 200, "the channel's other key goes on"
    with app.app_context(), reading() as session:
        lines = session.scalars(select(Event).where(Event.kind.like("channel_key_%"))).all()
        assert key not in str([line.data for line in lines])
        assert [line.kind for line in lines] == [
            "channel_key_made",
            "channel_key_made",
            "channel_key_revoked",
        ]


def test_a_key_asks_so_often_a_minute_and_no_more(app_with: AppWith) -> None:
    app = app_with(FAIRSLICE_RATE_LIMITS=True)
    busy, calm = (holding(app, cast.channel_key(app, name, per_minute=5)) for name in ("busy", "calm"))
    assert [busy.get("/api/v1/menu").status_code for _ in range(7)] == [200] * 5 + [429] * 2
    assert busy.get("/api/v1/menu").headers["Retry-After"] == "60"
    assert calm.get("/api/v1/menu").status_code == 200, "others are not stopped"
    guesser = {"REMOTE_ADDR": "203.0.113.77"}
    wrong = holding(app, "fs_guess-number-one")
    answers = [wrong.get("/api/v1/menu", environ_base=guesser).status_code for _ in range(32)]
    assert answers == [401] * 30 + [429] * 2, "guessing is stopped by address"


def test_a_channel_is_named_plainly(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop = only_shop(tx)
        assert shop is not None
        for name in ("", "a b", "x" * 41, "kiosk", " Counter"):
            with pytest.raises(Invalid) as refusal:
                make_key(tx, shop, name, by=SYSTEM, at=cast.SATURDAY)
            assert refusal.value.field == "channel"
        with pytest.raises(Invalid):
            make_key(tx, shop, "meituan", by=SYSTEM, at=cast.SATURDAY, per_minute=0)
        assert make_key(tx, shop, " 美团 ", by=SYSTEM, at=cast.SATURDAY)[0].channel == "美团"
        assert [row.channel for row in all_keys(tx, shop)] == ["美团"]


def test_keys_are_made_listed_and_ended_on_the_command_line(
    app: Flask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("web.cli.new_app", lambda settings=None: app)
    assert main(["key", "create", "--channel", "Meituan"]) == 0
    made = dict(line.split(": ", 1) for line in capsys.readouterr().out.strip().splitlines())
    assert made["channel"] == "meituan" and holding(app, made["key"]).get("/api/v1/menu").status_code == 200
    assert main(["key", "list", "--json"]) == 0
    listed = capsys.readouterr().out
    assert made["key"] not in listed and '"channel": "meituan"' in listed
    assert main(["key", "revoke", made["id"]]) == 0
    assert holding(app, made["key"]).get("/api/v1/menu").status_code == 401
    assert main(["key", "revoke", "999"]) == 1


def test_the_description_fits_what_is_answered(client: FlaskClient, program: FlaskClient) -> None:
    told = client.get("/api/v1/openapi.json").get_json()
    assert told["openapi"] == "3.1.0" and set(told["paths"]) == {"/menu", "/promise"}
    asks = {p["name"]: p for p in told["paths"]["/promise"]["get"]["parameters"]}
    assert {name for name, p in asks.items() if p["required"]} == {"product", "size_inch"}
    assert asks["day"]["schema"] == {"type": "string", "format": "date"}
    schemas = told["components"]["schemas"]
    for path, name in (("/menu", "Menu"), (f"/promise?{CAKE}", "Promise")):
        assert set(program.get(f"/api/v1{path}").get_json()) == set(schemas[name]["properties"])
    assert client.get("/api/v1/nothing").mimetype == "application/problem+json"
    posted = client.post("/api/v1/menu")
    assert posted.status_code == 405 and posted.headers["Allow"] == "GET, HEAD, OPTIONS"
