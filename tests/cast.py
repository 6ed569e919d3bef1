"""The named people of the tests, and the small shop they work in: the demo shop without its history.

Everybody signs in as in the demo (``sign_in(client, "mei")``); 周 Zhou is a restricted partner in tests only.
The moment is a Saturday morning, so that the shop is open and all stations are staffed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.channels.keys import make_key
from shop.core.actors import SYSTEM, Actor
from shop.core.clock import Clock, Pace
from shop.core.permissions import Role
from shop.menu.card import cached_card
from shop.orders.cart import Cart, CartLine, price_cart
from shop.orders.placing import Placed, place
from shop.orders.promise import quote
from shop.people.devices import DeviceKind, add_device, pair
from shop.people.passwords import DEMO_PASSWORD
from shop.people.shops import Shop, only_shop
from shop.people.staff import Device, Staff
from shop.upkeep.demo.world import furnish
from web.database import reading, writing
from web.house import house, this_app

SATURDAY = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
"""09:30 in Shanghai."""

LOGINS = {
    Role.OWNER: "chen",
    Role.PARTNER: "lin",
    Role.PARTNER_RESTRICTED: "zhou",
    Role.MANAGER: "xu",
    Role.CLERK: "mei",
    Role.BAKER: "li",
    Role.COURIER: "gao",
    Role.AUDITOR: "zheng",
}
"""One person for each role."""


class StoppedClock(Clock):
    """A clock that shows what the test says: ``house.clock.at = ...`` or ``house.clock.pass_by(minutes=5)``."""

    def __init__(self, at: datetime = SATURDAY) -> None:
        super().__init__()
        self.at = at

    def now(self) -> datetime:
        return self.at

    def pace(self) -> Pace:
        return Pace(shop=self.at.timestamp(), speed=0.0)

    def pass_by(self, **time: float) -> datetime:
        """Let time pass (``minutes=5``); returns the new moment."""
        self.at += timedelta(**time)
        return self.at


def found(tx: Session, at: datetime = SATURDAY) -> Shop:
    """Found the shop of the tests in an empty database."""
    shop = furnish(tx, at=at)
    tx.flush()
    person(tx, "zhou").role = Role.PARTNER_RESTRICTED.value
    return shop


def pass_by(**time: float) -> None:
    """Let time pass in the app that is open here."""
    clock_of(this_app()).pass_by(**time)


def clock_of(app: Flask) -> StoppedClock:
    """Return the app's stopped clock."""
    clock = app.extensions["fairslice"].clock
    assert isinstance(clock, StoppedClock)
    return clock


def person(session: Session, login: str) -> Staff:
    """Return one of the cast."""
    return session.scalars(select(Staff).where(Staff.login == login)).one()


def by(session: Session, login: str) -> Actor:
    """Return one of the cast as the actor of a verb."""
    return Actor.staff(person(session, login).id)


def token_of(client: FlaskClient, address: str = "http://localhost") -> str:
    """Return a CSRF token of this browser's session, as the page would carry it."""
    page = client.get("/pair", base_url=address).get_data(as_text=True)
    return page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]


def sign_in(
    client: FlaskClient, login: str, password: str = DEMO_PASSWORD, address: str = "http://localhost"
) -> FlaskClient:
    """Sign one of the cast in, through the front door; returns the client."""
    form = {"login": login, "password": password, "csrf_token": token_of(client, address)}
    answer = client.post("/sign-in", data=form, base_url=address)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return client


def pair_client(
    app: Flask, client: FlaskClient, kind: DeviceKind, station: str = "", domain: str = "localhost"
) -> Device:
    """Pair this browser as a screen of the shop, without the demo's own way of doing it."""
    with app.app_context(), writing() as tx:
        shop = only_shop(tx)
        assert shop is not None
        at = house().clock.now()
        device, code = add_device(tx, shop, kind, f"test {kind.value}", by=SYSTEM, at=at, station=station)
        device, secret = pair(tx, shop, code, at=at)
    client.set_cookie(f"fs_{kind.value}", secret, domain=domain, samesite="Strict", httponly=True)
    return device


def channel_key(app: Flask, channel: str = "meituan", per_minute: int = 60) -> str:
    """Make a channel's key; returns what its program shows."""
    with app.app_context(), writing() as tx:
        shop = only_shop(tx)
        assert shop is not None
        return make_key(tx, shop, channel, by=SYSTEM, at=house().clock.now(), per_minute=per_minute)[1]


def the_shop(app: Flask) -> Shop:
    """Return the shop of the tests, detached."""
    with app.app_context(), reading() as session:
        shop = only_shop(session)
        assert shop is not None
        session.expunge(shop)
        return shop


def place_order(
    app: Flask, *, prepaid: bool = True, name: str = "", phone: str = "", words: str = ""
) -> Placed:
    """Place an order of one strawberry cake for the earliest time, as the shop's own system would."""
    with app.app_context(), writing() as tx:
        shop = only_shop(tx)
        assert shop is not None
        at, card = house().clock.now(), cached_card(tx, shop)
        cart = Cart(lines=[CartLine("strawberry-cream", 8, inscription=words)], name=name, phone=phone)
        cart.due_at = quote(tx, shop, card, price_cart(card, cart).lines, at=at).earliest
        return place(tx, house().keys, shop, card, cart, channel="kiosk", by=SYSTEM, at=at, prepaid=prepaid)
