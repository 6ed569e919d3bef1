"""The providers' bills against the shop's books, line by line and to the cent, with the gateway's real files."""

from __future__ import annotations

import gzip
import io
import stat
import zipfile
from dataclasses import replace

import pytest

from shop.core.errors import Invalid
from shop.payments import alipay, wechat
from shop.payments.bills import MOST, read
from shop.upkeep.demo.gateway.bills import fee
from tests.shop.payments import billing
from tests.shop.payments.billing import balance, bring, fetch, paid, standing
from tests.shop.payments.conftest import Counter
from web.house import house, now

BOTH = pytest.mark.parametrize("method", ["alipay", "wechat"])
FEE = fee(26800)


def test_a_day_without_trouble_is_settled_to_the_cent(shop_counter: Counter) -> None:
    day = billing.today()
    first, second, third = paid(shop_counter), paid(shop_counter, "wechat"), paid(shop_counter)
    billing.cancelled(shop_counter, third)
    assert fetch(shop_counter) == 0, "the provider's day is not over"
    billing.next_morning()
    assert fetch(shop_counter) == 2 and standing() == {"matched": 4}
    assert [shop_counter.payment(p).state for p in (first, second, third)] == ["settled"] * 3
    assert balance("psp") == 0 and balance("bank") == 2 * (26800 - FEE) and balance("fee:alipay") == FEE
    bill, *_ = billing.bills()
    (entry,) = (e for e in billing.entries("bill_imported") if e.txid == bill.txid)
    kept = billing.folder() / bill.doc_hash
    assert (bill.day, bill.method, bill.lines, entry.doc_hash) == (day, "alipay", 3, bill.doc_hash)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600 and len(kept.read_bytes()) == bill.size
    assert fetch(shop_counter) == 0, "it is here"
    assert shop_counter.books() == []


@BOTH
def test_a_day_with_everything_wrong_in_it(shop_counter: Counter, method: str) -> None:
    day = billing.today()
    good, differs, missing = (
        paid(shop_counter, method),
        paid(shop_counter, method),
        paid(shop_counter, method),
    )
    file, lines = billing.bill_of(shop_counter, method, day)
    attempts = {shop_counter.payment(p).attempt: p for p in (good, differs, missing)}
    told = {attempts[line.attempt]: line for line in lines}
    stranger = replace(told[good], attempt="nobody-knows-this", trade_no="4200001", amount=9900)
    said = [told[good], replace(told[differs], amount=26799), stranger]
    billing.next_morning()
    bring(method, day, said, file)
    assert standing() == {"matched": 1, "amount_differs": 1, "unknown_to_us": 1, "missing_at_provider": 1}
    assert {line.standing: line.gap for line in billing.lines()} == {
        "matched": 0, "amount_differs": 1, "unknown_to_us": 9900, "missing_at_provider": 26800,
    }  # fmt: skip
    assert [shop_counter.payment(p).state for p in (good, differs, missing)] == [
        "settled",
        "captured",
        "captured",
    ]
    assert balance("psp") == 2 * 26800 and balance("bank") == 26800 - FEE and balance("fee") == FEE
    assert shop_counter.books() == []


@BOTH
def test_the_same_bill_again_changes_nothing(shop_counter: Counter, method: str) -> None:
    day = billing.today()
    paid(shop_counter, method)
    file, lines = billing.bill_of(shop_counter, method, day)
    billing.next_morning()
    first = bring(method, day, lines, file)
    assert bring(method, day, lines, file).id == first.id
    bring(method, day, lines, file + b"packed a second later")
    assert fetch(shop_counter) == 1, "the provider's own file is wanted too"
    assert standing() == {"matched": 1} and len(billing.entries("payments_settled")) == 1
    assert balance("bank") == 26800 - FEE and shop_counter.books() == []


def test_a_line_that_stands_there_twice_is_one_too_many(shop_counter: Counter) -> None:
    payment, day = paid(shop_counter), billing.today()
    _, (line,) = billing.bill_of(shop_counter, "alipay", day)
    bring("alipay", day, [line, line])
    bring("alipay", day, [replace(line, trade_no="another")], b"another trade under our number")
    assert standing() == {"matched": 1, "unknown_to_us": 2} and balance("psp") == 0
    assert shop_counter.payment(payment).state == "settled"


def test_what_was_missing_turns_up_in_a_later_bill(shop_counter: Counter) -> None:
    payment, day = paid(shop_counter), billing.today()
    _, (line,) = billing.bill_of(shop_counter, "alipay", day)
    other = replace(line, attempt="other", trade_no="other")
    bring("alipay", day, [other])
    assert standing() == {"unknown_to_us": 1, "missing_at_provider": 1}
    bring("alipay", day, [other, line], b"whole")
    assert standing() == {"unknown_to_us": 1, "found_later": 1, "matched": 1}
    assert shop_counter.payment(payment).state == "settled" and balance("psp") == 0


def test_a_payment_that_we_never_heard_of_is_asked_about_and_then_found(shop_counter: Counter) -> None:
    order, day = shop_counter.order(), billing.today()
    payment = shop_counter.begin(order)
    shop_counter.look()
    shop_counter.phone_pays(payment)
    file, lines = billing.bill_of(shop_counter, "alipay", day)
    bring("alipay", day, lines, file)
    assert standing() == {"unknown_to_us": 1} and shop_counter.payment(payment).state == "pending"
    shop_counter.look()
    assert shop_counter.payment(payment).state == "captured", "only the provider's answer books money"
    fetch(shop_counter)
    assert standing() == {"matched": 1} and shop_counter.payment(payment).state == "settled"


def test_money_for_a_dead_order_is_settled_and_still_counts_for_no_order(shop_counter: Counter) -> None:
    order, day = shop_counter.order(), billing.today()
    first = shop_counter.begin(order)
    shop_counter.look()
    shop_counter.phone_pays(first)
    with billing.writing() as tx:
        here, _ = billing.counter.shop_and_card(tx)
        held = tx.get_one(billing.Order, order)
        billing.progress.cancel(tx, here, held, by=billing.cast.by(tx, "xu"), at=now(), reason="sick")
    shop_counter.look(seconds=11)
    shop_counter.look(seconds=11)
    assert shop_counter.payment(first).state == "captured_late"
    bring("alipay", day, billing.bill_of(shop_counter, "alipay", day)[1])
    assert standing() == {"matched": 2} and balance("psp") == 0 and balance("bank") == 0
    assert shop_counter.payment(first).state == "captured_late" and shop_counter.books() == []


def test_a_provider_that_is_away_is_asked_again_and_a_late_bill_is_not_an_empty_one(
    shop_counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid(shop_counter)
    trades = shop_counter.gateway.trades
    whole = trades.between
    monkeypatch.setattr(trades, "between", lambda *span: ([], []))
    billing.next_morning()
    assert fetch(shop_counter) == 0, "a bill without what we took is not made yet"
    shop_counter.gateway.control.set({"drop": True, "away": "busy"})
    monkeypatch.setattr(trades, "between", whole)
    assert fetch(shop_counter) == 0 and billing.bills() == []
    shop_counter.gateway.control.set({"drop": True})
    assert fetch(shop_counter) == 1 and standing() == {"matched": 1}
    billing.next_morning()
    assert fetch(shop_counter) == 1, "a day on which nobody paid has its bill too"
    assert [bill.lines for bill in billing.bills()] == [1, 0]


def test_a_bill_that_stays_empty_is_believed_after_a_day(
    shop_counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid(shop_counter)
    monkeypatch.setattr(shop_counter.gateway.trades, "between", lambda *span: ([], []))
    billing.next_morning(48.5)
    fetch(shop_counter)
    assert standing() == {"missing_at_provider": 1}


@BOTH
def test_a_person_brings_the_file_as_the_provider_gives_it(shop_counter: Counter, method: str) -> None:
    paid(shop_counter, method)
    day = billing.today()
    file, lines = billing.bill_of(shop_counter, method, day)
    billing.next_morning()
    assert read(method, day, file, at=now()) == lines
    parser = {"alipay": alipay, "wechat": wechat}[method]
    assert parser.read_file(plain(method, file)) == lines


def plain(method: str, file: bytes) -> bytes:
    if method == "wechat":
        return gzip.decompress(file)
    with zipfile.ZipFile(io.BytesIO(file)) as box:
        return box.read(box.namelist()[0])


@BOTH
def test_what_is_no_bill_is_refused(shop_counter: Counter, method: str) -> None:
    paid(shop_counter, method)
    day = billing.today()
    file, _ = billing.bill_of(shop_counter, method, day)
    with pytest.raises(Invalid) as early:
        read(method, day, file, at=now())
    assert early.value.field == "day"
    billing.next_morning()
    before = day.fromordinal(day.toordinal() - 1)
    wrong = {
        "another day": (before, file), "nothing": (day, b""), "noise": (day, b"\x00\xff" * 50),
        "text": (day, b"a,b\n1,2\n"), "half": (day, file[: len(file) // 2]),
        "broken": (day, file[:-40] + b"x" * 40), "large": (day, b"x" * (MOST + 1)),
        "another provider's": (day, "交易时间,公众账号ID\n1,2".encode()),
    }  # fmt: skip
    for what, (when, sent) in wrong.items():
        with pytest.raises(Invalid) as refused:
            read(method, when, sent, at=now())
        assert refused.value.field == "file", what
    assert house().providers.get(method) is not None and billing.bills() == []
