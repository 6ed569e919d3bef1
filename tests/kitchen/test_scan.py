"""One cake, one code: after a scan its next step in one tap, for who may, once, and never on an old version."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from shop.core.events import Event
from shop.orders.tables import Cake, Order, OrderState
from shop.production.tables import Task, TaskState
from tests import cast, counter
from tests.kitchen.tapping import name, ordered, person, the_task, up_to
from web.database import reading, writing


def code_of(app: Flask, order_id: int) -> str:
    with app.app_context(), reading() as session:
        return session.scalars(select(Cake.code).where(Cake.order_id == order_id)).first() or ""


def scan(client: FlaskClient, code: str) -> str:
    """Scan a cake; returns the page where the way ends."""
    answer = client.get(f"/c/{code}?lang=en")
    if answer.status_code == 303:
        answer = client.get(f"{answer.location}?lang=en")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def do(client: FlaskClient, code: str, act: str, key: str = "", **fields: Any) -> TestResponse:
    form = {"csrf_token": cast.token_of(client), "key": key or uuid.uuid4().hex, **fields}
    return client.post(f"/kitchen/cake/{code}/{act}", data=form)


def offered(page: str) -> tuple[str, str]:
    """Return what the one big button of a page does, and the task it names."""
    button = re.search(
        r'<button class="btn[^"]* w-step" formaction="[^"]*/(\w+)" (?:name="task" value="([\d.]+)")?', page
    )
    assert button, "no next step"
    return button[1], button[2] or ""


def test_a_whole_cake_is_made_by_its_code_alone(app: Flask, client: FlaskClient) -> None:
    order = ordered(app, inscription="生日快乐")
    code = code_of(app, order)
    cast.sign_in(client, "li")
    done = []
    page = scan(client, code)
    for _ in range(20):
        if 'w-step" formaction' not in page:
            break
        act, task = offered(page)
        done.append(act)
        answer = do(client, code, act, task=task)
        assert answer.status_code == 303 and answer.location.startswith(f"/kitchen/cake/{code}")
        page = client.get(answer.location).get_data(as_text=True)
    assert done == [*["start", "finish"], "finish", *["start", "finish"], "start", "written", "finish",
                    *["start", "finish"] * 2]  # fmt: skip
    with app.app_context(), reading() as session:
        assert session.get_one(Order, order).state == OrderState.READY
        li = cast.person(session, "li").id
        assert set(session.scalars(select(Task.finished_by).where(Task.order_id == order))) == {li}
    assert "hand-over" not in page, "a baker gives no cake to a customer"


def test_a_step_is_taken_back_where_it_was_done(app: Flask, client: FlaskClient) -> None:
    task = the_task(app, ordered(app), "bake")
    code = code_of(app, task.order_id)
    cast.sign_in(client, "li")
    after = client.get(do(client, code, "start", task=name(task)).location + "&lang=en").get_data(
        as_text=True
    )
    undo = f'name="task" value="{task.id}.{task.version + 1}"'
    assert f'action="/kitchen/cake/{code}/recall"' in after and undo in after.split("</form>")[0]
    back = do(client, code, "recall", task=f"{task.id}.{task.version + 1}")
    assert back.location == f"/kitchen/cake/{code}"
    assert the_task(app, task.order_id, "bake").state == TaskState.READY
    old = client.get(f"/kitchen/cake/{code}?done={task.id}.{task.version + 1}").get_data(as_text=True)
    assert "/recall" not in old, "what was taken back is not offered again"


def test_a_double_tap_is_one_and_a_late_one_sees_the_cake_as_it_is(app: Flask, client: FlaskClient) -> None:
    task, key = the_task(app, ordered(app), "bake"), uuid.uuid4().hex
    code = code_of(app, task.order_id)
    cast.sign_in(client, "li")
    answers = [do(client, code, "start", key=key, task=name(task)) for _ in range(3)]
    assert {(a.status_code, a.location) for a in answers} == {(303, answers[0].location)}
    late = do(client, code, "start", task=name(task))
    page = late.get_data(as_text=True)
    assert late.status_code == 409 and 'role="alert"' in page and late.headers["Cache-Control"] == "no-store"
    assert offered(page) == ("finish", f"{task.id}.{task.version + 1}")
    with app.app_context(), reading() as session:
        assert session.scalar(select(func.count()).where(Event.kind == "task_started")) == 1


def test_a_task_of_another_cake_is_not_touched(app: Flask, client: FlaskClient) -> None:
    task, other = the_task(app, ordered(app), "bake"), ordered(app)
    cast.sign_in(client, "li")
    assert do(client, code_of(app, other), "start", task=name(task)).status_code == 404
    assert do(client, code_of(app, other), "start", task="all").status_code == 422
    assert the_task(app, task.order_id, "bake").state == TaskState.READY


def test_a_display_names_who_taps(app: Flask, display_client: FlaskClient) -> None:
    task = the_task(app, ordered(app), "bake")
    code = code_of(app, task.order_id)
    assert 'name="person"' in scan(display_client, code), "a paired screen goes from /c/ to the next step"
    nobody = do(display_client, code, "start", task=name(task))
    assert nobody.status_code == 422 and offered(nobody.get_data(as_text=True))[0] == "start"
    assert do(display_client, code, "start", task=name(task), person=person(app, "li")).status_code == 303
    assert the_task(app, task.order_id, "bake").started_by == int(person(app, "li"))


@pytest.mark.parametrize(("login", "works"), [("li", True), ("mei", True), ("xu", True), ("chen", False)])
def test_who_may_not_work_sees_the_step_without_a_button(
    app: Flask, client: FlaskClient, login: str, works: bool
) -> None:
    task = the_task(app, ordered(app), "bake")
    code = code_of(app, task.order_id)
    cast.sign_in(client, login)
    page = scan(client, code)
    assert "Baking" in page and (f"/kitchen/cake/{code}/start" in page) is works
    assert do(client, code, "start", task=name(task)).status_code == (303 if works else 403)


@pytest.mark.parametrize("login", ["lin", "zheng"])
def test_who_has_nothing_to_do_in_the_kitchen_sees_what_a_customer_sees(
    app: Flask, client: FlaskClient, login: str
) -> None:
    code = code_of(app, ordered(app))
    cast.sign_in(client, login)
    page = scan(client, code)
    assert "A real cake of" in page and "/kitchen/" not in page


def test_handing_over_asks_a_clerk_for_the_pin(app: Flask, client: FlaskClient) -> None:
    order = ordered(app)
    with app.app_context(), writing() as tx:
        counter.make(tx, order)
        pin = tx.get_one(Order, order).pin
    code = code_of(app, order)
    cast.sign_in(client, "mei")
    assert 'name="pin"' in scan(client, code)
    wrong = do(client, code, "hand-over", pin="0000" if pin != "0000" else "1111")
    assert "This PIN is not the one on the slip." in client.get(wrong.location + "&lang=en").get_data(
        as_text=True
    )
    assert do(client, code, "hand-over").status_code == 403, "no PIN is no way around it"
    assert do(client, code, "hand-over", pin=pin).status_code == 303
    with app.app_context(), reading() as session:
        assert session.get_one(Order, order).state == OrderState.HANDED_OVER
        assert session.scalar(select(func.count()).where(Event.kind == "pin_wrong")) == 1
    assert "handed over" in scan(client, code) and do(client, code, "hand-over", pin=pin).status_code == 409


def test_a_manager_hands_over_without_a_pin_and_a_baker_or_a_display_never(
    app: Flask, client: FlaskClient, display_client: FlaskClient
) -> None:
    order = ordered(app)
    with app.app_context(), writing() as tx:
        counter.make(tx, order)
    code = code_of(app, order)
    assert "hand-over" not in scan(display_client, code)
    assert do(display_client, code, "hand-over").status_code == 401, "a person must sign in"
    assert do(cast.sign_in(app.test_client(), "li"), code, "hand-over").status_code == 403
    cast.sign_in(client, "xu")
    page = scan(client, code)
    assert "/hand-over" in page and 'name="pin"' not in page
    assert do(client, code, "hand-over").status_code == 303
    with app.app_context(), reading() as session:
        assert session.get_one(Order, order).state == OrderState.HANDED_OVER


def test_the_label_and_what_waits(app: Flask, client: FlaskClient) -> None:
    task = up_to(app, ordered(app), "cool")
    code = code_of(app, task.order_id)
    cast.sign_in(client, "li")
    page = scan(client, code)
    assert "cools until" in page and "Cooled already" in page
    assert do(client, code, "label").status_code == 303
    with app.app_context(), writing() as tx:
        unpaid = counter.order(tx, paid=False).order_id
    assert "Not paid yet" in scan(client, code_of(app, unpaid))


def test_one_of_two_cakes_waits_for_the_other(app: Flask, client: FlaskClient) -> None:
    order = ordered(app, quantity=2)
    with app.app_context(), writing() as tx:
        first = tx.scalars(select(Cake).where(Cake.order_id == order).order_by(Cake.sort)).first()
        assert first is not None
        code = first.code
        for each in counter.tasks(tx, order):
            if each.cake_id == first.id:
                each.state = TaskState.DONE
    cast.sign_in(client, "li")
    assert "still to come: 1" in scan(client, code)


def test_what_a_scanner_types_into_the_field_is_found(app: Flask, client: FlaskClient) -> None:
    code = code_of(app, ordered(app))
    cast.sign_in(client, "li")
    for typed in (code, f" {code.lower()} ", f"https://shop.test/c/{code}", f"https://shop.test/c/{code}/"):
        assert client.get("/kitchen/cake", query_string={"code": typed}).location == f"/kitchen/cake/{code}"
    for typed in ("", "NOSUCH", "//evil.test/x?y", "../../admin"):
        assert client.get("/kitchen/cake", query_string={"code": typed}).status_code == 404
    assert 'action="/kitchen/cake"' in client.get("/kitchen/oven/more").get_data(as_text=True)


def test_a_customer_sees_no_name_and_nothing_is_kept(app: Flask, client: FlaskClient) -> None:
    order = ordered(app, inscription="小明生日快乐")
    with app.app_context(), writing() as tx:
        counter.make(tx, order)
        names = [cast.person(tx, "li").name]
    answer = client.get(f"/c/{code_of(app, order)}?lang=en")
    page = answer.get_data(as_text=True)
    assert "For an order of" in page and "Checked by our kitchen" in page
    assert not any(word in page for word in ("小明", "/kitchen/", "A-0", *names))
    assert answer.headers["Cache-Control"] == "no-store" and "Set-Cookie" not in answer.headers
