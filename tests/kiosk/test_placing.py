"""The order is made once, whatever happens on the way; then it waits for its money and becomes a slip."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select, update

from shop.menu.tables import ProductSize
from shop.orders.progress import expire_unpaid
from shop.orders.tables import Cake, Line, Order
from shop.payments.counter import take
from shop.people.persons import Person
from shop.people.shops import Shop
from shop.printing.tables import PrintJob
from tests import cast
from tests.kiosk.customer import Customer, found
from web.database import reading, writing
from web.house import now


def pay_at_the_counter(app: Flask) -> Order:
    """A clerk takes the money for the only order."""
    with app.app_context(), writing() as tx:
        order = tx.scalars(select(Order)).one()
        shop = tx.get_one(Shop, order.shop_id)
        take(
            tx, shop, order, "cash", amount=order.total, tendered=order.total, by=cast.by(tx, "mei"), at=now()
        )
        return order


def test_placing_shows_the_code_for_the_counter(app: Flask, customer: Customer) -> None:
    page = customer.order()
    order = customer.orders()[0]
    assert order.counter_code and order.counter_code in page.text
    assert order.number == "A-001" and "A-001" in page.text
    assert (order.channel, order.state, order.total) == ("kiosk", "placed", 26800)
    assert found(r'data-left="(\d+)"', page.text) == "1200"


def test_everything_the_customer_said_is_in_the_order(app: Flask, customer: Customer) -> None:
    customer.choose(then="words", candles=3, sweetness="less")
    customer.write("小雨生日快乐", private=1)
    customer.take_time()
    page = customer.to_pay(allergies=["nuts"], name="王小明", phone="13812345678")
    customer.tap("place", method="card", key=customer.key(page, "card"))
    order = customer.orders()[0]
    assert order.private and order.allergies == ["nuts"] and order.language == "zh_Hans"
    with app.app_context(), reading() as session:
        line = session.scalars(select(Line)).one()
        assert (line.inscription, line.candles, line.options["sweetness"]) == ("小雨生日快乐", 3, "less")
        assert session.get(Person, order.person_id) is not None


def test_the_order_speaks_the_language_it_was_made_in(customer: Customer) -> None:
    customer.tap("language", language="zh_Hant", back="/kiosk/menu")
    page = customer.order()
    assert customer.orders()[0].language == "zh_Hant"
    assert 'lang="zh-Hant"' in customer.client.get("/kiosk/wait").text and page.status_code == 200


def test_a_double_tap_a_reload_and_another_way_to_pay_make_one_order(customer: Customer) -> None:
    customer.choose()
    customer.take_time()
    page = customer.to_pay()
    key = customer.key(page)
    assert customer.key(customer.see("pay")) == key  # a reload brings the same key
    first = customer.client.post(
        "/kiosk/place", data={"csrf_token": customer.token, "method": "cash", "key": key}
    )
    again = customer.client.post(
        "/kiosk/place", data={"csrf_token": customer.token, "method": "cash", "key": key}
    )
    assert first.status_code == again.status_code == 303
    assert again.headers["Idempotent-Replayed"] == "true"
    card = customer.tap("place", method="card", key=customer.key(page, "card"))
    assert card.status_code == 200
    assert len(customer.orders()) == 1


def test_after_a_lost_answer_every_way_back_leads_to_the_order(customer: Customer) -> None:
    customer.choose()
    customer.take_time()
    page = customer.to_pay()
    customer.client.post(
        "/kiosk/place", data={"csrf_token": customer.token, "method": "cash", "key": customer.key(page)}
    )  # nobody sees this answer
    assert customer.see("pay").location == "/kiosk/wait"
    for before in ("review", "time", "delivery", "words/0", "readback/0", "cake/oreo"):
        assert customer.see(before).location == "/kiosk/wait", before
    again = customer.choose()
    assert again.status_code == 404 and "/kiosk/wait" in again.text, (
        "a tap on an old page says what has become of it"
    )
    assert "A-001" in customer.see("wait").text


def test_a_freed_screen_shows_nobody_the_last_order_and_claims_nothing_of_it(customer: Customer) -> None:
    customer.order()
    customer.tap("leave")
    back = customer.see("wait")
    assert back.status_code == 404 and "A-001" not in back.text
    assert "之前下的单没有丢" in back.text and "没有下单" not in back.text


def test_a_forged_placing_is_refused(customer: Customer) -> None:
    customer.choose()
    customer.take_time()
    key = customer.key(customer.to_pay())
    assert customer.tap("place", method="barter", key=key).status_code == 422
    assert customer.tap("place", method="cash").status_code == 400  # no key
    assert customer.orders() == []


def test_words_nobody_confirmed_are_not_ordered(customer: Customer) -> None:
    customer.choose()
    customer.take_time()
    key = customer.key(customer.to_pay())
    customer.tap("words/0", text="生日快乐")
    answer = customer.tap("place", method="cash", key=key)
    assert answer.status_code == 409 and customer.orders() == []


def test_the_waiting_screen_is_quiet_until_the_money_is_there(app: Flask, customer: Customer) -> None:
    page = customer.order()
    poll = found(r'hx-get="/kiosk/([^"]+)"', page.text)
    assert customer.see(poll).status_code == 204
    order = pay_at_the_counter(app)
    slip = customer.see(poll)
    assert slip.status_code == 200 and order.number in slip.text and "qr" in slip.text
    assert 'data-idle="30"' in slip.text and "data-idle" not in page.text


def test_the_slip_says_whether_it_is_printed_and_whether_phones_can_follow(
    app: Flask, customer: Customer
) -> None:
    customer.order()
    order = pay_at_the_counter(app)
    page = customer.see("wait").text
    assert "此码只能在店内打开" in page and "PUBLIC_URL" not in page and "k-rest" not in page
    with app.app_context(), writing() as tx:
        job = PrintJob(
            shop_id=order.shop_id, order_id=order.id, next_try=now(), made_at=now(), state="queued"
        )
        tx.add(job)
    assert "hx-trigger" in customer.see("wait").text  # asks again until paper has come out
    for state, said in (("failed", "banner-warn"), ("printed", "banner-good")):
        with app.app_context(), writing() as tx:
            tx.execute(update(PrintJob).values(state=state))
        page = customer.see("wait").text
        assert said in page and ("hx-trigger" in page) == (state == "failed")


def test_the_code_and_the_slip_show_the_cake_with_its_words(app: Flask, customer: Customer) -> None:
    assert customer.client.get("/kiosk/ordered/0.svg").status_code == 404
    customer.choose(then="words")
    customer.write(
        "小雨生日快乐", private=1
    )  # private is for the tracking page; this screen is the customer's own
    customer.take_time()
    page = customer.tap("place", method="cash", key=customer.key(customer.to_pay())).text
    assert 'src="/kiosk/ordered/0.svg' in page and "小雨" not in page
    picture = customer.client.get("/kiosk/ordered/0.svg")
    assert "小雨生日快乐" in picture.text and picture.headers["Cache-Control"] == "no-store"
    pay_at_the_counter(app)
    assert 'src="/kiosk/ordered/0.svg' in customer.see("wait").text
    assert Customer(app).client.get("/kiosk/ordered/0.svg").status_code == 404
    customer.tap("leave")
    assert customer.client.get("/kiosk/ordered/0.svg").status_code == 404


def test_the_code_and_the_slip_show_every_cake_of_the_order(app: Flask, customer: Customer) -> None:
    customer.choose("oreo", then="words", inch=6)
    customer.write("小雨生日快乐")
    customer.choose("taro")
    customer.tap("review", answers=1, do="quantity:1:2")
    customer.take_time()
    page = customer.tap("place", method="cash", key=customer.key(customer.to_pay())).text
    for place, name in enumerate(("奥利奥 <span>6 寸", "2 × 芋泥 <span>8 寸")):
        assert name in page and f'src="/kiosk/ordered/{place}.svg' in page
        assert customer.client.get(f"/kiosk/ordered/{place}.svg").status_code == 200
    assert customer.client.get("/kiosk/ordered/2.svg").status_code == 404
    pay_at_the_counter(app)
    slip = customer.see("wait").text
    with app.app_context(), reading() as session:
        codes = list(session.scalars(select(Cake.code)))
    assert len(codes) == 3 and all(slip.count(code) == 1 and code not in page for code in codes)


def test_the_slip_says_how_far_the_cake_really_is(app: Flask, customer: Customer) -> None:
    customer.order()
    pay_at_the_counter(app)
    assert "已付款，您的蛋糕已排进计划。" in customer.see("wait").text
    with app.app_context(), writing() as tx:
        tx.execute(update(Order).values(state="in_production"))
    assert "已付款，我们开始做了。" in customer.see("wait").text


def test_an_order_nobody_paid_says_so(app: Flask, customer: Customer) -> None:
    page = customer.order()
    cast.clock_of(app).pass_by(minutes=21)
    with app.app_context(), writing() as tx:
        expire_unpaid(tx, tx.scalars(select(Shop)).one(), at=now())
    late = customer.see(found(r'hx-get="/kiosk/([^"]+)"', page.text))
    assert late.status_code == 200 and "A-001" in late.text and "k-state is-warn" in late.text


def test_the_price_is_the_menus_not_the_forms(customer: Customer) -> None:
    customer.order(price=1, total=1, unit_price=1)
    assert customer.orders()[0].total == 26800


def test_two_visits_at_one_kiosk_make_two_orders(customer: Customer) -> None:
    customer.order()
    customer.tap("leave")
    customer.order()
    assert [order.number for order in customer.orders()] == ["A-001", "A-002"]


def test_the_whole_order_on_both_databases(app_both: Flask) -> None:
    customer = Customer(app_both)
    customer.choose(then="words")
    customer.write("生日快乐")
    page = customer.take_time()
    page = customer.tap("review", answers=1, do="quantity:0:2")
    page = customer.to_pay(allergies=["nuts"])
    placed = customer.tap("place", method="cash", key=customer.key(page))
    assert "A-001" in placed.text
    assert customer.tap("place", method="cash", key=customer.key(page)).status_code == 200
    assert [order.total for order in customer.orders()] == [2 * 26800]
    customer.tap("leave")
    assert customer.see("wait").status_code == 404


def test_a_cake_with_what_somebody_cannot_eat_says_so(customer: Customer) -> None:
    customer.choose(filling="hazelnut")
    page = customer.take_time()
    assert '<p class="k-alarm" data-alarm="nuts" hidden' in page.text
    pay = customer.to_pay(allergies=["nuts", "sesame"], known=["nuts"])
    assert pay.text.count("banner-bad") == 1
    assert pay.text.count("k-allergy") == 1 and "过敏：坚果、芝麻" in pay.text
    assert '<p class="k-alarm" data-alarm="nuts">' in customer.see("review").text
    key = customer.key(pay)
    assert "过敏：坚果、芝麻" in customer.tap("place", method="cash", key=key).text
    pay_at_the_counter(customer.app)
    assert "过敏：坚果、芝麻" in customer.see("wait").text


def test_after_closing_time_the_times_are_tomorrows(app: Flask, customer: Customer) -> None:
    cast.clock_of(app).pass_by(hours=12, minutes=10)  # 21:40
    page = customer.choose()
    assert found(r'value="([^"]+)" checked', page.text).startswith("2026-11-22T00:")


def test_a_time_that_has_gone_by_leads_to_other_times(app: Flask, customer: Customer) -> None:
    customer.choose()
    customer.take_time()
    key = customer.key(customer.to_pay())
    for _ in range(10):  # somebody who thinks it over for more than two hours
        cast.clock_of(app).pass_by(minutes=14)
        customer.tap("review", answers=1, name=str(cast.clock_of(app).at))
    answer = customer.tap("place", method="cash", key=key)
    assert answer.status_code == 422 and "/kiosk/time" in answer.text
    assert customer.orders() == []


def test_a_price_that_has_changed_is_seen_before_it_is_paid(app: Flask, customer: Customer) -> None:
    customer.choose()
    customer.take_time()
    page = customer.to_pay()
    total = found(r'name="total" value="(\d+)"', page.text)
    with app.app_context(), writing() as tx:
        tx.execute(update(ProductSize).values(price=ProductSize.price + 500))
        tx.execute(update(Shop).values(menu_version=Shop.menu_version + 1))
    answer = customer.tap("place", method="cash", key=customer.key(page), total=total)
    assert answer.status_code == 409 and customer.orders() == []
    page = customer.see("pay")
    assert "¥273" in page.text
    total = found(r'name="total" value="(\d+)"', page.text)
    assert customer.tap("place", method="cash", key=customer.key(page), total=total).status_code == 200
    assert customer.orders()[0].total == 27300
