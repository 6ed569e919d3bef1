"""Invoices: when there can be one, that it never changes, its number, and how it is taken back."""

from __future__ import annotations

import json
from datetime import timedelta
from hashlib import sha256

import pytest
from flask import Flask
from sqlalchemy import func, select

from shop.core.errors import Conflict, Invalid, Missing
from shop.documents import invoice
from shop.documents.due import all_due, due_of
from shop.documents.invoice import Buyer
from shop.documents.paper import Paper
from shop.documents.reading import paper_of
from shop.documents.receipt import receipt_of
from shop.documents.seller import Seller, change_seller
from shop.documents.tables import Document
from shop.ledger.tables import Entry, Posting
from shop.orders import progress, unfetched
from shop.orders.tables import Line, Order
from shop.payments import refunds
from shop.payments.tables import Payment
from shop.people.persons import erase
from shop.people.staff import Person
from shop.upkeep.invariants import breaches
from tests.cast import by, clock_of
from tests.slips import order, the_shop
from tests.tracking.states import order_in
from web.database import reading, writing
from web.house import keys, now

BUYER = Buyer("上海王小明餐饮有限公司", "91310000MA1FL2XX3K", "长宁路 1 号 3 楼")


def issued(app: Flask, order_id: int, buyer: Buyer = BUYER) -> Document:
    with app.app_context(), writing() as tx:
        made = invoice.issue(
            tx, keys(), the_shop(tx), tx.get_one(Order, order_id), buyer, by=by(tx, "mei"), at=now()
        )
        tx.flush()
        tx.expunge(made)
        return made


def credited(app: Flask, document_id: int, *, whole: bool = True) -> Document:
    with app.app_context(), writing() as tx:
        made = invoice.credit(tx, keys(), the_shop(tx), document_id, whole=whole, by=by(tx, "mei"), at=now())
        tx.flush()
        tx.expunge(made)
        return made


def read(app: Flask, document: Document, language: str = "en") -> Paper:
    with app.app_context(), reading() as session:
        found = session.get_one(Document, document.id)
        return paper_of(session, keys(), the_shop(session), found, language=language)


def sells_with_tax(app: Flask, rate: int | None = 1300) -> None:
    with app.app_context(), writing() as tx:
        seller = Seller("上海糖间食品有限公司", "91310000TAX", "", "招商银行 6225")
        change_seller(tx, the_shop(tx), seller, rate, by=by(tx, "chen"), at=now())


def sound(app: Flask) -> bool:
    with app.app_context(), reading() as session:
        assert breaches(session) == []
    return True


def amounts(paper: Paper) -> dict[str, str]:
    return {row.words: row.amount for part in paper.parts for row in part.rows}


def goodwill(app: Flask, order_id: int, amount: int) -> None:
    """Give some of the price back after the hand-over."""
    with app.app_context(), writing() as tx:
        payment = tx.scalars(select(Payment).where(Payment.order_id == order_id)).one()
        shop, held = the_shop(tx), tx.get_one(Order, order_id)
        refunds.request(tx, shop, held, payment.id, amount, "dry", alone=True, by=by(tx, "xu"), at=now())


def test_it_says_who_buys_who_sells_and_the_tax_in_it(app: Flask) -> None:
    sells_with_tax(app)
    made = issued(app, order_in(app, "confirmed").order_id)
    paper = read(app, made)
    assert (made.number, made.total, made.tax) == ("INV-2026-000001", 49600, 5706)
    assert paper.title == "Invoice" and paper.buyer == (
        "Invoice for", BUYER.name, f"Tax number {BUYER.tax_number}", BUYER.address,
    )  # fmt: skip
    assert "上海糖间食品有限公司" in paper.seller and "Tax number 91310000TAX" in paper.seller
    said = amounts(paper)
    assert (said["Total"], said["of which tax 13%"], said["without tax"]) == ("¥496.00", "¥57.06", "¥438.94")
    assert any("not a fapiao" in note for note in paper.notes)
    assert read(app, made, "zh_Hans").title == "账单" and read(app, made, "zh_Hant").title == "帳單"
    assert sound(app)


def test_without_a_rate_no_tax_is_named(app: Flask) -> None:
    made = issued(app, order_in(app, "confirmed").order_id)
    assert made.tax == 0 and not any("tax" in words for words in amounts(read(app, made)))


def test_the_books_keep_its_hash_and_no_name(app_both: Flask) -> None:
    made = issued(app_both, order_in(app_both, "confirmed").order_id)
    assert sha256(made.said.encode()).hexdigest() == made.doc_hash
    with app_both.app_context(), reading() as session:
        entry = session.scalars(select(Entry).where(Entry.kind == "invoice_issued")).one()
        assert (entry.doc_hash, entry.txid) == (made.doc_hash, made.txid)
        assert session.scalar(select(func.count()).where(Posting.seq == entry.seq)) == 0
        for kept in (entry.data, made.said):
            assert not any(secret in kept for secret in (BUYER.name, BUYER.tax_number, BUYER.address))
    assert sound(app_both)


def test_nothing_in_it_changes_with_the_order_the_shop_or_the_rate(app: Flask) -> None:
    sells_with_tax(app)
    placed = order_in(app, "confirmed")
    made = issued(app, placed.order_id)
    before = read(app, made)
    with app.app_context(), writing() as tx:
        for line in tx.scalars(select(Line).where(Line.order_id == placed.order_id)):
            line.names, line.total = {"en": "Something else"}, 1
        the_shop(tx).names = {"en": "Another shop"}
    clock_of(app).at += timedelta(days=1)
    sells_with_tax(app, rate=600)
    assert read(app, made) == before


@pytest.mark.parametrize(
    ("state", "why"),
    [("placed", "paid or handed over"), ("cancelled", "nothing to invoice"), ("expired", "nothing")],
)
def test_there_is_none_before_it_is_paid_or_when_it_is_over(app: Flask, state: str, why: str) -> None:
    placed = order_in(app, state)
    with pytest.raises(Conflict, match=why):
        issued(app, placed.order_id)
    assert sound(app)


@pytest.mark.parametrize(
    ("buyer", "field"),
    [(Buyer(" \t"), "buyer_name"), (Buyer("x" * 121), "buyer_name"), (Buyer("x", "1" * 121), "tax_number"),
     (Buyer("x", "", "y" * 121), "address"), (Buyer("x", "!!!not a tax <b>number</b>"), "tax_number"),
     (Buyer("x", "91310000MA1FL2"), "tax_number"), (Buyer("x", "9" * 21), "tax_number")],
)  # fmt: skip
def test_a_buyer_needs_a_name_and_a_tax_number_that_can_be_one(app: Flask, buyer: Buyer, field: str) -> None:
    placed = order_in(app, "confirmed")
    with pytest.raises(Invalid) as refused:
        issued(app, placed.order_id, buyer)
    assert refused.value.field == field
    assert issued(app, placed.order_id).number.endswith("000001"), "a refusal takes no number"


def test_numbers_follow_each_other_in_a_year_and_begin_anew_with_the_next(app: Flask) -> None:
    first = [issued(app, order_in(app, "confirmed").order_id).number for _ in range(3)]
    assert first == [f"INV-2026-00000{n}" for n in (1, 2, 3)]
    last = order_in(app, "confirmed")
    clock_of(app).at = clock_of(app).at.replace(month=12, day=31, hour=16, minute=1)  # 00:01 in Shanghai
    assert issued(app, last.order_id).number == "INV-2027-000001"
    assert sound(app)


def test_what_fails_in_the_middle_leaves_no_gap(app_both: Flask) -> None:
    one, other = order_in(app_both, "confirmed"), order_in(app_both, "confirmed")
    with app_both.app_context(), pytest.raises(ZeroDivisionError), writing() as tx:
        held = tx.get_one(Order, one.order_id)
        invoice.issue(tx, keys(), the_shop(tx), held, BUYER, by=by(tx, "mei"), at=now())
        raise ZeroDivisionError
    assert issued(app_both, other.order_id).number == "INV-2026-000001"
    assert sound(app_both)


def test_a_mistake_is_taken_back_by_a_credit_note_and_a_new_invoice(app_both: Flask) -> None:
    sells_with_tax(app_both)
    placed = order_in(app_both, "confirmed")
    wrong = issued(app_both, placed.order_id)
    with pytest.raises(Conflict, match="credit note"):
        issued(app_both, placed.order_id, Buyer("Right"))
    note = credited(app_both, wrong.id)
    assert (note.number, note.of_id, note.total, note.tax) == ("CN-2026-000001", wrong.id, 49600, 5706)
    paper = read(app_both, note)
    assert ("For invoice", wrong.number) in paper.facts and ("Reason", "correction") in paper.facts
    assert amounts(paper)["Total"] == "−¥496.00" and paper.buyer[1] == BUYER.name
    assert read(app_both, wrong).facts[:2] == (
        ("This invoice was taken back", ""), ("Credit note", "CN-2026-000001 · 2026-11-21 · −¥496.00"),
    )  # fmt: skip
    with pytest.raises(Conflict):
        credited(app_both, wrong.id)
    with pytest.raises(Conflict):
        credited(app_both, note.id)
    right = issued(app_both, placed.order_id, Buyer("Right"))
    assert (
        right.number == "INV-2026-000002"
        and json.loads(right.said)["buyer"] != json.loads(wrong.said)["buyer"]
    )
    assert sound(app_both)


def test_a_cancelled_order_needs_its_whole_invoice_back(app: Flask) -> None:
    placed = order_in(app, "confirmed")
    made = issued(app, placed.order_id)
    with app.app_context(), writing() as tx:
        held = tx.get_one(Order, placed.order_id)
        assert due_of(tx, held) is None
        progress.cancel(tx, the_shop(tx), held, by=by(tx, "mei"), at=now(), reason="customer")
    with app.app_context(), reading() as session:
        assert [(due.invoice.id, due.amount) for due in all_due(session, the_shop(session))] == [
            (made.id, 49600)
        ]
    note = credited(app, made.id, whole=False)
    assert json.loads(note.said)["reason"] == "cancelled"
    with app.app_context(), reading() as session:
        assert all_due(session, the_shop(session)) == []
    assert sound(app)


@pytest.mark.parametrize("how", ["disposed", "resold"])
def test_an_order_that_nobody_fetched_was_not_sold(app: Flask, how: str) -> None:
    placed = order_in(app, "no_show")
    made = issued(app, placed.order_id)
    with app.app_context(), writing() as tx:
        held = tx.get_one(Order, placed.order_id)
        assert due_of(tx, held) is None, "it may still be fetched"
        unfetched.give_up(tx, the_shop(tx), held, how, "Nobody came", second=by(tx, "chen"), by=by(tx, "xu"),
                          at=now())  # fmt: skip
    with app.app_context(), reading() as session:
        assert [due.amount for due in all_due(session, the_shop(session))] == [49600]
        paper = receipt_of(session, the_shop(session), session.get_one(Order, placed.order_id), language="en")
    assert ("This order was not fetched and is given up", "") in paper.facts
    assert "Still to be paid" not in amounts(paper)
    credited(app, made.id, whole=False)
    with pytest.raises(Conflict, match="nothing to invoice"):
        issued(app, placed.order_id)
    assert sound(app)


def test_what_goes_back_after_the_hand_over_is_taken_back_to_the_cent(app_both: Flask) -> None:
    sells_with_tax(app_both)
    placed = order_in(app_both, "handed_over")
    made = issued(app_both, placed.order_id)
    with pytest.raises(Conflict):
        credited(app_both, made.id, whole=False)
    goodwill(app_both, placed.order_id, 9999)
    first = credited(app_both, made.id, whole=False)
    assert (first.total, first.tax) == (9999, 1150)
    with pytest.raises(Conflict):
        credited(app_both, made.id, whole=False)
    rest = credited(app_both, made.id)
    assert (first.total + rest.total, first.tax + rest.tax) == (made.total, made.tax)
    again = issued(app_both, placed.order_id)
    assert again.total == 49600 - 9999 and amounts(read(app_both, again))["Given back later"] == "−¥99.99"
    assert sound(app_both)


def test_an_erased_buyer_leaves_the_numbers_and_the_hash(app: Flask) -> None:
    made = issued(app, order_in(app, "confirmed").order_id)
    with app.app_context(), writing() as tx:
        erase(tx, tx.get_one(Person, made.buyer_id), by(tx, "chen"), now())
    paper = read(app, made)
    assert (
        paper.buyer == ("Invoice for", "(the buyer's data was erased)")
        and amounts(paper)["Total"] == "¥496.00"
    )
    assert json.loads(credited(app, made.id).said)["buyer"] == json.loads(made.said)["buyer"]
    assert sound(app)


def test_another_shops_document_is_not_here(app: Flask) -> None:
    made = issued(app, order_in(app, "confirmed").order_id)
    with app.app_context(), reading() as session:
        shop = the_shop(session)
        session.expunge(shop)
        shop.id += 1
        with pytest.raises(Missing):
            invoice.by_id(session, shop, made.id)


def test_a_changed_document_is_found(app: Flask) -> None:
    made = issued(app, order_in(app, "confirmed").order_id)
    with app.app_context(), writing() as tx:
        tx.get_one(Document, made.id).doc_hash = "0" * 64
    with app.app_context(), reading() as session:
        assert any("what was issued" in breach for breach in breaches(session))


def test_an_order_of_the_kiosk_can_be_asked_for_by_its_state(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        held = tx.get_one(Order, order(tx).order_id)
        assert "paid or handed over" in invoice.why_not(tx, held)
