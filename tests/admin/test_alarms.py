"""The page of alarms: what is wrong, who looks after it, and how right the warnings were."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from admin.move_words import gain_words, move_words
from shop.menu.tables import Station
from shop.orders.tables import Order
from shop.production.tables import Alarm, MoveDone
from tests import cast
from tests.admin.office import english, events, made, post
from tests.counter import shop_and_card, task
from web.database import reading, writing
from web.house import now


def alarm(app: Flask, **more: object) -> int:
    placed = made(app)
    with app.app_context(), writing() as tx:
        shop, _ = shop_and_card(tx)
        cake = task(tx, placed.order_id, "bake").cake_id
        facts = {"shop_id": shop.id, "kind": "predicted_late", "subject": f"cake:{cake}", "cake_id": cake,
                 "order_id": placed.order_id, "stage": "", "person": "", "names": {"en": "Strawberry cream"},
                 "chance": 62, "minutes": 9, "raised_at": now(), "repeated_at": now()}  # fmt: skip
        row = Alarm(**(facts | more))
        tx.add(row)
        tx.flush()
        return row.id


def test_an_alarm_says_what_is_wrong_and_somebody_looks_after_it(app: Flask, client: FlaskClient) -> None:
    key = alarm(app)
    xu = cast.sign_in(english(client), "xu")
    page = xu.get("/admin/alarms").get_data(as_text=True)
    assert (
        "62% likely to be late" in page
        and "Strawberry cream" in page
        and "Nothing has been judged yet" in page
    )
    assert post(xu, f"/admin/alarms/{key}").status_code == 303
    with app.app_context(), reading() as session:
        row = session.scalars(select(Alarm)).one()
        assert row.acknowledged_by == cast.person(session, "xu").id and row.ended_at is None
    assert "looks after it" in xu.get("/admin/alarms/part").get_data(as_text=True)


def test_the_second_who_takes_it_is_told(app: Flask, client: FlaskClient) -> None:
    key = alarm(app, acknowledged_at=cast.SATURDAY, acknowledged_by=1)
    xu = cast.sign_in(english(client), "xu")
    assert post(xu, f"/admin/alarms/{key}").status_code == 409
    assert post(xu, "/admin/alarms/999").status_code == 404


def test_the_page_counts_how_right_they_were(app: Flask, client: FlaskClient) -> None:
    for n, verdict in enumerate(("late", "late", "acted", "false")):
        alarm(app, ended_at=cast.SATURDAY, verdict=verdict, subject=f"cake:{n}")
    page = cast.sign_in(english(client), "xu").get("/admin/alarms").get_data(as_text=True)
    assert "75 %" in page and "Nothing is wrong." in page


def test_a_partner_does_not_see_the_kitchens_alarms(app: Flask, client: FlaskClient) -> None:
    assert cast.sign_in(english(client), "lin").get("/admin/alarms").status_code == 403


TELL = {"id": "cd34", "key": "tell_customer", "before": 62, "after": 62, "args": {},
        "facts": {"time": "2026-11-21T12:00:00+00:00", "order": 1}}  # fmt: skip
MOVE = {"id": "ab12", "key": "add_person", "before": 62, "after": 11}


def with_move(app: Flask) -> int:
    """An alarm that suggests that Sun comes earlier today."""
    with app.app_context(), reading() as session:
        sun = cast.person(session, "sun").id
    facts = {"person": sun, "starts": "10:00", "ends": "21:30"}
    return alarm(
        app, moves=[{**MOVE, "args": {**facts, "day": "2026-11-21"}, "facts": facts}], moves_at=cast.SATURDAY
    )


def test_a_move_says_what_it_wins_is_done_in_one_tap_and_taken_back(app: Flask, client: FlaskClient) -> None:
    key = with_move(app)
    xu = cast.sign_in(english(client), "xu")
    page = xu.get("/admin/alarms").get_data(as_text=True)
    assert "works 10:00 to 21:30 today" in page and "falls from 62% to 11%" in page
    assert post(xu, f"/admin/alarms/{key}/moves/ab12").status_code == 303
    page = xu.get("/admin/alarms").get_data(as_text=True)
    assert "Take back" in page and "looks after it" in page and "falls from" not in page
    assert [(e.data["move"], e.data["before"], e.data["after"]) for e in events(app, "move_applied")] == [
        ("add_person", 62, 11)
    ]
    with app.app_context(), reading() as session:
        done = session.scalars(select(MoveDone)).one().id
    assert post(xu, f"/admin/alarms/moves/{done}/undo").status_code == 303
    assert post(xu, f"/admin/alarms/moves/{done}/undo").status_code == 409
    assert "Take back" not in xu.get("/admin/alarms").get_data(as_text=True)


def test_who_may_not_do_a_move_reads_it_and_is_refused(app: Flask, client: FlaskClient) -> None:
    key = with_move(app)
    mei = cast.sign_in(english(client), "mei")
    page = mei.get("/admin/alarms").get_data(as_text=True)
    assert "a manager can do this" in page and f"/admin/alarms/{key}/moves/ab12" not in page
    assert post(mei, f"/admin/alarms/{key}/moves/ab12").status_code == 403
    assert post(mei, f"/admin/alarms/{key}/moves/nothing").status_code == 409
    assert events(app, "move_applied") == []


def test_many_of_a_kind_are_one_line_with_their_number(app: Flask, client: FlaskClient) -> None:
    for n in range(5):
        alarm(app, subject=f"cake:{n}")
    page = cast.sign_in(english(client), "xu").get("/admin/alarms").get_data(as_text=True)
    assert "Likely to be late: 5, the first promised for today" in page and "2 more" in page


def test_one_cause_shows_each_order_once_and_is_taken_as_a_whole(app: Flask, client: FlaskClient) -> None:
    with app.app_context(), reading() as session:
        bench = session.scalars(select(Station.id).where(Station.slug == "bench")).one()
    keys = [alarm(app, station_id=bench, moves=[TELL], moves_at=cast.SATURDAY) for _ in range(2)]
    with app.app_context(), writing() as tx:
        first = tx.get_one(Alarm, keys[0])
        more = {c.name: getattr(first, c.name) for c in Alarm.__table__.columns if c.name != "id"}
        tx.add(Alarm(**{**more, "kind": "missed_start", "subject": "task:1", "stage": "build", "chance": 0}))
    xu = cast.sign_in(english(client), "xu")
    part = xu.get("/admin/alarms/part").get_data(as_text=True)
    assert "Bench · 2 orders, the first promised for today" in part and part.count("I look after it") == 1
    assert (
        "Filling should have begun · 62% likely to be late" in part and part.count("Tell the customer") == 2
    )
    assert post(xu, f"/admin/alarms/{keys[1]}").status_code == 303
    assert xu.get("/admin/alarms/part").get_data(as_text=True).count("looks after it") == 2
    assert "</span>" not in xu.get("/admin/alarms/count").get_data(as_text=True).replace("</span>", "", 1)


def test_a_cake_past_its_time_is_late_and_not_likely_to_be(app: Flask, client: FlaskClient) -> None:
    alarm(app, chance=100)
    cast.clock_of(app).pass_by(hours=4)
    page = cast.sign_in(english(client), "xu").get("/admin/alarms").get_data(as_text=True)
    assert (
        "Late since today" in page
        and "likely to be late" not in page.split("Wrong now")[1].split("How right")[0]
    )


def test_the_menu_counts_what_nobody_looks_after(app: Flask, client: FlaskClient) -> None:
    key = alarm(app)
    alarm(app, subject="cake:9", kind="missed_start")
    xu = cast.sign_in(english(client), "xu")
    assert '<span id="alarm-count" class="tag tag-bad num"' in xu.get("/admin/orders").get_data(as_text=True)
    assert ">2<span" in xu.get("/admin/alarms/count").get_data(as_text=True)
    post(xu, f"/admin/alarms/{key}")
    assert ">1<span" in xu.get("/admin/alarms/count").get_data(as_text=True)
    assert "alarm-count" not in cast.sign_in(english(app.test_client()), "lin").get("/admin/").get_data(
        as_text=True
    )


def test_today_sums_up_what_will_probably_be_late(app: Flask, client: FlaskClient) -> None:
    for n in range(5):
        alarm(app, subject=f"cake:{n}", chance=60 + n)
    xu = cast.sign_in(english(client), "xu")
    page = xu.get("/admin/today").get_data(as_text=True)
    assert page.count("likely to be late") == 3 and "2 more will probably be late" in page


def test_today_says_that_a_cake_is_late_once_it_is(app: Flask, client: FlaskClient) -> None:
    alarm(app, chance=100)
    with app.app_context(), writing() as tx:
        tx.scalars(select(Order)).one().ready_by = now() - timedelta(minutes=10)
    page = cast.sign_in(english(client), "xu").get("/admin/today").get_data(as_text=True)
    assert "likely to be late" not in page and "Late already" in page


def test_a_move_says_what_it_wins_where_the_chance_stays_the_same(app: Flask) -> None:
    saves = {"key": "add_person", "before": 100, "after": 98, "sooner": 75, "facts": {}}
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert gain_words(saves) == "about 1 h 15 less late"
        assert gain_words(saves | {"after": 60}) == "the chance of being late falls from 100% to 60%"
        hours = {"person": 4, "starts": "12:30", "ends": "15:00"}
        assert move_words("add_person", hours, {4: "Sun"}, {}) == "Sun works 12:30 to 15:00 today"
        assert (
            move_words("add_person", hours | {"back": True}, {4: "Sun"}, {})
            == "Sun comes back, 12:30 to 15:00"
        )
