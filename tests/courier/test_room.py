"""The courier's room: what it shows and hides, each tap, twice the same tap, and the proof at the door."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from shop.core.events import Event
from shop.orders.tables import Order, OrderState
from tests import cast
from tests.courier.phone import a_drop, again, codes, phone, tap
from tests.shop.delivery import rounds
from web.database import reading

PERSONAL = (rounds.ADDRESS, rounds.NAME, "13800138000", "138 0013")


def shows_nobody(text: str) -> bool:
    return not any(word in text for word in PERSONAL)


def test_a_courier_lands_in_their_room(app: Flask) -> None:
    gao = phone(app)
    assert gao.get("/sign-in").get_data(as_text=True).count("/courier/") == 1
    assert gao.get("/courier/").status_code == 200


def test_open_drops_show_area_time_and_cake_and_nobody(app: Flask) -> None:
    it = a_drop(app)
    text = phone(app).get("/courier/").get_data(as_text=True)
    assert f'value="{it.id}.{it.version}"' in text and shows_nobody(text)


def test_from_taking_it_to_the_door(app: Flask) -> None:
    gao, it = phone(app), a_drop(app)
    assert tap(gao, "claim", drop=f"{it.id}.{it.version}").location == f"/courier/drop/{it.id}"
    page = gao.get(f"/courier/drop/{it.id}").get_data(as_text=True)
    assert 'action="/courier/drop/1/pick-up"' in page and shows_nobody(page)
    picked = tap(gao, f"drop/{it.id}/pick-up", code=codes(app, it))
    assert picked.status_code == 200 and rounds.ADDRESS in picked.get_data(as_text=True)
    assert shows_nobody(gao.get(f"/courier/drop/{it.id}").get_data(as_text=True)), (
        "a plain look shows no address"
    )
    assert shows_nobody(gao.get("/courier/").get_data(as_text=True))
    assert rounds.ADDRESS in tap(gao, f"drop/{it.id}/address").get_data(as_text=True)
    assert tap(gao, f"drop/{it.id}/arrive").status_code == 303
    with app.app_context(), reading() as session:
        pin = session.get_one(Order, it.order_id).pin
    assert tap(gao, f"drop/{it.id}/hand-over", pin=pin).status_code == 303
    assert again(app, it).state == "delivered"
    with app.app_context(), reading() as session:
        assert session.get_one(Order, it.order_id).state == OrderState.HANDED_OVER
        looks = select(func.count()).where(Event.kind == "person_revealed", Event.order_id == it.order_id)
        assert session.scalar(looks) == 2
    assert "¥0" in gao.get("/courier/day").get_data(as_text=True)


def test_a_scanned_label_leads_to_its_delivery_with_the_code_filled_in(app: Flask) -> None:
    gao, it = phone(app), a_drop(app, rounds.claimed)
    code = codes(app, it)[0]
    there = gao.get(f"/c/{code}")
    assert (there.status_code, there.location) == (303, f"/courier/cake/{code}")
    page = gao.get(there.location).get_data(as_text=True)
    assert f'value="{code}"' in page and shows_nobody(page)
    assert phone(app, "wu").get(f"/courier/cake/{code}").status_code == 404
    assert gao.get("/courier/cake/NOTHING").status_code == 404


def test_the_same_tap_twice_is_one_tap(app: Flask) -> None:
    gao, it = phone(app), a_drop(app, rounds.claimed)
    code = codes(app, it)
    first = tap(gao, f"drop/{it.id}/pick-up", queue=True, key="k" * 20, code=code)
    second = tap(gao, f"drop/{it.id}/pick-up", queue=True, key="k" * 20, code=code)
    assert first.status_code == second.status_code == 200 and first.json == second.json
    assert second.headers["Idempotent-Replayed"] == "true" and rounds.ADDRESS in second.json["where"]
    with app.app_context(), reading() as session:
        assert rounds.kinds(session, it.order_id).count("drop_collected") == 1
    other = tap(gao, f"drop/{it.id}/pick-up", queue=True, key="k" * 20, code="X")
    assert (other.status_code, other.json["type"]) == (422, "urn:fairslice:key_reused")


def test_the_time_of_the_tap_is_a_claim_and_the_servers_time_rules(app: Flask) -> None:
    gao, it = phone(app), a_drop(app, rounds.claimed)
    said = (cast.SATURDAY - timedelta(minutes=20)).isoformat()
    tap(gao, f"drop/{it.id}/pick-up", queue=True, code=codes(app, it), tapped=said)
    assert again(app, it).picked_up_at == cast.SATURDAY
    with app.app_context(), reading() as session:
        line = session.scalars(select(Event).where(Event.kind == "drop_collected")).one()
        assert line.at == cast.SATURDAY and line.data["behind"] == 1200
    for nonsense in ("", "tomorrow", "2026-11-21T09:30:00", "9" * 39, "0001-01-01T00:00:00+00:00"):
        assert tap(gao, f"drop/{it.id}/arrive", queue=True, tapped=nonsense).status_code in (200, 409)


def test_a_wrong_pin_is_said_and_asked_again(app: Flask) -> None:
    gao, it = phone(app), a_drop(app, rounds.at_the_door)
    with app.app_context(), reading() as session:
        wrong = f"{(int(session.get_one(Order, it.order_id).pin) + 1) % 10_000:04d}"
    answer = tap(gao, f"drop/{it.id}/hand-over", pin=wrong)
    assert answer.status_code == 422 and 'id="pin-error"' in answer.get_data(as_text=True)
    queued = tap(gao, f"drop/{it.id}/hand-over", queue=True, pin=wrong)
    assert (queued.status_code, queued.json["type"]) == (422, "urn:fairslice:wrong_pin")
    assert again(app, it).state == "arrived"


def test_a_wrong_pin_says_how_many_tries_are_left(app: Flask) -> None:
    gao, it = phone(app), a_drop(app, rounds.at_the_door)
    with app.app_context(), reading() as session:
        right = session.get_one(Order, it.order_id).pin
    wrong = f"{(int(right) + 1) % 10_000:04d}"
    for left in (4, 3):
        answer = tap(gao, f"drop/{it.id}/hand-over", pin=wrong)
        assert answer.status_code == 422 and f"还可以试 {left} 次" in answer.text
    assert "还可以试 2 次" in tap(gao, f"drop/{it.id}/hand-over", queue=True, pin=wrong).json["detail"]
    assert "还可以试 1 次" in tap(gao, f"drop/{it.id}/hand-over", pin=wrong).text
    last = tap(gao, f"drop/{it.id}/hand-over", pin=wrong)
    assert last.status_code == 422 and "还可以试" not in last.text and "密码错得太多次" in last.text
    assert tap(gao, f"drop/{it.id}/hand-over", pin=right).status_code == 429


def test_a_refused_form_comes_back_filled(app: Flask) -> None:
    gao, it = phone(app), a_drop(app, rounds.claimed)
    answer = tap(gao, f"drop/{it.id}/pick-up", code="NOTMINE")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422 and 'value="NOTMINE"' in text and "aria-invalid" in text


def test_two_couriers_one_drop(app: Flask) -> None:
    gao, wu, it = phone(app), phone(app, "wu"), a_drop(app)
    name = f"{it.id}.{it.version}"
    assert tap(gao, "claim", drop=name).status_code == 303
    late = tap(wu, "claim", drop=name)
    assert late.status_code == 409 and "别人先接了" in late.get_data(as_text=True)


@pytest.mark.parametrize(
    "path", ["", "/address", "/arrive", "/hand-over", "/fail", "/back", "/undo", "/release", "/pick-up"]
)
def test_a_colleagues_drop_is_closed(app: Flask, path: str) -> None:
    it, wu = a_drop(app, rounds.at_the_door), phone(app, "wu")
    answer = wu.get(f"/courier/drop/{it.id}") if not path else tap(wu, f"drop/{it.id}{path}", pin="1")
    assert answer.status_code == 403 and shows_nobody(answer.get_data(as_text=True))


def test_after_two_hours_the_address_is_closed(app: Flask) -> None:
    gao, it = phone(app), a_drop(app, rounds.at_the_door)
    with app.app_context(), reading() as session:
        pin = session.get_one(Order, it.order_id).pin
    tap(gao, f"drop/{it.id}/hand-over", pin=pin)
    assert rounds.ADDRESS in tap(gao, f"drop/{it.id}/address").get_data(as_text=True)
    cast.clock_of(app).pass_by(hours=2)
    closed = tap(gao, f"drop/{it.id}/address")
    assert closed.status_code == 403 and shows_nobody(closed.get_data(as_text=True))


def test_nobody_else_sees_an_address_anywhere(app: Flask) -> None:
    """Every role looks at every page of the room and of the board for dispatchers."""
    it = a_drop(app, rounds.at_the_door)
    for role, login in cast.LOGINS.items():
        client = cast.sign_in(app.test_client(), login)
        for path in ("/courier/", "/courier/region", "/courier/day", f"/courier/drop/{it.id}", "/admin/dispatch",
                     "/admin/dispatch/part"):  # fmt: skip
            assert shows_nobody(client.get(path).get_data(as_text=True)), f"{role} {path}"
        if login != "gao":
            assert shows_nobody(tap(client, f"drop/{it.id}/address").get_data(as_text=True)), role


def test_the_worker_keeps_no_page_that_may_carry_an_address(app: Flask) -> None:
    gao = phone(app)
    script = gao.get("/courier/worker.js")
    text = script.get_data(as_text=True)
    assert script.mimetype == "text/javascript" and "/assets/courier-" in text
    kept = re.search(r"const PAGE = /(.+)/;", text)
    assert kept is not None
    page = re.compile(kept[1].replace("\\/", "/"))
    assert page.match("/courier/drop/7") and not page.match("/courier/drop/7/address")


def test_a_phone_that_asks_is_seen_once_a_minute(app: Flask) -> None:
    from shop.delivery.tables import Rider

    gao = phone(app)
    gao.get("/courier/")
    cast.clock_of(app).pass_by(seconds=30)
    gao.get("/courier/region")
    with app.app_context(), reading() as session:
        assert session.scalars(select(Rider.seen_at)).one() == cast.SATURDAY
    cast.clock_of(app).pass_by(seconds=31)
    gao.get("/courier/region")
    with app.app_context(), reading() as session:
        assert session.scalars(select(Rider.seen_at)).one() == cast.SATURDAY + timedelta(seconds=61)
