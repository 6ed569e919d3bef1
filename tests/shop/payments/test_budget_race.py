"""Two orders of one coupon whose discounts are taken back at the same moment share what its budget has left."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from flask import Flask

from shop.payments import coupons, discounts
from shop.payments.discount_tables import Coupon
from tests import cast, counter
from tests.patience import PATIENCE
from tests.shop.orders.test_races import all_at_once
from tests.shop.payments.couponing import make, order
from tests.shop.payments.repricing import DEARER, change
from web.database import reading, writing
from web.house import now

TWO = 2 * 5360
"""What the coupon gives to two cakes of 268; to two of 288 it would give 800 more."""


def take_back_together(app: Flask) -> int:
    """Raise the budget by 400 behind two orders that got less than they might; returns what the coupon gives."""
    with writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        coupon = make(tx, budget=TWO)
        orders = [order(tx) for _ in range(2)]
        given = []
        for each in orders:
            change(tx, each, DEARER)
            given.append(
                discounts.give(tx, shop, each, percent=1, reason="late", by=cast.by(tx, "xu"), at=now())
            )
        assert coupons.used(tx, coupon).given == TWO
        coupon.budget += 400
        rows = [row.id for row in given]

    def regret(n: int) -> None:
        with writing() as tx:
            shop, _ = counter.shop_and_card(tx)
            discounts.take_back(tx, shop, rows[n], by=cast.by(tx, "xu"), at=now())

    assert all_at_once(app, regret, 2) == []
    with reading() as session:
        return coupons.used(session, session.get_one(Coupon, coupon.id)).given


def test_what_a_budget_has_left_is_given_once(app_both: Flask) -> None:
    with app_both.app_context():
        assert take_back_together(app_both) == TWO + 400


@pytest.mark.postgres
def test_without_holding_the_coupon_both_would_get_it(
    app_postgres: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Teeth: both look before either writes."""
    both, used = threading.Barrier(2), coupons.used

    def looked(*about: Any) -> coupons.Used:
        found = used(*about)
        if threading.current_thread() is not threading.main_thread():
            both.wait(PATIENCE)
        return found

    monkeypatch.setattr(coupons, "hold", lambda *_: None)
    monkeypatch.setattr(coupons, "used", looked)
    with app_postgres.app_context():
        assert take_back_together(app_postgres) == TWO + 800
