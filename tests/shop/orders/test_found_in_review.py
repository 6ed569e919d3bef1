"""What a sceptical reader found: each was a way to lose money, time or trust."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shop.core.actors import CUSTOMER
from shop.core.errors import Conflict, KeyReused, SlotTaken
from shop.core.idempotency import forget, remember, seen
from shop.orders import drafts, progress, promise
from shop.orders.cart import price_cart
from shop.orders.changing import change_line
from shop.orders.floorplan import hands_on
from shop.orders.tables import Line, Order, OrderState
from shop.payments.counter import take
from shop.people.staff import Shift, ShiftChange
from shop.production import work
from shop.production.onshift import people_here
from shop.production.stations import change_day
from shop.production.tables import Task, TaskState
from tests import cast
from tests.counter import cart, clock, make, order, shop_and_card, task, tasks
from web.database import writing
from web.house import keys, now


def test_an_order_with_money_on_it_does_not_run_out(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            shop, _ = shop_and_card(tx)
            mine = tx.get_one(Order, order(tx, paid=False).order_id)
            mei = cast.by(tx, "mei")
            take(tx, shop, mine, "cash", amount=10000, tendered=10000, by=mei, at=now())
        clock(app).pass_by(hours=1)
        with writing() as tx:
            assert progress.expire_unpaid(tx, shop, at=now()) == 0
            mine = tx.get_one(Order, mine.id)
            assert (mine.state, mine.balance) == (OrderState.PLACED, 16800)


def earliest(tx: Session) -> datetime:
    shop, card = shop_and_card(tx)
    found = promise.quote(tx, shop, card, price_cart(card, cart()).lines, at=now()).earliest
    assert found
    return found


def test_a_day_off_changes_the_promise_at_once(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            shop, _ = shop_and_card(tx)
            today = shop.business_date(now())
            assert shop.business_date(earliest(tx)) == today
            chen = cast.by(tx, "chen")
            for login in ("li", "zhang", "zhao", "sun"):
                for days in range(3):
                    day = today + timedelta(days=days)
                    baker = cast.person(tx, login).id
                    change_day(tx, shop, baker, day, starts="", ends="", by=chen, at=now())
        with writing() as tx:
            assert shop.business_date(earliest(tx)) == today + timedelta(days=3)


def test_a_shop_that_keeps_shifts_has_no_hands_on_a_day_without(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        tx.execute(delete(Shift))
        li = cast.person(tx, "li")
        day = shop.business_date(now()) + timedelta(days=2)
        tx.add(ShiftChange(shop_id=shop.id, staff_id=li.id, day=day, starts="07:00", ends="19:00"))
        shop.menu_version += 1
        tx.flush()
        assert shop.business_date(earliest(tx)) == day  # the substitute's one day counts, with their skills
        assert [hand.id for hand in hands_on(tx, shop, [day], [])] == [li.id]


def test_both_halves_of_a_split_shift_name_the_baker(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, card = shop_and_card(tx)
        li = cast.person(tx, "li")
        tx.execute(delete(Shift).where(Shift.staff_id == li.id))
        for starts, ends in (("06:00", "10:00"), ("18:00", "22:00")):
            tx.add(Shift(shop_id=shop.id, staff_id=li.id, weekday=5, starts=starts, ends=ends))
        tx.flush()
        for hours, here in ((0, True), (3, False), (9, True)):
            names = [name for _, name in people_here(tx, shop, card, None, at=now() + timedelta(hours=hours))]
            assert (li.name in names) is here, hours


def test_another_tier_takes_its_minutes_or_is_refused(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, card = shop_and_card(tx)
        mei = cast.by(tx, "mei")
        mine = tx.get_one(Order, order(tx, due_at=now() + timedelta(hours=6)).order_id)
        before = task(tx, mine.id, "decorate")
        line = tx.scalars(select(Line).where(Line.order_id == mine.id)).one()
        change_line(tx, shop, card, mine, line.id, options={"tiers": "two"}, by=mei, at=now())
        after = task(tx, mine.id, "decorate")
        assert after.minutes > before.minutes and after.latest_start < before.latest_start
        assert [t.state for t in tasks(tx, mine.id)] == ["ready_to_start"] + ["waiting"] * 5
        tight = tx.get_one(Order, order(tx).order_id)
        clock(app).pass_by(minutes=15)
        line = tx.scalars(select(Line).where(Line.order_id == tight.id)).one()
        with pytest.raises(SlotTaken):
            change_line(tx, shop, card, tight, line.id, options={"tiers": "two"}, by=mei, at=now())


def test_a_kiosk_opens_no_clerks_draft_and_a_clerk_no_kiosks(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        mei = cast.person(tx, "mei")
        desk = drafts.new_draft(tx, keys(), shop, cart(), at=now(), staff_id=mei.id)
        kiosk = drafts.new_draft(tx, keys(), shop, cart(), at=now(), device_id=1)
        assert drafts.find_draft(tx, keys(), shop, desk, at=now(), staff_id=mei.id).lines
        assert drafts.find_draft(tx, keys(), shop, kiosk, at=now()).lines
        with pytest.raises(drafts.DraftGone):
            drafts.find_draft(tx, keys(), shop, desk, at=now())
        with pytest.raises(drafts.DraftGone):
            drafts.find_draft(tx, keys(), shop, kiosk, at=now(), staff_id=mei.id)


def test_words_are_ticked_only_at_work_on_them(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        mine = order(tx, cart(inscription="周年快乐")).order_id
        with pytest.raises(Conflict):
            work.tick_written(tx, shop, task(tx, mine, "bake").cake_id, by=cast.by(tx, "li"), at=now())


def test_cooling_that_runs_is_not_taken_back_by_itself(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        mine = order(tx).order_id
        make(tx, mine, until="bake")
        cool = task(tx, mine, "cool")
        with pytest.raises(Conflict):
            work.recall(tx, shop, cool.id, cool.version, by=cast.by(tx, "li"), at=now())
        assert task(tx, mine, "cool").state == TaskState.RUNNING


def test_a_cake_that_was_made_once_cannot_be_cancelled_as_not_started(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, card = shop_and_card(tx)
        li = cast.by(tx, "li")
        mine = order(tx).order_id
        make(tx, mine)
        cake = task(tx, mine, "box").cake_id
        work.remake(
            tx, shop, card, cake, from_kind="bake", fault_kind="bake", reason="burnt", by=li, at=now()
        )
        bake = task(tx, mine, "bake")
        work.start(tx, shop, bake.id, bake.version, by=li, at=now())
        bake = tx.get_one(Task, bake.id, populate_existing=True)
        work.recall(tx, shop, bake.id, bake.version, by=li, at=now())
        mine_now = tx.get_one(Order, mine, populate_existing=True)
        assert mine_now.state == OrderState.IN_PRODUCTION
        with pytest.raises(Conflict):
            progress.cancel(tx, shop, mine_now, by=CUSTOMER, at=now(), reason="", pin=mine_now.pin)


def test_a_key_stays_used_when_what_it_made_is_forgotten(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        remember(tx, "door", "key-of-form", "print", {"go": "/"}, now())
        assert seen(tx, "door", "key-of-form", "print") == {"go": "/"}
        forget(tx, at=now() + timedelta(days=31))
        with pytest.raises(KeyReused):
            seen(tx, "door", "key-of-form", "print")
