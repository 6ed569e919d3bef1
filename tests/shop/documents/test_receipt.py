"""The receipt: what was bought and paid, which entries of the books say so, and nobody's name."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from shop.documents.paper import Paper, Row, RowKind
from shop.documents.receipt import receipt_of
from shop.documents.words import price
from shop.ledger.tables import Entry
from shop.orders import progress
from shop.orders.tables import Order
from shop.payments import refunds
from shop.payments.counter import take
from shop.payments.rules import Terms, change_rules
from shop.payments.tables import Payment
from tests.cast import by, clock_of
from tests.slips import canaries_in, order, the_shop, two_cakes
from tests.tracking.states import order_in
from web.database import reading, writing
from web.house import now


def receipt(app: Flask, order_id: int, language: str = "en") -> Paper:
    with app.app_context(), reading() as session:
        return receipt_of(session, the_shop(session), session.get_one(Order, order_id), language=language)


def rows(paper: Paper, kind: RowKind | None = None) -> list[Row]:
    return [row for part in paper.parts for row in part.rows if kind in (None, row.kind)]


def test_it_says_what_was_bought_paid_and_that_nothing_is_due(app: Flask) -> None:
    placed = order_in(app, "handed_over")
    made = receipt(app, placed.order_id)
    assert made.title == "Receipt" and made.number == placed.number
    assert [(row.words, row.amount) for row in rows(made, RowKind.ITEM)] == [
        ("Strawberry cream 8 inch", "¥288.00"), ("Matcha red bean 6 inch", "¥208.00"),
    ]  # fmt: skip
    assert any(
        "No sucrose" in row.words or "sucrose" in row.words.lower() for row in rows(made, RowKind.PART)
    )
    assert [(r.words, r.amount) for r in rows(made, RowKind.TOTAL)] == [("Total", "¥496.00")]
    paid, due = rows(made, RowKind.SUM)
    assert paid.words.startswith("Paid Cash · 2026-11-") and paid.amount == "¥496.00"
    assert (due.words, due.amount) == ("Nothing is due", "¥0.00")
    assert made.seller[0] and made.facts[0] == ("Order", placed.number)


def test_an_option_with_a_surcharge_is_said_once(app: Flask) -> None:
    made = receipt(app, order_in(app, "confirmed").order_id)
    assert [row.words for row in rows(made, RowKind.PART)].count("No sucrose") == 1
    assert Row("6 candles", kind=RowKind.PART) in rows(made)


def test_its_surcharges_add_up_to_what_a_cake_costs(app: Flask) -> None:
    placed = order_in(app, "confirmed")
    parts = [row.amount for row in rows(receipt(app, placed.order_id), RowKind.PART) if row.amount]
    assert parts == ["¥268.00", "¥20.00"]


@pytest.mark.parametrize("language", ["en", "zh_Hans", "zh_Hant"])
def test_no_customer_is_on_it(app: Flask, language: str) -> None:
    made = receipt(app, order_in(app, "handed_over").order_id, language)
    assert canaries_in(repr(made)) == []
    assert made.language == language


def test_it_carries_the_entry_of_the_books_that_says_so(app: Flask) -> None:
    placed = order_in(app, "confirmed")
    made = receipt(app, placed.order_id)
    with app.app_context(), reading() as session:
        payment = session.scalars(select(Payment).where(Payment.order_id == placed.order_id)).one()
        entry = session.scalars(select(Entry).where(Entry.txid == payment.txid)).one()
    assert made.notes[0] == f"Books, entry {entry.seq}: {entry.leaf_hash[:16]}"


def test_a_deposit_and_its_balance_are_called_so(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        rule = {"above": 30000, "percent": 30}
        shop = the_shop(tx)
        change_rules(tx, shop, deposit=rule, terms=Terms(), limit=30000, by=by(tx, "chen"), at=now())
    with app.app_context(), writing() as tx:
        placed = order(tx)
        held = tx.get_one(Order, placed.order_id)
        take(tx, the_shop(tx), held, "cash", amount=14880, tendered=20000, by=by(tx, "mei"), at=now())
    first = receipt(app, placed.order_id)
    deposit = next(row for row in rows(first) if row.words.startswith("Deposit Cash"))
    assert deposit.amount == "¥148.80"
    assert any(row.words == "given ¥200.00, change ¥51.20" for row in rows(first, RowKind.PART))
    assert ("Still to be paid", "¥347.20") in [(r.words, r.amount) for r in rows(first, RowKind.TOTAL)]
    clock_of(app).at += timedelta(hours=1)
    with app.app_context(), writing() as tx:
        held = tx.get_one(Order, placed.order_id)
        take(tx, the_shop(tx), held, "card", amount=34720, reference="8817", by=by(tx, "mei"), at=now())
    whole = receipt(app, placed.order_id)
    assert any(
        row.words.startswith("Balance Card · ") and row.words.endswith("no. 8817") for row in rows(whole)
    )
    assert whole.made_at > first.made_at and len(whole.notes) == 3


def test_what_goes_back_stands_on_it_before_and_after_it_is_paid(app: Flask) -> None:
    placed = order_in(app, "cancelled")
    assert ("Goes back to you · Cash", "−¥496.00") in [
        (r.words, r.amount) for r in rows(receipt(app, placed.order_id))
    ]
    with app.app_context(), writing() as tx:
        refund = tx.scalars(select(refunds.Refund).where(refunds.Refund.order_id == placed.order_id)).one()
        refunds.pay_out(tx, the_shop(tx), refund.id, reference="", till=None, by=by(tx, "mei"), at=now())
    made = receipt(app, placed.order_id)
    assert any(r.words.startswith("Paid back · Cash · 2026-") for r in rows(made, RowKind.SUM))
    assert ("This order was cancelled", "") in made.facts and len(made.notes) == 3


def test_an_order_that_nobody_paid_has_no_witness_and_says_what_is_due(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        placed = order(tx, two_cakes())
    made = receipt(app, placed.order_id)
    assert made.notes == () and rows(made, RowKind.TOTAL)[-1].words == "Still to be paid"


def test_the_same_order_makes_the_same_receipt_until_its_money_moves(app: Flask) -> None:
    placed = order_in(app, "ready")
    first = receipt(app, placed.order_id)
    clock_of(app).at += timedelta(hours=3)
    assert receipt(app, placed.order_id) == first
    with app.app_context(), writing() as tx:
        held = tx.get_one(Order, placed.order_id)
        progress.hand_over(tx, the_shop(tx), held, by=by(tx, "mei"), at=now(), pin=held.pin)
    assert receipt(app, placed.order_id) != first


def test_amounts_are_written_with_both_digits() -> None:
    assert [price(a, "CNY") for a in (26800, 5, -50, 0, 123456789)] == [
        "¥268.00", "¥0.05", "−¥0.50", "¥0.00", "¥1,234,567.89",
    ]  # fmt: skip
