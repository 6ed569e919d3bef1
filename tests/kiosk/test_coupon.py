"""A coupon at the kiosk: typed on the review, taken off, or the page says plainly why not and keeps everything."""

from __future__ import annotations

from datetime import date

from flask import Flask

from shop.payments.discount_tables import Coupon
from tests import cast
from tests.kiosk.customer import Customer
from tests.shop.payments.couponing import make
from web.database import writing
from web.limits import Limits as Knocks


def made(app: Flask, **more: object) -> Coupon:
    with app.app_context(), writing() as tx:
        return make(tx, **more)


def at_the_review(customer: Customer) -> None:
    customer.choose()
    customer.take_time()


def test_a_coupon_is_taken_off_and_stands_on_the_next_pages(app: Flask, customer: Customer) -> None:
    made(app)
    at_the_review(customer)
    page = customer.tap("review", answers=1, do="coupon", coupon="birthday", name="王小明")
    assert page.status_code == 200 and "-¥53.60" in page.text.replace("−", "-") and "214.40" in page.text
    assert "王小明" in page.text and "生日月" in page.text
    page = customer.to_pay(coupon="birthday")
    assert "214.40" in page.text
    customer.tap("place", method="cash", key=customer.key(page))
    assert (customer.orders()[0].total, customer.orders()[0].discount) == (21440, 5360)


def test_a_coupon_that_does_not_apply_says_why_at_its_field_and_nothing_is_lost(
    app: Flask, customer: Customer
) -> None:
    made(app, least=50000)
    at_the_review(customer)
    for do in ("coupon", "pay"):
        page = customer.tap("review", answers=1, do=do, coupon="birthday", name="王小明", phone="13812345678")
        assert page.status_code == 422 and 'id="coupon-error"' in page.text
        assert 'value="birthday"' in page.text and "王小明" in page.text and "13812345678" in page.text
    assert "pay" not in customer.see("pay").request.path or customer.orders() == []
    assert customer.to_pay(coupon="").status_code == 200


def test_enter_tries_another_coupon_before_it_goes_on_to_paying(app: Flask, customer: Customer) -> None:
    made(app)
    at_the_review(customer)

    def entered(coupon: str) -> tuple[str | None, str]:
        page = customer.tap("review", answers=1, do="enter", coupon=coupon)
        return page.headers.get("HX-Push-Url"), page.text

    assert 'id="coupon-error"' in entered("nosuch")[1]
    address, page = entered("birthday")
    assert address == "/kiosk/review" and "214.40" in page
    assert entered("birthday")[0] == "/kiosk/pay"
    address, page = entered("")  # the price is another one again
    assert address == "/kiosk/review" and "214.40" not in page
    assert entered("")[0] == "/kiosk/pay"


def test_a_day_is_said_the_way_the_shop_says_days(app: Flask, customer: Customer) -> None:
    made(app, ends=date(2026, 1, 1), days_ago=400)
    at_the_review(customer)
    page = customer.tap("review", answers=1, do="coupon", coupon="birthday")
    assert page.status_code == 422 and "1月1日 周四" in page.text and "2026-01-01" not in page.text
    customer.tap("language", language="en", back="/kiosk/review")
    page = customer.tap("review", answers=1, do="coupon", coupon="birthday")
    assert "This coupon was valid until Thu 1 Jan." in page.text and "2026-01-01" not in page.text


def test_wrong_codes_are_counted(app: Flask, customer: Customer) -> None:
    made(app)
    app.extensions["limits"] = Knocks()
    at_the_review(customer)
    for n in range(30):
        assert customer.tap("review", answers=1, do="coupon", coupon=f"WRONG{n}").status_code == 422
    for code in ("WRONG", "birthday"):
        assert customer.tap("review", answers=1, do="coupon", coupon=code).status_code == 429
    assert customer.orders() == []


def test_a_coupon_that_is_used_up_in_between_is_said_before_paying(app: Flask, customer: Customer) -> None:
    made(app, uses=1)
    at_the_review(customer)
    page = customer.to_pay(coupon="birthday")
    other = Customer(app)
    at_the_review(other)
    theirs = other.to_pay(coupon="birthday")
    assert other.tap("place", method="cash", key=other.key(theirs)).status_code == 200
    refused = customer.tap("place", method="cash", key=customer.key(page))
    assert refused.status_code == 422 and len(customer.orders()) == 1
    assert cast.the_shop(app) is not None
