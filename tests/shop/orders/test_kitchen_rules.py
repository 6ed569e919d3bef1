"""What is promised can be made: ovens by heat and tray, people by skill and hour, keeps, gates, shelves."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.core.actors import CUSTOMER
from shop.core.errors import ShopError, SlotTaken
from shop.core.events import Event
from shop.core.types import to_minute
from shop.menu.tables import RouteStage, Station
from shop.orders import promise
from shop.orders.asking import Cakes
from shop.orders.cart import Cart, price_cart
from shop.orders.load import Kitchen
from shop.orders.placing import place
from shop.orders.progress import hand_over
from shop.orders.tables import Order, OrderState
from shop.people.shops import renew
from shop.people.staff import Shift, Staff
from shop.planning.reservations.quote import Certificate
from shop.production import work
from shop.production.tables import Task
from tests import cast
from tests.counter import cart, clock, make, order, shop_and_card, task, tasks
from tests.kitchenbook import broken, jobs
from web.database import reading, writing
from web.house import keys, now


def changed(tx: Session) -> None:
    shop, _ = shop_and_card(tx)
    tx.flush()
    renew(tx, shop.id)
    tx.refresh(shop)


def place_some(app: Flask, chance: random.Random, wanted: int) -> int:
    """Let customers order what they like, now or for the next days; returns how many could."""
    placed = 0
    with app.app_context():
        for n in range(wanted):
            with reading() as session:
                shop, card = shop_and_card(session)
            what = cart(chance.choice(list(card.dishes)), chance.choice((6, 8, 8, 10, 12)))
            what.lines[0].quantity = chance.choice((1, 1, 1, 2))
            if chance.random() < 0.2:
                what.lines.append(cart(chance.choice(list(card.dishes)), 8).lines[0])
            due = now() + timedelta(minutes=30 * chance.randrange(4, 60)) if n % 3 else None
            try:
                with writing() as tx:
                    if n % 5 == 0:
                        lines = price_cart(card, what).lines
                        when = due or promise.quote(tx, shop, card, lines, at=now()).earliest
                        promise.hold(tx, shop, card, f"HELD{n}", lines, when, by=CUSTOMER, at=now())
                    else:
                        order(tx, what, due_at=due, paid=n % 2 == 0)
                        placed += 1
            except ShopError:
                continue
    return placed


def test_random_orders_break_no_rule_of_the_kitchen(app_both: Flask) -> None:
    assert place_some(app_both, random.Random(5), 60) > 25
    with app_both.app_context(), reading() as session:
        shop, _ = shop_and_card(session)
        assert broken(session, shop) == []
        rows = session.scalars(select(Task)).all()
        assert {row.unit for row in rows if row.kind == "bake"} == {0, 1}
        assert all((row.planned_for is not None) == row.needs_person for row in rows)


def test_the_judge_sees_what_is_wrong(app: Flask) -> None:
    """Teeth: two cakes for one pair of hands, a cold oven, and work that waits too long are found."""
    place_some(app, random.Random(5), 40)
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        bake = tx.scalars(select(Task).where(Task.kind == "bake", Task.celsius == 170)).first()
        again = {"planned_start": bake.planned_start, "planned_end": bake.planned_end, "unit": bake.unit}
        tx.execute(update(Task).where(Task.kind == "bake", Task.celsius == 150).values(**again))
        build = tx.scalars(select(Task).where(Task.kind == "build")).first()
        when = {"planned_start": build.planned_start, "planned_for": build.planned_for}
        tx.execute(update(Task).where(Task.kind == "decorate").values(**when))
        tx.execute(update(Task).where(Task.kind == "box").values(planned_end=build.due_at))
        tx.flush()
        found = " ".join(broken(tx, shop))
        assert "degrees" in found and " does " in found and "starts before it can" in found
        assert "promised for" in found


def at_once(tx: Session, *kinds: tuple[str, int]) -> list[datetime]:
    """Order these for the first time each; returns the minutes at which they go into the oven."""
    return [task(tx, order(tx, cart(*kind)).order_id, "bake").planned_start for kind in kinds]


def test_two_heats_never_share_an_oven(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        tx.execute(update(Station).where(Station.slug == "oven").values(units=1, places=6))
        changed(tx)
        due = now() + timedelta(hours=4)
        placed = [
            order(tx, cart(kind), due_at=due).order_id for kind in ("oreo", "cheesecake", "durian-mille")
        ]
        sponge, cheese, mille = (task(tx, each, "bake") for each in placed)
        assert (sponge.celsius, cheese.celsius, mille.celsius) == (170, 150, 0)
        assert cheese.planned_end <= sponge.planned_start or cheese.planned_start >= sponge.planned_end


def test_only_who_can_decorate_decorates(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        for person in tx.scalars(select(Staff)):
            person.skills = [skill for skill in person.skills if skill != "decorate" or person.login == "li"]
        changed(tx)
        li = tx.scalars(select(Staff.id).where(Staff.login == "li")).one()
        for _ in range(3):
            assert task(tx, order(tx).order_id, "decorate").planned_for == li
        assert broken(tx, shop_and_card(tx)[0]) == []


def test_a_cake_does_not_wait_longer_than_it_keeps(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        tx.execute(update(RouteStage).where(RouteStage.kind == "decorate").values(keeps=0))
        changed(tx)
        for _ in range(4):
            made = tasks(tx, order(tx).order_id)
            assert made[2].planned_end == made[3].planned_start and made[3].keeps == 0


def test_nuts_have_their_own_hours(app: Flask) -> None:
    """Between 14:00 and 16:00 the bench is for nuts, and only then."""
    with app.app_context(), writing() as tx:
        tx.execute(
            update(Station).where(Station.slug == "bench").values(gates={"nuts": [["14:00", "16:00"]]})
        )
        changed(tx)
        shop, card = shop_and_card(tx)
        hazelnut = cart(options={"filling": "hazelnut"})
        nuts = task(tx, order(tx, hazelnut).order_id, "build")
        assert nuts.gate == "nuts" and shop.local(nuts.planned_start).hour in (14, 15)
        due = shop.moment(shop.business_date(now()), "16:00")
        plain = task(tx, order(tx, due_at=due).order_id, "build")
        assert plain.gate == "" and not 14 <= shop.local(plain.planned_start).hour < 16
        slots = promise.times_on(
            tx, shop, card, price_cart(card, hazelnut).lines, shop.business_date(now()), at=now()
        )
        assert not any(slot.free for slot in slots if shop.local(slot.at).hour < 15)
        assert broken(tx, shop) == []


def test_a_cake_with_two_allergens_keeps_the_hours_of_both(app: Flask) -> None:
    """The bench is for nuts from 14:00 to 17:00 and for eggs from 16:00 to 18:00: only the hour of both is left."""
    hours = {"egg": [["16:00", "18:00"]], "nuts": [["14:00", "17:00"]]}
    with app.app_context(), writing() as tx:
        tx.execute(update(Station).where(Station.slug == "bench").values(gates=hours))
        changed(tx)
        shop, card = shop_and_card(tx)
        both = cart(options={"filling": "hazelnut"})
        assert {"egg", "nuts"} <= set(price_cart(card, both).allergens)
        build = task(tx, order(tx, both).order_id, "build")
        assert build.gate == "egg+nuts" and shop.local(build.planned_start).hour == 16
        assert broken(tx, shop) == []
        outside = update(Task).where(Task.id == build.id)
        for hour in (15, 17):  # teeth: in the hours of one of them only
            start = shop.moment(shop.business_date(now()), f"{hour}:10")
            tx.execute(
                outside.values(planned_start=start, planned_end=start + timedelta(minutes=build.minutes))
            )
            assert any("is not for it" in fault for fault in broken(tx, shop))


def test_allergens_without_a_common_hour_cannot_be_made_together(app: Flask) -> None:
    hours = {"egg": [["16:00", "18:00"]], "nuts": [["14:00", "15:00"]]}
    with app.app_context(), writing() as tx:
        tx.execute(update(Station).where(Station.slug == "bench").values(gates=hours))
        changed(tx)
        shop, card = shop_and_card(tx)
        lines = price_cart(card, cart(options={"filling": "hazelnut"})).lines
        assert promise.quote(tx, shop, card, lines, at=now()).earliest is None


def test_a_full_fridge_takes_no_cake_that_would_have_to_wait(app: Flask) -> None:
    """One shelf, and bakers who go home at four: of two cakes for the evening one fits."""
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        shop.settings = {**shop.settings, "shelves": 1}
        tx.execute(update(Shift).values(starts="07:30", ends="16:30"))
        changed(tx)
        evening = shop.moment(shop.business_date(now()), "20:00")
        order(tx, due_at=evening)
        with pytest.raises(SlotTaken):
            order(tx, due_at=evening)
        assert broken(tx, shop_and_card(tx)[0]) == []


@pytest.mark.parametrize("fetched", [False, True])
def test_a_cake_that_is_made_keeps_its_shelf_until_it_is_fetched(app_both: Flask, fetched: bool) -> None:
    with app_both.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        shop.settings = {**shop.settings, "shelves": 1}
        tx.execute(update(Shift).values(starts="07:30", ends="16:30"))
        changed(tx)
        evening = shop.moment(shop.business_date(now()), "20:00")
        first = order(tx, due_at=evening)
        make(tx, first.order_id, until="bake")
        work.finish_cooling(tx, shop, at=clock(app_both).pass_by(minutes=60))
        make(tx, first.order_id)
        made = tx.get_one(Order, first.order_id, populate_existing=True)
        assert made.state == OrderState.READY
        if fetched:
            hand_over(tx, shop, made, by=cast.by(tx, "mei"), at=now(), pin_needed=False)
            order(tx, due_at=evening)
        else:
            with pytest.raises(SlotTaken):
                order(tx, due_at=evening)


def test_more_cakes_than_an_oven_holds_go_in_one_after_the_other(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        tx.execute(update(Station).where(Station.slug == "oven").values(units=2, places=2))
        changed(tx)
        order(tx, Cart([cart(inch=6).lines[0], cart(inch=6).lines[0], cart(inch=6).lines[0]]))
        bakes = [job.laid[0] for job in jobs(tx)]
        assert len({(at.unit, at.start) for at in bakes}) == 3
        assert broken(tx, shop_and_card(tx)[0]) == [] and min(at.start for at in bakes) >= to_minute(now())


def test_work_that_makes_room_is_moved_when_a_time_is_held(
    app_both: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine's certificate says that another cake begins seven minutes sooner: so it does from the hold on."""
    found = promise._room

    def moving(kitchen: Kitchen, cakes: Cakes, until: int, budget: int) -> Certificate | None:
        room = found(kitchen, cakes, until, 0)
        if room is None or not budget:
            return room
        (cake,) = kitchen.cakes()
        return Certificate(
            room.laid, {cake.id: [replace(at, start=at.start - 7, end=at.end - 7) for at in cake.laid]}
        )

    with app_both.app_context():
        with writing() as tx:
            other = order(tx, due_at=now() + timedelta(hours=5)).order_id
            before = [(t.planned_start, t.version) for t in tasks(tx, other)]
            shop, card = shop_and_card(tx)
        monkeypatch.setattr(promise, "_room", moving)
        monkeypatch.setattr(promise, "MOVES", 1)
        what = cart()
        what.due_at = now() + timedelta(hours=6)
        with writing() as tx:
            promise.hold(
                tx, shop, card, "MINE", price_cart(card, what).lines, what.due_at, by=CUSTOMER, at=now()
            )
        with reading() as session:
            moved = [(t.planned_start + timedelta(minutes=7), t.version - 1) for t in tasks(session, other)]
            assert moved == before and broken(session, shop) == []
        with writing() as tx:
            place(tx, keys(), shop, card, what, channel="kiosk", by=CUSTOMER, at=now(), draft_code="MINE")
        with reading() as session:
            (told,) = session.scalars(select(Event).where(Event.kind == "plan_changed"))
            assert told.order_id == other and {"kitchen", "plan"} <= set(told.topics.split())
            assert broken(session, shop) == []
