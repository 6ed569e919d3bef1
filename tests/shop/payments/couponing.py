"""Coupons for tests: made by Xu, and typed with an order of one strawberry cake."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.orders.cart import Cart, CartLine
from shop.orders.tables import Order
from shop.payments import coupons
from shop.payments.coupons import Limits
from shop.payments.discount_tables import Coupon, Discount
from tests import cast, counter
from web.house import now

PHONE = "13812345678"


def make(
    tx: Session, *, code: str = "BIRTHDAY", percent: int = 0, fixed: int = 0, days_ago: int = 0, **more: Any
) -> Coupon:  # fmt: skip
    """A coupon of 20 % unless told otherwise; what is no part of its rule is one of its limits."""
    shop, card = counter.shop_and_card(tx)
    rule = {name: more.pop(name) for name in ("most", "least", "products", "inches") if name in more}
    return coupons.make(
        tx, shop, card, code=code, names={"zh_Hans": "生日月"}, percent=percent or (0 if fixed else 20), fixed=fixed,
        **rule, limits=Limits(**more), by=cast.by(tx, "xu"),
        at=now() - timedelta(days=days_ago),
    )  # fmt: skip


def order(tx: Session, code: str = "BIRTHDAY", *, phone: str = "", **line: Any) -> Order:
    """Order a strawberry cake for 268 with a coupon."""
    cart = Cart(lines=[CartLine("strawberry-cream", 8, **line)], coupon=code, phone=phone)
    return tx.get_one(Order, counter.order(tx, cart, paid=False).order_id, populate_existing=True)


def stage_discounts(tx: Session) -> None:
    """A coupon, and Mei, who asks to take more off an unpaid order than she may alone."""
    make(tx, code="SHENGRI", least=20000, uses=200, budget=500000)
    order = tx.scalars(select(Order).where(Order.state == "placed").order_by(Order.id.desc())).first()
    assert order is not None
    tx.add(
        Discount(
            shop_id=order.shop_id, order_id=order.id, percent=30, amount=order.total * 3 // 10, made_at=order.placed_at,
            reason="等得太久", state="requested", requested_by=cast.person(tx, "mei").id,
        )
    )  # fmt: skip
