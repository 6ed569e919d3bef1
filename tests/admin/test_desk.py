"""The order desk: saved while typed, read back, placed once, paid by code."""

import re
import uuid
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from shop.orders.cart import CartLine
from shop.orders.searching import search
from shop.orders.tables import Draft, Order
from tests import cast
from tests.admin.office import english, events, fields, line, made, order, post
from web.database import reading
from web.house import house

CAKE: dict[str, Any] = fields(
    lines="1", line__0__product="chocolate-fudge", line__0__inch="8", line__0__quantity="1",
    line__0__inscription="生日快乐", line__0__candles="6", name="王小明", phone="13812345678",
)  # fmt: skip


def save(client, **form: Any):
    """Save as the page's script does."""
    headers = {"X-Autosave": "1", "HX-Request": "true", "Idempotency-Key": uuid.uuid4().hex}
    return client.post("/admin/desk", data={**form, "csrf_token": cast.token_of(client)}, headers=headers)


def code_in(html: str) -> str:
    found = re.search(r'name="draft" value="([0-9A-Z]{6})"', html)
    assert found, html[:400]
    return found.group(1)


def first_free(html: str) -> tuple[str, str]:
    """Return the day and the earliest time that the answer offers."""
    day = re.search(r'name="day" type="date" value="([\d-]+)"', html)
    clock = re.search(r'name="clock" value="(asap)" checked.*?>(\d\d:\d\d)<', html)
    assert day and clock, html
    return day.group(1), clock.group(2)


def test_autosave_answers_price_and_true_times(app: Flask, sign_in) -> None:
    client = sign_in(app.test_client(), "mei")
    answer = save(client, **CAKE)
    assert answer.status_code == 200
    assert "¥278" in answer.text and 'id="times"' in answer.text
    first_free(answer.text)


def test_a_draft_is_resumed_where_it_was_left(app: Flask, sign_in) -> None:
    client = sign_in(app.test_client(), "mei")
    code = code_in(save(client, **CAKE).text)
    again = client.get("/admin/desk", query_string={"draft": code}).text
    for kept in ("生日快乐", "王小明", "13812345678"):
        assert kept in again
    assert 'value="chocolate-fudge" checked' in again
    assert code in client.get("/admin/desk").text  # in the list of open orders


def test_saving_again_keeps_the_same_draft(app: Flask, sign_in) -> None:
    client = sign_in(app.test_client(), "mei")
    code = code_in(save(client, **CAKE).text)
    assert code_in(save(client, **CAKE, draft=code, note="x").text) == code
    with app.app_context(), reading() as session:
        assert session.scalar(select(func.count()).select_from(Draft)) == 1


def test_the_draft_is_unreadable_in_the_table(app: Flask, sign_in) -> None:
    client = sign_in(app.test_client(), "mei")
    save(client, **CAKE)
    with app.app_context(), reading() as session:
        box = session.scalar(select(Draft.box))
    assert "王小明".encode() not in box and b"13812345678" not in box


def test_others_do_not_see_or_drop_my_drafts(app: Flask, sign_in) -> None:
    client, other = sign_in(app.test_client(), "mei"), sign_in(app.test_client(), "jie")
    code = code_in(save(client, **CAKE).text)
    assert code not in other.get("/admin/desk").text
    post(other, f"/admin/desk/{code}/end")
    assert "王小明" in client.get("/admin/desk", query_string={"draft": code}).text
    post(client, f"/admin/desk/{code}/end")
    assert client.get("/admin/desk", query_string={"draft": code}).status_code == 303


def test_lines_are_added_and_removed_without_losing_the_rest(app: Flask, sign_in) -> None:
    client = sign_in(app.test_client(), "mei")
    two = save(client, **CAKE, add="1").text
    assert 'id="line-1"' in two and 'name="lines" value="2"' in two
    both = {**CAKE, "lines": "2", **fields(line__1__product="fruit", line__1__inch="6")}
    assert "¥476" in save(client, **both).text  # 278 + 198
    left = save(client, **both, remove="0").text
    assert 'id="line-1"' not in left and 'value="fruit" checked' in left


def test_what_is_wrong_is_named_while_the_rest_is_kept(app: Flask, sign_in) -> None:
    client = sign_in(app.test_client(), "mei")
    wrong = {**CAKE, "line.0.inscription": "长" * 13}
    answer = save(client, **wrong)
    assert answer.status_code == 200 and 'data-trouble-field="line.0.inscription"' in answer.text
    assert "长" * 13 in client.get("/admin/desk", query_string={"draft": code_in(answer.text)}).text


def test_what_cannot_be_written_is_refused_at_the_desk_too(app: Flask, sign_in) -> None:
    client = english(sign_in(app.test_client(), "mei"))
    smiling = {**CAKE, "line.0.inscription": "生日快乐😀"}
    answer = save(client, **smiling)
    assert 'data-trouble-field="line.0.inscription"' in answer.text and "cannot write 😀" in answer.text
    assert "Put right what is marked first" in answer.text and "Choose a cake" not in answer.text
    refused = post(client, "/admin/desk", **smiling, next="read-back", day="2026-11-21", clock="18:00")
    assert refused.status_code == 422 and "cannot write 😀" in refused.text
    assert "生日快乐😀" in refused.text  # what was typed is still there
    fine = {**CAKE, "line.0.inscription": "生日快乐♥"}
    assert "data-trouble-field" not in save(client, **fine).text


def test_allergies_that_the_order_contains_are_shouted(app: Flask, sign_in) -> None:
    client = english(sign_in(app.test_client(), "mei"))
    assert "Allergy!" in save(client, **CAKE, allergies="milk").text
    assert "Allergy!" not in save(client, **CAKE).text


def place(client, **more: Any):
    """Save, read back and place; returns the last answer."""
    first = save(client, **{**CAKE, **more})
    code, (day, clock) = code_in(first.text), first_free(first.text)
    answer = post(
        client, "/admin/desk", **{**CAKE, **more}, draft=code, day=day, clock=clock, next="read-back"
    )
    assert answer.status_code == 303, answer.text
    back = client.get(answer.location).text
    assert "生日快乐" in back and clock in back and "王小明" in back
    channel = more.get("channel", "counter")
    return code, post(client, f"/admin/desk/{code}/order", channel=channel, seal=seal_in(back))


def seal_in(html: str) -> str:
    return re.findall(r'name="seal" value="(\w+)"', html)[0]


def test_the_order_is_read_back_placed_and_asks_for_its_money(app: Flask, sign_in) -> None:
    client = sign_in(app.test_client(), "mei")
    code, answer = place(client, channel="phone")
    assert answer.status_code == 303 and "/admin/till/" in answer.location
    row = order(app, int(answer.location.rsplit("/", 1)[1]))
    assert (row.channel, row.letter, row.state, row.total) == ("phone", "B", "placed", 27800)
    assert "¥278" in client.get(answer.location).text
    assert client.get("/admin/desk", query_string={"draft": code}).status_code == 303


def test_what_changed_after_the_read_back_is_not_placed(app: Flask, sign_in) -> None:
    client = sign_in(app.test_client(), "mei")
    first = save(client, **CAKE)
    code = code_in(first.text)
    answer = post(client, "/admin/desk", **CAKE, draft=code, clock="asap", next="read-back")
    seal = seal_in(client.get(answer.location).text)
    save(client, **{**CAKE, "line.0.inscription": "生日快了"}, draft=code)
    assert post(client, f"/admin/desk/{code}/order", channel="counter", seal=seal).status_code == 409
    with app.app_context(), reading() as session:
        assert session.scalar(select(func.count()).select_from(Order)) == 0


def test_placing_a_draft_twice_makes_one_order(app: Flask, sign_in) -> None:
    client = sign_in(app.test_client(), "mei")
    code, _ = place(client)
    again = post(client, f"/admin/desk/{code}/order")
    assert again.status_code == 303 and again.location.endswith(f"/admin/desk/{code}/read-back")
    assert post(client, "/admin/desk/ZZZZZZ/order").status_code == 404
    with app.app_context(), reading() as session:
        assert session.scalar(select(func.count()).select_from(Order)) == 1


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({}, 422),  # no cake
        ({**CAKE}, 422),  # no time
        ({**CAKE, "line.0.inscription": "长" * 13, "clock": "18:00"}, 422),
        ({**CAKE, "line.0.quantity": "99", "clock": "18:00"}, 422),
        ({**CAKE, "clock": "23:30"}, 422),  # closed
        ({**CAKE, "clock": "08:00"}, 422),  # over
        ({**CAKE, "clock": "soon"}, 422),
    ],
)
def test_nothing_unsure_is_read_back(app: Flask, sign_in, form, status) -> None:
    client = sign_in(app.test_client(), "mei")
    answer = post(client, "/admin/desk", **form, next="read-back", day="2026-11-21")
    assert answer.status_code == status


def test_a_full_time_needs_a_manager_and_a_reason(app: Flask, sign_in) -> None:
    clerk, manager = sign_in(app.test_client(), "mei"), sign_in(app.test_client(), "xu")
    soon = {**CAKE, "day": "2026-11-21", "clock": "10:00", "next": "read-back"}
    assert post(clerk, "/admin/desk", **soon).status_code == 409
    answer = post(manager, "/admin/desk", **soon)
    assert answer.status_code == 303
    code = answer.location.split("/")[3]
    back = manager.get(answer.location).text
    assert 'name="reason"' in back
    path, form = f"/admin/desk/{code}/order", {"channel": "counter", "seal": seal_in(back)}
    assert post(manager, path, **form).status_code == 409
    assert post(manager, path, **form, reason="VIP").status_code == 303
    (noted,) = events(app, "order_overbooked")
    assert noted.data["reason"] == "VIP"


def test_as_soon_as_possible_follows_the_cakes(app: Flask, sign_in) -> None:
    client = sign_in(app.test_client(), "mei")
    first = save(client, **CAKE)
    _, small = first_free(first.text)
    large = {**CAKE, "line.0.inch": "12", "clock": "asap", "draft": code_in(first.text)}
    _, later = first_free(save(client, **large).text)
    assert later > small


def test_a_former_order_comes_again_by_its_phone(app: Flask, sign_in) -> None:
    before = made(app, name="李雷", phone="13911112222", inscription="好运", candles=3)
    client = sign_in(app.test_client(), "mei")
    found = client.get("/admin/desk/former", query_string={"phone": "13911112222"}).text
    assert f"/admin/desk/again/{before.order_id}" in found
    assert "again" not in client.get("/admin/desk/former", query_string={"phone": "139"}).text
    answer = post(client, f"/admin/desk/again/{before.order_id}")
    again = client.get(answer.location).text
    assert "好运" in again and "李雷" in again and 'value="strawberry-cream" checked' in again
    assert [e.order_id for e in events(app, "person_revealed")] == [before.order_id]


def test_a_partner_repeats_without_seeing_the_customer(app: Flask, sign_in) -> None:
    before = made(app, name="李雷", phone="13911112222", inscription="好运")
    client = sign_in(app.test_client(), "lin")
    again = client.get(post(client, f"/admin/desk/again/{before.order_id}").location).text
    assert "好运" in again and "李雷" not in again
    assert client.get("/admin/desk/former?phone=13911112222").status_code == 403


def test_the_kiosks_code_leads_to_its_money(app: Flask, sign_in) -> None:
    placed = made(app, paid=False)
    client = sign_in(app.test_client(), "mei")
    answer = client.get("/admin/till", query_string={"code": placed.counter_code.lower()})
    assert answer.status_code == 303 and answer.location.endswith(f"/admin/till/{placed.order_id}")
    assert client.get("/admin/till?code=ZZZZZ").status_code == 404
    post(client, f"/admin/orders/{placed.order_id}/payment", method="card", reference="T12345")
    assert client.get("/admin/till", query_string={"code": placed.counter_code}).status_code == 404


def test_likely_notes_cover_the_amount() -> None:
    from admin.till import notes_for

    assert notes_for(26800) == [26800, 27000, 28000, 30000]
    assert notes_for(30000) == [30000]
    assert all(note >= 18850 for note in notes_for(18850))


def test_who_takes_no_money_sees_the_order_that_was_placed(app: Flask, sign_in) -> None:
    owner = sign_in(app.test_client(), "chen")
    _, answer = place(owner)
    assert "/admin/orders/" in answer.location and owner.get(answer.location).status_code == 200


def test_a_phone_that_cannot_be_is_refused_before_the_read_back(app: Flask, sign_in) -> None:
    client = english(sign_in(app.test_client(), "mei"))
    code = code_in(save(client, **CAKE, draft="").text)
    form = {**CAKE, "phone": "12345", "draft": code, "clock": "asap", "next": "read-back"}
    headers = {"HX-Request": "true", "Idempotency-Key": uuid.uuid4().hex}
    refused = client.post("/admin/desk", data={**form, "csrf_token": cast.token_of(client)}, headers=headers)
    assert refused.status_code == 422 and 'data-field="phone"' in refused.text
    assert "生日快乐" in client.get("/admin/desk", query_string={"draft": code}).text
    assert post(client, "/admin/desk", **{**form, "phone": "+44 20 7946 0018"}).status_code == 303
    assert post(client, "/admin/desk", **{**form, "phone": ""}).status_code == 303  # nobody has to leave one


def test_the_lines_of_a_repeat_follow_todays_menu(app: Flask, sign_in) -> None:
    from admin.carts import same_again
    from shop.menu.card import cached_card

    placed = made(app)
    row = line(app, placed.order_id)
    row.product = "no-longer-made"
    with app.app_context(), reading() as session:
        card = cached_card(session, cast.the_shop(app))
        assert same_again(card, [row], [], False, "en").lines == [CartLine(product="")]
        shop = cast.the_shop(app)
        assert search(session, house().keys, shop, at=house().clock.now(), text=placed.number)
