"""Work that has missed its place gets a new one; what is begun, and everybody else's, stays."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.core.errors import Conflict
from shop.core.events import Event
from shop.orders.load import load_kitchen
from shop.orders.missed import lay_missed_anew
from shop.orders.moving import write_moves
from shop.people.shops import renew
from shop.people.staff import Staff
from shop.planning.reservations.floor import Laid
from shop.production import work
from shop.production.tables import Task
from tests import cast
from tests.counter import clock, make, order, shop_and_card, task, tasks
from tests.kitchenbook import broken
from web.database import reading, writing
from web.house import now


def anew(app: Flask) -> int:
    with writing() as tx:
        shop, card = shop_and_card(tx)
        return lay_missed_anew(tx, shop, card, at=now())


def told(session: Session) -> list[int | None]:
    return list(
        session.scalars(select(Event.order_id).where(Event.kind == "plan_changed").order_by(Event.seq))
    )


def test_late_work_is_laid_anew_once_and_what_is_begun_stays(app_both: Flask) -> None:
    with app_both.app_context():
        with writing() as tx:
            shop, _ = shop_and_card(tx)
            first, second, later = (order(tx).order_id for _ in range(3))
            tonight = order(tx, due_at=shop.moment(shop.business_date(now()), "21:00")).order_id
            bake = task(tx, first, "bake")
            work.start(tx, shop, bake.id, bake.version, by=cast.by(tx, "li"), at=now())
        with reading() as session:
            begun = [(t.planned_start, t.version) for t in tasks(session, first)][:1]
            was = task(session, second, "bake").version
            calm = [(t.planned_start, t.version) for t in tasks(session, tonight)]
        assert anew(app_both) == 0, "nobody is late yet"
        clock(app_both).pass_by(minutes=50)
        assert anew(app_both) > 0
        with reading() as session:
            shop, _ = shop_and_card(session)
            assert [(t.planned_start, t.version) for t in tasks(session, first)][:1] == begun
            assert [(t.planned_start, t.version) for t in tasks(session, tonight)] == calm
            assert all(t.planned_start >= now() for late in (second, later) for t in tasks(session, late))
            assert task(session, second, "bake").version > was
            assert second in told(session) and tonight not in told(session)
            lines = told(session)
            wrong = [fault for fault in broken(session, shop) if "promised for" not in fault]
            assert wrong == [], "it may be late, but it can be done"
        assert anew(app_both) == 0
        clock(app_both).pass_by(minutes=1)
        assert anew(app_both) == 0, "not with every minute"
        with reading() as session:
            assert told(session) == lines


def test_a_cake_whose_last_stage_is_at_work_has_nothing_left_to_move(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            last, late = order(tx).order_id, order(tx).order_id
        with writing() as tx:
            make(tx, last, until="check")
            box = task(tx, last, "box")
            work.start(tx, shop_and_card(tx)[0], box.id, box.version, by=cast.by(tx, "li"), at=now())
        clock(app).pass_by(minutes=50)
        assert anew(app) > 0
        with reading() as session:
            assert all(t.planned_start >= now() for t in tasks(session, late))


def test_work_without_anybody_finds_somebody_when_they_are_there(app: Flask) -> None:
    """Overbooked while nobody could decorate: laid properly as soon as somebody can."""
    with app.app_context():
        with writing() as tx:
            placed = order(tx, due_at=now().replace(hour=9))
            tx.execute(update(Task).where(Task.kind == "decorate").values(planned_for=None))
            shop, _ = shop_and_card(tx)
            renew(tx, shop.id)
        assert anew(app) > 0
        with reading() as session:
            decorate = task(session, placed.order_id, "decorate")
            able = session.get_one(Staff, decorate.planned_for)
            assert "decorate" in able.skills and told(session) == [placed.order_id]
            assert broken(session, shop_and_card(session)[0]) == []


def test_a_stage_that_somebody_has_begun_meanwhile_is_not_moved(app: Flask) -> None:
    """Teeth: the places were looked up before the baker tapped."""
    with app.app_context():
        with writing() as tx:
            placed = order(tx)
            shop, card = shop_and_card(tx)
        with reading() as session:
            (cake,) = load_kitchen(session, shop, card, at=now()).cakes()
        with writing() as tx:
            bake = task(tx, placed.order_id, "bake")
            work.start(tx, shop, bake.id, bake.version, by=cast.by(tx, "li"), at=now())
        places = {cake.id: [Laid(at.start + 7, at.end + 7, at.unit, at.hand) for at in cake.laid]}
        with pytest.raises(Conflict), writing() as tx:
            write_moves(tx, shop, [cake], places, by=cast.by(tx, "xu"), at=now())
        with reading() as session:
            assert task(session, placed.order_id, "build").version == 2, "confirmed, not moved"
