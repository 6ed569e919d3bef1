"""What the customer of a delivery sees: a window, the courier's stage, and nothing that says where or who."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.delivery import claims, handing
from shop.delivery.drops import make_drops
from shop.delivery.tables import Drop
from shop.orders.placing import Placed
from shop.orders.tables import Cake, Order
from tests import cast
from tests.counter import delivered, make, order, shop_and_card
from web.database import reading, writing
from web.house import now

HIDDEN = ("漕溪北路", "王小明", "13812345678", "121.43")


def read(client: FlaskClient, placed: Placed, language: str = "en") -> str:
    page = client.get(f"/t/{placed.token}?lang={language}").get_data(as_text=True)
    assert not [word for word in HIDDEN if word in page], "nobody's name and no door"
    return page


def ordered(app: Flask) -> Placed:
    with app.app_context(), writing() as tx:
        return order(tx, delivered("xuhui", place="31.1950, 121.4370"))


def window(app: Flask, placed: Placed) -> str:
    with app.app_context(), reading() as session:
        shop, _ = shop_and_card(session)
        row = session.get_one(Order, placed.order_id)
        first, last = shop.local(row.due_at - timedelta(minutes=30)), shop.local(row.due_at)
        return f"{first:%H:%M} – {last:%H:%M}"


def test_it_is_followed_from_the_oven_to_the_door(app: Flask, client: FlaskClient) -> None:
    placed = ordered(app)
    page = read(client, placed)
    promised = window(app, placed)
    assert promised in page and "It arrives in this time." in page
    assert page.count(promised) >= 2, "expected and promised are the same while nothing is late"
    assert "¥15" in page and "On the way" in page and "Delivered" in page
    with app.app_context(), writing() as tx:
        make(tx, placed.order_id)
        make_drops(tx, shop_and_card(tx)[0], at=now())
    assert "Ready for the courier" in read(client, placed)
    with app.app_context(), writing() as tx:
        take_along(tx)
    page = read(client, placed)
    assert "On its way" in page and promised in page
    cast.clock_of(app).pass_by(minutes=16)
    with app.app_context(), writing() as tx:
        drop = tx.scalars(select(Drop)).one()
        handing.arrive(tx, shop_and_card(tx)[0], drop.id, by=cast.by(tx, "gao"), at=now())
    page = read(client, placed)
    assert "At your door" in page and "asks for the PIN" in page


def test_what_went_wrong_at_the_door_is_told_as_it_is(app: Flask, client: FlaskClient, sign_in) -> None:
    """Safe with us, waiting at the door, or damaged: never that a damaged cake is safe. The office reads why."""
    placed = ordered(app)

    def failed(reason: str, next_step: str) -> str:
        with app.app_context(), writing() as tx:
            drop = tx.scalars(select(Drop)).one()
            handing.fail(tx, shop_and_card(tx)[0], drop.id, reason=reason, next_step=next_step,
                         by=cast.by(tx, "gao"), at=now())  # fmt: skip
        return read(client, placed)

    with app.app_context(), writing() as tx:
        make(tx, placed.order_id)
        make_drops(tx, shop_and_card(tx)[0], at=now())
        take_along(tx)
    page = failed("nobody", "wait")
    assert "We could not hand it over" in page and "The courier waits at your door until" in page
    cast.clock_of(app).pass_by(minutes=11)
    page = read(client, placed, "zh_Hans")  # made anew; the other one is kept for some real seconds
    assert "没能送到您手上" in page and "配送员在门口等到" not in page and "蛋糕好好地在我们这里" in page
    assert "Your cake is safe with us" in failed("wrong_address", "back")
    page = failed("damaged", "back")
    assert "your cake was damaged" in page and "safe with us" not in page
    mei = sign_in(app.test_client(), "mei")
    mei.set_cookie("fs_language", "en")
    sheet = mei.get(f"/admin/orders/{placed.order_id}").get_data(as_text=True)
    for said in ("Nobody opens · Wait 10 minutes", "The cake is damaged · Bring it back to the shop"):
        assert said in sheet
    assert "wrong_address" not in sheet


def take_along(tx: Session) -> Drop:
    """Let Gao claim the only drop and leave with its cakes."""
    shop, gao, drop = shop_and_card(tx)[0], cast.by(tx, "gao"), tx.scalars(select(Drop)).one()
    claims.claim(tx, shop, drop.id, drop.version, by=gao, at=now())
    handing.pick_up(tx, shop, drop.id, list(tx.scalars(select(Cake.code))), by=gao, at=now())
    return drop


def test_who_waits_too_long_gets_an_honest_new_window(app: Flask, client: FlaskClient) -> None:
    placed = ordered(app)
    promised = window(app, placed)
    cast.clock_of(app).pass_by(hours=3)
    page = read(client, placed)
    assert "later than promised" in page
    assert page.count(promised) == 1, "only the promise still says the old time"


def test_a_door_that_stays_shut_is_said(app: Flask, client: FlaskClient) -> None:
    placed = ordered(app)
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        make(tx, placed.order_id)
        make_drops(tx, shop, at=now())
        gao, drop = cast.by(tx, "gao"), take_along(tx)
        handing.arrive(tx, shop, drop.id, by=gao, at=now())
        handing.fail(tx, shop, drop.id, reason="nobody", next_step="back", by=gao, at=now())
    page = read(client, placed)
    assert "We could not hand it over" in page and "It arrives in this time." not in page
