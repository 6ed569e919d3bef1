"""Paying money back: who may, how much alone, what a second person signs, and where it goes."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, make_transient

from shop.core.actors import SYSTEM
from shop.core.errors import Conflict, Denied, Invalid, Missing
from shop.ledger.tables import Entry, Posting
from shop.orders import progress
from shop.orders.tables import Order
from shop.payments import refunds
from shop.payments.tables import Payment, Refund
from shop.upkeep.invariants import breaches
from tests import cast, counter
from tests.shop.payments.conftest import Counter
from web.database import reading, writing
from web.house import now


def handed_over(tx: Session) -> tuple[Order, Payment]:
    """A strawberry cake for 268, paid in cash and in the customer's hands."""
    placed = counter.order(tx)
    counter.make(tx, placed.order_id)
    shop, _ = counter.shop_and_card(tx)
    order = tx.get_one(Order, placed.order_id)
    progress.hand_over(tx, shop, order, by=cast.by(tx, "mei"), at=now(), pin=order.pin)
    return order, tx.scalars(select(Payment).where(Payment.order_id == order.id)).one()


def ask(tx: Session, amount: int, *, who: str = "mei", alone: bool = False) -> Refund:
    shop, _ = counter.shop_and_card(tx)
    payment = tx.scalars(select(Payment)).one()
    order = tx.get_one(Order, payment.order_id)
    return refunds.request(
        tx, shop, order, payment.id, amount, "Too sweet", alone=alone, by=cast.by(tx, who), at=now()
    )


def agree(tx: Session, refund: Refund, who: str, signed: str = "") -> Refund:
    shop, _ = counter.shop_and_card(tx)
    payment, order = tx.get_one(Payment, refund.payment_id), tx.get_one(Order, refund.order_id)
    signed = signed or refunds.content(refund, payment, order)
    return refunds.approve(tx, shop, refund.id, signed, by=cast.by(tx, who), at=now())


def balance(account: str) -> int:
    with reading() as session:
        return sum(session.scalars(select(Posting.amount).where(Posting.account.startswith(account))))


def test_a_clerk_asks_a_manager_agrees_and_the_drawer_pays(app_both: Flask) -> None:
    with app_both.app_context():
        with writing() as tx:
            handed_over(tx)
        assert (balance("deposits"), balance("revenue:")) == (0, -26800)
        with writing() as tx:
            refund = ask(tx, 5000)
            assert refund.state == "requested"
        assert balance("refunds-due") == 0, "nothing is owed before somebody has agreed"
        with writing() as tx:
            assert agree(tx, refund, "xu").state == "approved"
        assert (balance("refunds-due"), balance("revenue:")) == (-5000, -21800)
        with writing() as tx:
            shop, _ = counter.shop_and_card(tx)
            paid = refunds.pay_out(tx, shop, refund.id, by=cast.by(tx, "mei"), at=now())
            assert paid.state == "refunded" and paid.account.startswith("till:")
        assert (balance("refunds-due"), balance("till:")) == (0, 21800)
        with writing() as tx, pytest.raises(Conflict):
            refunds.pay_out(tx, shop, refund.id, by=cast.by(tx, "mei"), at=now())
        with reading() as session:
            assert breaches(session) == []


def test_nobody_agrees_to_their_own_and_the_owner_neither(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            handed_over(tx)
            mine, hers = ask(tx, 5000, who="xu"), ask(tx, 6000, who="chen")
        for refund, who in ((mine, "xu"), (hers, "chen")):
            with writing() as tx, pytest.raises(Denied):
                agree(tx, refund, who)
        with writing() as tx:
            assert agree(tx, hers, "xu").decided_by != hers.requested_by


def test_up_to_the_limit_a_manager_pays_back_alone_and_not_in_small_steps(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        order, _ = handed_over(tx)
        shop, _ = counter.shop_and_card(tx)
        shop.settings = {**shop.settings, "refund_limit": 8000}
        assert ask(tx, 5000, who="xu", alone=True).state == "approved"
        assert ask(tx, 3001, who="xu", alone=True).state == "requested", "together that is more than 80"
        assert ask(tx, 3000, who="xu", alone=True).state == "approved"
        assert ask(tx, 100).state == "requested", "a clerk never pays back alone"
        assert order.paid == 26800


def test_what_was_signed_is_what_was_seen(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            handed_over(tx)
            refund = ask(tx, 5000)
            seen = refunds.content(
                refund, tx.get_one(Payment, refund.payment_id), tx.get_one(Order, refund.order_id)
            )
        with writing() as tx:
            tx.get_one(Refund, refund.id).amount = 25000
        with writing() as tx, pytest.raises(Conflict):
            agree(tx, refund, "xu", seen)
        with writing() as tx, pytest.raises(Conflict):
            agree(tx, refund, "xu", "0" * 64)


def test_the_books_hold_what_was_signed_and_nobody_guesses_its_reason_from_that(app_both: Flask) -> None:
    with app_both.app_context():
        with writing() as tx:
            handed_over(tx)
            same = [ask(tx, 5000), ask(tx, 5000)]
        for refund in same:
            with writing() as tx:
                agree(tx, tx.get_one(Refund, refund.id), "xu")
        with reading() as session:
            rows = session.scalars(select(Refund).order_by(Refund.id)).all()
            entries = session.scalars(
                select(Entry).where(Entry.kind == "refund_approved").order_by(Entry.seq)
            ).all()
            assert [json.loads(entry.data)["signed"] for entry in entries] == [row.signed for row in rows]
            order, payment = (
                session.get_one(Order, rows[0].order_id),
                session.get_one(Payment, rows[0].payment_id),
            )
            for row in rows:
                assert refunds.content(row, payment, order) == row.signed, "with its salt it is proven"
                assert not any(row.salt in entry.data or row.reason in entry.data for entry in entries)
                make_transient(row)
                row.salt = ""
                assert refunds.content(row, payment, order) != row.signed, "and without it not"


def test_a_request_lapses_after_a_day(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            handed_over(tx)
            refund = ask(tx, 5000)
        counter.clock(app).pass_by(hours=24)
        with writing() as tx, pytest.raises(Conflict):
            assert refunds.may_decide(refund, by=cast.by(tx, "xu"), at=now() - timedelta(seconds=1))
            assert not refunds.may_decide(refund, by=cast.by(tx, "xu"), at=now()), (
                "nothing to agree to is offered"
            )
            agree(tx, refund, "xu")
        with writing() as tx:
            shop, _ = counter.shop_and_card(tx)
            assert refunds.lapse_due(tx, shop, at=now()) == 1
            assert refunds.lapse_due(tx, shop, at=now() + timedelta(days=1)) == 0
            assert ask(tx, 26800).state == "requested", "what lapsed is free again"


@pytest.mark.parametrize("who", ["mei", "xu", "lin", "chen"])
def test_who_asked_takes_it_back_and_who_may_agree_says_no_and_nobody_else(app_both: Flask, who: str) -> None:
    with app_both.app_context():
        with writing() as tx:
            handed_over(tx)
            refund = ask(tx, 5000)
        with writing() as tx:
            shop, _ = counter.shop_and_card(tx)
            for somebody in (cast.by(tx, "jie"), cast.by(tx, "li"), cast.by(tx, "zheng"), SYSTEM):
                with pytest.raises(Denied):
                    refunds.reject(tx, shop, refund.id, by=somebody, at=now())
            assert refunds.reject(tx, shop, refund.id, by=cast.by(tx, who), at=now()).state == "rejected"
            with pytest.raises(Conflict):
                refunds.reject(tx, shop, refund.id, by=cast.by(tx, who), at=now())
            assert ask(tx, 26800).state == "requested", "what was refused is free again"


@pytest.mark.parametrize(("amount", "field"), [(26801, "amount"), (0, "amount"), (-1, "amount")])
def test_never_more_than_was_paid(app: Flask, amount: int, field: str) -> None:
    with app.app_context(), writing() as tx:
        handed_over(tx)
        with pytest.raises(Invalid) as refused:
            ask(tx, amount)
        assert refused.value.field == field
        ask(tx, 20000)
        with pytest.raises(Invalid):
            ask(tx, 6801)


def test_an_order_that_is_not_over_is_cancelled_instead(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        counter.order(tx)
        with pytest.raises(Conflict):
            ask(tx, 100)
        shop, _ = counter.shop_and_card(tx)
        with pytest.raises(Missing):
            refunds.by_id(tx, shop, 99)


@pytest.mark.parametrize("method", ["alipay", "wechat"])
def test_money_paid_by_phone_goes_back_to_the_phone(shop_counter: Counter, method: str) -> None:
    order_id, payment = shop_counter.shown(method)
    shop_counter.phone_pays(payment)
    shop_counter.look(seconds=3)
    with writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        order = tx.get_one(Order, order_id)
        progress.cancel(tx, shop, order, by=cast.by(tx, "mei"), at=now(), reason="customer")
        (refund,) = tx.scalars(select(Refund))
        with pytest.raises(Conflict):
            refunds.pay_out(tx, shop, refund.id, by=cast.by(tx, "mei"), at=now())
    shop_counter.gateway.control.set({"away": "after", "drop": True})
    shop_counter.look()
    with reading() as session:
        assert session.get_one(Refund, refund.id).state == "unknown", "it was sent, and the answer got lost"
    shop_counter.gateway.control.set({"drop": True})
    shop_counter.look(minutes=3)
    with reading() as session:
        assert session.get_one(Refund, refund.id).state == "refunded"
    assert shop_counter.sent_back(payment) == 26800 and balance(f"psp:{method}") == 0
    assert shop_counter.books() == []


def test_the_terms_say_how_much_goes_back(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        shop.settings = {
            **shop.settings,
            "cancelling": {"steps": [[24, 100], [4, 80], [0, 50]], "started": 0},
        }
        placed = counter.order(tx, due_at=now() + timedelta(hours=6))
        shop.settings = {**shop.settings, "cancelling": {"steps": [[0, 100]], "started": 100}}
        order = tx.get_one(Order, placed.order_id)
        progress.cancel(tx, shop, order, by=cast.by(tx, "mei"), at=now(), reason="customer")
        assert [r.amount for r in tx.scalars(select(Refund))] == [21440], "the terms of when it was placed"
    with app.app_context():
        assert (balance("forfeit"), balance("refunds-due"), balance("deposits")) == (-5360, -21440, 0)
