"""A payment that the customer's bank holds back: written down, answered, won or lost, and found in the bill."""

from __future__ import annotations

from contextvars import Context
from datetime import timedelta
from typing import Literal

import pytest
from flask import Flask
from sqlalchemy import select

from shop.core.errors import Conflict, Denied, Invalid, Missing
from shop.orders import progress
from shop.orders.tables import Order
from shop.payments import bill_corrections, disputes, reconciliation, refunds
from shop.payments.bill_tables import BilledLine
from shop.payments.contract import BillLine
from shop.payments.counter import take
from shop.payments.dispute_tables import Dispute
from shop.payments.owed import left_of
from shop.payments.tables import Payment, Refund
from shop.payments.watchers import disputes as watch
from shop.people.shops import Shop
from shop.production.watchers import Look
from tests import cast, counter
from tests.admin.office import english, post
from tests.shop.payments import billing
from tests.shop.payments.billing import balance, bring, paid
from tests.shop.payments.conftest import Counter
from web.database import reading, writing
from web.house import now

WHOLE = 26800


def opened(
    payment: int, amount: int = WHOLE, reason: str = "Never got a cake", login: str = "xu", **more
) -> int:
    """Somebody reads the bank's letter and writes it down."""
    with writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        return disputes.open_dispute(
            tx, shop, payment, amount, reason, by=cast.by(tx, login), at=now(), **more
        ).id


def ends(dispute: int, how: str, login: str = "chen", signed: str | None = None) -> None:
    with writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        who, row = cast.by(tx, login), tx.get_one(Dispute, dispute)
        if how == "won":
            disputes.win(tx, shop, dispute, by=who, at=now())
            return
        payment, order = tx.get_one(Payment, row.payment_id), tx.get_one(Order, row.order_id)
        seen = disputes.content(row, payment, order) if signed is None else signed
        disputes.lose(tx, shop, dispute, seen, by=who, at=now())


def cancelled(payment: int) -> None:
    """The customer cancels, and the terms give all of it back."""
    with writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        order = tx.get_one(Order, tx.get_one(Payment, payment).order_id)
        progress.cancel(tx, shop, order, by=cast.by(tx, "xu"), at=now(), reason="customer")


def sums(*accounts: str) -> tuple[int, ...]:
    return tuple(balance(account) for account in accounts)


def billed(kind: Literal["payment", "refund"], amount: int = WHOLE) -> int:
    """The provider's bill has a line that is about a dispute; returns its id."""
    refund = "CASE-7" if kind == "refund" else ""
    line = BillLine(f"CASE-{kind}", "CASE-7", refund, kind, amount, 0, "CNY", now())
    bring("alipay", billing.today(), [line], f"a {kind}".encode())
    with reading() as session:
        mine = select(BilledLine.id).where(BilledLine.kind == kind, BilledLine.attempt == "CASE-7")
        return session.scalars(mine).one()


def attach(line: int, dispute: int) -> None:
    with writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        who = cast.by(tx, "xu")
        reconciliation.attach_dispute(tx, shop, line, dispute, "the bank's case 7", by=who, at=now())


def test_what_is_held_back_comes_back_when_the_shop_wins(shop_counter: Counter) -> None:
    payment = paid(shop_counter)
    dispute = opened(payment, reference=" 2026-7 ", answer_by=now().date())
    assert sums("disputed", "psp:", "deposits") == (WHOLE, 0, -WHOLE)
    with reading() as session:
        row = session.get_one(Dispute, dispute)
        assert (row.state, row.reference, row.amount) == ("disputed", "2026-7", WHOLE)
        assert left_of(session, session.get_one(Payment, payment)) == 0
    ends(dispute, "won", "xu")
    assert sums("disputed", "psp:", "deposits", "expense:") == (0, WHOLE, -WHOLE, 0)
    with reading() as session:
        assert left_of(session, session.get_one(Payment, payment)) == WHOLE
    assert len(billing.entries("payment_disputed")) == len(billing.entries("dispute_won")) == 1
    assert shop_counter.books() == []


def test_what_is_lost_is_the_shops_loss_and_somebody_else_writes_it_down(shop_counter: Counter) -> None:
    dispute = opened(paid(shop_counter), 10000)
    with pytest.raises(Denied):
        ends(dispute, "lost", "xu")
    with pytest.raises(Conflict):
        ends(dispute, "lost", "chen", signed="0" * 64)
    assert sums("disputed", "expense:") == (10000, 0)
    ends(dispute, "lost", "chen")
    assert sums("disputed", "psp:", "expense:disputes") == (0, WHOLE - 10000, 10000)
    for how in ("won", "lost"):
        with pytest.raises(Conflict):
            ends(dispute, how, "lin")
    (entry,) = billing.entries("dispute_lost")
    assert "Never got a cake" not in entry.data and shop_counter.books() == []


def test_who_took_the_money_does_not_write_it_off(shop_counter: Counter) -> None:
    with writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        order = tx.get_one(Order, counter.order(tx, paid=False).order_id)
        payment = take(
            tx, shop, order, "card", amount=WHOLE, reference="SLIP-7", by=cast.by(tx, "lin"), at=now()
        ).id
    dispute = opened(payment)
    assert sums("disputed", "card:") == (WHOLE, 0)
    with pytest.raises(Denied):
        ends(dispute, "lost", "lin")
    ends(dispute, "lost", "chen")
    assert shop_counter.books() == []


def test_nothing_is_held_back_that_is_not_there(shop_counter: Counter) -> None:
    payment = paid(shop_counter)
    for amount, reason, field in (
        (0, "Never came", "amount"), (-1, "Never came", "amount"), (WHOLE + 1, "Never came", "amount"),
        (WHOLE, " no ", "reason"), (WHOLE, "x" * 201, "reason"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            opened(payment, amount, reason)
        assert refused.value.field == field
    with pytest.raises(Missing):
        opened(payment + 1)
    opened(payment)
    with pytest.raises(Conflict):
        opened(payment, 1)
    with writing() as tx:
        placed = counter.order(tx)
        cash = tx.scalars(select(Payment.id).where(Payment.order_id == placed.order_id)).one()
    for never in (cash, shop_counter.begin(shop_counter.order())):
        with pytest.raises(Conflict):
            opened(never)
    assert balance("disputed") == WHOLE and shop_counter.books() == []


def test_what_is_held_back_is_not_paid_back_as_well(shop_counter: Counter) -> None:
    payment = paid(shop_counter)
    with writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        order = tx.get_one(Order, tx.get_one(Payment, payment).order_id)
        counter.make(tx, order.id)
        progress.hand_over(tx, shop, order, by=cast.by(tx, "mei"), at=now(), pin=order.pin)
    opened(payment, 20000)

    def ask(amount: int) -> None:
        with writing() as tx:
            shop, held = tx.get_one(Shop, 1), tx.get_one(Order, order.id)
            refunds.request(tx, shop, held, payment, amount, "Too sweet", alone=True, by=cast.by(tx, "xu"),
                            at=now())  # fmt: skip

    with pytest.raises(Invalid):
        ask(6801)
    ask(6800)
    with pytest.raises(Conflict):
        opened(payment, 1)
    assert shop_counter.books() == []


@pytest.mark.parametrize("how", ["won", "lost"])
def test_an_order_cancelled_meanwhile_costs_nobody_twice(shop_counter: Counter, how: str) -> None:
    payment = paid(shop_counter)
    dispute = opened(payment, 20000)
    cancelled(payment)
    with reading() as session:
        (sent,) = session.scalars(select(Refund)).all()
        assert (sent.amount, session.get_one(Dispute, dispute).owed) == (6800, 20000)
    assert sums("deposits", "refunds-due", "forfeit") == (0, -6800, -20000)
    ends(dispute, how)
    shop_counter.look(seconds=11)
    assert shop_counter.sent_back(payment) == (WHOLE if how == "won" else 6800)
    assert sums("disputed", "refunds-due", "forfeit", "expense:", "psp:") == (0, 0, 0, 0, 0)
    assert shop_counter.books() == []


def test_a_cancelled_order_after_the_loss_gives_back_only_what_is_left(shop_counter: Counter) -> None:
    payment = paid(shop_counter)
    ends(opened(payment, 20000), "lost")
    cancelled(payment)
    shop_counter.look(seconds=11)
    assert shop_counter.sent_back(payment) == 6800
    assert sums("refunds-due", "forfeit", "expense:disputes", "psp:") == (0, -20000, 20000, 0)
    assert shop_counter.books() == []


def test_the_bills_lines_of_a_dispute_are_found(shop_counter: Counter) -> None:
    payment = paid(shop_counter)
    bring("alipay", billing.today(), billing.bill_of(shop_counter, "alipay", billing.today())[1])
    assert sums("bank", "psp:") == (WHOLE - 161, 0)
    dispute = opened(payment)
    out = billed("refund")
    attach(out, dispute)
    assert sums("bank", "psp:", "disputed") == (-161, 0, WHOLE)
    assert shop_counter.books() == []
    back = billed("payment")
    with pytest.raises(Invalid):
        attach(back, dispute)  # it is not won yet
    ends(dispute, "won")
    assert sums("psp:", "disputed") == (WHOLE, 0)
    attach(back, dispute)
    assert sums("bank", "psp:", "disputed") == (WHOLE - 161, 0, 0)
    assert shop_counter.payment(payment).state == "settled" and shop_counter.books() == []


def test_a_line_is_of_one_dispute_of_its_amount_and_can_be_taken_off_it_again(shop_counter: Counter) -> None:
    first, second = opened(paid(shop_counter)), opened(paid(shop_counter), 100)
    line = billed("refund")
    for wrong in (second, 999):
        with pytest.raises(Invalid) as refused:
            attach(line, wrong)
        assert refused.value.field == "dispute"
    attach(line, first)
    with pytest.raises(Conflict):
        attach(line, first)
    with writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        asked = bill_corrections.ask_reopen(tx, shop, line, "another case", by=cast.by(tx, "lin"), at=now())
        seen, row = bill_corrections.seal_of(asked), asked.id
    with writing() as tx:
        bill_corrections.decide(
            tx, tx.get_one(Shop, 1), row, agreed=True, seen=seen, by=cast.by(tx, "chen"), at=now()
        )
    with reading() as session:
        again = session.get_one(BilledLine, line)
        assert (again.standing, again.dispute_id, again.gap) == ("unknown_to_us", None, WHOLE)
    assert shop_counter.books() == []
    attach(line, first)
    assert shop_counter.books() == []


def test_somebody_is_told_while_there_is_time_to_answer(shop_counter: Counter) -> None:
    with_day = opened(paid(shop_counter), answer_by=now().date() + timedelta(days=5))
    without = opened(paid(shop_counter))

    def told() -> list[str]:
        with reading() as session:
            shop, card = counter.shop_and_card(session)
            return [warning.subject for warning in watch(Look(session, shop, card, now(), {}))]

    assert told() == []
    billing.next_morning(49)
    assert told() == [f"dispute:{without}"]
    billing.next_morning(24)
    assert told() == [f"dispute:{with_day}", f"dispute:{without}"]
    with writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        for said in ("", "no", "x" * 1001):
            with pytest.raises(Invalid):
                disputes.answer(tx, shop, with_day, said, by=cast.by(tx, "xu"), at=now())
        disputes.answer(
            tx, shop, with_day, " Handed over at 15:02, photo sent ", by=cast.by(tx, "xu"), at=now()
        )
    assert told() == [f"dispute:{without}"]
    ends(without, "won")
    assert told() == []
    with writing() as tx, pytest.raises(Conflict):
        disputes.answer(tx, counter.shop_and_card(tx)[0], without, "too late", by=cast.by(tx, "xu"), at=now())


def test_a_line_of_the_bill_is_said_to_be_about_it(shop_counter: Counter, app_both: Flask) -> None:
    payment = paid(shop_counter)
    nowhere = Context()
    xu = english(nowhere.run(cast.sign_in, app_both.test_client(), "xu"))
    there = nowhere.run(
        lambda: post(xu, f"/admin/payments/{payment}/dispute", amount="268", reason="Not mine")
    ).location
    line = billed("refund")
    (bill,) = billing.bills()
    page = nowhere.run(xu.get, f"/admin/reconciliation/{bill.id}").text
    assert "It is about" in page and "none of the disputes" in page
    with reading() as session:
        dispute = session.scalars(select(Dispute.id).join(Payment, Payment.id == Dispute.payment_id)).one()
    said = {"dispute": str(dispute), "note": "the bank's case 7"}
    address = f"/admin/reconciliation/{bill.id}/lines/{line}"
    assert nowhere.run(lambda: post(xu, address, **{**said, "dispute": "99"})).status_code == 422
    assert nowhere.run(lambda: post(xu, address, **said)).status_code == 303
    assert "In the bill" in nowhere.run(xu.get, there).text
    assert shop_counter.books() == []
