"""Money on the stage for the pictures: what the demo's own day does not have."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.orders.tables import Order
from shop.payments.tables import Payment
from tests.shop.payments.billing import strange_bill
from tests.shop.payments.couponing import stage_discounts


def stage_money(tx: Session, at: datetime) -> None:
    """A bill with a line that nobody knows, discounts and coupons, and a customer's code that was refused."""
    strange_bill(tx, at)
    stage_discounts(tx)
    order = tx.scalars(select(Order).where(Order.state == "placed").order_by(Order.id)).first()
    assert order is not None
    tx.add(Payment(shop_id=order.shop_id, order_id=order.id, method="alipay", state="failed", amount=order.total,
                   currency=order.currency, made_at=at, expires_at=at, attempt="C" * 24, by_code=True,
                   trouble="refused", account="psp:alipay:2088101122334455"))  # fmt: skip


def coded(session: Session) -> str:
    """Return where the refused code stands, as an address goes on after the orders."""
    payment = session.scalars(select(Payment).where(Payment.by_code)).one()
    return f"{payment.order_id}/code-payment/{payment.id}"
