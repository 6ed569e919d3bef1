"""Money on the stage for the pictures: what the demo's own day does not have."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM
from shop.documents.invoice import Buyer, credit, issue
from shop.orders.tables import Order
from shop.payments.disputes import open_dispute
from shop.payments.tables import Payment
from shop.people.shops import only_shop
from tests import cast
from tests.shop.payments.billing import strange_bill
from tests.shop.payments.couponing import stage_discounts
from web.house import keys


def stage_money(tx: Session, at: datetime) -> None:
    """A strange bill, discounts and coupons, a code that was refused, another amount, and the papers of an order."""
    strange_bill(tx, at)
    issue_papers(tx, at)
    hold_back(tx, at)
    stage_discounts(tx)
    order = tx.scalars(select(Order).where(Order.state == "placed").order_by(Order.id)).first()
    assert order is not None
    tx.add(Payment(shop_id=order.shop_id, order_id=order.id, method="alipay", state="failed", amount=order.total,
                   currency=order.currency, made_at=at, expires_at=at, attempt="C" * 24, by_code=True,
                   trouble="refused", account="psp:alipay:2088101122334455"))  # fmt: skip

    eaten = tx.scalars(select(Order).where(Order.state == "handed_over").order_by(Order.id)).first()
    assert eaten is not None
    tx.add(Payment(shop_id=eaten.shop_id, order_id=eaten.id, method="wechat", state="unknown", amount=26800,
                   currency=eaten.currency, made_at=at, unknown_since=at, attempt="M" * 24, trouble="amount", came=2680,
                   came_in=eaten.currency, account="psp:wechat:1900000109"))  # fmt: skip


def hold_back(tx: Session, at: datetime) -> None:
    """A customer's bank holds the last payment by card back, and waits for an answer."""
    shop = only_shop(tx)
    by_card = select(Payment.id).where(Payment.method == "card", Payment.state == "captured")
    payment = tx.scalars(by_card.order_by(Payment.id.desc())).first()
    assert shop is not None and payment is not None
    open_dispute(tx, shop, payment, 12000, "The cake never came, says the holder of the card", reference="CB-2026-0417",
                 answer_by=at.date() + timedelta(days=2), by=cast.by(tx, "xu"), at=at)  # fmt: skip


def issue_papers(tx: Session, at: datetime) -> None:
    """Issue an invoice of an order that was handed over, take it back, and issue it right."""
    shop = only_shop(tx)
    order = tx.scalars(select(Order).where(Order.state == "handed_over").order_by(Order.id.desc())).first()
    assert shop is not None and order is not None
    wrong = issue(tx, keys(), shop, order, Buyer("长宁餐饮"), by=SYSTEM, at=at)
    credit(tx, keys(), shop, wrong.id, whole=True, by=SYSTEM, at=at)
    buyer = Buyer("上海长宁餐饮管理有限公司", "91310105MA1FL2XX3K", "上海市长宁区长宁路 1 号 3 楼")
    issue(tx, keys(), shop, order, buyer, by=SYSTEM, at=at)


def coded(session: Session) -> str:
    """Return where the refused code stands, as an address goes on after the orders."""
    payment = session.scalars(select(Payment).where(Payment.by_code)).one()
    return f"{payment.order_id}/code-payment/{payment.id}"
