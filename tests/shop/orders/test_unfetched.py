"""A cake that nobody fetches: when it counts as left, what can still become of it, and what its money does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.errors import Conflict, Denied, Invalid
from shop.core.events import Event
from shop.ledger.tables import Posting
from shop.orders import progress, unfetched
from shop.orders.tables import Order
from shop.payments.rules import Step, Terms, change_rules
from shop.payments.tables import Refund
from shop.upkeep.invariants import breaches
from tests import cast, counter
from web.database import reading, writing
from web.house import now


def ready(tx: Session, *, delivered: bool = False, kept: int = 40, limit: int = 30000) -> Order:
    """A strawberry cake for 268, paid and ready; its terms give ``kept`` percent less than all back."""
    shop, _ = counter.shop_and_card(tx)
    terms = Terms((Step(0, 100),), 100 - kept)
    change_rules(tx, shop, deposit=None, terms=terms, limit=limit, by=cast.by(tx, "chen"), at=now())
    placed = counter.order(tx, counter.delivered() if delivered else None)
    counter.make(tx, placed.order_id)
    return tx.get_one(Order, placed.order_id, populate_existing=True)


def two_hours_late(app: Flask, order: Order) -> None:
    counter.clock(app).at = order.due_at + timedelta(hours=2)


def balance(account: str) -> int:
    with reading() as session:
        return sum(session.scalars(select(Posting.amount).where(Posting.account.startswith(account))))


def test_it_is_listed_when_the_shops_minutes_have_passed_and_not_before(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            order = ready(tx)
            shop, _ = counter.shop_and_card(tx)
        counter.clock(app).at = order.due_at + timedelta(minutes=119)
        with writing() as tx:
            assert list(unfetched.unfetched(tx, shop, at=now())) == []
            with pytest.raises(Conflict, match="still has time"):
                unfetched.mark(tx, shop, order, by=cast.by(tx, "mei"), at=now())
        two_hours_late(app, order)
        with writing() as tx:
            assert [o.id for o in unfetched.unfetched(tx, shop, at=now())] == [order.id]
            unfetched.mark(tx, shop, order, by=cast.by(tx, "mei"), at=now())
            assert [o.state for o in unfetched.unfetched(tx, shop, at=now())] == ["no_show"], (
                "it waits to be settled"
            )


def test_what_is_marked_can_be_taken_back_or_handed_over_late_and_its_money_waits(app_both: Flask) -> None:
    with app_both.app_context():
        with writing() as tx:
            order, shop = ready(tx), counter.shop_and_card(tx)[0]
        two_hours_late(app_both, order)
        with writing() as tx:
            mei = cast.by(tx, "mei")
            unfetched.mark(tx, shop, order, by=mei, at=now())
            unfetched.unmark(tx, shop, order, by=mei, at=now())
            assert tx.get_one(Order, order.id).state == "ready"
            with pytest.raises(Conflict):
                unfetched.unmark(tx, shop, order, by=mei, at=now())
            unfetched.mark(tx, shop, order, by=mei, at=now())
        assert balance("deposits") == -26800 and balance("forfeit") == 0
        with writing() as tx:
            row = tx.get_one(Order, order.id)
            progress.hand_over(tx, shop, row, by=mei, at=now(), pin=row.pin)
            with pytest.raises(Conflict):
                unfetched.give_up(tx, shop, row, "resold", "stale", by=mei, at=now())
        assert balance("revenue:") == -26800
        with reading() as session:
            assert breaches(session) == []


@pytest.mark.parametrize("how", ["disposed", "resold"])
def test_what_is_given_up_keeps_what_the_terms_say_and_owes_the_rest(app_both: Flask, how: str) -> None:
    with app_both.app_context():
        with writing() as tx:
            order, shop = ready(tx), counter.shop_and_card(tx)[0]
        two_hours_late(app_both, order)
        with writing() as tx:
            xu = cast.by(tx, "xu")
            unfetched.mark(tx, shop, order, by=xu, at=now())
            assert (
                unfetched.give_up(tx, shop, order, how, "Nobody came until closing", by=xu, at=now()) == 16080
            )
            assert tx.get_one(Order, order.id).state == how
            assert [(r.amount, r.state) for r in tx.scalars(select(Refund))] == [(16080, "approved")]
        assert (balance("deposits"), balance("forfeit"), balance("refunds-due")) == (0, -10720, -16080)
        with reading() as session:
            assert breaches(session) == []


def test_above_the_limit_a_second_person_signs_and_nobody_pays_such_money_back_alone(app_both: Flask) -> None:
    with app_both.app_context():
        with writing() as tx:
            order, shop = ready(tx, limit=16079), counter.shop_and_card(tx)[0]
        two_hours_late(app_both, order)
        with writing() as tx:
            xu, chen = cast.by(tx, "xu"), cast.by(tx, "chen")
            unfetched.mark(tx, shop, order, by=xu, at=now())
            row = tx.get_one(Order, order.id)
            assert unfetched.needs_second(shop, row, at=now())
            for nobody in (None, xu):
                with pytest.raises(Denied) as refused:
                    unfetched.give_up(tx, shop, row, "disposed", "stale", second=nobody, by=xu, at=now())
                assert refused.value.field == "login"
            assert (row.state, tx.scalars(select(Refund)).all()) == ("no_show", [])
            assert (
                unfetched.give_up(tx, shop, row, "disposed", "stale", second=chen, by=xu, at=now()) == 16080
            )
        with reading() as session:
            told = session.scalars(select(Event).where(Event.kind == "order_forfeited")).one()
            assert told.data["second"] == chen.id
            back = session.scalars(select(Refund)).one()
            assert (back.requested_by, back.decided_by) == (xu.id, chen.id), "both had this money in hand"
            assert breaches(session) == []


def test_up_to_the_limit_one_person_gives_up_and_nobody_is_named_beside_them(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            order, shop = ready(tx, limit=16080), counter.shop_and_card(tx)[0]
        two_hours_late(app, order)
        with writing() as tx:
            xu = cast.by(tx, "xu")
            unfetched.mark(tx, shop, order, by=xu, at=now())
            row = tx.get_one(Order, order.id)
            assert not unfetched.needs_second(shop, row, at=now())
            unfetched.give_up(tx, shop, row, "disposed", "stale", by=xu, at=now())
        with reading() as session:
            told = session.scalars(select(Event).where(Event.kind == "order_forfeited")).one()
            assert "second" not in told.data


def test_what_makes_no_sense_names_its_field(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            order, shop = ready(tx), counter.shop_and_card(tx)[0]
        two_hours_late(app, order)
        with writing() as tx:
            xu = cast.by(tx, "xu")
            with pytest.raises(Conflict):
                unfetched.give_up(tx, shop, order, "resold", "stale", by=xu, at=now())
            unfetched.mark(tx, shop, order, by=xu, at=now())
            for how, reason, field in (("eaten", "stale", "how"), ("resold", " ", "reason")):
                with pytest.raises(Invalid) as refused:
                    unfetched.give_up(tx, shop, order, how, reason, by=xu, at=now())
                assert refused.value.field == field
            with pytest.raises(Invalid) as refused:
                change_rules(tx, shop, deposit=None, terms=Terms(), limit=0, waits={"no_show_minutes": 0},
                             by=cast.by(tx, "chen"), at=now())  # fmt: skip
            assert refused.value.field == "no_show_minutes"


def test_a_delivery_is_not_left_lying_by_its_customer(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            order, shop = ready(tx, delivered=True), counter.shop_and_card(tx)[0]
        two_hours_late(app, order)
        with writing() as tx:
            assert list(unfetched.unfetched(tx, shop, at=now())) == []
            with pytest.raises(Conflict, match="delivery"):
                unfetched.mark(tx, shop, order, by=cast.by(tx, "mei"), at=now())
