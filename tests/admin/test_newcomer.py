"""What somebody stumbles over who uses the office for the first time."""

import re

from flask import Flask
from sqlalchemy import func, select

from shop.orders.tables import Draft
from tests.admin.office import english, events, made, order, post
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


def test_a_wrong_pin_is_refused_beside_its_field_and_stays_counted(app: Flask, sign_in) -> None:
    placed = made(app, until="box")
    row, client = order(app, placed.order_id), english(sign_in(app.test_client(), "mei"))
    path, wrong = f"/admin/orders/{row.id}/hand-over", "0000" if row.pin != "0000" else "1111"
    assert row.state == "ready"
    for odd in ("abcdef", "12", "12345"):
        refused = post(client, path, pin=odd)
        assert refused.status_code == 422 and "The PIN is four digits" in refused.text
    assert events(app, "pin_wrong") == []
    refused = post(client, path, pin=wrong)
    assert refused.status_code == 422 and "not the one on the slip" in refused.text
    assert "Tries left: 4" in refused.text and re.search(r'name="pin"[^>]*aria-invalid="true"', refused.text)
    assert order(app, row.id).state == "ready" and len(events(app, "pin_wrong")) == 1
    right = "".join(chr(ord(digit) + 0xFEE0) for digit in row.pin)  # typed full-width
    assert post(client, path, pin=right).status_code == 303
    assert order(app, row.id).state == "handed_over"


def test_after_five_wrong_pins_the_right_one_is_refused_too(app: Flask, sign_in) -> None:
    placed = made(app, until="box")
    row, client = order(app, placed.order_id), english(sign_in(app.test_client(), "mei"))
    path, wrong = f"/admin/orders/{row.id}/hand-over", "0000" if row.pin != "0000" else "1111"
    for _ in range(5):
        assert post(client, path, pin=wrong).status_code == 422
    assert post(client, path, pin=row.pin).status_code == 429
    assert order(app, row.id).state == "ready"


def test_who_takes_no_money_is_not_sent_to_the_till(app: Flask, sign_in) -> None:
    partner, clerk = english(sign_in(app.test_client(), "lin")), english(sign_in(app.test_client(), "mei"))
    assert "Kiosk code" in clerk.get("/admin/desk").text
    assert "Kiosk code" not in partner.get("/admin/desk").text
    refused = partner.get("/admin/till?code=B002", headers={"Referer": "http://localhost/admin/desk"})
    assert refused.status_code == 403 and "Not for this role" in refused.text
    assert 'class="a-links"' in refused.text and 'href="/admin/desk">' in refused.text
    away = partner.get("/admin/till", headers={"Referer": "http://elsewhere.test/admin/desk"})
    assert "elsewhere" not in away.text and "Back to the start" in away.text
    baker = sign_in(app.test_client(), "li")
    assert 'class="a-links"' not in baker.get("/admin/till").text


def test_a_cancelled_paid_order_says_who_pays_it_back(app: Flask, sign_in) -> None:
    cash, card = made(app, paid=False), made(app, paid=False)
    client = english(sign_in(app.test_client(), "mei"))
    post(client, f"/admin/orders/{cash.order_id}/payment", method="cash", tendered="300")
    post(client, f"/admin/orders/{card.order_id}/payment", method="card", reference="T12345")
    assert "¥268 of the ¥268 that were paid goes back" in client.get(f"/admin/orders/{cash.order_id}").text
    assert "To be paid back" not in client.get("/admin/").text
    for placed, words in ((cash, "out of the drawer"), (card, "to the card of payment T12345")):
        post(client, f"/admin/orders/{placed.order_id}/cancellation", reason="twice")
        sheet = client.get(f"/admin/orders/{placed.order_id}").text
        (refund,) = set(re.findall(r"/admin/refunds/\d+", sheet))
        assert "¥268 goes back." in sheet and words in client.get(refund).text
    today = client.get("/admin/").text.partition('id="back-title"')[2]
    assert today.index(card.number) < today.index(cash.number) and "¥268" in today
    assert "Please type the reference" in post(client, f"{refund}/payment", reference="T9").text
    post(client, f"{refund}/payment", reference="T99999")
    assert "Paid back" in client.get(refund).text and cash.number in client.get("/admin/money").text


def test_a_number_is_found_as_people_type_it(app: Flask, sign_in) -> None:
    made(app, name="别人")
    placed = made(app, name="王小明")
    client = sign_in(app.test_client(), "mei")
    letter, _, counter = placed.number.partition("-")
    full = "".join(chr(ord(sign) + 0xFEE0) for sign in placed.number)
    plain = f"{letter}{int(counter)}"
    for text in (
        f"{letter}{counter}".lower(),
        plain,
        plain.lower(),
        full,
        full.lower(),
        f"{letter} {counter}",
        placed.number,
    ):
        found = client.get("/admin/orders/list", query_string={"text": text}).text
        assert found.count('class="o-number"') == 1 and f"/admin/orders/{placed.order_id}" in found, text
