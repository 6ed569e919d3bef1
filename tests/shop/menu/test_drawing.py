"""The cake drawing: always well-formed, never scripted, true to the options."""

import re
from itertools import product
from xml.etree import ElementTree

import pytest

from shop.menu.drawing import PRODUCT_LOOKS, CakeLook, draw, draw_mono, draw_small
from shop.menu.drawing.lettering import clean, fit, measure

SLUGS = list(PRODUCT_LOOKS)
NASTY = (
    "",
    "生日快乐",
    '<script>alert("x")</script>',
    "\"' onload='x' & ]]> <!--",
    "nul\x00bell\x07esc\x1b\ud800\ufffe",
    "\u202eعيد ميلاد سعيد\u2066",
    "👩‍👩‍👧‍👦🎂🎉 乐乐",
    "Z\u0301\u0301\u0301\u0301\u0301a\u0489\u0489\u0489lgo",
    "\n\t two\u2028lines ",
    "长" * 300,
    "W" * 300,
)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("slug", [*SLUGS, "no-such-cake"])
@pytest.mark.parametrize("inch", [6, 12, 0])
@pytest.mark.parametrize("tiers", [1, 2])
def test_every_drawing_is_plain_well_formed_svg(slug: str, inch: int, tiers: int) -> None:
    for i, words in enumerate(NASTY):
        look = CakeLook(slug, inch=inch, tiers=tiers, candles=i * 2, inscription=words)
        for svg in (draw(look, title=words), draw_small(look, words), draw_mono(look)):
            ElementTree.fromstring(svg)
            svg.encode("utf-8")
            assert not re.search(
                r"\sstyle=|<style|<script|\sid=|\son\w+=|href|nan|\binf\b", svg.replace("onload=", "")
            )


def test_the_frame_and_its_name() -> None:
    root = ElementTree.fromstring(draw(CakeLook("taro"), title='芋泥 & "8"', width=180))
    assert root.get("viewBox") == "0 0 360 300"
    assert (root.get("width"), root.get("height")) == ("180", "150")
    assert (root.get("role"), root.get("aria-label")) == ("img", '芋泥 & "8"')
    assert "aria-hidden" in draw(CakeLook("taro"))


def test_twelve_products_have_twelve_drawings() -> None:
    assert len(SLUGS) == 12
    for drawing in (draw, draw_small, draw_mono):
        assert len({drawing(CakeLook(slug)) for slug in SLUGS}) == 12
        assert drawing(CakeLook("no-such-cake"))


@pytest.mark.parametrize(
    "other",
    [
        CakeLook("fruit", inch=6),
        CakeLook("fruit", inch=12),
        CakeLook("fruit", tiers=2),
        CakeLook("fruit", candles=1),
        CakeLook("fruit", inscription="乐"),
        CakeLook("fruit", base={"shape": "heart"}),
        CakeLook("fruit", base={"shape": "square"}),
        CakeLook("fruit", base={"icing": "#ccddee"}),
        CakeLook("fruit", base={"topping": "none"}),
        CakeLook("fruit", base={"drip": "#552200"}),
    ],
)
def test_every_option_changes_the_picture(other: CakeLook) -> None:
    assert draw(other) != draw(CakeLook("fruit"))
    assert draw_mono(CakeLook("fruit", inch=6)) != draw_mono(CakeLook("fruit"))


def test_candles_are_counted_to_ten() -> None:
    flames = [draw(CakeLook("oreo", candles=n)).count('fill="#ff9d3c"') for n in (-1, 0, 1, 6, 10, 88)]
    assert flames == [0, 0, 1, 6, 10, 10]


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("words", ["祝爷爷八十大寿福如东海呀", "Happy Birthday dear Emma", "W" * 24])
def test_the_longest_inscription_stays_on_the_cake(slug: str, words: str) -> None:
    half = {6: 94, 8: 118, 10: 136, 12: 152}
    for inch, tiers, shape in product(half, (1, 2), ("round", "square", "heart")):
        svg = draw(CakeLook(slug, inch=inch, tiers=tiers, inscription=words, base={"shape": shape}))
        lines = list(ElementTree.fromstring(svg).iter(f"{SVG}text"))
        assert 1 <= len(lines) <= 2
        assert "".join(t.text or "" for t in lines).replace(" ", "") == words.replace(" ", "")
        for line in lines:
            size = float(line.get("font-size") or 0)
            assert size >= (11.4 if words.startswith("W") else 16)
            assert measure(line.text or "") * size <= half[inch] * 2 * 0.94


def test_short_words_keep_their_true_length() -> None:
    four, six = (fit(words, 195, 66).width for words in ("生日快乐", "宝贝生日快乐"))
    assert (four, six) == (120, 180)


def test_too_long_ends_in_an_ellipsis() -> None:
    letters = fit("长" * 200, 195, 66)
    assert len(letters.lines) == 2
    assert letters.lines[1].endswith("…")
    assert letters.width <= 196


def test_cleaning() -> None:
    assert clean("a\x00b\u202ec\n d") == "a bc d"
    assert clean("👩‍👧") == "👩‍👧"
    assert measure("生a") == pytest.approx(1.55)


def test_an_override_cannot_inject() -> None:
    bad = {
        "icing": 'red" onload="x',
        "top": "url(#a)",
        "drip": "none\n",
        "topping": "__class__",
        "shape": "<",
    }
    assert draw(CakeLook("taro", base=bad)) == draw(CakeLook("taro"))
