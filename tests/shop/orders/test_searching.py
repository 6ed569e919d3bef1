"""Searching: what a typed text finds, by which field, in which order, and what it must not tell."""

from datetime import timedelta
from typing import Any

from flask import Flask

from shop.orders.cart import Cart, CartLine
from shop.orders.finding import sheet
from shop.orders.searching import EVERYTHING, PERSONAL, Field, search
from shop.orders.tables import Order, OrderState
from tests import cast, counter
from web.database import reading, writing
from web.house import keys, now


def placed(app: Flask, product: str = "strawberry-cream", words: str = "", **who: Any) -> int:
    with app.app_context(), writing() as tx:
        what = Cart(lines=[CartLine(product, 8, inscription=words)], **who)
        return counter.order(tx, what).order_id


def found(app: Flask, text: str, **terms: Any) -> dict[int, set[Field]]:
    with app.app_context(), reading() as session:
        hits = search(session, keys(), cast.the_shop(app), at=now(), text=text, **terms)
        return {hit.order.id: set(hit.by) for hit in hits}


def test_a_cake_is_found_in_three_languages_and_by_its_initials(app_both: Flask) -> None:
    strawberry, chocolate = placed(app_both), placed(app_both, "chocolate-fudge")
    for text in ("草莓", "草莓奶油", "strawberry", "STRAW", "Strawberry cream", "cmny", "caomei"):
        assert found(app_both, text) == {strawberry: {Field.CAKE}}, text
    assert found(app_both, "巧克力") == {chocolate: {Field.CAKE}}
    assert found(app_both, "black forest") == {}


def test_writing_is_found_by_a_part_of_it_and_signs_mean_themselves(app_both: Flask) -> None:
    mine, other = placed(app_both, words="妈妈生日快乐"), placed(app_both, words="Bon voyage 100%")
    assert found(app_both, "妈妈") == {mine: {Field.WRITING}}
    assert found(app_both, "VOYAGE") == found(app_both, "100%") == {other: {Field.WRITING}}
    assert found(app_both, "妈_生日") == found(app_both, "0%0") == {}


def test_codes_are_found_scanned_typed_and_begun(app_both: Flask) -> None:
    mine = placed(app_both)
    placed(app_both)
    with app_both.app_context(), reading() as session:
        code = sheet(session, session.get_one(Order, mine)).cakes[0].cake.code
    for text in (
        code,
        code.lower(),
        f"https://shop.test/c/{code}",
        f"{code[:4]} {code[4:8]}-{code[8:]}",
        code[:6],
    ):
        assert found(app_both, text)[mine] == {Field.CAKE_CODE}, text
    assert mine not in found(app_both, code[:4]) or found(app_both, code[:4])[mine] != {Field.CAKE_CODE}
    with app_both.app_context(), writing() as tx:
        waiting = counter.order(tx, paid=False)
    assert found(app_both, waiting.counter_code or "") == {waiting.order_id: {Field.COUNTER_CODE}}


def test_a_customer_is_found_only_by_who_may_see_customers(app_both: Flask) -> None:
    mine = placed(app_both, name="王小明", phone="13812345678")
    assert found(app_both, "王小明") == {mine: {Field.NAME}}
    assert found(app_both, "13812345678") == found(app_both, "5678") == {mine: {Field.PHONE}}
    for text in ("王小明", "13812345678", "5678"):
        assert found(app_both, text, fields=EVERYTHING - PERSONAL) == {}
    placed(app_both, words="5678 forever")
    assert found(app_both, "5678", fields=PERSONAL) == {mine: {Field.PHONE}}


def test_the_letter_of_a_number_is_nobodys_name(app: Flask) -> None:
    mine = placed(app, name="A. B. Cook", phone="13812341001")
    assert found(app, "A-001") == {mine: {Field.NUMBER}}
    assert found(app, "A-1001") == {} and found(app, "1001") == {mine: {Field.PHONE}}
    assert found(app, "cook") == {mine: {Field.NAME}}


def test_a_number_of_every_day_shows_todays_first_and_then_what_is_open(app_both: Flask) -> None:
    done = placed(app_both)
    still_open = placed(app_both)
    with app_both.app_context(), writing() as tx:
        first = tx.get_one(Order, done)
        first.state, number = OrderState.CLOSED, "A-001"
        tx.get_one(Order, still_open).counter = 1
        tx.get_one(Order, still_open).letter = "B"
    counter.clock(app_both).pass_by(days=3)
    today = placed(app_both)
    with app_both.app_context(), reading() as session:
        assert session.get_one(Order, today).number == number
    assert list(found(app_both, "A-001")) == [today, done]
    assert list(found(app_both, "1")) == [today, still_open, done], "open before closed, whatever is newer"
    pages, last = [], None
    for _ in range(3):
        (one,) = found(app_both, "1", limit=1, before_id=last)
        pages.append(last := one)
    assert pages == [today, still_open, done] and found(app_both, "1", limit=1, before_id=last) == {}


def test_cakes_and_writing_of_long_ago_are_left_alone(app: Flask) -> None:
    old = placed(app, words="Bon voyage")
    with app.app_context(), writing() as tx:
        tx.get_one(Order, old).due_date -= timedelta(days=120)
    assert found(app, "voyage") == found(app, "草莓") == {}
    assert old in found(app, "A-001")
