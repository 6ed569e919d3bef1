"""What comes off a price: how much each role may alone, what a second person signs, and what the books say of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import CUSTOMER, SYSTEM
from shop.core.errors import Conflict, Denied, Invalid
from shop.core.events import Event
from shop.ledger.tables import Entry, Posting
from shop.orders import progress
from shop.orders.changing import change_line
from shop.orders.tables import Line, Order
from shop.payments import discounts
from shop.payments.counter import take
from shop.payments.discount_tables import Discount
from shop.payments.off import Off, Piece
from shop.payments.rules import Terms, change_rules
from shop.upkeep.invariants import breaches
from tests import cast, counter
from web.database import reading, writing
from web.house import now


def unpaid(tx: Session, *, delivered: bool = False) -> Order:
    """A strawberry cake for 268 that nobody has paid yet."""
    what = counter.delivered() if delivered else None
    return tx.get_one(Order, counter.order(tx, what, paid=False).order_id)


def give(
    tx: Session, order: Order, who: str = "mei", *, reason: str = "Regular guest", **off: int
) -> Discount:
    shop, _ = counter.shop_and_card(tx)
    return discounts.give(tx, shop, order, reason=reason, by=cast.by(tx, who), at=now(), **off)


def agree(tx: Session, row: Discount, who: str, shown: str = "") -> Discount:
    shop, _ = counter.shop_and_card(tx)
    seen = shown or discounts.content(row, tx.get_one(Order, row.order_id))
    return discounts.approve(tx, shop, row.id, seen, by=cast.by(tx, who), at=now())


@pytest.mark.parametrize(
    ("off", "taken"),
    [
        (Off(percent=10), 2 + 1),  # 15 and 14 are rounded half up, each by itself: 1.5 and 1.4
        (Off(fixed=20), 20),
        (Off(fixed=50), 29),
        (Off(percent=100), 29),
        (Off(percent=100, most=7), 7),
        (Off(percent=10, products=frozenset({"oreo"})), 2),
        (Off(fixed=20, inches=frozenset({6})), 14),
        (Off(fixed=20, products=frozenset({"taro"})), 0),
    ],
)
def test_what_comes_off(off: Off, taken: int) -> None:
    assert off.of([Piece("oreo", 8, 15), Piece("fruit", 6, 14)]) == taken


def test_a_clerk_takes_off_what_the_shop_allows_and_the_books_say_it(app_both: Flask) -> None:
    with app_both.app_context():
        with writing() as tx:
            order = unpaid(tx)
            row = give(tx, order, percent=10)
            assert (row.state, row.amount) == ("given", 2680)
            assert (order.discount, order.total, order.deposit) == (2680, 24120, 24120)
            shop, _ = counter.shop_and_card(tx)
            mei = cast.by(tx, "mei")
            take(tx, shop, order, "cash", amount=24120, tendered=25000, by=mei, at=now())
            assert order.state == "confirmed"
        with writing() as tx:
            counter.make(tx, order.id)
            row = tx.get_one(Order, order.id)
            progress.hand_over(tx, shop, row, by=mei, at=now(), pin=row.pin)
        with reading() as session:
            sums = {
                name: sum(session.scalars(select(Posting.amount).where(Posting.account.startswith(name))))
                for name in ("deposits", "revenue:", "discount")
            }
            assert sums == {"deposits": 0, "revenue:": -26800, "discount": 2680}
            (event,) = session.scalars(select(Event).where(Event.kind == "order_discounted"))
            assert event.data["reason"] == "Regular guest"
            assert breaches(session) == []


def test_above_the_cap_a_second_person_signs_exactly_what_they_see(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            order = unpaid(tx)
            row = give(tx, order, fixed=5000)
            assert (row.state, order.total) == ("requested", 26800), (
                "nothing is taken off before somebody agreed"
            )
            seen = discounts.content(row, order)
        for who in ("mei",):
            with writing() as tx, pytest.raises(Denied):
                agree(tx, row, who)
        with writing() as tx, pytest.raises(Conflict):
            agree(tx, row, "xu", "0" * 64)
        with writing() as tx:
            assert give(tx, order, fixed=1000).state == "given", "the price is another one now"
        with writing() as tx, pytest.raises(Conflict):
            agree(tx, row, "xu", seen)
        with writing() as tx:
            row = agree(tx, tx.get_one(Discount, row.id), "xu")
            assert (row.state, len(row.signed)) == ("given", 64)
            assert tx.get_one(Order, order.id).total == 26800 - 6000
        with writing() as tx, pytest.raises(Conflict):
            agree(tx, row, "chen")
        with reading() as session:
            assert breaches(session) == []


def test_a_cap_is_not_walked_around_in_small_steps_and_the_owner_is_not_exempt(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        order = unpaid(tx)
        assert give(tx, order, percent=6).state == "given"
        assert give(tx, order, percent=5).state == "requested", "together that is more than 10 percent"
        assert give(tx, order, percent=4).state == "given"
        assert give(tx, order, "xu", percent=31).state == "requested", (
            "all of it together is above the manager's 40"
        )
        hers = give(tx, order, "chen", percent=1)
        assert hers.state == "requested"
        with pytest.raises(Denied):
            agree(tx, hers, "chen")
        assert agree(tx, hers, "xu").decided_by != hers.requested_by


def test_the_caps_are_the_shops_own(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        boss = cast.by(tx, "chen")
        for wrong in ({"clerk": 101}, {"clerk": -1}, {"baker": 5}):
            with pytest.raises(Invalid) as refused:
                change_rules(tx, shop, deposit=None, terms=Terms(), limit=0, caps=wrong, by=boss, at=now())
            assert refused.value.field == f"cap.{next(iter(wrong))}"
        change_rules(tx, shop, deposit=None, terms=Terms(), limit=0, caps={"clerk": 0}, by=boss, at=now())
        assert give(tx, unpaid(tx), percent=1).state == "requested"


@pytest.mark.parametrize(
    ("off", "field"),
    [
        ({"percent": 101}, "percent"),
        ({"percent": -1}, "percent"),
        ({}, "fixed"),
        ({"percent": 5, "fixed": 100}, "fixed"),
        ({"fixed": 26801}, "fixed"),
        ({"fixed": -5}, "fixed"),
        ({"percent": 5, "reason": "  "}, "reason"),
    ],
)
def test_a_discount_that_makes_no_sense_names_its_field(app: Flask, off: dict[str, Any], field: str) -> None:
    with app.app_context(), writing() as tx:
        order = unpaid(tx)
        with pytest.raises(Invalid) as refused:
            give(tx, order, **off)
        assert refused.value.field == field and order.total == 26800


def test_the_way_to_the_door_costs_what_it_costs_and_a_free_cake_goes_to_the_kitchen(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            order = unpaid(tx, delivered=True)
            fee = order.fee
            assert fee > 0
            agree(tx, give(tx, order, percent=100), "xu")
            assert (order.total, order.state) == (fee, "placed")
            mine = unpaid(tx)
            agree(tx, give(tx, mine, percent=100), "xu")
            assert (mine.total, mine.state) == (0, "confirmed"), "nothing is left to be paid"
        with reading() as session:
            assert breaches(session) == []


def test_an_order_that_changes_gets_its_discount_anew(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            shop, card = counter.shop_and_card(tx)
            order = unpaid(tx)
            give(tx, order, percent=10)
            line = tx.scalars(select(Line).where(Line.order_id == order.id)).one()
            change_line(
                tx, shop, card, order, line.id, options={"sweetness": "no-sucrose"}, by=CUSTOMER, at=now()
            )
            assert (order.discount, order.total) == (2880, 25920)
        with reading() as session:
            assert breaches(session) == []


def test_a_paid_order_and_one_that_is_over_take_no_discount(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        paid = tx.get_one(Order, counter.order(tx).order_id)
        with pytest.raises(Conflict, match="paid already"):
            give(tx, paid, percent=5)
        shop, _ = counter.shop_and_card(tx)
        gone = unpaid(tx)
        progress.cancel(tx, shop, gone, by=cast.by(tx, "mei"), at=now(), reason="twice")
        with pytest.raises(Conflict, match="cancelled"):
            give(tx, gone, percent=5)


def test_one_given_by_mistake_is_taken_back_until_the_lower_price_is_paid(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            shop, _ = counter.shop_and_card(tx)
            order, mei = unpaid(tx), cast.by(tx, "mei")
            row = give(tx, order, percent=10)
            discounts.take_back(tx, shop, row.id, by=mei, at=now())
            assert (row.state, order.total, order.deposit, order.discount) == ("taken_back", 26800, 26800, 0)
            with pytest.raises(Conflict, match="cannot be taken back"):
                discounts.take_back(tx, shop, row.id, by=mei, at=now())
            again = give(tx, order, percent=10)
            take(tx, shop, order, "cash", amount=24120, tendered=24120, by=mei, at=now())
            with pytest.raises(Conflict, match="paid already"):
                discounts.take_back(tx, shop, again.id, by=mei, at=now())
        with reading() as session:
            assert breaches(session) == []


def test_above_the_cap_the_agreement_stands_in_the_books_without_its_words(app_both: Flask) -> None:
    with app_both.app_context():
        with writing() as tx:
            order = unpaid(tx)
            alone, together = give(tx, order, percent=1), give(tx, order, percent=30)
            agree(tx, together, "xu")
        with reading() as session:
            entry = session.scalars(select(Entry).where(Entry.kind == "discount_approved")).one()
            row = session.get_one(Discount, together.id)
            assert (entry.txid, session.get_one(Discount, alone.id).txid) == (row.txid, "")
            said = json.loads(entry.data)
            assert (said["signed"], said["amount"]) == (row.signed, row.amount)
            assert (
                said["asked_by"] == cast.person(session, "mei").id
                and entry.actor_id == cast.person(session, "xu").id
            )
            assert row.reason not in entry.data and row.salt not in entry.data
            assert breaches(session) == []


def test_a_request_lapses_and_can_be_refused(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            shop, _ = counter.shop_and_card(tx)
            order = unpaid(tx)
            one, other = give(tx, order, percent=20), give(tx, order, percent=30)
            for somebody in (cast.by(tx, "jie"), SYSTEM):
                with pytest.raises(Denied):
                    discounts.reject(tx, shop, one.id, by=somebody, at=now())
            assert one.state == "requested", "another clerk has no say in it"
            discounts.reject(tx, shop, one.id, by=cast.by(tx, "mei"), at=now())
            third = give(tx, order, percent=25)
            assert discounts.reject(tx, shop, third.id, by=cast.by(tx, "chen"), at=now()).state == "rejected"
            with pytest.raises(Conflict):
                agree(tx, one, "xu")
        counter.clock(app).pass_by(hours=24)
        with writing() as tx, pytest.raises(Conflict):
            agree(tx, tx.get_one(Discount, other.id), "xu")
        with writing() as tx:
            assert (discounts.lapse_due(tx, shop, at=now()), discounts.lapse_due(tx, shop, at=now())) == (
                1,
                0,
            )
