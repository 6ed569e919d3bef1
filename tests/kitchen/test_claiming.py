"""At the board and on the phone: work is taken and given back by one tap, offers are answered, a start takes over."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from shop.production.offers import offer_due, offered_to
from shop.production.tables import Task
from tests import cast, counter
from tests.admin.office import english, post
from tests.kitchen.tapping import name, ordered, person, tap, the_task, told, up_to
from web.database import reading, writing
from web.house import now


def offered(app: Flask, task: Task) -> int:
    """Let work look for somebody; returns whom it asks."""
    with app.app_context(), writing() as tx:
        cast.clock_of(app).at = max(now(), task.planned_start)
        shop, _ = counter.shop_and_card(tx)
        offer_due(tx, shop, at=now())
        return offered_to(tx, shop)[task.id].staff_id or 0


def login_of(app: Flask, staff_id: int) -> str:
    with app.app_context(), reading() as session:
        return next(
            login for login in ("li", "zhang", "zhao", "sun") if cast.person(session, login).id == staff_id
        )


def test_a_card_is_taken_and_given_back_by_one_tap(app: Flask, display_client: FlaskClient) -> None:
    order = ordered(app)
    task = up_to(app, order, "decorate")
    assert "I take it" in display_client.get("/kitchen/decorating?lang=en").get_data(as_text=True)
    li, sun, mei = (person(app, login) for login in ("li", "sun", "mei"))
    answer = tap(display_client, "decorating/claim?lang=en", task=name(task), person=mei)
    assert answer.status_code == 422 and told(answer)["field"] == "person", "a clerk has not learned it"
    answer = tap(display_client, "decorating/claim?lang=en", task=name(task), person=li)
    assert answer.status_code == 200 and "is yours" in told(answer)["say"]
    assert "李 Li gives it back" in answer.get_data(as_text=True)
    task = the_task(app, order, "decorate")
    assert str(task.claimed_by) == li
    answer = tap(display_client, "decorating/claim?lang=en", task=name(task), person=sun)
    assert answer.status_code == 409 and "has taken this already" in told(answer)["say"]
    answer = tap(display_client, "decorating/release?lang=en", task=name(task), person=sun)
    assert answer.status_code == 409 and "not yours" in told(answer)["say"]
    answer = tap(display_client, "decorating/release?lang=en", task=name(task), person=li)
    assert answer.status_code == 200 and "is given back" in told(answer)["say"]
    assert the_task(app, order, "decorate").claimed_by is None


def test_starting_what_somebody_has_asks_first(app: Flask, display_client: FlaskClient) -> None:
    order = ordered(app)
    task = up_to(app, order, "decorate")
    li, sun = person(app, "li"), person(app, "sun")
    tap(display_client, "decorating/claim?lang=en", task=name(task), person=li)
    task = the_task(app, order, "decorate")
    answer = tap(display_client, "decorating/start?lang=en", task=name(task), person=sun)
    assert answer.status_code == 409
    assert told(answer)["field"] == "takeover" and "李 Li has taken this" in told(answer)["say"]
    answer = tap(display_client, "decorating/start?lang=en", task=name(task), person=sun, takeover="1")
    assert answer.status_code == 200
    task = the_task(app, order, "decorate")
    assert (str(task.started_by), str(task.claimed_by)) == (sun, sun)


def test_an_offer_stands_at_the_board_until_it_is_answered(app: Flask, display_client: FlaskClient) -> None:
    order = ordered(app)
    task = up_to(app, order, "decorate")
    first = offered(app, task)
    page = display_client.get("/kitchen/decorating?lang=en").get_data(as_text=True)
    assert "Who takes it?" in page and f'data-person="{first}"' in page
    assert "Who takes it?" not in display_client.get("/kitchen/oven?lang=en").get_data(as_text=True)
    other = next(p for p in map(lambda login: person(app, login), ("li", "zhang", "sun")) if p != str(first))
    assert tap(display_client, "decorating/accept?lang=en", offer=task.id, person=other).status_code == 409
    answer = tap(display_client, "decorating/decline?lang=en", offer=task.id, person=first)
    assert answer.status_code == 200 and "somebody else is asked" in told(answer)["say"]
    second = offered(app, task)
    assert second != first
    answer = tap(display_client, "decorating/accept?lang=en", offer=task.id, person=second)
    assert answer.status_code == 200 and "Who takes it?" not in answer.get_data(as_text=True)
    assert the_task(app, order, "decorate").claimed_by == second


def test_a_bakers_own_page(app: Flask) -> None:
    order = ordered(app)
    task = up_to(app, order, "decorate")
    login = login_of(app, offered(app, task))
    phone = english(cast.sign_in(app.test_client(), login))
    page = phone.get("/kitchen/mine?lang=en").get_data(as_text=True)
    assert "Do you take this?" in page and "Why you:" in page and "min free" in page
    assert post(phone, "/kitchen/mine", deed="accept", task=f"{task.id}.0").location == "/kitchen/mine"
    page = phone.get("/kitchen/mine/part?lang=en").get_data(as_text=True)
    assert "Do you take this?" not in page and "Give it back" in page
    task = the_task(app, order, "decorate")
    assert post(phone, "/kitchen/mine", deed="release", task=name(task)).status_code == 303
    task = the_task(app, order, "decorate")
    assert task.claimed_by is None
    assert post(phone, "/kitchen/mine", deed="start", task=name(task)).status_code == 303
    assert "In work" in phone.get("/kitchen/mine?lang=en").get_data(as_text=True)
    assert post(phone, "/kitchen/mine", deed="dance", task=name(task)).status_code == 422
    assert post(phone, "/kitchen/mine", deed="release", task=name(task)).status_code == 409
