"""A real shop opens with an owner, a menu to edit, and not one of the demo's sign-ins."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from shop.core.errors import Invalid
from shop.menu.card import read_card
from shop.orders import promise
from shop.orders.cart import price_cart
from shop.people.shops import Shop
from shop.people.staff import Staff
from shop.upkeep.opening import AlreadyOpen, open_shop, steps_done
from tests import cast
from tests.conftest import build_empty, close
from tests.counter import cart, order
from web.database import writing
from web.house import now

GIVEN: dict[str, Any] = {
    "names": {"zh_Hans": "小蛋糕"}, "timezone": "Asia/Taipei", "currency": "TWD", "language": "zh_Hant",
    "phone": "", "owner": "Ann", "login": "ann", "password": "a long enough one",
}  # fmt: skip


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Flask]:
    app = build_empty(tmp_path)
    yield app
    close(app)


def test_a_real_shop_opens_and_can_promise_at_once(empty: Flask) -> None:
    with empty.app_context(), writing() as tx:
        shop, code = open_shop(tx, **GIVEN, at=now())
        assert code and not shop.is_demo
        assert [(s.login, s.role) for s in tx.scalars(select(Staff))] == [("ann", "owner")]
        card = read_card(tx, shop)
        assert len(card.dishes) == 12
        assert promise.quote(tx, shop, card, price_cart(card, cart()).lines, at=now()).earliest
        with pytest.raises(AlreadyOpen):
            open_shop(tx, **GIVEN, at=now())


@pytest.mark.parametrize("path", ["/", "/sign-in", "/kiosk/", "/kitchen/", "/admin/", "/pair", "/nowhere"])
def test_before_a_shop_is_open_every_door_says_how_to_open_one(empty: Flask, path: str) -> None:
    english, asked = {"Accept-Language": "en"}, {"lang": "en"}
    answer = empty.test_client().get(path, query_string=asked, headers=english, follow_redirects=True)
    assert answer.status_code == (404 if path == "/nowhere" else 503)
    assert path == "/nowhere" or ("Not open yet" in answer.text and "bin/shop open" in answer.text)
    assert "还没有开店" in empty.test_client().get("/kiosk/").text  # no language known: Chinese


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"names": {}}, "name"), ({"login": "A B"}, "login"), ({"password": "short"}, "password")],
)
def test_what_cannot_be_is_refused_by_name(empty: Flask, wrong: dict[str, object], field: str) -> None:
    with empty.app_context(), writing() as tx, pytest.raises(Invalid) as refused:
        open_shop(tx, **(GIVEN | wrong), at=now())
    assert refused.value.field == field


def test_the_first_steps_are_shown_until_there_is_an_order(empty: Flask) -> None:
    with empty.app_context(), writing() as tx:
        shop, _ = open_shop(tx, **GIVEN, at=now())
        assert not any(steps_done(tx, shop).values())
    client = cast.sign_in(empty.test_client(), "ann", "a long enough one")
    first = client.get("/admin/?lang=en").text
    assert "Before the first order" in first and "A clerk takes the money" in first
    person = {"name": "Bo", "login": "bo", "password": "another long one", "role": "clerk", "active": "1"}
    client.post("/admin/people/new", data={**person, "csrf_token": cast.token_of(client), "key": "k" * 20})
    assert "Nobody has hours yet" in client.get("/admin/shifts?lang=en").text
    with empty.app_context(), writing() as tx:
        shop = tx.get_one(Shop, 1)
        assert steps_done(tx, shop)["team"]
        order(tx, paid=False)
        assert steps_done(tx, shop)["order"]
    assert "Before the first order" not in client.get("/admin/?lang=en").text
