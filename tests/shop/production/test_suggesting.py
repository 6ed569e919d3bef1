"""Which alarms moves are sought for, and what a move must win: also on a day on which everything is late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from shop.people.staff import ShiftChange
from shop.production import alarms, leaving
from shop.production.foresight import Scene, scene_of
from shop.production.moves import MOVES, add_person
from shop.production.moves.suggesting import GAIN, SOONER, suggest
from shop.production.warnings import Warning_
from shop.production.watchers import Look
from tests import cast
from tests.counter import clock, shop_and_card, tasks
from tests.shop.production.trouble import do, options, placed, suggested, take_back
from web.database import reading, writing
from web.house import now


def late(app: Flask, order_id: int, chance: int = 100) -> Warning_:
    """Say of a cake that it will be late."""
    with app.app_context(), reading() as session:
        cake = tasks(session, order_id)[0].cake_id
    return Warning_("predicted_late", "look", 9, order_id=order_id, cake_id=cake, subject=f"cake:{cake}",
                    station_id=2, chance=chance)  # fmt: skip


def on_the_way(number: int) -> Warning_:
    return Warning_("delivery_late", "tell", 0, order_id=1, subject=f"drop:{number}", chance=100)


def thinks(app: Flask, found: Sequence[Warning_], minutes: int = 0) -> list[str]:
    """Let minutes pass, look once and keep what was found; returns what moves were sought for."""
    clock(app).pass_by(minutes=minutes)

    def watcher(look: Look) -> list[Warning_]:
        return list(found)

    with app.app_context():
        with reading() as session:
            shop, card = shop_and_card(session)
            changes = alarms.watch(session, shop, card, at=now(), watchers=[watcher], moves={})
        with writing() as tx:
            alarms.keep(tx, shop_and_card(tx)[0], changes, at=now())
    return [subject for _, subject in changes.moves]


def test_deliveries_do_not_take_the_turn_of_cakes(app: Flask) -> None:
    """A late kitchen makes its deliveries late with it: what helps the kitchen helps both."""
    cake = late(app, placed(app))
    found = [*(on_the_way(n) for n in range(9)), cake]
    assert thinks(app, found)[0] == cake.subject
    assert len(thinks(app, found)) > 1, "deliveries have turns of their own"


def test_what_no_move_helps_gives_its_turn_to_the_next(app: Flask) -> None:
    found = [late(app, placed(app, spare=spare)) for spare in (50, 40, 30, 20, 10)]
    soonest = [each.subject for each in reversed(found)]
    assert [thinks(app, found, 2) for _ in range(4)] == [soonest[:2], soonest[2:4], soonest[4:], []]


def test_the_surest_comes_before_the_soonest(app: Flask) -> None:
    easy, sure = late(app, placed(app), chance=60), late(app, placed(app, spare=60))
    assert thinks(app, [easy, sure]) == [sure.subject, easy.subject]


def behind(app: Flask, cakes: int = 8) -> list[int]:
    """Let there be work that two pairs of hands cannot do in time any more; returns its orders."""
    found = [placed(app, until="cool", spare=-90) for _ in range(cakes)]
    clock(app).pass_by(minutes=20)
    return found


def suggestions(app: Flask, order_id: int, key: str) -> list[dict[str, Any]]:
    about = late(app, order_id)
    with app.app_context(), reading() as session:
        shop, _ = shop_and_card(session)
        scene = scene_of(session, shop, at=now())
        assert isinstance(scene, Scene)
        return suggest(session, shop, scene, about, at=now(), moves={key: MOVES[key]})


def test_a_move_that_makes_what_is_surely_late_less_late_is_suggested(app: Flask) -> None:
    """The chance stays at 100 %, and yet a third pair of hands spares these customers long minutes."""
    last = behind(app)[-1]
    found = suggestions(app, last, "add_person")
    assert [each["key"] for each in found] == ["add_person"]
    assert found[0]["before"] - found[0]["after"] < GAIN and found[0]["sooner"] >= SOONER


def at_clock(app: Flask, words: str) -> None:
    with app.app_context(), reading() as session:
        shop = shop_and_card(session)[0]
        until = shop.moment(shop.business_date(now()), words)
        clock(app).pass_by(minutes=(until - now()) / timedelta(minutes=1))


def test_somebody_stays_as_long_as_there_is_trouble_and_three_hours_at_most(app: Flask) -> None:
    """Li and Zhang are there until half past four."""
    orders = [placed(app, until="cool") for _ in range(16)]
    at_clock(app, "16:00")
    first = options(app, "add_person", orders[0])[0]
    assert first.facts["starts"] == "07:30" and "17:00" <= first.facts["ends"] <= "19:30"
    do(app, suggested(app, "add_person", orders[0], first))
    at_clock(app, "18:45")
    more = [
        each for each in options(app, "add_person", orders[0]) if each.args["person"] == first.args["person"]
    ]
    assert all(each.facts["ends"] <= "19:30" for each in more), (
        "three hours beyond the shift, not beyond the last move"
    )


def sent_home(app: Flask, login: str) -> int:
    with app.app_context(), writing() as tx:
        person = cast.person(tx, login)
        leaving.go_home(tx, shop_and_card(tx)[0], person.id, by=cast.by(tx, "xu"), at=now())
        return person.id


def test_who_went_home_is_asked_back_last_and_needs_time_to_come(app: Flask) -> None:
    orders = [placed(app, until="cool") for _ in range(6)]
    at_clock(app, "12:00")
    gone = sent_home(app, "zhang")
    found = options(app, "add_person", orders[0])
    back = [each for each in found if each.reserve]
    assert [each.args["person"] for each in back] == [gone] and found[-1] is back[0]
    assert back[0].facts["starts"] == "12:30" and back[0].facts["back"]
    done = do(app, suggested(app, "add_person", orders[0], back[0]))
    assert hours(app) == [("12:30", back[0].facts["ends"])]
    with app.app_context(), reading() as session:
        assert leaving.gone_home(session, shop_and_card(session)[0], at=now()) == set()
    take_back(app, done)
    assert hours(app) == [("07:30", "12:00")]


def hours(app: Flask) -> list[tuple[str, str]]:
    with app.app_context(), reading() as session:
        return [(row.starts, row.ends) for row in session.scalars(select(ShiftChange))]


def test_nobody_is_asked_back_where_somebody_else_helps(app: Flask) -> None:
    last = behind(app)[-1]
    gone = sent_home(app, "zhang")
    assert [each["args"]["person"] == gone for each in suggestions(app, last, "add_person")] == [False]


def test_of_two_moves_for_one_person_the_longer_hours_stand(app: Flask) -> None:
    """Two alarms of one look may ask the same person to stay: until five, and until seven."""
    with app.app_context(), writing() as tx:
        shop, by = shop_and_card(tx)[0], cast.by(tx, "xu")
        args = {
            "person": cast.person(tx, "li").id,
            "day": shop.business_date(now()).isoformat(),
            "starts": "07:30",
        }
        add_person.apply(tx, shop, args | {"ends": "19:00"}, by, now())
        done = add_person.apply(tx, shop, args | {"ends": "17:00"}, by, now())
        assert done.now["span"] == ["07:30", "19:00"]
