"""What a person does about lines that nobody could match, and what reminds them."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from sqlalchemy import update

from shop.core.errors import Conflict, Denied, Invalid, Missing
from shop.payments import reconciliation
from shop.payments.bill_tables import BilledLine
from shop.payments.tables import Payment
from tests import cast, counter
from tests.shop.payments import billing
from tests.shop.payments.billing import balance, bring, paid, standing
from tests.shop.payments.conftest import Counter
from web.database import reading, writing
from web.house import now


def explain(line_id: int, note: str, login: str = "xu", attach: int = 0) -> None:
    with writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        who = cast.by(tx, login)
        if attach:
            reconciliation.attach(tx, shop, line_id, attach, note, by=who, at=now())
        else:
            reconciliation.explain(tx, shop, line_id, note, by=who, at=now())


def figures() -> tuple[int, int, int]:
    """Unexplained money, lines that wait too long, bills that should be here."""
    with reading() as session:
        shop, _ = counter.shop_and_card(session)
        return (
            reconciliation.unexplained(session, shop),
            sum(n for _, n in reconciliation.waiting_long(session, shop, at=now())),
            len(reconciliation.bills_missing(session, shop, at=now())),
        )


def one_open(shop: Counter) -> tuple[int, int]:
    """A bill in which a payment stands under another number; returns the line's id and the payment's."""
    payment, day = paid(shop), billing.today()
    _, (line,) = billing.bill_of(shop, "alipay", day)
    bring("alipay", day, [replace(line, attempt="typed-by-hand")])
    (unknown,) = (line for line in billing.lines() if line.standing == "unknown_to_us")
    return unknown.id, payment


def test_every_cent_is_matched_or_explained(shop_counter: Counter) -> None:
    paid(shop_counter)
    bring("alipay", billing.today(), [])
    (line,) = billing.lines()
    assert figures() == (26800, 0, 0)
    billing.next_morning(23)
    assert figures()[1] == 0
    billing.next_morning(2)
    assert figures()[:2] == (26800, 1), "a day has gone by"
    explain(line.id, " asked Alipay, it comes with the next bill ")
    assert figures()[:2] == (0, 0)
    (line,) = billing.lines()
    (entry,) = billing.entries("bill_line_explained")
    assert entry.doc_hash == hashlib.sha256((line.salt + line.note).encode()).hexdigest()
    assert line.note == "asked Alipay, it comes with the next bill" and line.note not in entry.data
    assert shop_counter.books() == []


def test_a_line_is_explained_once_with_a_reason_and_not_by_who_had_the_money(shop_counter: Counter) -> None:
    payment = paid(shop_counter)
    bring("alipay", billing.today(), [])
    (line,) = billing.lines()
    with writing() as tx:
        tx.execute(update(Payment).where(Payment.id == payment).values(taken_by=cast.by(tx, "xu").id))
    with pytest.raises(Denied):
        explain(line.id, "it is all right")
    for note in ("", " no ", "x" * 201):
        with pytest.raises(Invalid) as refused:
            explain(line.id, note, "chen")
        assert refused.value.field == "note"
    with pytest.raises(Missing):
        explain(line.id + 1, "it is all right", "chen")
    assert figures()[0] == 26800
    explain(line.id, "it is all right", "chen")
    with pytest.raises(Conflict):
        explain(line.id, "once more", "chen")


def test_who_gave_money_back_does_not_explain_the_refund(shop_counter: Counter) -> None:
    payment, day = paid(shop_counter), billing.today()
    billing.cancelled(shop_counter, payment)
    _, lines = billing.bill_of(shop_counter, "alipay", day)
    bring("alipay", day, [line for line in lines if line.kind == "payment"])
    (missing,) = (line for line in billing.lines() if line.standing == "missing_at_provider")
    assert missing.kind == "refund" and missing.gap == 26800
    with pytest.raises(Denied):
        explain(missing.id, "it will come", "xu")
    explain(missing.id, "it will come", "chen")


def test_a_line_is_attached_to_the_payment_it_stands_for(shop_counter: Counter) -> None:
    line, payment = one_open(shop_counter)
    assert figures()[0] == 2 * 26800, "a line without a payment, a payment without a line"
    with reading() as session:
        there = session.get_one(BilledLine, line)
        assert [p.id for p in reconciliation.could_be(session, there)] == [payment]
    explain(line, "typed into the terminal by hand", attach=payment)
    assert standing() == {"matched": 1, "found_later": 1} and figures()[0] == 0
    assert shop_counter.payment(payment).state == "settled" and balance("psp") == 0
    assert len(billing.entries("bill_line_attached")) == 1 and shop_counter.books() == []


def test_a_line_is_not_attached_to_what_it_cannot_be(shop_counter: Counter) -> None:
    line, payment = one_open(shop_counter)
    settled = paid(shop_counter)
    bring("alipay", billing.today(), [
        line for line in billing.bill_of(shop_counter, "alipay", billing.today())[1]
        if line.attempt == shop_counter.payment(settled).attempt
    ], b"another")  # fmt: skip
    other_method = paid(shop_counter, "wechat")
    for wrong in (settled, other_method, 999):
        with pytest.raises(Invalid) as refused:
            explain(line, "this one", attach=wrong)
        assert refused.value.field == "payment"
    with writing() as tx:
        tx.execute(update(Payment).where(Payment.id == payment).values(taken_by=cast.by(tx, "xu").id))
    with pytest.raises(Denied):
        explain(line, "this one", attach=payment)
    assert (
        shop_counter.payment(payment).state == "captured" and len(billing.entries("bill_line_attached")) == 0
    )


def test_a_bill_that_does_not_come_is_a_reminder(shop_counter: Counter) -> None:
    paid(shop_counter)
    day = billing.today()
    lines = billing.bill_of(shop_counter, "alipay", day)[1]
    billing.next_morning(25)
    assert figures()[2] == 0, "it is due, but not late"
    billing.next_morning(24)
    assert figures()[2] == 1
    bring("alipay", day, lines)
    assert figures() == (0, 0, 0)


def test_a_bill_of_another_shop_is_not_here(shop_counter: Counter) -> None:
    bill = bring("alipay", billing.today(), [])
    with reading() as session:
        shop, _ = counter.shop_and_card(session)
        assert reconciliation.find_bill(session, shop, bill.id).id == bill.id
        with pytest.raises(Missing):
            reconciliation.find_bill(session, shop, bill.id + 1)
