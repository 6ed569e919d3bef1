"""Taps on a station's board: who, once, in order, and what a lost race answers."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from shop.core.events import Event
from shop.orders.progress import cancel
from shop.orders.tables import Cake, Order
from shop.production.tables import Notice, Remake, TaskState
from tests import cast, counter
from tests.cast import clock_of
from tests.kitchen.tapping import HTMX, name, ordered, person, tap, the_task, told, up_to
from web.database import reading, writing


def test_a_tap_names_a_person_and_the_display(app: Flask, display_client: FlaskClient) -> None:
    task = the_task(app, ordered(app), "bake")
    nobody = tap(display_client, "oven/start", task=name(task))
    assert nobody.status_code == 422 and told(nobody)["field"] == "person"
    clerk_of_the_books = tap(display_client, "oven/start", task=name(task), person=person(app, "zheng"))
    assert clerk_of_the_books.status_code == 422
    done = tap(display_client, "oven/start", task=name(task), person=person(app, "li"))
    assert done.status_code == 200 and told(done)["undo"] == f"{task.id}.{task.version + 1}"
    assert 'id="station"' in done.get_data(as_text=True)
    with app.app_context(), reading() as session:
        line = session.scalars(select(Event).where(Event.kind == "task_started")).one()
        assert (line.actor_id, line.actor_kind) == (int(person(app, "li")), "staff")
        assert line.device_id is not None, "the diary keeps the display as well"


def test_of_two_taps_one_wins_and_the_other_sees_it(app: Flask, display_client: FlaskClient) -> None:
    task = the_task(app, ordered(app), "bake")
    first = tap(display_client, "oven/start", task=name(task), person=person(app, "li"))
    second = tap(display_client, "oven/start", task=name(task), person=person(app, "zhang"))
    assert (first.status_code, second.status_code) == (200, 409)
    board = second.get_data(as_text=True)
    assert 'id="station"' in board and f"{task.id}.{task.version + 1}" in board, "the card as it is now"
    assert told(second)["say"]


def test_the_same_tap_twice_is_one(app: Flask, display_client: FlaskClient) -> None:
    task, key, who = the_task(app, ordered(app), "bake"), uuid.uuid4().hex, person(app, "li")
    answers = [tap(display_client, "oven/start", key=key, task=name(task), person=who) for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 200]
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    with app.app_context(), reading() as session:
        assert len(session.scalars(select(Event).where(Event.kind == "task_started")).all()) == 1


def test_writing_is_compared_before_the_decorator_finishes(app: Flask, display_client: FlaskClient) -> None:
    task = up_to(app, ordered(app, inscription="生日快乐"), "decorate")
    who = person(app, "li")
    tap(display_client, "decorating/start", task=name(task), person=who)
    running = the_task(app, task.order_id, "decorate")
    board = display_client.get("/kitchen/decorating/region").get_data(as_text=True)
    assert "/decorating/written" in board and "/decorating/finish" not in board
    early = tap(display_client, "decorating/finish", task=name(running), person=who)
    assert early.status_code == 422 and told(early)["field"] == "written"
    tap(display_client, "decorating/written", cake=task.cake_id, person=who)
    assert tap(display_client, "decorating/finish", task=name(running), person=who).status_code == 200
    with app.app_context(), reading() as session:
        assert session.get_one(Cake, task.cake_id).written_by == int(who)


def test_a_finish_can_be_taken_back_to_its_old_place(app: Flask, display_client: FlaskClient) -> None:
    task, who = the_task(app, ordered(app), "bake"), person(app, "li")
    tap(display_client, "oven/start", task=name(task), person=who)
    undo = told(tap(display_client, "oven/finish", task=f"{task.id}.{task.version + 1}", person=who))["undo"]
    assert "A-" not in display_client.get("/kitchen/oven/region").get_data(as_text=True)
    page = display_client.get("/kitchen/oven/more").get_data(as_text=True)
    assert f'value="{undo}"' in page, "finished lately, can be taken back after the toast is gone"
    assert tap(display_client, "oven/recall", task=undo, person=who).status_code == 200
    assert the_task(app, task.order_id, "bake").state == TaskState.RUNNING


def test_a_cake_is_made_again_with_a_reason_and_a_faulty_stage(
    app: Flask, display_client: FlaskClient
) -> None:
    task, who = up_to(app, ordered(app), "decorate"), person(app, "li")
    form = display_client.get(f"/kitchen/decorating/remake/{task.cake_id}", headers=HTMX)
    assert form.get_data(as_text=True).lstrip().startswith("<dialog")
    address = f"decorating/remake/{task.cake_id}"
    refused = tap(display_client, address, person=who, reason="because", from_kind="bake", fault_kind="bake")
    assert refused.status_code == 422 and told(refused)["field"] == "reason"
    done = tap(display_client, address, person=who, reason="dropped", from_kind="bake", fault_kind="build")
    assert done.status_code == 200
    with app.app_context(), reading() as session:
        remake = session.scalars(select(Remake)).one()
        assert (remake.reason, remake.fault_kind, remake.by_staff) == ("dropped", "build", int(who))
    assert "掉地上了" in display_client.get("/kitchen/oven/region").get_data(as_text=True)


def test_a_cancelled_order_stands_on_the_board_until_it_is_seen(
    app: Flask, display_client: FlaskClient
) -> None:
    order_id = ordered(app)
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        order = tx.get_one(Order, order_id)
        number = order.number
        cancel(tx, shop, order, by=cast.by(tx, "mei"), at=cast.SATURDAY, reason="not wanted")
    board = display_client.get("/kitchen/oven/region").get_data(as_text=True)
    assert "is-cancelled" in board and number in board
    with app.app_context(), reading() as session:
        notice = session.scalars(select(Notice)).one()
    who = person(app, "li")
    seen = tap(display_client, "oven/seen", notice=notice.id, person=who)
    assert seen.status_code == 200 and number not in seen.get_data(as_text=True)
    assert tap(display_client, "oven/seen", notice=notice.id, person=who).status_code == 409


def test_work_over_its_time_says_so_on_the_card_and_after_a_scan(
    app: Flask, display_client: FlaskClient
) -> None:
    with app.app_context(), writing() as tx:
        order_id = counter.order(tx, due_at=cast.SATURDAY + timedelta(hours=8)).order_id
    task = the_task(app, order_id, "bake")
    tap(display_client, "oven/start", task=name(task), person=person(app, "li"))
    clock_of(app).pass_by(minutes=task.minutes * 2)
    board = display_client.get("/kitchen/oven/region?lang=en").get_data(as_text=True)
    assert f"data-minutes>{task.minutes} min over<" in board and f"takes {task.minutes} min longer" in board
    with app.app_context(), reading() as session:
        code = session.get_one(Cake, task.cake_id).code
    page = display_client.get(f"/kitchen/cake/{code}?lang=en").get_data(as_text=True)
    assert f"{task.minutes} min over<" in page


def test_cooling_may_end_early(app: Flask, display_client: FlaskClient) -> None:
    order_id, who = ordered(app), person(app, "li")
    with app.app_context(), writing() as tx:
        counter.make(tx, order_id, until="bake")
    cooling = the_task(app, order_id, "cool")
    assert cooling.state == TaskState.RUNNING
    board = display_client.get("/kitchen/bench/region?lang=en").get_data(as_text=True)
    assert f'value="{name(cooling)}"' not in board, "one tap does not end it: it should cool for longer"
    link = f"/kitchen/bench/card/{cooling.cake_id}"
    assert f'<a class="btn" href="{link}" data-dialog>Cooled already' in board
    asked = display_client.get(f"{link}?lang=en").get_data(as_text=True)
    assert "Is it cold already?" in asked and name(cooling) in asked
    with app.app_context(), reading() as session:
        code = session.get_one(Cake, cooling.cake_id).code
    scanned = display_client.get(f"/kitchen/cake/{code}").get_data(as_text=True)
    assert name(cooling) in scanned.split("<details")[1].split("</details>")[0], (
        "folded away until it is asked for"
    )
    assert tap(display_client, "bench/finish", task=name(cooling), person=who).status_code == 200
    assert the_task(app, order_id, "build").state == TaskState.READY


def test_without_scripts_the_page_comes_back(app: Flask, display_client: FlaskClient) -> None:
    task = the_task(app, ordered(app), "bake")
    answer = tap(display_client, "oven/start", htmx=False, task=name(task), person=person(app, "li"))
    assert (answer.status_code, answer.location) == (303, "/kitchen/oven")
    late = tap(display_client, "oven/start", htmx=False, task=name(task), person=person(app, "li"))
    assert late.status_code == 409 and "<html" in late.get_data(as_text=True)


@pytest.mark.parametrize(
    "what", ["task=", "task=7", "task=a.b", "task=9999999.1", "task=1.99999999999999999999"]
)
def test_nonsense_is_refused_in_words(app: Flask, display_client: FlaskClient, what: str) -> None:
    field, _, value = what.partition("=")
    answer = tap(display_client, "oven/start", **{field: value}, person=person(app, "li"))
    assert answer.status_code in (404, 422)
    assert display_client.get("/kitchen/attic").status_code == 404
    assert tap(display_client, "attic/start", task="1.1", person=person(app, "li")).status_code == 404


def test_who_may_only_look_gets_no_buttons(app: Flask, client: FlaskClient) -> None:
    task = the_task(app, ordered(app), "bake")
    cast.sign_in(client, "chen")
    board = client.get("/kitchen/oven/region").get_data(as_text=True)
    assert "A-" in board and "formaction" not in board and "/remake/" not in board
    assert tap(client, "oven/start", task=name(task)).status_code == 403


def test_a_baker_signed_in_needs_no_chip(app: Flask, client: FlaskClient) -> None:
    task = the_task(app, ordered(app), "bake")
    cast.sign_in(client, "zhang")
    assert tap(client, "oven/start", task=name(task), person=person(app, "li")).status_code == 200
    assert the_task(app, task.order_id, "bake").started_by == int(person(app, "zhang"))


def test_the_region_is_the_same_text_everywhere_and_costs_nothing_unchanged(
    app: Flask, display_client: FlaskClient
) -> None:
    ordered(app, inscription="<script>alert(1)</script>"[:20])
    region = display_client.get("/kitchen/oven/region")
    page = display_client.get("/kitchen/oven").get_data(as_text=True)
    assert region.get_data(as_text=True) in page, "the page holds the very fragment"
    assert "<script>alert" not in page
    same = display_client.get("/kitchen/oven/region", headers={"If-None-Match": region.headers["ETag"]})
    assert same.status_code == 304 and not same.data
    clock_of(app).pass_by(minutes=30)
    assert display_client.get("/kitchen/oven/list").status_code == 200


def test_the_list_on_paper_holds_every_open_cake(app: Flask, display_client: FlaskClient) -> None:
    numbers = []
    for _ in range(10):
        with app.app_context(), reading() as session:
            numbers.append(session.get_one(Order, ordered(app)).number)
    paper = display_client.get("/kitchen/oven/list?lang=en").get_data(as_text=True)
    assert all(number in paper for number in numbers)
    board = display_client.get("/kitchen/oven/region?lang=en").get_data(as_text=True)
    assert board.count("data-card=") == 8 and "2 more" in board
    overview = display_client.get("/kitchen/?lang=en").get_data(as_text=True)
    assert "Oven" in overview and ">10<" in overview


def test_a_scanned_cake_shows_what_is_next(app: Flask, client: FlaskClient) -> None:
    task = up_to(app, ordered(app), "decorate")
    with app.app_context(), reading() as session:
        code = session.get_one(Cake, task.cake_id).code
    cast.sign_in(client, "li")
    page = client.get(f"/kitchen/cake/{code}").get_data(as_text=True)
    assert f"/kitchen/cake/{code}/start" in page and name(task) in page
    assert client.get("/kitchen/cake/NOSUCH").status_code == 404
    with app.app_context(), writing() as tx:
        counter.make(tx, task.order_id)
    assert "formaction" not in client.get(f"/kitchen/cake/{code}").get_data(as_text=True)
