"""Orders for tests whose price changes: a strawberry cake, with sucrose or without, and the money for it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import CUSTOMER
from shop.orders.changing import change_line
from shop.orders.tables import Line, Order
from shop.payments import machine
from shop.payments.counter import take
from shop.payments.online import begin
from shop.payments.tables import Payment, PaymentState
from tests import cast, counter
from web.house import now

DEARER, CHEAPER = {"sweetness": "no-sucrose"}, {"sweetness": "standard"}
"""A strawberry cake costs 288 without sucrose, and 268 otherwise."""


def ordered(tx: Session, *, paid: int = 0, **line: object) -> Order:
    """Order a strawberry cake; Mei takes ``paid`` of it in cash."""
    order = tx.get_one(Order, counter.order(tx, counter.cart(**line), paid=False).order_id)
    if paid:
        pay(tx, order, paid)
    return order


def pay(tx: Session, order: Order, amount: int) -> None:
    shop, _ = counter.shop_and_card(tx)
    take(tx, shop, order, "cash", amount=amount, tendered=amount, by=cast.by(tx, "mei"), at=now())


def change(tx: Session, order: Order, options: dict[str, str], inscription: str | None = None) -> None:
    """Mei changes the options of the order's only line, and what is written on the cake."""
    shop, card = counter.shop_and_card(tx)
    line = tx.scalars(select(Line).where(Line.order_id == order.id)).one()
    change_line(tx, shop, card, order, line.id, options={**line.options, **options}, inscription=inscription,
                by=cast.by(tx, "mei"), at=now())  # fmt: skip


def offer(tx: Session, order: Order, amount: int) -> Payment:
    """The provider shows the customer a code over ``amount``."""
    shop, _ = counter.shop_and_card(tx)
    tried = begin(tx, shop, order, "alipay", amount, account="1", by=CUSTOMER, at=now())
    if tried.state == "created":
        machine.move(tx, tried, PaymentState.PENDING)
    return tried


def comes(tx: Session, tried: Payment) -> None:
    """The provider says that the code was paid."""
    shop, _ = counter.shop_and_card(tx)
    machine.capture(
        tx, shop, tried.id, trade_no="T1", amount=tried.amount, currency="CNY", paid_at=now(), at=now()
    )
