"""Hidden cash follows its drawer: into the envelope, out of a box that is opened again, and to the customer once."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.errors import Conflict, Invalid
from shop.orders import progress
from shop.orders.tables import Cake, Order, OrderState
from shop.payments import hidden
from shop.payments.count import count
from shop.payments.till import make_till, open_till, open_tills
from shop.payments.till_tables import Till, TillShift
from shop.production import work
from shop.production.tables import Notice, Task
from shop.upkeep.invariants import breaches
from tests import cast, counter
from tests.shop.payments.test_hidden import balance, boxing, confirmed, finish, hide, tick
from web.database import reading, writing
from web.house import now


def here(tx: Session) -> Till:
    """The only till that is open."""
    return open_tills(tx, counter.shop_and_card(tx)[0])[0]


def counted(tx: Session, till: Till, amount: int) -> TillShift:
    """Mei counts so much in a drawer, in whole yuan."""
    shop, _ = counter.shop_and_card(tx)
    return count(tx, shop, till.id, {100: amount // 100}, by=cast.by(tx, "mei"), at=now())


def test_a_count_between_boxing_and_the_hand_over_is_right(app_both: Flask) -> None:
    with app_both.app_context():
        with writing() as tx:
            order, shop = confirmed(tx), counter.shop_and_card(tx)[0]
            hide(tx, order)
            boxing(tx, order)
            tick(tx, order)
            finish(tx, order)
            till = here(tx)
            shift = counted(tx, till, 26800)
            assert (shift.expected, shift.difference) == (26800, 0), (
                "the cash is in the box, not in the drawer"
            )
        assert (balance("envelopes"), balance("hidden-cash"), balance("till:")) == (50000, -50000, 0)
        with reading() as session:
            assert breaches(session) == []
        with writing() as tx:
            row = tx.get_one(Order, order.id)
            progress.hand_over(tx, shop, row, by=cast.by(tx, "mei"), at=now(), pin=row.pin)
            assert open_tills(tx, shop) == [], "a hand-over opens no till"
        assert (balance("envelopes"), balance("hidden-cash")) == (0, 0)
        with writing() as tx:
            open_till(tx, shop, till.id, floated=100000, by=cast.by(tx, "mei"), at=now())
            assert counted(tx, till, 100000).difference == 0
        with reading() as session:
            assert breaches(session) == []


def test_after_a_count_it_is_put_in_out_of_the_safe(app_both: Flask) -> None:
    with app_both.app_context():
        with writing() as tx:
            order, shop = confirmed(tx), counter.shop_and_card(tx)[0]
            hide(tx, order)
            till = here(tx)
            assert counted(tx, till, 76800).difference == 0
            open_till(tx, shop, till.id, floated=0, by=cast.by(tx, "mei"), at=now())
            boxing(tx, order)
            tick(tx, order)
            assert counted(tx, till, 0).difference == 0, "another shift's drawer has nothing to do with it"
        assert (balance("safe"), balance("envelopes"), balance("till:")) == (26800, 50000, 0)
        with writing() as tx:
            reopen(tx, order)
        assert (balance("safe"), balance("envelopes"), balance("till:")) == (76800, 0, 0)
        with reading() as session:
            assert breaches(session) == []


def test_of_two_tills_it_leaves_the_one_where_it_lies(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            order, shop = confirmed(tx), counter.shop_and_card(tx)[0]
            hide(tx, order)
            window = make_till(tx, shop, "Window", by=cast.by(tx, "xu"), at=now())
            open_till(tx, shop, window.id, floated=100000, by=cast.by(tx, "xu"), at=now())
            cake = tx.scalars(select(Cake.id).where(Cake.order_id == order.id)).one()
            hidden.take(tx, shop, order, cake, 300, till=window.id, by=cast.by(tx, "mei"), at=now())
            boxing(tx, order)
            tick(tx, order)
            tick(tx, order)  # twice is once
            finish(tx, order)
        assert (balance(f"till:{window.id}"), balance("till:"), balance("envelopes")) == (
            100000,
            126800,
            50300,
        )
        with reading() as session:
            assert breaches(session) == []


def reopen(tx: Session, order: Order) -> None:
    """Take the last tap at the box back."""
    shop, _ = counter.shop_and_card(tx)
    box = counter.task(tx, order.id, "box")
    work.recall(tx, shop, box.id, box.version, by=cast.by(tx, "li"), at=now())


@pytest.mark.parametrize("how", ["before the box is closed", "afterwards", "made again"])
def test_a_box_that_is_opened_again_gives_its_envelope_back(app_both: Flask, how: str) -> None:
    with app_both.app_context():
        with writing() as tx:
            order = confirmed(tx)
            hide(tx, order)
            boxing(tx, order)
            tick(tx, order)
            if how != "before the box is closed":
                finish(tx, order)
        assert (balance("till:"), balance("envelopes")) == (26800, 50000)
        with writing() as tx:
            shop, card = counter.shop_and_card(tx)
            if how == "made again":
                cake = tx.scalars(select(Cake.id).where(Cake.order_id == order.id)).one()
                work.remake(tx, shop, card, cake, from_kind="box", fault_kind="box", reason="dropped",
                            by=cast.by(tx, "li"), at=now())  # fmt: skip
            else:
                reopen(tx, order)
            told = tx.scalars(select(Notice).where(Notice.kind == "envelope_out")).one()
            assert told.acknowledged_at is None
            assert told.order_id == order.id and told.now["number"]
        assert (balance("till:"), balance("envelopes")) == (76800, 0)
        with reading() as session:
            assert breaches(session) == []
        with writing() as tx:
            row = tx.get_one(Order, order.id)
            if how == "afterwards":
                with pytest.raises(Invalid):
                    finish(tx, row)
                tick(tx, row)
                taken_down = tx.get_one(Notice, told.id)
                assert taken_down.acknowledged_by == cast.by(tx, "li").id, (
                    "nobody is told to take it out any more"
                )
                finish(tx, row)
                progress.hand_over(tx, shop, row, by=cast.by(tx, "mei"), at=now(), pin=row.pin)
        assert balance("envelopes") == 0
        with reading() as session:
            assert breaches(session) == []


@pytest.mark.parametrize("state", ["ready", "out_for_delivery"])
def test_out_of_its_box_it_is_given_once_and_on_its_way_not_at_all(app_both: Flask, state: str) -> None:
    with app_both.app_context():
        with writing() as tx:
            order, shop = confirmed(tx), counter.shop_and_card(tx)[0]
            hide(tx, order)
            boxing(tx, order)
            tick(tx, order)
            finish(tx, order)
            counted(tx, here(tx), 26800)
        with writing() as tx:
            row, mei = tx.get_one(Order, order.id), cast.by(tx, "mei")
            if state == "out_for_delivery":
                progress.move(tx, row, OrderState.OUT_FOR_DELIVERY)
                with pytest.raises(Conflict, match="on its way"):
                    hidden.give_back(tx, shop, row, by=mei, at=now())
                assert tx.scalars(select(Notice)).all() == []
                return
            assert hidden.give_back(tx, shop, row, by=mei, at=now()) == 50000
            assert open_tills(tx, shop) == [], (
                "it comes out of the envelope, no drawer has anything to do with it"
            )
            told = tx.scalars(select(Notice)).one()
            station = tx.scalars(
                select(Task.station_id).where(Task.id == counter.task(tx, row.id, "box").id)
            ).one()
            assert (told.kind, told.station_id) == ("envelope_out", station)
            with pytest.raises(Conflict, match="Nothing is hidden"):
                hidden.give_back(tx, shop, row, by=mei, at=now())
            progress.hand_over(tx, shop, row, by=mei, at=now(), pin=row.pin)
        assert (balance("envelopes"), balance("hidden-cash")) == (0, 0)
        with reading() as session:
            assert breaches(session) == []
