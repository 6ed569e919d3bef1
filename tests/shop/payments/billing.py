"""A day at the provider for the tests of its bill: payments, refunds, and what went wrong on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM
from shop.ledger.tables import Entry, Posting
from shop.orders import progress
from shop.orders.tables import Order
from shop.payments.bill_tables import Bill, BilledLine, Source
from shop.payments.bills import bring_in, fetch_due
from shop.payments.contract import BillLine
from shop.payments.tables import Payment
from shop.payments.yuan import BEIJING
from shop.people.shops import Shop
from tests import cast, counter
from tests.shop.payments.conftest import Counter
from web.database import reading, writing
from web.house import house, now

FOLDER = "bills"


def paid(shop: Counter, method: str = "alipay", amount: int = 26800) -> int:
    """A customer orders and pays by phone; returns the payment's id."""
    payment = shop.begin(shop.order(), method, amount)
    shop.look()
    shop.phone_pays(payment)
    shop.look(seconds=11)
    assert shop.payment(payment).state == "captured"
    return payment


def cancelled(shop: Counter, payment_id: int) -> None:
    """The shop cannot make it and sends the money back, all of it."""
    with writing() as tx:
        here, _ = counter.shop_and_card(tx)
        order = tx.get_one(Order, tx.get_one(Payment, payment_id).order_id)
        progress.cancel(tx, here, order, by=cast.by(tx, "xu"), at=now(), reason="sick", whole=True)
    shop.look(seconds=11)
    assert shop.sent_back(payment_id) == shop.payment(payment_id).amount


def next_morning(hours: float = 25) -> None:
    """It is later, long enough for yesterday's bill."""
    cast.pass_by(hours=hours)


def folder() -> Path:
    return house().settings.data / FOLDER


def fetch(shop: Counter) -> int:
    """The worker looks for bills; returns how many came."""
    return fetch_due(shop.office(), reading, folder())


def today() -> date:
    """The provider's day."""
    return now().astimezone(BEIJING).date()


def bill_of(shop: Counter, method: str, day: date) -> tuple[bytes, list[BillLine]]:
    """What the provider really says of a day."""
    provider = house().providers.get(method)
    assert provider is not None
    return provider.bill(day)


def bring(method: str, day: date, lines: list[BillLine], file: bytes = b"a file") -> Bill:
    """Somebody brings a bill in."""
    provider = house().providers.get(method)
    assert provider is not None
    with writing() as tx:
        here, _ = counter.shop_and_card(tx)
        bill = bring_in(tx, here, method, provider.account, day, file, lines, source=Source.UPLOADED,
                        by=SYSTEM, at=now())  # fmt: skip
        tx.flush()
        tx.expunge(bill)
        return bill


def standing() -> dict[str, int]:
    """How many lines stand how."""
    found: dict[str, int] = {}
    for line in lines():
        found[line.standing] = found.get(line.standing, 0) + 1
    return found


def lines() -> list[BilledLine]:
    with reading() as session:
        return list(session.scalars(select(BilledLine).order_by(BilledLine.id)))


def bills() -> list[Bill]:
    with reading() as session:
        return list(session.scalars(select(Bill).order_by(Bill.id)))


def balance(account: str) -> int:
    with reading() as session:
        return sum(session.scalars(select(Posting.amount).where(Posting.account.startswith(account))))


def entries(kind: str) -> list[Entry]:
    with reading() as session:
        return list(session.scalars(select(Entry).where(Entry.kind == kind).order_by(Entry.seq)))


def another(line: BillLine, **values: Any) -> BillLine:
    """The same line with something else in it."""
    return replace(line, **values)


def strange_bill(tx: Session, at: datetime, shop: Shop | None = None) -> Bill:
    """Yesterday's bill of Alipay with a payment that the shop knows nothing of."""
    shop = shop or counter.shop_and_card(tx)[0]
    then = at - timedelta(days=1)
    line = BillLine("20261120220014001", "A" * 24, "", "payment", 26800, 161, shop.currency, then)
    return bring_in(
        tx, shop, "alipay", "2088101122334455", then.date(), b"a file", [line], source=Source.UPLOADED, by=SYSTEM, at=at
    )  # fmt: skip
