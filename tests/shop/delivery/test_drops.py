"""A drop from the kitchen's door to the customer's: each step, each refusal, and who may see the address when."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from shop.core.errors import Conflict, Denied, Invalid, TooMany
from shop.core.events import Event
from shop.delivery.claims import assign, claim, open_again, release
from shop.delivery.drops import D, find, make_drops
from shop.delivery.handing import arrive, bring_back, deliver, fail, pick_up, undo
from shop.delivery.tables import Drop
from shop.delivery.where import contact_of
from shop.orders.progress import cancel
from shop.orders.tables import Order, OrderState
from shop.payments.tables import Payment
from shop.people.staff import Staff
from tests import cast, counter
from tests.shop.delivery import rounds
from web.database import reading, writing
from web.house import keys, now


def test_a_confirmed_delivery_order_gets_one_drop_and_only_one(app_both: Flask) -> None:
    with app_both.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        counter.order(tx)  # picked up: none
        order_id = rounds.ordered(tx)
        assert make_drops(tx, shop, at=now()) == 1
        assert make_drops(tx, shop, at=now()) == 0
        made = tx.scalars(select(Drop)).one()
        assert (made.order_id, made.state, made.area, made.minutes, made.cakes) == (
            order_id,
            D.OPEN,
            "jingan",
            12,
            1,
        )


def test_a_cancelled_order_lets_its_drop_go(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        it = rounds.drop(tx, ready=False)
        cancel(tx, shop, tx.get_one(Order, it.order_id), by=cast.by(tx, "mei"), at=now(), reason="twice")
        make_drops(tx, shop, at=now())
        assert find(tx, shop, it.id).state == D.VOID


def test_the_whole_way(app_both: Flask) -> None:
    with app_both.app_context():
        with writing() as tx:
            shop, _ = counter.shop_and_card(tx)
            it, by = rounds.claimed(tx), cast.by(tx, "gao")
            order = tx.get_one(Order, it.order_id)
            pick_up(tx, shop, it.id, rounds.codes(tx, it), by=by, at=now())
            assert order.state == OrderState.OUT_FOR_DELIVERY and it.out_of_cold_since == now()
            arrive(tx, shop, it.id, by=by, at=now())
            assert deliver(tx, shop, it.id, by=by, at=now(), pin=order.pin)
            assert order.state == OrderState.HANDED_OVER
            assert (it.state, it.proof, it.out_of_cold_since) == (D.DELIVERED, "pin", None)
        with reading() as session:
            assert rounds.kinds(session, it.order_id) == [
                "drop_made", "drop_claimed", "drop_collected", "drop_arrived", "drop_delivered",
            ]  # fmt: skip


def test_every_cake_is_scanned_and_no_other(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        it, by = rounds.claimed(tx), cast.by(tx, "gao")
        other = rounds.codes(tx, rounds.drop(tx))
        right = rounds.codes(tx, it)
        with pytest.raises(Invalid, match="another order"):
            pick_up(tx, shop, it.id, [*right, *other], by=by, at=now())
        with pytest.raises(Invalid, match="1 still missing"):
            pick_up(tx, shop, it.id, [""], by=by, at=now())
        pick_up(tx, shop, it.id, [f"http://shop.test/c/{right[0].lower()}/"], by=by, at=now())
        assert it.state == D.PICKED_UP


def test_nothing_leaves_before_the_kitchen_is_done(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        it = rounds.claimed(tx, ready=False)
        with pytest.raises(Conflict, match="not done"):
            pick_up(tx, shop, it.id, rounds.codes(tx, it), by=cast.by(tx, "gao"), at=now())


def test_a_colleague_moves_nothing_of_mine(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        it, wu = rounds.at_the_door(tx), cast.by(tx, "wu")
        order = tx.get_one(Order, it.order_id)
        for step in (
            lambda: deliver(tx, shop, it.id, by=wu, at=now(), pin=order.pin),
            lambda: fail(tx, shop, it.id, reason="nobody", next_step="call", by=wu, at=now()),
            lambda: bring_back(tx, shop, it.id, by=wu, at=now()),
            lambda: release(tx, shop, it.id, by=wu, at=now()),
            lambda: undo(tx, shop, it.id, by=wu, at=now()),
        ):
            with pytest.raises(Denied):
                step()
        assert find(tx, shop, it.id).state == D.ARRIVED


def test_no_step_comes_twice_or_out_of_turn(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        it, by = rounds.claimed(tx), cast.by(tx, "gao")
        for early in (
            lambda: arrive(tx, shop, it.id, by=by, at=now()),
            lambda: deliver(tx, shop, it.id, by=by, at=now(), photo="a"),
            lambda: fail(tx, shop, it.id, reason="nobody", next_step="call", by=by, at=now()),
            lambda: bring_back(tx, shop, it.id, by=by, at=now()),
        ):
            with pytest.raises(Conflict):
                early()
        pick_up(tx, shop, it.id, rounds.codes(tx, it), by=by, at=now())
        with pytest.raises(Conflict):
            pick_up(tx, shop, it.id, rounds.codes(tx, it), by=by, at=now())
        with pytest.raises(Conflict):
            release(tx, shop, it.id, by=by, at=now())
        arrive(tx, shop, it.id, by=by, at=now())
        with pytest.raises(Conflict):
            arrive(tx, shop, it.id, by=by, at=now())


def test_the_pin_is_asked_five_times(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        it, by = rounds.at_the_door(tx), cast.by(tx, "gao")
        order = tx.get_one(Order, it.order_id)
        wrong = f"{(int(order.pin) + 1) % 10_000:04d}"
        with pytest.raises(Invalid) as bare:
            deliver(tx, shop, it.id, by=by, at=now())
        assert bare.value.field == "pin"
    for _ in range(5):
        with app.app_context(), writing() as tx:
            assert not deliver(tx, shop, it.id, by=by, at=now(), pin=wrong)
    with app.app_context(), writing() as tx:
        with pytest.raises(TooMany):
            deliver(tx, shop, it.id, by=by, at=now(), pin=order.pin)
        assert deliver(tx, shop, it.id, by=by, at=now(), photo="0" * 32 + ".jpg"), "a photo is still proof"


def test_cash_at_the_door_is_taken_by_the_courier_or_nothing_is_handed_over(app_both: Flask) -> None:
    with app_both.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        it, by = rounds.at_the_door(tx, paid=False), cast.by(tx, "gao")
        order = tx.get_one(Order, it.order_id)
        due = order.total
        assert it.cash_due == due > 0
        for tendered in (None, due - 1):
            with pytest.raises(Invalid) as short:
                deliver(tx, shop, it.id, by=by, at=now(), pin=order.pin, tendered=tendered)
            assert short.value.field == "tendered" and order.state == OrderState.OUT_FOR_DELIVERY
        assert deliver(tx, shop, it.id, by=by, at=now(), pin=order.pin, tendered=due + 700)
        payment = tx.scalars(select(Payment).where(Payment.order_id == order.id)).one()
        assert (payment.method, payment.amount, payment.taken_by) == ("cash", due, by.id)
        assert (order.balance, find(tx, shop, it.id).cash_taken) == (0, due)


def test_when_nobody_opens(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        it, by = rounds.at_the_door(tx), cast.by(tx, "gao")
        order = tx.get_one(Order, it.order_id)
        for reason, step, field in (("bored", "call", "reason"), ("nobody", "leave", "next_step"),
                                    ("damaged", "neighbour", "next_step")):  # fmt: skip
            with pytest.raises(Invalid) as wrong:
                fail(tx, shop, it.id, reason=reason, next_step=step, by=by, at=now())
            assert wrong.value.field == field
        fail(tx, shop, it.id, reason="nobody", next_step="wait", by=by, at=now())
        assert it.wait_until == now() + timedelta(minutes=10)
        fail(tx, shop, it.id, reason="nobody", next_step="back", by=by, at=now())
        bring_back(tx, shop, it.id, by=by, at=now())
        assert (it.state, order.state) == (D.RETURNED, OrderState.READY)
        open_again(tx, shop, it.id, by=cast.by(tx, "mei"), at=now())
        claim(tx, shop, it.id, it.version, by=cast.by(tx, "wu"), at=now())
        pick_up(tx, shop, it.id, rounds.codes(tx, it), by=cast.by(tx, "wu"), at=now())
        assert order.state == OrderState.OUT_FOR_DELIVERY


def test_the_last_step_is_taken_back_within_a_minute(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        it, by = rounds.at_the_door(tx), cast.by(tx, "gao")
        order = tx.get_one(Order, it.order_id)
        undo(tx, shop, it.id, by=by, at=now())
        assert it.state == D.PICKED_UP
        with pytest.raises(Conflict):  # one step, not two
            undo(tx, shop, it.id, by=by, at=now())
        arrive(tx, shop, it.id, by=by, at=now())
        clock = cast.clock_of(app)
        clock.pass_by(seconds=61)
        with pytest.raises(Conflict):
            undo(tx, shop, it.id, by=by, at=now())
        assert deliver(tx, shop, it.id, by=by, at=now(), pin=order.pin)
        with pytest.raises(Conflict):
            undo(tx, shop, it.id, by=by, at=now())


def test_a_pick_up_undone_puts_the_cake_back(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        it, by = rounds.claimed(tx), cast.by(tx, "gao")
        pick_up(tx, shop, it.id, rounds.codes(tx, it), by=by, at=now())
        undo(tx, shop, it.id, by=by, at=now())
        assert (it.state, tx.get_one(Order, it.order_id).state) == (D.CLAIMED, OrderState.READY)
        with pytest.raises(Denied):
            contact_of(tx, keys(), it, courier_id=by.id or 0, at=now())


def test_the_address_opens_with_the_pick_up_and_closes_two_hours_after(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        it, by = rounds.claimed(tx), cast.by(tx, "gao")
        order, gao = tx.get_one(Order, it.order_id), by.id or 0

        def seen(who: int) -> str:
            try:
                return contact_of(tx, keys(), find(tx, shop, it.id), courier_id=who, at=now()).address
            except Denied:
                return ""

        assert seen(gao) == ""
        pick_up(tx, shop, it.id, rounds.codes(tx, it), by=by, at=now())
        everybody = {person.login: seen(person.id) for person in tx.scalars(select(Staff))}
        assert {login for login, address in everybody.items() if address} == {"gao"}
        arrive(tx, shop, it.id, by=by, at=now())
        deliver(tx, shop, it.id, by=by, at=now(), pin=order.pin)
        cast.clock_of(app).pass_by(hours=1, minutes=59)
        assert seen(gao) == rounds.ADDRESS
        cast.clock_of(app).pass_by(minutes=1)
        assert seen(gao) == ""


def test_the_address_goes_with_the_drop_to_another_courier(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        it, gao, wu = rounds.at_the_door(tx), cast.by(tx, "gao"), cast.by(tx, "wu")
        assign(tx, shop, it.id, wu.id or 0, it.version, by=cast.by(tx, "xu"), at=now(), reason="flat tyre")
        assert contact_of(tx, keys(), it, courier_id=wu.id or 0, at=now()).phone == rounds.PHONE
        with pytest.raises(Denied):
            contact_of(tx, keys(), it, courier_id=gao.id or 0, at=now())


def test_each_look_is_in_the_diary(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            it = rounds.at_the_door(tx)
        with reading() as session:
            looks = select(func.count()).where(Event.kind == "person_revealed", Event.order_id == it.order_id)
            assert session.scalar(looks) == 1
