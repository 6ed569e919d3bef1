"""Each step of the order: what it shows, what it takes, what it refuses and how."""

from __future__ import annotations

from datetime import date
from urllib.parse import unquote

import pytest
from flask import Flask
from sqlalchemy import update

from shop.menu.tables import Product
from shop.people.shops import Shop
from tests.kiosk.customer import Customer, found
from web.database import writing


def switch_off(app: Flask, slug: str) -> None:
    """Take a cake from today's menu."""
    with app.app_context(), writing() as tx:
        tx.execute(update(Product).where(Product.slug == slug).values(off_on=date(2026, 11, 21)))
        tx.execute(update(Shop).values(menu_version=Shop.menu_version + 1))


def test_the_invitation_leads_to_twelve_cakes(customer: Customer) -> None:
    assert "/kiosk/menu" in customer.see("").text
    page = customer.see("menu").text
    assert page.count('class="k-product"') == 12
    assert page.count("cakes.svg") == 12
    assert "¥188" in page


def test_the_filter_leaves_out_what_contains_the_allergen(customer: Customer) -> None:
    page = customer.see("menu?without=alcohol").text
    assert "/kiosk/cake/tiramisu" not in page and "/kiosk/cake/strawberry-cream" in page
    assert customer.see("menu?without=nonsense").text.count('class="k-product"') == 12
    assert "k-hidden" not in customer.see("menu").text
    assert (
        'aria-current="true"' in page
        and "款没有显示" in page
        and '<a class="pill" href="/kiosk/menu">' in page
    )
    assert "这些蛋糕本身都不含" in customer.see("menu?without=nuts").text


def test_a_cake_that_is_sold_out_is_marked_and_offers_others(app: Flask, customer: Customer) -> None:
    switch_off(app, "oreo")
    assert 'aria-disabled="true"' in customer.see("menu").text
    answer = customer.see("cake/oreo")
    assert answer.status_code == 409
    assert answer.text.count('class="k-product"') == 3
    assert answer.headers["HX-Retarget"] == "#screen"
    refused = customer.choose("oreo")
    assert refused.status_code == 409 and not customer.code


def test_a_cake_that_sells_out_meanwhile_can_be_taken_out(app: Flask, customer: Customer) -> None:
    customer.choose("oreo")
    customer.choose("fruit", line=1)
    customer.take_time()
    switch_off(app, "oreo")
    answer = customer.see("review")
    assert answer.status_code == 409
    left = customer.tap("review", do=found(r'value="(drop:0:\w+)"', answer.text))
    assert left.status_code == 200 and "水果" in left.text and "奥利奥" not in left.text


def test_customise_shows_every_choice_with_its_price(customer: Customer) -> None:
    page = customer.see("cake/strawberry-cream").text
    for price in ("¥188", "¥268", "¥368", "¥498", "+¥20", "+¥160"):
        assert price in page
    assert found(r'name="inch" value="(\d+)" checked', page) == "8"
    assert "11:" in found(r'id="when"[^>]*>(.*?)</div>', page.replace("\n", ""))  # the earliest time


def test_a_choice_changes_picture_time_and_price(customer: Customer) -> None:
    page = customer.see("cake/strawberry-cream/offer?inch=10&sweetness=no-sucrose&tiers=two&candles=4").text
    assert "¥548" in page and "inch=10" in page and "tiers=two" in page
    for region in ('id="when"', 'id="hero"', 'id="sum"', 'id="contains"'):
        assert region in page
    picture = customer.client.get(found(r'src="(/kiosk/draw[^"]+)"', page).replace("&amp;", "&"))
    assert picture.status_code == 200 and picture.mimetype == "image/svg+xml"


def test_a_smaller_cake_is_offered_when_it_would_be_earlier(customer: Customer) -> None:
    page = customer.see("cake/strawberry-cream/offer?inch=12").text
    assert found(r"(10|8|6) (?:inch|寸)", page)


def test_an_answer_that_needs_a_larger_cake_gives_way(customer: Customer) -> None:
    page = customer.see("cake/strawberry-cream?inch=6&tiers=two").text
    assert found(r'name="tiers" value="(\w+)" checked', page) == "one"
    assert customer.choose(inch=6, tiers="two").status_code == 200


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"product": "no-such-cake"}, 422),
        ({"inch": 7}, 422),
        ({"sweetness": "salty"}, 200),  # unknown: the usual one
        ({"candles": 99}, 422),
        ({"inch": "eight"}, 200),
    ],
)
def test_a_forged_line_is_refused_or_made_right(
    customer: Customer, form: dict[str, object], status: int
) -> None:
    assert customer.choose(**form).status_code == status


@pytest.mark.parametrize("typed", ["999", "-1", "1e1", "9" * 5000])
def test_candles_that_do_not_fit_are_refused_beside_their_field(customer: Customer, typed: str) -> None:
    refused = customer.choose(inch=10, candles=typed)
    assert refused.status_code == 422 and 'id="candles-error"' in refused.text
    assert "蜡烛请选 0 到 10 支" in refused.text and f'value="{typed}" aria-invalid="true"' in refused.text
    assert found(r'name="inch" value="(\d+)" checked', refused.text) == "10", "the other choices stay"
    assert customer.see("time").status_code == 404, "nothing was begun"
    assert customer.choose(candles="10").status_code == 200


def test_a_double_tap_on_a_line_makes_one_line(customer: Customer) -> None:
    customer.choose(line=0)
    customer.choose(line=0, inch=10)
    assert customer.take_time().text.count('class="card k-line"') == 1


def test_a_cake_may_stay_without_words(customer: Customer) -> None:
    page = customer.choose(then="words")
    assert 'placeholder="例如：生日快乐"' in page.text and ">不写字<" in page.text
    customer.tap("words/0", text="生日快乐")
    assert customer.tap("words/0", text="超出了蛋糕上能写的长度十二个汉字", bare="1").status_code == 200
    assert 'value=""' in customer.see("words/0").text
    assert "is-now" in customer.take_time().text and "k-words" not in customer.see("review").text


def test_words_are_refused_where_they_are_too_long_and_kept_on_the_screen(customer: Customer) -> None:
    customer.choose(then="words")
    long = "祝亲爱的爷爷奶奶福如东海寿比南山"
    answer = customer.tap("words/0", text=long)
    assert answer.status_code == 422
    assert long in answer.text and "超出了 8（汉字算 2" in answer.text
    assert customer.tap("words/0", text="祝爷爷奶奶福如东海万年").status_code == 200


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("生日快乐🎂", "🎂"),
        ("小雨❤️", "❤"),
        ("国庆🇨🇳", "🇨 🇳"),
        ("好\ue000", "□"),
        ("عيد", "ع ي د"),
        ("a\u0308\u0301\u0302", "\u0302"),
    ],
)
def test_what_no_baker_can_write_is_refused_by_its_sign(customer: Customer, text: str, sign: str) -> None:
    customer.choose(then="words")
    answer = customer.tap("words/0", text=text)
    assert answer.status_code == 422 and f"{sign} 没法写在蛋糕上" in answer.text
    told = unquote(customer.tap("preview/0", text=text).headers["Words-Trouble"])
    assert f"{sign} 没法写在蛋糕上" in told
    assert customer.tap("preview/0", text="小雨 ♥").headers["Words-Trouble"] == ""
    assert customer.tap("words/0", text="小雨 ♥").status_code == 200


def test_words_are_read_back_with_the_chosen_time_and_must_be_confirmed(customer: Customer) -> None:
    customer.choose(then="words")
    assert customer.see("readback/0").status_code == 303  # not before there is a time
    times = customer.tap("words/0", text="生日快乐 <b>小雨</b>")
    assert "k-slots" in times.text
    back = customer.take_time_at("2026-11-21T05:00:00+00:00").text
    assert "<blockquote>生日快乐 &lt;b&gt;小雨&lt;/b&gt;</blockquote>" in back
    assert "草莓奶油" in back and "8 寸" in back and "13:00" in back
    for step in ("review", "pay"):  # no way past it
        answer = customer.see(step)
        assert answer.status_code == 303
    confirmed = customer.tap("readback/0", words="生日快乐 <b>小雨</b>")
    assert "k-line" in confirmed.text


def test_other_words_than_shown_are_not_confirmed(customer: Customer) -> None:
    customer.choose(then="words")
    customer.tap("words/0", text="生日快乐")
    customer.take_time()
    again = customer.tap("readback/0", words="生日快落")
    assert "<blockquote>生日快乐</blockquote>" in again.text
    assert customer.see("review").status_code == 303


def test_changed_words_are_read_back_again(customer: Customer) -> None:
    customer.choose(then="words")
    customer.write("生日快乐")
    assert "k-line" in customer.take_time().text
    again = customer.tap("words/0", text="周年快乐")
    assert "<blockquote>周年快乐</blockquote>" in again.text
    assert customer.see("review").status_code == 303
    assert "k-line" in customer.tap("words/0", text="").text


def test_the_preview_draws_words_and_keeps_nothing(customer: Customer) -> None:
    customer.choose(then="words")
    drawn = customer.tap("preview/0", text="小雨生日快乐")
    assert drawn.mimetype == "image/svg+xml" and "小雨生日快乐" in drawn.text
    assert "小雨" not in customer.see("words/0").text
    assert "小雨" not in customer.client.get("/kiosk/mine/0.svg").text


def test_times_come_from_the_promise(customer: Customer) -> None:
    page = customer.choose()
    assert found(r'value="([^"]+)" checked', page.text) == "2026-11-21T03:40:00+00:00"
    assert page.text.count("disabled") > 2  # before the earliest
    other = customer.see("time?day=2026-11-23").text
    assert 'value="2026-11-23T00:00:00+00:00" checked' in other
    assert customer.see("time?day=yesterday").status_code == 200


@pytest.mark.parametrize(
    "due_at",
    [
        "",
        "now",
        "2026-11-21T11:30:00",
        "2026-11-21T01:00:00+00:00",
        "2026-11-21T20:00:00+00:00",
        "2027-11-21T05:00:00+00:00",
    ],
)
def test_a_time_that_cannot_be_is_refused_in_words(customer: Customer, due_at: str) -> None:
    customer.choose()
    answer = customer.tap("time", due_at=due_at)
    assert answer.status_code == 422 and "k-state" in answer.text


def test_a_time_that_is_gone_offers_the_earliest(customer: Customer) -> None:
    customer.choose()
    answer = customer.tap("time", due_at="2026-11-21T02:00:00+00:00")
    assert answer.status_code == 409
    again = customer.tap("time", due_at=found(r'name="due_at" value="([^"]+)"', answer.text))
    assert "k-line" in again.text


def test_the_review_adds_up_and_takes_answers(customer: Customer) -> None:
    customer.choose(sweetness="no-sucrose")
    page = customer.take_time().text
    assert "¥268" in page and "¥20" in page and "¥288" in page
    two = customer.tap(
        "review", answers=1, do="quantity:0:2", allergies=["nuts", "gold"], name="王", phone="138"
    )
    assert "¥576" in two.text and 'value="nuts" checked' in two.text and 'value="王"' in two.text
    assert "gold" not in two.text


def test_another_cake_joins_and_may_need_another_time(customer: Customer) -> None:
    customer.choose()
    customer.take_time()
    assert "k-shelf" in customer.tap("review", answers=1, do="menu").text
    page = customer.choose("durian-mille", inch=12)
    assert "k-slots" in page.text
    page = customer.take_time(page)
    assert page.text.count('class="card k-line"') == 2
    drop = found(r'value="(drop:1:\w+)"', page.text)
    assert customer.tap("review", do=drop).text.count('class="card k-line"') == 1
    assert (
        customer.tap("review", do=drop.replace(":1:", ":0:")).text.count('class="card k-line"') == 1
    )  # not twice


def test_many_cakes_ask_for_their_time_anew(customer: Customer) -> None:
    customer.choose()
    customer.take_time()
    answer = customer.tap("review", answers=1, do="quantity:0:20")
    assert "k-slots" in answer.text and "banner-warn" in answer.text
    assert customer.see("pay").status_code == 303  # not without a time


def test_plain_forms_work_without_a_script(app: Flask) -> None:
    plain = Customer(app, swap=False)
    assert plain.choose(then="words").text.startswith("<!doctype html>")
    plain.write("Happy Birthday")
    assert "k-line" in plain.take_time().text
    page = plain.to_pay()
    assert plain.tap("place", method="card", key=plain.key(page, "card")).status_code == 200
    assert len(plain.orders()) == 1


def test_the_read_back_names_tiers_and_candles_but_not_what_is_usual(customer: Customer) -> None:
    customer.tap("language", language="en", back="/kiosk/")
    customer.choose("black-forest", then="words", tiers="two", candles=10)
    customer.write("小雨生日快乐")
    customer.take_time()
    page = customer.see("readback/0").text
    assert "Two tiers" in page and "Candles" in page and "Sweetness" not in page
