"""Invoices of orders that change later: one that says too little is taken back whole, then there is a right one."""

from __future__ import annotations

import json

import pytest
from flask import Flask

from shop.core.errors import Conflict
from shop.documents import invoice
from shop.documents.due import all_due, due_of
from shop.documents.invoice import Buyer
from shop.orders.tables import Order
from shop.upkeep.invariants import breaches
from tests import cast, counter
from tests.admin.office import english
from tests.shop.payments.repricing import CHEAPER, DEARER, change, ordered, pay
from web.database import reading, writing
from web.house import keys, now


def test_an_invoice_below_the_price_is_told_when_a_right_one_can_be_issued(app_both: Flask, sign_in) -> None:
    app = app_both
    with app.app_context(), writing() as tx:
        shop, mei = counter.shop_and_card(tx)[0], cast.by(tx, "mei")
        order = ordered(tx, paid=26800)
        wrong = invoice.issue(tx, keys(), shop, order, Buyer("长宁餐饮"), by=mei, at=now())
        change(tx, order, DEARER)
        assert due_of(tx, order) is None and all_due(tx, shop) == [], (
            "it is not paid, so there is no right one"
        )
        with pytest.raises(Conflict):
            invoice.credit(tx, keys(), shop, wrong.id, whole=False, by=mei, at=now())
        pay(tx, order, 2000)
        (due,) = all_due(tx, shop)
        assert (due.invoice.id, due.amount, due.too_little) == (wrong.id, 26800, True)
        assert due_of(tx, order) == due
    page = english(sign_in(app.test_client(), "mei")).get(f"/admin/orders/{order.id}").text
    assert f"Invoice {wrong.number} says less than the order costs by now." in page
    with app.app_context():
        with writing() as tx:
            shop, mei = counter.shop_and_card(tx)[0], cast.by(tx, "mei")
            note = invoice.credit(tx, keys(), shop, wrong.id, whole=False, by=mei, at=now())
            assert (note.total, json.loads(note.said)["reason"]) == (26800, "mistake")
            order = tx.get_one(Order, order.id)
            right = invoice.issue(tx, keys(), shop, order, Buyer("长宁餐饮"), by=mei, at=now())
            assert (right.total, all_due(tx, shop)) == (28800, [])
        with reading() as session:
            assert breaches(session) == []


def test_an_invoice_is_right_again_when_the_change_is_taken_back(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop = counter.shop_and_card(tx)[0]
        order = ordered(tx, paid=26800)
        invoice.issue(tx, keys(), shop, order, Buyer("长宁餐饮"), by=cast.by(tx, "mei"), at=now())
        change(tx, order, DEARER)
        change(tx, order, CHEAPER)
        assert due_of(tx, order) is None and order.balance == 0
