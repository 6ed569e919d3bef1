"""Paying by phone from the wish to the books, and everything that can happen on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from shop.core.actors import CUSTOMER, Actor
from shop.core.errors import Conflict, Invalid
from shop.ledger.tables import Posting
from shop.orders import progress
from shop.orders.tables import Order
from shop.payments import machine, monitor
from shop.payments.asking import charge_code, something_due
from shop.payments.contract import Charge, ProviderAway
from shop.payments.counter import take
from shop.payments.online import drop
from shop.payments.tables import Payment, Refund
from tests import cast, counter
from tests.shop.payments.conftest import Counter
from web.database import reading, writing
from web.house import now


def balance(account: str) -> int:
    with reading() as session:
        return sum(session.scalars(select(Posting.amount).where(Posting.account.startswith(account))))


def refunds() -> list[Refund]:
    with reading() as session:
        return list(session.scalars(select(Refund).order_by(Refund.id)))


@pytest.mark.parametrize("method", ["alipay", "wechat"])
def test_a_code_is_paid_and_the_kitchen_gets_the_order(shop_counter: Counter, method: str) -> None:
    order_id = shop_counter.order()
    payment = shop_counter.begin(order_id, method)
    assert shop_counter.payment(payment).state == "created"
    shop_counter.look()
    waiting = shop_counter.payment(payment)
    assert waiting.state == "pending" and waiting.qr.startswith("http")
    shop_counter.look(seconds=3)
    assert shop_counter.payment(payment).state == "pending", "nobody has paid yet"
    shop_counter.phone_pays(payment)
    shop_counter.look(seconds=3)
    paid = shop_counter.payment(payment)
    assert (paid.state, paid.qr, paid.ask_at) == ("captured", "", None) and paid.trade_no and paid.txid
    assert shop_counter.state(order_id) == "confirmed"
    assert balance(f"psp:{method}") == 26800 and balance("deposits") == -26800
    assert shop_counter.look(minutes=30) == 0, "nothing is left to ask"
    assert shop_counter.books() == []


def test_the_same_wish_again_is_the_same_attempt_and_another_ends_it_first(shop_counter: Counter) -> None:
    order_id = shop_counter.order()
    first = shop_counter.begin(order_id)
    assert shop_counter.begin(order_id) == first
    shop_counter.look()
    second = shop_counter.begin(order_id, "wechat")
    shop_counter.look()
    assert [shop_counter.payment(p).state for p in (first, second)] == ["expired", "pending"]
    with pytest.raises(Invalid):
        shop_counter.begin(order_id, amount=30000)


def test_whoever_paid_the_code_they_left_gets_the_cake_and_not_a_second_code(shop_counter: Counter) -> None:
    order_id, first = shop_counter.shown()
    shop_counter.phone_pays(first)
    second = shop_counter.begin(order_id, "wechat")
    shop_counter.look()
    shop_counter.look(seconds=4)
    assert shop_counter.payment(first).state == "captured" and shop_counter.state(order_id) == "confirmed"
    shop_counter.look(minutes=16)
    assert shop_counter.payment(second).state == "expired"
    assert shop_counter.books() == []


def test_of_two_payments_the_second_goes_back_by_itself(shop_counter: Counter) -> None:
    order_id, payment = shop_counter.shown()
    with writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        held = tx.get_one(Order, order_id)
        take(tx, shop, held, "cash", amount=26800, tendered=30000, by=cast.by(tx, "mei"), at=now())
    shop_counter.phone_pays(payment)
    shop_counter.look(seconds=3)
    assert shop_counter.payment(payment).state == "captured_late"
    shop_counter.look()
    assert [(r.state, r.amount, r.reason) for r in refunds()] == [("refunded", 26800, "twice")]
    assert shop_counter.sent_back(payment) == 26800 and balance("psp:alipay") == 0
    assert shop_counter.books() == []


def test_money_for_an_order_that_is_over_goes_back(shop_counter: Counter) -> None:
    order_id, payment = shop_counter.shown()
    with writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        held = tx.get_one(Order, order_id)
        progress.cancel(tx, shop, held, by=CUSTOMER, at=now(), reason="customer", pin=held.pin)
    shop_counter.phone_pays(payment)
    shop_counter.look(seconds=3)
    shop_counter.look()
    assert [(r.state, r.reason) for r in refunds()] == [("refunded", "late")]
    assert shop_counter.state(order_id) == "cancelled" and shop_counter.books() == []


def test_nobody_knows_until_the_provider_is_back_and_the_order_waits_so_long(shop_counter: Counter) -> None:
    order_id, payment = shop_counter.shown()
    shop_counter.phone_pays(payment)
    shop_counter.gateway.control.set({"away": "busy", "drop": True})
    for _ in range(12):
        shop_counter.look(minutes=2)
        with writing() as tx:
            shop, _ = counter.shop_and_card(tx)
            assert progress.expire_unpaid(tx, shop, at=now()) == 0, "somebody may have paid it"
    assert shop_counter.payment(payment).state == "unknown" and shop_counter.state(order_id) == "placed"
    shop_counter.gateway.control.set({"drop": True})
    for _ in range(5):
        shop_counter.look(minutes=2)
    assert shop_counter.payment(payment).state == "captured" and shop_counter.state(order_id) == "confirmed"


def test_a_code_that_nobody_pays_runs_out_at_the_provider_and_then_the_order(shop_counter: Counter) -> None:
    _, payment = shop_counter.shown()
    shop_counter.look(minutes=16)
    held = shop_counter.payment(payment)
    trade = shop_counter.gateway.trades.by_attempt("alipay", held.attempt or "")
    assert held.state == "expired" and trade is not None and trade.state == "closed"
    with writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        assert progress.expire_unpaid(tx, shop, at=now()) == 0
    shop_counter.look(minutes=5)
    with writing() as tx:
        assert progress.expire_unpaid(tx, shop, at=now()) == 1


def test_another_amount_is_never_booked(shop_counter: Counter) -> None:
    order_id, payment = shop_counter.shown()
    for amount, currency in ((26799, "CNY"), (26800, "USD"), (2680000, "CNY")):
        with writing() as tx:
            shop, _ = counter.shop_and_card(tx)
            machine.capture(
                tx, shop, payment, trade_no="x", amount=amount, currency=currency, paid_at=None, at=now()
            )
    held = shop_counter.payment(payment)
    assert (held.state, held.trouble, held.txid) == ("unknown", "amount", None)
    assert shop_counter.state(order_id) == "placed" and balance("psp") == 0 and shop_counter.books() == []


def test_what_is_known_already_stays_as_it_is(shop_counter: Counter) -> None:
    _, payment = shop_counter.shown()
    shop_counter.phone_pays(payment)
    shop_counter.look(seconds=3)
    for _ in range(5):
        with writing() as tx:
            shop, _ = counter.shop_and_card(tx)
            machine.capture(
                tx, shop, payment, trade_no="x", amount=26800, currency="CNY", paid_at=None, at=now()
            )
            machine.end(tx, shop, payment, machine.P.EXPIRED, at=now())
    assert shop_counter.payment(payment).state == "captured" and balance("psp:alipay") == 26800


def test_no_edge_leads_out_of_the_table(shop_counter: Counter) -> None:
    payment = shop_counter.begin(shop_counter.order())
    with writing() as tx:
        held = tx.get_one(Payment, payment)
        with pytest.raises(Conflict):
            machine.move(tx, held, machine.P.SETTLED)


def test_leaving_the_code_ends_it_at_the_provider(shop_counter: Counter) -> None:
    order_id, payment = shop_counter.shown()
    with writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        held = tx.get_one(Order, order_id)
        assert drop(tx, shop, held, by=Actor.device(1), at=now())
        assert drop(tx, shop, held, by=Actor.device(1), at=now())
    shop_counter.look()
    assert shop_counter.payment(payment).state == "expired"
    with writing() as tx:
        assert not drop(tx, shop, held, by=Actor.device(1), at=now())


def test_cancelling_ends_the_code_at_the_provider(shop_counter: Counter) -> None:
    order_id, payment = shop_counter.shown()
    with writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        progress.cancel(
            tx, shop, tx.get_one(Order, order_id), by=cast.by(tx, "mei"), at=now(), reason="customer"
        )
    shop_counter.look()
    held = shop_counter.payment(payment)
    trade = shop_counter.gateway.trades.by_attempt("alipay", held.attempt or "")
    assert held.state == "expired" and trade is not None and trade.state == "closed"


@dataclass
class LineBreaks:
    """A provider whose answer is lost on the way; ``meanwhile`` happens before anybody notices."""

    provider: Any
    meanwhile: Callable[[], object]

    def charge_code(self, charge: Charge, code: str) -> None:
        self.provider.charge_code(charge, code)
        self.meanwhile()
        raise ProviderAway("no answer")

    def __getattr__(self, name: str) -> Any:
        return getattr(self.provider, name)


def test_a_lost_answer_does_not_touch_what_was_booked_meanwhile(shop_counter: Counter) -> None:
    order_id = shop_counter.order()
    payment = shop_counter.begin_code(order_id)
    office = shop_counter.office()
    broken = LineBreaks(office.provider("alipay"), lambda: shop_counter.look(seconds=31))
    charge_code(
        replace(office, provider=lambda key: broken), payment, shop_counter.gateway.trades.show_code("alipay", False)
    )  # fmt: skip
    held = shop_counter.payment(payment)
    assert (held.state, held.trouble, held.ask_at) == ("captured", "", None)
    with reading() as session:
        assert not something_due(session, at=now() + timedelta(days=1)), (
            "nobody asks about it again and again"
        )


def test_the_days_sums_count_what_the_list_does_not_show(
    shop_counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitor, "MOST", 2)
    with writing() as tx:
        for _ in range(3):
            counter.order(tx)
        shop, _ = counter.shop_and_card(tx)
        seen = monitor.money_of(tx, shop, shop.business_date(now()), at=now())
    assert (len(seen.payments), seen.taken, seen.given, seen.live) == (2, 3 * 26800, 0, 0)
