"""A credit note that nobody issues raises an alarm after a day, for who may see money, and ends with the note."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from shop.documents import invoice
from shop.documents.invoice import Buyer
from shop.documents.watchers import WATCHERS
from shop.orders import progress
from shop.orders.tables import Order
from shop.production import alarms
from shop.production.tables import Alarm
from tests import cast, counter
from tests.admin.office import english
from tests.tracking.states import order_in
from web.database import reading, writing
from web.house import keys, now


def wrong(app: Flask) -> list[str]:
    """The watcher of papers looks once; returns the kinds of what is wrong now."""
    with app.app_context():
        with reading() as session:
            shop, card = counter.shop_and_card(session)
            changes = alarms.watch(session, shop, card, at=now(), watchers=WATCHERS)
        if changes:
            with writing() as tx:
                alarms.keep(tx, counter.shop_and_card(tx)[0], changes, at=now())
        with reading() as session:
            return list(session.scalars(select(Alarm.kind).where(Alarm.ended_at.is_(None))))


def test_a_credit_note_that_is_due_for_a_day_is_told_until_it_is_issued(app_both: Flask, sign_in) -> None:
    app = app_both
    placed = order_in(app, "confirmed")
    with app.app_context(), writing() as tx:
        shop, held, mei = counter.shop_and_card(tx)[0], tx.get_one(Order, placed.order_id), cast.by(tx, "mei")
        made = invoice.issue(tx, keys(), shop, held, Buyer("长宁餐饮"), by=mei, at=now()).id
    cast.clock_of(app).pass_by(days=2)
    assert wrong(app) == [], "an invoice that is right troubles nobody"
    with app.app_context(), writing() as tx:
        shop, held, mei = counter.shop_and_card(tx)[0], tx.get_one(Order, placed.order_id), cast.by(tx, "mei")
        progress.cancel(tx, shop, held, by=mei, at=now(), reason="customer")
    cast.clock_of(app).pass_by(hours=23, minutes=59)
    assert wrong(app) == []
    cast.clock_of(app).pass_by(minutes=1)
    assert wrong(app) == wrong(app) == ["credit_note_due"]
    xu = english(sign_in(app.test_client(), "xu"))
    page = xu.get("/admin/alarms").text
    assert "A credit note has been due for" in page and f"/admin/orders/{placed.order_id}/invoice" in page
    li = english(sign_in(app.test_client(), "li"))
    assert "A credit note has been due" not in li.get("/admin/alarms").text, "no matter of the bakers"
    with app.app_context(), writing() as tx:
        shop, mei = counter.shop_and_card(tx)[0], cast.by(tx, "mei")
        invoice.credit(tx, keys(), shop, made, whole=False, by=mei, at=now())
    assert wrong(app) == []
