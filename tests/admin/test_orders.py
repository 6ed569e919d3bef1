"""Orders in the back office: found, shown, and every action refused or done."""

import pytest
from flask import Flask

from shop.core.actors import CUSTOMER, SYSTEM
from shop.core.events import record
from shop.orders import progress
from shop.orders.tables import Order
from shop.people.shops import Shop
from tests import cast
from tests.admin.office import english, events, line, made, order, post, started
from web.database import writing
from web.house import now


def test_contact_and_pin_stay_hidden_until_somebody_looks(app: Flask, sign_in) -> None:
    placed = made(app, name="王小明", phone="13812345678")
    client = sign_in(app.test_client(), "mei")
    pin = order(app, placed.order_id).pin
    sheet = client.get(f"/admin/orders/{placed.order_id}").text
    assert "王小明" not in sheet and "13812345678" not in sheet
    assert f">{pin}<" not in sheet
    shown = post(client, f"/admin/orders/{placed.order_id}/contact").text
    assert "王小明" in shown and "+8613812345678" in shown and f">{pin}<" in shown
    looked = events(app, "person_revealed")
    assert [e.order_id for e in looked] == [placed.order_id]
    assert "王" not in str(looked[0].data)


def test_a_partner_sees_orders_but_no_customer(app: Flask, sign_in) -> None:
    placed = made(app, name="王小明", phone="13812345678")
    client = sign_in(app.test_client(), "lin")
    sheet = client.get(f"/admin/orders/{placed.order_id}")
    assert sheet.status_code == 200 and "****" not in sheet.text
    assert post(client, f"/admin/orders/{placed.order_id}/contact").status_code == 403
    assert events(app, "access_denied")


def test_cash_gives_the_change_and_confirms(app: Flask, sign_in) -> None:
    placed = made(app, paid=False)
    client = sign_in(app.test_client(), "mei")
    answer = post(client, f"/admin/orders/{placed.order_id}/payment", method="cash", tendered="300")
    assert answer.status_code == 303
    assert order(app, placed.order_id).state == "confirmed"
    after = client.get(answer.location).text
    assert "¥32" in after and placed.number in after


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"method": "cash", "tendered": "200"}, "tendered"),
        ({"method": "cash", "tendered": "abc"}, "tendered"),
        ({"method": "cash", "tendered": ""}, "tendered"),
        ({"method": "card", "reference": "x"}, "reference"),
        ({"method": "shells", "tendered": "300"}, "method"),
    ],
)
def test_a_payment_that_cannot_be_is_refused_by_name(app: Flask, sign_in, form, field) -> None:
    placed = made(app, paid=False)
    client = sign_in(app.test_client(), "mei")
    answer = post(client, f"/admin/orders/{placed.order_id}/payment", **form)
    assert answer.status_code == 422
    assert order(app, placed.order_id).paid == 0


def test_the_same_payment_twice_takes_money_once(app: Flask, sign_in) -> None:
    placed = made(app, paid=False)
    client = sign_in(app.test_client(), "mei")
    path = f"/admin/orders/{placed.order_id}/payment"
    first = post(client, path, key="k" * 32, method="card", reference="T12345")
    again = post(client, path, key="k" * 32, method="card", reference="T12345")
    assert first.location == again.location and again.headers["Idempotent-Replayed"] == "true"
    assert order(app, placed.order_id).paid == order(app, placed.order_id).total


def test_the_writing_changes_with_old_and_new_in_the_diary(app: Flask, sign_in) -> None:
    placed = made(app, inscription="生日快乐")
    client = sign_in(app.test_client(), "mei")
    row = line(app, placed.order_id)
    path = f"/admin/orders/{placed.order_id}/lines/{row.id}"
    assert post(client, path, inscription="妈妈生日快乐", candles="3").status_code == 303
    assert line(app, placed.order_id).inscription == "妈妈生日快乐"
    (changed,) = events(app, "order_changed")
    assert changed.data["was"]["inscription"] == "生日快乐"
    sheet = client.get(f"/admin/orders/{placed.order_id}").text
    assert "<del>生日快乐</del>" in sheet and "<ins>妈妈生日快乐</ins>" in sheet
    assert post(client, path, inscription="长" * 13, candles="3").status_code == 422
    assert post(client, path, inscription="好😀", candles="3").status_code == 422


def test_a_change_that_costs_another_amount_says_so_at_once_and_in_the_diary(app: Flask, sign_in) -> None:
    placed = made(app, paid=False)
    client = english(sign_in(app.test_client(), "mei"))
    path = f"/admin/orders/{placed.order_id}/lines/{line(app, placed.order_id).id}"
    before = order(app, placed.order_id).total
    post(client, path, candles="3")
    assert "It costs" not in client.get(f"/admin/orders/{placed.order_id}").text
    post(client, path, candles="3", **{"option.sweetness": "no-sucrose"})
    after = order(app, placed.order_id).total
    assert after == before + 2000
    sheet = client.get(f"/admin/orders/{placed.order_id}").text
    old, new = f"¥{before // 100}", f"¥{after // 100}"
    assert f"It costs {new} now, not {old}." in sheet
    assert f"<del>{old}</del>" in sheet and f"<ins>{new}</ins>" in sheet
    cheap, dear = events(app, "order_changed")
    assert "price" not in cheap.data["now"]
    assert (dear.data["was"]["price"], dear.data["now"]["price"]) == (before, after)


def test_after_decorating_has_begun_nothing_changes(app: Flask, sign_in) -> None:
    placed = made(app, inscription="生日快乐", until="decorate")
    client = sign_in(app.test_client(), "mei")
    row = line(app, placed.order_id)
    answer = post(client, f"/admin/orders/{placed.order_id}/lines/{row.id}", inscription="别的", candles="0")
    assert answer.status_code == 409


def test_a_clerk_cancels_with_a_reason_before_production(app: Flask, sign_in) -> None:
    placed = made(app)
    client = sign_in(app.test_client(), "mei")
    path = f"/admin/orders/{placed.order_id}/cancellation"
    assert post(client, path, reason="").status_code == 422
    assert post(client, path, reason="改主意了").status_code == 303
    assert order(app, placed.order_id).state == "cancelled"


def test_the_reason_is_read_in_ones_own_language(app: Flask, sign_in) -> None:
    own, typed, chosen = made(app), made(app), made(app)
    with app.app_context(), writing() as tx:
        row = tx.get_one(Order, own.order_id)
        progress.cancel(tx, cast.the_shop(app), row, by=CUSTOMER, at=now(), reason="customer", pin=row.pin)
    mei = sign_in(app.test_client(), "mei")
    for placed, reason in ((typed, "烤箱坏了"), (chosen, "订重复了")):
        post(mei, f"/admin/orders/{placed.order_id}/cancellation", reason=reason)
    assert order(app, chosen.order_id).reason == "twice" and order(app, typed.order_id).reason == "烤箱坏了"
    for language, words in (
        ("zh-Hans", ("客人自己取消的", "烤箱坏了", "订重复了")),
        ("en", ("The customer cancelled it", "烤箱坏了", "Ordered twice")),
    ):
        mei.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
        label = {"en": "Reason", "zh-Hans": "原因"}[language]
        for placed, said in zip((own, typed, chosen), words, strict=True):
            sheet = mei.get(f"/admin/orders/{placed.order_id}").text
            assert f'<b>{label}</b><span class="wrap-any">{said}</span>' in sheet
            assert ">customer<" not in sheet and ">twice<" not in sheet


def test_who_may_not_cancel_is_not_even_asked(app: Flask, sign_in) -> None:
    waiting, begun = made(app), made(app)
    started(app, begun.order_id)
    ways = ("/cancellation", 'id="cancel', 'id="reasons"')
    for login, seen in (
        ("lin", (False, False)),
        ("zheng", (False, False)),
        ("mei", (True, False)),
        ("xu", (True, True)),
    ):
        client = sign_in(app.test_client(), login)
        for placed, shown in zip((waiting, begun), seen, strict=True):
            for page in ("", "/actions"):
                sheet = client.get(f"/admin/orders/{placed.order_id}{page}").text
                assert [way in sheet for way in ways] == [shown] * 3, (login, placed.number)


def test_after_the_hand_over_the_cake_is_no_longer_ready(app: Flask, sign_in) -> None:
    placed = made(app, until="box")
    client = english(sign_in(app.test_client(), "xu"))
    assert '<span class="good">Ready</span>' in client.get(f"/admin/orders/{placed.order_id}/part").text
    app.extensions["fairslice"].clock.pass_by(minutes=20)
    post(client, f"/admin/orders/{placed.order_id}/hand-over")
    after = client.get(f"/admin/orders/{placed.order_id}/part").text
    assert '<span class="good">Handed over today 09:50</span>' in after and ">Ready<" not in after


def test_once_started_one_person_is_not_enough(app: Flask, sign_in) -> None:
    placed = made(app)
    started(app, placed.order_id)
    path = f"/admin/orders/{placed.order_id}/cancellation"
    clerk = sign_in(app.test_client(), "mei")
    assert post(clerk, path, reason="x").status_code == 403
    assert post(clerk, path + "/two", reason="x", login="xu", password="tangjian").status_code == 403
    manager = sign_in(app.test_client(), "xu")
    for login, password, status in (
        ("xu", "tangjian", 403),  # the same person twice
        ("he", "wrong", 403),
        ("mei", "tangjian", 403),  # a clerk is no second person
        ("nobody", "tangjian", 403),
    ):
        answer = post(manager, path + "/two", reason="x", login=login, password=password)
        assert answer.status_code == status, login
        assert order(app, placed.order_id).state == "in_production"
    assert post(manager, path + "/two", reason="客人", login="he", password="tangjian").status_code == 303
    assert order(app, placed.order_id).state == "cancelled"
    (cancelled,) = events(app, "order_cancelled")
    assert cancelled.data["second"] != cancelled.actor_id
    assert "何 He" in manager.get(f"/admin/orders/{placed.order_id}").text.partition("o-diary")[2]


def test_the_second_persons_password_is_kept_nowhere(app: Flask, sign_in) -> None:
    import hashlib

    from sqlalchemy import text

    from web.database import reading

    placed = made(app)
    started(app, placed.order_id)
    manager = sign_in(app.test_client(), "xu")
    form = {"reason": "r", "login": "he", "password": "tangjian"}
    post(manager, f"/admin/orders/{placed.order_id}/cancellation/two", **form)
    with app.app_context(), reading() as session:
        kept = set(session.scalars(text("select fingerprint from done_once")))
    assert hashlib.sha256(repr(sorted(form.items())).encode()).hexdigest() not in kept


def test_rush_goes_on_and_off(app: Flask, sign_in) -> None:
    placed = made(app)
    client = sign_in(app.test_client(), "mei")
    path = f"/admin/orders/{placed.order_id}/rush"
    assert post(client, path, urgent="1").status_code == 422 and not order(app, placed.order_id).urgent
    assert post(client, path, urgent="1", reason="wedding").status_code == 303
    assert order(app, placed.order_id).urgent
    assert post(client, path, urgent="0").status_code == 303 and not order(app, placed.order_id).urgent


def test_a_clerk_needs_the_pin_and_a_manager_does_not(app: Flask, sign_in) -> None:
    first, second = made(app, until="box"), made(app, until="box")
    clerk = sign_in(app.test_client(), "mei")
    path = f"/admin/orders/{first.order_id}/hand-over"
    assert post(clerk, path, pin="").status_code == 403
    wrong = "0000" if order(app, first.order_id).pin != "0000" else "1111"
    post(clerk, path, pin=wrong)
    assert order(app, first.order_id).state == "ready"
    assert post(clerk, path, pin=order(app, first.order_id).pin).status_code == 303
    assert order(app, first.order_id).state == "handed_over"
    manager = sign_in(app.test_client(), "xu")
    assert post(manager, f"/admin/orders/{second.order_id}/hand-over").status_code == 303


def test_a_lost_slip_is_void_and_a_new_one_opens(app: Flask, sign_in) -> None:
    placed = made(app)
    client = sign_in(app.test_client(), "mei")
    was = order(app, placed.order_id).token_hash
    assert post(client, f"/admin/orders/{placed.order_id}/slip/new").status_code == 303
    assert order(app, placed.order_id).token_hash != was


def test_without_a_printer_the_slip_opens_on_the_screen(app: Flask, sign_in) -> None:
    placed = made(app)
    client = sign_in(app.test_client(), "mei")
    answer = post(client, f"/admin/orders/{placed.order_id}/slip")
    assert answer.status_code == 303
    assert client.get(f"/admin/orders/{placed.order_id}/slip").status_code == 200


def test_what_the_computer_did_many_times_stands_together(app: Flask, sign_in) -> None:
    placed = made(app)
    with app.app_context(), writing() as tx:
        row = tx.get_one(Order, placed.order_id)
        for kind in ("plan_changed", "alarm_raised", "alarm_repeated", "plan_changed"):
            record(tx, row.shop_id, kind, by=SYSTEM, at=now(), topics=(), order_id=row.id)
        progress.rush(tx, tx.get_one(Shop, row.shop_id), row, by=cast.by(tx, "mei"), at=now())
        record(tx, row.shop_id, "plan_changed", by=SYSTEM, at=now(), topics=(), order_id=row.id)
    page = english(sign_in(app.test_client(), "xu")).get(f"/admin/orders/{placed.order_id}").text
    diary = page.partition('class="o-diary"')[2].partition("</section>")[0]
    assert diary.count("<details") == 1 and "4 steps by the shop" in diary
    alone, rushed, together = (diary.find(part) for part in ("has moved its work", "as urgent", "<details"))
    assert 0 < alone < rushed < together < diary.find("Payment taken")


def test_an_unknown_order_is_missing_everywhere(app: Flask, sign_in) -> None:
    client = sign_in(app.test_client(), "xu")
    assert client.get("/admin/orders/99999").status_code == 404
    assert client.get("/admin/orders/99999/part").status_code == 404
    assert post(client, "/admin/orders/99999/rush", urgent="1").status_code == 404
    assert post(client, "/admin/orders/99999/lines/1", inscription="x").status_code == 404


def test_today_names_the_cakes_that_are_fetched_next(app: Flask, sign_in) -> None:
    placed = made(app)
    client = english(sign_in(app.test_client(), "lin"))
    for page in ("/admin/", "/admin/today"):
        due = client.get(page).text.partition('class="lines a-dues"')[2].partition("</ul>")[0]
        assert placed.number in due and "Strawberry cream 8″" in due
