"""Placing makes an order, its cakes and its tasks at once, or nothing at all."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from shop.core.actors import CUSTOMER
from shop.core.errors import Invalid, SlotTaken
from shop.core.events import Event
from shop.core.keys import digest
from shop.orders import promise
from shop.orders.cart import Cart, CartLine, price_cart
from shop.orders.finding import by_counter_code, by_token, sheet, token_of
from shop.orders.placing import place
from shop.orders.progress import cancel
from shop.orders.searching import search
from shop.orders.tables import Cake, Order, OrderState
from shop.production.tables import Task, TaskState
from tests.counter import cart, clock, order, shop_and_card, tasks
from web.database import reading, writing
from web.house import keys, now


def test_an_order_has_its_number_token_cakes_and_tasks(app_both: Flask) -> None:
    with app_both.app_context():
        with writing() as tx:
            what = Cart(
                [CartLine("fruit", 10, 2, inscription="生日快乐"), CartLine("oreo", 6)], allergies=["nuts"]
            )
            placed = order(tx, what, paid=False)
        with reading() as session:
            shop, _ = shop_and_card(session)
            made = session.get_one(Order, placed.order_id)
            assert (made.number, made.state, made.total) == ("A-001", "placed", 2 * 37800 + 18800)
            assert made.token_hash == digest(placed.token) and placed.token == token_of(keys(), made)
            assert len(placed.token) == 22 and made.pin.isdigit() and len(made.pin) == 4
            found = sheet(session, made)
            assert [len(line.cakes) for line in found.lines] == [2, 1]
            assert len({cake.cake.code for cake in found.cakes}) == 3
            assert all(t.state == TaskState.HELD for t in tasks(session, made.id))
            assert [t.kind for t in found.cakes[0].tasks] == [
                "bake",
                "cool",
                "build",
                "decorate",
                "check",
                "box",
            ]
            assert by_token(session, placed.token).id == made.id
            assert by_counter_code(session, shop, placed.counter_code.lower()).id == made.id


def test_numbers_run_by_channel_letter_and_day(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            numbers = [order(tx).number, order(tx, channel="counter").number, order(tx).number]
            numbers.append(order(tx, channel="phone").number)
        assert numbers == ["A-001", "B-001", "A-002", "B-002"]


def test_a_number_is_not_called_for_two_open_orders(app_both: Flask) -> None:
    with app_both.app_context():
        with writing() as tx:
            first, second, third = order(tx), order(tx), order(tx)
            gone = tx.get_one(Order, second.order_id)
            cancel(tx, shop_and_card(tx)[0], gone, by=CUSTOMER, at=now(), reason="customer", pin=gone.pin)
        clock(app_both).pass_by(days=1)
        with writing() as tx:
            numbers = [order(tx).number for _ in range(3)] + [order(tx, channel="counter").number]
        assert (first.number, third.number) == ("A-001", "A-003")
        assert numbers == ["A-002", "A-004", "A-005", "B-001"], "yesterday's A-001 and A-003 are still open"


@pytest.mark.parametrize("state", OrderState)
def test_an_order_keeps_its_number_until_nobody_can_call_it(app: Flask, state: OrderState) -> None:
    over = ("handed_over", "closed", "expired", "rejected", "cancelled", "disposed", "resold")
    with app.app_context():
        with writing() as tx:
            tx.execute(update(Order).where(Order.id == order(tx).order_id).values(state=state))
        clock(app).pass_by(days=1)
        with writing() as tx:
            assert order(tx).number == ("A-001" if state in over else "A-002")


def test_paying_in_full_confirms_and_lets_the_first_stage_start(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        placed = order(tx)
        made = tx.get_one(Order, placed.order_id, populate_existing=True)
        assert (made.state, made.balance, made.counter_code) == (OrderState.CONFIRMED, 0, None)
        assert [t.state for t in tasks(tx, made.id)] == ["ready_to_start"] + ["waiting"] * 5


def test_a_prepaid_order_is_confirmed_at_once(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, card = shop_and_card(tx)
        what = cart()
        what.due_at = now() + timedelta(hours=5)
        placed = place(
            tx,
            keys(),
            shop,
            card,
            what,
            channel="sales",
            by=CUSTOMER,
            at=now(),
            prepaid=True,
            external_id="E-1",
        )
        made = tx.get_one(Order, placed.order_id)
        assert (made.state, made.paid, placed.number) == ("confirmed", made.total, "D-001")
        again = place(
            tx,
            keys(),
            shop,
            card,
            what,
            channel="sales",
            by=CUSTOMER,
            at=now(),
            prepaid=True,
            external_id="E-1",
        )
        assert again.order_id == placed.order_id
        assert tx.scalar(select(func.count()).select_from(Order)) == 1


def test_a_full_kitchen_refuses_and_leaves_nothing_behind(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            shop, card = shop_and_card(tx)
            lines = price_cart(card, cart()).lines
            due = promise.quote(tx, shop, card, lines, at=now()).earliest
        taken = 0
        with pytest.raises(SlotTaken) as refused:
            for _ in range(50):
                with writing() as tx:
                    order(tx, due_at=due)
                    taken += 1
        assert refused.value.params["earliest"] > due
        with reading() as session:
            assert session.scalar(select(func.count()).select_from(Order)) == taken
            assert session.scalar(select(func.count()).select_from(Task)) == taken * 6
            assert session.scalar(select(func.count()).select_from(Cake)) == taken


def test_staff_may_overbook_with_a_reason_that_is_kept(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, card = shop_and_card(tx)
        what = cart(quantity=20)
        what.due_at = now() + timedelta(hours=2, minutes=30)
        with pytest.raises(SlotTaken):
            place(tx, keys(), shop, card, what, channel="counter", by=CUSTOMER, at=now())
        placed = place(
            tx, keys(), shop, card, what, channel="counter", by=CUSTOMER, at=now(), overbook_reason="老顾客"
        )
        assert tx.get_one(Order, placed.order_id).reason == "老顾客"


def test_a_time_is_needed(app: Flask) -> None:
    with app.app_context(), writing() as tx, pytest.raises(Invalid) as refused:
        shop, card = shop_and_card(tx)
        place(tx, keys(), shop, card, cart(), channel="kiosk", by=CUSTOMER, at=now())
    assert refused.value.field == "due_at"


def test_the_diary_is_gapless_and_says_who(app_both: Flask) -> None:
    with app_both.app_context():
        for _ in range(3):
            with writing() as tx:
                order(tx)
        with reading() as session:
            seqs = list(session.scalars(select(Event.seq).order_by(Event.seq)))
            assert seqs == list(range(1, len(seqs) + 1))
            shop, _ = shop_and_card(session)
            assert shop.event_seq == seqs[-1]
            paid = session.scalars(select(Event).where(Event.kind == "payment_captured")).first()
            assert paid is not None and paid.actor_kind == "staff" and paid.order_id is not None


def test_a_refused_verb_writes_no_line_in_the_diary(app: Flask) -> None:
    with app.app_context():
        with reading() as session:
            before = shop_and_card(session)[0].event_seq
        with pytest.raises(RuntimeError), writing() as tx:
            order(tx)
            raise RuntimeError("the power went")
        with reading() as session:
            assert shop_and_card(session)[0].event_seq == before
            assert session.scalar(select(func.count()).select_from(Order)) == 0


def test_search_by_number_name_phone_and_state(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            what = cart()
            what.name, what.phone = "王小明", "13812345678"
            mine = order(tx, what)
            order(tx, paid=False)
        with reading() as session:
            shop, _ = shop_and_card(session)

            def found(**terms: Any) -> list[int]:
                found = search(session, keys(), shop, at=now(), **terms)
                return [each.order.id for each in found]

            assert found(text="A-001") == found(text="王小明") == found(text="13812345678") == [mine.order_id]
            assert found(text="5678") == [mine.order_id]
            assert found(states=["confirmed"]) == [mine.order_id]
            assert len(found()) == 2 and found(text="nobody") == []
            assert found(unpaid=True) != found(states=["confirmed"])
