"""What was written wrongly about a line of a bill: put right by two people, with entries of its own."""

from __future__ import annotations

import json
from contextvars import Context
from dataclasses import replace

import pytest
from flask import Flask

from shop.core.errors import Conflict, Denied, Invalid, Missing
from shop.payments import bill_corrections, reconciliation
from shop.payments.bill_tables import BillCorrection, BilledLine
from shop.payments.tables import Payment
from tests import cast, counter
from tests.admin.office import english, post
from tests.shop.payments import billing
from tests.shop.payments.billing import balance, bring, paid, standing
from tests.shop.payments.conftest import Counter
from tests.shop.payments.test_reconciliation import explain, one_open
from web.database import reading, writing
from web.house import now


def ask_fee(line: int, fee: int, who: str = "xu", reason: str = "the bank got less") -> int:
    with writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        return bill_corrections.ask_fee(tx, shop, line, fee, reason, by=cast.by(tx, who), at=now()).id


def ask_reopen(line: int, who: str = "xu", reason: str = "it was another payment") -> int:
    with writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        return bill_corrections.ask_reopen(tx, shop, line, reason, by=cast.by(tx, who), at=now()).id


def decide(correction: int, who: str = "chen", agreed: bool = True, seen: str = "") -> BillCorrection:
    with writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        row = tx.get(BillCorrection, correction)
        seen = seen or (bill_corrections.seal_of(row) if row else "")
        return bill_corrections.decide(
            tx, shop, correction, agreed=agreed, seen=seen, by=cast.by(tx, who), at=now()
        )


def offered(correction: int, who: str) -> bool:
    """Whether the page offers this person to decide."""
    with reading() as session:
        row = session.get_one(BillCorrection, correction)
        line = session.get_one(BilledLine, row.line_id)
        return bill_corrections.may_decide(session, row, line, by=cast.by(session, who), at=now())


def settled(shop: Counter) -> int:
    """A payment that is matched and settled; returns the line's id."""
    paid(shop)
    bring("alipay", billing.today(), billing.bill_of(shop, "alipay", billing.today())[1])
    (line,) = billing.lines()
    assert line.standing == "matched"
    return line.id


def fee(line: int) -> int:
    with reading() as session:
        (row,) = (each for each in billing.lines() if each.id == line)
        return bill_corrections.fee_of(row, bill_corrections.corrections_of(session, [line]))


def test_a_wrong_fee_is_put_right_by_its_difference(shop_counter: Counter) -> None:
    line = settled(shop_counter)
    was, bank = fee(line), balance("bank")
    correction = ask_fee(line, was + 39)
    assert (balance("bank"), fee(line)) == (bank, was), "nothing moves before somebody has agreed"
    decide(correction)
    assert (balance("bank"), balance("fee:alipay"), fee(line)) == (bank - 39, was + 39, was + 39)
    assert billing.lines()[0].fee == was, "what was written stays"
    (entry,) = billing.entries("corrected")
    (settling,) = billing.entries("payments_settled")
    assert json.loads(entry.data)["of"] == settling.txid and shop_counter.books() == []
    decide(ask_fee(line, was))
    assert (balance("bank"), fee(line)) == (bank, was) and shop_counter.books() == []


def test_a_line_that_was_attached_wrongly_waits_again(shop_counter: Counter) -> None:
    line, payment = one_open(shop_counter)
    explain(line, "typed by hand", attach=payment)
    bank, (settling,) = balance("bank"), billing.entries("payments_settled")
    assert bank and shop_counter.payment(payment).state == "settled"
    decide(ask_fee(line, fee(line) + 5))
    row = decide(ask_reopen(line))
    assert (balance("bank"), balance("fee"), balance("psp")) == (0, 0, 26800)
    assert shop_counter.payment(payment).state == "captured"
    assert standing() == {"unknown_to_us": 1, "missing_at_provider": 1}
    assert (row.was["note"], row.settled_by) == ("typed by hand", settling.txid)
    assert shop_counter.books() == []
    explain(line, "now it is right", "chen", attach=payment)
    assert (balance("bank"), balance("psp")) == (bank, 0) and shop_counter.books() == []
    assert fee(line) == next(each.fee for each in billing.lines() if each.id == line), "settled anew"


def test_a_line_that_was_only_explained_waits_again(shop_counter: Counter) -> None:
    paid(shop_counter)
    bring("alipay", billing.today(), [])
    (line,) = billing.lines()
    explain(line.id, "it will come")
    row = decide(ask_reopen(line.id))
    (line,) = billing.lines()
    assert reconciliation.waits_for_somebody(line) and line.note == "" and row.was["note"] == "it will come"
    assert len(billing.entries("bill_line_explained")) == len(billing.entries("corrected")) == 1
    assert shop_counter.books() == []


def test_nobody_decides_who_had_a_hand_in_it(shop_counter: Counter) -> None:
    line, payment = one_open(shop_counter)
    explain(line, "typed by hand", "chen", attach=payment)
    with writing() as tx:
        tx.get_one(Payment, payment).taken_by = cast.person(tx, "he").id
    correction = ask_reopen(line)
    for who in ("xu", "chen", "he"):  # who asked, whose mistake it was, and who took the money
        assert not offered(correction, who)
        with pytest.raises(Denied):
            decide(correction, who)
    assert offered(correction, "lin")
    assert decide(correction, "lin", agreed=False).state == "declined"
    assert not offered(correction, "lin")
    with pytest.raises(Conflict):
        decide(correction, "lin")
    assert shop_counter.payment(payment).state == "settled" and billing.entries("corrected") == []


def test_what_is_signed_is_what_was_seen_within_a_day(shop_counter: Counter) -> None:
    line = settled(shop_counter)
    correction = ask_fee(line, 0)
    with pytest.raises(Conflict):
        decide(correction, seen="0" * 64)
    with writing() as tx:
        seen = bill_corrections.seal_of(tx.get_one(BillCorrection, correction))
        tx.get_one(BillCorrection, correction).amount = -26800
    with pytest.raises(Conflict):
        decide(correction, seen=seen)
    cast.pass_by(hours=25)
    with pytest.raises(Conflict):
        decide(correction)
    assert ask_fee(line, 0) != correction, "what lapsed is free again"


def test_what_cannot_be_corrected(shop_counter: Counter) -> None:
    line = settled(shop_counter)
    for wrong, field in ((fee(line), "fee"), (26801, "fee"), (-26801, "fee")):
        with pytest.raises(Invalid) as refused:
            ask_fee(line, wrong)
        assert refused.value.field == field
    with pytest.raises(Invalid) as refused:
        ask_fee(line, 0, reason="no")
    assert refused.value.field == "reason"
    with pytest.raises(Conflict):
        ask_reopen(line)  # nobody explained it: the shop matched it itself
    for unknown in (lambda: ask_fee(line + 9, 0), lambda: ask_reopen(line + 9), lambda: decide(9)):
        with pytest.raises(Missing):
            unknown()
    ask_fee(line, 0)
    with pytest.raises(Conflict):
        ask_fee(line, 1)
    bring("alipay", billing.today(), [
        replace(one, attempt="nobody-knows", trade_no="1")
        for one in billing.bill_of(shop_counter, "alipay", billing.today())[1]
    ], b"another")  # fmt: skip
    unknown_line = next(each.id for each in billing.lines() if each.standing == "unknown_to_us")
    with pytest.raises(Conflict):
        ask_fee(unknown_line, 0)


def test_two_people_put_it_right_on_the_page(shop_counter: Counter, app_both: Flask) -> None:
    line = settled(shop_counter)
    bill, nowhere = billing.lines()[0].bill_id, Context()
    xu = english(nowhere.run(cast.sign_in, app_both.test_client(), "xu"))
    page = nowhere.run(xu.get, f"/admin/reconciliation/{bill}?correct={line}").text
    assert "What is wrong with this line?" in page and "It was explained wrongly" not in page
    there = f"/admin/reconciliation/{bill}/lines/{line}/correction"
    assert f'action="{there}?correct={line}"' in page
    form = {"what": "fee", "fee": "2.00", "reason": "the bank got less"}
    refused = nowhere.run(lambda: post(xu, f"{there}?correct={line}", **form | {"fee": "269"}))
    assert refused.status_code == 422 and 'value="269"' in refused.text, "the form comes back as it was typed"
    assert nowhere.run(lambda: post(xu, there, **form).status_code) == 303
    page = nowhere.run(xu.get, f"/admin/reconciliation/{bill}").text
    assert "waits for a second person" in page and 'name="seen"' not in page
    chen = english(nowhere.run(cast.sign_in, app_both.test_client(), "chen"))
    page = nowhere.run(chen.get, f"/admin/reconciliation/{bill}").text
    seen = page.split('name="seen" value="', 1)[1].split('"', 1)[0]
    address = page.split(f'action="/admin/reconciliation/{bill}/corrections/', 1)[1].split('"', 1)[0]
    decided = {"seen": seen, "agreed": "1"}
    assert (
        nowhere.run(
            lambda: post(chen, f"/admin/reconciliation/{bill}/corrections/{address}", **decided).status_code
        )
        == 303
    )
    assert fee(line) == 200 and "agreed by" in nowhere.run(chen.get, f"/admin/reconciliation/{bill}").text
    zheng = english(nowhere.run(cast.sign_in, app_both.test_client(), "zheng"))
    assert nowhere.run(lambda: post(zheng, there, **form).status_code) == 403
