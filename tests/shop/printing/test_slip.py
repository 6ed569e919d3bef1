"""The slip: what stands on it, what must not, and that its codes and its Chinese can be read from the paper."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask import Flask
from sqlalchemy import select

from shop.ledger.tables import Entry
from shop.menu.card import cached_card
from shop.menu.drawing import PRODUCT_LOOKS, CakeLook, draw_mono
from shop.orders.tables import Order
from shop.payments.counter import take
from shop.printing import fonts, raster
from shop.printing.native import encode, native_labels, native_slip
from shop.printing.picture import dots_of
from shop.printing.qr import matrix, qr_svg
from shop.printing.sheet import wrap
from shop.printing.slip import Slip, slip_of
from shop.printing.tables import PrintJob
from tests import cast
from tests.shop.printing.fake import codes, paper
from tests.slips import order, the_shop, two_cakes
from web.database import reading, writing
from web.house import keys, now

NASTY = "\u202eعيد\u2066 <b>&amp;\x1b@\x07 👩‍👩‍👧‍👦 Z̸̧̛á̸"
PUBLIC = "https://cake.example.com"


@pytest.fixture
def shop_app(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


def slip(public_url: str = PUBLIC, copy: int = 0, **cart: object) -> tuple[Slip, str]:
    with writing() as tx:
        placed = order(tx, two_cakes(**cart))
        made = tx.get_one(Order, placed.order_id)
        return slip_of(
            tx, keys(), cached_card(tx, the_shop(tx)), made, at=now(), public_url=public_url, copy=copy
        ), placed.token


def test_it_carries_the_order_and_its_token(shop_app: Flask) -> None:
    made, token = slip()
    assert made.url == f"{PUBLIC}/t/{token}"
    assert made.number.startswith("A-") and made.due_clock == "15:30" and made.total == 49600
    assert [line.name for line in made.lines] == ["草莓奶油", "抹茶红豆"]
    assert all(sum(amount for _, amount in line.parts) * line.quantity == line.total for line in made.lines)
    assert made.lines[0].options == ("无蔗糖", "蜡烛 6 支") and made.lines[0].inscription == "“生日快乐”"
    assert made.counter_code and made.pay_until == "09:50" and made.balance == made.total


def test_a_photographed_code_neither_holds_the_pin_nor_a_person(shop_app: Flask) -> None:
    made, _ = slip()
    assert made.url.rpartition("/")[0] == f"{PUBLIC}/t" and len(made.pin) == 4
    text = repr(made)
    assert "王小明" not in text and "13812345678" not in text and "note-canary" not in text


def test_whoever_has_paid_can_prove_a_later_change_of_the_books(shop_app: Flask) -> None:
    with writing() as tx:
        order_id = order(tx).order_id

    def seen() -> Slip:
        with reading() as session:
            card, made = cached_card(session, the_shop(session)), session.get_one(Order, order_id)
            return slip_of(session, keys(), card, made, at=now(), public_url=PUBLIC)

    assert seen().witnesses == ()
    with writing() as tx:
        made = tx.get_one(Order, order_id)
        take(
            tx,
            the_shop(tx),
            made,
            "cash",
            amount=made.total,
            tendered=made.total,
            by=cast.by(tx, "mei"),
            at=now(),
        )
    with reading() as session:
        entry = session.scalars(select(Entry).where(Entry.kind == "payment_captured")).one()
    assert seen().witnesses == (f"账本第 {entry.seq} 条：{entry.leaf_hash[:16]}",)
    assert entry.leaf_hash[:16].encode() in native_slip(seen())


@pytest.mark.parametrize("language", ["zh_Hans", "zh_Hant", "en"])
def test_every_code_is_read_back_from_the_paper(shop_app: Flask, language: str) -> None:
    made, token = slip(language=language, urgent=True)
    (piece,) = paper(raster.slip_bytes(made))
    assert piece.width == 576
    assert codes(piece) == [f"{PUBLIC}/t/{token}", *(c.url for line in made.lines for c in line.cakes)]
    labels = paper(raster.label_bytes(made))
    assert [codes(label) for label in labels] == [[c.url] for line in made.lines for c in line.cakes]


def test_nasty_words_change_nothing_but_themselves(shop_app: Flask) -> None:
    made, token = slip(language="en")
    dirty = replace(made.lines[0], name=NASTY * 3, inscription=NASTY, options=(NASTY,) * 4, also="长" * 200)
    (piece,) = paper(raster.slip_bytes(replace(made, lines=(dirty,), allergies=NASTY)))
    assert codes(piece)[0] == f"{PUBLIC}/t/{token}"
    made, _ = slip(copy=1)
    native = native_slip(made)
    assert b"\xa3\xa4" in native, "the full-width yen sign"
    assert "副本".encode("gb18030") in native


def test_control_characters_of_a_customer_never_reach_the_printer(shop_app: Flask) -> None:
    cart = two_cakes()
    cart.lines[0].inscription = "好\x1b@\x1dV\x00\u202e吃"
    with writing() as tx:
        placed = order(tx, cart)
        made = slip_of(tx, keys(), cached_card(tx, the_shop(tx)), tx.get_one(Order, placed.order_id), at=now(),
                       public_url=PUBLIC)  # fmt: skip
    assert not any(ord(c) < 32 or c in "\u202e\u2066" for c in repr(made))
    words = encode(made.lines[0].inscription)
    assert b"\x1b" not in words and b"\x1d" not in words and words in native_slip(made)


def test_prices_never_use_the_yen_sign_that_printers_do_not_know() -> None:
    assert encode("\u00a5268") == encode("\uffe5268") == b"\xa3\xa4268"


def test_a_private_inscription_is_not_printed(shop_app: Flask) -> None:
    made, _ = slip(private=True)
    assert made.lines[0].inscription == "祝福语已保密"
    assert "生日快乐" not in repr(made)


def test_a_second_language_is_added_for_the_team(shop_app: Flask) -> None:
    made, _ = slip(language="en")
    assert (made.lines[0].name, made.lines[0].also) == ("Strawberry cream", "草莓奶油")
    made, _ = slip(language="zh_Hans")
    assert made.lines[0].also == ""


def test_without_a_chinese_font_the_printer_uses_its_own(
    shop_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, token = slip(public_url="http://192.168.1.9:8000")
    monkeypatch.setattr(raster, "chinese_face", lambda *args, **options: None)
    data = raster.slip_bytes(made)
    assert "草莓奶油".encode("gb18030") in data and token.encode() in data
    assert "只能在店内打开".encode("gb18030") in data
    assert "fonts-noto-cjk" in fonts.HOW_TO_MEND


def test_the_code_is_one_path_on_white_with_a_quiet_zone() -> None:
    picture = qr_svg("https://cake.example.com/t/" + "x" * 22, "<&>")
    root = ElementTree.fromstring(picture)
    assert "style" not in picture and len(list(root)) == 2 and root.attrib["aria-label"] == "<&>"
    rows = matrix("https://cake.example.com/t/" + "x" * 22)
    assert not any(any(row) for row in rows[:4]) and not any(row[x] for row in rows for x in range(4))
    assert len(picture) < 8000


def test_long_words_break_and_closing_marks_stay() -> None:
    face = fonts.chinese_face("zh_Hans")
    assert face is not None
    rows = wrap("一二三四五，六七八九十。", face.at(26), face, 26 * 5)
    assert (
        all(not row.startswith(("，", "。")) for row in rows) and "".join(rows) == "一二三四五，六七八九十。"
    )
    assert wrap("W" * 90, face.at(26), face, 200) and wrap("", face.at(26), face, 200) == []


def test_the_paper_can_be_looked_at(shop_app: Flask, tmp_path: Path) -> None:
    made, _ = slip()
    picture = raster.slip_image(made)
    assert picture is not None
    picture.save(tmp_path / "slip.png")
    assert 1200 < picture.height < 3000


def test_the_cake_is_drawn_on_the_paper_with_its_words(shop_app: Flask) -> None:
    made, _ = slip()
    (written,) = paper(raster.slip_bytes(made))
    plain = replace(
        made, lines=tuple(replace(line, look=replace(line.look, inscription="")) for line in made.lines)
    )
    (blank,) = paper(raster.slip_bytes(plain))
    assert written.size == blank.size and written.tobytes() != blank.tobytes()
    face = fonts.chinese_face("zh_Hans", bold=True)
    assert face is not None
    for product in PRODUCT_LOOKS:
        for tiers in (1, 2):
            drawn = dots_of(draw_mono(CakeLook(product, 8, tiers, 6, "宝贝生日快乐")), raster.CAKE, face)
            black = sum(drawn.histogram()[:150]) / (drawn.width * drawn.height)
            assert 0.03 < black < 0.5 and 200 < drawn.width <= raster.CAKE, product


def test_a_private_inscription_is_not_drawn_on_the_paper_either(shop_app: Flask) -> None:
    made, _ = slip(private=True)
    assert all(line.look.inscription == "" for line in made.lines)


def test_a_page_shown_after_the_paper_came_out_is_a_copy(shop_app: Flask) -> None:
    def shown() -> int:
        with reading() as session:
            held = session.scalars(select(Order)).one()
            card = cached_card(session, the_shop(session))
            return slip_of(session, keys(), card, held, at=now(), public_url=PUBLIC).copy

    slip()
    assert shown() == 0
    for copy in (0, 1):
        with writing() as tx:
            held = tx.scalars(select(Order)).one()
            tx.add(
                PrintJob(shop_id=held.shop_id, order_id=held.id, copy=copy, state="printed", next_try=now(),
                         made_at=now(), printed_at=now())
            )  # fmt: skip
        assert shown() == copy + 1


def test_a_delivery_says_how_and_when_it_goes_and_never_to_which_door(shop_app: Flask) -> None:
    door = {
        "fulfilment": "delivery",
        "area": "xuhui",
        "address": "漕溪北路 88 号",
        "place": "31.1950, 121.4370",
    }
    made, _ = slip(**door)
    assert not made.pickup and made.how == "配送 徐汇" and made.due_clock == "15:00–15:30"
    assert made.fee == 1500 and made.total == 49600 + 1500
    assert made.leave_by == "15:14", "sixteen minutes of way"
    assert "漕溪" not in repr(made) and "121.43" not in repr(made)
    assert "配送员" in made.pin_why
    for data in (native_slip(made), native_labels(made)):
        assert encode("配送 徐汇") in data and encode("漕溪") not in data
    assert encode("15:14 前出发") in native_labels(made)
    assert raster.slip_image(made) is not None and len(raster.label_images(made) or ()) == 2
    fetched, _ = slip()
    assert fetched.how == "取货" and fetched.leave_by == "" and fetched.fee == 0


def test_paper_names_the_date_and_never_says_today(shop_app: Flask) -> None:
    made, _ = slip()
    assert made.due_day == "11月21日 周六" and "今天" not in made.placed + made.due_day
