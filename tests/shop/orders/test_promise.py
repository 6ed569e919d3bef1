"""The promise comes from the real load; a held time is kept; a full kitchen says so."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import CUSTOMER
from shop.core.errors import Invalid, SlotTaken
from shop.orders import promise
from shop.orders.cart import Cart, CartLine, price_cart
from shop.orders.tables import SlotHold
from shop.people.staff import ShiftChange
from tests import cast
from tests.counter import cart, clock, order, shop_and_card
from tests.kitchenbook import broken
from web.database import reading, writing
from web.house import now


def quote(tx: Session, what: Cart | None = None, **more: Any) -> promise.Offer:
    shop, card = shop_and_card(tx)
    return promise.quote(tx, shop, card, price_cart(card, what or cart()).lines, at=now(), **more)


def test_an_empty_kitchen_promises_the_route_itself(app: Flask) -> None:
    with app.app_context(), reading() as session:
        shop, _ = shop_and_card(session)
        offer = quote(session)
        # 09:30 + 30 bake + 40 cool + 15 build + 20 decorate + 3 check + 5 box + 10 spare = 11:33, on tens 11:40
        assert shop.local(offer.earliest).strftime("%H:%M") == "11:40"
        assert [(s.inch, shop.local(s.earliest).strftime("%H:%M")) for s in offer.sooner] == [(6, "11:10")]


def test_a_bigger_cake_and_more_cakes_take_longer(app: Flask) -> None:
    with app.app_context(), reading() as session:
        small = quote(session).earliest
        assert quote(session, cart(inch=12)).earliest > small
        assert quote(session, cart(quantity=12)).earliest > small


def test_every_order_makes_the_next_promise_later_or_the_same(app_both: Flask) -> None:
    """Only what moves others to make room may now and then find ten minutes that the question before it missed."""
    times = []
    with app_both.app_context():
        for _ in range(12):
            with writing() as tx:
                times.append(quote(tx).earliest)
                order(tx)
    ten = timedelta(minutes=promise.ROUND_MINUTES)
    assert all(later >= sooner - ten for sooner, later in pairwise(times))
    assert times[-1] >= times[0] + timedelta(hours=2)


def test_nobody_on_shift_means_no_hands(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        today = shop.business_date(now())
        for login in ("li", "zhang", "zhao", "sun"):
            tx.add(ShiftChange(shop_id=shop.id, staff_id=cast.person(tx, login).id, day=today))
        shop.menu_version += 1
        tx.flush()
        assert shop.business_date(quote(tx).earliest) == today + timedelta(days=1)


def test_after_closing_the_promise_is_for_tomorrow_morning(app: Flask) -> None:
    with app.app_context(), reading() as session:
        clock(app).pass_by(hours=12)  # 21:30
        shop, _ = shop_and_card(session)
        earliest = shop.local(quote(session).earliest)
        assert earliest.date() == shop.business_date(now()) + timedelta(days=1)
        assert shop.opens <= earliest.strftime("%H:%M") <= "12:00"


def test_a_held_time_is_taken_for_others_and_free_for_its_holder(app_both: Flask) -> None:
    with app_both.app_context():
        with writing() as tx:
            shop, card = shop_and_card(tx)
            many = price_cart(card, cart(quantity=2)).lines
            due = promise.quote(tx, shop, card, many, at=now()).earliest
            assert due is not None
            promise.hold(tx, shop, card, "MINE", many, due, by=CUSTOMER, at=now())
            for n in range(8):
                with_room = promise.quote(tx, shop, card, many, at=now())
                assert with_room.earliest is not None
                promise.hold(tx, shop, card, f"OTHER{n}", many, with_room.earliest, by=CUSTOMER, at=now())
            with pytest.raises(SlotTaken) as refused:
                promise.hold(tx, shop, card, "LATE", many, due, by=CUSTOMER, at=now())
            assert refused.value.params["earliest"] > due
            kept = promise.hold(
                tx, shop, card, "MINE", many, due, by=CUSTOMER, at=now()
            )  # asked for again: still mine
            assert kept == now() + timedelta(minutes=10)
        clock(app_both).pass_by(minutes=11)
        with reading() as session:
            later = promise.quote(session, shop, card, many, at=now())
            assert later.earliest is not None
            assert later.earliest <= due + timedelta(minutes=20)  # holds have run out


def test_choosing_another_time_gives_the_first_one_back(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, card = shop_and_card(tx)
        lines = price_cart(card, cart()).lines
        first = promise.quote(tx, shop, card, lines, at=now()).earliest
        assert first is not None
        promise.hold(tx, shop, card, "MINE", lines, first, by=CUSTOMER, at=now())
        promise.hold(tx, shop, card, "MINE", lines, first + timedelta(hours=2), by=CUSTOMER, at=now())
        assert len(tx.scalars(select(SlotHold)).all()) == 1


@pytest.mark.parametrize(("hours", "field"), [(-1, "due_at"), (14, "due_at"), (24 * 70, "due_at")])
def test_impossible_times_are_refused_by_name(app: Flask, hours: int, field: str) -> None:
    with app.app_context(), reading() as session, pytest.raises(Invalid) as refused:
        shop, _ = shop_and_card(session)
        promise.check_due(shop, now() + timedelta(hours=hours), now())
    assert refused.value.field == field


def test_the_times_of_a_day_are_half_hours_and_the_earliest(app: Flask) -> None:
    with app.app_context(), reading() as session:
        shop, card = shop_and_card(session)
        day = shop.business_date(now())
        lines = price_cart(card, cart()).lines
        slots = promise.times_on(session, shop, card, lines, day, at=now())
        free = [shop.local(s.at).strftime("%H:%M") for s in slots if s.free]
        assert free[:3] == ["11:40", "12:00", "12:30"] and free[-1] == "22:00"
        assert not any(s.free for s in slots if s.at < now() + timedelta(hours=2))
        assert {s.why for s in slots if s.at < now() + timedelta(hours=2)} == {"soon"}
        assert {s.why for s in slots if s.free} == {""}
        tomorrow = promise.times_on(session, shop, card, lines, day + timedelta(days=1), at=now())
        assert len(tomorrow) == 29


def test_too_soon_is_told_from_full(app: Flask) -> None:
    """A kitchen with work says "full" only where an idle one could have made it."""
    with app.app_context():
        with writing() as tx:
            for _ in range(8):
                order(tx)
        with reading() as session:
            shop, card = shop_and_card(session)
            lines = price_cart(card, cart()).lines
            slots = promise.times_on(session, shop, card, lines, shop.business_date(now()), at=now())
        why = {shop.local(s.at).strftime("%H:%M"): s.why for s in slots}
        assert why["11:30"] == "soon" and why["12:00"] == "full" and why["22:00"] == ""


def test_late_work_pushes_the_promise(app: Flask) -> None:
    """A kitchen that has not started what it should have is slower than its plan."""
    with app.app_context():
        with writing() as tx:
            due = quote(tx).earliest
            for _ in range(6):
                order(tx, due_at=due + timedelta(hours=1))
        before = quote_now(app)
        clock(app).pass_by(minutes=80)
        after = quote_now(app)
        assert after > before
        assert after - now() > timedelta(hours=2, minutes=10)  # what an empty kitchen would take


def quote_now(app: Flask) -> datetime:
    with reading() as session:
        found = quote(session).earliest
        assert found
        return found


def test_mixed_carts_are_laid_in_together(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        what = Cart([CartLine("fruit", 12, 2), CartLine("tiramisu", 6)])
        placed = order(tx, what)
        assert broken(tx, shop) == []
        assert placed.number == "A-001"
