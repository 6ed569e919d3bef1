"""A platform's order of which some was paid here: what goes back where, what is kept, and what its receipt says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shop.documents.receipt import receipt_of
from shop.ledger.tables import Entry, Posting
from shop.orders import progress, unfetched
from shop.orders.tables import Order
from shop.payments import books
from shop.payments.counter import take
from shop.payments.forward import bring_forward
from shop.payments.rules import Step, Terms, change_rules
from shop.payments.tables import Payment, Refund
from shop.people.shops import Shop
from tests import cast, counter
from tests.shop.payments.repricing import DEARER, change
from web.database import reading, writing
from web.house import now


def from_a_platform(tx: Session, percent: int, account: str = "") -> Order:
    """A platform's order of 268, changed to 288 and paid up here, at the till unless told otherwise.

    Its terms give ``percent`` back.
    """
    shop, _ = counter.shop_and_card(tx)
    terms = Terms((Step(0, percent),), percent)
    change_rules(tx, shop, deposit=None, terms=terms, limit=30000, by=cast.by(tx, "chen"), at=now())
    order = tx.get_one(Order, counter.order(tx, channel="meituan", prepaid=True).order_id)
    change(tx, order, DEARER)
    assert (order.state, order.paid, order.balance) == ("confirmed", 26800, 2000)
    mei = cast.by(tx, "mei")
    take(tx, shop, order, "cash", amount=2000, tendered=2000, account=account, by=mei, at=now())
    return order


def held(*accounts: str) -> dict[str, int]:
    """What stands on accounts, minor units."""
    with reading() as session:
        return {
            name: session.scalar(select(func.coalesce(func.sum(Posting.amount), 0)).where(Posting.account == name))
            for name in accounts
        }  # fmt: skip


@pytest.mark.parametrize(
    ("percent", "cash", "there", "kept"),
    [(100, 2000, 26800, 0), (80, 2000, 21040, 5760), (5, 1440, 0, 27360), (0, 0, 0, 28800)],
)
def test_a_platforms_money_goes_back_by_the_terms_when_some_was_paid_here(
    shop_both: Flask, percent: int, cash: int, there: int, kept: int
) -> None:
    """What came last goes back first; the platform pays the rest back, and is owed so much less."""
    with writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        order = from_a_platform(tx, percent)
        progress.cancel(tx, shop, order, by=cast.by(tx, "mei"), at=now(), reason="ill")
        assert sum(tx.scalars(select(Refund.amount))) == cash
    assert held("refunds-due", "receivable:meituan", "forfeit", "deposits") == {
        "refunds-due": -cash, "receivable:meituan": 26800 - there, "forfeit": -kept, "deposits": 0,
    }  # fmt: skip


def test_a_cake_of_a_platform_that_nobody_fetched_is_settled_the_same(shop_both: Flask) -> None:
    with writing() as tx:
        order = from_a_platform(tx, 80)
        counter.make(tx, order.id)
        due = order.due_at
    counter.clock(shop_both).at = due + timedelta(hours=2)
    with writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        row, xu = tx.get_one(Order, order.id), cast.by(tx, "xu")
        unfetched.mark(tx, shop, row, by=xu, at=now())
        assert unfetched.give_up(tx, shop, row, "disposed", "stale", by=xu, at=now()) == 23040
    assert held("receivable:meituan", "forfeit") == {"receivable:meituan": 5760, "forfeit": -5760}


def test_what_was_paid_before_there_were_books_is_brought_in_from_both(
    shop_both: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing() as tx:
        with monkeypatch.context() as before:
            for kind in ("prepaid", "captured"):
                before.setattr(books, kind, lambda *_, **__: None)
            from_a_platform(tx, 100, "safe")
        tx.execute(update(Payment).values(txid=None, account=""))
    assert held("receivable:meituan", "deposits") == {"receivable:meituan": 0, "deposits": 0}
    with writing() as tx:
        assert bring_forward(tx, tx.get_one(Shop, 1)) == 2
    assert held("receivable:meituan", "safe", "deposits") == {
        "receivable:meituan": 26800, "safe": 2000, "deposits": -28800,
    }  # fmt: skip


def test_the_receipt_tells_what_the_platform_has_and_what_was_paid_here(shop_both: Flask) -> None:
    with writing() as tx:
        order = from_a_platform(tx, 100)
    with reading() as session:
        shop, _ = counter.shop_and_card(session)
        paper = receipt_of(session, shop, session.get_one(Order, order.id), language="en")
        entries = session.scalars(select(Entry).where(Entry.kind == "payment_captured").order_by(Entry.seq))
        assert paper.notes[:-1] == tuple(f"Books, entry {e.seq}: {e.leaf_hash[:16]}" for e in entries)
    paid = [(row.words.partition(" \u00b7 ")[0], row.amount) for row in paper.parts[1].rows]
    assert paid == [
        ("Paid on the platform", "¥268.00"),
        ("Balance Cash", "¥20.00"),
        ("Nothing is due", "¥0.00"),
    ]
    assert len(paper.notes) == 3
