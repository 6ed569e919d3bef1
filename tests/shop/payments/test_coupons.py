"""Coupons: what they take off, every reason why one does not apply, and that none is used more often than it may be."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select

from shop.core.actors import CUSTOMER
from shop.core.errors import Invalid
from shop.core.events import Event
from shop.orders import progress
from shop.orders.cart import Cart, CartLine
from shop.orders.changing import change_line
from shop.orders.placing import place
from shop.orders.tables import Line, Order
from shop.payments import coupons
from shop.payments.counter import take
from shop.payments.coupons import Limits, Used
from shop.payments.discount_tables import Discount
from shop.upkeep.invariants import breaches
from tests import cast, counter
from tests.admin.office import english
from tests.shop.orders.test_races import CUSTOMERS, ROUNDS, all_at_once, forget_orders
from tests.shop.payments.couponing import PHONE, make, order
from tests.shop.payments.repricing import CHEAPER, DEARER, change, pay
from web.database import reading, writing
from web.house import keys, now


@pytest.mark.parametrize(
    ("rule", "off"),
    [
        ({"percent": 20}, 5360),
        ({"percent": 20, "most": 3000}, 3000),
        ({"fixed": 5000}, 5000),
        ({"fixed": 99900}, 26800),
        ({"percent": 33}, 8844),
        ({"percent": 20, "least": 26800}, 5360),
        ({"percent": 20, "products": ["strawberry-cream"], "inches": [8]}, 5360),
    ],
)
def test_what_a_coupon_takes_off(app: Flask, rule: dict[str, Any], off: int) -> None:
    with app.app_context():
        with writing() as tx:
            make(tx, **rule)
            made = order(tx, " birthday ")
            assert (made.discount, made.total) == (off, 26800 - off)
            assert made.state == ("placed" if made.total else "confirmed"), (
                "a free cake has nothing to wait for"
            )
        with reading() as session:
            (event,) = session.scalars(select(Event).where(Event.kind == "coupon_redeemed"))
            assert (event.data["coupon"], event.data["amount"]) == ("BIRTHDAY", off)
            assert breaches(session) == []


TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("code", "limits", "sentence"),
    [
        ("NOSUCH", {}, "do not know this coupon"),
        ("BIRTHDAY", {"active": False}, "no longer valid"),
        ("BIRTHDAY", {"begins": TODAY + timedelta(days=1)}, "valid from 2026-11-22"),
        ("BIRTHDAY", {"ends": TODAY - timedelta(days=1), "days_ago": 1}, "valid until 2026-11-20"),
        ("BIRTHDAY", {"least": 26801}, "for cakes from"),
        ("BIRTHDAY", {"products": ["oreo"]}, "other cakes or sizes"),
        ("BIRTHDAY", {"inches": [6]}, "other cakes or sizes"),
        ("BIRTHDAY", {"budget": 5359}, "used up"),
    ],
)
def test_why_a_coupon_does_not_apply(app: Flask, code: str, limits: dict[str, Any], sentence: str) -> None:
    with app.app_context(), writing() as tx:
        make(tx, **limits)
        with pytest.raises(Invalid, match=sentence) as refused:
            order(tx, code)
        assert refused.value.field == "coupon"
        assert tx.scalars(select(Order)).all() == []


def test_it_is_valid_on_its_first_and_on_its_last_day(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        make(tx, begins=TODAY, ends=TODAY)
        assert order(tx).discount == 5360


def test_what_is_easily_confused_is_the_same_code_and_cannot_be_made_twice(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        make(tx, code="OIL-2026")
        assert order(tx, "0112026").discount == 5360
        with pytest.raises(Invalid) as refused:
            make(tx, code="o1l 2026")
        assert refused.value.field == "code"
        made = make(tx, code="")
        assert len(made.code) == 8 and not set(made.code) & set("OILU")


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({"code": "AB"}, "code"),
        ({"code": "生日快乐"}, "code"),
        ({"percent": 101}, "percent"),
        ({"percent": 5, "fixed": 5}, "fixed"),
        ({"most": -1}, "most"),
        ({"least": -1}, "least"),
        ({"products": ["bread"]}, "products"),
        ({"uses": -1}, "uses"),
        ({"uses_each": -1}, "uses_each"),
        ({"budget": -1}, "budget"),
        ({"begins": TODAY, "ends": TODAY - timedelta(days=1)}, "ends"),
    ],
)
def test_a_coupon_that_makes_no_sense_names_its_field(app: Flask, rule: dict[str, Any], field: str) -> None:
    with app.app_context(), writing() as tx:
        with pytest.raises(Invalid) as refused:
            make(tx, **rule)
        assert refused.value.field == field


def test_an_order_that_is_cancelled_or_runs_out_gives_its_use_back(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            coupon = make(tx, uses=1)
            shop, _ = counter.shop_and_card(tx)
            first = order(tx)
            with pytest.raises(Invalid, match="used up"):
                order(tx)
            progress.cancel(tx, shop, first, by=cast.by(tx, "mei"), at=now(), reason="twice")
            assert coupons.used(tx, coupon) == Used()
            order(tx)
            assert coupons.used(tx, coupon) == Used(1, 5360)
        counter.clock(app).pass_by(minutes=21)
        with writing() as tx:
            assert progress.expire_unpaid(tx, shop, at=now()) == 1
            last = order(tx)
            take(
                tx,
                shop,
                last,
                "cash",
                amount=last.total,
                tendered=last.total,
                by=cast.by(tx, "mei"),
                at=now(),
            )
            assert coupons.all_used(tx, shop) == {coupon.id: Used(1, 5360)}
        with reading() as session:
            assert breaches(session) == []


def test_each_phone_number_counts_for_itself_where_it_is_known(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        make(tx, uses_each=1)
        order(tx, phone=PHONE)
        with pytest.raises(Invalid, match="this phone number already"):
            order(tx, phone="+86 138 1234 5678")
        assert order(tx, phone="13987654321").discount and order(tx).discount


def test_a_changed_coupon_keeps_what_it_takes_off(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        coupon = make(tx)
        held = order(tx)
        coupons.change(tx, shop, coupon.id, names={"en": "Birthday month"}, limits=Limits(active=False),
                       by=cast.by(tx, "xu"), at=now())  # fmt: skip
        assert (coupon.percent, held.total) == (20, 21440)
        with pytest.raises(Invalid, match="no longer valid"):
            order(tx)


def test_an_order_that_gets_dearer_takes_no_more_than_the_coupon_has_left(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            shop, card = counter.shop_and_card(tx)
            make(tx, budget=5500)
            held = order(tx)
            line = tx.scalars(select(Line.id).where(Line.order_id == held.id)).one()
            change_line(
                tx, shop, card, held, line, options={"sweetness": "no-sucrose"}, by=CUSTOMER, at=now()
            )
            assert (held.discount, held.total) == (5500, 28800 - 5500), "20 percent would be 57.60"
        with reading() as session:
            assert breaches(session) == []


def test_below_the_price_it_begins_at_a_coupon_takes_nothing_off_an_order_that_changed(
    app_both: Flask,
) -> None:
    """It stays with its order, and takes off again when that is dear enough once more."""
    with app_both.app_context():
        with writing() as tx:
            coupon = make(tx, least=28000, uses=1)
            held = order(tx, options=DEARER)
            assert (held.total, held.discount) == (28800 - 5760, 5760)
            change(tx, held, CHEAPER)
            assert (held.total, held.discount, held.deposit) == (26800, 0, 26800)
            assert coupons.used(tx, coupon) == Used(1, 0)
            with pytest.raises(Invalid, match="used up"):
                order(tx, options=DEARER)
            change(tx, held, DEARER)
            assert (held.total, held.discount) == (28800 - 5760, 5760)
        with reading() as session:
            assert breaches(session) == []


def test_who_paid_with_a_coupon_owes_the_rest_where_it_takes_nothing_off_any_more(
    app: Flask, sign_in
) -> None:
    with app.app_context(), writing() as tx:
        make(tx, least=28000)
        held = order(tx, options=DEARER)
        pay(tx, held, held.total)
        change(tx, held, CHEAPER)
        assert (held.state, held.paid, held.balance) == ("confirmed", 23040, 3760)
    mei = english(sign_in(app.test_client(), "mei"))
    assert "This coupon is for cakes from ¥280 on." in mei.get(f"/admin/orders/{held.id}").text


def rush(app: Flask, code: str) -> list[BaseException]:
    """Fifty customers place an order with the same coupon at once; returns what went wrong."""
    with reading() as session:
        shop, card = counter.shop_and_card(session)

    def buy(n: int) -> None:
        what = Cart(lines=[CartLine("strawberry-cream", 8)], coupon=code)
        what.due_at = now() + timedelta(days=1 + n // 10, hours=2 + n % 10)
        with writing() as tx:
            place(tx, keys(), shop, card, what, channel="kiosk", by=CUSTOMER, at=now())

    return all_at_once(app, buy)


@pytest.mark.xdist_group("alone")
def test_of_fifty_at_once_as_many_use_a_coupon_as_it_allows(app_both: Flask) -> None:
    with app_both.app_context():
        with writing() as tx:
            coupon = make(tx, uses=7, budget=7 * 5360)
        for _ in range(ROUNDS):
            with writing() as tx:
                tx.execute(delete(Discount))
                forget_orders(tx)
            wrong = rush(app_both, coupon.code)
            assert all(isinstance(error, Invalid) for error in wrong) and len(wrong) == CUSTOMERS - 7, wrong
            with reading() as session:
                assert coupons.used(session, coupon) == Used(7, 7 * 5360)


@pytest.mark.xdist_group("alone")
def test_counted_outside_the_transaction_a_coupon_would_be_oversold(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Teeth: let everybody believe what was used before the rush."""
    with app.app_context():
        with writing() as tx:
            coupon = make(tx, uses=7)
        monkeypatch.setattr(coupons, "used", lambda *args, **kwargs: Used())
        assert rush(app, coupon.code) == []
        monkeypatch.undo()
        with reading() as session:
            assert coupons.used(session, coupon).times == CUSTOMERS
