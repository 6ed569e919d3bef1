"""What the customer sees: every state, every language, times as a range, several cakes, what is private."""

import gzip
import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from shop.core.actors import CUSTOMER
from shop.core.types import to_minute
from shop.documents.invoice import Buyer, issue
from shop.orders.cart import Cart, CartLine
from shop.orders.finding import sheet
from shop.orders.progress import cancel
from shop.orders.tables import Order, OrderState
from shop.payments.tables import Refund
from shop.production.tables import Alarm, MoveDone
from tests import counter
from tests.cast import SATURDAY, clock_of, sign_in
from tests.slips import the_shop, two_cakes
from tests.tracking.states import STATES, finish_stages, order_in
from tracking.following import Following, follow
from tracking.said import COMING, DOING
from web.assets import asset
from web.database import reading, writing
from web.house import keys, now

SHANGHAI = ZoneInfo("Asia/Shanghai")
SAID = {
    "placed": "Please pay at the counter", "confirmed": "We have your order", "in_production": "Being filled and iced",
    "ready": "Ready for you", "out_for_delivery": "On its way", "handed_over": "Enjoy your cake",
    "closed": "Enjoy your cake", "expired": "This order has run out of time", "rejected": "We cannot make this order",
    "cancelled": "This order is cancelled", "no_show": "We are keeping your cake",
    "disposed": "Nobody came for this cake", "resold": "Nobody came for this cake",
}  # fmt: skip


def one_cake(**changes: Any) -> Cart:
    return two_cakes(lines=[CartLine("strawberry-cream", 8, 1, {}, "生日快乐", 6)], **changes)


def read(client: FlaskClient, token: str, language: str = "en") -> str:
    answer = client.get(f"/t/{token}?lang={language}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_its_words_in_three_languages(app: Flask, client: FlaskClient, state: str) -> None:
    placed = order_in(app, state, one_cake())
    pages = {language: read(client, placed.token, language) for language in ("en", "zh_Hans", "zh_Hant")}
    heads = {language: re.search(r"<h1>(.*?)</h1>", page) for language, page in pages.items()}
    assert SAID[state] in pages["en"]
    assert all(heads.values()) and len({head[1] for head in heads.values() if head}) >= 2
    for tag, page in zip(("en", "zh-Hans", "zh-Hant"), pages.values(), strict=True):
        assert f'<html lang="{tag}">' in page


def test_an_unpaid_order_shows_the_code_and_until_when(app: Flask, client: FlaskClient) -> None:
    placed = order_in(app, "placed")
    page = read(client, placed.token)
    assert placed.counter_code in page and "We keep your time until 09:50." in page
    paid = read(client, order_in(app, "confirmed").token)
    assert "We keep your time" not in paid


def test_a_cancelled_order_says_what_goes_back(app: Flask, client: FlaskClient) -> None:
    page = read(client, order_in(app, "cancelled").token)
    assert "¥496 goes back to you the way you paid it." in page and "Promised for" not in page


def test_a_cancelled_order_says_what_was_paid_back_and_keeps_its_invoice(
    app: Flask, client: FlaskClient
) -> None:
    placed = order_in(app, "confirmed")
    with app.app_context(), writing() as tx:
        held, shop = tx.get_one(Order, placed.order_id), the_shop(tx)
        issue(tx, keys(), shop, held, Buyer("长宁餐饮"), by=CUSTOMER, at=now())
        cancel(tx, shop, held, by=CUSTOMER, at=now(), reason="customer", pin=held.pin)
        tx.execute(update(Refund).values(state="refunded"))
    page = read(client, placed.token)
    assert "¥496 was paid back to you." in page and "Nothing is owed" not in page
    assert "Paid back" in page and "-¥496" in page.replace("−", "-") and "Goes back to you" not in page
    assert f'/t/{placed.token}/invoice">Your invoice' in page


def test_a_cancelled_order_that_was_never_paid_owes_nothing(app: Flask, client: FlaskClient) -> None:
    placed = order_in(app, "placed")
    with app.app_context(), writing() as tx:
        held = tx.get_one(Order, placed.order_id)
        cancel(tx, the_shop(tx), held, by=CUSTOMER, at=now(), reason="customer", pin=held.pin)
    page = read(client, placed.token)
    assert "Nothing is owed, on either side." in page and "/invoice" not in page


@pytest.mark.parametrize("stages", range(6))
def test_the_stages_have_the_times_they_were_done(app: Flask, client: FlaskClient, stages: int) -> None:
    page = read(client, order_in(app, "in_production", one_cake(), stages).token)
    rows = re.findall(r'<li (?:class="is-(\w+)"[^>]*)?>\s*<span>(\w+)', page)
    assert [name for _, name in rows] == ["Baking", "Cooling", "Filling", "Decorating", "Checking", "Boxing"]
    assert [state for state, _ in rows] == ["done"] * stages + ["now"] + [""] * (5 - stages)
    assert len(re.findall(r"<time>\d\d:\d\d</time>", page)) == stages
    assert list(DOING.values())[stages] in page


def test_before_the_start_the_page_says_one_thing(app: Flask, client: FlaskClient) -> None:
    page = read(client, order_in(app, "confirmed", one_cake()).token)
    assert "We start in about" in page and "is-next" not in page and "is-now" not in page
    both = read(client, order_in(app, "confirmed", two_cakes()).token)
    assert "We start in" in both and "Not begun yet" in both and "Next into the oven" not in both


def test_a_stage_that_waits_is_next(app: Flask, client: FlaskClient) -> None:
    placed = order_in(app, "confirmed", one_cake())
    with app.app_context(), reading() as session:
        first = min(
            t.planned_start
            for c in sheet(session, session.get_one(Order, placed.order_id)).cakes
            for t in c.tasks
        )
    clock_of(app).at = first
    page = read(client, placed.token)
    assert "We start any moment." in page and 'class="is-next"' in page
    assert set(DOING) == set(COMING)


def test_after_the_hand_over_the_page_says_when(app: Flask, client: FlaskClient) -> None:
    placed = order_in(app, "handed_over", one_cake())
    assert f"Handed over today {clock_of(app).at.astimezone(SHANGHAI):%H:%M}" in read(client, placed.token)
    assert "Handed over" not in read(client, order_in(app, "ready", one_cake()).token)


def test_several_cakes_each_have_their_own_stages(app: Flask, client: FlaskClient) -> None:
    cart = two_cakes(lines=[CartLine("oreo", 8, 3), CartLine("taro", 6, 1)])
    page = read(client, order_in(app, "in_production", cart).token)
    assert page.count('class="bars"') == 4 and "Your cakes are being made" in page
    assert page.count("Next into the oven") == 3 and page.count("Being filled and iced") == 1
    assert "2 of 6 stages done" in page


def seen(app: Flask, order_id: int) -> Following:
    with app.app_context(), reading() as session:
        return follow(sheet(session, session.get_one(Order, order_id)), {}, at=now())


def test_the_time_is_a_range_that_keeps_the_promise_while_it_can(app: Flask) -> None:
    placed = order_in(app, "in_production", one_cake(), 3)
    due = SATURDAY + timedelta(hours=6)
    for minutes in range(0, 400, 7):
        clock_of(app).at = SATURDAY + timedelta(minutes=85 + minutes)
        order = seen(app, placed.order_id)
        first, last = order.window
        assert first.minute % 5 == last.minute % 5 == 0 and timedelta(minutes=10) <= last - first
        assert last - first <= timedelta(minutes=15)
        assert order.late == (first > due) and (order.late or last <= due)
    assert order.late, "nobody finished it: the page does not pretend"


def test_nobody_is_called_to_a_closed_door(app: Flask, client: FlaskClient) -> None:
    """A cake for the first minute of the day is done before the shop opens."""
    with app.app_context(), writing() as tx:
        opens = the_shop(tx).open_on(SATURDAY.astimezone(SHANGHAI).date() + timedelta(days=1))[0]
        placed = counter.order(tx, due_at=opens)
    early = seen(app, placed.order_id).window
    assert early is not None and early[0] < opens, "the kitchen is done before"
    page = read(client, placed.token)
    assert "08:00 – 08:15" in page and "07:" not in page


def test_a_late_order_says_so_and_offers_the_phone(app: Flask, client: FlaskClient) -> None:
    placed = order_in(app, "in_production", one_cake(), 1)
    clock_of(app).at = SATURDAY + timedelta(hours=7)
    page = read(client, placed.token)
    assert "That is later than promised. We are sorry." in page
    assert re.search(r'class="btn btn-primary" href="tel:\+862155501234"', page)


def test_a_private_inscription_is_hidden_in_words_and_picture(app: Flask, client: FlaskClient) -> None:
    shown, hidden = order_in(app, "ready", one_cake()), order_in(app, "ready", one_cake(private=True))
    assert read(client, shown.token).count("生日快乐") >= 2
    page = read(client, hidden.token)
    assert "生日快乐" not in page and "Inscription kept private" in page


def test_only_an_order_that_is_not_started_can_be_cancelled_here(app: Flask, client: FlaskClient) -> None:
    for state in OrderState:
        clock_of(app).at = SATURDAY
        placed = order_in(app, state)
        allowed = state in (OrderState.PLACED, OrderState.CONFIRMED)
        assert ("/cancel" in read(client, placed.token)) is allowed, state


def test_a_phone_that_asks_again_is_told_only_what_is_new(app: Flask, client: FlaskClient) -> None:
    placed = order_in(app, "confirmed")
    address = f"/t/{placed.token}/region?lang=en"
    first = client.get(address)
    assert first.status_code == 200 and first.get_data(as_text=True).lstrip().startswith('<div id="track"')
    tag = {"If-None-Match": first.headers["ETag"]}
    again = client.get(address, headers=tag)
    assert again.status_code == 304 and not again.data and again.headers["ETag"] == first.headers["ETag"]
    order_in(app, "confirmed")
    assert client.get(address, headers=tag).status_code == 304, "another order's news is not ours"
    assert client.get(address.replace("en", "zh_Hans"), headers=tag).status_code == 200
    with app.app_context(), writing() as tx:
        finish_stages(app, tx, tx.get_one(Order, placed.order_id), 1)
    changed = client.get(address, headers=tag)
    assert changed.status_code == 200 and "Cooling down" in changed.get_data(as_text=True)


def test_the_page_carries_the_very_fragment_that_phones_ask_for(app: Flask, client: FlaskClient) -> None:
    placed = order_in(app, "in_production")
    region = client.get(f"/t/{placed.token}/region?lang=en")
    page = read(client, placed.token)
    assert region.get_data(as_text=True) in page
    assert f'data-hash="{region.headers["ETag"].strip(chr(34))}"' in page


def test_a_cake_shows_that_it_is_real_and_nothing_more(app: Flask, client: FlaskClient) -> None:
    placed = order_in(app, "ready", one_cake())
    with app.app_context(), reading() as session:
        code = sheet(session, session.get_one(Order, placed.order_id)).cakes[0].cake.code
    page = client.get(f"/c/{code.lower()}?lang=en").get_data(as_text=True)
    assert "A real cake of Tangjian" in page and "Strawberry cream" in page and "today 10:00" in page
    assert not any(word in page for word in ("生日快乐", "王小明", "A-001", "¥"))


def test_the_team_finds_its_way_from_the_customers_pages(app: Flask) -> None:
    placed = order_in(app, "confirmed", one_cake())
    mei = sign_in(app.test_client(), "mei")
    assert f'href="/admin/orders/{placed.order_id}"' in mei.get(f"/t/{placed.token}").get_data(as_text=True)
    assert "/admin/" not in app.test_client().get(f"/t/{placed.token}").get_data(as_text=True)


def test_the_whole_page_weighs_little(app: Flask, client: FlaskClient) -> None:
    """30 KB with style, script and code (targets.md, `pages`)."""
    placed = order_in(
        app, "ready", two_cakes(lines=[CartLine("oreo", 8, 2), CartLine("fruit", 12, 1, {}, "乐" * 12, 9)])
    )
    with app.test_request_context():
        parts = [asset("track.css"), asset("track.js"), f"/t/{placed.token}", f"/t/{placed.token}/qr.svg"]
    weight = 0
    for part in parts:
        answer = client.get(part, headers={"Accept-Encoding": "gzip"})
        body = answer.get_data()
        weight += len(body) if answer.headers.get("Content-Encoding") == "gzip" else len(gzip.compress(body))
    print(f"{weight} bytes in {len(parts)} requests")
    assert weight <= 30_000


@pytest.mark.parametrize(("undone", "said"), [(False, True), (True, False)])
def test_a_new_time_stands_there_with_its_reason_until_it_is_taken_back(
    app: Flask, client: FlaskClient, undone: bool, said: bool
) -> None:
    placed = order_in(app, "in_production", one_cake())
    with app.app_context(), writing() as tx:
        shop = tx.get_one(Order, placed.order_id).shop_id
        alarm = Alarm(shop_id=shop, kind="predicted_late", subject="cake:1", stage="", person="", names={}, chance=90,
                      minutes=20, raised_at=now(), repeated_at=now())  # fmt: skip
        tx.add(alarm)
        tx.flush()
        word = {"until": to_minute(SATURDAY) + 180, "note": "kitchen", "state": "in_production"}
        tx.add(MoveDone(shop_id=shop, alarm_id=alarm.id, order_id=placed.order_id, key="tell_customer", args={}, was={},
                        now=word, chance_before=90, chance_after=90, at=now(),
                        undone_at=now() if undone else None))  # fmt: skip
    assert ("It will be about today 12:30" in read(client, placed.token)) is said
    assert ("很抱歉，我们正在赶" in read(client, placed.token, "zh_Hans")) is said
