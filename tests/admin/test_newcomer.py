"""What somebody stumbles over who uses the office for the first time."""

from flask import Flask
from sqlalchemy import func, select

from shop.orders.tables import Draft
from tests.admin.office import english, order, post
from tests.admin.test_desk import CAKE, place, save
from web.database import reading


def test_going_back_after_placing_says_that_it_is_placed(app: Flask, sign_in) -> None:
    client = english(sign_in(app.test_client(), "mei"))
    code, answer = place(client)
    row = order(app, int(answer.location.rsplit("/", 1)[1]))
    back = client.get(f"/admin/desk/{code.lower()}/read-back?channel=counter")
    assert back.status_code == 200 and f"Already placed as {row.number}" in back.text
    assert f'href="/admin/orders/{row.id}"' in back.text and f'href="/admin/till/{row.id}"' in back.text
    desk = client.get("/admin/desk", query_string={"draft": code})
    assert desk.location.endswith(f"/admin/desk/{code}/read-back")
    assert client.get("/admin/desk/ZZZZZZ/read-back").status_code == 404
    old_page = post(client, "/admin/desk", **CAKE, draft=code, clock="asap", next="read-back")
    assert old_page.location.endswith(f"/admin/desk/{code}/read-back")
    saved = save(client, **CAKE, draft=code)
    assert saved.status_code == 409 and f"Already placed as {row.number}" in saved.text
    with app.app_context(), reading() as session:
        assert session.scalar(select(func.count()).select_from(Draft)) == 0
