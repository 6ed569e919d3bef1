"""Attempts that wait for a notify, the notify as the provider writes it, and what has come of it."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from shop.core.events import Event
from shop.ledger.tables import Entry
from shop.payments import machine
from shop.payments.contract import Said
from shop.payments.tables import Payment, PaymentState, ProviderEvent
from shop.people.shops import only_shop
from shop.upkeep.demo.gateway.door import Gateway
from shop.upkeep.demo.gateway.letters import Letter
from tests import cast
from tests.gateway import asked
from web.database import reading, writing
from web.house import house

KINDS = {"alipay": "application/x-www-form-urlencoded", "wechat": "application/json"}
ACKS = {"alipay": b"success", "wechat": b'{"code":"SUCCESS","message":"OK"}'}


def attempt(
    app: Flask, method: str, state: PaymentState = PaymentState.PENDING, notify_url: str = "", order: int = 0
) -> str:
    """Place an order, where none is given, and ask its customer for the money; returns our number of it."""
    order = order or cast.place_order(app, prepaid=False).order_id
    with app.app_context():
        provider, at = house().providers.get(method), house().clock.now()
        assert provider is not None
        wanted = asked(provider, at, 26800, *([notify_url] if notify_url else []))
        with writing() as tx:
            shop = only_shop(tx)
            assert shop is not None
            row = Payment(
                shop_id=shop.id, order_id=order, method=method, state=state, amount=26800, currency="CNY",
                made_at=at, attempt=wanted.attempt, expires_at=wanted.expires_at,
                account=f"psp:{method}:{provider.account}",
            )  # fmt: skip
            tx.add(row)
    return wanted.attempt


def letter_of(gateway: Gateway, method: str, number: str, forge: str = "") -> Letter:
    trade = gateway.trades.by_attempt(method, number)
    assert trade is not None
    return gateway.letters.write(trade, forge)


def send(client: FlaskClient, method: str, letter: Letter) -> TestResponse:
    return client.post(f"/pay/{method}/notify", data=letter.body, headers=letter.headers)


def kept(app: Flask) -> tuple[int, int, int, set[str]]:
    """Return how many notifies are kept and told in the diary, how many entries the books have, payments' states."""
    with app.app_context(), reading() as session:
        told = select(func.count()).select_from(Event).where(Event.kind == "payment_noticed")
        booked = select(func.count()).select_from(Entry).where(Entry.kind == "payment_captured")
        notes = select(func.count()).select_from(ProviderEvent)
        states = set(session.scalars(select(Payment.state)))
        return *(session.scalar(query) or 0 for query in (notes, told, booked)), states


def ask_and_capture(app: Flask, method: str, number: str) -> None:
    """Ask the provider and book what it says, as the worker does for what is due."""
    with app.app_context():
        provider = house().providers.get(method)
        assert provider is not None
        said = provider.query(number)
        assert said.said is Said.PAID
        with writing() as tx:
            shop = only_shop(tx)
            assert shop is not None
            row = tx.scalars(select(Payment).where(Payment.attempt == number)).one()
            machine.capture(
                tx, shop, row.id, trade_no=said.trade_no, amount=said.amount, currency=said.currency,
                paid_at=said.paid_at, at=house().clock.now(),
            )  # fmt: skip
